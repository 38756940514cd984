/* One thread that reads what nobody wants, until the peer has read its answer. */
#include "mock_epic/server/linger.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    int fd;
    int64_t until_ms; /* steady clock */
    size_t left;      /* bytes that may still come */
};

struct mock_linger {
    const struct auth_env *env;
    int wake[2]; /* a byte: look again */
    unsigned max;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_stopping, has_ended;
    unsigned count;
    struct peer *peers;    /* added by anybody, removed by the thread alone */
    struct pollfd *polled; /* the thread's */
};

static int64_t now_ms(const struct mock_linger *linger)
{
    return linger->env->steady_ms(linger->env->ctx);
}

/* Throw away what has come. False: there is nothing more to wait for. */
static bool drain(struct peer *peer)
{
    char bytes[16 * 1024];
    ssize_t n;
    while ((n = recv(peer->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        if ((size_t)n >= peer->left)
            return false;
        peer->left -= (size_t)n;
    }
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* Fill the list for poll(): the pipe, then the peers. Returns how long to wait. */
static int prepare(struct mock_linger *linger, nfds_t *count)
{
    int64_t now = now_ms(linger), wait_ms = MOCK_LINGER_MS;
    pthread_mutex_lock(&linger->lock);
    linger->polled[0] = (struct pollfd){.fd = linger->wake[0], .events = POLLIN};
    for (unsigned i = 0; i < linger->count; i++) {
        int64_t left_ms = linger->peers[i].until_ms - now;
        linger->polled[i + 1] = (struct pollfd){.fd = linger->peers[i].fd, .events = POLLIN};
        wait_ms = left_ms < wait_ms ? left_ms : wait_ms;
    }
    *count = linger->count + 1;
    bool is_idle = linger->count == 0;
    pthread_mutex_unlock(&linger->lock);
    return is_idle ? -1 : wait_ms > 0 ? (int)wait_ms : 0;
}

/* The peers that were polled stand first and in the same order; others may have been added behind them. */
static bool look(struct mock_linger *linger, nfds_t polled)
{
    int64_t now = now_ms(linger);
    unsigned kept = 0;
    pthread_mutex_lock(&linger->lock);
    bool is_stopping = linger->is_stopping;
    for (unsigned i = 0; i < linger->count; i++) {
        struct peer *peer = &linger->peers[i];
        bool is_ready = i + 1 < polled && linger->polled[i + 1].revents;
        if (is_stopping || peer->until_ms <= now || (is_ready && !drain(peer)))
            close(peer->fd);
        else
            linger->peers[kept++] = *peer;
    }
    linger->count = kept;
    pthread_mutex_unlock(&linger->lock);
    return !is_stopping;
}

static void run(void *ctx)
{
    struct mock_linger *linger = ctx;
    nfds_t polled;
    do {
        char bytes[64];
        int wait_ms = prepare(linger, &polled);
        if (poll(linger->polled, polled, wait_ms) > 0 && linger->polled[0].revents &&
            read(linger->wake[0], bytes, sizeof bytes) < 0) {
            /* it does not block; whatever it says, everything is looked at */
        }
    } while (look(linger, polled));
    pthread_mutex_lock(&linger->lock);
    linger->has_ended = true;
    linger->env->wake(linger->env->ctx, &linger->ended);
    pthread_mutex_unlock(&linger->lock);
}

static void wake(const struct mock_linger *linger)
{
    if (write(linger->wake[1], "", 1) < 0) {
        /* full: the thread will wake anyway */
    }
}

void mock_linger_add(struct mock_linger *linger, int fd)
{
    struct peer peer = {.until_ms = now_ms(linger) + MOCK_LINGER_MS, .left = MOCK_LINGER_BYTES};
    pthread_mutex_lock(&linger->lock);
    peer.fd = linger->count < linger->max ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
    if (peer.fd >= 0) {
        (void)shutdown(peer.fd, SHUT_WR); /* the peer reads the answer to its end */
        linger->peers[linger->count++] = peer;
    }
    pthread_mutex_unlock(&linger->lock);
    if (peer.fd >= 0)
        wake(linger);
}

/* ---- life ---- */

static void release(struct mock_linger *linger)
{
    for (int i = 0; i < 2; i++) {
        if (linger->wake[i] >= 0)
            close(linger->wake[i]);
    }
    pthread_cond_destroy(&linger->ended);
    pthread_mutex_destroy(&linger->lock);
    free(linger->peers);
    free(linger->polled);
    free(linger);
}

static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    for (int i = 0; i < 2; i++) {
        if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0 || fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0)
            return false;
    }
    return true;
}

enum auth_rc mock_linger_new(const struct auth_env *env, unsigned max, struct mock_linger **out)
{
    struct mock_linger *linger = calloc(1, sizeof *linger);
    if (!linger)
        return AUTH_E_NOMEM;
    *linger = (struct mock_linger){.env = env, .max = max, .wake = {-1, -1}};
    pthread_mutex_init(&linger->lock, NULL);
    auth_env_cond_init(&linger->ended);
    linger->peers = calloc(max, sizeof *linger->peers);
    linger->polled = calloc(max + 1U, sizeof *linger->polled);
    enum auth_rc rc = linger->peers && linger->polled ? AUTH_OK : AUTH_E_NOMEM;
    if (rc == AUTH_OK && !open_pipe(linger->wake))
        rc = AUTH_E_IO;
    if (rc == AUTH_OK)
        rc = env->start(env->ctx, run, linger);
    if (rc == AUTH_OK)
        *out = linger;
    else
        release(linger);
    return rc;
}

void mock_linger_free(struct mock_linger *linger)
{
    if (!linger)
        return;
    pthread_mutex_lock(&linger->lock);
    linger->is_stopping = true;
    wake(linger);
    while (!linger->has_ended)
        linger->env->wait(linger->env->ctx, &linger->ended, &linger->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&linger->lock);
    release(linger);
}
