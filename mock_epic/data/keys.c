/* Sorted by their digits, which takes no comparison; a table of their first bits leads to a handful. */
#include "mock_epic/data/keys.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 3, BITS_MAX = 26, A_BUCKET = 4 };

static uint32_t hash_of(uint64_t item)
{
    return (uint32_t)(item >> 32);
}

void mock_keys_clear(struct mock_keys *keys)
{
    free(keys->items);
    free(keys->first);
    memset(keys, 0, sizeof *keys);
}

enum auth_rc mock_keys_add(struct mock_keys *keys, uint32_t hash, uint32_t number)
{
    if (keys->count >= UINT32_MAX - 1)
        return AUTH_E_TOO_BIG;
    uint64_t *items = auth_array_fit(keys->items, keys->count, &keys->size, sizeof *items);
    if (!items)
        return AUTH_E_NOMEM;
    keys->items = items;
    keys->items[keys->count++] = (uint64_t)hash << 32 | number;
    return AUTH_OK;
}

enum auth_rc mock_keys_copy(const struct mock_keys *from, const uint32_t *number_at, struct mock_keys *to)
{
    if (!from->count)
        return AUTH_OK;
    to->items = malloc(from->count * sizeof *to->items);
    if (!to->items)
        return AUTH_E_NOMEM;
    to->count = to->size = from->count;
    for (size_t i = 0; i < from->count; i++)
        to->items[i] = (uint64_t)hash_of(from->items[i]) << 32 | number_at[mock_key_place(from->items[i])];
    return AUTH_OK;
}

/* ---- sealing ---- */

/* In place of its number each one's place; without those that have none. */
static void give_places(struct mock_keys *keys, const uint32_t *place_of)
{
    size_t kept = 0;
    for (size_t i = 0; i < keys->count; i++) {
        uint32_t place = place_of[(uint32_t)keys->items[i]];
        if (place != MOCK_NO_PLACE)
            keys->items[kept++] = (uint64_t)hash_of(keys->items[i]) << 32 | place;
    }
    keys->count = kept;
}

static bool is_sorted(const uint64_t *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (items[i - 1] > items[i])
            return false;
    }
    return true;
}

static size_t digit_of(uint64_t item, unsigned pass)
{
    return (size_t)(hash_of(item) >> pass * DIGIT_BITS) & (DIGITS - 1);
}

/* By one digit, from one array to the other; of equal ones the first stays first. */
static void sort_digit(const uint64_t *from, uint64_t *to, size_t count, unsigned pass)
{
    uint32_t next[DIGITS + 1] = {0};
    for (size_t i = 0; i < count; i++)
        next[digit_of(from[i], pass) + 1]++;
    for (size_t i = 1; i < DIGITS; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i < count; i++)
        to[next[digit_of(from[i], pass)]++] = from[i];
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Entries of one hash mostly came in the order of their places; where a later resource took an earlier one's they did not. */
static void order_places(uint64_t *items, size_t count)
{
    for (size_t at = 0, end; at < count; at = end) {
        for (end = at + 1; end < count && hash_of(items[end]) == hash_of(items[at]);)
            end++;
        if (!is_sorted(items + at, end - at))
            qsort(items + at, end - at, sizeof *items, compare);
    }
}

static bool sort(struct mock_keys *keys)
{
    if (is_sorted(keys->items, keys->count))
        return true;
    uint64_t *from = keys->items, *to = malloc(keys->count * sizeof *to);
    if (!to)
        return false;
    for (unsigned pass = 0; pass < PASSES; pass++) {
        uint64_t *sorted = to;
        sort_digit(from, to, keys->count, pass);
        to = from;
        from = sorted;
    }
    free(to);
    keys->items = from;
    keys->size = keys->count;
    order_places(keys->items, keys->count);
    return true;
}

/* A resource that says a thing twice says it. */
static void drop_repeated(struct mock_keys *keys)
{
    size_t kept = 0;
    for (size_t i = 0; i < keys->count; i++) {
        if (!kept || keys->items[kept - 1] != keys->items[i])
            keys->items[kept++] = keys->items[i];
    }
    keys->count = kept;
    uint64_t *items = kept ? realloc(keys->items, kept * sizeof *items) : NULL;
    keys->items = items ? items : keys->items;
    keys->size = items ? kept : keys->size;
}

static size_t bucket_of(const struct mock_keys *keys, uint32_t hash)
{
    return keys->bits ? hash >> (32 - keys->bits) : 0;
}

enum auth_rc mock_keys_seal(struct mock_keys *keys, const uint32_t *place_of)
{
    give_places(keys, place_of);
    if (!sort(keys))
        return AUTH_E_NOMEM;
    drop_repeated(keys);
    while (keys->bits < BITS_MAX && ((size_t)A_BUCKET << keys->bits) < keys->count)
        keys->bits++;
    size_t buckets = (size_t)1 << keys->bits;
    keys->first = calloc(buckets + 1, sizeof *keys->first);
    if (!keys->first)
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < keys->count; i++)
        keys->first[bucket_of(keys, hash_of(keys->items[i])) + 1]++;
    for (size_t i = 1; i <= buckets; i++)
        keys->first[i] += keys->first[i - 1];
    return AUTH_OK;
}

/* ---- finding ---- */

/* The first entry from low on that is not below. */
static size_t lower_bound(const struct mock_keys *keys, size_t low, size_t high, uint64_t item)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys->items[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mock_key_range mock_keys_find(const struct mock_keys *keys, uint32_t hash)
{
    if (!keys->count)
        return (struct mock_key_range){NULL, 0};
    size_t bucket = bucket_of(keys, hash), end = keys->first[bucket + 1];
    size_t low = lower_bound(keys, keys->first[bucket], end, (uint64_t)hash << 32);
    size_t high = lower_bound(keys, low, end, (uint64_t)hash << 32 | UINT32_MAX); /* no place is that large */
    return (struct mock_key_range){keys->items + low, high - low};
}
