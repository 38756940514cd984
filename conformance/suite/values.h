/* What stands for {{name}} in a case: client_id, token_url, fhir, origin, port, jti, token, now and now+N, jwt and its parts. */
#ifndef CONFORMANCE_SUITE_VALUES_H
#define CONFORMANCE_SUITE_VALUES_H

#include "auth/core/json.h"

struct conf_values {
    struct auth_view client_id, token_url, fhir, origin;
    struct auth_view jti;                             /* the same for all requests of a case */
    struct auth_view token;                           /* an access token; empty before there is one */
    struct auth_view jwt, header, payload, signature; /* of the assertion, once it is made */
    struct auth_view kid;                             /* that a sound header holds; empty: none */
    int64_t now_s;
    bool has_used_now; /* out: something depends on the second */
};

/* Append text with its {{names}} replaced.
 * rc  AUTH_E_SYNTAX: a name that nothing stands for; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_values_expand(struct conf_values *values, struct auth_view text, struct auth_buf *out,
                                                struct auth_err *err);
/* "now", "now+N" or "now-N" as epoch seconds; false when the text is none of them. */
bool conf_values_time(struct conf_values *values, struct auth_view text, int64_t *time_s);
/* Write a JSON value in which every string is expanded, and "now+N" is a number.
 * rc  as conf_values_expand() */
AUTH_MUST_CHECK enum auth_rc conf_values_write(struct conf_values *values, const struct auth_json_node *node,
                                               struct auth_json_writer *w, struct auth_err *err);

#endif
