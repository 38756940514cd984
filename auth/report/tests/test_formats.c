/* Results in each format. The other tests of this folder give what this program writes to other people's readers:
 * "test_formats FORMAT" prints a run that has one case of each result, with hostile texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/json.h"
#include "auth/report/formats.h"
#include "auth/report/wrap.h"

#define HOSTILE "a & b < c > \"d\" 'e' # f \\ ]]> \x1b[31m \xff \xe2\x80\xae line\nend \xc3\xa9"

static const struct auth_results_about about = {
    .tool = "epic-conformance",
    .version = "1",
    .command = "epic-conformance server",
    .profile = "epic",
    .seed = "7",
    .date_s = 1790000000,
};

static struct auth_view v(const char *text)
{
    return auth_view_from_string(text);
}

/* One case of each result, in two groups, each with hostile texts. */
static struct auth_results *make(void)
{
    struct auth_results *results;
    if (auth_results_new(&about, &results) != AUTH_OK)
        abort();
    for (int r = 0; r < AUTH_CASE_RESULTS; r++) {
        char id[64];
        (void)snprintf(id, sizeof id, "case_%s", auth_case_result_text((enum auth_case_result)r));
        struct auth_case one = {
            .id = v(r == AUTH_CASE_ERROR ? "case_error " HOSTILE : id),
            .group = v(r < AUTH_CASE_SKIP ? "token" : "fhir " HOSTILE),
            .result = (enum auth_case_result)r,
            .because = v(r == AUTH_CASE_PASS ? "" : "because " HOSTILE),
            .expected = v("expected " HOSTILE),
            .actual = v("actual " HOSTILE),
            .fix = v("fix"),
            .source = v("R RFC 7519 4.1.4"),
            .again = v("epic-conformance server --only case"),
            .evidence = {v("17"), v("18")},
            .evidence_count = 2,
            .took_us = r == AUTH_CASE_SKIP ? -1 : 1500000 + r,
        };
        if (auth_results_add(results, &one) != AUTH_OK)
            abort();
    }
    return results;
}

static void write_in(const char *name, struct auth_results_style style, struct auth_buf *out)
{
    enum auth_results_format format = AUTH_RESULTS_TABLE;
    struct auth_results *results = make();
    if (!auth_results_format_named(v(name), &format))
        abort();
    auth_buf_init(out, 1024 * 1024);
    auth_results_write(results, format, style, out);
    auth_results_free(results);
    if (!auth_buf_ok(out))
        abort();
}

static void test_outcome(void **state)
{
    static const struct {
        enum auth_case_result results[3];
        enum auth_results_outcome outcome;
    } rows[] = {
        {{AUTH_CASE_PASS, AUTH_CASE_WARN, AUTH_CASE_SKIP}, AUTH_RESULTS_CONFORMANT},
        {{AUTH_CASE_PASS, AUTH_CASE_NOT_EXERCISED, AUTH_CASE_PASS}, AUTH_RESULTS_CONFORMANT},
        {{AUTH_CASE_PASS, AUTH_CASE_BLOCKED, AUTH_CASE_PASS}, AUTH_RESULTS_INCOMPLETE},
        {{AUTH_CASE_PASS, AUTH_CASE_ERROR, AUTH_CASE_PASS}, AUTH_RESULTS_INCOMPLETE},
        {{AUTH_CASE_FAIL, AUTH_CASE_ERROR, AUTH_CASE_BLOCKED}, AUTH_RESULTS_FINDINGS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_results *results;
        assert_int_equal(auth_results_new(&about, &results), AUTH_OK);
        for (size_t r = 0; r < 3; r++)
            assert_int_equal(auth_results_add(results, &(struct auth_case){.id = v("x"), .result = rows[i].results[r]}),
                             AUTH_OK);
        assert_int_equal(auth_results_outcome(results), rows[i].outcome);
        assert_int_equal(auth_results_groups(results), 1);
        assert_true(auth_view_equals(auth_results_group(results, 0), "epic-conformance")); /* without one: the tool */
        auth_results_free(results);
    }
}

/* More cases and groups than were made space for at first, all still there. */
static void test_many(void **state)
{
    enum { MANY = 1000 };
    struct auth_results *results;
    char id[32], group[32];
    (void)state;
    assert_int_equal(auth_results_new(&about, &results), AUTH_OK);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(id, sizeof id, "case %d", i);
        (void)snprintf(group, sizeof group, "group %d", i % 100);
        assert_int_equal(auth_results_add(results, &(struct auth_case){.id = v(id), .group = v(group)}), AUTH_OK);
    }
    assert_int_equal(auth_results_count(results), MANY);
    assert_int_equal(auth_results_groups(results), 100);
    assert_true(auth_view_equals(auth_results_get(results, 777).id, "case 777"));
    assert_true(auth_view_equals(auth_results_group(results, 77), "group 77"));
    assert_true(auth_results_is_in(results, 777, 77) && !auth_results_is_in(results, 777, 76));
    auth_results_free(results);
}

/* No format lets a control byte through to a terminal, and JSON is JSON. */
static void test_hostile_texts(void **state)
{
    static const char *const names[] = {"table", "tap", "tap13", "junit", "json", "ctrf", "sarif", "html"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct auth_buf out;
        struct auth_err err = {0};
        write_in(names[i], (struct auth_results_style){.shows_all = true}, &out);
        for (size_t b = 0; b < out.n; b++)
            assert_true(out.p[b] == '\n' || (unsigned char)out.p[b] >= ' ');
        if (strcmp(names[i], "json") == 0 || strcmp(names[i], "ctrf") == 0 || strcmp(names[i], "sarif") == 0)
            assert_int_equal(auth_json_check(auth_buf_view(&out), &err), AUTH_OK);
        auth_buf_clear(&out);
    }
    enum auth_results_format format;
    assert_false(auth_results_format_named(v("xml"), &format));
    assert_false(auth_results_format_named(v(""), &format));
}

/* With a width no line is wider, apart from words that are; without one nothing is broken. */
static void test_width(void **state)
{
    static const struct {
        unsigned at, indent, width;
        const char *text, *wrapped;
    } rows[] = {
        {0, 2, 0, "aa bb cc", "aa bb cc"},
        {0, 2, 8, "aa bb cc", "aa bb cc"},
        {0, 2, 7, "aa bb cc", "aa bb\n  cc"},
        {1, 2, 8, "aa bb cc", "aa bb\n  cc"},
        {0, 0, 3, "aaaa bb c", "aaaa\nbb\nc"},
        {0, 1, 4, "\xc3\xa9\xc3\xa9 b c", "\xc3\xa9\xc3\xa9 b\n c"},
        {5, 2, 8, "aaaa b", "\n  aaaa b"},
        {2, 2, 3, "aaaa", "aaaa"},
        {0, 0, 4, "", ""},
    };
    struct auth_buf out;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        auth_buf_init(&out, 1024);
        auth_wrap(&out, rows[i].at, rows[i].indent, rows[i].width, v(rows[i].text));
        assert_string_equal(out.n ? out.p : "", rows[i].wrapped);
        auth_buf_clear(&out);
    }
    write_in("table", (struct auth_results_style){.width = 80}, &out);
    for (struct auth_view rest = auth_buf_view(&out); rest.n;)
        assert_in_range(auth_view_split(&rest, '\n').n, 0, 120); /* the escaped word of the hostile id is long */
    auth_buf_clear(&out);
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        struct auth_buf out;
        write_in(argv[1], (struct auth_results_style){.shows_all = true}, &out);
        fwrite(out.p, 1, out.n, stdout);
        auth_buf_clear(&out);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcome),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_hostile_texts),
        cmocka_unit_test(test_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
