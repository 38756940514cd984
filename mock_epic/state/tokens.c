/* Tokens as records of the store. */
#include "mock_epic/state/tokens.h"

#include <stdio.h>
#include <string.h>

#include "auth/core/text.h"
#include "auth/core/time.h"

static enum auth_rc key_of(struct auth_view text, struct mock_store_key *key)
{
    return auth_digest_sha256(&text, 1, key->bytes);
}

/* A record is "issued expires number client_id[ scope]": plain text, so that every store can hold and show it. A client id has
 * no spaces (apps.c), a scope list does. */
static void record_write(struct auth_buf *out, const struct mock_token_grant *grant)
{
    auth_buf_add_int(out, grant->issued_s);
    auth_buf_add_char(out, ' ');
    auth_buf_add_int(out, grant->expires_s);
    auth_buf_add_char(out, ' ');
    auth_buf_add_int(out, (int64_t)grant->number);
    auth_buf_add_char(out, ' ');
    auth_buf_add_view(out, grant->client_id);
    if (grant->scope.n) {
        auth_buf_add_char(out, ' ');
        auth_buf_add_view(out, grant->scope);
    }
}

static bool record_view(struct auth_view record, struct mock_token_grant *grant)
{
    struct auth_view issued = auth_view_split(&record, ' ');
    struct auth_view expires = auth_view_split(&record, ' ');
    struct auth_view number = auth_view_split(&record, ' ');
    int64_t value;
    grant->client_id = auth_view_split(&record, ' ');
    grant->scope = record;
    if (!auth_view_int(issued, &grant->issued_s) || !auth_view_int(expires, &grant->expires_s) ||
        !auth_view_int(number, &value))
        return false;
    grant->number = (uint64_t)value;
    return grant->client_id.n <= MOCK_TOKEN_CLIENT_ID_MAX && grant->scope.n <= AUTH_SCOPE_TEXT_MAX;
}

static void copy_text(char *to, struct auth_view text)
{
    if (text.n)
        memcpy(to, text.p, text.n);
    to[text.n] = '\0';
}

enum auth_rc mock_tokens_put(struct mock_store *store, struct auth_view text, const struct mock_token_grant *grant)
{
    struct mock_store_key key;
    struct auth_buf record;
    if (text.n > MOCK_TOKEN_TEXT_MAX || grant->client_id.n > MOCK_TOKEN_CLIENT_ID_MAX ||
        grant->scope.n > AUTH_SCOPE_TEXT_MAX)
        return AUTH_E_TOO_BIG;
    enum auth_rc rc = key_of(text, &key);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init(&record, MOCK_STORE_VALUE_MAX);
    record_write(&record, grant);
    rc = auth_buf_check(&record, NULL);
    if (rc == AUTH_OK)
        rc = store->ops->put_if_absent(store, MOCK_STORE_TOKEN, &key, auth_buf_view(&record), grant->expires_s,
                                       grant->issued_s, NULL);
    auth_buf_clear(&record);
    return rc;
}

enum auth_rc mock_tokens_find(struct mock_store *store, struct auth_view text, struct mock_token *token)
{
    struct mock_store_key key;
    struct auth_buf record;
    int64_t until_s;

    if (text.n > MOCK_TOKEN_TEXT_MAX)
        return AUTH_E_NOT_FOUND;
    enum auth_rc rc = key_of(text, &key);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init(&record, MOCK_STORE_VALUE_MAX);
    rc = store->ops->get(store, MOCK_STORE_TOKEN, &key, &record, &until_s);
    struct mock_token_grant grant;
    if (rc == AUTH_OK && !record_view(auth_buf_view(&record), &grant))
        rc = AUTH_E_INTERNAL;
    if (rc == AUTH_OK) {
        token->number = grant.number;
        token->issued_s = grant.issued_s;
        token->expires_s = grant.expires_s;
        copy_text(token->client_id, grant.client_id);
        copy_text(token->scope, grant.scope);
    }
    auth_buf_clear(&record);
    return rc;
}

const char *mock_token_number_text(uint64_t number, char text[MOCK_TOKEN_NUMBER_N])
{
    (void)snprintf(text, MOCK_TOKEN_NUMBER_N, "t%llu", (unsigned long long)number);
    return text;
}

struct walk {
    struct auth_view client_id; /* empty: all */
    int64_t age_s;
    int64_t now_s;
    size_t count, limit;
    struct auth_json_writer *w;
};

static bool is_meant(const struct walk *walk, const struct mock_token_grant *token)
{
    return walk->client_id.n == 0 || auth_view_equals_view(walk->client_id, token->client_id);
}

static enum mock_store_walk age_one(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                    int64_t *until_s, struct auth_buf *replacement)
{
    struct walk *walk = ctx;
    struct mock_token_grant token;
    (void)key;
    if (!record_view(value, &token) || !is_meant(walk, &token))
        return MOCK_STORE_KEEP;
    token.issued_s = auth_time_shift(token.issued_s, -walk->age_s);
    token.expires_s = auth_time_shift(token.expires_s, -walk->age_s);
    *until_s = token.expires_s;
    record_write(replacement, &token);
    walk->count++;
    return MOCK_STORE_UPDATE;
}

enum auth_rc mock_tokens_age(struct mock_store *store, struct auth_view client_id, int64_t seconds, size_t *count)
{
    struct walk walk = {.client_id = client_id, .age_s = seconds};
    enum auth_rc rc = store->ops->each(store, MOCK_STORE_TOKEN, age_one, &walk);
    *count = walk.count;
    return rc;
}

static enum mock_store_walk revoke_one(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                       int64_t *until_s, struct auth_buf *replacement)
{
    struct walk *walk = ctx;
    struct mock_token_grant token;
    (void)key;
    (void)until_s;
    (void)replacement;
    if (!record_view(value, &token) || !is_meant(walk, &token))
        return MOCK_STORE_KEEP;
    walk->count++;
    return MOCK_STORE_DELETE;
}

enum auth_rc mock_tokens_revoke(struct mock_store *store, struct auth_view client_id, size_t *count)
{
    struct walk walk = {.client_id = client_id};
    enum auth_rc rc = store->ops->each(store, MOCK_STORE_TOKEN, revoke_one, &walk);
    *count = walk.count;
    return rc;
}

enum auth_rc mock_tokens_revoke_one(struct mock_store *store, struct auth_view text)
{
    struct mock_store_key key;
    enum auth_rc rc = key_of(text, &key);
    return rc == AUTH_OK ? store->ops->del(store, MOCK_STORE_TOKEN, &key) : rc;
}

static enum mock_store_walk write_one(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                      int64_t *until_s, struct auth_buf *replacement)
{
    struct walk *walk = ctx;
    struct mock_token_grant token;
    struct auth_buf id;
    char number[MOCK_TOKEN_NUMBER_N];
    (void)until_s;
    (void)replacement;
    if (walk->count == walk->limit || !record_view(value, &token) || !is_meant(walk, &token))
        return MOCK_STORE_KEEP;
    walk->count++;
    auth_buf_init(&id, 64);
    auth_text_hex(&id, key->bytes, 6, false);
    auth_json_write_object(walk->w);
    auth_json_write_member_buf(walk->w, "id", &id);
    auth_json_write_member_text(walk->w, "token", mock_token_number_text(token.number, number));
    auth_json_write_member(walk->w, "client_id", token.client_id);
    auth_json_write_member_int(walk->w, "issued", token.issued_s);
    auth_json_write_member_int(walk->w, "expires", token.expires_s);
    auth_json_write_member_int(walk->w, "expires_in", token.expires_s - walk->now_s);
    auth_json_write_member_text(walk->w, "state", token.expires_s > walk->now_s ? "active" : "expired");
    if (token.scope.n)
        auth_json_write_member(walk->w, "scope", token.scope);
    auth_json_write_end_object(walk->w);
    auth_buf_clear(&id);
    return MOCK_STORE_KEEP;
}

void mock_tokens_write(struct mock_store *store, struct auth_view client_id, size_t limit, int64_t now_s,
                       struct auth_json_writer *w)
{
    struct walk walk = {.client_id = client_id, .limit = limit, .now_s = now_s, .w = w};
    auth_json_write_array(w);
    if (store->ops->each(store, MOCK_STORE_TOKEN, write_one, &walk) != AUTH_OK)
        w->out->is_spoiled = true;
    auth_json_write_end_array(w);
}
