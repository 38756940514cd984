/* One request of a case, made and sent: a token request with its assertion, a FHIR request with its token, or an admin call.
 *
 * Whatever the case does not say is as it should be, so a case tells what is wrong and nothing else.
 * Read next: suite/expect.h, which looks at what came back. */
#ifndef CONFORMANCE_SUITE_EXCHANGE_H
#define CONFORMANCE_SUITE_EXCHANGE_H

#include "auth/core/json.h"
#include "auth/jose/key.h"
#include "auth/net/http.h"
#include "conformance/suite/values.h"

struct conf_target_options;

/* The server under test, and what it knows of us. */
struct conf_target {
    struct auth_http *http;
    struct auth_buf token_url, fhir, admin, origin, client_id,
        profile;                      /* NUL-terminated; admin is empty without the right */
    struct auth_key *key, *other_key; /* the registered one, and one that is not */
    struct auth_buf kid;              /* of the registered key, where a kid and a scope must be sent; else empty */
    int64_t ahead_s;                  /* of the server's clock, by its last Date */
    struct auth_buf token;            /* a token for FHIR cases; empty: to be fetched; wiping */
    int64_t token_until_s;
    bool is_started;        /* by this program, so that its data is known */
    struct auth_buf server; /* the admin API that makes instances; empty without the right */
    const struct conf_target_options
        *told;                /* what each instance has to be told, for its server does not know; NULL: it knows */
    struct auth_buf jwks_url; /* of an instance that serves a set; else empty */
};

/* How a request is to be spoiled, so that it must be refused whatever else it says: the other way for what must be accepted. */
enum conf_spoil { CONF_SPOIL_NOTHING, CONF_SPOIL_CREDENTIALS };

/* in   request   of a case, or NULL: the plain request to the same place, as it should be
 *      to        "token", "fhir", "discovery", "openid", "introspect" or "admin"
 *      jti       for {{jti}}; kept: what steps kept, or NULL
 * out  response  init by this call; caller clears with auth_http_response_clear()
 * rc   AUTH_E_SYNTAX: the case is at fault; AUTH_E_NETWORK and its like */
AUTH_MUST_CHECK enum auth_rc conf_exchange(struct conf_target *target, const struct auth_json_node *request,
                                           struct auth_view to, enum conf_spoil spoil, struct auth_view jti,
                                           const struct conf_kept *kept, struct auth_http_response *response,
                                           struct auth_err *err);
/* Learn from an answer what time it is at the server. */
void conf_exchange_take_date(struct conf_target *target, const struct auth_http_response *response);
/* What stands for the {{names}} of a case at that server, now. Borrows from the target. */
struct conf_values conf_exchange_values(const struct conf_target *target, struct auth_view jti,
                                        const struct conf_kept *kept);
/* A new access token into target->token, unless there is one with a minute left.
 * rc  AUTH_E_OAUTH: refused */
AUTH_MUST_CHECK enum auth_rc conf_exchange_token(struct conf_target *target, struct auth_err *err);

#endif
