/* The one home of time functions, waiting, threads and kernel randomness. */
#include "auth/core/env.h"

#include <stdlib.h>
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

/* ---- waiting ---- */

/* Waits end in turns of this length, since what they wait by does not count a suspended laptop's sleep. */
enum { TURN_MS = 5000 };

int64_t auth_env_jitter(const struct auth_env *env, int64_t n)
{
    unsigned char byte = 0;
    (void)env->random(env->ctx, &byte, sizeof byte);
    return n * byte / 255;
}

void auth_env_cond_init(pthread_cond_t *cond)
{
#if defined(__APPLE__)
    (void)pthread_cond_init(cond, NULL); /* it waits for a length of time, see below */
#else
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes); /* neither can fail with glibc and musl */
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(cond, &attributes);
    (void)pthread_condattr_destroy(&attributes);
#endif
}

static void system_wait(void *ctx, pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms)
{
    if (until_ms == AUTH_ENV_FOREVER) {
        (void)pthread_cond_wait(cond, lock);
        return;
    }
    int64_t left_ms = until_ms - system_steady_ms(ctx);
    if (left_ms <= 0)
        return;
    left_ms = left_ms < TURN_MS ? left_ms : TURN_MS;
#if defined(__APPLE__)
    struct timespec turn = {.tv_sec = (time_t)(left_ms / 1000), .tv_nsec = (long)(left_ms % 1000) * 1000000};
    (void)pthread_cond_timedwait_relative_np(cond, lock, &turn);
#else
    int64_t end_us = read_clock(CLOCK_MONOTONIC, 1000000) + left_ms * 1000;
    struct timespec end = {.tv_sec = (time_t)(end_us / 1000000), .tv_nsec = (long)(end_us % 1000000) * 1000};
    (void)pthread_cond_timedwait(cond, lock, &end);
#endif
}

static void system_wake(void *ctx, pthread_cond_t *cond)
{
    (void)ctx;
    (void)pthread_cond_broadcast(cond);
}

/* ---- threads ---- */

struct task {
    void (*body)(void *arg);
    void *arg;
};

static void *run_task(void *given)
{
    struct task task = *(struct task *)given;
    free(given);
    task.body(task.arg);
    return NULL;
}

static enum auth_rc system_start(void *ctx, void (*body)(void *arg), void *arg)
{
    pthread_t thread;
    pthread_attr_t attributes;
    struct task *task = malloc(sizeof *task);
    (void)ctx;
    if (!task)
        return AUTH_E_NOMEM;
    *task = (struct task){body, arg};
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool ok = pthread_create(&thread, &attributes, run_task, task) == 0;
    (void)pthread_attr_destroy(&attributes);
    if (!ok)
        free(task);
    return ok ? AUTH_OK : AUTH_E_NOMEM;
}

const struct auth_env *auth_env_system(void)
{
    static const struct auth_env env = {
        .wall_s = system_wall_s,
        .wall_us = system_wall_us,
        .steady_ms = system_steady_ms,
        .random = system_random,
        .sleep_ms = system_sleep_ms,
        .wait = system_wait,
        .wake = system_wake,
        .start = system_start,
    };
    return &env;
}
