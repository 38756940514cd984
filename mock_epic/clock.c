#include "mock_epic/clock.h"

void mock_clock_init(struct mock_clock *clock, const struct auth_env *env)
{
    clock->env = env;
    pthread_mutex_init(&clock->lock, NULL);
    mock_clock_reset(clock);
}

void mock_clock_clear(struct mock_clock *clock)
{
    pthread_mutex_destroy(&clock->lock);
}

/* Server time for a real time; the lock is held. */
static int64_t virtual_us(const struct mock_clock *clock, int64_t real_us)
{
    if (clock->is_frozen)
        return clock->virtual_base_us;
    int64_t elapsed_us = real_us - clock->real_base_us;
    if (clock->rate != 1.0)
        elapsed_us = (int64_t)((double)elapsed_us * clock->rate);
    return clock->virtual_base_us + elapsed_us;
}

/* Start counting anew from the present server time, so that a change never makes time jump by itself. */
static void rebase(struct mock_clock *clock)
{
    int64_t real_us = clock->env->wall_us(clock->env->ctx);
    clock->virtual_base_us = virtual_us(clock, real_us);
    clock->real_base_us = real_us;
}

int64_t mock_clock_now_us(struct mock_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    int64_t now_us = virtual_us(clock, clock->env->wall_us(clock->env->ctx));
    pthread_mutex_unlock(&clock->lock);
    return now_us;
}

int64_t mock_clock_now_s(struct mock_clock *clock)
{
    int64_t now_us = mock_clock_now_us(clock);
    return now_us >= 0 ? now_us / 1000000 : -((-now_us + 999999) / 1000000); /* floor, also before 1970 */
}

struct mock_clock_state mock_clock_state(struct mock_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    int64_t real_us = clock->env->wall_us(clock->env->ctx);
    int64_t now_us = virtual_us(clock, real_us);
    struct mock_clock_state state = {
        .now_us = now_us,
        /* rounded: a running clock that is 10 s ahead must not read 9 */
        .offset_s = (now_us - real_us + (now_us >= real_us ? 500000 : -500000)) / 1000000,
        .rate = clock->rate,
        .is_frozen = clock->is_frozen,
    };
    pthread_mutex_unlock(&clock->lock);
    return state;
}

void mock_clock_set(struct mock_clock *clock, int64_t now_us)
{
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->virtual_base_us = now_us;
    pthread_mutex_unlock(&clock->lock);
}

void mock_clock_advance(struct mock_clock *clock, int64_t by_us)
{
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->virtual_base_us += by_us;
    pthread_mutex_unlock(&clock->lock);
}

void mock_clock_freeze(struct mock_clock *clock, bool frozen)
{
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->is_frozen = frozen;
    pthread_mutex_unlock(&clock->lock);
}

void mock_clock_set_rate(struct mock_clock *clock, double rate)
{
    pthread_mutex_lock(&clock->lock);
    rebase(clock);
    clock->rate = rate;
    pthread_mutex_unlock(&clock->lock);
}

void mock_clock_reset(struct mock_clock *clock)
{
    pthread_mutex_lock(&clock->lock);
    clock->real_base_us = clock->env->wall_us(clock->env->ctx);
    clock->virtual_base_us = clock->real_base_us;
    clock->rate = 1.0;
    clock->is_frozen = false;
    pthread_mutex_unlock(&clock->lock);
}
