/* Time that passes only when everybody waits, and threads of which one runs at a time: struct auth_env for tests.
 *
 * A thread runs until it waits or sleeps. Then another one that may go on does, chosen by the seed; when none may, the
 * clock jumps to the earliest deadline. So an hour of waiting takes no time, nothing depends on the speed of the machine,
 * and a seed gives the same order of events again. Threads must be begun with the env's start(), must wait through the env
 * only, and must not hold a lock while they wait but the one they give up. */
#ifndef AUTH_CORE_TESTS_VIRTUAL_H
#define AUTH_CORE_TESTS_VIRTUAL_H

#include "auth/core/env.h"

struct virtual_waiter;
struct virtual_task;

struct virtual_env {
    struct auth_env env; /* give this one to what is tested */
    /* the rest is virtual.c's */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    struct virtual_waiter *waiters; /* every thread but the one that runs, in order of coming */
    struct virtual_task *tasks;     /* threads begun by start(), joined at the end */
    size_t others;                  /* threads begun by start() and not ended */
    int64_t now_us, wall_us;        /* wall_us: what the wall clock is ahead of the steady one */
    uint64_t random_state;
    uint64_t switches; /* how often another thread was given the turn */
};

/* The calling thread is the one that runs. The steady clock begins at 0, the wall clock at wall_s. */
void virtual_init(struct virtual_env *v, uint64_t seed, int64_t wall_s);
/* Let the other threads run until all of them have ended. */
void virtual_finish(struct virtual_env *v);
void virtual_clear(struct virtual_env *v);

#endif
