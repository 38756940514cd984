/* Lines that must not wait: written when the stream takes them, kept up to the bound, then dropped and counted. */
#include "auth/core/lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/process.h"

#ifndef MSG_NOSIGNAL /* then SIGPIPE must be ignored */
#define MSG_NOSIGNAL 0
#endif

#ifndef PIPE_BUF
#define PIPE_BUF _POSIX_PIPE_BUF
#endif

enum { KEPT_MAX = 128 * 1024, TURN_MS = 100 };

struct auth_lines {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const struct auth_env *env;
    int fd;     /* where to write */
    int own_fd; /* fd once more, not blocking; -1: fd is the caller's */
    bool is_socket;
    bool is_direct;  /* writing never waits, so whoever has something to say does it */
    bool is_busy;    /* somebody writes front, without holding the lock */
    bool is_failing; /* the last write failed, and not for want of a reader: the next line tries again */
    int why;         /* errno of that, for who is told; 0: nobody read */
    bool has_thread, is_ending;
    struct auth_buf front; /* being written, from `at` on; the one who is busy has it to himself */
    size_t at;
    struct auth_buf back; /* to be written next */
    uint64_t dropped;     /* lines, since the last in back */
    uint64_t lost;        /* of those, what was told */
    void (*tell)(void *ctx, uint64_t dropped, int why, struct auth_buf *out);
    void *ctx;
};

static bool is_regular(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_socket(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

enum auth_rc auth_lines_new(int fd, void (*tell)(void *ctx, uint64_t dropped, int why, struct auth_buf *out), void *ctx,
                            struct auth_lines **out)
{
    struct auth_lines *lines = calloc(1, sizeof *lines);
    *out = lines;
    if (!lines)
        return AUTH_E_NOMEM;
    lines->env = auth_env_system();
    lines->own_fd = auth_process_open_again(fd);
    lines->fd = lines->own_fd >= 0 ? lines->own_fd : fd;
    lines->is_socket = is_socket(fd);
    lines->is_direct = lines->own_fd >= 0 || lines->is_socket || is_regular(fd);
    lines->tell = tell;
    lines->ctx = ctx;
    auth_buf_init(&lines->front, KEPT_MAX);
    auth_buf_init(&lines->back, KEPT_MAX);
    pthread_mutex_init(&lines->lock, NULL);
    auth_env_cond_init(&lines->changed);
    return AUTH_OK;
}

static bool is_empty(const struct auth_lines *lines)
{
    return lines->at == lines->front.n && lines->back.n == 0 && lines->dropped == 0;
}

static void wake(struct auth_lines *lines)
{
    lines->env->wake(lines->env->ctx, &lines->changed);
}

/* The lines that go out together: as many as a pipe takes wholly or not at all, but at least one. */
static struct auth_view next_lines(const struct auth_lines *lines)
{
    struct auth_view rest = auth_view_bytes(lines->front.p + lines->at, lines->front.n - lines->at);
    size_t n = rest.n < PIPE_BUF ? rest.n : PIPE_BUF;
    while (n && rest.p[n - 1] != '\n')
        n--;
    if (n == 0)
        n = auth_view_find(rest, '\n') + 1;
    rest.n = n < rest.n ? n : rest.n;
    return rest;
}

/* More into front, which is done with. False when there is nothing. */
static bool turn_over(struct auth_lines *lines)
{
    struct auth_buf done = lines->front;
    auth_buf_reset(&done);
    lines->front = lines->back;
    lines->back = done;
    lines->at = 0;
    if (lines->front.n == 0 && lines->dropped) {
        lines->tell(lines->ctx, lines->dropped, lines->why, &lines->front);
        lines->lost += lines->dropped;
        lines->dropped = 0;
        lines->why = 0;
    }
    return lines->front.n > 0;
}

static ssize_t write_now(const struct auth_lines *lines, struct auth_view bytes)
{
    return lines->is_socket ? send(lines->fd, bytes.p, bytes.n, MSG_DONTWAIT | MSG_NOSIGNAL)
                            : write(lines->fd, bytes.p, bytes.n);
}

/* Write until nothing is left or it fails. The lock is held before and after, and not meanwhile. */
static void pump(struct auth_lines *lines)
{
    int why = 0;
    if (lines->is_busy)
        return; /* he will find it */
    lines->is_busy = true;
    while (!why && (lines->at < lines->front.n || turn_over(lines))) {
        struct auth_view bytes = next_lines(lines);
        pthread_mutex_unlock(&lines->lock);
        ssize_t n = write_now(lines, bytes);
        why = n >= 0 || errno == EINTR ? 0 : errno;
        pthread_mutex_lock(&lines->lock);
        lines->at += n > 0 ? (size_t)n : 0;
    }
    lines->is_busy = false;
    lines->is_failing = why && why != EAGAIN && why != EWOULDBLOCK;
    lines->why = lines->is_failing ? why : lines->why;
    wake(lines);
}

static void wait_for_reader(void *arg)
{
    struct auth_lines *lines = arg;
    pthread_mutex_lock(&lines->lock);
    while (!lines->is_ending) {
        if (is_empty(lines) || lines->is_busy || lines->is_failing) {
            lines->env->wait(lines->env->ctx, &lines->changed, &lines->lock, AUTH_ENV_FOREVER);
            continue;
        }
        pthread_mutex_unlock(&lines->lock);
        int ready = poll(&(struct pollfd){.fd = lines->fd, .events = POLLOUT}, 1, TURN_MS);
        pthread_mutex_lock(&lines->lock);
        if (ready != 0)
            pump(lines);
    }
    lines->has_thread = false;
    wake(lines);
    pthread_mutex_unlock(&lines->lock);
}

static void pass_on(struct auth_lines *lines)
{
    if (!lines->has_thread)
        lines->has_thread = lines->env->start(lines->env->ctx, wait_for_reader, lines) == AUTH_OK;
    wake(lines);
}

static uint64_t count_lines(struct auth_view text)
{
    uint64_t count = 0;
    while (text.n) {
        (void)auth_view_split(&text, '\n');
        count++;
    }
    return count;
}

void auth_lines_write(struct auth_lines *lines, struct auth_view text)
{
    pthread_mutex_lock(&lines->lock);
    lines->is_failing = false;
    if (lines->is_direct && !is_empty(lines))
        pump(lines); /* what is older goes first, and leaves space */
    if (lines->dropped || text.n > KEPT_MAX - lines->back.n)
        lines->dropped += count_lines(text);
    else
        auth_buf_add_view(&lines->back, text);
    if (!auth_buf_ok(&lines->back)) { /* no memory: what is in it stays */
        lines->back.is_spoiled = false;
        lines->dropped += count_lines(text);
    }
    if (lines->is_direct)
        pump(lines);
    if (!is_empty(lines) && !lines->is_failing)
        pass_on(lines);
    pthread_mutex_unlock(&lines->lock);
}

/* Lines that did not get there, by now; the lock is held. */
static uint64_t count_lost(const struct auth_lines *lines)
{
    struct auth_view front = auth_view_bytes(lines->front.p, lines->front.n);
    return lines->lost + lines->dropped + count_lines(auth_buf_view(&lines->back)) +
           (lines->at < front.n ? count_lines(auth_view_from(front, lines->at)) : 0);
}

uint64_t auth_lines_end(struct auth_lines *lines, int64_t wait_ms)
{
    if (!lines)
        return 0;
    const struct auth_env *env = lines->env;
    int64_t end_ms = env->steady_ms(env->ctx) + wait_ms;
    pthread_mutex_lock(&lines->lock);
    if (lines->is_direct)
        pump(lines);
    while (!is_empty(lines) && !lines->is_failing && env->steady_ms(env->ctx) < end_ms)
        env->wait(env->ctx, &lines->changed, &lines->lock, end_ms);
    if (lines->is_direct && !is_empty(lines) && auth_process_widen_pipe(lines->fd, 2 * KEPT_MAX))
        pump(lines); /* perhaps it is read when we are gone */
    lines->is_ending = true;
    wake(lines);
    end_ms = env->steady_ms(env->ctx) + wait_ms;
    while (lines->has_thread && env->steady_ms(env->ctx) < end_ms)
        env->wait(env->ctx, &lines->changed, &lines->lock, end_ms);
    bool is_over = !lines->has_thread && !lines->is_busy;
    uint64_t lost = count_lost(lines);
    pthread_mutex_unlock(&lines->lock);
    if (!is_over)
        return lost;
    if (lines->own_fd >= 0)
        (void)close(lines->own_fd);
    auth_buf_clear(&lines->front);
    auth_buf_clear(&lines->back);
    pthread_cond_destroy(&lines->changed);
    pthread_mutex_destroy(&lines->lock);
    free(lines);
    return lost;
}
