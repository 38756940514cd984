/* Access tokens in a file that processes of one user share, so that a fleet of short commands makes one token request.
 *
 * The file is JSON, of mode 0600, and is replaced as a whole. Who reads or changes it holds the lock of a second file beside
 * it, NAME.lock, which is never removed and which the system releases when its holder dies. Nothing here is needed: whoever
 * cannot use the file asks the token endpoint. */
#ifndef AUTH_CLIENT_TOKEN_STORE_H
#define AUTH_CLIENT_TOKEN_STORE_H

#include "auth/client/cache.h"

/* Take the lock; waits for others until the deadline.
 * out  fd  give it to auth_token_store_unlock()
 * rc   AUTH_E_TIMEOUT, AUTH_E_IO (detail) */
AUTH_MUST_CHECK enum auth_rc auth_token_store_lock(const char *path, const struct auth_env *env, int64_t deadline_ms,
                                                   int *fd, struct auth_err *err);
void auth_token_store_unlock(int fd);

/* A token and whose it is. Views are borrowed. */
struct auth_stored_token {
    struct auth_view key; /* what it was asked for with, digested: 64 hex digits */
    struct auth_view client_id, token_url, text;
    struct auth_view scope;      /* granted; empty: not told */
    int64_t issued_s, expires_s; /* wall clock */
};

/* Call `take` for each token in the file. An absent or empty file has none.
 * rc  AUTH_E_CONFIG (detail: the file is another's, others can read it, or it is no token cache: it is left as it is then),
 *     AUTH_E_IO, AUTH_E_NOMEM; or what take answers */
AUTH_MUST_CHECK enum auth_rc auth_token_store_walk(const char *path,
                                                   enum auth_rc (*take)(void *ctx,
                                                                        const struct auth_stored_token *token),
                                                   void *ctx, struct auth_err *err);
/* Is the token good now, for at least so long? One that comes from the future is not. */
bool auth_token_store_is_good(const struct auth_stored_token *token, int64_t now_s, int64_t min_left_s);
/* Keep a token in place of the one with its key, and leave out those that have expired. The lock is held. rc as above */
AUTH_MUST_CHECK enum auth_rc auth_token_store_keep(const char *path, const struct auth_stored_token *token,
                                                   int64_t now_s, struct auth_err *err);
/* Leave out all. The lock is held. rc as above */
AUTH_MUST_CHECK enum auth_rc auth_token_store_clear(const char *path, struct auth_err *err);

#endif
