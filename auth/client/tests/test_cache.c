/* When is a token renewed, who renews it, and what do the others get? Time is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"

#define ONE                                                                                                            \
    {                                                                                                                  \
        GIVES(TOKEN_URL, 200, TOKEN("one", "3600"))                                                                    \
    }
#define TWO                                                                                                            \
    {                                                                                                                  \
        GIVES(TOKEN_URL, 200, TOKEN("two", "3600"))                                                                    \
    }

/* ---- margins ---- */

static void test_margins_scale_with_the_lifetime(void **state)
{
    static const struct {
        const char *answer;
        int64_t soft_s, hard_s; /* before the end, for an even hand of jitter */
        int64_t life_s;
    } rows[] = {
        {TOKEN("one", "86400"), 300, 60, 86400}, {TOKEN("one", "3600"), 300, 60, 3600},
        {TOKEN("one", "300"), 75, 30, 300},      {TOKEN("one", "60"), 15, 6, 60},
        {TOKEN("one", "10"), 2, 1, 10},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int64_t more = 0; more <= 1; more++) { /* the jitter's two ends: none, and a fifth */
            const struct step steps[] = {
                {GIVES(TOKEN_URL, 200, rows[i].answer)}, {GIVES(TOKEN_URL, 503, "")}, {GIVES(TOKEN_URL, 503, "")}};
            struct script script;
            struct epic_auth *auth = START(&script, steps);
            script.jitter = more ? 255 : 0;
            expect_token(auth, "one");
            int64_t soft_ms = (rows[i].life_s - rows[i].soft_s) * 1000 - more * rows[i].soft_s * 200;
            script_pass(&script, soft_ms - 1);
            expect_token(auth, "one");
            assert_int_equal(script.at, 1);
            script_pass(&script, 1);
            expect_token(auth, "one"); /* it asked early, was refused service, and goes on with the old one */
            assert_int_equal(script.at, 2);
            assert_int_equal(script.sleeps, 0); /* and did not stay for more attempts */
            struct auth_snapshot *slot = &auth->cache.slots[auth->cache.current];
            assert_int_equal(slot->expires_ms - slot->hard_ms, rows[i].hard_s * 1000);
            epic_auth_free(auth);
        }
    }
}

static void test_a_hundred_reads_in_300_s_of_a_300_s_token_cost_two_requests(void **state)
{
    static const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN("one", "300"))},
                                        {GIVES(TOKEN_URL, 200, TOKEN("two", "300"))}};
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    for (int i = 0; i < 100; i++) {
        expect_token(auth, i < 75 ? "one" : "two");
        script_pass(&script, 3000);
    }
    assert_int_equal(script.at, 2);
    epic_auth_free(auth);
}

static void test_life_counts_from_before_the_request(void **state)
{
    static const struct step steps[] = {{GIVES(TOKEN_URL, 200, TOKEN("one", "60")), .takes_ms = 20000}, TWO};
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    assert_int_equal(epic_auth_token_lifetime(auth), 40);
    script_pass(&script, 24999);
    expect_token(auth, "one");
    script_pass(&script, 1); /* 45 s since it was asked for: a quarter is left */
    expect_token(auth, "two");
    epic_auth_free(auth);
}

static void test_the_wall_clock_may_jump(void **state)
{
    static const struct step steps[] = {ONE};
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    atomic_fetch_add(&script.wall_s, 7200);
    expect_token(auth, "one");
    atomic_fetch_add(&script.wall_s, -14400);
    expect_token(auth, "one");
    epic_auth_free(auth);
}

static void test_a_suspended_laptop_wakes_up_without_a_token(void **state)
{
    static const struct step steps[] = {ONE, TWO};
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    script_pass(&script, 7200 * 1000); /* the steady clock counts sleep */
    assert_int_equal(epic_auth_token_lifetime(auth), -1);
    expect_token(auth, "two");
    epic_auth_free(auth);
}

/* ---- a renewal that fails ---- */

static void test_trouble_serves_the_old_token_until_its_true_end_and_no_longer(void **state)
{
    static const struct step steps[] = {
        ONE,
        {GIVES(TOKEN_URL, 503, "")},
        {GIVES(TOKEN_URL, 502, "<html>Bad Gateway</html>")},
        {.url = TOKEN_URL, .rc = AUTH_E_NETWORK},
        {GIVES(TOKEN_URL, 503, "")},
        {GIVES(TOKEN_URL, 503, "")},
        {GIVES(TOKEN_URL, 503, "")},
    };
    struct script script;
    struct epic_auth_error error;
    const char *text;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    script_pass(&script, 3300 * 1000); /* 300 s left: early renewal fails, next try 30 s later */
    expect_token(auth, "one");
    script_pass(&script, 29999);
    expect_token(auth, "one");
    assert_int_equal(script.at, 2);
    script_pass(&script, 1);
    expect_token(auth, "one");
    assert_int_equal(script.at, 3);
    script_pass(&script, 230 * 1000); /* 40 s left, less than the hard margin: next try in a quarter of it */
    expect_token(auth, "one");
    assert_int_equal(script.at, 4);
    script_pass(&script, 9999);
    expect_token(auth, "one");
    assert_int_equal(script.at, 4);
    assert_int_equal(script.sleeps, 0);
    script_pass(&script, 30001); /* the end, to the millisecond */
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_THROTTLED);
    assert_int_equal(error.http_status, 503);
    assert_int_equal(script.at, 7); /* now it is worth three attempts */
    assert_int_equal(script.sleeps, 2);
    epic_auth_free(auth);
}

static void test_a_refusal_is_remembered_for_five_to_ten_seconds(void **state)
{
    static const struct step steps[] = {{GIVES(TOKEN_URL, 400, REFUSAL)}, {GIVES(TOKEN_URL, 400, REFUSAL)}};
    (void)state;
    for (int64_t more = 0; more <= 1; more++) {
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = START(&script, steps);
        script.jitter = more ? 255 : 0;
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
        script_pass(&script, 5000 + more * 5000 - 1);
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
        assert_string_equal(error.oauth_error, "invalid_client");
        assert_string_equal(error.oauth_description, "");
        assert_int_equal(script.at, 1);
        script_pass(&script, 1);
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_OAUTH);
        assert_int_equal(script.at, 2);
        epic_auth_free(auth);
    }
}

static void test_a_refusal_does_not_take_away_a_token_that_works(void **state)
{
    static const struct step steps[] = {
        ONE,
        {GIVES(TOKEN_URL, 400, REFUSAL)},
        {GIVES(TOKEN_URL, 400, REFUSAL)},
    };
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    script_pass(&script, 3400 * 1000);
    expect_token(auth, "one");
    assert_int_equal(script.at, 3); /* the second with a new assertion, see below */
    expect_token(auth, "one");
    assert_int_equal(script.at, 3);
    epic_auth_free(auth);
}

static void test_a_key_that_worked_is_believed_once_more(void **state)
{
    static const struct step steps[] = {ONE, {GIVES(TOKEN_URL, 400, REFUSAL)}, TWO};
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    epic_auth_token_drop(auth);
    expect_token(auth, "two");
    assert_string_not_equal(script.form[1], script.form[2]);
    epic_auth_free(auth);
}

/* ---- lifetimes as servers write them ---- */

static void test_lifetimes_in_every_form(void **state)
{
    static const char assumed[] = "300 s are assumed";
    static const struct {
        const char *answer;
        int64_t life_s; /* -1: used once */
        const char *event;
    } rows[] = {
        {TOKEN("t", "3600"), 3600, ""},
        {TOKEN("t", "3600.0"), 3600, ""},
        {TOKEN("t", "3.6e3"), 3600, ""},
        {TOKEN("t", "\"3600\""), 3600, ""},
        {TOKEN("t", "86400"), 86400, ""},
        {TOKEN("t", "86401"), 86400, ""},
        {TOKEN("t", "\"9000000000\""), 86400, ""},
        {TOKEN("t", "null"), 300, assumed},
        {TOKEN("t", "\"abc\""), 300, assumed},
        {TOKEN("t", "\"\""), 300, assumed},
        {TOKEN("t", "true"), 300, assumed},
        {TOKEN("t", "[3600]"), 300, assumed},
        {TOKEN("t", "3600.5"), 300, assumed},
        {"{\"access_token\":\"t\",\"token_type\":\"bearer\"}", 300, assumed},
        {TOKEN("t", "0"), -1, "used once"},
        {TOKEN("t", "-1"), -1, "used once"},
        {TOKEN("t", "\"-5\""), -1, "used once"},
        {TOKEN("t", "1"), 1, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct step steps[] = {{GIVES(TOKEN_URL, 200, rows[i].answer)}, TWO};
        struct script script;
        struct epic_auth *auth = START(&script, steps);
        expect_token(auth, "t");
        int64_t life_s = epic_auth_token_lifetime(auth);
        if (life_s != rows[i].life_s || !strstr(script.events, rows[i].event))
            fail_msg("row %zu: %lld s, \"%s\"", i, (long long)life_s, script.events);
        if (rows[i].life_s == -1)
            expect_token(auth, "two");
        epic_auth_free(auth);
    }
}

static void test_lifetimes_that_no_clock_holds_are_errors(void **state)
{
    static const char *const answers[] = {
        TOKEN("t", "9223372036854775808"),
        TOKEN("t", "1e300"),
        TOKEN("t", "-1e300"),
        TOKEN("t", "\"99999999999999999999\""),
    };
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const struct step steps[] = {{GIVES(TOKEN_URL, 200, answers[i])}};
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = START(&script, steps);
        if (script_token(auth, &text, &error) != EPIC_AUTH_E_PROTOCOL)
            fail_msg("%s: %s", answers[i], text);
        assert_int_equal(auth->cache.current, AUTH_CACHE_NONE); /* nothing of it was kept */
        epic_auth_free(auth);
    }
}

static void test_a_bad_answer_changes_nothing(void **state)
{
    static const struct step steps[] = {
        ONE,
        {GIVES(TOKEN_URL, 200, "{\"access_token\":\"new\",\"token_type\":\"mac\",\"expires_in\":300}")},
    };
    struct script script;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    expect_token(auth, "one");
    script_pass(&script, 3400 * 1000);
    expect_token(auth, "one");
    assert_int_equal(script.at, 2);
    assert_int_equal(epic_auth_token_lifetime(auth), 200);
    epic_auth_free(auth);
}

/* ---- retrying ---- */

static void test_pauses_grow_and_follow_retry_after_within_reason(void **state)
{
    static const struct {
        const char *header;
        int64_t slept_ms; /* before the second attempt */
    } rows[] = {
        {NULL, 200},
        {"retry-after: 7\n", 7000},
        {"retry-after: 0\n", 200},
        {"retry-after: -3\n", 200},
        {"retry-after: soon\n", 200},
        {"retry-after: 30\n", 30000},
        {"retry-after: 34\n", 34000},
        {"retry-after: 1.5\n", 2000},
        {"retry-after: 1.x\n", 200},
        {"retry-after: 1.\n", 200},
        {"retry-after: Mon, 21 Sep 2026 14:30:06 GMT\n", 6000}, /* 6 s after the Date of that answer */
        {"retry-after: Monday, 21-Sep-26 14:30:06 GMT\n", 6000},
        {"retry-after: Mon Sep 21 14:30:06 2026\n", 6000},
        {"retry-after: Mon, 21 Sep 2020 14:13:26 GMT\n", 200},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct step steps[] = {{GIVES(TOKEN_URL, 429, ""), .header = rows[i].header, .date_s = 1790001000}, ONE};
        struct script script;
        struct epic_auth *auth = START(&script, steps);
        expect_token(auth, "one");
        if (script.slept_ms != rows[i].slept_ms)
            fail_msg("row %zu: slept %lld ms", i, (long long)script.slept_ms);
        epic_auth_free(auth);
    }
}

/* A pause that does not fit into the call ends it at once, and is told. */
static void test_a_pause_beyond_the_budget_is_not_begun(void **state)
{
    static const struct {
        const char *header, *told;
        int64_t seconds;
    } rows[] = {
        {"retry-after: 35\n", "a pause of 35 s", 35},
        {"retry-after: 34.5\n", "a pause of 35 s", 35},
        {"retry-after: 120\n", "a pause of 120 s", 120},
        {"retry-after: 99999999\n", "a pause of 99999999 s", 99999999},
        {"retry-after: 99999999999999999999999\n", "a pause of 253402300799 s", 253402300799},
        {"retry-after: Mon, 21 Sep 2026 15:30:00 GMT\n", "a pause of 3600 s", 3600},
        {"retry-after: Monday, 21-Sep-26 15:30:00 GMT\n", "a pause of 3600 s", 3600},
        {"retry-after: Mon Sep 21 15:30:00 2026\n", "a pause of 3600 s", 3600},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct step steps[] = {{GIVES(TOKEN_URL, 503, REFUSAL), .header = rows[i].header, .date_s = 1790001000},
                                     ONE};
        struct script script;
        struct epic_auth_error error;
        const char *text;
        struct epic_auth *auth = START(&script, steps);
        assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_THROTTLED);
        if (script.at != 1 || script.slept_ms != 0 || error.retry_after_s != rows[i].seconds ||
            !strstr(error.message, rows[i].told))
            fail_msg("row %zu: %lld s, %s", i, (long long)error.retry_after_s, error.message);
        epic_auth_free(auth);
    }
}

/* A server that takes a whole timeout is not asked again with what little is left. */
static void test_silence_costs_one_timeout(void **state)
{
    static const struct step steps[] = {
        {.url = TOKEN_URL, .rc = AUTH_E_TIMEOUT, .takes_ms = 30000},
        {.url = TOKEN_URL, .rc = AUTH_E_TIMEOUT, .takes_ms = 30000},
    };
    struct script script;
    struct epic_auth_error error;
    const char *text;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_NETWORK);
    assert_int_equal(script.at, 1);
    assert_int_equal(script.slept_ms, 0);
    epic_auth_free(auth);
}

static void test_a_call_ends_at_its_deadline(void **state)
{
    static const struct step steps[] = {
        {.url = TOKEN_URL, .rc = AUTH_E_TIMEOUT, .takes_ms = 3000},
        {.url = TOKEN_URL, .rc = AUTH_E_TIMEOUT, .takes_ms = 1800},
        {.url = TOKEN_URL, .rc = AUTH_E_TIMEOUT, .takes_ms = 3000},
    };
    static const struct epic_auth_options options = {
        .size = sizeof options, .timeout_ms = 3000, .call_timeout_ms = 5000};
    struct script script;
    struct epic_auth_error error;
    const char *text;
    (void)state;
    struct epic_auth *auth = script_start(&script, steps, 3, &options);
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_NETWORK);
    assert_int_equal(script.at, 2);
    assert_int_equal(script.timeout_ms[0], 3000);
    assert_int_equal(script.timeout_ms[1], 1800); /* what was left after 3 s and a pause of 0.2 s */
    epic_auth_free(auth);
}

static void test_a_throttled_end_is_shared_for_as_long_as_asked(void **state)
{
    static const struct step steps[] = {
        {GIVES(TOKEN_URL, 429, ""), .header = "retry-after: 4\n"},
        {GIVES(TOKEN_URL, 429, ""), .header = "retry-after: 4\n"},
        {GIVES(TOKEN_URL, 429, ""), .header = "retry-after: 4\n"},
        ONE,
    };
    struct script script;
    struct epic_auth_error error;
    const char *text;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_THROTTLED);
    assert_int_equal(error.retry_after_s, 4);
    script_pass(&script, 3999);
    assert_int_equal(script_token(auth, &text, &error), EPIC_AUTH_E_THROTTLED);
    assert_int_equal(script.at, 3);
    script_pass(&script, 1);
    expect_token(auth, "one");
    epic_auth_free(auth);
}

/* ---- dropping ---- */

static void test_only_the_token_that_was_refused_is_dropped(void **state)
{
    static const struct step steps[] = {ONE, TWO};
    struct script script;
    struct epic_auth_error error;
    struct auth_taken first = {.min_left_ms = 0}, second = {.min_left_ms = 0};
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    assert_int_equal(auth_cache_acquire(&auth->cache, atomic_load(&script.steady_ms), INT64_MAX, &first, &error),
                     EPIC_AUTH_OK);
    epic_auth_string_free(first.text);
    auth_cache_drop(&auth->cache, first.serial);
    assert_int_equal(auth_cache_acquire(&auth->cache, atomic_load(&script.steady_ms), INT64_MAX, &second, &error),
                     EPIC_AUTH_OK);
    epic_auth_string_free(second.text);
    auth_cache_drop(&auth->cache, first.serial); /* a slow thread's 401 for the old one */
    expect_token(auth, "two");
    assert_int_equal(script.at, 2);
    epic_auth_free(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margins_scale_with_the_lifetime),
        cmocka_unit_test(test_a_hundred_reads_in_300_s_of_a_300_s_token_cost_two_requests),
        cmocka_unit_test(test_life_counts_from_before_the_request),
        cmocka_unit_test(test_the_wall_clock_may_jump),
        cmocka_unit_test(test_a_suspended_laptop_wakes_up_without_a_token),
        cmocka_unit_test(test_trouble_serves_the_old_token_until_its_true_end_and_no_longer),
        cmocka_unit_test(test_a_refusal_is_remembered_for_five_to_ten_seconds),
        cmocka_unit_test(test_a_refusal_does_not_take_away_a_token_that_works),
        cmocka_unit_test(test_a_key_that_worked_is_believed_once_more),
        cmocka_unit_test(test_lifetimes_in_every_form),
        cmocka_unit_test(test_lifetimes_that_no_clock_holds_are_errors),
        cmocka_unit_test(test_a_bad_answer_changes_nothing),
        cmocka_unit_test(test_pauses_grow_and_follow_retry_after_within_reason),
        cmocka_unit_test(test_a_pause_beyond_the_budget_is_not_begun),
        cmocka_unit_test(test_silence_costs_one_timeout),
        cmocka_unit_test(test_a_call_ends_at_its_deadline),
        cmocka_unit_test(test_a_throttled_end_is_shared_for_as_long_as_asked),
        cmocka_unit_test(test_only_the_token_that_was_refused_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
