/* One HTTP exchange as plain data: what server.c hands to mock_dispatch() and what it gets back.
 *
 * No socket and no libmicrohttpd here, so tests, fuzzers and benches speak to the whole server through these two
 * structs. Path and query are as received (percent-encoded): whoever needs them decoded says how.
 * Read next: mock_epic/server/dispatch.h. */
#ifndef MOCK_EPIC_HTTP_MESSAGE_H
#define MOCK_EPIC_HTTP_MESSAGE_H

#include "auth/core/buf.h"

struct mock_header {
    struct auth_view name;
    struct auth_view value;
};

struct mock_request {
    struct auth_view method;
    struct auth_view path;  /* from '/', without query; percent-encoded */
    struct auth_view query; /* after '?'; percent-encoded */
    const struct mock_header *headers;
    size_t header_count;
    struct auth_view body;
    bool is_loopback_peer;
};

/* Value of the first header of that name (any case); the empty view when absent. */
struct auth_view mock_request_header(const struct mock_request *request, const char *name);

enum { MOCK_RESPONSE_HEADERS_MAX = 24, MOCK_RESPONSE_REASON_MAX = 240, MOCK_RESPONSE_BODY_MAX = 64 * 1024 * 1024 };

struct mock_piece {
    const char *borrowed; /* NULL: the piece is text[at .. at+n) of the response */
    size_t at;
    size_t n;
};

/* What becomes of an answer on its way: for faults. All zero: nothing. */
struct mock_wire {
    int64_t delay_ms;                  /* before its first byte */
    int64_t drip_bytes, drip_every_ms; /* so many body bytes at a time; 0: as they come */
    bool is_reset;                     /* the connection, after reset_after bytes of the body, or -1: before anything */
    int64_t reset_after;
    bool is_truncated; /* closed after truncate_at bytes of the body */
    int64_t truncate_at;
    int64_t length_delta; /* Content-Length says so much more, or less, than there is */
};

/* An answer. The body is a list of pieces: own text, or borrowed bytes that outlive the server's answer (resources
 * as they were loaded), so that a resource is never copied. */
struct mock_response {
    int status;
    struct {
        const char *name;  /* static */
        const char *value; /* static, or inside header_text */
    } headers[MOCK_RESPONSE_HEADERS_MAX];
    size_t header_count;
    char header_text[4096]; /* names and values that were copied */
    size_t header_text_n;
    struct auth_buf text; /* the response's own bytes; wiping, it may hold a token */
    struct mock_piece *pieces;
    size_t piece_count, piece_size;
    char reason[MOCK_RESPONSE_REASON_MAX]; /* why it is a refusal, for people; "" unknown */
    struct mock_wire wire;
    unsigned hints;    /* bits of mock_epic/epic/hints.h */
    uint64_t decision; /* its entry in the journal; 0: none */
    bool is_told;      /* and the log has it already */
    bool is_spoiled;   /* memory ran out while it was built: server.c sends a bare 500 */
};

void mock_response_init(struct mock_response *response); /* status 200, nothing else */
/* Whether the answer was to have more than MOCK_RESPONSE_BODY_MAX bytes of its own: then it is spoiled for that reason, and
 * whoever wrote it says so in its place. */
bool mock_response_is_too_big(const struct mock_response *response);
void mock_response_clear(struct mock_response *response);
/* Drop body and headers, keep memory: to replace a half-built answer. */
void mock_response_reset(struct mock_response *response);

/* Why this is a refusal, in words for the log; cut where it is too long. */
void mock_response_because(struct mock_response *response, const char *format, ...) AUTH_PRINTF(2, 3);

void mock_response_header(struct mock_response *response, const char *name, const char *static_value);
void mock_response_header_copy(struct mock_response *response, const char *name, struct auth_view value);
/* Set it in place of whatever stands under that name; both are copied. */
void mock_response_header_set(struct mock_response *response, struct auth_view name, struct auth_view value);
void mock_response_header_number(struct mock_response *response, const char *name, uint64_t value); /* decimal */

/* Add body bytes. add_text copies; add_borrowed keeps the pointer, which must stay valid as long as the server. To
 * write with a JSON writer: append to response->text, then call mock_response_seal_text(). */
void mock_response_add_text(struct mock_response *response, struct auth_view bytes);
void mock_response_add_borrowed(struct mock_response *response, struct auth_view bytes);
/* Where the bytes of one of its pieces lie; until the next is added. */
const char *mock_response_piece(const struct mock_response *response, const struct mock_piece *piece);
/* Make all text appended to response->text since the last piece into a piece. */
void mock_response_seal_text(struct mock_response *response);
size_t mock_response_size(const struct mock_response *response); /* body bytes */
/* Put these bytes, which are copied, in place of the body. */
void mock_response_replace_body(struct mock_response *response, struct auth_view bytes);
/* Append the whole body to out: tests and HEAD-less tools. */
void mock_response_body(const struct mock_response *response, struct auth_buf *out);

#endif
