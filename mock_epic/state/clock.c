/* Server time as a function of real time. */
#include "mock_epic/state/clock.h"

#include "auth/core/time.h"

void mock_clock_init(struct mock_clock *clock, const struct auth_env *env)
{
    clock->env = env;
    clock->follower = NULL;
    pthread_mutex_init(&clock->lock, NULL);
    mock_clock_reset(clock, NULL);
}

void mock_clock_clear(struct mock_clock *clock)
{
    pthread_mutex_destroy(&clock->lock);
}

/* Server time for a real time; the lock is held. */
static int64_t virtual_us(const struct mock_clock *clock, int64_t real_us)
{
    static const double span_us = (double)AUTH_TIME_STEP_MAX_S * 1e6;
    if (clock->is_frozen)
        return clock->virtual_base_us;
    int64_t elapsed_us = real_us - clock->real_base_us;
    double scaled_us = (double)elapsed_us * clock->rate;
    if (scaled_us > span_us || scaled_us < -span_us) /* no sum of it and a time would fit */
        elapsed_us = (scaled_us > 0 ? 1 : -1) * AUTH_TIME_STEP_MAX_S * 1000000;
    else if (clock->rate != 1.0)
        elapsed_us = (int64_t)scaled_us;
    return auth_time_clamp_us(clock->virtual_base_us + elapsed_us);
}

/* Start counting anew from the present server time, so that a change never makes time jump by itself. */
static void rebase(struct mock_clock *clock)
{
    int64_t real_us = clock->env->wall_us(clock->env->ctx);
    clock->virtual_base_us = virtual_us(clock, real_us);
    clock->real_base_us = real_us;
}

int64_t mock_clock_read(struct mock_clock *clock, int64_t *real_us)
{
    pthread_mutex_lock(&clock->lock);
    *real_us = clock->env->wall_us(clock->env->ctx);
    int64_t now_us = virtual_us(clock, *real_us);
    pthread_mutex_unlock(&clock->lock);
    return now_us;
}

int64_t mock_clock_now_us(struct mock_clock *clock)
{
    int64_t real_us;
    return mock_clock_read(clock, &real_us);
}

int64_t mock_clock_now_s(struct mock_clock *clock)
{
    return mock_clock_now_us(clock) / 1000000;
}

/* rounded: a running clock that is 10 s ahead must not read 9 */
static int64_t offset_s_of(int64_t now_us, int64_t real_us)
{
    return (now_us - real_us + (now_us >= real_us ? 500000 : -500000)) / 1000000;
}

struct mock_clock_state mock_clock_state(struct mock_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    int64_t real_us = clock->env->wall_us(clock->env->ctx);
    int64_t now_us = virtual_us(clock, real_us);
    struct mock_clock_state state = {
        .now_us = now_us,
        .offset_s = offset_s_of(now_us, real_us),
        .rate = clock->rate,
        .is_frozen = clock->is_frozen,
    };
    pthread_mutex_unlock(&clock->lock);
    return state;
}

/* The clock was changed; the lock is held. */
static void tell_follower(const struct mock_clock *clock)
{
    if (clock->follower)
        clock->follower(clock->follower_ctx, clock);
}

void mock_clock_follow(struct mock_clock *clock, void (*follower)(void *ctx, const struct mock_clock *clock), void *ctx)
{
    pthread_mutex_lock(&clock->lock);
    clock->follower = follower;
    clock->follower_ctx = ctx;
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
}

/* Move the server time by whole seconds; the lock is held. */
static bool shift(struct mock_clock *clock, int64_t by_s)
{
    int64_t moved_s;
    rebase(clock);
    if (!auth_time_add(clock->virtual_base_us / 1000000, by_s, &moved_s))
        return false;
    clock->virtual_base_us = moved_s * 1000000 + clock->virtual_base_us % 1000000;
    return true;
}

bool mock_clock_set(struct mock_clock *clock, int64_t now_s)
{
    if (!auth_time_is_valid(now_s))
        return false;
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->virtual_base_us = now_s * 1000000;
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
    return true;
}

bool mock_clock_set_offset(struct mock_clock *clock, int64_t offset_s)
{
    if (offset_s < -AUTH_TIME_STEP_MAX_S || offset_s > AUTH_TIME_STEP_MAX_S)
        return false;
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    bool ok = shift(clock, offset_s - offset_s_of(clock->virtual_base_us, clock->real_base_us));
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
    return ok;
}

bool mock_clock_advance(struct mock_clock *clock, int64_t by_s)
{
    pthread_mutex_lock(&clock->lock);
    bool ok = shift(clock, by_s);
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
    return ok;
}

bool mock_clock_set_rate(struct mock_clock *clock, double rate)
{
    if (!(rate >= 0 && rate <= MOCK_CLOCK_RATE_MAX)) /* nor NaN */
        return false;
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->rate = rate;
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
    return true;
}

void mock_clock_freeze(struct mock_clock *clock, bool frozen)
{
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->is_frozen = frozen;
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
}

void mock_clock_reset(struct mock_clock *clock, const struct mock_clock_state *state)
{
    static const struct mock_clock_state real = {.rate = 1.0};
    if (!state)
        state = &real;
    pthread_mutex_lock(&clock->lock);
    clock->real_base_us = clock->env->wall_us(clock->env->ctx);
    clock->virtual_base_us =
        state->is_frozen ? state->now_us : auth_time_clamp_us(clock->real_base_us + state->offset_s * 1000000);
    clock->rate = state->rate;
    clock->is_frozen = state->is_frozen;
    tell_follower(clock);
    pthread_mutex_unlock(&clock->lock);
}
