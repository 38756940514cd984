/* The journal: what is kept of an event, while others write and list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/state/journal.h"

enum { SIZE = 300, WRITERS = 3, EVENTS = 20000, LISTINGS = 60 };

static struct mock_journal journal;

static int set_up(void **state)
{
    (void)state;
    return mock_journal_init(&journal, SIZE) == AUTH_OK ? 0 : 1;
}

static int tear_down(void **state)
{
    (void)state;
    mock_journal_clear(&journal);
    return 0;
}

/* An entry whose every text says the same number, so that a mix of two shows. */
static uint64_t add(unsigned status)
{
    char text[300];
    uint64_t id = mock_journal_reserve(&journal);
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)id);
    struct mock_journal_event event = {
        .kind = id % 2 ? MOCK_JOURNAL_FHIR : MOCK_JOURNAL_OTHER,
        .method = auth_view_from_string("GET"),
        .target = auth_view_bytes(text, (size_t)n),
        .client_id = auth_view_bytes(text, (size_t)n),
        .status = (int)status,
        .note = auth_view_bytes(text, (size_t)n),
    };
    mock_journal_add(&journal, id, &event);
    return id;
}

/* Ids of a listing: newest first, each whole. */
static size_t list(int kind, size_t limit, int64_t *newest)
{
    struct mock_journal_filter filter = {.kind = kind, .limit = limit};
    struct auth_buf out;
    struct auth_json_writer w;
    struct auth_json *doc = NULL;
    size_t count = 0;
    auth_buf_init(&out, 1 << 24);
    auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
    (void)mock_journal_write(&journal, &filter, &w, NULL);
    assert_true(auth_buf_ok(&out));
    assert_int_equal(auth_json_parse(auth_buf_view(&out), &doc, NULL), AUTH_OK);
    int64_t before = INT64_MAX;
    for (const struct auth_json_node *node = auth_json_first(auth_json_root(doc)); node; node = auth_json_next(node)) {
        int64_t id = 0, said = 0;
        assert_true(auth_json_int(auth_json_member(node, "id"), &id));
        assert_true(auth_view_int(auth_json_member_string(node, "target"), &said) && said == id);
        assert_true(auth_view_int(auth_json_member_string(node, "client_id"), &said) && said == id);
        assert_true(auth_view_int(auth_json_member_string(node, "note"), &said) && said == id);
        assert_true(id < before);
        *newest = count++ ? *newest : id;
        before = id;
    }
    auth_json_free(doc);
    auth_buf_clear(&out);
    return count;
}

static void test_listing(void **state)
{
    int64_t newest = 0;
    (void)state;
    assert_int_equal(list(-1, SIZE, &newest), 0);
    for (int i = 0; i < 10; i++)
        add(200);
    assert_int_equal(list(-1, SIZE, &newest), 10);
    assert_int_equal(newest, 10);
    assert_int_equal(list(MOCK_JOURNAL_FHIR, SIZE, &newest), 5);
    assert_int_equal(newest, 9);
    assert_int_equal(list(-1, 3, &newest), 3);
    assert_int_equal(list(-1, 0, &newest), 0);
    for (int i = 0; i < 2 * SIZE; i++)
        add(200);
    assert_int_equal(list(-1, 10 * SIZE, &newest), SIZE);
    (void)mock_journal_reserve(&journal); /* not written yet: no entry, and none in its place */
    assert_int_equal(list(-1, 10 * SIZE, &newest), SIZE - 1);
    mock_journal_empty(&journal);
    assert_int_equal(list(-1, SIZE, &newest), 0);
    assert_int_equal(add(200), 2 * SIZE + 12);
    assert_int_equal(list(-1, SIZE, &newest), 1);
}

/* Slots and bytes follow what is held. */
static void test_it_starts_small(void **state)
{
    int64_t newest = 0;
    (void)state;
    assert_true(journal.size < SIZE && journal.bytes == 0);
    for (int i = 1; i <= 2 * SIZE; i++) {
        add(200);
        assert_true(journal.size <= SIZE);
        if (i % 7 == 0 || i == SIZE || i == SIZE + 1)
            assert_int_equal(list(-1, SIZE, &newest), i < SIZE ? i : SIZE);
    }
    assert_int_equal(journal.size, SIZE);
    mock_journal_empty(&journal);
    assert_int_equal(journal.bytes, 0);
}

/* The oldest give way to a new one, and it is never itself too much. */
static void test_bytes_are_bounded(void **state)
{
    struct mock_journal_budget budget = {.max = 1};
    int64_t newest = 0;
    (void)state;
    atomic_init(&budget.used, 0);
    add(200);
    size_t one = journal.bytes;
    journal.bytes_max = 5 * one;
    for (int i = 0; i < 50; i++)
        add(200);
    assert_int_equal(list(-1, SIZE, &newest), 5);
    assert_int_equal(newest, 51);
    assert_int_equal(journal.bytes, 5 * one);
    journal.bytes_max = 5 * one - 1;
    add(200);
    assert_int_equal(list(-1, SIZE, &newest), 4);
    mock_journal_empty(&journal);
    journal.budget = &budget; /* of all journals: another's entries count */
    add(200);
    assert_int_equal(atomic_load(&budget.used), one);
    add(200);
    assert_int_equal(list(-1, SIZE, &newest), 1);
    assert_int_equal(newest, 54);
    mock_journal_empty(&journal);
    assert_int_equal(atomic_load(&budget.used), 0);
}

/* From an id on, oldest first. */
static void test_after(void **state)
{
    static const struct {
        uint64_t after;
        size_t limit, count;
        int64_t first;
    } rows[] = {{0, 9, 9, 291},   {290, 9, 9, 291}, {291, 9, 9, 292},
                {589, 9, 1, 590}, {590, 9, 0, 0},   {UINT64_MAX, 9, 0, 0}};
    (void)state;
    for (int i = 0; i < 590; i++)
        add(200);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_journal_filter filter = {
            .kind = -1, .limit = rows[i].limit, .has_after = true, .after = rows[i].after};
        struct auth_buf out;
        struct auth_json_writer w;
        uint64_t seen = 0;
        int64_t first = 0;
        struct auth_json *doc = NULL;
        auth_buf_init(&out, 1 << 20);
        auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
        assert_int_equal(mock_journal_write(&journal, &filter, &w, &seen), rows[i].count);
        assert_int_equal(seen, 590);
        assert_int_equal(auth_json_parse(auth_buf_view(&out), &doc, NULL), AUTH_OK);
        (void)auth_json_int(auth_json_member(auth_json_first(auth_json_root(doc)), "id"), &first);
        assert_int_equal(first, rows[i].first);
        auth_json_free(doc);
        auth_buf_clear(&out);
    }
}

static void *keep_adding(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < EVENTS; i++)
        add(200);
    return NULL;
}

static void test_listing_while_others_write(void **state)
{
    pthread_t threads[WRITERS];
    int64_t newest = 0, last = 0;
    (void)state;
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_adding, NULL), 0);
    for (int i = 0; i < LISTINGS; i++) {
        assert_true(list(-1, SIZE, &newest) <= SIZE);
        assert_true(newest >= last);
        last = newest;
        if (i % 20 == 19)
            mock_journal_empty(&journal);
    }
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(add(200), WRITERS * EVENTS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_listing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_it_starts_small, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bytes_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_after, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_listing_while_others_write, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
