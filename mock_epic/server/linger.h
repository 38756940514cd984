/* Closing a connection so that its peer gets to read the answer.
 *
 * Who closes a socket while the peer still writes makes the peer's system throw the answer away and report a broken pipe. So
 * a connection that was answered before its request was whole is half-closed, and what still comes is read and thrown away,
 * for a while (RFC 9112 9.6). One thread does it for all. */
#ifndef MOCK_EPIC_SERVER_LINGER_H
#define MOCK_EPIC_SERVER_LINGER_H

#include "auth/core/env.h"

enum { MOCK_LINGER_MS = 3000, MOCK_LINGER_BYTES = 16 * 1024 * 1024 };

struct mock_linger;

/* in   max  connections at a time; more are closed at once
 * rc   AUTH_E_NOMEM (also: no thread), AUTH_E_IO (no pipe) */
AUTH_MUST_CHECK enum auth_rc mock_linger_new(const struct auth_env *env, unsigned max, struct mock_linger **out);
/* See the connection off. fd: stays the caller's, who closes it at once; a duplicate is kept. Threads safe. */
void mock_linger_add(struct mock_linger *linger, int fd);
/* Close them all. NULL is fine. */
void mock_linger_free(struct mock_linger *linger);

#endif
