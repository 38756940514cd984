/* A token for the cache: from the file that processes share, where one is set and holds a good one, else from the token
 * endpoint. */
#ifndef AUTH_CLIENT_SHARED_TOKEN_H
#define AUTH_CLIENT_SHARED_TOKEN_H

#include "auth/client/handle.h"

/* The function of a struct auth_token_source; ctx is the handle. One thread at a time. */
enum epic_auth_rc auth_shared_token_fetch(void *ctx, const struct auth_token_wanted *wanted, struct auth_token *token,
                                          struct epic_auth_error *error);

#endif
