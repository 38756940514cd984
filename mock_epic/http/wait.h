/* A request that has to wait: for something outside to arrive, or for a time. No thread is held up by it.
 *
 * What it waits for holds a struct mock_wait and calls resume() once. Those that wait for a time, or until something happens
 * but no longer than to a time, are held by struct mock_waiters: one thread for all of them, started with the first. */
#ifndef MOCK_EPIC_HTTP_WAIT_H
#define MOCK_EPIC_HTTP_WAIT_H

#include "auth/core/env.h"
#include "mock_epic/http/route.h"

struct mock_jwks_cache;
struct mock_instance;
struct mock_fault;

/* What is remembered of a request between its dispatches. Starts zeroed but for `resume`; whoever owns it zeroes the rest
 * before the next request. */
struct mock_wait {
    void (*resume)(struct mock_wait *wait); /* called once per wait, from any thread */
    struct mock_wait *next, *previous;      /* among those who wait for the same thing */
    struct mock_instance *instance;         /* asked, with a reference; NULL before the first dispatch */
    enum mock_route route;                  /* what is asked for */
    int64_t received_us;                    /* server clock at the first dispatch: what the request is judged by */
    int64_t started_us;                     /* real time of the first dispatch */
    struct mock_jwks_cache *jwks;           /* awaited, with a reference; NULL: nothing */
    bool has_fetched;                       /* the one fetch that a request may cause has ended */
    bool is_fault_known;                    /* it was looked whether one acts on the request */
    struct mock_fault *fault;               /* that does, with a reference; NULL: none */
    uint64_t fault_id;                      /* of it; 0: none */
    int fault_status;                       /* what it answers with; 0: it leaves that be */
    unsigned step;                          /* of a scenario, whose action it is; 0: somebody's request */
    bool is_answered;                       /* the answer is there, and only its time has not come */
    const void *cause;                      /* what ends the wait before its time; NULL: nothing does */
    int64_t until_ms;                       /* steady clock; of a wait for a time */
    uint64_t after;                         /* what came later is awaited */
    uint64_t seen;                          /* how often what is awaited had happened when it was looked at */
};

struct mock_waiters {
    const struct auth_env *env;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct mock_wait *first, *last; /* by time */
    bool is_running, is_stopping;
};

/* Let it wait for so many milliseconds from now, and never for less: the steady clock shows whole ones, so that N of them
 * may pass on it in N - 1 and a little. */
void mock_wait_for(struct mock_wait *wait, const struct auth_env *env, int64_t ms);

void mock_waiters_init(struct mock_waiters *waiters, const struct auth_env *env);
void mock_waiters_clear(struct mock_waiters *waiters); /* stops first */
/* Resume the wait at wait->until_ms, or when its cause is woken; at once when the waiters were stopped or no thread can be
 * had. wait stays in place until then. Threads safe, as all of these. */
void mock_waiters_add(struct mock_waiters *waiters, struct mock_wait *wait);
/* Resume everybody who waits for that cause. */
void mock_waiters_wake(struct mock_waiters *waiters, const void *cause);
/* Resume everybody, and from now on whoever comes; returns when the thread has ended. */
void mock_waiters_stop(struct mock_waiters *waiters);

#endif
