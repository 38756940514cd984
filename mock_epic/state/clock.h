/* The server clock. It drives every decision of the mock: assertion times, jti memory, token expiry, Date.
 *
 * It always shows a valid time (auth/core/time.h): what would set it elsewhere changes nothing and returns false, and a
 * clock that runs, however fast, stops at the end of the year 9999.
 * Users set, advance, freeze it or change its rate. Nothing else in mock_epic reads a time for a decision; each request
 * reads it once and passes the number on. Threads safe. */
#ifndef MOCK_EPIC_STATE_CLOCK_H
#define MOCK_EPIC_STATE_CLOCK_H

#include <pthread.h>

#include "auth/core/env.h"

struct mock_clock {
    const struct auth_env *env;
    pthread_mutex_t lock;
    int64_t real_base_us;    /* real time at the last change */
    int64_t virtual_base_us; /* server time at that moment */
    double rate;             /* server seconds per real second */
    bool is_frozen;
    void (*follower)(void *ctx, const struct mock_clock *clock); /* NULL: nobody follows */
    void *follower_ctx;
};

struct mock_clock_state {
    int64_t now_us;
    int64_t offset_s; /* now minus real time */
    double rate;
    bool is_frozen;
};

void mock_clock_init(struct mock_clock *clock, const struct auth_env *env);
void mock_clock_clear(struct mock_clock *clock);
int64_t mock_clock_now_us(struct mock_clock *clock);
/* The same, and the real time that it is worked out from. */
int64_t mock_clock_read(struct mock_clock *clock, int64_t *real_us);
int64_t mock_clock_now_s(struct mock_clock *clock);
struct mock_clock_state mock_clock_state(struct mock_clock *clock);
AUTH_MUST_CHECK bool mock_clock_set(struct mock_clock *clock, int64_t now_s);
AUTH_MUST_CHECK bool mock_clock_set_offset(struct mock_clock *clock, int64_t offset_s); /* to real time */
AUTH_MUST_CHECK bool mock_clock_advance(struct mock_clock *clock, int64_t by_s);        /* may be negative */
#define MOCK_CLOCK_RATE_MAX 1e6
AUTH_MUST_CHECK bool mock_clock_set_rate(struct mock_clock *clock, double rate); /* 0 .. MOCK_CLOCK_RATE_MAX */
void mock_clock_freeze(struct mock_clock *clock, bool frozen);
/* Call that function now and whenever the clock was changed, before anybody can read it changed; NULL: no more. It looks at the
 * four values above and calls nothing of this clock. */
void mock_clock_follow(struct mock_clock *clock, void (*follower)(void *ctx, const struct mock_clock *clock),
                       void *ctx);
/* As that state was: as far from real time, as fast; frozen, at the same time. NULL: real time, rate 1, running. */
void mock_clock_reset(struct mock_clock *clock, const struct mock_clock_state *state);

#endif
