/* Values of searches: dates with any precision and prefix, tokens, references, text and sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/data/value.h"

static struct auth_view v(const char *text)
{
    return auth_view_from_string(text);
}

static const int64_t us = 1000000;

static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t start_s, length_s;
    } rows[] = {
        {"1970", 0, 365 * 86400},
        {"1972", 2 * 365 * 86400, 366 * 86400},
        {"1970-02", 31 * 86400, 28 * 86400},
        {"1972-02", (2 * 365 + 31) * 86400, 29 * 86400},
        {"1970-12", 334 * 86400, 31 * 86400},
        {"1970-01-01", 0, 86400},
        {"1969-12-31", -86400, 86400},
        {"1970-01-01T00:00", 0, 60},
        {"1970-01-01T00:00:01", 1, 1},
        {"1970-01-01T00:00:01Z", 1, 1},
        {"1970-01-01T01:00:00+01:00", 0, 1},
        {"1970-01-01T00:00:00-05:30", 19800, 1},
        {"2024-02-29", 1709164800, 86400},
        {"2000-02-29", 951782400, 86400},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_interval interval;
        if (!mock_date_read(v(rows[i].text), &interval) || interval.start != rows[i].start_s * us ||
            interval.end - interval.start != rows[i].length_s * us)
            fail_msg("%s", rows[i].text);
    }
    struct mock_interval fraction;
    assert_true(mock_date_read(v("1970-01-01T00:00:00.25Z"), &fraction));
    assert_true(fraction.start == 250000 && fraction.end == 260000);
    assert_true(mock_date_read(v("1970-01-01T00:00:00.1234567Z"), &fraction));
    assert_true(fraction.start == 123456 && fraction.end == 123457);
}

static void test_what_is_no_date(void **state)
{
    static const char *const rows[] = {"",
                                       "19",
                                       "0000",
                                       "1970-",
                                       "1970-13",
                                       "1970-00",
                                       "1970-1-1",
                                       "1970-01-32",
                                       "1970-04-31",
                                       "2023-02-29",
                                       "1900-02-29",
                                       "1970-01-01T",
                                       "1970-01-01T1",
                                       "1970-01-01T24:00",
                                       "1970-01-01T00:60",
                                       "1970-01-01T00:00:61",
                                       "1970-01-01T00:00:00.",
                                       "1970-01-01T00:00:00 01:00",
                                       "1970-01-01T00:00:00+1",
                                       "1970-01-01T00:00:00+15:00",
                                       "1970-01-01T00:00:00Zx",
                                       "1970-01-01 00:00",
                                       "x",
                                       "1970x"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_interval interval;
        if (mock_date_read(v(rows[i]), &interval))
            fail_msg("%s", rows[i]);
    }
}

/* A day in a year: what each prefix finds, for values before, at, around and after. */
static void test_prefixes(void **state)
{
    static const char *const values[] = {"2023-12-31", "2024-01-01", "2024-06-01", "2024-12-31", "2025-01-01"};
    static const struct {
        const char *prefix;
        const char *found; /* for each value, against 2024 */
    } rows[] = {{"eq", "01110"}, {"ne", "10001"}, {"gt", "00001"}, {"lt", "10000"}, {"ge", "01111"},
                {"le", "11110"}, {"sa", "00001"}, {"eb", "10000"}, {"", "01110"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[16];
        struct mock_interval wanted, there;
        snprintf(text, sizeof text, "%s2024", rows[i].prefix);
        struct auth_view value = v(text);
        enum mock_prefix prefix = mock_prefix_cut(&value);
        assert_true(mock_date_read(value, &wanted));
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            assert_true(mock_date_read(v(values[k]), &there));
            if (mock_date_matches(prefix, wanted, there, 0) != (rows[i].found[k] == '1'))
                fail_msg("%s of %s", text, values[k]);
        }
    }
}

/* What reaches over the end of what is wanted. */
static void test_long_values(void **state)
{
    struct mock_interval day, year, open = {INT64_MIN, INT64_MAX};
    (void)state;
    assert_true(mock_date_read(v("2024-06-01"), &day));
    assert_true(mock_date_read(v("2024"), &year));
    assert_false(mock_date_matches(MOCK_EQ, day, year, 0));
    assert_true(mock_date_matches(MOCK_GT, day, year, 0));
    assert_true(mock_date_matches(MOCK_LT, day, year, 0));
    assert_false(mock_date_matches(MOCK_SA, day, year, 0));
    assert_true(mock_date_matches(MOCK_GT, day, open, 0));
    assert_true(mock_date_matches(MOCK_LT, day, open, 0));
    assert_false(mock_date_matches(MOCK_EQ, day, open, 0));
    assert_true(mock_date_matches(MOCK_AP, day, year, day.start));
    assert_false(mock_date_matches(MOCK_AP, (struct mock_interval){0, us}, year, 0));
}

static void test_lists(void **state)
{
    struct auth_view list = v("a,b\\,c,,d\\\\,e");
    char text[16];
    (void)state;
    assert_true(auth_view_equals(mock_value_split(&list), "a"));
    struct auth_view second = mock_value_split(&list);
    assert_true(auth_view_equals(second, "b\\,c"));
    assert_true(auth_view_equals(mock_value_unescape(second, text), "b,c"));
    assert_true(auth_view_equals(mock_value_split(&list), ""));
    assert_true(auth_view_equals(mock_value_unescape(mock_value_split(&list), text), "d\\"));
    assert_true(auth_view_equals(mock_value_split(&list), "e"));
    assert_int_equal(list.n, 0);
    list = v("a\\");
    assert_true(auth_view_equals(mock_value_split(&list), "a\\"));
    assert_true(auth_view_equals(mock_value_unescape(v("a\\"), text), "a\\"));
}

static void test_tokens(void **state)
{
    struct mock_token token = mock_token_read(v("code"));
    (void)state;
    assert_true(!token.has_system && token.has_code && auth_view_equals(token.code, "code"));
    token = mock_token_read(v("sys|code"));
    assert_true(token.has_system && auth_view_equals(token.system, "sys") && auth_view_equals(token.code, "code"));
    token = mock_token_read(v("|code"));
    assert_true(token.has_system && token.system.n == 0 && token.has_code);
    token = mock_token_read(v("sys|"));
    assert_true(token.has_system && !token.has_code);
    token = mock_token_read(v("a\\|b"));
    assert_true(!token.has_system && auth_view_equals(token.code, "a\\|b"));
}

static void test_references(void **state)
{
    static const struct {
        const char *text, *base, *type, *id;
    } rows[] = {
        {"x", "", "", "x"},
        {"Patient/x", "", "Patient", "x"},
        {"Patient/x/_history/2", "", "Patient", "x"},
        {"https://a.example/b/Patient/x", "https://a.example/b", "Patient", "x"},
        {"", "", "", ""},
        {"/x", "", "", "x"},
        {"Patient/", "", "Patient", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_reference reference = mock_reference_read(v(rows[i].text));
        if (!auth_view_equals(reference.base, rows[i].base) || !auth_view_equals(reference.type, rows[i].type) ||
            !auth_view_equals(reference.id, rows[i].id))
            fail_msg("%s", rows[i].text);
    }
}

static void test_folding(void **state)
{
    static const struct {
        const char *text, *folded;
    } rows[] = {
        {"O'Brien", "o brien"},
        {"  Anna--Maria ", "anna maria"},
        {"M\xc3\xbcller", "muller"},
        {"\xc3\x86gir", "aegir"},
        {"Stra\xc3\x9f"
         "e",
         "strasse"},
        {"\xc5\x81ukasz", "lukasz"},
        {"Zoe\xcc\x88", "zoe"},
        {"\xe5\xb1\xb1\xe7\x94\xb0", "\xe5\xb1\xb1\xe7\x94\xb0"},
        {"", ""},
        {"-", ""},
        {"\xc5\xbd"
         "eljko",
         "zeljko"},
        {"\xc3\xb7", ""},
    };
    char folded[64];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = mock_fold(v(rows[i].text), folded);
        if (!auth_view_equals(auth_view_bytes(folded, n), rows[i].folded))
            fail_msg("%s: %.*s", rows[i].text, (int)n, folded);
    }
}

static void test_sounds(void **state)
{
    static const char *const rows[][2] = {{"robert", "R163"},   {"rupert", "R163"},   {"rubin", "R150"},
                                          {"ashcraft", "A261"}, {"ashcroft", "A261"}, {"tymczak", "T522"},
                                          {"pfister", "P236"},  {"honeyman", "H555"}, {"lee", "L000"}};
    char code[MOCK_SOUNDEX_N];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(mock_soundex(v(rows[i][0]), code));
        code[0] = (char)(code[0] - 32);
        if (memcmp(code, rows[i][1], sizeof code) != 0)
            fail_msg("%s: %.4s", rows[i][0], code);
    }
    assert_false(mock_soundex(v("\xe5\xb1\xb1"), code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),       cmocka_unit_test(test_what_is_no_date), cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_long_values), cmocka_unit_test(test_lists),           cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_references),  cmocka_unit_test(test_folding),         cmocka_unit_test(test_sounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
