/* Inside the server only: what server.c (connections, starting, stopping) and request.c (one request, from its headers to
 * its answer) share. */
#ifndef MOCK_EPIC_SERVER_PRIVATE_H
#define MOCK_EPIC_SERVER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include <microhttpd.h>

#include "mock_epic/server/budget.h"
#include "mock_epic/server/dispatch.h"
#include "mock_epic/server/kept.h"
#include "mock_epic/server/server.h"

enum {
    HEADERS_MAX = 64,
    URI_MAX = 8 * 1024,
    /* Request line, headers and the answer's headers. libmicrohttpd clears all of it for every request, so memory that
     * nobody uses costs time: with its default of 32 KiB the first-level cache is empty after each. */
    POOL_N = 12 * 1024,
    KEEP_BUFFER_MAX = 16 * 1024, /* buffers beyond it are given back after a request */
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
    bool is_whole;               /* the request's body has come to its end */
    bool is_suspended;           /* counted in server->suspended */
    bool is_uri_bad;
    int refusal;        /* what a body that could not be taken will be answered with; 0: it could */
    bool is_counted;    /* the account has this request */
    const char *method; /* while the request lasts */
    struct auth_buf uri;
    struct auth_buf body;
    struct mock_body_rule body_rule;
    size_t body_n;                 /* bytes that came, kept or not */
    size_t body_held, answer_held; /* of the server's budgets */
    struct mock_header headers[HEADERS_MAX];
    struct mock_request request;
    struct mock_wait wait; /* while it waits, libmicrohttpd has the connection suspended */
    struct mock_response response;
    struct mock_kept *kept;    /* of the last answer, for one like it */
    uint64_t drop_end;         /* of a body that drips: how far it may be sent now */
    size_t piece, piece_start; /* of a body in pieces: the next to send, and where it starts in the body */
};

struct mock_server {
    int listen_fd;
    unsigned threads;
    int64_t request_ms, idle_ms;
    const struct auth_env *env;
    struct mock_instance *instance;
    struct MHD_Daemon *daemon;
    bool is_tls;
    atomic_bool is_stopping;
    struct mock_budget bodies, answers;
    struct mock_linger *linger;
    pthread_mutex_t lock; /* of the list, of fd against close(), and of the next three */
    struct connection *connections;
    bool is_closing;        /* nothing is suspended any more */
    unsigned suspended;     /* connections that are, or were and are not served yet */
    pthread_cond_t resumed; /* none is left */
    atomic_uint busy;
};

/* libmicrohttpd's access handler: called once with the headers, once for each piece of the body, once at the end, and again
 * after a suspended connection was resumed. */
enum MHD_Result mock_server_on_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                       const char *version, const char *upload, size_t *upload_n, void **slot);
/* The body's bytes from pos on; as libmicrohttpd wants its content reader. */
ssize_t mock_server_read_pieces(void *cls, uint64_t pos, char *to, size_t max);
/* Send it with the headers of c->response. Takes the reference. */
enum MHD_Result mock_server_queue(const struct connection *c, struct MHD_Connection *mhd,
                                  struct MHD_Response *response);
/* Send an answer that a fault has to do with. */
enum MHD_Result mock_server_send_disturbed(struct connection *c, struct MHD_Connection *mhd);
/* The time until c->wait is over is not the peer's. */
void mock_server_extend_deadline(struct connection *c);
/* Ask before a connection is suspended. False: the server stops, and nothing may be any more. */
AUTH_MUST_CHECK bool mock_server_enter_suspension(struct connection *c);
/* The connection is libmicrohttpd's again, if it was not. */
void mock_server_leave_suspension(struct connection *c);

#endif
