#include "mock_epic/server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "mock_epic/routes.h"

enum {
    HEADERS_MAX = 64,
    URI_MAX = 8 * 1024,
    /* Request line, headers and the answer's headers. libmicrohttpd clears all of it for every request, so room that
     * nobody uses costs time: with its default of 32 KiB the first-level cache is empty after each. */
    POOL_N = 12 * 1024,
    KEEP_BUFFER_MAX = 64 * 1024, /* buffers beyond it are given back after a request */
    SPARE_FDS = 32,
};

/* One connection and the one request that it carries at a time. Its buffers are kept from request to request, so a busy
 * connection allocates nothing. */
struct connection {
    struct connection *previous, *next; /* in server->connections */
    struct mock_server *server;
    struct MHD_Connection *mhd;
    int fd;
    bool is_loopback_peer;
    _Atomic int64_t deadline_ms; /* steady clock */
    bool is_busy;                /* between the request line and the end of the answer */
    bool is_checked;             /* the headers passed */
    bool is_too_big;
    bool is_uri_bad;
    struct auth_buf uri;
    struct auth_buf body;
    size_t body_max;
    struct mock_header headers[HEADERS_MAX];
    struct mock_request request;
    struct mock_pause pause; /* while it waits, libmicrohttpd has the connection suspended */
    struct mock_response response;
    size_t piece, piece_start; /* of a body in pieces: the next to send, and where it starts in the body */
};

struct mock_server {
    int listen_fd;
    unsigned threads;
    int64_t request_ms, idle_ms;
    const struct auth_env *env;
    struct mock_epic *mock;
    struct MHD_Daemon *daemon;
    atomic_bool is_stopping;
    pthread_mutex_t lock; /* of the list, and of fd against close() */
    struct connection *connections;
    atomic_uint busy;
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
    if (!info || !info->client_addr)
        return false;
    if (info->client_addr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, info->client_addr, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, info->client_addr, sizeof v6);
    return info->client_addr->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

static void resume_connection(struct mock_pause *pause)
{
    struct connection *c = (struct connection *)((char *)pause - offsetof(struct connection, pause));
    MHD_resume_connection(c->mhd);
}

static struct connection *connection_new(struct mock_server *server, struct MHD_Connection *mhd)
{
    struct connection *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->server = server;
    c->mhd = mhd;
    c->pause.resume = resume_connection;
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
    mock_dispatch_end(&c->pause);
    free(c);
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
    c->is_checked = false;
    c->is_too_big = false;
    mock_dispatch_end(&c->pause);
    auth_buf_reset(&c->body);
    if (c->body.size > KEEP_BUFFER_MAX)
        auth_buf_clear(&c->body);
    mock_response_reset(&c->response);
    if (c->response.text.size > KEEP_BUFFER_MAX)
        auth_buf_clear(&c->response.text);
    /* Idle time is libmicrohttpd's to count; the slack only catches a next request line that drips in. */
    set_deadline(c, c->server->idle_ms + c->server->request_ms);
    *slot = NULL;
}

/* Raw path and query are wanted, so libmicrohttpd must not decode. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

/* ---- checking what HTTP forbids ---- */

struct header_walk {
    struct connection *c;
    size_t count;
    bool is_overfull;
    bool is_folded;
};

/* libmicrohttpd 0.9.75 appends a folded line (RFC 9112 5.2) to the *name* of the header before it, which hides a header
 * from us that others see, or makes one. Name and value of a header stand in the request as they came, one after the
 * other; only a name that was put together again stands behind its value. */
static bool is_folded(const char *name, const char *value)
{
    return value && (uintptr_t)value < (uintptr_t)name;
}

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n,
                                   const char *value, size_t value_n)
{
    struct header_walk *walk = cls;
    (void)kind;
    if (walk->count == HEADERS_MAX) {
        walk->is_overfull = true;
        return MHD_NO;
    }
    walk->is_folded = walk->is_folded || is_folded(name, value);
    walk->c->headers[walk->count].name = auth_view_bytes(name, name_n);
    walk->c->headers[walk->count].value = auth_view_bytes(value ? value : "", value ? value_n : 0);
    walk->count++;
    return MHD_YES;
}

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || (c >= '0' && c <= '9') ||
           (c && strchr("!#$%&'*+.^_`|~", c));
}

static bool header_is_sound(const struct mock_header *header)
{
    for (size_t i = 0; i < header->name.n; i++) {
        if (!is_token_char(header->name.p[i]))
            return false;
    }
    for (size_t i = 0; i < header->value.n; i++) {
        unsigned char byte = (unsigned char)header->value.p[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return header->name.n > 0;
}

/* What decides where a message ends, and whose it is. */
struct framing {
    unsigned hosts, lengths, codings;
    struct auth_view length, coding;
};

static bool digits_only(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    }
    return text.n > 0;
}

/* 0 when the framing is unambiguous (RFC 9112 6.1-6.3), else the status to refuse with. */
static int check_framing(const struct framing *framing, size_t body_max)
{
    int64_t length;
    if (framing->hosts > 1 || framing->lengths > 1 || framing->codings > 1)
        return 400;
    if (framing->lengths && framing->codings)
        return 400;
    if (framing->codings)
        return auth_view_is_nocase(framing->coding, "chunked") ? 0 : 400;
    if (!framing->lengths)
        return 0;
    if (!digits_only(framing->length))
        return 400;
    return auth_view_int(framing->length, &length) && length <= (int64_t)body_max ? 0 : 413;
}

static int check_headers(const struct connection *c, size_t count, const char *version)
{
    struct framing framing = {0};
    for (size_t i = 0; i < count; i++) {
        const struct mock_header *header = &c->headers[i];
        if (!header_is_sound(header))
            return 400;
        if (auth_view_is_nocase(header->name, "host")) {
            framing.hosts++;
        } else if (auth_view_is_nocase(header->name, "content-length")) {
            framing.lengths++;
            framing.length = header->value;
        } else if (auth_view_is_nocase(header->name, "transfer-encoding")) {
            framing.codings++;
            framing.coding = header->value;
        }
    }
    if (framing.hosts == 0 && strcmp(version, "HTTP/1.0") != 0)
        return 400; /* RFC 9112 3.2 */
    return check_framing(&framing, c->body_max);
}

static bool method_is_known(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

/* Fill c->request from the request line and headers. 0, or the status to refuse with. */
static int check_request(struct connection *c, struct MHD_Connection *mhd, const char *method, const char *version)
{
    struct header_walk walk = {.c = c};
    struct auth_view query = auth_buf_view(&c->uri);
    if (c->is_uri_bad)
        return 414;
    if (query.n == 0 || query.p[0] != '/')
        return 400; /* absolute form, authority form and "*" name no path of ours */
    if (!method_is_known(method))
        return 405;
    struct auth_view path = auth_view_cut(&query, '?');
    c->body_max = mock_dispatch_body_max(path);
    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, take_header, &walk);
    if (walk.is_overfull)
        return 431;
    if (walk.is_folded)
        return 400;
    c->request = (struct mock_request){
        .method = auth_view_of(method),
        .path = path,
        .query = query,
        .headers = c->headers,
        .header_count = walk.count,
        .is_loopback_peer = c->is_loopback_peer,
    };
    return check_headers(c, walk.count, version);
}

/* ---- answering ---- */

/* A bare refusal; the connection ends with it, because what follows on it cannot be trusted to be a request. */
static enum MHD_Result refuse(struct MHD_Connection *mhd, int status)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, "Connection", "close");
    if (status == 405)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    enum MHD_Result result = MHD_queue_response(mhd, (unsigned)status, response);
    MHD_destroy_response(response);
    return result;
}

static const char *piece_bytes(const struct mock_response *response, const struct mock_piece *piece)
{
    return piece->borrowed ? piece->borrowed : response->text.p + piece->at;
}

/* Hand out the body's bytes from pos on. libmicrohttpd asks in order, so the place of the last piece is remembered. */
static ssize_t read_pieces(void *cls, uint64_t pos, char *to, size_t max)
{
    struct connection *c = cls;
    const struct mock_response *response = &c->response;
    size_t done = 0;
    while (done < max && c->piece < response->piece_count) {
        const struct mock_piece *piece = &response->pieces[c->piece];
        size_t at = (size_t)pos + done - c->piece_start;
        size_t n = piece->n - at < max - done ? piece->n - at : max - done;
        memcpy(to + done, piece_bytes(response, piece) + at, n);
        done += n;
        if (at + n == piece->n) {
            c->piece_start += piece->n;
            c->piece++;
        }
    }
    return done ? (ssize_t)done : MHD_CONTENT_READER_END_OF_STREAM;
}

/* No MHD_create_response_from_iovec(): 0.9.75 copies the list into the connection's pool, and where it does not fit
 * (a Bundle of 270 entries, or a request with big headers) it destroys the response twice and aborts the process. */
static struct MHD_Response *response_of_pieces(struct connection *c)
{
    enum { BLOCK_N = 64 * 1024 };
    size_t size = mock_response_size(&c->response);
    c->piece = c->piece_start = 0;
    return MHD_create_response_from_callback(size, size < BLOCK_N ? size : BLOCK_N, read_pieces, c, NULL);
}

/* The bytes stay in the connection until on_completed(), so libmicrohttpd borrows them. */
static struct MHD_Response *response_of(struct connection *c)
{
    const struct mock_response *response = &c->response;
    if (response->piece_count > 1)
        return response_of_pieces(c);
    if (response->piece_count == 0)
        return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    const struct mock_piece *piece = &response->pieces[0];
    union {
        const char *in;
        void *out;
    } bytes = {.in = piece_bytes(response, piece)}; /* the API takes void *, and never writes to it */
    return MHD_create_response_from_buffer(piece->n, bytes.out, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_response(struct connection *c, struct MHD_Connection *mhd)
{
    if (c->response.is_spoiled || !auth_buf_ok(&c->response.text))
        return refuse(mhd, 500);
    struct MHD_Response *response = response_of(c);
    if (!response)
        return refuse(mhd, 500);
    for (size_t i = 0; i < c->response.header_count; i++)
        MHD_add_response_header(response, c->response.headers[i].name, c->response.headers[i].value);
    enum MHD_Result result = MHD_queue_response(mhd, (unsigned)c->response.status, response);
    MHD_destroy_response(response);
    return result;
}

/* Answer, or let the connection sleep until what the request waits for has come: no thread is held up by it. It is
 * suspended before the wait begins, because the wait may end at once and on another thread. */
static enum MHD_Result answer(struct connection *c, struct MHD_Connection *mhd)
{
    struct mock_epic *mock = c->server->mock;
    if (mock_dispatch_step(mock, &c->request, &c->pause, &c->response) == AUTH_OK)
        return send_response(c, mhd);
    MHD_suspend_connection(mhd);
    mock_dispatch_wait(mock, &c->pause);
    return MHD_YES;
}

/* libmicrohttpd calls this once with the headers, once for each chunk of the body, once at the end, and again after a
 * suspended connection was resumed. */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_n, void **slot)
{
    struct connection *c = *slot;
    (void)cls;
    (void)url;
    if (!c)
        return MHD_NO;
    if (!c->is_checked) {
        c->is_checked = true;
        int status = check_request(c, mhd, method, version);
        return status ? refuse(mhd, status) : MHD_YES;
    }
    if (*upload_n) {
        if (c->body.n + *upload_n > c->body_max)
            c->is_too_big = true; /* a chunked body: answered, or cut by the deadline, when it ends */
        else
            auth_buf_add(&c->body, upload, *upload_n);
        *upload_n = 0;
        return MHD_YES;
    }
    if (c->is_too_big)
        return refuse(mhd, 413);
    if (!auth_buf_ok(&c->body))
        return refuse(mhd, 500);
    c->request.body = auth_buf_view(&c->body);
    return answer(c, mhd);
}

/* ---- listening ---- */

static enum auth_rc split_listen(const char *listen_text, char host[128], char port[8], struct auth_err *err)
{
    const char *colon = strrchr(listen_text, ':');
    struct auth_view name = auth_view_bytes(listen_text, colon ? (size_t)(colon - listen_text) : 0);
    int64_t number;
    if (colon && name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
        name = auth_view_bytes(name.p + 1, name.n - 2);
    if (!colon || name.n == 0 || name.n >= 128 || !digits_only(auth_view_of(colon + 1)) ||
        !auth_view_int(auth_view_of(colon + 1), &number) || number > 65535)
        return auth_err_set(err, AUTH_E_ARG, "--listen %s: write ADDRESS:PORT, e.g. 127.0.0.1:8423 or [::1]:0",
                            listen_text);
    memcpy(host, name.p, name.n);
    host[name.n] = '\0';
    memcpy(port, colon + 1, strlen(colon + 1) + 1);
    return AUTH_OK;
}

static int open_listener(const struct addrinfo *address)
{
    int on = 1;
    int fd = socket(address->ai_family, SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC); /* `run` starts a command: it must not inherit the port */
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t n = sizeof address;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (getsockname(fd, (struct sockaddr *)&address, &n) != 0)
        return 0;
    memcpy(&v4, &address, sizeof v4);
    memcpy(&v6, &address, sizeof v6);
    return ntohs(address.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

enum auth_rc mock_server_listen(const struct mock_server_options *options, struct mock_server **out, unsigned *port,
                                struct auth_err *err)
{
    char host[128], service[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    enum auth_rc rc = split_listen(options->listen, host, service, err);
    if (rc != AUTH_OK)
        return rc;
    int found = getaddrinfo(host, service, &hints, &addresses);
    if (found != 0)
        return auth_err_set(err, AUTH_E_IO, "--listen %s: %s", options->listen, gai_strerror(found));
    int fd = open_listener(addresses);
    int why = errno;
    freeaddrinfo(addresses);
    if (fd < 0)
        return auth_err_set(err, AUTH_E_IO, "--listen %s: %s%s", options->listen, strerror(why),
                            why == EADDRINUSE ? " (port 0 picks a free one)" : "");
    struct mock_server *server = calloc(1, sizeof *server);
    if (!server) {
        close(fd);
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    }
    server->listen_fd = fd;
    server->threads = options->threads;
    server->request_ms = options->request_ms ? options->request_ms : 30000;
    server->idle_ms = options->idle_ms ? options->idle_ms : 30000;
    server->env = auth_env_system();
    pthread_mutex_init(&server->lock, NULL);
    *port = port_of(fd);
    *out = server;
    return AUTH_OK;
}

/* ---- starting and stopping ---- */

/* Fewer connections than descriptors, so accept() cannot fail over and over in a busy loop (EMFILE). */
static unsigned connection_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 4096)
        return 4096 - SPARE_FDS;
    return limit.rlim_cur > 2 * SPARE_FDS ? (unsigned)limit.rlim_cur - SPARE_FDS : (unsigned)limit.rlim_cur / 3;
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

enum auth_rc mock_server_start(struct mock_server *server, struct mock_epic *mock, const struct mock_tls *tls,
                               struct auth_err *err)
{
    struct MHD_OptionItem more[8];
    size_t count = 0;
    server->mock = mock;
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
    errno = 0;
    server->daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK |
            (tls ? MHD_USE_TLS : 0U),
        0, accept_policy, server, on_request, server, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)server->listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_N,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(server->idle_ms / 1000), MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    if (!server->daemon)
        return auth_err_set(err, AUTH_E_IO, "the HTTP server could not start: %s",
                            errno ? strerror(errno) : "libmicrohttpd does not say why");
    return AUTH_OK;
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

void mock_server_stop(struct mock_server *server, int64_t wait_ms)
{
    if (!server)
        return;
    if (server->daemon) {
        atomic_store(&server->is_stopping, true);
        int64_t end_ms = steady_ms(server) + wait_ms;
        while (atomic_load(&server->busy) > 0 && steady_ms(server) < end_ms)
            server->env->sleep_ms(server->env->ctx, 5);
        mock_jwks_fetcher_stop(server->mock->fetcher); /* libmicrohttpd must not stop with suspended connections */
        MHD_stop_daemon(server->daemon);               /* closes the listening socket */
    } else {
        close(server->listen_fd);
    }
    pthread_mutex_destroy(&server->lock);
    free(server);
}
