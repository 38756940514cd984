/* The memory store: one chained hash table per kind behind one lock each. Nothing is held while a caller's callback
 * could block on another lock of ours, and one entry is one allocation, so memory per live token stays small. */
#include "mock_epic/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/process.h"

struct entry {
    struct entry *next;
    struct mock_store_key key;
    int64_t until_s;
    uint32_t value_n;
    char value[];
};

struct table {
    pthread_mutex_t lock;
    struct entry **buckets;
    size_t bucket_count; /* power of two */
    size_t count;
};

struct memory_store {
    struct mock_store base;
    struct table tables[MOCK_STORE_KINDS];
};

enum { BUCKETS_MIN = 64, TRIM_MIN = 4096 };

static struct table *table_of(struct mock_store *store, enum mock_store_kind kind)
{
    return &((struct memory_store *)store)->tables[kind];
}

/* Keys are SHA-256 digests: any eight of their bytes are a good hash. */
static size_t bucket_of(const struct table *table, const struct mock_store_key *key)
{
    uint64_t hash;
    memcpy(&hash, key->bytes, sizeof hash);
    return (size_t)hash & (table->bucket_count - 1);
}

/* The link that points to the key's entry, or to the NULL at the end of its chain. */
static struct entry **find(struct table *table, const struct mock_store_key *key)
{
    struct entry **link = &table->buckets[bucket_of(table, key)];
    while (*link && memcmp((*link)->key.bytes, key->bytes, sizeof key->bytes) != 0)
        link = &(*link)->next;
    return link;
}

static void rehash(struct table *table, size_t bucket_count)
{
    struct entry **buckets = calloc(bucket_count, sizeof *buckets);
    if (!buckets)
        return; /* longer chains, but nothing lost */
    struct table grown = {.buckets = buckets, .bucket_count = bucket_count};
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct entry *entry = table->buckets[i], *next; entry; entry = next) {
            next = entry->next;
            struct entry **head = &buckets[bucket_of(&grown, &entry->key)];
            entry->next = *head;
            *head = entry;
        }
    }
    free(table->buckets);
    table->buckets = buckets;
    table->bucket_count = bucket_count;
}

static struct entry *entry_new(const struct mock_store_key *key, struct auth_view value, int64_t until_s)
{
    if (value.n > MOCK_STORE_VALUE_MAX)
        return NULL;
    struct entry *entry = malloc(sizeof *entry + value.n);
    if (!entry)
        return NULL;
    entry->next = NULL;
    entry->key = *key;
    entry->until_s = until_s;
    entry->value_n = (uint32_t)value.n;
    if (value.n)
        memcpy(entry->value, value.p, value.n);
    return entry;
}

static void remove_at(struct table *table, struct entry **link)
{
    struct entry *gone = *link;
    *link = gone->next;
    table->count--;
    free(gone);
}

static enum auth_rc memory_put_if_absent(struct mock_store *store, enum mock_store_kind kind,
                                         const struct mock_store_key *key, struct auth_view value, int64_t until_s,
                                         int64_t now_s, int64_t *found_until_s)
{
    struct table *table = table_of(store, kind);
    struct entry *fresh = entry_new(key, value, until_s); /* before the lock: no allocation inside it */
    if (!fresh)
        return AUTH_E_NOMEM;

    pthread_mutex_lock(&table->lock);
    struct entry **link = find(table, key);
    if (*link && (*link)->until_s > now_s) {
        if (found_until_s)
            *found_until_s = (*link)->until_s;
        pthread_mutex_unlock(&table->lock);
        free(fresh);
        return AUTH_E_EXISTS;
    }
    if (*link)
        remove_at(table, link);
    fresh->next = *link;
    *link = fresh;
    if (++table->count > table->bucket_count / 2) /* a chain's second entry is a cache miss */
        rehash(table, table->bucket_count * 2);
    pthread_mutex_unlock(&table->lock);
    return AUTH_OK;
}

static enum auth_rc memory_get(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key,
                               struct auth_buf *out, int64_t *until_s)
{
    struct table *table = table_of(store, kind);
    enum auth_rc rc = AUTH_E_NOT_FOUND;
    pthread_mutex_lock(&table->lock);
    struct entry *entry = *find(table, key);
    if (entry) {
        *until_s = entry->until_s;
        auth_buf_add(out, entry->value, entry->value_n);
        rc = auth_buf_ok(out) ? AUTH_OK : AUTH_E_NOMEM;
    }
    pthread_mutex_unlock(&table->lock);
    return rc;
}

static enum auth_rc memory_del(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key)
{
    struct table *table = table_of(store, kind);
    enum auth_rc rc = AUTH_E_NOT_FOUND;
    pthread_mutex_lock(&table->lock);
    struct entry **link = find(table, key);
    if (*link) {
        remove_at(table, link);
        rc = AUTH_OK;
    }
    pthread_mutex_unlock(&table->lock);
    return rc;
}

/* Put a changed value in the place of *link. */
static enum auth_rc replace_at(struct entry **link, struct auth_view value, int64_t until_s)
{
    struct entry *fresh = entry_new(&(*link)->key, value, until_s);
    if (!fresh)
        return AUTH_E_NOMEM;
    fresh->next = (*link)->next;
    free(*link);
    *link = fresh;
    return AUTH_OK;
}

static enum auth_rc visit_at(struct table *table, struct entry ***link, mock_store_visit *visit, void *ctx,
                             struct auth_buf *replacement)
{
    struct entry *entry = **link;
    int64_t until_s = entry->until_s;
    auth_buf_reset(replacement);
    enum mock_store_walk walk =
        visit(ctx, &entry->key, auth_view_bytes(entry->value, entry->value_n), &until_s, replacement);
    if (walk == MOCK_STORE_DELETE) {
        remove_at(table, *link);
        return AUTH_OK;
    }
    enum auth_rc rc = AUTH_OK;
    if (walk == MOCK_STORE_UPDATE)
        rc = auth_buf_ok(replacement) ? replace_at(*link, auth_buf_view(replacement), until_s) : AUTH_E_NOMEM;
    *link = &(**link)->next;
    return rc;
}

static enum auth_rc memory_each(struct mock_store *store, enum mock_store_kind kind, mock_store_visit *visit, void *ctx)
{
    struct table *table = table_of(store, kind);
    struct auth_buf replacement;
    auth_buf_init(&replacement, MOCK_STORE_VALUE_MAX);
    enum auth_rc rc = AUTH_OK;
    pthread_mutex_lock(&table->lock);
    for (size_t i = 0; i < table->bucket_count && rc == AUTH_OK; i++) {
        struct entry **link = &table->buckets[i];
        while (*link && rc == AUTH_OK)
            rc = visit_at(table, &link, visit, ctx, &replacement);
    }
    pthread_mutex_unlock(&table->lock);
    auth_buf_clear(&replacement);
    return rc;
}

/* Remove every entry that ends at or before before_s and give room back when few are left. */
static enum auth_rc memory_sweep(struct mock_store *store, enum mock_store_kind kind, int64_t before_s)
{
    struct table *table = table_of(store, kind);
    pthread_mutex_lock(&table->lock);
    size_t before = table->count;
    for (size_t i = 0; i < table->bucket_count; i++) {
        struct entry **link = &table->buckets[i];
        while (*link) {
            if ((*link)->until_s <= before_s)
                remove_at(table, link);
            else
                link = &(*link)->next;
        }
    }
    size_t wanted = table->bucket_count;
    while (wanted > BUCKETS_MIN && table->count < wanted / 16)
        wanted /= 2;
    if (wanted < table->bucket_count)
        rehash(table, wanted);
    size_t freed = before - table->count;
    pthread_mutex_unlock(&table->lock);
    if (freed >= TRIM_MIN)
        auth_process_trim_memory();
    return AUTH_OK;
}

static enum auth_rc memory_clear(struct mock_store *store, enum mock_store_kind kind)
{
    return memory_sweep(store, kind, INT64_MAX);
}

static size_t memory_count(struct mock_store *store, enum mock_store_kind kind)
{
    struct table *table = table_of(store, kind);
    pthread_mutex_lock(&table->lock);
    size_t count = table->count;
    pthread_mutex_unlock(&table->lock);
    return count;
}

static void memory_free(struct mock_store *store)
{
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++) {
        struct table *table = table_of(store, (enum mock_store_kind)kind);
        if (!table->buckets)
            continue;
        (void)memory_clear(store, (enum mock_store_kind)kind);
        free(table->buckets);
        pthread_mutex_destroy(&table->lock);
    }
    free(store);
}

static const struct mock_store_ops memory_ops = {
    .name = "memory",
    .put_if_absent = memory_put_if_absent,
    .get = memory_get,
    .del = memory_del,
    .each = memory_each,
    .clear = memory_clear,
    .sweep = memory_sweep,
    .count = memory_count,
    .free = memory_free,
};

enum auth_rc mock_store_memory_new(struct mock_store **out)
{
    struct memory_store *store = calloc(1, sizeof *store);
    if (!store)
        return AUTH_E_NOMEM;
    store->base.ops = &memory_ops;
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++) {
        struct table *table = &store->tables[kind];
        table->buckets = calloc(BUCKETS_MIN, sizeof *table->buckets);
        if (!table->buckets) {
            memory_free(&store->base);
            return AUTH_E_NOMEM;
        }
        table->bucket_count = BUCKETS_MIN;
        pthread_mutex_init(&table->lock, NULL);
    }
    *out = &store->base;
    return AUTH_OK;
}

void mock_store_free(struct mock_store *store)
{
    if (store)
        store->ops->free(store);
}
