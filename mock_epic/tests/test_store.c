/* The store against a simple model: whatever is put, found, deleted, aged, swept and walked, in whatever order, while it grows
 * and shrinks step by step, and whichever allocation fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "auth/core/tests/oom.h"
#include "mock_epic/store/slab.h"
#include "mock_epic/store/store.h"
#include "mock_epic/store/table.h"

enum { KEYS = 3000, VALUE_MAX = 40 };

/* The same numbers on every machine (xorshift). */
static uint64_t seed = 88172645463325252U;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

struct model {
    struct mock_store *store;
    int64_t now_s;
    size_t count;
    struct {
        bool is_there;
        int64_t until_s;
        size_t value_n;
        char value[VALUE_MAX];
        unsigned met; /* in the walk under way */
    } items[KEYS];
};

/* Eight of the bytes are the hash; every tenth key shares its lower half with its neighbours. */
static struct mock_store_key key_of(size_t i)
{
    struct mock_store_key key = {{0}};
    uint64_t hash = (i % 10 ? i : 7) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 29;
    memcpy(key.bytes, &hash, sizeof hash);
    memcpy(key.bytes + 16, &i, sizeof i);
    return key;
}

static size_t number_of(const struct mock_store_key *key)
{
    size_t i;
    memcpy(&i, key->bytes + 16, sizeof i);
    return i;
}

static void put(struct model *model, size_t i)
{
    struct mock_store_key key = key_of(i);
    char value[VALUE_MAX];
    size_t n = (size_t)draw(VALUE_MAX);
    memset(value, (int)('a' + draw(26)), sizeof value);
    int64_t until_s = model->now_s + 1 + (int64_t)draw(500), found_s = -1;
    enum auth_rc rc = model->store->ops->put_if_absent(model->store, MOCK_STORE_TOKEN, &key, auth_view_bytes(value, n),
                                                       until_s, model->now_s, &found_s);
    if (model->items[i].is_there && model->items[i].until_s > model->now_s) {
        assert_int_equal(rc, AUTH_E_EXISTS);
        assert_int_equal(found_s, model->items[i].until_s);
        return;
    }
    if (rc == AUTH_E_NOMEM) /* nothing changed; whoever armed the failure knows */
        return;
    assert_int_equal(rc, AUTH_OK);
    model->count += !model->items[i].is_there;
    model->items[i].is_there = true;
    model->items[i].until_s = until_s;
    model->items[i].value_n = n;
    memcpy(model->items[i].value, value, n);
}

static void check_one(struct model *model, size_t i)
{
    struct mock_store_key key = key_of(i);
    struct auth_buf out;
    int64_t until_s = 0;
    auth_buf_init(&out, MOCK_STORE_VALUE_MAX);
    enum auth_rc rc = model->store->ops->get(model->store, MOCK_STORE_TOKEN, &key, &out, &until_s);
    assert_int_equal(rc, model->items[i].is_there ? AUTH_OK : AUTH_E_NOT_FOUND);
    if (rc == AUTH_OK) {
        assert_int_equal(until_s, model->items[i].until_s);
        assert_int_equal(out.n, model->items[i].value_n);
        assert_true(out.n == 0 || memcmp(out.p, model->items[i].value, out.n) == 0);
    }
    auth_buf_clear(&out);
}

static void check_all(struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < KEYS; i++) {
        check_one(model, i);
        count += model->items[i].is_there;
    }
    assert_int_equal(count, model->count);
    assert_int_equal(model->store->ops->count(model->store, MOCK_STORE_TOKEN), count);
}

static void del(struct model *model, size_t i)
{
    struct mock_store_key key = key_of(i);
    enum auth_rc rc = model->store->ops->del(model->store, MOCK_STORE_TOKEN, &key);
    assert_int_equal(rc, model->items[i].is_there ? AUTH_OK : AUTH_E_NOT_FOUND);
    model->count -= model->items[i].is_there;
    model->items[i].is_there = false;
}

static void sweep(struct model *model, int64_t before_s)
{
    assert_int_equal(model->store->ops->sweep(model->store, MOCK_STORE_TOKEN, before_s), AUTH_OK);
    for (size_t i = 0; i < KEYS; i++) {
        if (model->items[i].is_there && model->items[i].until_s <= before_s) {
            model->items[i].is_there = false;
            model->count--;
        }
    }
}

/* Keep some, delete some, change some: to the same length and to another. */
static enum mock_store_walk visit(void *ctx, const struct mock_store_key *key, struct auth_view value, int64_t *until_s,
                                  struct auth_buf *replacement)
{
    struct model *model = ctx;
    size_t i = number_of(key);
    assert_true(i < KEYS && model->items[i].is_there);
    assert_int_equal(model->items[i].met++, 0);
    assert_int_equal(*until_s, model->items[i].until_s);
    assert_int_equal(value.n, model->items[i].value_n);
    switch (draw(4)) {
    case 0:
        model->items[i].is_there = false;
        model->count--;
        return MOCK_STORE_DELETE;
    case 1: {
        size_t n = draw(2) ? value.n : (size_t)draw(VALUE_MAX);
        memset(model->items[i].value, 'Z', n);
        model->items[i].value_n = n;
        model->items[i].until_s = *until_s -= 3;
        auth_buf_add(replacement, model->items[i].value, n);
        return MOCK_STORE_UPDATE;
    }
    default:
        return MOCK_STORE_KEEP;
    }
}

static void walk(struct model *model)
{
    size_t count = model->count, met = 0;
    for (size_t i = 0; i < KEYS; i++)
        model->items[i].met = 0;
    assert_int_equal(model->store->ops->each(model->store, MOCK_STORE_TOKEN, visit, model), AUTH_OK);
    for (size_t i = 0; i < KEYS; i++)
        met += model->items[i].met;
    assert_int_equal(met, count);
}

static void act(struct model *model, size_t keys)
{
    uint64_t what = draw(1000);
    if (what < 550)
        put(model, (size_t)draw(keys));
    else if (what < 800)
        check_one(model, (size_t)draw(keys));
    else if (what < 980)
        del(model, (size_t)draw(keys));
    else if (what < 990)
        model->now_s += (int64_t)draw(50) - 5;
    else if (what < 997)
        sweep(model, model->now_s - (int64_t)draw(100));
    else
        walk(model);
}

static int set_up(void **state)
{
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    model->now_s = 1790000000;
    assert_int_equal(mock_store_memory_new(&model->store), AUTH_OK);
    *state = model;
    return 0;
}

static int tear_down(void **state)
{
    struct model *model = *state;
    mock_store_free(model->store);
    free(model);
    return 0;
}

static void test_store_is_its_model(void **state)
{
    struct model *model = *state;
    for (int round = 0; round < 60; round++) {
        size_t keys = round % 3 == 0 ? KEYS : 1 + (size_t)draw(KEYS); /* many come, then few are left */
        for (int i = 0; i < 2000; i++)
            act(model, keys);
        check_all(model);
        if (round % 10 == 9) {
            sweep(model, INT64_MAX);
            check_all(model);
        }
    }
}

/* Whatever allocation fails, what was there is there, and the call does it when it is made again. */
static void test_store_without_memory(void **state)
{
    struct model *model = *state;
    static const enum oom_mode modes[] = {OOM_ONE, OOM_ON_END};
    for (int round = 0; round < 600; round++) {
        bool is_sweep = round % 100 == 99;
        oom_arm(1 + (long)draw(12), modes[round % 2]);
        for (int i = 0; i < 40; i++)
            put(model, (size_t)draw(KEYS));
        if (is_sweep)
            sweep(model, model->now_s);
        (void)oom_disarm();
        for (int i = 0; i < 40; i++)
            put(model, (size_t)draw(KEYS));
        model->now_s += (int64_t)draw(20);
        if (round % 50 == 0)
            check_all(model);
    }
    check_all(model);
    struct mock_store *none = NULL;
    bool has_failed = true;
    for (long n = 1; has_failed; n++) {
        oom_arm(n, OOM_ONE);
        enum auth_rc rc = mock_store_memory_new(&none);
        has_failed = oom_disarm();
        assert_int_equal(rc, has_failed ? AUTH_E_NOMEM : AUTH_OK);
    }
    mock_store_free(none);
}

/* What is refused at the bound stores nothing, and there is room again when something has gone. */
static void test_store_is_bounded(void **state)
{
    struct model *model = *state;
    struct mock_store *store = model->store;
    size_t limit = store->ops->bytes(store, MOCK_STORE_TOKEN) + 2 * MOCK_SLAB_CHUNK + 64 * 1024, count = 0;
    store->bytes_max[MOCK_STORE_TOKEN] = limit;
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; rc == AUTH_OK; i++) {
        struct mock_store_key key = key_of(i);
        rc = store->ops->put_if_absent(store, MOCK_STORE_TOKEN, &key, auth_view_from_string("0123456789"),
                                       100 + (int64_t)i, 0, NULL);
        count += rc == AUTH_OK;
        assert_true(store->ops->bytes(store, MOCK_STORE_TOKEN) <= limit);
    }
    assert_int_equal(rc, AUTH_E_TOO_BIG);
    assert_true(count > 1000);
    assert_int_equal(store->ops->count(store, MOCK_STORE_TOKEN), count);
    struct mock_store_key other = key_of(count);
    assert_int_equal(store->ops->put_if_absent(store, MOCK_STORE_JTI, &other, auth_view_from_string(""), 1, 0, NULL),
                     AUTH_OK);
    assert_int_equal(store->ops->sweep(store, MOCK_STORE_TOKEN, 100 + (int64_t)count / 2), AUTH_OK);
    assert_int_equal(store->ops->put_if_absent(store, MOCK_STORE_TOKEN, &other, auth_view_from_string(""), 1, 0, NULL),
                     AUTH_OK);
    assert_int_equal(store->ops->clear(store, MOCK_STORE_TOKEN), AUTH_OK);
    assert_true(store->ops->bytes(store, MOCK_STORE_TOKEN) < 2 * MOCK_SLAB_CHUNK);
}

static void test_values_at_their_largest(void **state)
{
    struct model *model = *state;
    struct mock_store *store = model->store;
    static char value[MOCK_STORE_VALUE_MAX + 1];
    struct auth_buf out;
    int64_t until_s;
    memset(value, 'v', sizeof value);
    for (size_t i = 0; i < 40; i++) {
        struct mock_store_key key = key_of(i);
        assert_int_equal(
            store->ops->put_if_absent(store, MOCK_STORE_TOKEN, &key, auth_view_bytes(value, sizeof value), 1, 0, NULL),
            AUTH_E_TOO_BIG);
        assert_int_equal(store->ops->put_if_absent(store, MOCK_STORE_TOKEN, &key,
                                                   auth_view_bytes(value, MOCK_STORE_VALUE_MAX), 1, 0, NULL),
                         AUTH_OK);
    }
    struct mock_store_key key = key_of(39);
    auth_buf_init(&out, MOCK_STORE_VALUE_MAX);
    assert_int_equal(store->ops->get(store, MOCK_STORE_TOKEN, &key, &out, &until_s), AUTH_OK);
    assert_int_equal(out.n, MOCK_STORE_VALUE_MAX);
    assert_memory_equal(out.p, value, out.n);
    auth_buf_clear(&out);
}

/* ---- several threads: one of equal puts wins, and a walk meets what stays once, whatever goes on beside it ---- */

enum { RACERS = 4, RACES = 3000, STAYING = 2000 };

static struct mock_store *shared;
static size_t wins[RACERS];

static void *race(void *ctx)
{
    size_t me = *(const size_t *)ctx;
    for (size_t i = 0; i < RACES; i++) {
        struct mock_store_key key = key_of(STAYING + i), own = key_of(100000 + me * RACES + i);
        if (shared->ops->put_if_absent(shared, MOCK_STORE_JTI, &key, auth_view_from_string("x"), 10, 0, NULL) ==
            AUTH_OK)
            wins[me]++;
        if (shared->ops->put_if_absent(shared, MOCK_STORE_JTI, &own, auth_view_from_string(""), 10, 0, NULL) !=
                AUTH_OK ||
            (i % 2 && shared->ops->del(shared, MOCK_STORE_JTI, &own) != AUTH_OK))
            wins[me] += RACES * RACERS; /* seen below */
    }
    return NULL;
}

static enum mock_store_walk count_staying(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                          int64_t *until_s, struct auth_buf *replacement)
{
    unsigned *met = ctx;
    size_t i = number_of(key);
    (void)value;
    (void)until_s;
    (void)replacement;
    if (i < STAYING)
        met[i]++;
    return MOCK_STORE_KEEP;
}

static void test_threads(void **state)
{
    struct model *model = *state;
    pthread_t threads[RACERS];
    size_t numbers[RACERS], total = 0;
    static unsigned met[STAYING];
    shared = model->store;
    memset(wins, 0, sizeof wins);
    for (size_t i = 0; i < STAYING; i++) {
        struct mock_store_key key = key_of(i);
        assert_int_equal(
            shared->ops->put_if_absent(shared, MOCK_STORE_JTI, &key, auth_view_from_string("s"), 20, 0, NULL), AUTH_OK);
    }
    for (size_t i = 0; i < RACERS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &numbers[i]), 0);
    }
    for (int round = 0; round < 30; round++) {
        memset(met, 0, sizeof met);
        assert_int_equal(shared->ops->each(shared, MOCK_STORE_JTI, count_staying, met), AUTH_OK);
        for (size_t i = 0; i < STAYING; i++)
            assert_int_equal(met[i], 1);
        assert_int_equal(shared->ops->sweep(shared, MOCK_STORE_JTI, round % 3), AUTH_OK);
    }
    for (size_t i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        total += wins[i];
    }
    assert_int_equal(total, RACES);
    assert_int_equal(shared->ops->count(shared, MOCK_STORE_JTI), STAYING + RACES + RACERS * RACES / 2);
    assert_int_equal(shared->ops->sweep(shared, MOCK_STORE_JTI, 10), AUTH_OK);
    assert_int_equal(shared->ops->count(shared, MOCK_STORE_JTI), STAYING);
}

/* ---- the table: no step does more than a few ---- */

struct number {
    struct mock_node node;
    uint64_t hash;
};

static uint64_t hash_of(const struct mock_node *node)
{
    return ((const struct number *)node)->hash;
}

static void check_table(const struct mock_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (const struct mock_node *node = *mock_table_bucket(table, i); node; node = node->next, count++)
            assert_ptr_equal(mock_table_chain(table, hash_of(node)), mock_table_bucket(table, i));
    }
    assert_int_equal(count, table->count);
}

static void test_table_grows_and_shrinks_by_steps(void **state)
{
    enum { NUMBERS = 20000 };
    struct mock_table table;
    struct number *numbers = calloc(NUMBERS, sizeof *numbers);
    (void)state;
    assert_non_null(numbers);
    assert_int_equal(mock_table_init(&table, hash_of), AUTH_OK);
    size_t small = mock_table_bytes(&table);
    assert_true(small <= 4096);
    for (size_t i = 0; i < NUMBERS; i++) {
        size_t before = table.bucket_count;
        numbers[i].hash = draw(UINT64_MAX);
        table.walkers = i > 5000 && i < 9000; /* a walk under way */
        mock_table_add(&table, &numbers[i].node);
        assert_true(table.bucket_count - before <= (table.walkers ? 0U : 8U));
        if (i % 1999 == 0)
            check_table(&table);
    }
    assert_true(table.bucket_count >= NUMBERS); /* what the walk held up was made good */
    for (size_t i = 0; i < NUMBERS; i++) {
        struct mock_node **link = mock_table_chain(&table, numbers[i].hash);
        while (*link != &numbers[i].node)
            link = &(*link)->next;
        mock_table_remove(&table, link);
        size_t before = table.bucket_count;
        (void)mock_table_shrink(&table, 3);
        assert_true(before - table.bucket_count <= 3);
        if (i % 1999 == 0)
            check_table(&table);
    }
    while (mock_table_shrink(&table, 7))
        check_table(&table);
    assert_int_equal(table.bucket_count, MOCK_TABLE_SEGMENT);
    mock_table_clear(&table);
    free(numbers);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(test_store_is_its_model),
        TEST(test_store_without_memory),
        TEST(test_store_is_bounded),
        TEST(test_values_at_their_largest),
        TEST(test_threads),
        cmocka_unit_test(test_table_grows_and_shrinks_by_steps),
    };
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
