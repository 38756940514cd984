/* The one home of time functions and kernel randomness. */
#include "auth/core/env.h"

#include <time.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/random.h>
#endif

static int64_t read_clock(clockid_t clock, int64_t units_per_s)
{
    struct timespec now;
    (void)clock_gettime(clock, &now); /* cannot fail for the clocks used here */
    return (int64_t)now.tv_sec * units_per_s + (int64_t)now.tv_nsec / (1000000000 / units_per_s);
}

static int64_t system_wall_s(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME, 1);
}

static int64_t system_wall_us(void *ctx)
{
    (void)ctx;
    return read_clock(CLOCK_REALTIME, 1000000);
}

static int64_t system_steady_ms(void *ctx)
{
    (void)ctx;
#if defined(CLOCK_BOOTTIME)
    return read_clock(CLOCK_BOOTTIME, 1000); /* counts a suspended laptop's sleep */
#else
    return read_clock(CLOCK_MONOTONIC, 1000);
#endif
}

static enum auth_rc system_random(void *ctx, void *bytes, size_t n)
{
    enum { GETENTROPY_MAX = 256 };
    unsigned char *to = bytes;
    (void)ctx;
    if (n > 65536)
        return AUTH_E_ARG;
    while (n) {
        size_t part = n < GETENTROPY_MAX ? n : GETENTROPY_MAX;
        if (getentropy(to, part) != 0)
            return AUTH_E_CRYPTO;
        to += part;
        n -= part;
    }
    return AUTH_OK;
}

static void system_sleep_ms(void *ctx, int64_t ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    (void)ctx;
    (void)nanosleep(&left, NULL); /* a signal may end it early: then the caller is glad to go on */
}

const struct auth_env *auth_env_system(void)
{
    static const struct auth_env env = {
        .wall_s = system_wall_s,
        .wall_us = system_wall_us,
        .steady_ms = system_steady_ms,
        .random = system_random,
        .sleep_ms = system_sleep_ms,
    };
    return &env;
}
