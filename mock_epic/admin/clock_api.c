/* /mock/clock: what time the server thinks it is, and moving it. */
#include "mock_epic/admin/handlers.h"

#include <stddef.h>

#include "auth/core/time.h"

void mock_admin_get_clock(struct mock_admin_call *call)
{
    struct mock_clock_state state = mock_clock_state(&call->instance->clock);
    struct auth_buf time;
    auth_buf_init(&time, 64);
    auth_time_write(&time, state.now_us / 1000000);
    auth_json_write_object(&call->w);
    auth_json_write_member_int(&call->w, "now", state.now_us / 1000000);
    auth_json_write_member_buf(&call->w, "now_rfc3339", &time);
    auth_json_write_member_int(&call->w, "offset_s", state.offset_s);
    auth_json_write_key(&call->w, "rate");
    auth_json_write_double(&call->w, state.rate);
    auth_json_write_member_bool(&call->w, "frozen", state.is_frozen);
    auth_json_write_end_object(&call->w);
    auth_buf_clear(&time);
}

struct clock_change {
    int64_t now_s, now_rfc3339_s, offset_s;
    double rate;
    bool frozen;
};

enum clock_member { CLOCK_NOW, CLOCK_NOW_RFC3339, CLOCK_OFFSET, CLOCK_RATE, CLOCK_FROZEN };

static const struct mock_member clock_members[] = {
    [CLOCK_NOW] = {"now", MOCK_MEMBER_TIME, false, offsetof(struct clock_change, now_s), 0, 0, NULL},
    [CLOCK_NOW_RFC3339] = {"now_rfc3339", MOCK_MEMBER_TIME, false, offsetof(struct clock_change, now_rfc3339_s), 0, 0,
                           NULL},
    [CLOCK_OFFSET] = {"offset_s", MOCK_MEMBER_INT, false, offsetof(struct clock_change, offset_s), INT64_MIN, INT64_MAX,
                      "whole seconds relative to real time"},
    [CLOCK_RATE] = {"rate", MOCK_MEMBER_NUMBER, false, offsetof(struct clock_change, rate), 0, MOCK_CLOCK_RATE_MAX,
                    "server seconds per real second, 0 to 1000000"},
    [CLOCK_FROZEN] = {"frozen", MOCK_MEMBER_BOOL, false, offsetof(struct clock_change, frozen), 0, 0, NULL},
};
const struct mock_admin_members mock_admin_clock_members = MOCK_ADMIN_MEMBERS(clock_members);

/* What GET shows may be sent back, and then says one time in three ways, one of them as old as the answer is. */
static const char *settle_clock_change(const struct mock_clock_state *state, struct clock_change *change,
                                       uint32_t *given)
{
    enum { ROUND_TRIP_MAX_S = 3600 };
    const uint32_t now = 1U << CLOCK_NOW, text = 1U << CLOCK_NOW_RFC3339, offset = 1U << CLOCK_OFFSET;
    if ((*given & now) && (*given & text) && change->now_s != change->now_rfc3339_s)
        return "now and now_rfc3339 name different times";
    if (!(*given & now) && (*given & text))
        change->now_s = change->now_rfc3339_s;
    *given |= *given & text ? now : 0;
    if ((*given & now) && (*given & offset)) {
        int64_t apart_s = state->now_us / 1000000 - state->offset_s + change->offset_s - change->now_s;
        if (apart_s > ROUND_TRIP_MAX_S || apart_s < -ROUND_TRIP_MAX_S)
            return "now and offset_s name different times; give one of them";
        *given &= ~offset;
    }
    return NULL;
}

/* How the clock was, and how it is. */
static void note_clock(struct mock_admin_call *call, const struct mock_clock_state *before)
{
    struct mock_clock_state now = mock_clock_state(&call->instance->clock);
    call->change = (struct mock_admin_change){.kind = MOCK_CHANGE_CLOCK, .by_s = now.offset_s - before->offset_s};
    mock_admin_note(call, "the clock went from %lld to %lld%s", (long long)(before->now_us / 1000000),
                    (long long)(now.now_us / 1000000), now.is_frozen ? ", and stands still" : "");
}

enum auth_rc mock_admin_change_clock(struct mock_clock *clock, const struct auth_json_node *body, struct auth_err *err)
{
    struct mock_clock_state state = mock_clock_state(clock);
    struct clock_change change = {0};
    uint32_t given;
    enum auth_rc rc =
        mock_members_read(clock_members, sizeof clock_members / sizeof *clock_members, body, &change, &given, err);
    if (rc != AUTH_OK)
        return rc;
    const char *problem = settle_clock_change(&state, &change, &given);
    if (problem)
        return auth_err_set(err, AUTH_E_ARG, "%s", problem);
    /* now and rate were looked at before, and only one of now and offset_s is there: all is done or nothing */
    if ((given & 1U << CLOCK_NOW && !mock_clock_set(clock, change.now_s)) ||
        (given & 1U << CLOCK_OFFSET && !mock_clock_set_offset(clock, change.offset_s)) ||
        (given & 1U << CLOCK_RATE && !mock_clock_set_rate(clock, change.rate)))
        return auth_err_set(err, AUTH_E_ARG, "offset_s: the clock stays within " AUTH_TIME_RANGE_TEXT);
    if (given & 1U << CLOCK_FROZEN)
        mock_clock_freeze(clock, change.frozen);
    return AUTH_OK;
}

void mock_admin_put_clock(struct mock_admin_call *call)
{
    struct mock_clock_state state = mock_clock_state(&call->instance->clock);
    struct auth_err err = {0};
    if (mock_admin_change_clock(&call->instance->clock, call->body, &err) != AUTH_OK) {
        mock_admin_fail(call, 400, "bad_value", err.detail);
        return;
    }
    note_clock(call, &state);
    mock_admin_get_clock(call);
}

static const struct mock_member advance_members[] = {
    {"seconds", MOCK_MEMBER_INT, true, 0, INT64_MIN, INT64_MAX, "a whole number of seconds, e.g. {\"seconds\":3600}"},
};
const struct mock_admin_members mock_admin_advance_members = MOCK_ADMIN_MEMBERS(advance_members);

void mock_admin_post_clock_advance(struct mock_admin_call *call)
{
    int64_t seconds = 0;
    struct mock_clock_state state = mock_clock_state(&call->instance->clock);
    if (!mock_admin_read(call, &seconds, NULL))
        return;
    if (!mock_clock_advance(&call->instance->clock, seconds)) {
        mock_admin_fail(call, 400, "bad_value", "seconds: the clock stays within " AUTH_TIME_RANGE_TEXT);
        return;
    }
    note_clock(call, &state);
    mock_admin_get_clock(call);
}
