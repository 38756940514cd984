/* Scopes: the grammar of SMART App Launch 2.2, and narrowing a request to a grant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/rules/scope.h"

static const struct {
    const char *text;
    bool is_scope;
    unsigned letters;
} grammar_rows[] = {
    {"system/Patient.r", true, AUTH_SCOPE_READ},
    {"system/Patient.cruds", true, 31},
    {"system/Patient.cs", true, AUTH_SCOPE_CREATE | AUTH_SCOPE_SEARCH},
    {"system/Patient.", false, 0},
    {"system/Patient", false, 0},
    {"system/Patient.sr", false, 0},
    {"system/Patient.rr", false, 0},
    {"system/Patient.dus", false, 0},
    {"system/Patient.R", false, 0},
    {"system/Patient.rsx", false, 0},
    {"system/*.rs", true, AUTH_SCOPE_READ | AUTH_SCOPE_SEARCH},
    {"system/**.rs", false, 0},
    {"system/patient.rs", false, 0},
    {"system/Pat1ent.rs", false, 0},
    {"system/Pat[ent.rs", false, 0},
    {"system/Pat~ent.rs", false, 0},
    {"system/.rs", false, 0},
    {"system/[.rs", false, 0},
    {"patient/Patient.rs", true, AUTH_SCOPE_READ | AUTH_SCOPE_SEARCH},
    {"user/Patient.rs", true, AUTH_SCOPE_READ | AUTH_SCOPE_SEARCH},
    {"system/CarePlan.rs", true, AUTH_SCOPE_READ | AUTH_SCOPE_SEARCH},
    {"systems/Patient.rs", false, 0},
    {"System/Patient.rs", false, 0},
    {"Patient.rs", false, 0},
    {"launch", false, 0},
    {"", false, 0},
    {"system/Patient.read", true, AUTH_SCOPE_READ | AUTH_SCOPE_SEARCH},
    {"system/Patient.write", true, AUTH_SCOPE_CREATE | AUTH_SCOPE_UPDATE | AUTH_SCOPE_DELETE},
    {"system/*.*", true, 31},
    {"system/Patient.reads", false, 0},
    {"system/Patient.read?a=b", false, 0},
    {"system/Observation.r?category=http://x|y", true, AUTH_SCOPE_READ},
    {"system/Observation.r?a=1&b=2", true, AUTH_SCOPE_READ},
    {"system/Observation.r?", false, 0},
    {"system/Observation.r?a", false, 0},
    {"system/Observation.r?a=", false, 0},
    {"system/Observation.r?=1", false, 0},
    {"system/Observation.r?a=1&", true, AUTH_SCOPE_READ}, /* an empty last parameter changes nothing */
    {"system/Observation.r?a=1&&b=2", false, 0},
    {"system/Observation.r?a=\"", false, 0},
    {"system/Observation.r?a=\\", false, 0},
    {"system/Observation.r?a=\t", false, 0},
    {"system/Observation.r?a=\x7f", false, 0},
    {"system/Observation.r?a=\xc3\xa9", false, 0},
};

static void test_grammar(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof grammar_rows / sizeof *grammar_rows; i++) {
        struct auth_scope scope;
        bool is_scope = auth_scope_read(auth_view_from_string(grammar_rows[i].text), &scope);
        if (is_scope != grammar_rows[i].is_scope || (is_scope && scope.letters != grammar_rows[i].letters))
            fail_msg("%s: %d", grammar_rows[i].text, is_scope);
    }
    struct auth_scope scope;
    assert_false(auth_scope_read(auth_view_bytes("system/Patient.r\0s", 18), &scope));
    assert_false(auth_scope_read(auth_view_bytes("system/P\0.rs", 12), &scope));
}

static const struct {
    const char *name, *grant, *asked, *granted;
    bool covers;
} narrow_rows[] = {
    {"the same", "system/Patient.r", "system/Patient.r", "system/Patient.r", true},
    {"another letter", "system/Patient.r", "system/Patient.s", "", false},
    {"another type", "system/Patient.r", "system/Patients.r", "", false},
    {"another context", "system/Patient.r", "user/Patient.r", "", false},
    {"less", "system/Patient.r system/Patient.s", "system/Patient.s", "system/Patient.s", false},
    {"a union", "system/Patient.r system/Patient.s", "system/Patient.rs", "system/Patient.rs", true},
    {"a union asked in parts", "system/Patient.rs", "system/Patient.r system/Patient.s",
     "system/Patient.r system/Patient.s", true},
    {"more letters", "system/Patient.r", "system/Patient.cruds", "system/Patient.r", true},
    {"one of two", "system/Patient.r", "system/Patient.r system/X.r", "system/Patient.r", true},
    {"every type", "system/A.r system/B.r system/B.s", "system/*.rs", "system/A.r system/B.rs", true},
    {"every type, less", "system/A.r system/B.r system/B.s", "system/*.s", "system/B.s", false},
    {"a type of every type", "system/*.rs", "system/Patient.r", "system/Patient.r", false},
    {"every type of every type", "system/*.rs", "system/*.r", "system/*.r", false},
    {"twice", "system/A.r", "system/A.r system/A.r", "system/A.r", true},
    {"spaces", "system/A.r", "  system/A.r  ", "system/A.r", true},
    {"v1", "system/A.r system/A.s", "system/A.read", "system/A.read", false},
    {"v1, half of it", "system/A.r", "system/A.read", "system/A.r", false},
    {"v1, all", "system/A.r system/A.s", "system/A.*", "system/A.rs", false},
    {"v1, every type", "system/A.rs system/B.r", "system/*.read", "system/A.read system/B.r", false},
    {"a filter asked", "system/A.r", "system/A.r?c=1", "system/A.r?c=1", false},
    {"a filter granted", "system/A.r?c=1", "system/A.r", "system/A.r?c=1", true},
    {"a filter granted, v1", "system/A.rs?c=1", "system/A.read", "system/A.rs?c=1", false},
    {"the same filter", "system/A.r?c=1", "system/A.r?c=1", "system/A.r?c=1", true},
    {"another filter", "system/A.r?c=1", "system/A.r?c=2", "", false},
    {"two filters", "system/A.r?c=1 system/A.r?c=2 system/A.s?c=1", "system/A.rs", "system/A.rs?c=1 system/A.r?c=2",
     true},
    {"filtered and not", "system/A.r system/A.r?c=1", "system/A.r?c=1", "system/A.r?c=1", false},
    {"nothing", "system/A.r", "", "", false},
    {"no grant", "", "system/A.r", "", true},
};

static void test_narrowing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof narrow_rows / sizeof *narrow_rows; i++) {
        static struct auth_scope_list granted, asked;
        struct auth_buf out;
        auth_buf_init(&out, AUTH_SCOPE_TEXT_MAX);
        auth_scope_list_read(auth_view_from_string(narrow_rows[i].grant), &granted);
        auth_scope_list_read(auth_view_from_string(narrow_rows[i].asked), &asked);
        assert_int_equal(granted.bad_count + asked.bad_count, 0);
        struct auth_scope_grant grant = {granted.items, granted.count};
        size_t n = auth_scope_narrow(&asked, &grant, &out);
        if (n != out.n || strcmp(out.p ? out.p : "", narrow_rows[i].granted) != 0)
            fail_msg("%s: \"%s\"", narrow_rows[i].name, out.p ? out.p : "");
        if (auth_scope_covers(&asked, &grant) != narrow_rows[i].covers)
            fail_msg("%s: covers", narrow_rows[i].name);
        auth_buf_clear(&out);
    }
}

static void test_lists(void **state)
{
    static struct auth_scope_list list;
    struct auth_buf text;
    (void)state;
    auth_scope_list_read(auth_view_from_string("openid system/A.r launch system/B.r"), &list);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.bad_count, 2);
    assert_true(auth_view_equals(list.bad, "openid"));
    auth_buf_init(&text, 8192);
    for (int i = 0; i < AUTH_SCOPES_MAX; i++)
        auth_buf_add_string(&text, "system/A.r ");
    auth_scope_list_read(auth_buf_view(&text), &list);
    assert_int_equal(list.count, AUTH_SCOPES_MAX);
    assert_false(list.is_too_long);
    auth_buf_add_string(&text, "x");
    auth_scope_list_read(auth_buf_view(&text), &list);
    assert_true(list.is_too_long);
    auth_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_narrowing),
        cmocka_unit_test(test_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
