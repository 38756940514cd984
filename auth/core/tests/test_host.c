/* What touches the machine: log lines; and outcomes as text. */
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
#include "auth/core/text.h"
#include "auth/core/time.h"

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

/* ---- log ---- */

static void read_all(int fd, struct auth_buf *out)
{
    auth_buf_init(out, 65536);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(auth_file_read_fd(fd, out, NULL), AUTH_OK);
}

static void test_a_long_detail_keeps_its_cause(void **state)
{
    char path[9000];
    (void)state;
    memset(path, 'x', sizeof path);
    for (size_t n = 250; n < 400; n++) {
        struct auth_err err = {0};
        auth_err_set(&err, AUTH_E_IO, "%.*s: no such file", (int)n, path);
        size_t whole = n + strlen(": no such file");
        assert_int_equal(strlen(err.detail), whole < AUTH_ERR_DETAIL_N ? whole : AUTH_ERR_DETAIL_N - 1);
        assert_string_equal(strstr(err.detail, ": "), ": no such file");
        assert_int_equal(strstr(err.detail, "...") != NULL, whole >= AUTH_ERR_DETAIL_N);
    }
    struct auth_err err = {0};
    auth_err_set(&err, AUTH_E_IO, "a\n%.*s", (int)sizeof path, path);
    assert_int_equal(strlen(err.detail), AUTH_ERR_DETAIL_N - 1);
    assert_memory_equal(err.detail, "a?x", 3);
}

static void test_log_lines(void **state)
{
    char path[] = "/tmp/test_host.XXXXXX";
    int fd = mkstemp(path);
    struct auth_log log = {.level = AUTH_LOG_INFO, .program = "program", .env = auth_env_system()};
    struct auth_buf text;
    char longest[9000];
    (void)state;
    assert_true(fd >= 0);
    unlink(path);
    auth_log_write(&log, AUTH_LOG_ERROR, "not started");
    auth_log_end(&log);
    assert_int_equal(auth_log_start(&log, fd), AUTH_OK);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    auth_log_write(NULL, AUTH_LOG_ERROR, "nobody hears");
    auth_log_write(&log, AUTH_LOG_DEBUG, "too quiet");
    auth_log_write(&log, AUTH_LOG_INFO, "line with a\ttab and \"quotes\"");
    log.format = AUTH_LOG_JSON;
    auth_log_write(&log, AUTH_LOG_WARN, "client_secret=topsecret and \"quotes\"");
    auth_log_write(&log, AUTH_LOG_ERROR, "%s%s%s%s%s%s%s%s", longest, longest, longest, longest, longest, longest,
                   longest, longest);
    read_all(fd, &text); /* a file has it at once */
    auth_log_end(&log);
    close(fd);
    struct auth_view rest = auth_buf_view(&text);
    struct auth_view first = auth_view_split(&rest, '\n'), second = auth_view_split(&rest, '\n'),
                     third = auth_view_split(&rest, '\n');
    assert_int_equal(rest.n, 0);
    assert_true(auth_view_starts(first, "program: "));
    struct auth_json *doc = NULL;
    assert_int_equal(auth_json_parse(second, &doc, NULL), AUTH_OK);
    const struct auth_json_node *root = auth_json_root(doc);
    assert_true(auth_view_equals(auth_json_member_string(root, "level"), "warn"));
    assert_true(auth_view_equals(auth_json_member_string(root, "program"), "program"));
    assert_true(auth_view_equals(auth_json_member_string(root, "message"), "client_secret=[redacted] and \"quotes\""));
    auth_json_free(doc);
    assert_int_equal(auth_json_check(third, NULL), AUTH_OK);
    auth_buf_clear(&text);
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
        "Mon, 23 Nov 2026 18:00:00",       "Mon, 23 Nox 2026 18:00:00 GMT", "Mon, 31 Nov 2026 18:00:00 GMT", "",
        "Monday, 23-Nov-026 18:00:00 GMT", "Mon, 2x Nov 2026 18:00:00 GMT",
    };
    char date[AUTH_TIME_HTTP_N + 1];
    struct auth_buf out;
    int64_t epoch_s;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (strcmp(bad[i], "2026") != 0 && auth_time_parse(auth_view_from_string(bad[i]), &epoch_s))
            fail_msg("taken for a time: %s", bad[i]);
    }
    for (size_t i = 0; i < sizeof bad_dates / sizeof *bad_dates; i++) {
        if (auth_time_parse_http(auth_view_from_string(bad_dates[i]), &epoch_s))
            fail_msg("taken for a date: %s", bad_dates[i]);
    }
    auth_buf_init(&out, 64);
    auth_time_write(&out, INT64_MAX);
    assert_string_equal(out.p, "9223372036854775807");
    auth_buf_clear(&out);
    auth_time_write_http(date, INT64_MAX);
    assert_string_equal(date, "Fri, 31 Dec 9999 23:59:59 GMT");
    auth_time_write_http(date, INT64_MIN);
    assert_string_equal(date, "Sat, 01 Jan 0000 00:00:00 GMT");
    assert_false(auth_text_is_utf8(auth_view_from_string("12345678\xe2\x82")));
    assert_false(auth_text_is_utf8(auth_view_from_string("\xf0\x80\x80\x80")));
    assert_false(auth_text_is_utf8(auth_view_from_string("\xe2\x82x")));
    assert_true(auth_text_is_utf8(auth_view_from_string("12345678\xe2\x82\xac 12345678")));
}

static void test_json_numbers_are_written_so_that_they_read_back(void **state)
{
    static const double numbers[] = {0.1, 1e300, 5e-324, 0.1 + 0.2, -0.0, 1.0 / 3};
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct auth_buf out;
        struct auth_json_writer w;
        auth_buf_init(&out, 64);
        auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
        auth_json_write_double(&w, numbers[i]);
        assert_true(strtod(out.p, NULL) == numbers[i]);
        auth_buf_clear(&out);
    }
    struct auth_buf out;
    struct auth_json_writer w;
    auth_buf_init(&out, 64);
    auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
    auth_json_write_double(&w, strtod("inf", NULL));
    assert_false(auth_buf_ok(&out));
    auth_buf_clear(&out);
    auth_buf_init(&out, 4096);
    auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
    for (int i = 0; i <= AUTH_JSONW_DEPTH_MAX; i++)
        auth_json_write_array(&w);
    assert_false(auth_buf_ok(&out));
    auth_buf_clear(&out);
    assert_int_equal(auth_json_check(auth_view_from_string("\"\\u00DF\\u00df\""), NULL), AUTH_OK);
    assert_int_equal(auth_json_check(auth_view_from_string("{\"a\\x\":1}"), NULL), AUTH_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_outcome_has_a_text_and_the_first_error_stays),
        cmocka_unit_test(test_a_long_detail_keeps_its_cause),
        cmocka_unit_test(test_log_lines),
        cmocka_unit_test(test_times_out_of_bounds),
        cmocka_unit_test(test_json_numbers_are_written_so_that_they_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
