/* Accept headers: weights, wildcards, the more specific range, and what is malformed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/http/accept.h"

static const struct {
    const char *accept, *type;
    int weight;
} weight_rows[] = {
    {"", "a/b", -1},
    {"a/b", "a/b", 1000},
    {"A/B", "a/b", 1000},
    {"a/c", "a/b", -1},
    {"a/bc", "a/b", -1},
    {"*/*", "a/b", 1000},
    {"a/*", "a/b", 1000},
    {"b/*", "a/b", -1},
    {"*/b", "a/b", -1},
    {"*", "a/b", -1},
    {"a/b;q=0", "a/b", 0},
    {"a/b;q=0.0", "a/b", 0},
    {"a/b;q=0.000", "a/b", 0},
    {"a/b;q=0.", "a/b", 0},
    {"a/b;q=1", "a/b", 1000},
    {"a/b;q=1.000", "a/b", 1000},
    {"a/b;q=0.5", "a/b", 500},
    {"a/b;q=0.001", "a/b", 1},
    {"a/b;Q=0.25", "a/b", 250},
    {" a/b ; q=0.5 ", "a/b", 500},
    {"a/b;q = 0.5", "a/b", 500},
    {"a/b;q=0.5;x=y", "a/b", 500},
    {"a/b;charset=utf-8;q=0.5", "a/b", 500},
    {"a/b;q=1.001", "a/b", -1},
    {"a/b;q=1.1", "a/b", -1},
    {"a/b;q=2", "a/b", -1},
    {"a/b;q=0.1234", "a/b", -1},
    {"a/b;q=-1", "a/b", -1},
    {"a/b;q=.5", "a/b", -1},
    {"a/b;q=0,5", "a/b", 0},
    {"a/b;q=", "a/b", -1},
    {"a/b;q", "a/b", -1},
    {"a/b;q=nan", "a/b", -1},
    {"a/b;q=x, a/b;q=0.5", "a/b", 500},
    {"a/b;q=0.2, a/b;q=0.7", "a/b", 700},
    {"a/b;q=0.7, a/b;q=0.2", "a/b", 700},
    {"*/*;q=0.9, a/*;q=0.5, a/b;q=0.1", "a/b", 100},
    {"a/b;q=0.1, a/*;q=0.5, */*;q=0.9", "a/b", 100},
    {"*/*, a/b;q=0", "a/b", 0},
    {"a/*;q=0, */*", "a/b", 0},
    {"a/*;q=0, */*", "c/b", 1000},
    {"a/b;v=1;q=0.2, a/b;q=0.9", "a/b", 200},
    {",, a/b ,,", "a/b", 1000},
    {"a/b;x=\"c,d;q=0\"", "a/b", 1000},
    {"a/b;x=\"\\\",\";q=0.5", "a/b", 500},
    {"x=\"never closed, a/b", "a/b", -1},
    {"json", "json", 1000},
    {"*/*", "json", -1},
};

static void test_accept_weights(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof weight_rows / sizeof *weight_rows; i++) {
        struct mock_accept accept = {.count = 0};
        size_t position = 0;
        mock_accept_add(&accept, auth_view_from_string(weight_rows[i].accept));
        int weight = mock_accept_weight(&accept, weight_rows[i].type, &position);
        if (weight != weight_rows[i].weight)
            fail_msg("%s for %s: %d, not %d", weight_rows[i].accept, weight_rows[i].type, weight,
                     weight_rows[i].weight);
    }
}

static void test_accept_many_headers_are_one_list(void **state)
{
    struct mock_header headers[] = {{auth_view_from_string("Accept"), auth_view_from_string("a/b;q=0.1")},
                                    {auth_view_from_string("X"), auth_view_from_string("c/d")},
                                    {auth_view_from_string("aCCept"), auth_view_from_string("c/e")}};
    struct mock_request request = {.headers = headers, .header_count = 3};
    struct mock_accept accept;
    size_t position = 9;
    (void)state;
    mock_accept_of(&request, &accept);
    assert_int_equal(accept.count, 2);
    assert_int_equal(mock_accept_weight(&accept, "a/b", &position), 100);
    assert_int_equal(position, 0);
    assert_int_equal(mock_accept_weight(&accept, "c/e", &position), 1000);
    assert_int_equal(position, 1);
    assert_int_equal(mock_accept_weight(&accept, "c/d", &position), -1);
}

static void test_accept_looks_at_32_ranges(void **state)
{
    struct mock_accept accept = {.count = 0};
    size_t position;
    (void)state;
    for (int i = 0; i < MOCK_ACCEPT_RANGES_MAX - 1; i++)
        mock_accept_add(&accept, auth_view_from_string("x/y"));
    mock_accept_add(&accept, auth_view_from_string("a/b, c/d"));
    assert_int_equal(accept.count, MOCK_ACCEPT_RANGES_MAX);
    assert_int_equal(mock_accept_weight(&accept, "a/b", &position), 1000);
    assert_int_equal(mock_accept_weight(&accept, "c/d", &position), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept_weights),
        cmocka_unit_test(test_accept_many_headers_are_one_list),
        cmocka_unit_test(test_accept_looks_at_32_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
