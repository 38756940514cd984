/* What touches the machine: options, help, log lines, files; and outcomes as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/json.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"

/* ---- outcomes ---- */

static void test_every_outcome_has_a_text_and_the_first_error_stays(void **state)
{
    struct auth_err err = {0};
    (void)state;
    for (int rc = AUTH_OK; rc <= AUTH_E_INTERNAL; rc++)
        assert_true(strlen(auth_rc_text((enum auth_rc)rc)) > 3);
    assert_int_equal(auth_err_set(&err, AUTH_E_IO, "first\n%d", 1), AUTH_E_IO);
    assert_int_equal(auth_err_set(&err, AUTH_E_ARG, "second"), AUTH_E_ARG);
    assert_string_equal(err.detail, "first?1");
    auth_err_clear(&err);
    assert_int_equal(err.rc, AUTH_OK);
    assert_int_equal(auth_err_set(NULL, AUTH_E_ARG, "nobody"), AUTH_E_ARG);
}

/* ---- options ---- */

struct settings {
    bool verbose;
    const char *name;
    int64_t count;
    struct auth_opt_list items;
};

#define ROWS(s)                                                                                                        \
    {                                                                                                                  \
        {"", 0, AUTH_OPT_HEADING, NULL, "General", NULL, 0, 0},                                                        \
            {"verbose", 'v', AUTH_OPT_FLAG, NULL, "say more", &(s).verbose, 0, 0},                                     \
            {"name",                                                                                                   \
             'n',                                                                                                      \
             AUTH_OPT_STRING,                                                                                          \
             "NAME",                                                                                                   \
             "a name that needs a help text of so many words that it does not "                                        \
             "fit on one line of a terminal that is eighty columns wide",                                              \
             &(s).name,                                                                                                \
             0,                                                                                                        \
             0},                                                                                                       \
            {"a-name-that-is-far-too-long", 0, AUTH_OPT_INT, "N", "a count", &(s).count, 1, 10},                       \
            {"item", 0, AUTH_OPT_LIST, "ITEM", "an item", &(s).items, 0, 0},                                           \
            {NULL, 0, AUTH_OPT_FLAG, NULL, NULL, NULL, 0, 0},                                                          \
    }

static void test_options(void **state)
{
    static const struct {
        const char *argv[6];
        int argc;
        enum auth_rc rc;
        const char *says;
        int first_operand;
    } rows[] = {
        {{"p", "-v", "--name=x", "op"}, 4, AUTH_OK, "", 3},
        {{"p", "-n", "x", "--", "-v"}, 5, AUTH_OK, "", 4},
        {{"p", "op", "-v"}, 3, AUTH_OK, "", 1},
        {{"p", "--a-name-that-is-far-too-long", "10"}, 3, AUTH_OK, "", 3},
        {{"p", "--a-name-that-is-far-too-long=11"}, 2, AUTH_E_ARG, "11", 0},
        {{"p", "--a-name-that-is-far-too-long=0"}, 2, AUTH_E_ARG, "0", 0},
        {{"p", "--a-name-that-is-far-too-long=x"}, 2, AUTH_E_ARG, "x", 0},
        {{"p", "--item=1", "--item", "2"}, 4, AUTH_OK, "", 4},
        {{"p", "--verbos3"}, 2, AUTH_E_ARG, "--verbose", 0},
        {{"p", "--zzzzzzzz"}, 2, AUTH_E_ARG, "--zzzzzzzz", 0},
        {{"p", "-x"}, 2, AUTH_E_ARG, "-x", 0},
        {{"p", "--name"}, 2, AUTH_E_ARG, "--name", 0},
        {{"p", "--verbose=1"}, 2, AUTH_E_ARG, "--verbose", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct settings settings = {0};
        const struct auth_opt table[] = ROWS(settings);
        struct auth_err err = {0};
        char *argv[7] = {NULL};
        int first = 0;
        for (int k = 0; k < rows[i].argc; k++)
            argv[k] = strdup(rows[i].argv[k]);
        enum auth_rc rc = auth_opts_parse(rows[i].argc, argv, table, true, &first, &err);
        if (rc != rows[i].rc || !strstr(err.detail, rows[i].says) || (rc == AUTH_OK && first != rows[i].first_operand))
            fail_msg("row %zu: rc %d, first operand %d, \"%s\"", i, (int)rc, first, err.detail);
        for (int k = 0; k < rows[i].argc; k++)
            free(argv[k]);
    }
}

static void test_too_many_of_a_list_option(void **state)
{
    struct settings settings = {0};
    const struct auth_opt table[] = ROWS(settings);
    char *argv[AUTH_OPT_LIST_MAX + 3] = {NULL};
    char program[] = "p", item[] = "--item=x";
    struct auth_err err = {0};
    int first = 0;
    (void)state;
    argv[0] = program;
    for (int i = 1; i <= AUTH_OPT_LIST_MAX + 1; i++)
        argv[i] = item;
    assert_int_equal(auth_opts_parse(AUTH_OPT_LIST_MAX + 1, argv, table, true, &first, &err), AUTH_OK);
    assert_int_equal(settings.items.count, AUTH_OPT_LIST_MAX);
    memset(&settings, 0, sizeof settings);
    assert_int_equal(auth_opts_parse(AUTH_OPT_LIST_MAX + 2, argv, table, true, &first, &err), AUTH_E_ARG);
    assert_non_null(strstr(err.detail, "at most 64"));
}

static void test_help_fits_the_terminal(void **state)
{
    struct settings settings = {0};
    const struct auth_opt table[] = ROWS(settings);
    char text[4096] = "";
    FILE *file = fmemopen(text, sizeof text - 1, "w");
    (void)state;
    assert_non_null(file);
    auth_opts_help(file, table);
    fclose(file);
    assert_non_null(strstr(text, "\nGeneral:\n"));
    assert_non_null(strstr(text, "  -n, --name NAME"));
    assert_non_null(strstr(text, "      --item ITEM"));
    struct auth_view rest = auth_view_of(text);
    while (rest.n)
        assert_in_range(auth_view_cut(&rest, '\n').n, 0, 80);
}

/* ---- log ---- */

static void read_all(int fd, struct auth_buf *out)
{
    auth_buf_init(out, 65536);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(auth_file_read_fd(fd, out, NULL), AUTH_OK);
}

static void test_log_lines(void **state)
{
    char path[] = "/tmp/test_host.XXXXXX";
    int fd = mkstemp(path);
    struct auth_log log = {AUTH_LOG_INFO, AUTH_LOG_TEXT, fd, "program", auth_env_system()};
    struct auth_buf text;
    char longest[9000];
    (void)state;
    assert_true(fd >= 0);
    unlink(path);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    auth_log_write(NULL, AUTH_LOG_ERROR, "nobody hears");
    auth_log_write(&log, AUTH_LOG_DEBUG, "too quiet");
    auth_log_write(&log, AUTH_LOG_INFO, "line with a\ttab and \"quotes\"");
    log.format = AUTH_LOG_JSON;
    auth_log_write(&log, AUTH_LOG_WARN, "client_secret=topsecret and \"quotes\"");
    auth_log_write(&log, AUTH_LOG_ERROR, "%s%s%s%s%s%s%s%s", longest, longest, longest, longest, longest, longest,
                   longest, longest);
    read_all(fd, &text);
    close(fd);
    struct auth_view rest = auth_buf_view(&text);
    struct auth_view first = auth_view_cut(&rest, '\n'), second = auth_view_cut(&rest, '\n'),
                     third = auth_view_cut(&rest, '\n');
    assert_int_equal(rest.n, 0);
    assert_true(auth_view_starts(first, "program: "));
    struct auth_json *doc = NULL;
    assert_int_equal(auth_json_parse(second, &doc, NULL), AUTH_OK);
    const struct auth_json_node *root = auth_json_root(doc);
    assert_true(auth_view_is(auth_json_member_string(root, "level"), "warn"));
    assert_true(auth_view_is(auth_json_member_string(root, "program"), "program"));
    assert_true(auth_view_is(auth_json_member_string(root, "message"), "client_secret=[redacted] and \"quotes\""));
    auth_json_free(doc);
    assert_int_equal(auth_json_check(third, NULL), AUTH_OK);
    auth_buf_clear(&text);
}

/* ---- files ---- */

static void test_files(void **state)
{
    char directory[] = "/tmp/test_host.XXXXXX", path[128], link_path[128];
    struct auth_err err = {0};
    struct auth_buf text;
    struct stat info;
    char **names = NULL;
    size_t count = 0;
    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    snprintf(link_path, sizeof link_path, "%s/link", directory);
    assert_int_equal(auth_file_write(path, auth_view_of("12345"), 0600, AUTH_FILE_NEW_ONLY, &err), AUTH_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_false(auth_file_is_exposed(path));
    assert_int_equal(auth_file_write(path, auth_view_of("x"), 0644, AUTH_FILE_NEW_ONLY, &err), AUTH_E_EXISTS);
    assert_int_equal(auth_file_write(path, auth_view_of("123456"), 0644, AUTH_FILE_REPLACE, NULL), AUTH_OK);
    assert_true(auth_file_is_exposed(path));

    auth_buf_init(&text, 5);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_E_TOO_BIG);
    auth_buf_clear(&text);
    auth_buf_init(&text, 6);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_OK);
    assert_string_equal(text.p, "123456");
    auth_buf_clear(&text);
    assert_int_equal(auth_file_read(directory, &text, NULL), AUTH_E_IO);
    assert_int_equal(auth_file_read("/nowhere/at/all", &text, NULL), AUTH_E_NOT_FOUND);
    auth_err_clear(&err);
    assert_int_equal(auth_file_write("/nowhere/at/all", auth_view_of("x"), 0600, AUTH_FILE_REPLACE, &err),
                     AUTH_E_NOT_FOUND);
    assert_non_null(strstr(err.detail, "/nowhere/at/all"));
    assert_int_not_equal(auth_file_write("/proc/file", auth_view_of("x"), 0600, AUTH_FILE_REPLACE, NULL), AUTH_OK);

    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(auth_file_names(directory, &names, &count, NULL), AUTH_OK);
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "file");
    assert_string_equal(names[1], "link");
    auth_file_names_free(names, count);
    assert_int_equal(auth_file_names("/nowhere", &names, &count, NULL), AUTH_E_NOT_FOUND);
    assert_true(auth_file_is_directory(directory));
    assert_false(auth_file_is_directory(path));
    unlink(link_path);
    unlink(path);
    rmdir(directory);
}

/* ---- corners of text and JSON ---- */

static void test_times_out_of_bounds(void **state)
{
    static const char *const bad[] = {
        "2026-11-24T00:00:00+24:00",
        "2026-11-24T00:00:00+01:60",
        "2026-11-24T00:00:00",
        "2026-02-30T00:00:00Z",
        "2026-11-24T00:00:00.Z",
        "2026-11-24T00:00:00+1",
        "2026",
        "",
        "2026-1-24T00:00:00Z",
    };
    static const char *const bad_dates[] = {
        "Mon, 23 Nov 2026 18:00:00",      "Mon, 23 Nox 2026 18:00:00 GMT", "Mon, 31 Nov 2026 18:00:00 GMT", "",
        "Monday, 23-Nov-26 18:00:00 GMT", "Mon, 2x Nov 2026 18:00:00 GMT",
    };
    char date[AUTH_TEXT_HTTP_DATE_N + 1];
    struct auth_buf out;
    int64_t epoch_s;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (strcmp(bad[i], "2026") != 0 && auth_text_parse_time(auth_view_of(bad[i]), &epoch_s))
            fail_msg("taken for a time: %s", bad[i]);
    }
    for (size_t i = 0; i < sizeof bad_dates / sizeof *bad_dates; i++) {
        if (auth_text_parse_http_date(auth_view_of(bad_dates[i]), &epoch_s))
            fail_msg("taken for a date: %s", bad_dates[i]);
    }
    auth_buf_init(&out, 64);
    auth_text_time(&out, INT64_MAX);
    assert_string_equal(out.p, "9223372036854775807");
    auth_buf_clear(&out);
    auth_text_http_date(date, INT64_MAX);
    assert_string_equal(date, "Fri, 31 Dec 9999 23:59:59 GMT");
    auth_text_http_date(date, INT64_MIN);
    assert_string_equal(date, "Sat, 01 Jan 0000 00:00:00 GMT");
    assert_false(auth_text_is_utf8(auth_view_of("12345678\xe2\x82")));
    assert_false(auth_text_is_utf8(auth_view_of("\xf0\x80\x80\x80")));
    assert_false(auth_text_is_utf8(auth_view_of("\xe2\x82x")));
    assert_true(auth_text_is_utf8(auth_view_of("12345678\xe2\x82\xac 12345678")));
}

static void test_json_numbers_are_written_so_that_they_read_back(void **state)
{
    static const double numbers[] = {0.1, 1e300, 5e-324, 0.1 + 0.2, -0.0, 1.0 / 3};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct auth_buf out;
        struct auth_jsonw w;
        auth_buf_init(&out, 64);
        auth_jsonw_init(&w, &out, AUTH_JSON_COMPACT);
        auth_jsonw_double(&w, numbers[i]);
        assert_true(strtod(out.p, NULL) == numbers[i]);
        auth_buf_clear(&out);
    }
    struct auth_buf out;
    struct auth_jsonw w;
    auth_buf_init(&out, 64);
    auth_jsonw_init(&w, &out, AUTH_JSON_COMPACT);
    auth_jsonw_double(&w, strtod("inf", NULL));
    assert_false(auth_buf_ok(&out));
    auth_buf_clear(&out);
    auth_buf_init(&out, 4096);
    auth_jsonw_init(&w, &out, AUTH_JSON_COMPACT);
    for (int i = 0; i <= AUTH_JSONW_DEPTH_MAX; i++)
        auth_jsonw_array(&w);
    assert_false(auth_buf_ok(&out));
    auth_buf_clear(&out);
    assert_int_equal(auth_json_check(auth_view_of("\"\\u00DF\\u00df\""), NULL), AUTH_OK);
    assert_int_equal(auth_json_check(auth_view_of("{\"a\\x\":1}"), NULL), AUTH_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_has_a_text_and_the_first_error_stays),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_too_many_of_a_list_option),
        cmocka_unit_test(test_help_fits_the_terminal),
        cmocka_unit_test(test_log_lines),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_times_out_of_bounds),
        cmocka_unit_test(test_json_numbers_are_written_so_that_they_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
