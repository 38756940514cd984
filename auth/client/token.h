/* The token request: an assertion goes to the token endpoint, an access token comes back. */
#ifndef AUTH_CLIENT_TOKEN_H
#define AUTH_CLIENT_TOKEN_H

#include "auth/client/handle.h"

/* Append the body of a token request, with a new assertion made by our clock moved by offset_s. */
AUTH_MUST_CHECK enum auth_rc auth_token_form(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *form,
                                             struct auth_err *err);

/* Ask the token endpoint, with a new assertion for each attempt. What may pass is tried `attempts` times; a refusal is
 * answered once in each attempt by another assertion, when our clock is seen to be wrong or when this key was accepted
 * before (Epic was seen to refuse good ones, O).
 * in   deadline_ms  steady clock: nothing is begun after it
 * note called by one thread at a time (single flight) */
enum epic_auth_rc auth_token_request(struct epic_auth *auth, int attempts, int64_t deadline_ms,
                                     struct auth_token *token, struct epic_auth_error *error);
/* b64token of RFC 6750 2.1, and no longer than any token is. */
bool auth_token_is_text(struct auth_view text);
/* Read a 200 answer that is JSON. Whole or nothing. rc AUTH_E_PROTOCOL, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_token_parse(struct auth_view body, struct auth_token *token, struct auth_err *err);

#endif
