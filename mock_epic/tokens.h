/* Access tokens: 32 random bytes as text, opaque to clients. The store holds their digest, never the token.
 *
 * Ageing makes issued tokens older without moving the clock, so a client that lives in real time can watch its token
 * expire. Threads safe. */
#ifndef MOCK_EPIC_TOKENS_H
#define MOCK_EPIC_TOKENS_H

#include "auth/core/env.h"
#include "auth/core/json.h"
#include "mock_epic/store.h"

enum { MOCK_TOKEN_TEXT_N = 43, MOCK_TOKEN_CLIENT_ID_MAX = 128 };

struct mock_token {
    char client_id[MOCK_TOKEN_CLIENT_ID_MAX + 1];
    int64_t issued_s;
    int64_t expires_s; /* server clock; the token is dead when now >= this */
};

/* Make a token and store it. text holds MOCK_TOKEN_TEXT_N characters and NUL; the caller wipes it.
 * rc  anything but AUTH_OK: nothing was issued */
AUTH_MUST_CHECK enum auth_rc mock_tokens_issue(struct mock_store *store, const struct auth_env *env,
                                               struct auth_view client_id, int64_t now_s, int64_t lifetime_s,
                                               char text[MOCK_TOKEN_TEXT_N + 1]);
/* rc  AUTH_OK: known, *token filled (it may have expired: compare expires_s); AUTH_E_NOT_FOUND */
AUTH_MUST_CHECK enum auth_rc mock_tokens_find(struct mock_store *store, struct auth_view text,
                                              struct mock_token *token);
/* Make every token (of one client, when client_id is not empty) older by seconds. *count tells how many. */
AUTH_MUST_CHECK enum auth_rc mock_tokens_age(struct mock_store *store, struct auth_view client_id, int64_t seconds,
                                             size_t *count);
/* Revoke all, or one client's, tokens. */
AUTH_MUST_CHECK enum auth_rc mock_tokens_revoke(struct mock_store *store, struct auth_view client_id, size_t *count);
/* Revoke one token by its text. rc AUTH_E_NOT_FOUND */
AUTH_MUST_CHECK enum auth_rc mock_tokens_revoke_one(struct mock_store *store, struct auth_view text);
/* Write the tokens as an array without secrets: id (first hex digits of the digest), client_id, times, state. */
void mock_tokens_write(struct mock_store *store, int64_t now_s, struct auth_jsonw *w);

#endif
