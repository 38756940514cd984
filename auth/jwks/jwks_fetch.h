/* A JWK Set behind a URL: fetched once, as Epic's servers do, with the reason when it cannot be.
 *
 * One GET without any credential, TLS unless the host is this machine, no redirect followed, 64 KiB, 5 s. For whoever must
 * know what a server will find there: the mock, which is that server, and the linter. Caching is the caller's.
 * src  E OAuth 2.0 specification, JWK Sets; RFC 7517 5; RFC 9111 5.2.2 */
#ifndef AUTH_JWKS_JWKS_FETCH_H
#define AUTH_JWKS_JWKS_FETCH_H

#include "auth/jose/jwk_set.h"
#include "auth/net/http.h"

enum { AUTH_JWKS_MAX_N = 64 * 1024, AUTH_JWKS_CONNECT_MS = 3000, AUTH_JWKS_FETCH_MS = 5000 };

/* May this URL be registered? rc AUTH_E_SYNTAX: detail says what is wrong with it */
AUTH_MUST_CHECK enum auth_rc auth_jwks_check_url(struct auth_view url, struct auth_err *err);

/* A transport for such fetches.
 * in   ca_file       PEM bundle in place of the system's; NULL: the system's
 *      reach         AUTH_REACH_*
 *      is_cancelled  as in struct auth_http_options; may be NULL
 * rc   as auth_http_new() */
AUTH_MUST_CHECK enum auth_rc auth_jwks_http_new(const char *ca_file, unsigned reach, const atomic_bool *is_cancelled,
                                                struct auth_http **out, struct auth_err *err);

struct auth_jwks_answer {
    int status;          /* HTTP; 0: none came */
    const char *failure; /* one word for machines, e.g. "tls", "html"; NULL: the set is here; static */
    int64_t keep_s;      /* how long Cache-Control lets it be kept: 0 not at all, INT64_MAX where it does not say */
    struct auth_jwk_set keys; /* at least one key that can be used; empty after a failure */
};

/* Fetch url through http.
 * in   wants_json_type  refuse an answer whose Content-Type is not a JSON one
 * out  answer  init by this call; caller clears answer->keys with auth_jwk_set_clear(), also after a failure
 * rc   AUTH_OK; anything else: detail says what the URL gave instead and how to fix it
 * threads safe, http may be shared */
AUTH_MUST_CHECK enum auth_rc auth_jwks_fetch(struct auth_http *http, const char *url, bool wants_json_type,
                                             struct auth_jwks_answer *answer, struct auth_err *err);

#endif
