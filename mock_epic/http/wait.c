/* One list by time, and the thread that looks at its head. */
#include "mock_epic/http/wait.h"

void mock_waiters_init(struct mock_waiters *waiters, const struct auth_env *env)
{
    *waiters = (struct mock_waiters){.env = env};
    pthread_mutex_init(&waiters->lock, NULL);
    auth_env_cond_init(&waiters->changed);
}

void mock_waiters_clear(struct mock_waiters *waiters)
{
    mock_waiters_stop(waiters);
    pthread_cond_destroy(&waiters->changed);
    pthread_mutex_destroy(&waiters->lock);
}

void mock_wait_for(struct mock_wait *wait, const struct auth_env *env, int64_t ms)
{
    wait->until_ms = env->steady_ms(env->ctx) + ms + (ms > 0);
}

/* ---- the list; the lock is held ---- */

/* Those who come wait mostly longer than those who are there. */
static void insert(struct mock_waiters *waiters, struct mock_wait *wait)
{
    struct mock_wait *before = waiters->last;
    while (before && before->until_ms > wait->until_ms)
        before = before->previous;
    wait->previous = before;
    wait->next = before ? before->next : waiters->first;
    *(wait->next ? &wait->next->previous : &waiters->last) = wait;
    *(before ? &before->next : &waiters->first) = wait;
}

static void take_out(struct mock_waiters *waiters, struct mock_wait *wait)
{
    *(wait->previous ? &wait->previous->next : &waiters->first) = wait->next;
    *(wait->next ? &wait->next->previous : &waiters->last) = wait->previous;
    wait->next = wait->previous = NULL;
}

/* Take out who is to be resumed now, as a list. cause: NULL for those whose time has come by now_ms */
static struct mock_wait *take_due(struct mock_waiters *waiters, const void *cause, int64_t now_ms)
{
    struct mock_wait *due = NULL;
    for (struct mock_wait *wait = waiters->first, *next; wait; wait = next) {
        next = wait->next;
        if (!cause && wait->until_ms > now_ms)
            break;
        if (cause && wait->cause != cause)
            continue;
        take_out(waiters, wait);
        wait->next = due;
        due = wait;
    }
    return due;
}

/* Without the lock: a wait may be over, and gone, as soon as it is resumed. */
static void resume(struct mock_wait *due)
{
    while (due) {
        struct mock_wait *wait = due;
        due = wait->next;
        wait->next = NULL;
        wait->resume(wait);
    }
}

/* ---- the thread ---- */

static void run(void *ctx)
{
    struct mock_waiters *waiters = ctx;
    const struct auth_env *env = waiters->env;
    pthread_mutex_lock(&waiters->lock);
    while (!waiters->is_stopping || waiters->first) {
        int64_t until_ms = waiters->first ? waiters->first->until_ms : AUTH_ENV_FOREVER;
        if (!waiters->is_stopping && (!waiters->first || until_ms > env->steady_ms(env->ctx))) {
            env->wait(env->ctx, &waiters->changed, &waiters->lock, until_ms);
            continue;
        }
        struct mock_wait *due = take_due(waiters, NULL, waiters->is_stopping ? INT64_MAX : env->steady_ms(env->ctx));
        pthread_mutex_unlock(&waiters->lock);
        resume(due);
        pthread_mutex_lock(&waiters->lock);
    }
    waiters->is_running = false;
    env->wake(env->ctx, &waiters->changed);
    pthread_mutex_unlock(&waiters->lock);
}

/* The lock is held. */
static bool start(struct mock_waiters *waiters)
{
    if (!waiters->is_stopping && !waiters->is_running)
        waiters->is_running = waiters->env->start(waiters->env->ctx, run, waiters) == AUTH_OK;
    return !waiters->is_stopping && waiters->is_running;
}

/* ---- for others ---- */

void mock_waiters_add(struct mock_waiters *waiters, struct mock_wait *wait)
{
    pthread_mutex_lock(&waiters->lock);
    bool is_held = start(waiters);
    if (is_held) {
        insert(waiters, wait);
        if (waiters->first == wait)
            waiters->env->wake(waiters->env->ctx, &waiters->changed);
    }
    pthread_mutex_unlock(&waiters->lock);
    if (!is_held)
        wait->resume(wait);
}

void mock_waiters_wake(struct mock_waiters *waiters, const void *cause)
{
    pthread_mutex_lock(&waiters->lock);
    struct mock_wait *due = take_due(waiters, cause, 0);
    pthread_mutex_unlock(&waiters->lock);
    resume(due);
}

void mock_waiters_stop(struct mock_waiters *waiters)
{
    pthread_mutex_lock(&waiters->lock);
    waiters->is_stopping = true;
    waiters->env->wake(waiters->env->ctx, &waiters->changed);
    while (waiters->is_running)
        waiters->env->wait(waiters->env->ctx, &waiters->changed, &waiters->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&waiters->lock);
}
