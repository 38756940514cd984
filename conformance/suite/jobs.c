/* Threads that take the next thing until there is none. */
#include "conformance/suite/jobs.h"

#include <pthread.h>

#include "auth/core/env.h"

struct work {
    pthread_mutex_t lock;
    pthread_cond_t is_idle;
    size_t next, count, running;
    void (*one)(void *ctx, size_t job, size_t i);
    void *ctx;
};

struct worker {
    struct work *work;
    size_t job;
};

static size_t take_next(struct work *work)
{
    pthread_mutex_lock(&work->lock);
    size_t i = work->next;
    work->next += i < work->count;
    pthread_mutex_unlock(&work->lock);
    return i;
}

static void run_worker(void *arg)
{
    const struct auth_env *env = auth_env_system();
    const struct worker *w = arg;
    struct work *work = w->work;
    for (size_t i; (i = take_next(work)) < work->count;)
        work->one(work->ctx, w->job, i);
    pthread_mutex_lock(&work->lock);
    work->running--;
    env->wake(env->ctx, &work->is_idle);
    pthread_mutex_unlock(&work->lock);
}

static void wait_for_all(struct work *work)
{
    const struct auth_env *env = auth_env_system();
    pthread_mutex_lock(&work->lock);
    while (work->running)
        env->wait(env->ctx, &work->is_idle, &work->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&work->lock);
}

void conf_jobs_run(size_t jobs, size_t count, void (*one)(void *ctx, size_t job, size_t i), void *ctx)
{
    const struct auth_env *env = auth_env_system();
    struct worker workers[CONF_JOBS_MAX];
    struct work work = {.lock = PTHREAD_MUTEX_INITIALIZER, .count = count, .one = one, .ctx = ctx};
    work.running = jobs < CONF_JOBS_MAX ? jobs : CONF_JOBS_MAX;
    auth_env_cond_init(&work.is_idle);
    for (size_t i = 0, all = work.running; i < all; i++) {
        workers[i] = (struct worker){&work, i};
        if (i + 1 == all || env->start(env->ctx, run_worker, &workers[i]) != AUTH_OK)
            run_worker(&workers[i]);
    }
    wait_for_all(&work);
    (void)pthread_cond_destroy(&work.is_idle);
    (void)pthread_mutex_destroy(&work.lock);
}
