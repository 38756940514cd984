/* The outside world a decision may depend on: two clocks, sleeping and randomness, replaceable for tests.
 *
 * The wall clock is for what others see (JWT claims, Date). The steady clock is for lifetimes and deadlines: it
 * never jumps and counts sleep where the system can (CLOCK_BOOTTIME; else CLOCK_MONOTONIC). Read a clock once per
 * request or decision and pass the number on. This is the only room that may call time functions. */
#ifndef AUTH_CORE_ENV_H
#define AUTH_CORE_ENV_H

#include "auth/core/buf.h"

struct auth_env {
    int64_t (*wall_s)(void *ctx);                             /* seconds since the epoch */
    int64_t (*wall_us)(void *ctx);                            /* microseconds since the epoch */
    int64_t (*steady_ms)(void *ctx);                          /* milliseconds since some fixed point */
    enum auth_rc (*random)(void *ctx, void *bytes, size_t n); /* cryptographically strong; n up to 64 KiB */
    void (*sleep_ms)(void *ctx, int64_t ms);                  /* the caller's thread alone */
    void *ctx;
};

/* The real clocks and the kernel's randomness. Threads safe. */
const struct auth_env *auth_env_system(void);

#endif
