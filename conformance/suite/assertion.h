/* Client assertions as cases want them: sound, or wrong in the one way that is tried. */
#ifndef CONFORMANCE_SUITE_ASSERTION_H
#define CONFORMANCE_SUITE_ASSERTION_H

#include "auth/core/json.h"
#include "auth/jose/key.h"
#include "conformance/suite/values.h"

struct conf_assertion {
    struct auth_buf jwt, header, payload, signature; /* what {{jwt}} and its parts stand for; wiping */
    struct auth_buf text;                            /* what is sent as client_assertion */
};

/* in   request    of a case: header and claims (objects that change members, or texts), key, sign_alg, signature, assertion; may
 *                 be NULL
 * io   values     jwt and its parts are set, borrowed from out
 * out  assertion  init by this call; caller clears with conf_assertion_clear() */
AUTH_MUST_CHECK enum auth_rc conf_assertion_make(const struct auth_json_node *request, bool is_spoiled,
                                                 struct conf_values *values, struct conf_assertion *assertion,
                                                 struct auth_err *err);
void conf_assertion_clear(struct conf_assertion *assertion);

#endif
