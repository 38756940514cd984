/* Access tokens: issued, found again, aged, revoked. The store holds a token's digest, never the token, so whatever its
 * text looks like (mock_epic/oauth/token_format.h) it is looked up as opaque bytes.
 *
 * Ageing makes issued tokens older without moving the clock, so a client that lives in real time can watch its token
 * expire. Threads safe. */
#ifndef MOCK_EPIC_STATE_TOKENS_H
#define MOCK_EPIC_STATE_TOKENS_H

#include "auth/core/env.h"
#include "auth/core/json.h"
#include "auth/rules/scope.h"
#include "mock_epic/store/store.h"

enum { MOCK_TOKEN_TEXT_MAX = 4096, MOCK_TOKEN_CLIENT_ID_MAX = 128 };

/* What a token stands for. */
struct mock_token {
    uint64_t number;
    char client_id[MOCK_TOKEN_CLIENT_ID_MAX + 1];
    int64_t issued_s;
    int64_t expires_s;                   /* server clock; the token is dead when now >= this */
    char scope[AUTH_SCOPE_TEXT_MAX + 1]; /* what it was narrowed to; "": all that its app is granted */
};

/* A token about to be issued; views borrowed. */
struct mock_token_grant {
    uint64_t number; /* from 1, of those that an instance issued */
    struct auth_view client_id;
    struct auth_view scope; /* as in struct mock_token */
    int64_t issued_s, expires_s;
};

/* Remember a new token by its text.
 * rc  AUTH_OK; anything else: it must not be given out */
AUTH_MUST_CHECK enum auth_rc mock_tokens_put(struct mock_store *store, struct auth_view text,
                                             const struct mock_token_grant *grant);
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
/* "t7", by which the journal and lists name a token without its secret. Returns text. */
enum { MOCK_TOKEN_NUMBER_N = 24 };
const char *mock_token_number_text(uint64_t number, char text[MOCK_TOKEN_NUMBER_N]);
/* Write the tokens (of one client, when client_id is not empty; no more than limit, in no order) as an array without secrets: id
 * (first hex digits of the digest), token (its number), client_id, times, state, and scope when it was narrowed. */
void mock_tokens_write(struct mock_store *store, struct auth_view client_id, size_t limit, int64_t now_s,
                       struct auth_json_writer *w);

#endif
