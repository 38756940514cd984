/* HTTP out: one request, one bounded answer, no surprises. The only room that knows libcurl.
 *
 * A transport is a small struct of functions, so that tests can script answers. The curl transport never follows a
 * redirect (a 307 would resend an assertion to another host), reads no .netrc, speaks http and https only, plain http
 * only to loopback unless allowed, TLS 1.2 or later, asks for no compression, caps headers and body while they
 * arrive, and bounds the whole exchange by a deadline. */
#ifndef AUTH_NET_HTTP_H
#define AUTH_NET_HTTP_H

#include <stdatomic.h>

#include "auth/core/buf.h"

struct auth_http_header {
    const char *name;
    struct auth_view value;
};

struct auth_http_request {
    const char *method; /* "GET", "POST", "DELETE" */
    const char *url;
    const struct auth_http_header *headers; /* values are refused when they hold CR, LF or NUL */
    size_t header_count;
    struct auth_view body;
    int64_t timeout_ms; /* whole exchange; 0: the transport's default */
    size_t body_max;    /* bytes of answer kept; more is AUTH_E_TOO_BIG; 0: 1 MiB */
};

struct auth_http_response {
    int status;
    struct auth_buf headers; /* "name: value\n" lines, names in lower case, of the final answer */
    struct auth_buf body;    /* secret buffer: may hold a token */
    int64_t date_s;          /* the Date header as epoch seconds, 0 when absent or unreadable */
};

struct auth_http {
    /* out  response  init by this call; caller clears with auth_http_response_clear(), also after a failure
     * rc   AUTH_OK for every complete answer whatever its status; AUTH_E_NETWORK, AUTH_E_TLS, AUTH_E_TIMEOUT, AUTH_E_TOO_BIG,
     *      AUTH_E_PROTOCOL, AUTH_E_ORIGIN (plain http off loopback), AUTH_E_ARG; detail names host and cause, no secrets
     * threads  safe: any number at once */
    enum auth_rc (*send)(struct auth_http *http, const struct auth_http_request *request,
                         struct auth_http_response *response, struct auth_err *err);
    void (*free)(struct auth_http *http);
};

/* Which addresses may be dialled. All but ANYWHERE use no proxy, since that would hide the address, and want plain
 * http to end at a loopback address, not only at a name for one. */
enum auth_http_reach {
    AUTH_HTTP_ANYWHERE,
    AUTH_HTTP_NOT_LINK_LOCAL, /* not 169.254/16, fe80::/10, 0/8 */
    AUTH_HTTP_PUBLIC,         /* nor private networks; loopback is allowed */
};

struct auth_http_options {
    const char *ca_file;        /* PEM bundle in place of the system's; NULL: the system's (SSL_CERT_FILE counts) */
    int64_t connect_timeout_ms; /* 0: 10 s */
    int64_t timeout_ms;         /* 0: 30 s */
    const char *user_agent;
    bool allow_plain_http; /* off loopback too */
    enum auth_http_reach reach;
    const atomic_bool *is_cancelled; /* when true, requests end within a second as AUTH_E_TIMEOUT; NULL: never */
};

/* The libcurl transport. Keeps a pool of connections; handles are reused, one per request at a time.
 * rc  AUTH_E_NOMEM, AUTH_E_CONFIG (CA file unreadable) */
AUTH_MUST_CHECK enum auth_rc auth_http_new(const struct auth_http_options *options, struct auth_http **out,
                                           struct auth_err *err);
void auth_http_free(struct auth_http *http); /* NULL is fine */
void auth_http_response_clear(struct auth_http_response *response);
/* Value of the first header of that lower-case name; the empty view when absent. */
struct auth_view auth_http_response_header(const struct auth_http_response *response, const char *name);

/* ---- URLs ---- */

/* Parts of an absolute http or https URL; borrowed from it. */
struct auth_url {
    bool is_https;
    struct auth_view host; /* without brackets */
    unsigned port;         /* default filled in */
    struct auth_view path; /* from the first '/', with query; may be empty */
};
/* rc  AUTH_E_SYNTAX: not an absolute http(s) URL, user info in it, control bytes, port out of range */
AUTH_MUST_CHECK enum auth_rc auth_url_parse(struct auth_view url, struct auth_url *out, struct auth_err *err);
/* Same scheme, host (case folded) and port: credentials may go there. */
bool auth_url_same_origin(const struct auth_url *a, const struct auth_url *b);
bool auth_url_is_loopback(const struct auth_url *url); /* localhost, 127.0.0.0/8, ::1 */
/* Append the absolute form of a reference against an absolute base URL (RFC 3986 5.2: absolute, "//host", "/path",
 * "?query", relative path). */
AUTH_MUST_CHECK enum auth_rc auth_url_resolve(struct auth_buf *out, const char *base, struct auth_view reference,
                                              struct auth_err *err);

#endif
