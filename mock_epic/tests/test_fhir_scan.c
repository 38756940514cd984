/* The fast pass over JSON: what it takes, auth_json_check() takes, too, and finds the same members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/data/scan.h"
#include "mock_epic/data/sealed.h"

/* Copied to memory that ends where the text does, so that a byte too far is seen. */
static bool fast(const char *text, size_t n, struct mock_scan *scan, size_t *end)
{
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, text, n);
    bool ok = mock_scan_fast(auth_view_bytes(copy, n), scan, end);
    free(copy);
    return ok;
}

static void test_what_is_taken(void **state)
{
    static const struct {
        const char *text;
        bool is_taken;
    } rows[] = {
        {"{}", true},
        {" [ ] ", true},
        {"{\"a\":1,\"b\":[true,false,null,-0.5,\"x\\n\\u0041\"]}", true},
        {"\"12345678\"", true},
        {"\"1234567\x7f\"", true},
        {"\"\xc3\xa9\"", true},
        {"", false},
        {"   ", false},
        {"\"1234567\x1f\"", false},
        {"\"12345678", false},
        {"\"\xc3\"", false},
        {"\"\\u0000\"", false},
        {"\"\\ud800\"", false},
        {"\"\\x\"", false},
        {"\"\\u004\"", false},
        {"01", false},
        {"-", false},
        {"1.", false},
        {"1e5", false}, /* right, but left to the other */
        {"{\"a\":1,\"a\":2}", false},
        {"{\"a\" 1}", false},
        {"{\"a\":1,}", false},
        {"{,}", false},
        {"[1,]", false},
        {"[1 2]", false},
        {"{\"\\u0061\":1}", false}, /* right, but left to the other */
        {"tru", false},
        {"nul", false},
        {"[", false},
        {"{\"a\":[{\"b\":", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_scan scan;
        size_t end = 0;
        if (fast(rows[i].text, strlen(rows[i].text), &scan, &end) != rows[i].is_taken)
            fail_msg("%s", rows[i].text);
    }
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t depth = AUTH_JSON_DEPTH_MAX; depth <= AUTH_JSON_DEPTH_MAX + 1; depth++) {
        char text[2 * (AUTH_JSON_DEPTH_MAX + 1)];
        struct mock_scan scan;
        size_t end = 0;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(fast(text, 2 * depth, &scan, &end), depth == AUTH_JSON_DEPTH_MAX);
        assert_int_equal(auth_json_check(auth_view_bytes(text, 2 * depth), NULL) == AUTH_OK,
                         depth == AUTH_JSON_DEPTH_MAX);
    }
}

static void expect_same_members(const struct mock_scan *scan)
{
    struct auth_view name, value;
    size_t cursor = 0, count = 0;
    while (auth_json_raw_next_member(scan->value, &cursor, &name, &value)) {
        assert_true(auth_view_equals_view(scan->members[count].name, name));
        assert_true(auth_view_equals_view(scan->members[count++].value, value));
    }
    assert_int_equal(scan->member_count, count);
}

/* The first value of a changed text: taken here, it is taken there. */
static void compare(const char *text, size_t n)
{
    struct mock_scan scan;
    size_t end = 0;
    char *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, text, n);
    if (mock_scan_fast(auth_view_bytes(copy, n), &scan, &end)) {
        assert_true(end <= n);
        if (auth_json_check(auth_view_bytes(copy, end), NULL) != AUTH_OK)
            fail_msg("taken: %.*s", (int)end, copy);
        expect_same_members(&scan);
    }
    free(copy);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return *state >> 33;
}

static void test_changed_texts(void **state)
{
    enum { ROUNDS = 20000, LINE_MAX_N = 8192 };
    static const char likely[] = "{}[]\",:\\u0041 \n\t-.e9\x80\xc3\x01";
    static char line[LINE_MAX_N];
    uint64_t seed = 7;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        const struct mock_sealed_resource *item = &mock_core_pack.items[next_random(&seed) % mock_core_pack.count];
        size_t left = mock_core_pack.text_n - item->at, n = left < LINE_MAX_N ? left : LINE_MAX_N;
        const char *start = mock_core_pack.text + item->at;
        memcpy(line, start, n);
        for (uint64_t changes = next_random(&seed) % 4; changes > 0; changes--)
            line[next_random(&seed) % (n < 1500 ? n : 1500)] = likely[next_random(&seed) % (sizeof likely - 1)];
        compare(line, n);
    }
}

/* Names that the fast pass does not read: found all the same, by the slow one. */
static void test_the_slow_way(void **state)
{
    static const char text[] = "{\"\\u0069d\":\"x\",\"n\":1e2}\n{\"id\":\"y\"}";
    struct mock_scan scan;
    size_t end = 0;
    (void)state;
    assert_int_equal(mock_scan_next(auth_view_from_string(text), &scan, &end, NULL), AUTH_OK);
    assert_int_equal(end, strlen("{\"\\u0069d\":\"x\",\"n\":1e2}"));
    assert_false(scan.is_plain);
    assert_true(auth_view_equals(mock_scan_member(&scan, "id"), "\"x\""));
    assert_int_equal(mock_scan_member(&scan, "i").n, 0);
    struct auth_err err = {0};
    assert_int_equal(mock_scan_next(auth_view_from_string("{\"a\":1,\"a\":2}"), &scan, &end, &err), AUTH_E_DUPLICATE);
}

/* More members than are listed. */
static void test_many_members(void **state)
{
    char text[16 * 2 * MOCK_SCAN_MEMBERS_MAX], name[16];
    size_t n = 0, end = 0;
    struct mock_scan scan;
    (void)state;
    for (int i = 0; i < 2 * MOCK_SCAN_MEMBERS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%c\"m%d\":%d", i ? ',' : '{', i, i);
    text[n++] = '}';
    assert_int_equal(mock_scan_next(auth_view_bytes(text, n), &scan, &end, NULL), AUTH_OK);
    assert_int_equal(end, n);
    assert_false(scan.is_whole);
    snprintf(name, sizeof name, "m%d", 2 * MOCK_SCAN_MEMBERS_MAX - 1);
    assert_int_equal(mock_scan_member(&scan, name).n, 3);
    assert_int_equal(mock_scan_member(&scan, "none").n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken), cmocka_unit_test(test_depth),        cmocka_unit_test(test_changed_texts),
        cmocka_unit_test(test_the_slow_way),  cmocka_unit_test(test_many_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
