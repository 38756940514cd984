#include "mock_epic/tokens.h"

#include <string.h>

#include "auth/core/b64u.h"
#include "auth/core/text.h"

enum { TOKEN_RANDOM_N = 32 };

static enum auth_rc key_of(struct auth_view text, struct mock_store_key *key)
{
    return auth_digest_sha256(&text, 1, key->bytes);
}

/* A record is "issued expires client_id": plain text, so that every store can hold and show it. */
static void record_write(struct auth_buf *out, const struct mock_token *token)
{
    auth_buf_add_int(out, token->issued_s);
    auth_buf_add_char(out, ' ');
    auth_buf_add_int(out, token->expires_s);
    auth_buf_add_char(out, ' ');
    auth_buf_add_string(out, token->client_id);
}

static bool record_read(struct auth_view record, struct mock_token *token)
{
    struct auth_view issued = auth_view_cut(&record, ' ');
    struct auth_view expires = auth_view_cut(&record, ' ');
    if (!auth_view_int(issued, &token->issued_s) || !auth_view_int(expires, &token->expires_s))
        return false;
    if (record.n > MOCK_TOKEN_CLIENT_ID_MAX)
        return false;
    memcpy(token->client_id, record.p, record.n);
    token->client_id[record.n] = '\0';
    return true;
}

enum auth_rc mock_tokens_issue(struct mock_store *store, const struct auth_env *env, struct auth_view client_id,
                               int64_t now_s, int64_t lifetime_s, char text[MOCK_TOKEN_TEXT_N + 1])
{
    unsigned char random[TOKEN_RANDOM_N];
    struct mock_token token = {.issued_s = now_s, .expires_s = now_s + lifetime_s};
    struct mock_store_key key;
    struct auth_buf buf;

    if (client_id.n > MOCK_TOKEN_CLIENT_ID_MAX)
        return AUTH_E_TOO_BIG;
    memcpy(token.client_id, client_id.p, client_id.n);
    enum auth_rc rc = env->random(env->ctx, random, sizeof random);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init_secret(&buf, 256);
    auth_b64u_encode(&buf, random, sizeof random);
    auth_wipe(random, sizeof random);
    if (!auth_buf_ok(&buf) || buf.n != MOCK_TOKEN_TEXT_N) {
        rc = AUTH_E_NOMEM;
        goto out;
    }
    rc = key_of(auth_buf_view(&buf), &key);
    if (rc != AUTH_OK)
        goto out;
    memcpy(text, buf.p, MOCK_TOKEN_TEXT_N + 1);

    auth_buf_reset(&buf);
    record_write(&buf, &token);
    rc = auth_buf_check(&buf, NULL);
    if (rc == AUTH_OK)
        rc =
            store->ops->put_if_absent(store, MOCK_STORE_TOKEN, &key, auth_buf_view(&buf), token.expires_s, now_s, NULL);
    if (rc != AUTH_OK)
        auth_wipe(text, MOCK_TOKEN_TEXT_N + 1);
out:
    auth_buf_clear(&buf);
    return rc;
}

enum auth_rc mock_tokens_find(struct mock_store *store, struct auth_view text, struct mock_token *token)
{
    struct mock_store_key key;
    struct auth_buf record;
    int64_t until_s;

    if (text.n != MOCK_TOKEN_TEXT_N)
        return AUTH_E_NOT_FOUND;
    enum auth_rc rc = key_of(text, &key);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init(&record, MOCK_STORE_VALUE_MAX);
    rc = store->ops->get(store, MOCK_STORE_TOKEN, &key, &record, &until_s);
    if (rc == AUTH_OK && !record_read(auth_buf_view(&record), token))
        rc = AUTH_E_INTERNAL;
    auth_buf_clear(&record);
    return rc;
}

struct walk {
    struct auth_view client_id; /* empty: all */
    int64_t age_s;
    int64_t now_s;
    size_t count;
    struct auth_jsonw *w;
};

static bool is_meant(const struct walk *walk, const struct mock_token *token)
{
    return walk->client_id.n == 0 || auth_view_is(walk->client_id, token->client_id);
}

static enum mock_store_walk age_one(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                    int64_t *until_s, struct auth_buf *replacement)
{
    struct walk *walk = ctx;
    struct mock_token token;
    (void)key;
    if (!record_read(value, &token) || !is_meant(walk, &token))
        return MOCK_STORE_KEEP;
    token.issued_s -= walk->age_s;
    token.expires_s -= walk->age_s;
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
    struct mock_token token;
    (void)key;
    (void)until_s;
    (void)replacement;
    if (!record_read(value, &token) || !is_meant(walk, &token))
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
    struct mock_token token;
    struct auth_buf id;
    (void)until_s;
    (void)replacement;
    if (!record_read(value, &token))
        return MOCK_STORE_KEEP;
    auth_buf_init(&id, 64);
    auth_text_hex(&id, key->bytes, 6, false);
    auth_jsonw_object(walk->w);
    auth_jsonw_member(walk->w, "id", auth_buf_view(&id));
    auth_jsonw_member_text(walk->w, "client_id", token.client_id);
    auth_jsonw_member_int(walk->w, "issued", token.issued_s);
    auth_jsonw_member_int(walk->w, "expires", token.expires_s);
    auth_jsonw_member_int(walk->w, "expires_in", token.expires_s - walk->now_s);
    auth_jsonw_member_text(walk->w, "state", token.expires_s > walk->now_s ? "active" : "expired");
    auth_jsonw_end_object(walk->w);
    auth_buf_clear(&id);
    return MOCK_STORE_KEEP;
}

void mock_tokens_write(struct mock_store *store, int64_t now_s, struct auth_jsonw *w)
{
    struct walk walk = {.now_s = now_s, .w = w};
    auth_jsonw_array(w);
    if (store->ops->each(store, MOCK_STORE_TOKEN, write_one, &walk) != AUTH_OK)
        w->out->is_spoiled = true;
    auth_jsonw_end_array(w);
}
