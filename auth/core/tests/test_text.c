/* Views, buffers, base64url, forms, times, redaction: rows of input and answer. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/core/b64u.h"
#include "auth/core/form.h"
#include "auth/core/text.h"
#include "auth/core/time.h"

static void test_view_int_edges(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {"1 ", false, 0},
        {"0x1", false, 0},
        {"99999999999999999999", false, 0},
        {"999999999999999999", true, 999999999999999999},
        {"12345678901234567/", false, 0},
        {"0000000000000000000000001", true, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 0;
        assert_int_equal(auth_view_int(auth_view_from_string(rows[i].text), &value), rows[i].ok);
        if (rows[i].ok)
            assert_true(value == rows[i].value);
    }
}

/* Every byte beside every other, somewhere in a text of n. */
static void compare_bytes(int at, int n)
{
    char a[20] = "", b[20] = "";
    struct auth_view left = auth_view_bytes(a, (size_t)n), right = auth_view_bytes(b, (size_t)n);
    memset(a, 'q', sizeof a);
    memset(b, 'Q', sizeof b);
    for (int pair = 0; pair < 65536; pair++) {
        int x = pair >> 8, y = pair & 255;
        bool wanted = x == y || (x < 128 && y < 128 && isalpha(x) && (x ^ y) == 0x20);
        a[at] = (char)x;
        b[at] = (char)y;
        assert_int_equal(auth_view_equals_view_nocase(left, right), wanted);
    }
}

/* At the beginning, in the midst and at the end of texts around eight bytes and twice as many. */
static void test_letters_of_any_case(void **state)
{
    (void)state;
    for (int n = 0; n <= 20; n++) {
        for (int at = 0; at < n; at++)
            compare_bytes(at, n);
    }
    assert_false(auth_view_equals_nocase(auth_view_from_string("hos"), "host"));
    assert_true(auth_view_equals_nocase(auth_view_from_string("AUTHORIZATION"), "authorization"));
}

static void test_printable_beginning(void **state)
{
    char text[20];
    (void)state;
    for (int n = 0; n <= 20; n++) {
        for (int at = 0; at < n; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memset(text, byte & 1 ? ' ' : '~', sizeof text);
                text[at] = (char)byte;
                int wanted = byte >= 0x20 && byte < 0x7f ? n : at;
                assert_int_equal(auth_text_printable(auth_view_bytes(text, (size_t)n)), wanted);
            }
        }
    }
    assert_int_equal(auth_text_printable(auth_view_bytes(NULL, 0)), 0);
}

static void test_view_search_and_line_ends(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } found[] = {{"", 0}, {"ab", 2}, {"abc", 0}, {"xabc", 1}, {"aabcabc", 1}, {"ab c", 4}, {"ABC", 3}};
    static const struct {
        const char *text;
        size_t n;
    } lines[] = {{"", 0},      {"a", 1},     {"a\n", 1},  {"a\r", 1}, {"a\r\n", 1},
                 {"a\n\n", 2}, {"a\n\r", 2}, {"\r\n", 0}, {"a ", 2}};
    (void)state;
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        struct auth_view text = auth_view_from_string(found[i].text);
        assert_int_equal(auth_view_find_text(text, "abc"), found[i].at);
        assert_int_equal(auth_view_contains(text, "abc"), found[i].at < text.n);
    }
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(auth_view_without_line_end(auth_view_from_string(lines[i].text)).n, lines[i].n);
}

static void test_hex_values(void **state)
{
    static const char digits[] = "0123456789abcdefABCDEF", others[] = "/:@G`g \xe1";
    (void)state;
    for (int i = 0; digits[i]; i++)
        assert_int_equal(auth_text_hex_value(digits[i]), i < 16 ? i : i - 6);
    for (size_t i = 0; i < sizeof others; i++)
        assert_int_equal(auth_text_hex_value(others[i]), -1);
}

/* Every byte at every place of texts of up to nine. */
static void test_sets_of_characters(void **state)
{
    static const char unreserved[] = "-._~", token[] = "!#$%&'*+-.^_`|~";
    (void)state;
    for (int i = 0; i < 256; i++) {
        char c = (char)i, text[9];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool is_unreserved = is_alnum || (c && strchr(unreserved, c)), is_token = is_alnum || (c && strchr(token, c));
        assert_int_equal(auth_text_is_unreserved(c), is_unreserved);
        for (size_t n = 1; n <= sizeof text; n++) {
            memset(text, 'a', sizeof text);
            text[n - 1] = c;
            for (size_t from = 0; from < n; from++) {
                struct auth_view view = auth_view_bytes(text + from, n - from);
                assert_int_equal(auth_text_is_of(AUTH_TEXT_UNRESERVED, view), is_unreserved);
                assert_int_equal(auth_text_is_of(AUTH_TEXT_TOKEN, auth_view_bytes(text + from, sizeof text - from)),
                                 is_token);
            }
        }
    }
    assert_true(auth_text_is_of(AUTH_TEXT_TOKEN, auth_view_from_string("")));
}

static void test_buf_cap_spoils_at_one_byte_more(void **state)
{
    struct auth_buf buf;
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        (secret ? auth_buf_init_secret : auth_buf_init)(&buf, 300);
        for (int i = 0; i < 300; i++)
            auth_buf_add_char(&buf, 'x');
        assert_int_equal(auth_buf_check(&buf, NULL), AUTH_OK);
        auth_buf_add_char(&buf, 'x');
        assert_int_equal(auth_buf_check(&buf, NULL), AUTH_E_NOMEM);
        assert_int_equal(buf.n, 300);
        assert_null(auth_buf_take(&buf, NULL));
        auth_buf_reset(&buf);
        auth_buf_addf(&buf, "%d-%s", 7, "x");
        char *taken = auth_buf_take(&buf, NULL);
        assert_string_equal(taken, "7-x");
        free(taken);
        auth_buf_clear(&buf);
    }
}

static bool holds(const struct auth_buf *buf, const char *text)
{
    return auth_view_contains(auth_view_bytes(buf->p, buf->size), text);
}

static void test_a_secret_buffer_wipes_what_was_ever_in_it(void **state)
{
    struct auth_buf buf;
    (void)state;
    auth_buf_init_secret(&buf, 4096);
    auth_buf_add_string(&buf, "the key is SECRET1");
    buf.n = 3; /* whoever cut the end off */
    auth_buf_reset(&buf);
    assert_false(holds(&buf, "SECRET1"));
    char *to = auth_buf_reserve(&buf, 100); /* reserved, written, and not committed */
    assert_non_null(to);
    memcpy(to + 50, "SECRET2", 7);
    auth_buf_reset(&buf);
    assert_false(holds(&buf, "SECRET2"));
    auth_buf_add_string(&buf, "12345678SECRET3");
    buf.n = 8;
    buf.p[8] = '\0';
    size_t size = buf.size;
    char *taken = auth_buf_take(&buf, NULL);
    assert_string_equal(taken, "12345678");
    assert_false(auth_view_contains(auth_view_bytes(taken, size), "SECRET3"));
    free(taken);
    auth_buf_init(&buf, 4096); /* what is no secret costs no wiping */
    auth_buf_add_string(&buf, "public");
    buf.n = 0;
    auth_buf_reset(&buf);
    assert_true(holds(&buf, "ublic"));
    auth_buf_clear(&buf);
}

static void test_secrets_are_equal_only_when_every_byte_is(void **state)
{
    static const struct {
        const char *given;
        bool is_equal;
    } rows[] = {{"0123456789abcdef", true},
                {"0123456789abcdeg", false},
                {"1123456789abcdef", false},
                {"0123456789abcde", false},
                {"", false},
                {"0123456789abcdef0", false},
                {"0123456789abcdef0123456789abcdef", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            auth_view_equals_secret(auth_view_from_string(rows[i].given), auth_view_from_string("0123456789abcdef")),
            rows[i].is_equal);
    assert_false(auth_view_equals_secret(auth_view_from_string("x"), auth_view_from_string("")));
    assert_true(auth_view_equals_secret(auth_view_from_string(""), auth_view_from_string("")));
}

static void test_b64u_is_canonical_only(void **state)
{
    static const struct {
        const char *text;
        enum auth_b64u_defect defect;
        const char *bytes;
    } rows[] = {
        {"", AUTH_B64U_OK, ""},
        {"Zg", AUTH_B64U_OK, "f"},
        {"Zm8", AUTH_B64U_OK, "fo"},
        {"Zm9v", AUTH_B64U_OK, "foo"},
        {"Zh", AUTH_B64U_TRAILING_BITS, NULL},
        {"Zm9", AUTH_B64U_TRAILING_BITS, NULL},
        {"Zg==", AUTH_B64U_PADDING, NULL},
        {"Zm9vZ", AUTH_B64U_LENGTH, NULL},
        {"Zm+v", AUTH_B64U_STD_ALPHABET, NULL},
        {"Zm/v", AUTH_B64U_STD_ALPHABET, NULL},
        {"Zm 9", AUTH_B64U_SPACE, NULL},
        {"Zm9v\n", AUTH_B64U_SPACE, NULL},
        {"Zm?v", AUTH_B64U_CHARACTER, NULL},
        {"Zm\xc3\xa9", AUTH_B64U_CHARACTER, NULL},
        {"_-_-", AUTH_B64U_OK, "\xff\xef\xfe"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf out;
        auth_buf_init(&out, 64);
        struct auth_view text = auth_view_from_string(rows[i].text);
        assert_int_equal(auth_b64u_check(text), rows[i].defect);
        assert_non_null(auth_b64u_defect_text(rows[i].defect));
        assert_int_equal(auth_b64u_decode(text, &out, NULL), rows[i].bytes ? AUTH_OK : AUTH_E_SYNTAX);
        if (rows[i].bytes) {
            assert_true(auth_view_equals(auth_buf_view(&out), rows[i].bytes));
            struct auth_buf back;
            auth_buf_init(&back, 64);
            auth_b64u_encode(&back, out.p, out.n);
            assert_true(auth_view_equals_view(auth_buf_view(&back), text));
            auth_buf_clear(&back);
        }
        auth_buf_clear(&out);
    }
}

static void test_form_rows(void **state)
{
    static const struct {
        const char *body;
        enum auth_rc rc;
        size_t count;
        const char *a; /* value of "a" */
    } rows[] = {
        {"", AUTH_OK, 0, ""},
        {"a=1", AUTH_OK, 1, "1"},
        {"a=1&&b=2&", AUTH_OK, 2, "1"},
        {"a", AUTH_OK, 1, ""},
        {"a=%41+b%2B", AUTH_OK, 1, "A b+"},
        {"%61=x", AUTH_OK, 1, "x"},
        {"a=b=c", AUTH_OK, 1, "b=c"},
        {"a=%c3%a9", AUTH_OK, 1, "\xc3\xa9"},
        {"a=%", AUTH_E_SYNTAX, 0, NULL},
        {"a=%4", AUTH_E_SYNTAX, 0, NULL},
        {"a=%zz", AUTH_E_SYNTAX, 0, NULL},
        {"a=%00", AUTH_E_SYNTAX, 0, NULL},
        {"a%00b=1", AUTH_E_SYNTAX, 0, NULL},
        {"a=%ff", AUTH_E_SYNTAX, 0, NULL},
        {"a=%c0%ae", AUTH_E_SYNTAX, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_form form;
        enum auth_rc rc = auth_form_parse(auth_view_from_string(rows[i].body), &form, NULL);
        if (rc != rows[i].rc)
            fail_msg("%s: %s", rows[i].body, auth_rc_text(rc));
        if (rc == AUTH_OK) {
            assert_int_equal(form.count, rows[i].count);
            assert_true(auth_view_equals(auth_form_value(&form, "a"), rows[i].a));
        }
        auth_form_clear(&form);
    }
}

static void test_form_64_fields_are_the_last_and_duplicates_are_found(void **state)
{
    struct auth_form form;
    struct auth_buf body;
    (void)state;
    auth_buf_init(&body, 4096);
    for (int i = 0; i < 64; i++)
        auth_buf_addf(&body, "%sp%d=x", i ? "&" : "", i);
    assert_int_equal(auth_form_parse(auth_buf_view(&body), &form, NULL), AUTH_OK);
    assert_int_equal(auth_form_duplicate(&form).n, 0);
    auth_form_clear(&form);
    auth_buf_add_string(&body, "&one=more");
    assert_int_equal(auth_form_parse(auth_buf_view(&body), &form, NULL), AUTH_E_TOO_BIG);
    auth_form_clear(&form);
    assert_int_equal(auth_form_parse(auth_view_from_string("a=1&b=2&%61=3"), &form, NULL), AUTH_OK);
    assert_true(auth_view_equals(auth_form_duplicate(&form), "a"));
    auth_form_clear(&form);
    auth_buf_reset(&body);
    auth_form_write(&body, auth_view_from_string("a b"), auth_view_from_string("ü&=+~"));
    assert_string_equal(body.p, "a%20b=%C3%BC%26%3D%2B~");
    auth_buf_clear(&body);
}

static const struct {
    const char *text;
    bool ok;
    int64_t epoch_s;
} time_rows[] = {
    {"1970-01-01T00:00:00Z", true, 0},
    {"2026-11-23T18:00:00Z", true, 1795456800},
    {"2000-02-29T12:00:00Z", true, 951825600},
    {"1900-02-29T12:00:00Z", false, 0},
    {"2023-02-29T12:00:00Z", false, 0},
    {"2024-12-31T23:59:59Z", true, 1735689599},
    {"2026-11-23T20:00:00+02:00", true, 1795456800},
    {"2026-11-23T18:00:00.123Z", true, 1795456800},
    {"1969-12-31T23:59:59Z", false, 0},
    {"1969-12-31T23:59:59-00:01", true, 59},
    {"1970-01-01T00:59:59+01:00", false, 0},
    {"1970-01-01T01:00:00+01:00", true, 0},
    {"9999-12-31T23:59:59Z", true, 253402300799},
    {"9999-12-31T23:59:59-00:01", false, 0},
    {"9999-12-31T23:59:59+00:01", true, 253402300739},
    {"0000-01-01T00:00:00Z", false, 0},
    {"10000-01-01T00:00:00Z", false, 0},
    {"0", true, 0},
    {"-1", false, 0},
    {"253402300799", true, 253402300799},
    {"253402300800", false, 0},
    {"9223372036854775807", false, 0},
    {"-9223372036854775808", false, 0},
    {"9223372036854775808", false, 0},
    {"2026-13-01T00:00:00Z", false, 0},
    {"2026-11-23T24:00:00Z", false, 0},
    {"2026-11-23T18:00:00", false, 0},
    {"2026-11-23", false, 0},
    {"2026-11-23T18:00:00ZZ", false, 0},
    {"1790000000", true, 1790000000},
};

static void test_time_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof time_rows / sizeof *time_rows; i++) {
        int64_t epoch_s = -7;
        if (auth_time_parse(auth_view_from_string(time_rows[i].text), &epoch_s) != time_rows[i].ok ||
            epoch_s != (time_rows[i].ok ? time_rows[i].epoch_s : -7))
            fail_msg("%s: %lld", time_rows[i].text, (long long)epoch_s);
    }
    struct auth_buf out;
    int64_t back;
    auth_buf_init(&out, 256);
    auth_time_write(&out, 253402300799);
    assert_string_equal(out.p, "9999-12-31T23:59:59Z");
    char date[AUTH_TIME_HTTP_N + 1];
    auth_time_write_http(date, 1795456800);
    assert_string_equal(date, "Mon, 23 Nov 2026 18:00:00 GMT");
    assert_true(auth_time_parse_http(auth_view_from_string(date), &back) && back == 1795456800);
    auth_time_write_http(date, 253402300799);
    assert_string_equal(date, "Fri, 31 Dec 9999 23:59:59 GMT");
    assert_false(auth_time_parse_http(auth_view_from_string("Mon, 23 Nov 2026 18:00:00 CET"), &back));
    /* the obsolete forms, and years on both sides of the two-digit line */
    assert_true(auth_time_parse_http(auth_view_from_string("Monday, 23-Nov-26 18:00:00 GMT"), &back) &&
                back == 1795456800);
    assert_true(auth_time_parse_http(auth_view_from_string("Mon Nov 23 18:00:00 2026"), &back) && back == 1795456800);
    assert_true(auth_time_parse_http(auth_view_from_string("Sun Nov  6 08:49:37 1994"), &back) && back == 784111777);
    assert_true(auth_time_parse_http(auth_view_from_string("Sunday, 06-Nov-94 08:49:37 GMT"), &back) &&
                back == 784111777);
    assert_true(auth_time_parse_http(auth_view_from_string("Thursday, 01-Jan-70 00:00:00 GMT"), &back) && back == 0);
    assert_true(auth_time_parse_http(auth_view_from_string("Tuesday, 31-Dec-69 00:00:00 GMT"), &back) &&
                back == 3155673600);
    assert_false(auth_time_parse_http(auth_view_from_string("Monday, 23-Nov-2026 18:00:00 GMT"), &back));
    assert_false(auth_time_parse_http(auth_view_from_string("Mon Nov 23 18:00:00 2026 GMT"), &back));
    assert_false(auth_time_parse_http(auth_view_from_string("Mon Nov 3 18:00:00 2026"), &back));
    assert_false(auth_time_parse_http(auth_view_from_string("Mo, 23 Nov 2026 18:00:00 GMT"), &back));
    assert_false(auth_time_parse_http(auth_view_from_string("Wed, 31 Dec 1969 23:59:59 GMT"), &back));
    assert_true(auth_time_parse_http(auth_view_from_string("Thu, 01 Jan 1970 00:00:00 GMT"), &back) && back == 0);
    auth_buf_clear(&out);
}

static void test_text_show_makes_terminal_sequences_harmless(void **state)
{
    struct auth_buf out;
    (void)state;
    auth_buf_init(&out, 256);
    auth_text_escape(&out, auth_view_from_string("a\x1b[2J\r\n\xc2\x9b\xe2\x80\xa8\xff\xc3\xa9"), 100);
    assert_string_equal(out.p, "a\\x1b[2J\\x0d\\x0a\\xc2\\x9b\\xe2\\x80\\xa8\\xff\xc3\xa9");
    auth_buf_reset(&out);
    struct {
        const char *text;
        size_t max_n;
        const char *shown;
    } cuts[] = {
        {"abc", 3, "abc"},
        {"abcd", 3, "abc..."},
        {"abc", 0, "..."},
        {"ab\xc3\xa4", 4, "ab\xc3\xa4"},
        {"ab\xc3\xa4", 3, "ab..."},
        {"ab\x01", 2, "ab..."},
        {"ab\x01", 3, "ab\\x01"},
        {"\xc3\xa4\xc3\xa4"
         "b",
         4, "\xc3\xa4\xc3\xa4..."},
    };
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        auth_buf_reset(&out);
        auth_text_escape(&out, auth_view_from_string(cuts[i].text), cuts[i].max_n);
        assert_string_equal(out.p, cuts[i].shown);
    }
    auth_buf_reset(&out);
    auth_text_escape(&out, auth_view_from_string("abcdef"), 3);
    assert_string_equal(out.p, "abc...");
    assert_int_equal(auth_text_length(auth_view_from_string("a\xc3\xa9\xf0\x9f\x98\x80")), 3);
    auth_buf_clear(&out);
}

static void test_text_show_names_what_is_not_seen(void **state)
{
    static const char *const unseen[] = {"\xd8\x9c",     "\xe2\x80\x8b", "\xe2\x80\x8f", "\xe2\x80\xaa",
                                         "\xe2\x80\xae", "\xe2\x81\xa0", "\xe2\x81\xa9", "\xef\xbb\xbf"};
    static const char *const seen[] = {"\xd8\x9b",     "\xe2\x80\x8a", "\xe2\x80\x90", "\xe2\x80\xa7",
                                       "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe2\x81\xaa", "\xef\xbb\xbe"};
    struct auth_buf out;
    (void)state;
    auth_buf_init(&out, 256);
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++) {
        auth_buf_reset(&out);
        auth_text_escape(&out, auth_view_from_string(unseen[i]), 100);
        assert_int_equal(out.n, 4 * strlen(unseen[i]));
        auth_buf_reset(&out);
        auth_text_escape(&out, auth_view_from_string(seen[i]), 100);
        assert_string_equal(out.p, seen[i]);
    }
    auth_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_int_edges),
        cmocka_unit_test(test_letters_of_any_case),
        cmocka_unit_test(test_printable_beginning),
        cmocka_unit_test(test_view_search_and_line_ends),
        cmocka_unit_test(test_hex_values),
        cmocka_unit_test(test_sets_of_characters),
        cmocka_unit_test(test_buf_cap_spoils_at_one_byte_more),
        cmocka_unit_test(test_a_secret_buffer_wipes_what_was_ever_in_it),
        cmocka_unit_test(test_secrets_are_equal_only_when_every_byte_is),
        cmocka_unit_test(test_b64u_is_canonical_only),
        cmocka_unit_test(test_form_rows),
        cmocka_unit_test(test_form_64_fields_are_the_last_and_duplicates_are_found),
        cmocka_unit_test(test_time_rows),
        cmocka_unit_test(test_text_show_makes_terminal_sequences_harmless),
        cmocka_unit_test(test_text_show_names_what_is_not_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
