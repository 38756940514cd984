/* Time that passes only when everybody waits. */
#include "auth/core/tests/virtual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct virtual_waiter {
    struct virtual_waiter *next;
    const pthread_cond_t *cond; /* what it waits for; NULL: a thread */
    int64_t until_us;           /* AUTH_ENV_FOREVER: no end */
    bool may_go_on, has_turn;
    pthread_cond_t turn;
};

static uint64_t draw(struct virtual_env *v)
{
    v->random_state += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = v->random_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* ---- turns ---- */

static void join_waiters(struct virtual_env *v, struct virtual_waiter *me)
{
    struct virtual_waiter **end = &v->waiters;
    while (*end)
        end = &(*end)->next;
    *end = me;
    pthread_cond_init(&me->turn, NULL);
}

static void leave_waiters(struct virtual_env *v, struct virtual_waiter *me)
{
    struct virtual_waiter **at = &v->waiters;
    while (*at != me)
        at = &(*at)->next;
    *at = me->next;
    pthread_cond_destroy(&me->turn);
}

/* Nobody may go on: jump to the earliest deadline; the first who came is first at it. */
static struct virtual_waiter *jump(struct virtual_env *v)
{
    struct virtual_waiter *earliest = NULL;
    for (struct virtual_waiter *w = v->waiters; w; w = w->next) {
        if (w->until_us != AUTH_ENV_FOREVER && (!earliest || w->until_us < earliest->until_us))
            earliest = w;
    }
    if (!earliest) {
        fprintf(stderr, "virtual time: everybody waits for ever\n");
        abort();
    }
    if (earliest->until_us > v->now_us)
        v->now_us = earliest->until_us;
    return earliest;
}

static void give_turn(struct virtual_env *v)
{
    uint64_t count = 0;
    struct virtual_waiter *chosen = NULL;
    for (struct virtual_waiter *w = v->waiters; w; w = w->next) {
        if (w->may_go_on && draw(v) % ++count == 0)
            chosen = w;
    }
    chosen = chosen ? chosen : jump(v);
    chosen->has_turn = true;
    v->switches++;
    pthread_cond_signal(&chosen->turn);
}

/* The lock is held, and me is among the waiters. */
static void await_turn(struct virtual_env *v, struct virtual_waiter *me)
{
    while (!me->has_turn)
        pthread_cond_wait(&me->turn, &v->lock);
    leave_waiters(v, me);
}

/* ---- struct auth_env ---- */

static int64_t virtual_wall_us(void *ctx)
{
    struct virtual_env *v = ctx;
    pthread_mutex_lock(&v->lock);
    int64_t now_us = v->now_us + v->wall_us;
    pthread_mutex_unlock(&v->lock);
    return now_us;
}

static int64_t virtual_wall_s(void *ctx)
{
    return virtual_wall_us(ctx) / 1000000;
}

static int64_t virtual_steady_ms(void *ctx)
{
    struct virtual_env *v = ctx;
    pthread_mutex_lock(&v->lock);
    int64_t now_us = v->now_us;
    pthread_mutex_unlock(&v->lock);
    return now_us / 1000;
}

static enum auth_rc virtual_random(void *ctx, void *bytes, size_t n)
{
    struct virtual_env *v = ctx;
    pthread_mutex_lock(&v->lock);
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(draw(v) >> 56);
    pthread_mutex_unlock(&v->lock);
    return AUTH_OK;
}

static void virtual_sleep_ms(void *ctx, int64_t ms)
{
    struct virtual_env *v = ctx;
    struct virtual_waiter me = {0};
    pthread_mutex_lock(&v->lock);
    me.until_us = v->now_us + (ms > 0 ? ms : 0) * 1000;
    join_waiters(v, &me);
    give_turn(v);
    await_turn(v, &me);
    pthread_mutex_unlock(&v->lock);
}

static void virtual_wait(void *ctx, pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms)
{
    struct virtual_env *v = ctx;
    struct virtual_waiter me = {.cond = cond, .until_us = until_ms};
    if (until_ms != AUTH_ENV_FOREVER)
        me.until_us = until_ms * 1000;
    pthread_mutex_lock(&v->lock);
    join_waiters(v, &me);
    pthread_mutex_unlock(lock);
    give_turn(v);
    await_turn(v, &me);
    pthread_mutex_unlock(&v->lock);
    pthread_mutex_lock(lock);
}

static void virtual_wake(void *ctx, pthread_cond_t *cond)
{
    struct virtual_env *v = ctx;
    pthread_mutex_lock(&v->lock);
    for (struct virtual_waiter *w = v->waiters; w; w = w->next)
        w->may_go_on = w->may_go_on || w->cond == cond;
    pthread_mutex_unlock(&v->lock);
}

struct virtual_task {
    struct virtual_task *next;
    pthread_t thread;
    struct virtual_env *v;
    struct virtual_waiter me;
    void (*body)(void *arg);
    void *arg;
};

static void *run_task(void *given)
{
    struct virtual_task *task = given;
    struct virtual_env *v = task->v;
    pthread_mutex_lock(&v->lock);
    await_turn(v, &task->me);
    pthread_mutex_unlock(&v->lock);
    task->body(task->arg);
    pthread_mutex_lock(&v->lock);
    v->others--;
    for (struct virtual_waiter *w = v->waiters; w; w = w->next)
        w->may_go_on = w->may_go_on || w->cond == &v->ended;
    give_turn(v);
    pthread_mutex_unlock(&v->lock);
    return NULL;
}

static enum auth_rc virtual_start(void *ctx, void (*body)(void *arg), void *arg)
{
    struct virtual_env *v = ctx;
    struct virtual_task *task = calloc(1, sizeof *task);
    if (!task)
        return AUTH_E_NOMEM;
    *task = (struct virtual_task){
        .v = v, .body = body, .arg = arg, .me = {.may_go_on = true, .until_us = AUTH_ENV_FOREVER}};
    pthread_mutex_lock(&v->lock);
    join_waiters(v, &task->me); /* before it lives: it counts from now on */
    v->others++;
    task->next = v->tasks;
    v->tasks = task;
    pthread_mutex_unlock(&v->lock);
    if (pthread_create(&task->thread, NULL, run_task, task) != 0) {
        fprintf(stderr, "virtual time: no thread\n");
        abort();
    }
    return AUTH_OK;
}

/* ---- life ---- */

void virtual_init(struct virtual_env *v, uint64_t seed, int64_t wall_s)
{
    memset(v, 0, sizeof *v);
    v->env = (struct auth_env){.wall_s = virtual_wall_s,
                               .wall_us = virtual_wall_us,
                               .steady_ms = virtual_steady_ms,
                               .random = virtual_random,
                               .sleep_ms = virtual_sleep_ms,
                               .wait = virtual_wait,
                               .wake = virtual_wake,
                               .start = virtual_start,
                               .ctx = v};
    v->random_state = seed;
    v->wall_us = wall_s * 1000000;
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->ended, NULL);
}

void virtual_finish(struct virtual_env *v)
{
    pthread_mutex_lock(&v->lock);
    while (v->others) {
        struct virtual_waiter me = {.cond = &v->ended, .until_us = AUTH_ENV_FOREVER};
        join_waiters(v, &me);
        give_turn(v);
        await_turn(v, &me);
    }
    pthread_mutex_unlock(&v->lock);
}

void virtual_clear(struct virtual_env *v)
{
    virtual_finish(v);
    for (struct virtual_task *task = v->tasks, *next; task; task = next) {
        next = task->next;
        (void)pthread_join(task->thread, NULL); /* so that what OpenSSL keeps for a thread is gone, too */
        free(task);
    }
    pthread_cond_destroy(&v->ended);
    pthread_mutex_destroy(&v->lock);
}
