/* Between the cache of this process and the token endpoint: the file. The lock is held while the endpoint is asked, so that
 * of many processes one asks and the others find what it brought. */
#include "auth/client/shared_token.h"

#include <stdlib.h>
#include <string.h>

#include "auth/client/token.h"
#include "auth/client/token_store.h"
#include "auth/core/text.h"
#include "auth/jose/digest.h"

enum { KEY_N = 2 * AUTH_SHA256_N };

/* What a token depends on; no secret in it. */
static enum auth_rc make_key(const struct epic_auth *auth, struct auth_buf *key)
{
    unsigned char digest[AUTH_SHA256_N];
    const char *const texts[] = {auth->config.values[AUTH_SET_TOKEN_URL], auth->config.values[AUTH_SET_CLIENT_ID],
                                 auth_key_thumbprint(auth->key), auth->config.values[AUTH_SET_SCOPES]};
    enum { TEXTS = sizeof texts / sizeof *texts };
    struct auth_view parts[2 * TEXTS];
    for (size_t i = 0; i < TEXTS; i++) {
        parts[2 * i] = auth_view_from_string(texts[i]);
        parts[2 * i + 1] = auth_view_bytes("", 1); /* a NUL, which stands in none of them */
    }
    auth_buf_init(key, KEY_N);
    enum auth_rc rc = auth_digest_sha256(parts, 2 * TEXTS, digest);
    if (rc == AUTH_OK)
        auth_text_hex(key, digest, sizeof digest, false);
    return rc == AUTH_OK ? auth_buf_check(key, NULL) : rc;
}

struct search {
    struct epic_auth *auth;
    struct auth_view key;
    int64_t now_s, min_left_s;
    struct auth_token *token;
};

/* A token that this handle has had already is no news: it is too old by now, or the server refuses it. */
static enum auth_rc take_if_ours(void *ctx, const struct auth_stored_token *stored)
{
    struct search *search = ctx;
    bool is_known = search->auth->last_token &&
                    auth_view_equals_secret(stored->text, auth_view_from_string(search->auth->last_token));
    if (search->token->text || is_known || !auth_view_equals_view(stored->key, search->key) ||
        !auth_token_store_is_good(stored, search->now_s, search->min_left_s) || !auth_token_is_text(stored->text))
        return AUTH_OK;
    search->token->text = auth_view_dup(stored->text);
    search->token->scope = stored->scope.n ? auth_view_dup(stored->scope) : NULL;
    search->token->lifetime_s = stored->expires_s - search->now_s;
    if (!search->token->text)
        return AUTH_E_NOMEM;
    return auth_secrets_add(search->auth->voice.secrets, AUTH_SECRETS_PASSING, stored->text);
}

/* True when the file held one that is good. */
static bool find(struct epic_auth *auth, struct auth_view key, int64_t min_left_ms, struct auth_token *token,
                 struct auth_err *err)
{
    struct search search = {auth, key, auth->env->wall_s(auth->env->ctx), min_left_ms / 1000, token};
    bool is_skipped = atomic_exchange(&auth->skips_store, false);
    enum auth_rc rc =
        is_skipped ? AUTH_OK
                   : auth_token_store_walk(auth->config.values[AUTH_SET_TOKEN_CACHE], take_if_ours, &search, err);
    if (rc != AUTH_OK)
        auth_token_clear(token);
    return token->text != NULL;
}

static void keep(struct epic_auth *auth, struct auth_view key, const struct auth_token *token, int64_t sent_s,
                 struct auth_err *err)
{
    struct auth_stored_token stored = {
        .key = key,
        .client_id = auth_view_from_string(auth->config.values[AUTH_SET_CLIENT_ID]),
        .token_url = auth_view_from_string(auth->config.values[AUTH_SET_TOKEN_URL]),
        .text = auth_view_from_string(token->text),
        .scope = auth_view_from_string(token->scope),
        .issued_s = sent_s,
        .expires_s = sent_s + token->lifetime_s,
    };
    if (auth_token_store_keep(auth->config.values[AUTH_SET_TOKEN_CACHE], &stored, sent_s, err) == AUTH_E_NOMEM)
        auth_err_no_memory(err);
}

static enum epic_auth_rc ask_endpoint(struct epic_auth *auth, const struct auth_token_wanted *wanted,
                                      struct auth_token *token, struct epic_auth_error *error)
{
    enum epic_auth_rc rc = auth_token_request(auth, wanted->attempts, wanted->deadline_ms, token, error);
    if (token->warning)
        auth_voice_warn(&auth->voice, "%s", token->warning);
    auth_voice_tell(&auth->voice, "%s", rc == EPIC_AUTH_OK ? "a new access token was issued" : error->message);
    return rc;
}

static enum epic_auth_rc fetch_with_file(struct epic_auth *auth, const struct auth_token_wanted *wanted,
                                         struct auth_token *token, struct epic_auth_error *error)
{
    const char *path = auth->config.values[AUTH_SET_TOKEN_CACHE];
    struct auth_buf key;
    struct auth_err err = {0};
    int lock = -1;
    enum epic_auth_rc rc = EPIC_AUTH_OK;
    bool is_usable = make_key(auth, &key) == AUTH_OK &&
                     auth_token_store_lock(path, auth->env, wanted->deadline_ms, &lock, &err) == AUTH_OK;
    if (is_usable && find(auth, auth_buf_view(&key), wanted->min_left_ms, token, &err)) {
        auth_voice_tell(&auth->voice, "the access token is of %s", path);
    } else {
        int64_t sent_s = auth->env->wall_s(auth->env->ctx);
        rc = ask_endpoint(auth, wanted, token, error);
        if (rc == EPIC_AUTH_OK && is_usable && err.rc == AUTH_OK && token->lifetime_s > 0)
            keep(auth, auth_buf_view(&key), token, sent_s, &err);
    }
    auth_token_store_unlock(lock);
    auth_buf_clear(&key);
    if (err.rc != AUTH_OK)
        auth_voice_warn(&auth->voice, "no token cache: %s", err.detail);
    return rc;
}

enum epic_auth_rc auth_shared_token_fetch(void *ctx, const struct auth_token_wanted *wanted, struct auth_token *token,
                                          struct epic_auth_error *error)
{
    struct epic_auth *auth = ctx;
    if (!auth->config.values[AUTH_SET_TOKEN_CACHE])
        return ask_endpoint(auth, wanted, token, error);
    auth_error_clear(error);
    enum epic_auth_rc rc = fetch_with_file(auth, wanted, token, error);
    epic_auth_string_free(auth->last_token);
    auth->last_token = rc == EPIC_AUTH_OK ? auth_view_dup(auth_view_from_string(token->text)) : NULL;
    return rc;
}
