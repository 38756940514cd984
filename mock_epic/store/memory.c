/* The memory store: one hash table per kind behind one lock each, its entries cut from a slab. */
#include "mock_epic/store/store.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "mock_epic/store/image.h"
#include "mock_epic/store/slab.h"
#include "mock_epic/store/table.h"

struct entry {
    struct mock_node node; /* first */
    struct mock_store_key key;
    int64_t until_s;
    uint16_t place; /* in the slab */
    uint16_t value_n;
    char value[];
};

struct table {
    pthread_mutex_t lock;
    atomic_uint waiting; /* threads that found the lock taken */
    struct mock_table entries;
    struct mock_slab slab;
    int64_t soonest_s; /* no entry ends before */
};

struct memory_store {
    struct mock_store base;
    struct table tables[MOCK_STORE_KINDS];
};

/* How much is done under the lock at once: some 50 us of it. */
enum { STEP_BUCKETS = 256, STEP_ENTRIES = 128 };

static struct table *table_of(struct mock_store *store, enum mock_store_kind kind)
{
    return &((struct memory_store *)store)->tables[kind];
}

/* ---- the lock ---- */

static void lock(struct table *table)
{
    if (pthread_mutex_trylock(&table->lock) == 0)
        return;
    atomic_fetch_add(&table->waiting, 1);
    pthread_mutex_lock(&table->lock);
    atomic_fetch_sub(&table->waiting, 1);
}

static void unlock(struct table *table)
{
    struct mock_slab_chunk *empty = mock_slab_collect(&table->slab);
    pthread_mutex_unlock(&table->lock);
    mock_slab_unmap(empty);
}

/* Between two steps: whoever takes a mutex again at once mostly gets it before those who sleep for it wake up. */
static void let_others(struct table *table)
{
    enum { TURNS_MAX = 10000 };
    for (int i = 0; i < TURNS_MAX && atomic_load(&table->waiting); i++)
        (void)sched_yield();
}

/* ---- entries; the lock is held ---- */

/* Keys are SHA-256 digests: any eight of their bytes are a good hash. */
static uint64_t hash_of_key(const struct mock_store_key *key)
{
    uint64_t hash;
    memcpy(&hash, key->bytes, sizeof hash);
    return hash;
}

static uint64_t hash_of(const struct mock_node *node)
{
    return hash_of_key(&((const struct entry *)node)->key);
}

static struct entry *entry_at(struct mock_node **link)
{
    return (struct entry *)*link;
}

/* The link that points to the key's entry, or to the NULL at the end of its chain. */
static struct mock_node **find(struct table *table, const struct mock_store_key *key)
{
    struct mock_node **link = mock_table_chain(&table->entries, hash_of_key(key));
    while (*link && memcmp(entry_at(link)->key.bytes, key->bytes, sizeof key->bytes) != 0)
        link = &(*link)->next;
    return link;
}

static size_t entry_n(struct auth_view value)
{
    return offsetof(struct entry, value) + value.n;
}

static struct entry *entry_new(struct table *table, const struct mock_store_key *key, struct auth_view value,
                               int64_t until_s)
{
    uint16_t place;
    struct entry *entry = mock_slab_take(&table->slab, entry_n(value), &place);
    if (!entry)
        return NULL;
    entry->key = *key;
    entry->until_s = until_s;
    entry->place = place;
    entry->value_n = (uint16_t)value.n;
    if (value.n)
        memcpy(entry->value, value.p, value.n);
    return entry;
}

static size_t table_bytes(const struct table *table)
{
    return table->slab.bytes + mock_table_bytes(&table->entries);
}

static void remove_at(struct table *table, struct mock_node **link)
{
    struct entry *gone = entry_at(link);
    mock_table_remove(&table->entries, link);
    mock_slab_give(&table->slab, gone, gone->place);
}

static void note_end(struct table *table, int64_t until_s)
{
    if (until_s < table->soonest_s)
        table->soonest_s = until_s;
}

/* ---- one entry ---- */

/* Put a new entry, in the place of the dead one at *link if there is one. */
static enum auth_rc add(struct table *table, size_t bytes_max, struct mock_node **link,
                        const struct mock_store_key *key, struct auth_view value, int64_t until_s)
{
    if (table_bytes(table) + mock_slab_growth(&table->slab, entry_n(value)) > bytes_max)
        return AUTH_E_TOO_BIG;
    struct entry *fresh = entry_new(table, key, value, until_s);
    if (!fresh)
        return AUTH_E_NOMEM;
    if (*link)
        remove_at(table, link);
    mock_table_add(&table->entries, &fresh->node);
    note_end(table, until_s);
    return AUTH_OK;
}

static enum auth_rc memory_put_if_absent(struct mock_store *store, enum mock_store_kind kind,
                                         const struct mock_store_key *key, struct auth_view value, int64_t until_s,
                                         int64_t now_s, int64_t *found_until_s)
{
    struct table *table = table_of(store, kind);
    if (value.n > MOCK_STORE_VALUE_MAX)
        return AUTH_E_TOO_BIG;
    lock(table);
    enum auth_rc rc = AUTH_OK;
    struct mock_node **link = find(table, key);
    if (*link && entry_at(link)->until_s > now_s) {
        if (found_until_s)
            *found_until_s = entry_at(link)->until_s;
        rc = AUTH_E_EXISTS;
    } else {
        rc = add(table, store->bytes_max[kind], link, key, value, until_s);
    }
    unlock(table);
    return rc;
}

static enum auth_rc memory_get(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key,
                               struct auth_buf *out, int64_t *until_s)
{
    struct table *table = table_of(store, kind);
    enum auth_rc rc = AUTH_E_NOT_FOUND;
    lock(table);
    const struct entry *entry = entry_at(find(table, key));
    if (entry) {
        *until_s = entry->until_s;
        auth_buf_add(out, entry->value, entry->value_n);
        rc = auth_buf_ok(out) ? AUTH_OK : AUTH_E_NOMEM;
    }
    unlock(table);
    return rc;
}

static enum auth_rc memory_del(struct mock_store *store, enum mock_store_kind kind, const struct mock_store_key *key)
{
    struct table *table = table_of(store, kind);
    enum auth_rc rc = AUTH_E_NOT_FOUND;
    lock(table);
    struct mock_node **link = find(table, key);
    if (*link) {
        remove_at(table, link);
        rc = AUTH_OK;
    }
    unlock(table);
    return rc;
}

/* ---- all of them, in steps ---- */

/* Visit *link and move it to the next. */
typedef enum auth_rc visitor(struct table *table, struct mock_node ***link, void *ctx);

/* A step of a walk from bucket *at on, with the lock held. */
static enum auth_rc walk_step(struct table *table, size_t *at, visitor *visit, void *ctx)
{
    enum auth_rc rc = AUTH_OK;
    size_t visited = 0;
    for (size_t i = 0; i < STEP_BUCKETS && visited < STEP_ENTRIES && *at < table->entries.bucket_count; i++, ++*at) {
        struct mock_node **link = mock_table_bucket(&table->entries, *at);
        for (; *link && rc == AUTH_OK; visited++)
            rc = visit(table, &link, ctx);
        if (rc != AUTH_OK)
            break;
    }
    return rc;
}

static enum auth_rc walk(struct table *table, visitor *visit, void *ctx)
{
    enum auth_rc rc = AUTH_OK;
    bool is_over = false;
    lock(table);
    table->entries.walkers++;
    for (size_t at = 0; !is_over;) {
        rc = walk_step(table, &at, visit, ctx);
        is_over = rc != AUTH_OK || at >= table->entries.bucket_count;
        if (!is_over) {
            unlock(table);
            let_others(table);
            lock(table);
        }
    }
    table->entries.walkers--;
    unlock(table);
    return rc;
}

/* Put a changed value in the place of *link: into it where it fits, as it mostly does. */
static enum auth_rc replace_at(struct table *table, struct mock_node **link, struct auth_view value, int64_t until_s)
{
    struct entry *old = entry_at(link);
    if (value.n > MOCK_STORE_VALUE_MAX)
        return AUTH_E_TOO_BIG;
    if (value.n == old->value_n) {
        if (value.n)
            memcpy(old->value, value.p, value.n);
        old->until_s = until_s;
    } else {
        struct entry *fresh = entry_new(table, &old->key, value, until_s);
        if (!fresh)
            return AUTH_E_NOMEM;
        fresh->node.next = old->node.next;
        *link = &fresh->node;
        mock_slab_give(&table->slab, old, old->place);
    }
    note_end(table, until_s);
    return AUTH_OK;
}

struct each {
    mock_store_visit *visit;
    void *ctx;
    struct auth_buf replacement;
};

static enum auth_rc visit_each(struct table *table, struct mock_node ***link, void *ctx)
{
    struct each *each = ctx;
    struct entry *entry = entry_at(*link);
    int64_t until_s = entry->until_s;
    auth_buf_reset(&each->replacement);
    enum mock_store_walk wanted = each->visit(each->ctx, &entry->key, auth_view_bytes(entry->value, entry->value_n),
                                              &until_s, &each->replacement);
    if (wanted == MOCK_STORE_DELETE) {
        remove_at(table, *link);
        return AUTH_OK;
    }
    enum auth_rc rc = AUTH_OK;
    if (wanted == MOCK_STORE_UPDATE)
        rc = auth_buf_ok(&each->replacement) ? replace_at(table, *link, auth_buf_view(&each->replacement), until_s)
                                             : AUTH_E_NOMEM;
    *link = &(**link)->next;
    return rc;
}

static enum auth_rc memory_each(struct mock_store *store, enum mock_store_kind kind, mock_store_visit *visit, void *ctx)
{
    struct each each = {.visit = visit, .ctx = ctx};
    auth_buf_init(&each.replacement, MOCK_STORE_VALUE_MAX);
    enum auth_rc rc = walk(table_of(store, kind), visit_each, &each);
    auth_buf_clear(&each.replacement);
    return rc;
}

static enum auth_rc visit_expired(struct table *table, struct mock_node ***link, void *ctx)
{
    const int64_t *before_s = ctx;
    int64_t until_s = entry_at(*link)->until_s;
    if (until_s <= *before_s) {
        remove_at(table, *link);
        return AUTH_OK;
    }
    note_end(table, until_s);
    *link = &(**link)->next;
    return AUTH_OK;
}

/* Give buckets back when few entries are left. */
static void shrink(struct table *table)
{
    enum { SHRINK_AT = 16 };
    bool is_shrinking = true, is_wide = true;
    while (is_shrinking && is_wide) {
        lock(table);
        is_shrinking = mock_table_shrink(&table->entries, STEP_BUCKETS);
        is_wide = table->entries.bucket_count / SHRINK_AT > table->entries.count;
        unlock(table);
        let_others(table);
    }
}

/* Remove every entry that ends at or before before_s. Mostly there is none, and then nothing is looked at. */
static enum auth_rc memory_sweep(struct mock_store *store, enum mock_store_kind kind, int64_t before_s)
{
    struct table *table = table_of(store, kind);
    lock(table);
    bool has_some = table->soonest_s <= before_s;
    if (has_some)
        table->soonest_s = INT64_MAX; /* found anew by the walk, and by whoever adds meanwhile */
    unlock(table);
    if (!has_some)
        return AUTH_OK;
    enum auth_rc rc = walk(table, visit_expired, &before_s);
    shrink(table);
    return rc;
}

/* Give up a table that nobody else sees. */
static void drop(struct mock_table *entries, struct mock_slab *slab)
{
    for (size_t i = 0; i < entries->bucket_count; i++) {
        for (struct mock_node *node = *mock_table_bucket(entries, i), *next; node; node = next) {
            next = node->next;
            mock_slab_give(slab, node, ((struct entry *)node)->place);
        }
        mock_slab_unmap(mock_slab_collect(slab));
    }
    mock_table_clear(entries);
    mock_slab_clear(slab);
}

/* Copy an image into a fresh table. */
static enum auth_rc fill(struct table *fresh, const struct mock_store_image *image)
{
    struct mock_store_record record;
    enum auth_rc rc = mock_table_init(&fresh->entries, hash_of);
    fresh->soonest_s = INT64_MAX;
    for (size_t at = 0; image && rc == AUTH_OK && mock_store_image_next(image, &at, &record);) {
        struct entry *entry = entry_new(fresh, &record.key, record.value, record.until_s);
        rc = entry ? AUTH_OK : AUTH_E_NOMEM;
        if (entry)
            mock_table_add(&fresh->entries, &entry->node);
        note_end(fresh, record.until_s);
    }
    return rc;
}

/* What takes long is done on tables that nobody else sees; the lock is held for an exchange. Whoever walks goes on in the new one. */
static enum auth_rc memory_replace(struct mock_store *store, enum mock_store_kind kind,
                                   const struct mock_store_image *image)
{
    struct table *table = table_of(store, kind), fresh = {.soonest_s = 0};
    enum auth_rc rc = fill(&fresh, image);
    if (rc == AUTH_OK) {
        lock(table);
        struct mock_table entries = table->entries;
        struct mock_slab slab = table->slab;
        fresh.entries.walkers = entries.walkers;
        entries.walkers = 0;
        table->entries = fresh.entries;
        table->slab = fresh.slab;
        table->soonest_s = fresh.soonest_s;
        fresh.entries = entries;
        fresh.slab = slab;
        unlock(table);
    }
    drop(&fresh.entries, &fresh.slab);
    return rc;
}

static enum auth_rc memory_clear(struct mock_store *store, enum mock_store_kind kind)
{
    return memory_replace(store, kind, NULL) == AUTH_OK ? AUTH_OK : memory_sweep(store, kind, INT64_MAX);
}

static size_t memory_count(struct mock_store *store, enum mock_store_kind kind)
{
    struct table *table = table_of(store, kind);
    lock(table);
    size_t count = table->entries.count;
    unlock(table);
    return count;
}

static size_t memory_bytes(struct mock_store *store, enum mock_store_kind kind)
{
    struct table *table = table_of(store, kind);
    lock(table);
    size_t bytes = table_bytes(table);
    unlock(table);
    return bytes;
}

static void memory_free(struct mock_store *store)
{
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++) {
        struct table *table = table_of(store, (enum mock_store_kind)kind);
        if (!table->entries.segments)
            continue;
        drop(&table->entries, &table->slab);
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
    .replace = memory_replace,
    .sweep = memory_sweep,
    .count = memory_count,
    .bytes = memory_bytes,
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
        if (mock_table_init(&table->entries, hash_of) != AUTH_OK) {
            memory_free(&store->base);
            return AUTH_E_NOMEM;
        }
        table->soonest_s = INT64_MAX;
        store->base.bytes_max[kind] = MOCK_STORE_BYTES_MAX;
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
