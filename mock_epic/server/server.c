/* Connections, and starting and stopping. */
#include "mock_epic/server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auth/core/address.h"
#include "mock_epic/server/linger.h"
#include "mock_epic/server/listen.h"
#include "mock_epic/server/private.h"

enum {
    CONNECTIONS_MAX = 4096,
    SPARE_FDS = 32,
    LINGER_MAX = 64,
    /* What all connections together may hold: bodies that are not whole, answers that are not read. Who comes when it is
     * used up is told to come again. */
    BODIES_MAX = 64 * 1024 * 1024,
    ANSWERS_MAX = 128 * 1024 * 1024,
};

static int64_t steady_ms(const struct mock_server *server)
{
    return server->env->steady_ms(server->env->ctx);
}

/* ---- connections ---- */

static void set_deadline(struct connection *c, int64_t in_ms)
{
    atomic_store_explicit(&c->deadline_ms, steady_ms(c->server) + in_ms, memory_order_relaxed);
}

static bool peer_is_loopback(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info && info->client_addr && auth_address_kind(info->client_addr) == AUTH_ADDRESS_LOOPBACK;
}

static void resume_connection(struct mock_wait *wait)
{
    struct connection *c = (struct connection *)((char *)wait - offsetof(struct connection, wait));
    MHD_resume_connection(c->mhd);
}

static struct connection *connection_new(struct mock_server *server, struct MHD_Connection *mhd)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = server;
    c->mhd = mhd;
    c->wait.resume = resume_connection;
    c->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    c->is_loopback_peer = peer_is_loopback(mhd);
    auth_buf_init(&c->uri, URI_MAX);
    auth_buf_init_secret(&c->body, MOCK_ADMIN_BODY_MAX);
    mock_response_init(&c->response);
    set_deadline(c, server->request_ms);
    return c;
}

static void connection_free(struct connection *c)
{
    auth_buf_clear(&c->uri);
    auth_buf_clear(&c->body);
    mock_response_clear(&c->response);
    mock_kept_free(c->kept);
    mock_dispatch_end(&c->wait);
    mock_budget_release(&c->server->bodies, &c->body_held);
    mock_budget_release(&c->server->answers, &c->answer_held);
    free(c);
}

/* Was the connection closed while its peer may still be writing? Then it has to be seen off; but not who was cut. */
static bool wants_lingering(const struct connection *c)
{
    char byte;
    if (atomic_load_explicit(&c->deadline_ms, memory_order_relaxed) < steady_ms(c->server))
        return false;
    ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0)
        return !c->is_whole && (errno == EAGAIN || errno == EWOULDBLOCK);
    return n > 0;
}

/* libmicrohttpd calls this before it closes the socket, so under the lock the reaper never meets a reused number. */
static void on_connection(void *cls, struct MHD_Connection *mhd, void **slot, enum MHD_ConnectionNotificationCode code)
{
    struct mock_server *server = cls;
    struct connection *c = *slot;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        c = connection_new(server, mhd);
        *slot = c;
        if (!c)
            return;
        pthread_mutex_lock(&server->lock);
        c->next = server->connections;
        if (c->next)
            c->next->previous = c;
        server->connections = c;
        pthread_mutex_unlock(&server->lock);
        return;
    }
    if (!c)
        return;
    pthread_mutex_lock(&server->lock);
    if (c->previous)
        c->previous->next = c->next;
    else
        server->connections = c->next;
    if (c->next)
        c->next->previous = c->previous;
    pthread_mutex_unlock(&server->lock);
    if (wants_lingering(c))
        mock_linger_add(server->linger, c->fd);
    connection_free(c);
    *slot = NULL;
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* ---- the life of a request ---- */

/* libmicrohttpd makes an entry for each piece of a query in the connection's pool, and where they do not fit beside the
 * rest it falls silent (0.9.75). A request that may not fit gets no time: it is answered at once, or cut with the next
 * tick. */
static bool is_query_overfull(const char *uri)
{
    enum { ENTRY_N = 64, OTHER_N = 3 * 1024 };
    size_t count = 0;
    for (const char *at = strchr(uri, '?'); at; count++)
        at = strchr(at + 1, '&');
    return count * ENTRY_N + strlen(uri) > POOL_N - OTHER_N;
}

/* The request line is there. The URI is taken here because it is still raw. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    (void)cls;
    struct connection *c = connection_of(mhd);
    if (!c)
        return NULL;
    if (!c->is_busy) {
        c->is_busy = true;
        atomic_fetch_add_explicit(&c->server->busy, 1, memory_order_relaxed);
    }
    c->is_whole = false;
    set_deadline(c, is_query_overfull(uri) ? 0 : c->server->request_ms);
    auth_buf_reset(&c->uri);
    auth_buf_add_string(&c->uri, uri);
    c->is_uri_bad = !auth_buf_ok(&c->uri);
    return c;
}

static void on_completed(void *cls, struct MHD_Connection *mhd, void **slot, enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)mhd;
    (void)code;
    struct connection *c = *slot;
    if (!c)
        return;
    if (c->is_busy) {
        c->is_busy = false;
        atomic_fetch_sub_explicit(&c->server->busy, 1, memory_order_relaxed);
    }
    c->is_checked = c->is_counted = false;
    c->refusal = 0;
    c->body_n = 0;
    mock_server_leave_suspension(c);
    mock_dispatch_end(&c->wait);
    auth_buf_reset(&c->body);
    if (c->body.size > KEEP_BUFFER_MAX)
        auth_buf_clear(&c->body);
    mock_response_reset(&c->response);
    if (c->response.text.size > KEEP_BUFFER_MAX)
        auth_buf_clear(&c->response.text);
    mock_budget_release(&c->server->bodies, &c->body_held);
    mock_budget_release(&c->server->answers, &c->answer_held);
    /* Idle time is libmicrohttpd's to count; the slack only catches a next request line that drips in. The clock is not read: what
     * this request did not use of its time comes on top. */
    int64_t deadline_ms = atomic_load_explicit(&c->deadline_ms, memory_order_relaxed);
    atomic_store_explicit(&c->deadline_ms, deadline_ms + c->server->idle_ms + c->server->request_ms,
                          memory_order_relaxed);
    *slot = NULL;
}

/* Raw path and query are wanted, so libmicrohttpd must not decode. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

/* ---- starting and stopping ---- */

enum auth_rc mock_server_listen(const struct mock_server_options *options, struct mock_server **out, unsigned *port,
                                struct auth_err *err)
{
    int fd = -1;
    enum auth_rc rc = mock_listen(options->listen, &fd, port, err);
    if (rc != AUTH_OK)
        return rc;
    struct mock_server *server = calloc(1, sizeof *server);
    if (!server) {
        close(fd);
        return auth_err_no_memory(err);
    }
    server->listen_fd = fd;
    server->threads = options->threads;
    server->request_ms = options->request_ms ? options->request_ms : 30000;
    server->idle_ms = options->idle_ms ? options->idle_ms : 30000;
    server->env = auth_env_system();
    mock_budget_init(&server->bodies, BODIES_MAX);
    mock_budget_init(&server->answers, ANSWERS_MAX);
    pthread_mutex_init(&server->lock, NULL);
    auth_env_cond_init(&server->resumed);
    *out = server;
    return AUTH_OK;
}

/* Fewer connections than descriptors, so accept() cannot fail over and over in a busy loop (EMFILE). The soft limit, which is
 * mostly 1,024, is raised as far as may be: many requests may wait at a time. */
static unsigned connection_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < CONNECTIONS_MAX) {
        limit.rlim_cur = limit.rlim_max < CONNECTIONS_MAX ? limit.rlim_max : CONNECTIONS_MAX;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > CONNECTIONS_MAX)
        return CONNECTIONS_MAX - SPARE_FDS;
    return limit.rlim_cur > 2 * SPARE_FDS ? (unsigned)limit.rlim_cur - SPARE_FDS : (unsigned)limit.rlim_cur / 3;
}

/* How many of them may be on their way out. */
static unsigned linger_limit(unsigned connections)
{
    return connections / 8 < LINGER_MAX ? connections / 8 + 1 : LINGER_MAX;
}

/* Whoever comes while the server stops is hung up on. Not MHD_quiesce_daemon(): with several threads on epoll it races
 * with them for the listening socket and may abort the process (0.9.75). */
static enum MHD_Result accept_policy(void *cls, const struct sockaddr *address, socklen_t address_n)
{
    const struct mock_server *server = cls;
    (void)address;
    (void)address_n;
    return atomic_load(&server->is_stopping) ? MHD_NO : MHD_YES;
}

/* GnuTLS's language: TLS 1.2 and 1.3 with forward secrecy and authenticated encryption, no SHA-1 (RFC 9325 4.2). */
static const char tls_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-MAC-ALL:+AEAD:"
    "-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:-SIGN-DSA-SHA1";

/* An option whose value is text; libmicrohttpd takes void * and only reads it. */
static struct MHD_OptionItem text_option(enum MHD_OPTION option, const char *text)
{
    union {
        const char *in;
        void *out;
    } value = {.in = text};
    return (struct MHD_OptionItem){option, 0, value.out};
}

static const char *cause_of(const struct mock_server *server, unsigned status)
{
    if (status == 400)
        return server->is_tls ? "not the HTTP of RFC 9112"
                              : "not the HTTP of RFC 9112; perhaps https was spoken to this http port";
    return status == 505 ? "neither HTTP/1.0 nor HTTP/1.1"
                         : "the request line or a header is longer than is taken here";
}

/* What libmicrohttpd answers by itself, before it asks us, is only told here. */
static void on_library_message(void *cls, const char *format, va_list args)
{
    static const char refusal[] = "Error processing request (HTTP response code is %u",
                      tls[] = "Error: received handshake message";
    struct mock_server *server = cls;
    struct auth_view nobody = auth_view_from_string("");
    if (!server->instance)
        return;
    struct mock_account *account = &server->instance->account;
    if (strncmp(format, refusal, sizeof refusal - 1) == 0) {
        unsigned status = va_arg(args, unsigned);
        mock_account_unsound(account, nobody, nobody, (int)status, true, cause_of(server, status));
    } else if (strncmp(format, tls, sizeof tls - 1) == 0) {
        mock_account_unsound(
            account, nobody, nobody, 0, false,
            "no TLS handshake: plain http was spoken to this https port, or its authority is not trusted");
    }
}

enum auth_rc mock_server_start(struct mock_server *server, struct mock_instance *instance, const struct mock_tls *tls,
                               struct auth_err *err)
{
    struct MHD_OptionItem more[8];
    size_t count = 0;
    unsigned connections = connection_limit(), lingering = linger_limit(connections);
    server->instance = instance;
    server->is_tls = tls != NULL;
    if (tls && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return auth_err_set(err, AUTH_E_CONFIG,
                            "this libmicrohttpd was built without TLS; serve plain http, or install one that was");
    if (server->threads > 1)
        more[count++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)server->threads, NULL};
    if (tls) {
        more[count++] = text_option(MHD_OPTION_HTTPS_MEM_CERT, tls->certificate.p);
        more[count++] = text_option(MHD_OPTION_HTTPS_MEM_KEY, tls->key.p);
        more[count++] = text_option(MHD_OPTION_HTTPS_PRIORITIES, tls_priorities);
    }
    more[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    /* poll(), not epoll: when 128 connections are ready at once, 0.9.75 goes back to epoll_wait() without serving them, and
     * they wait until something else happens. It costs the same up to some hundred connections (measured). */
    enum auth_rc rc = mock_linger_new(server->env, lingering, &server->linger);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "the HTTP server could not start: %s", auth_rc_text(rc));
    /* libmicrohttpd closes the socket that it is given, also where it fails to start: it gets its own */
    errno = 0;
    int fd = fcntl(server->listen_fd, F_DUPFD_CLOEXEC, 0);
    if (fd >= 0)
        server->daemon = MHD_start_daemon(
            MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK |
                MHD_USE_ERROR_LOG | (tls ? MHD_USE_TLS : 0U),
            0, accept_policy, server, mock_server_on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_message,
            server, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_CONNECTION_LIMIT, connections - lingering,
            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_N, MHD_OPTION_CONNECTION_TIMEOUT,
            (unsigned)(server->idle_ms / 1000), MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
            MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    if (server->daemon)
        return AUTH_OK;
    int why = errno;
    mock_linger_free(server->linger);
    server->linger = NULL;
    return auth_err_set(err, AUTH_E_IO, "the HTTP server could not start: %s",
                        why ? strerror(why) : "libmicrohttpd does not say why");
}

void mock_server_tick(struct mock_server *server)
{
    int64_t now_ms = steady_ms(server);
    pthread_mutex_lock(&server->lock);
    for (struct connection *c = server->connections; c; c = c->next) {
        if (atomic_load_explicit(&c->deadline_ms, memory_order_relaxed) < now_ms)
            (void)shutdown(c->fd, SHUT_RDWR); /* libmicrohttpd notices and closes */
    }
    pthread_mutex_unlock(&server->lock);
}

/* From here on nothing is suspended, and everything that was is back in libmicrohttpd's hands: it must not stop before. */
static void end_suspensions(struct mock_server *server)
{
    pthread_mutex_lock(&server->lock);
    server->is_closing = true;
    pthread_mutex_unlock(&server->lock);
    mock_dispatch_stop(server->instance); /* resumes whoever waits */
    pthread_mutex_lock(&server->lock);
    while (server->suspended)
        server->env->wait(server->env->ctx, &server->resumed, &server->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&server->lock);
}

void mock_server_stop(struct mock_server *server, int64_t wait_ms)
{
    if (!server)
        return;
    if (server->daemon) {
        atomic_store(&server->is_stopping, true);
        int64_t end_ms = steady_ms(server) + wait_ms;
        mock_dispatch_hurry(server->instance); /* who waits for a time has waited long enough */
        while (atomic_load(&server->busy) > 0 && steady_ms(server) < end_ms)
            server->env->sleep_ms(server->env->ctx, 5);
        end_suspensions(server);
        MHD_stop_daemon(server->daemon);
    }
    close(server->listen_fd);
    mock_linger_free(server->linger);
    pthread_cond_destroy(&server->resumed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
