/* Sockets: moves bytes between libmicrohttpd and mock_dispatch(), and refuses what HTTP forbids.
 *
 * The only folder that knows libmicrohttpd: server.c for connections, starting and stopping, request.c for one request.
 * Version 0.9.75 lets through what enables request smuggling (two lengths, a length beside chunked, unknown transfer
 * codings, NULs) and counts only idle time against slow senders, so the headers are checked before anything else and each
 * request is bounded by a total deadline. What all connections together may hold is bounded too (budget.h), and who is
 * answered while still writing is seen off (linger.h). What cannot be kept from libmicrohttpd is in mock_epic/README.md. */
#ifndef MOCK_EPIC_SERVER_SERVER_H
#define MOCK_EPIC_SERVER_SERVER_H

#include "mock_epic/instance/instance.h"
#include "mock_epic/server/tls.h"

struct mock_server;

struct mock_server_options {
    const char *listen; /* "ADDR:PORT", "[V6]:PORT"; port 0 picks a free one */
    unsigned threads;   /* 1..64 */
    int64_t request_ms; /* from the first byte of a request to the last of its answer; 0: 30 s */
    int64_t idle_ms;    /* between requests; 0: 30 s */
};

/* Bind and listen only, so that the port is known before URLs are made.
 * out  port  the one in use
 * rc   AUTH_E_ARG (not ADDR:PORT); AUTH_E_IO (detail: address in use, not permitted, ...) */
AUTH_MUST_CHECK enum auth_rc mock_server_listen(const struct mock_server_options *options, struct mock_server **out,
                                                unsigned *port, struct auth_err *err);
/* Start answering. mock must outlive the server.
 * in   tls  what to show, used during the call only; TLS 1.2 or later. NULL: plain HTTP
 * rc   AUTH_E_CONFIG (this libmicrohttpd has no TLS); AUTH_E_IO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_server_start(struct mock_server *server, struct mock_instance *instance,
                                               const struct mock_tls *tls, struct auth_err *err);
/* Cut connections that passed their deadline. Call every few hundred milliseconds. */
void mock_server_tick(struct mock_server *server);
/* Stop accepting, let requests under way finish (at most wait_ms), then stop: what still waits for something is resumed and
 * answered. NULL is fine, and a server that was not started, or could not be. */
void mock_server_stop(struct mock_server *server, int64_t wait_ms);

#endif
