/* URLs: the one reader of them. Parts, authorities (the "host:port" of a URL, a Host header or a listen address), origins,
 * loopback, and where a link leads.
 *
 * Two readings, because they answer two questions. auth_url_parse() is for what may be connected to and be given credentials, and
 * refuses whatever two programs might read differently. auth_url_split() only cuts, for what is compared or explained. */
#ifndef AUTH_CORE_URL_H
#define AUTH_CORE_URL_H

#include "auth/core/buf.h"

/* ---- as written ---- */

/* "scheme://host:port/path?query#fragment", cut and not checked; borrowed. */
struct auth_url_parts {
    struct auth_view scheme;
    struct auth_view host; /* with brackets and user information, where it has such */
    struct auth_view port; /* without the colon; empty when none is written */
    struct auth_view path; /* from the first '/', '?' or '#' */
};
/* False: there is no "://" behind its first colon. */
bool auth_url_split(struct auth_view url, struct auth_url_parts *out);

/* ---- checked ---- */

/* "host", "host:port" or "[v6]:port" (RFC 3986 3.2.2 and 3.2.3, without user information); borrowed. */
struct auth_authority {
    struct auth_view host; /* without brackets; never empty */
    bool is_bracketed;
    bool has_port; /* false for "host" and "host:" */
    unsigned port; /* 0..65535; 0 without one */
};
/* False: empty, user information, a byte that no host has (escapes among them), a bad port. */
AUTH_MUST_CHECK bool auth_authority_parse(struct auth_view text, struct auth_authority *out);
/* "localhost" in any case, or an address of 127/8, ::1 or ::ffff:127/104 in its usual spelling. in host: no brackets */
bool auth_host_is_loopback(struct auth_view host);

/* Parts of an absolute http or https URL; borrowed from it. */
struct auth_url {
    bool is_https;
    struct auth_view host; /* without brackets */
    unsigned port;         /* 1..65535, default filled in */
    struct auth_view path; /* from the first '/', '?' or '#'; may be empty */
};
/* rc  AUTH_E_SYNTAX: not an absolute http(s) URL, user info in it, control bytes, port out of range */
AUTH_MUST_CHECK enum auth_rc auth_url_parse(struct auth_view url, struct auth_url *out, struct auth_err *err);
/* Same scheme, host (case folded) and port: credentials may go there. */
bool auth_url_same_origin(const struct auth_url *a, const struct auth_url *b);
bool auth_url_is_loopback(const struct auth_url *url); /* its host is, by auth_host_is_loopback() */
/* Append the absolute form of a reference against an absolute http or https URL, by RFC 3986 5.2: absolute, "//host",
 * "/path", "?query", relative path, empty; dot segments are worked out, the scheme is in small letters, the fragment goes.
 * Blanks, backslashes and bytes beyond ASCII come out escaped. What comes out may be of any scheme and host: see
 * auth_url_parse() and auth_url_same_origin().
 * rc  AUTH_E_SYNTAX: control bytes in the reference, or a base that auth_url_parse() refuses; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_url_resolve(struct auth_buf *out, const char *base, struct auth_view reference,
                                              struct auth_err *err);

#endif
