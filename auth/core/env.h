/* The outside world a decision may depend on: two clocks, randomness, waiting and threads, replaceable for tests.
 *
 * The wall clock is for what others see (JWT claims, Date). The steady clock is for lifetimes and deadlines: it
 * never jumps and counts sleep where the system can (CLOCK_BOOTTIME; else CLOCK_MONOTONIC). Read a clock once per
 * request or decision and pass the number on. Nothing else may call time functions, wait or start
 * threads: who waits here can be run on a clock that jumps to the next deadline whenever everybody waits
 * (auth/core/tests/virtual.h), so that hours pass in no time and in the same order every time. */
#ifndef AUTH_CORE_ENV_H
#define AUTH_CORE_ENV_H

#include <pthread.h>

#include "auth/core/buf.h"

enum { AUTH_ENV_FOREVER = -1 }; /* as until_ms: no end */

struct auth_env {
    int64_t (*wall_s)(void *ctx);                             /* seconds since the epoch */
    int64_t (*wall_us)(void *ctx);                            /* microseconds since the epoch */
    int64_t (*steady_ms)(void *ctx);                          /* milliseconds since some fixed point */
    enum auth_rc (*random)(void *ctx, void *bytes, size_t n); /* cryptographically strong; n up to 64 KiB */
    void (*sleep_ms)(void *ctx, int64_t ms);                  /* the caller's thread alone; hold no lock */
    /* Give the lock up, wait until cond is woken or the steady clock shows until_ms, and take it again. May come back for no
     * reason: look again, in a loop. Hold no other lock.
     * in   cond  made by auth_env_cond_init() */
    void (*wait)(void *ctx, pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms);
    /* Wake all who wait for cond. The lock that they gave up is held. */
    void (*wake)(void *ctx, pthread_cond_t *cond);
    /* Run body(arg) in a thread of its own, which nobody joins. rc AUTH_E_NOMEM: no thread can be had */
    enum auth_rc (*start)(void *ctx, void (*body)(void *arg), void *arg);
    void *ctx;
};

/* The real clocks, the kernel's randomness, the system's threads. Its functions ignore ctx, so that an env of a test may be
 * a copy with some of them replaced. Threads safe. */
const struct auth_env *auth_env_system(void);

/* A number from 0 to n: threads and machines that started or failed together shall not go on together. */
int64_t auth_env_jitter(const struct auth_env *env, int64_t n);

/* Make a condition that waits by a clock that never jumps. Destroy it with pthread_cond_destroy(). */
void auth_env_cond_init(pthread_cond_t *cond);

#endif
