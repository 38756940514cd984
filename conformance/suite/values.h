/* What stands for {{name}} in a case: client_id, token_url, token_path, issuer, fhir, origin, port, jti, token, now and now+N, jwt
 * and its parts, what a step kept, members of keys ({{own.kid}}), a byte ({{0xff}}), a text so many times ({{repeat:12000:A}}). */
#ifndef CONFORMANCE_SUITE_VALUES_H
#define CONFORMANCE_SUITE_VALUES_H

#include "auth/core/json.h"
#include "auth/jose/key.h"

/* What the steps of a case kept: each a name and a text. Zero it first. */
struct conf_kept {
    struct auth_buf texts; /* "name\0text\0..."; wiping */
};
void conf_kept_init(struct conf_kept *kept);
void conf_kept_clear(struct conf_kept *kept);
/* Keep what stands at the places of an answer that an object names: {"next":"link.0.url"}.
 * rc  AUTH_E_NOT_FOUND (detail names the place) */
AUTH_MUST_CHECK enum auth_rc conf_kept_take(struct conf_kept *kept, const struct auth_json_node *places,
                                            struct auth_view body, struct auth_err *err);

struct conf_values {
    struct auth_view client_id, token_url, fhir, origin;
    struct auth_view jti;                             /* the same for all requests of a case */
    struct auth_view token;                           /* an access token; empty before there is one */
    struct auth_view jwt, header, payload, signature; /* of the assertion, once it is made */
    struct auth_view kid;                             /* that a sound header holds; empty: none */
    struct auth_view jwks_url;                        /* where setup.jwks stands; empty: nowhere */
    const struct auth_key *own, *other;               /* the registered key, and one that is not */
    const struct conf_kept *kept;                     /* NULL: nothing */
    int64_t now_s;
    bool has_used_now; /* out: something depends on the second */
};

/* Append text with its {{names}} replaced.
 * rc  AUTH_E_SYNTAX: a name that nothing stands for; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_values_expand(struct conf_values *values, struct auth_view text, struct auth_buf *out,
                                                struct auth_err *err);
/* "now", "now+N" or "now-N" as epoch seconds; false when the text is none of them. */
bool conf_values_time(struct conf_values *values, struct auth_view text, int64_t *time_s);
/* Write a JSON value in which every string is expanded, "now+N" is a number, and "{{NAME.jwk}}" an object.
 * rc  as conf_values_expand() */
AUTH_MUST_CHECK enum auth_rc conf_values_write(struct conf_values *values, const struct auth_json_node *node,
                                               struct auth_json_writer *w, struct auth_err *err);
/* The same with the name that the value has in its object. */
AUTH_MUST_CHECK enum auth_rc conf_values_write_member(struct conf_values *values, const struct auth_json_node *member,
                                                      struct auth_json_writer *w, struct auth_err *err);

/* The key of a name: own, other, or a public test key.
 * out  mine  NULL, or what the caller frees */
AUTH_MUST_CHECK enum auth_rc conf_values_key(const struct conf_values *values, struct auth_view name,
                                             const struct auth_key **key, struct auth_key **mine, struct auth_err *err);

#endif
