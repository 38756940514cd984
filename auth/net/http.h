/* HTTP out: one request, one bounded answer, no surprises. auth/net alone knows libcurl.
 *
 * A transport is a small struct of functions, so that tests can script answers. The curl transport never follows a
 * redirect (a 307 would resend an assertion to another host), reads no .netrc, speaks http and https only, plain http
 * only to loopback unless allowed, TLS 1.2 or later, asks for no compression, caps headers and body while they
 * arrive, and bounds the whole exchange by a deadline. */
#ifndef AUTH_NET_HTTP_H
#define AUTH_NET_HTTP_H

#include <stdatomic.h>

#include "auth/core/address.h"
#include "auth/core/buf.h"

struct auth_http_header {
    const char *name;
    struct auth_view value;
};

struct auth_http_request {
    const char *method; /* "GET", "POST", "PUT", "DELETE" */
    const char *url;
    const struct auth_http_header *headers; /* values are refused when they hold CR, LF or NUL */
    size_t header_count;
    struct auth_view body;
    int64_t timeout_ms; /* whole exchange; 0: the transport's default */
    /* 0, or how long the whole exchange may take as long as the answer comes at AUTH_HTTP_RATE_MIN bytes a second or more;
     * timeout_ms is then what may pass without so many. Seen within a second. */
    int64_t transfer_ms;
    size_t body_max;       /* bytes of answer kept; more is AUTH_E_TOO_BIG; 0: 1 MiB */
    size_t error_body_max; /* the same for a status of 400 and above; 0: body_max */
};

enum { AUTH_HTTP_RATE_MIN = 1000 };

struct auth_http_response {
    int status;
    struct auth_buf headers; /* "name: value\n" lines, names in lower case, of the final answer */
    struct auth_buf body;    /* secret buffer: may hold a token */
    int64_t date_s;          /* the Date header as epoch seconds, 0 when absent or unreadable */
};

struct auth_http {
    /* out  response  init by this call; caller clears with auth_http_response_clear(), also after a failure
     * rc   AUTH_OK for every complete answer whatever its status; AUTH_E_NETWORK, AUTH_E_TLS, AUTH_E_TIMEOUT, AUTH_E_TOO_BIG,
     *      AUTH_E_PROTOCOL, AUTH_E_ORIGIN (plain http off loopback), AUTH_E_ARG, AUTH_E_CONFIG (no libcurl); detail names host and cause, no secrets
     * threads  safe: any number at once */
    enum auth_rc (*send)(struct auth_http *http, const struct auth_http_request *request,
                         struct auth_http_response *response, struct auth_err *err);
    void (*free)(struct auth_http *http);
};

/* Which addresses may be connected to: one bit, 1U << kind, for each enum auth_address_kind. All but ANYWHERE use no proxy,
 * since that would hide the address. Whatever is chosen, plain http to a name for loopback ends at a loopback address. */
enum {
    AUTH_REACH_PUBLIC = 1U << AUTH_ADDRESS_GLOBAL | 1U << AUTH_ADDRESS_LOOPBACK,
    AUTH_REACH_NETWORKS = AUTH_REACH_PUBLIC | 1U << AUTH_ADDRESS_PRIVATE | 1U << AUTH_ADDRESS_TRANSLATED,
    AUTH_REACH_ANYWHERE = (1U << AUTH_ADDRESS_KINDS) - 1,
};

struct auth_http_options {
    const char *ca_file;        /* PEM bundle in place of the system's; NULL: the system's (SSL_CERT_FILE counts) */
    int64_t connect_timeout_ms; /* 0: 10 s */
    int64_t timeout_ms;         /* 0: 30 s */
    const char *user_agent;
    bool allow_plain_http;           /* off loopback too */
    unsigned reach;                  /* AUTH_REACH_*; 0: ANYWHERE */
    const atomic_bool *is_cancelled; /* when true, requests end within a second as AUTH_E_TIMEOUT; NULL: never */
};

/* The libcurl transport. libcurl is loaded by its first request. Keeps a pool of connections; handles are reused, one per request at a time.
 * rc  AUTH_E_NOMEM, AUTH_E_CONFIG (CA file unreadable) */
AUTH_MUST_CHECK enum auth_rc auth_http_new(const struct auth_http_options *options, struct auth_http **out,
                                           struct auth_err *err);
void auth_http_free(struct auth_http *http); /* NULL is fine */
void auth_http_response_clear(struct auth_http_response *response);
/* Value of the first header of that lower-case name; the empty view when absent. */
struct auth_view auth_http_response_header(const struct auth_http_response *response, const char *name);

#endif
