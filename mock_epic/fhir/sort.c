/* Keys taken from the text of each resource once, then compared. */
#include "mock_epic/fhir/sort.h"

#include <stdlib.h>
#include <string.h>

struct key {
    bool is_there;
    int64_t time;
    size_t at, n; /* in the text of all keys */
};

struct sorting {
    const struct mock_fhir_store *store;
    const struct mock_plan *plan;
    struct auth_buf text;
    struct key *keys;             /* [count * sort_count] */
    const struct mock_sort *sort; /* whose keys are taken */
    struct key *key;
};

struct record {
    const struct sorting *sorting;
    const struct key *keys;
    size_t order;
    uint32_t number;
};

static int compare_text(struct auth_view a, struct auth_view b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static struct auth_view text_of(const struct sorting *s, const struct key *key)
{
    return auth_view_bytes(key->n ? s->text.p + key->at : "", key->n);
}

/* Keep the least, or the greatest. */
static void take_key(void *ctx, struct auth_view text, int64_t time)
{
    struct sorting *s = ctx;
    struct key *key = s->key;
    int order = (time > key->time) - (time < key->time);
    if (order == 0)
        order = compare_text(text, text_of(s, key));
    if (key->is_there && (s->sort->is_descending ? order <= 0 : order >= 0))
        return;
    size_t at = s->text.n;
    auth_buf_add_view(&s->text, text);
    if (auth_buf_ok(&s->text)) /* else all that was sorted is given up */
        *key = (struct key){true, time, at, text.n};
}

static void take_keys(struct sorting *s, uint32_t number, struct key *keys)
{
    const struct mock_resource *resource = &s->store->items[number];
    for (size_t i = 0; i < s->plan->sort_count; i++) {
        s->sort = &s->plan->sorts[i];
        s->key = &keys[i];
        if (s->sort->param)
            mock_each_key(s->sort->param, mock_resource_bytes(resource), take_key, s);
        else
            take_key(s, mock_resource_id(resource), 0);
    }
}

static int compare(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    const struct sorting *s = x->sorting;
    for (size_t i = 0; i < s->plan->sort_count; i++) {
        const struct key *left = &x->keys[i], *right = &y->keys[i];
        if (left->is_there != right->is_there)
            return left->is_there ? -1 : 1;
        int order = (left->time > right->time) - (left->time < right->time);
        if (order == 0)
            order = compare_text(text_of(s, left), text_of(s, right));
        if (order)
            return s->plan->sorts[i].is_descending ? -order : order;
    }
    return (x->order > y->order) - (x->order < y->order);
}

enum auth_rc mock_sort(const struct mock_fhir_store *store, const struct mock_plan *plan, uint32_t *numbers,
                       size_t count)
{
    struct sorting s = {.store = store, .plan = plan};
    struct record *records = calloc(count + 1, sizeof *records);
    s.keys = calloc(count * plan->sort_count + 1, sizeof *s.keys);
    auth_buf_init(&s.text, SIZE_MAX / 2);
    for (size_t i = 0; records && s.keys && i < count; i++) {
        struct key *keys = &s.keys[i * plan->sort_count];
        take_keys(&s, numbers[i], keys);
        records[i] = (struct record){&s, keys, i, numbers[i]};
    }
    bool has_memory = records && s.keys && auth_buf_ok(&s.text);
    if (has_memory)
        qsort(records, count, sizeof *records, compare);
    for (size_t i = 0; has_memory && i < count; i++)
        numbers[i] = records[i].number;
    free(records);
    free(s.keys);
    auth_buf_clear(&s.text);
    return has_memory ? AUTH_OK : AUTH_E_NOMEM;
}
