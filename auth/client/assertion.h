/* The client assertion: the JWT by which the app proves who it is (RFC 7523). */
#ifndef AUTH_CLIENT_ASSERTION_H
#define AUTH_CLIENT_ASSERTION_H

#include "auth/client/handle.h"

enum { AUTH_ASSERTION_BACKDATE_S = 10 };
/* Append a new signed assertion: own jti, exp = now + 240 s, iat = now - 10 s, with `now` moved by offset_s. */
AUTH_MUST_CHECK enum auth_rc auth_assertion_make(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *out,
                                                 struct auth_err *err);

#endif
