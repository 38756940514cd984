/* Many resources from one: what a template becomes, and what is no template. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/data/repeat.h"

static enum auth_rc repeat(const char *text, size_t cap, struct auth_buf *out, struct auth_err *err)
{
    struct auth_view view = auth_view_from_string(text);
    assert_int_equal(auth_json_check(view, NULL), AUTH_OK);
    assert_true(mock_is_repeat(view));
    auth_buf_init(out, cap);
    return mock_repeat(view, out, err);
}

static void expect(const char *text, const char *wanted)
{
    struct auth_buf out;
    struct auth_err err = {0};
    if (repeat(text, 1000, &out, &err) != AUTH_OK)
        fail_msg("%s: %s", text, err.detail);
    assert_string_equal(out.p, wanted);
    auth_buf_clear(&out);
}

static void expect_refused(const char *text, const char *why)
{
    struct auth_buf out;
    struct auth_err err = {0};
    assert_int_equal(repeat(text, 1000, &out, &err), AUTH_E_SYNTAX);
    assert_string_equal(err.detail, why);
    auth_buf_clear(&out);
}

static void test_holes(void **state)
{
    (void)state;
    expect("{\"repeat\":{\"count\":1},\"resource\":{\"id\":\"a{n}\"}}", "{\"id\":\"a0\"}\n");
    expect("{\"repeat\":{\"count\":2},\"resource\":{ \"id\" : \"{n}{n} {value}\" }}",
           "{\"id\":\"00 {value}\"}\n{\"id\":\"11 {value}\"}\n");
    expect("{\"repeat\":{\"count\":3,\"start\":\"2024-02-28T23:59:59Z\",\"step_s\":86400,\"values\":[5.10,\"x\"]},"
           "\"resource\":{\"t\":\"{time}\",\"v\":\"{value}\",\"w\":[\"{value}\"]}}",
           "{\"t\":\"2024-02-28T23:59:59Z\",\"v\":5.10,\"w\":[5.10]}\n"
           "{\"t\":\"2024-02-29T23:59:59Z\",\"v\":\"x\",\"w\":[\"x\"]}\n"
           "{\"t\":\"2024-03-01T23:59:59Z\",\"v\":5.10,\"w\":[5.10]}\n");
}

static void test_numbers_have_one_length(void **state)
{
    struct auth_buf out;
    (void)state;
    assert_int_equal(repeat("{\"repeat\":{\"count\":10},\"resource\":\"{n}\"}", 1000, &out, NULL), AUTH_OK);
    assert_int_equal(out.n, 10 * 4);
    auth_buf_clear(&out);
    assert_int_equal(repeat("{\"repeat\":{\"count\":11},\"resource\":\"{n}\"}", 1000, &out, NULL), AUTH_OK);
    assert_int_equal(out.n, 11 * 5);
    assert_true(auth_view_ends(auth_buf_view(&out), "\"09\"\n\"10\"\n"));
    auth_buf_clear(&out);
}

static void test_bounds(void **state)
{
    struct auth_buf out;
    (void)state;
    assert_int_equal(repeat("{\"repeat\":{\"count\":1000000},\"resource\":1}", 2000000, &out, NULL), AUTH_OK);
    auth_buf_clear(&out);
    assert_int_equal(repeat("{\"repeat\":{\"count\":1000000},\"resource\":1}", 1999999, &out, NULL), AUTH_E_TOO_BIG);
    auth_buf_clear(&out);
    expect_refused("{\"repeat\":{\"count\":1000001},\"resource\":1}",
                   "repeat: count is a whole number from 1 to 1000000");
    expect_refused("{\"repeat\":{\"count\":0},\"resource\":1}", "repeat: count is a whole number from 1 to 1000000");
    expect_refused("{\"repeat\":{},\"resource\":1}", "repeat: count is a whole number from 1 to 1000000");
    expect_refused("{\"repeat\":{\"count\":\"1\"},\"resource\":1}",
                   "repeat: count is a whole number from 1 to 1000000");
    /* years stop at 9999 */
    expect("{\"repeat\":{\"count\":2,\"start\":\"9999-12-31T00:00:00Z\",\"step_s\":86400},\"resource\":\"{time}\"}",
           "\"9999-12-31T00:00:00Z\"\n\"9999-12-31T23:59:59Z\"\n");
}

/* As many as there may be, and one more. */
static void test_many_holes(void **state)
{
    struct auth_buf text, out;
    (void)state;
    auth_buf_init(&text, 1000);
    auth_buf_add_string(&text, "{\"repeat\":{\"count\":1},\"resource\":\"");
    for (int i = 0; i < 63; i++)
        auth_buf_add_string(&text, "{n}");
    size_t end = text.n;
    auth_buf_add_string(&text, "\"}");
    assert_int_equal(repeat(text.p, 1000, &out, NULL), AUTH_OK);
    auth_buf_clear(&out);
    text.n = end;
    auth_buf_add_string(&text, "{n}\"}");
    expect_refused(text.p, "repeat: more than 63 holes in the resource");
    auth_buf_clear(&text);
}

static void test_what_is_wrong(void **state)
{
    (void)state;
    expect_refused("{\"repeat\":{\"count\":1}}", "repeat: no resource to make copies of");
    expect_refused("{\"repeat\":{\"count\":1,\"values\":[]},\"resource\":1}",
                   "repeat: values is an array of at least one value");
    expect_refused("{\"repeat\":{\"count\":1,\"start\":\"today\"},\"resource\":1}",
                   "repeat: start is a time as RFC 3339 writes it");
    expect_refused("{\"repeat\":{\"count\":1,\"start\":5},\"resource\":1}",
                   "repeat: start is a time as RFC 3339 writes it");
    expect_refused("{\"repeat\":{\"count\":1,\"step_s\":0.5},\"resource\":1}",
                   "repeat: step_s is a whole number of seconds");
    expect_refused("{\"repeat\":{\"count\":1},\"resource\":\"{value}\"}",
                   "repeat: the resource has {value}, and there are no values");
    assert_false(mock_is_repeat(auth_view_from_string("{\"resourceType\":\"Patient\",\"repeat\":{}}")));
    assert_false(mock_is_repeat(auth_view_from_string("{\"resource\":{}}")));
    assert_false(mock_is_repeat(auth_view_from_string("[\"repeat\"]")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holes),         cmocka_unit_test(test_numbers_have_one_length),
        cmocka_unit_test(test_bounds),        cmocka_unit_test(test_many_holes),
        cmocka_unit_test(test_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) == 0 ? 0 : 1;
}
