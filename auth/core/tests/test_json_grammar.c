/* The grammar of JSON alone: what it takes, what it refuses, and that the strict reader takes nothing that it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/json.h"

static const char *const good[] = {
    "{}",
    "[]",
    "\"\"",
    "0",
    "-0",
    "1.5e+3",
    " \t\r\n1 ",
    "true",
    "false",
    "null",
    "1e400",
    "[1,2,[3]]",
    "\"\xff\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "{\"a\":1,\"a\":[{\"b\":\"]}\"},{}]}",
    "[[],{},[{}]]",
    "{ \"a\" : { } , \"b\" : [ 1 , 2 ] }",
};
static const char *const bad[] = {
    "",        " ",         "{",         "[",          "[1",          "[1,",    "[1,]",  "{\"a\"",
    "{\"a\":", "{\"a\":1",  "{\"a\":1,", "{\"a\":1,}", "{a:1}",       "{,}",    "[,]",   "\"",
    "\"\\",    "\"\\\"",    "\"\\x\"",   "\"\\u12\"",  "\"\\u12g4\"", "\"\n\"", "01",    "-",
    "1.",      ".5",        "1e",        "1e+",        "+1",          "tru",    "truex", "nul",
    "[1 2]",   "{\"a\" 1}", "[}",        "{]",         "1 2",         "{} {}",  "[1]]",  "\xef\xbb\xbf{}",
    "'a'",     "<html>",    "NaN",       "Infinity",   "// x",
};

static void test_what_is_json(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct auth_err err = {0};
        if (auth_json_check_grammar(auth_view_from_string(good[i]), &err) != AUTH_OK)
            fail_msg("%s: %s", good[i], err.detail);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (auth_json_check_grammar(auth_view_from_string(bad[i]), NULL) != AUTH_E_SYNTAX)
            fail_msg("%s is taken", bad[i]);
    }
    assert_int_equal(auth_json_check_grammar(auth_view_bytes("{}\0", 3), NULL), AUTH_E_SYNTAX);
    assert_int_equal(auth_json_check_grammar(auth_view_bytes("\"\0\"", 3), NULL), AUTH_E_SYNTAX);
}

static void test_any_cut_is_seen(void **state)
{
    static const char text[] = "{\"a\":[1.5e3,true,\"x\\u00e9\\n\"],\"b\":{\"c\":null}}";
    (void)state;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        struct auth_err err = {0};
        assert_int_equal(auth_json_check_grammar(auth_view_bytes(text, n), &err), AUTH_E_SYNTAX);
        if (!strstr(err.detail, "ends too early"))
            fail_msg("%zu bytes: %s", n, err.detail);
    }
}

static void test_no_depth_is_too_deep(void **state)
{
    enum { DEEP = 1000000 };
    struct auth_buf text;
    (void)state;
    auth_buf_init(&text, 4 * DEEP);
    for (int i = 0; i < DEEP; i++)
        auth_buf_add_char(&text, '[');
    assert_int_equal(auth_json_check_grammar(auth_buf_view(&text), NULL), AUTH_E_SYNTAX);
    for (int i = 0; i < DEEP; i++)
        auth_buf_add_char(&text, ']');
    assert_int_equal(auth_json_check_grammar(auth_buf_view(&text), NULL), AUTH_OK);
    auth_buf_clear(&text);
}

/* Over texts one or two bytes off from good ones: the strict reader takes no text that has not the grammar. */
static void test_the_strict_reader_takes_nothing_else(void **state)
{
    static const char bytes[] = "{}[]\",:\\0-.eun x\n\xff";
    size_t both = 0;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        size_t n = strlen(good[i]);
        for (size_t at = 0; at < n * n * sizeof bytes; at++) {
            char text[64];
            memcpy(text, good[i], n);
            text[at % n] = bytes[at / n % sizeof bytes];
            text[at / n / sizeof bytes % n] = bytes[at % sizeof bytes];
            struct auth_view view = auth_view_bytes(text, n);
            bool is_strict = auth_json_check(view, NULL) == AUTH_OK;
            both += is_strict;
            if (is_strict && auth_json_check_grammar(view, NULL) != AUTH_OK)
                fail_msg("%.*s", (int)n, text);
        }
    }
    assert_true(both > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_json),
        cmocka_unit_test(test_any_cut_is_seen),
        cmocka_unit_test(test_no_depth_is_too_deep),
        cmocka_unit_test(test_the_strict_reader_takes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
