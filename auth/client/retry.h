/* How long to go on: one budget for a whole call, and the pauses that a server asks for. */
#ifndef AUTH_CLIENT_RETRY_H
#define AUTH_CLIENT_RETRY_H

#include "auth/client/handle.h"

/* May the same request succeed a moment later? */
bool auth_client_is_transient(enum auth_rc rc, int status);
/* What one attempt told besides its result. */
struct auth_attempt {
    bool is_transient, is_timeout;
    bool is_refusal; /* the token endpoint: 400 or 401, of the assertion most likely; FHIR: of the token */
    int64_t retry_after_s;
};
/* Wait before try number `count` + 1: as long as Retry-After says, else 0.2 s doubling, with jitter. False, without
 * waiting, when there would be no time left for it; what a Retry-After asked for is then added to the error. */
bool auth_client_pause(const struct epic_auth *auth, int count, const struct auth_attempt *attempt, int64_t deadline_ms,
                       struct epic_auth_error *error);
/* What of the request's timeout the deadline leaves, at least 1 ms. */
int64_t auth_client_timeout_ms(const struct epic_auth *auth, int64_t deadline_ms);
/* Seconds of a Retry-After header (a number, also one with a fraction or of any size, or an HTTP date); 0 when absent,
 * negative, past or unreadable. */
int64_t auth_client_retry_after(const struct epic_auth *auth, const struct auth_http_response *response);

#endif
