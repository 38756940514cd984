/* The server clock shows a year from 1970 to 9999, whatever is asked of it and however long it runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/time.h"
#include "mock_epic/tests/support.h"

enum { ROUNDS = 4000 };
#define REAL_S INT64_C(1790000000)
#define MAX_S AUTH_TIME_MAX_S

/* Real time, as the test wants it. */
struct stage {
    struct auth_env env;
    int64_t real_us;
    struct support support;
};

static int64_t stage_wall_us(void *ctx)
{
    return ((const struct stage *)ctx)->real_us;
}

static int64_t stage_wall_s(void *ctx)
{
    return stage_wall_us(ctx) / 1000000;
}

static int64_t stage_steady_ms(void *ctx)
{
    return stage_wall_us(ctx) / 1000;
}

static enum auth_rc stage_random(void *ctx, void *bytes, size_t n)
{
    (void)ctx;
    return auth_env_system()->random(auth_env_system()->ctx, bytes, n);
}

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    stage->env = *auth_env_system();
    stage->env.wall_us = stage_wall_us;
    stage->env.wall_s = stage_wall_s;
    stage->env.steady_ms = stage_steady_ms;
    stage->env.random = stage_random;
    stage->env.ctx = stage;
    stage->real_us = REAL_S * 1000000;
    support_init_with(&stage->support, "epic", NULL, &stage->env);
    mock_clock_reset(&stage->support.instance.clock, NULL);
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    support_clear(&stage->support);
    free(stage);
    return 0;
}

/* ---- the clock itself ---- */

static void test_nearest_accepts_and_rejects(void **state)
{
    struct stage *stage = *state;
    struct mock_clock *clock = &stage->support.instance.clock;
    static const double bad_rates[] = {-0.001, 1000000.5, 1e300};
    static const int64_t bad_times[] = {-1, MAX_S + 1, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < sizeof bad_times / sizeof *bad_times; i++) {
        assert_false(mock_clock_set(clock, bad_times[i]));
        assert_false(mock_clock_set_offset(clock, bad_times[i] == -1 ? -REAL_S - 1 : bad_times[i]));
        assert_false(mock_clock_advance(clock, bad_times[i] == -1 ? -REAL_S - 1 : bad_times[i]));
        assert_true(mock_clock_now_s(clock) == REAL_S); /* nothing moved */
    }
    for (size_t i = 0; i < sizeof bad_rates / sizeof *bad_rates; i++)
        assert_false(mock_clock_set_rate(clock, bad_rates[i]));
    assert_true(mock_clock_set(clock, 0) && mock_clock_now_s(clock) == 0);
    assert_true(mock_clock_advance(clock, MAX_S) && mock_clock_now_s(clock) == MAX_S);
    assert_false(mock_clock_advance(clock, 1));
    assert_true(mock_clock_advance(clock, -MAX_S) && mock_clock_now_s(clock) == 0);
    assert_false(mock_clock_advance(clock, -1));
    assert_true(mock_clock_set_offset(clock, MAX_S - REAL_S) && mock_clock_now_s(clock) == MAX_S);
    assert_true(mock_clock_set_offset(clock, -REAL_S) && mock_clock_now_s(clock) == 0);
}

static void test_a_running_clock_stops_at_the_end(void **state)
{
    struct stage *stage = *state;
    struct mock_clock *clock = &stage->support.instance.clock;
    assert_true(mock_clock_set(clock, MAX_S - 1));
    stage->real_us += 1000000;
    assert_true(mock_clock_now_s(clock) == MAX_S);
    stage->real_us += 1000000;
    assert_true(mock_clock_now_s(clock) == MAX_S && mock_clock_state(clock).now_us / 1000000 == MAX_S);
    assert_true(mock_clock_set(clock, REAL_S) && mock_clock_set_rate(clock, MOCK_CLOCK_RATE_MAX));
    stage->real_us += INT64_C(100) * 366 * 86400 * 1000000; /* a century at a million to one */
    assert_true(mock_clock_now_s(clock) == MAX_S);
    stage->real_us -= INT64_C(200) * 366 * 86400 * 1000000; /* somebody sets the machine's clock back */
    assert_true(mock_clock_now_s(clock) == 0);
    assert_true(mock_clock_set_rate(clock, 0) && mock_clock_now_s(clock) == 0);
}

static void test_reset_goes_back_to_the_start_setting(void **state)
{
    struct stage *stage = *state;
    struct mock_clock *clock = &stage->support.instance.clock;
    assert_true(mock_clock_set(clock, MAX_S));
    assert_int_equal(mock_instance_mark_start(&stage->support.instance), AUTH_OK);
    stage->real_us += 3600 * INT64_C(1000000);
    assert_true(mock_clock_set(clock, 1000));
    mock_instance_reset_clock(&stage->support.instance);
    assert_true(mock_clock_now_s(clock) == MAX_S); /* not real time */
}

/* ---- through the API ---- */

static void test_refusals_name_the_range(void **state)
{
    struct stage *stage = *state;
    static const struct {
        const char *method, *path, *body;
    } bad[] = {
        {"PUT", "/mock/clock", "{\"offset_s\":-200000000000}"},
        {"PUT", "/mock/clock", "{\"offset_s\":9007199254740991,\"rate\":5}"},
        {"PUT", "/mock/clock", "{\"offset_s\":-1790000001,\"frozen\":true}"},
        {"PUT", "/mock/clock", "{\"now\":-1}"},
        {"PUT", "/mock/clock", "{\"now\":253402300800}"},
        {"PUT", "/mock/clock", "{\"now\":\"0000-01-01T00:00:00Z\"}"},
        {"PUT", "/mock/clock", "{\"now\":\"9999-12-31T23:59:59-00:01\"}"},
        {"PUT", "/mock/clock", "{\"now_rfc3339\":\"1969-12-31T23:59:59Z\"}"},
        {"POST", "/mock/clock/advance", "{\"seconds\":-1790000001}"},
        {"POST", "/mock/clock/advance", "{\"seconds\":9007199254740991}"},
        {"POST", "/mock/tokens/age", "{\"seconds\":1790000001}"},
        {"POST", "/mock/tokens/age", "{\"seconds\":-9007199254740991}"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct support_answer answer =
            support_send(&stage->support, bad[i].method, bad[i].path, NULL, "application/json", bad[i].body);
        struct mock_clock_state now = mock_clock_state(&stage->support.instance.clock);
        if (answer.status != 400 || !strstr(answer.body, AUTH_TIME_RANGE_TEXT))
            fail_msg("%s %s: %d %s", bad[i].path, bad[i].body, answer.status, answer.body);
        assert_true(now.now_us == REAL_S * 1000000 && now.rate == 1.0 && !now.is_frozen);
        support_answer_clear(&answer);
    }
}

struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice, uint64_t sides)
{
    dice->state = dice->state * 6364136223846793005U + 1442695040888963407U;
    return (dice->state >> 33) % sides;
}

/* Numbers at which something ends, and their neighbours. */
static int64_t edge(struct dice *dice)
{
    static const int64_t edges[] = {
        0,          1,     REAL_S,          MAX_S,     MAX_S - REAL_S,        9007199254740991,
        2147483647, 86400, 100000000000000, 315360000, INT64_C(200000000000), 3600};
    int64_t value = edges[roll(dice, sizeof edges / sizeof *edges)] + (int64_t)roll(dice, 3) - 1;
    return roll(dice, 2) ? value : -value;
}

static void one_call(struct stage *stage, struct dice *dice)
{
    static const char *const rates[] = {"0", "1", "1e6", "0.5", "-1", "1e7", "1e300", "2.5"};
    static const char *const words[] = {"\"9999-12-31T23:59:59Z\"", "\"1970-01-01T00:00:00Z\"",
                                        "\"9999-12-31T23:59:59-23:59\"", "\"Thu, 01 Jan 1970 00:00:00 GMT\"",
                                        "\"0000-01-01T00:00:00Z\""};
    char body[128];
    const char *method = "PUT", *path = "/mock/clock";
    switch (roll(dice, 8)) {
    case 0:
        (void)snprintf(body, sizeof body, "{\"now\":%lld}", (long long)edge(dice));
        break;
    case 1:
        (void)snprintf(body, sizeof body, "{\"now\":%s}", words[roll(dice, 5)]);
        break;
    case 2:
        (void)snprintf(body, sizeof body, "{\"offset_s\":%lld}", (long long)edge(dice));
        break;
    case 3:
        (void)snprintf(body, sizeof body, "{\"rate\":%s,\"frozen\":%s}", rates[roll(dice, 8)],
                       roll(dice, 4) ? "false" : "true");
        break;
    case 4:
    case 5:
        method = "POST";
        path = "/mock/clock/advance";
        (void)snprintf(body, sizeof body, "{\"seconds\":%lld}", (long long)edge(dice));
        break;
    case 6:
        method = "POST";
        path = "/mock/tokens/age";
        (void)snprintf(body, sizeof body, "{\"seconds\":%lld}", (long long)edge(dice));
        break;
    default:
        method = "POST";
        path = "/mock/reset";
        (void)snprintf(body, sizeof body, "{\"what\":[\"clock\"]}");
    }
    struct support_answer answer = support_send(&stage->support, method, path, NULL, "application/json", body);
    if (answer.status != 200 && answer.status != 204 && answer.status != 400)
        fail_msg("%s %s: %d %s", path, body, answer.status, answer.body);
    support_answer_clear(&answer);
}

static void test_no_sequence_leaves_the_range(void **state)
{
    struct stage *stage = *state;
    struct dice dice = {20261128};
    char *token = support_token(&stage->support);
    for (int i = 0; i < ROUNDS; i++) {
        one_call(stage, &dice);
        stage->real_us += (int64_t)roll(&dice, 1000) * (int64_t)roll(&dice, 1000000);
        struct mock_clock_state now = mock_clock_state(&stage->support.instance.clock);
        assert_true(auth_time_is_valid(now.now_us / 1000000) && now.now_us >= 0);
        if (i % 16)
            continue;
        struct support_answer answer = support_send(&stage->support, "GET", "/mock/clock", NULL, NULL, NULL);
        const char *text = strstr(answer.body, "\"now_rfc3339\":\"");
        int64_t read_s;
        assert_non_null(text);
        assert_true(auth_time_parse(auth_view_bytes(text + strlen("\"now_rfc3339\":\""), 20), &read_s));
        support_answer_clear(&answer);
        answer = support_send(&stage->support, "GET", SUPPORT_FHIR_PATH "/metadata", token, NULL, NULL);
        support_answer_clear(&answer);
        answer = support_send(&stage->support, "GET", "/mock/tokens", NULL, NULL, NULL);
        assert_int_equal(answer.status, 200);
        support_answer_clear(&answer);
    }
    free(token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nearest_accepts_and_rejects, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_running_clock_stops_at_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reset_goes_back_to_the_start_setting, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals_name_the_range, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_sequence_leaves_the_range, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
