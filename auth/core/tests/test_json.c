/* JSON, strictly: what is refused and why, names, numbers, escapes; raw slices; the writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/core/json.h"

/* Check a text placed right before a page that traps, so that any over-read is seen. */
static enum auth_rc check_at_page_end(struct auth_view text)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (text.n / page + 1) * page;
    char *map = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(map, MAP_FAILED);
    assert_int_equal(mprotect(map + room, page, PROT_NONE), 0);
    char *at = map + room - text.n;
    if (text.n)
        memcpy(at, text.p, text.n);
    enum auth_rc rc = auth_json_check(auth_view_bytes(at, text.n), NULL);
    munmap(map, room + page);
    return rc;
}

static const struct {
    const char *text;
    enum auth_rc rc;
} json_rows[] = {
    {"{}", AUTH_OK},
    {"[]", AUTH_OK},
    {"\"\"", AUTH_OK},
    {"0", AUTH_OK},
    {"-0", AUTH_OK},
    {"1.5e+3", AUTH_OK},
    {" \t\r\n1 ", AUTH_OK},
    {"true", AUTH_OK},
    {"false", AUTH_OK},
    {"null", AUTH_OK},
    {"1e308", AUTH_OK},
    {"[1,2,[3]]", AUTH_OK},
    {"{\"a\":{\"a\":1},\"b\":1}", AUTH_OK},
    {"\"\\u00e9\\ud83d\\ude00\"", AUTH_OK},
    {"\"\xc3\xa9\"", AUTH_OK},
    {"\"\x7f\"", AUTH_OK},
    {"123456789012345678901234567890123456789012345678901234567890123", AUTH_OK},
    {"1234567890123456789012345678901234567890123456789012345678901234", AUTH_E_RANGE},
    {"1e309", AUTH_E_RANGE},
    {"-1e400", AUTH_E_RANGE},
    {"1.7976931348623157e308", AUTH_OK},
    {"", AUTH_E_SYNTAX},
    {" ", AUTH_E_SYNTAX},
    {"{", AUTH_E_SYNTAX},
    {"[", AUTH_E_SYNTAX},
    {"[1", AUTH_E_SYNTAX},
    {"[1,", AUTH_E_SYNTAX},
    {"[1,]", AUTH_E_SYNTAX},
    {"{\"a\"", AUTH_E_SYNTAX},
    {"{\"a\":", AUTH_E_SYNTAX},
    {"{\"a\":1,}", AUTH_E_SYNTAX},
    {"{a:1}", AUTH_E_SYNTAX},
    {"{'a':1}", AUTH_E_SYNTAX},
    {"[1 2]", AUTH_E_SYNTAX},
    {"01", AUTH_E_SYNTAX},
    {"-", AUTH_E_SYNTAX},
    {"+1", AUTH_E_SYNTAX},
    {"1.", AUTH_E_SYNTAX},
    {".5", AUTH_E_SYNTAX},
    {"1e", AUTH_E_SYNTAX},
    {"1e+", AUTH_E_SYNTAX},
    {"0x1", AUTH_E_SYNTAX},
    {"NaN", AUTH_E_SYNTAX},
    {"tru", AUTH_E_SYNTAX},
    {"nulll", AUTH_E_SYNTAX},
    {"1 2", AUTH_E_SYNTAX},
    {"{}x", AUTH_E_SYNTAX},
    {"/**/1", AUTH_E_SYNTAX},
    {"\xef\xbb\xbf{}", AUTH_E_SYNTAX},
    {"\"a", AUTH_E_SYNTAX},
    {"\"\\", AUTH_E_SYNTAX},
    {"\"\\x\"", AUTH_E_SYNTAX},
    {"\"\\u12\"", AUTH_E_SYNTAX},
    {"\"\\u0000\"", AUTH_E_SYNTAX},
    {"\"\\ud800\"", AUTH_E_SYNTAX},
    {"\"\\udc00\"", AUTH_E_SYNTAX},
    {"\"\\ud800\\u0041\"", AUTH_E_SYNTAX},
    {"\"\\ud800x\"", AUTH_E_SYNTAX},
    {"\"\n\"", AUTH_E_SYNTAX},
    {"\"\xff\"", AUTH_E_SYNTAX},
    {"\"\xc0\xae\"", AUTH_E_SYNTAX},
    {"\"\xed\xa0\x80\"", AUTH_E_SYNTAX},
    {"\"\xf4\x90\x80\x80\"", AUTH_E_SYNTAX},
    {"\"\xc3\"", AUTH_E_SYNTAX},
    {"{\"a\":1,\"a\":2}", AUTH_E_DUPLICATE},
    {"{\"a\":1,\"\\u0061\":2}", AUTH_E_DUPLICATE},
    {"{\"\xc3\xa9\":1,\"\\u00e9\":2}", AUTH_E_DUPLICATE},
    {"[{\"a\":1,\"a\":2}]", AUTH_E_DUPLICATE},
    {"{\"a\":1,\"A\":2}", AUTH_OK},
    {"{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", AUTH_E_DUPLICATE},
};

static void test_json_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof json_rows / sizeof *json_rows; i++) {
        enum auth_rc rc = check_at_page_end(auth_view_from_string(json_rows[i].text));
        if (rc != json_rows[i].rc)
            fail_msg("%s: %s", json_rows[i].text, auth_rc_text(rc));
    }
    assert_int_equal(check_at_page_end(auth_view_bytes("\"a\0b\"", 5)), AUTH_E_SYNTAX);
    assert_int_equal(check_at_page_end(auth_view_bytes("1\0", 2)), AUTH_E_SYNTAX);
}

/* How a text was saved is the cause, where nothing of it can be read for that. */
static void test_json_says_where_it_went_wrong(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } rows[] = {
        {"{\"a\":1}", 7}, {" [1] ", 5},         {"{\"a\":1 \"b\":2}", 7},
        {"{\"a\":1", 6},  {"[1,]", 3},          {"\"a\nb\"", 2},
        {"{} {}", 3},     {"[\"\\ud800\"]", 8}, {"{\"a\":1,\"b\":2,\"a\":3}", 13},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = SIZE_MAX;
        struct auth_err err = {0};
        enum auth_rc rc = auth_json_check_at(auth_view_from_string(rows[i].text), &at, &err);
        if (at != rows[i].at)
            fail_msg("%s: %zu, not %zu (%d %s)", rows[i].text, at, rows[i].at, (int)rc, err.detail);
    }
}

static void test_json_says_how_it_was_saved(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"\xef\xbb\xbf{}", "JSON: a byte order mark that must go (RFC 8259 8.1) at byte 0"},
        {" \xef\xbb\xbf{}", "JSON: no value at byte 1"},
        {"\xef\xbb{}", "JSON: no value at byte 0"},
        {"\xff\xfe{", "JSON: UTF-16, where UTF-8 is needed, at byte 0"},
        {"\xfe\xff", "JSON: UTF-16, where UTF-8 is needed, at byte 0"},
        {"\xfe", "JSON: no value at byte 0"},
        {"x", "JSON: no value at byte 0"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_err err = {0};
        assert_int_equal(auth_json_check(auth_view_from_string(rows[i].text), &err), AUTH_E_SYNTAX);
        assert_string_equal(err.detail, rows[i].why);
    }
}

static void test_json_depth_32_is_the_last(void **state)
{
    char text[67];
    (void)state;
    for (size_t depth = 32; depth <= 33; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(auth_json_check(auth_view_bytes(text, 2 * depth), NULL),
                         depth == 32 ? AUTH_OK : AUTH_E_TOO_BIG);
    }
    char *deep = malloc(100000);
    memset(deep, '[', 100000);
    assert_int_equal(auth_json_check(auth_view_bytes(deep, 100000), NULL), AUTH_E_TOO_BIG);
    free(deep);
}

static void test_json_duplicates_among_many_members(void **state)
{
    struct auth_buf text;
    (void)state;
    for (int with_duplicate = 0; with_duplicate < 2; with_duplicate++) {
        auth_buf_init(&text, 1 << 20);
        auth_buf_add_char(&text, '{');
        for (int i = 0; i < 20000; i++)
            auth_buf_addf(&text, "%s\"m%d\":%d", i ? "," : "", i, i);
        auth_buf_add_string(&text, with_duplicate ? ",\"m7\":0}" : "}");
        assert_int_equal(auth_json_check(auth_buf_view(&text), NULL), with_duplicate ? AUTH_E_DUPLICATE : AUTH_OK);
        auth_buf_clear(&text);
    }
}

static void test_json_tree_answers_by_exact_name(void **state)
{
    struct auth_json *doc = NULL;
    int64_t number = 0;
    double real;
    bool flag = false;
    (void)state;
    assert_int_equal(auth_json_parse(auth_view_from_string(
                                         "{\"EXP\":1,\"exp\":9007199254740991,\"big\":9007199254740992,\"half\":0.5,"
                                         "\"t\":true,\"s\":\"\\u00e9\\n\",\"n\":null,\"a\":[1,\"x\"]}"),
                                     &doc, NULL),
                     AUTH_OK);
    const struct auth_json_node *root = auth_json_root(doc);
    assert_true(auth_json_int(auth_json_member(root, "exp"), &number));
    assert_int_equal(number, 9007199254740991);
    assert_false(auth_json_int(auth_json_member(root, "big"), &number));
    assert_false(auth_json_int(auth_json_member(root, "half"), &number));
    assert_true(auth_json_double(auth_json_member(root, "half"), &real));
    assert_true(auth_json_bool(auth_json_member(root, "t"), &flag) && flag);
    assert_false(auth_json_bool(auth_json_member(root, "n"), &flag));
    assert_true(auth_view_equals(auth_json_member_string(root, "s"), "\xc3\xa9\n"));
    assert_null(auth_json_member(root, "Exp"));
    assert_int_equal(auth_json_type(auth_json_member(root, "missing")), AUTH_JSON_NONE);
    assert_int_equal(auth_json_type(auth_json_member(root, "n")), AUTH_JSON_NULL);
    const struct auth_json_node *item = auth_json_first(auth_json_member(root, "a"));
    assert_int_equal(auth_json_type(item), AUTH_JSON_NUMBER);
    item = auth_json_next(item);
    assert_true(auth_view_equals(auth_json_string(item), "x"));
    assert_null(auth_json_next(item));
    assert_null(auth_json_first(item));
    auth_json_free(doc);
}

static void test_json_raw_slices_keep_their_bytes(void **state)
{
    struct auth_view text = auth_view_from_string(
                         " { \"a\" : [ 1.00 , {\"x\":\"]}\\\"\"} ,\"s\" ] , \"b\":5.10 , \"\":{} } "),
                     value, item;
    size_t cursor = 0;
    struct auth_buf out;
    (void)state;
    assert_int_equal(auth_json_check(text, NULL), AUTH_OK);
    assert_true(auth_json_raw_member(text, "b", &value) && auth_view_equals(value, "5.10"));
    assert_true(auth_json_raw_member(text, "", &value) && auth_view_equals(value, "{}"));
    assert_false(auth_json_raw_member(text, "c", &value));
    assert_true(auth_json_raw_member(text, "a", &value));
    assert_true(auth_json_raw_next(value, &cursor, &item) && auth_view_equals(item, "1.00"));
    assert_true(auth_json_raw_next(value, &cursor, &item) && auth_view_equals(item, "{\"x\":\"]}\\\"\"}"));
    assert_true(auth_json_raw_next(value, &cursor, &item) && auth_view_equals(item, "\"s\""));
    assert_false(auth_json_raw_next(value, &cursor, &item));
    cursor = 0;
    assert_false(auth_json_raw_next(auth_view_from_string("[ ]"), &cursor, &item));
    assert_false(auth_json_raw_next(auth_view_from_string("{}"), &cursor, &item));
    assert_false(auth_json_raw_member(auth_view_from_string("[]"), "a", &value));
    auth_buf_init(&out, 1024);
    auth_json_raw_minify(&out, text);
    assert_string_equal(out.p, "{\"a\":[1.00,{\"x\":\"]}\\\"\"},\"s\"],\"b\":5.10,\"\":{}}");
    auth_buf_clear(&out);
}

static void test_jsonw_escapes_and_indents(void **state)
{
    struct auth_buf out;
    struct auth_json_writer w;
    (void)state;
    auth_buf_init(&out, 4096);
    auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member(&w, "s", auth_view_bytes("\"\\\n\x01\x7f\xff\xc3\xa9", 8));
    auth_json_write_member_int(&w, "i", INT64_MIN);
    auth_json_write_member_bool(&w, "b", false);
    auth_json_write_member_text(&w, "n", NULL);
    auth_json_write_member_raw(&w, "r", auth_view_from_string("[1.0]"));
    auth_json_write_key(&w, "d");
    auth_json_write_double(&w, 0.1);
    auth_json_write_key(&w, "e");
    auth_json_write_array(&w);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    assert_string_equal(
        out.p, "{\"s\":\"\\\"\\\\\\n\\u0001\\u007f\xef\xbf\xbd\xc3\xa9\",\"i\":-9223372036854775808,\"b\":false,"
               "\"n\":null,\"r\":[1.0],\"d\":0.1,\"e\":[]}");
    auth_buf_reset(&out);
    auth_json_writer_init(&w, &out, AUTH_JSON_PRETTY_CRLF);
    auth_json_write_object(&w);
    auth_json_write_member_int(&w, "a", 1);
    auth_json_write_member_int(&w, "b", 2);
    auth_json_write_end_object(&w);
    assert_string_equal(out.p, "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}");
    auth_buf_reset(&out);
    auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
    for (int i = 0; i < AUTH_JSONW_DEPTH_MAX; i++)
        auth_json_write_array(&w);
    assert_true(auth_buf_ok(&out));
    auth_json_write_array(&w);
    assert_false(auth_buf_ok(&out));
    auth_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_rows),
        cmocka_unit_test(test_json_says_where_it_went_wrong),
        cmocka_unit_test(test_json_says_how_it_was_saved),
        cmocka_unit_test(test_json_depth_32_is_the_last),
        cmocka_unit_test(test_json_duplicates_among_many_members),
        cmocka_unit_test(test_json_tree_answers_by_exact_name),
        cmocka_unit_test(test_json_raw_slices_keep_their_bytes),
        cmocka_unit_test(test_jsonw_escapes_and_indents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
