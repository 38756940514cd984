/* The range of times: what is in, what is the nearest outside, and no overflow on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/core/time.h"

#define MAX_S AUTH_TIME_MAX_S

static void test_sums(void **state)
{
    static const struct {
        int64_t epoch_s, step_s, shifted_s;
        bool ok;
    } rows[] = {
        {0, 0, 0, true},
        {0, MAX_S, MAX_S, true},
        {1, MAX_S, MAX_S, false},
        {MAX_S, 1, MAX_S, false},
        {MAX_S, -MAX_S, 0, true},
        {MAX_S, -MAX_S - 1, 0, false},
        {0, -1, 0, false},
        {0, INT64_MIN, 0, false},
        {MAX_S, INT64_MAX, MAX_S, false},
        {MAX_S, INT64_MIN, 0, false},
        {-1, 1, MAX_S, false}, /* not from a time */
        {INT64_MAX, INT64_MIN, 0, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t sum_s = -7;
        bool ok = auth_time_add(rows[i].epoch_s, rows[i].step_s, &sum_s);
        if (ok != rows[i].ok || sum_s != (ok ? rows[i].shifted_s : -7) ||
            auth_time_shift(rows[i].epoch_s, rows[i].step_s) != rows[i].shifted_s)
            fail_msg("row %zu: %d, %lld", i, ok, (long long)sum_s);
    }
}

static void test_clamp(void **state)
{
    (void)state;
    assert_true(auth_time_clamp_us(-1) == 0 && auth_time_clamp_us(0) == 0 && auth_time_clamp_us(INT64_MIN) == 0);
    assert_true(auth_time_clamp_us(MAX_S * 1000000 + 999999) == MAX_S * 1000000 + 999999);
    assert_true(auth_time_clamp_us((MAX_S + 1) * 1000000) == MAX_S * 1000000 + 999999);
    assert_true(auth_time_clamp_us(INT64_MAX) / 1000000 == MAX_S);
}

static void test_ways_to_write_a_time(void **state)
{
    static const char *const same[] = {"1795456800", "2026-11-23T18:00:00Z", "2026-11-23T19:00:00+01:00",
                                       "Mon, 23 Nov 2026 18:00:00 GMT"};
    static const char *const none[] = {
        "", "now", "-1", "253402300800", "Wed, 31 Dec 1969 23:59:59 GMT", "2026-11-23T18:00:00", "1e9"};
    int64_t time_s = -7;
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(auth_time_read(auth_view_from_string(same[i]), &time_s) && time_s == 1795456800);
    time_s = -7;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        bool is_time = auth_time_read(auth_view_from_string(none[i]), &time_s);
        if (is_time)
            fail_msg("%s", none[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_clamp),
        cmocka_unit_test(test_ways_to_write_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
