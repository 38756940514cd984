/* THE MAKER of assertions. It shares nothing with the judge (auth/rules) but the signature. */
#include "auth/client/assertion.h"

#include "auth/core/json.h"
#include "auth/core/text.h"

enum { LIFETIME_S = 240, JTI_RANDOM_N = 16 };

/* A random UUID (RFC 9562, version 4): 122 random bits, so no two assertions of any process or fork share one. */
static enum auth_rc add_uuid(const struct auth_env *env, struct auth_buf *out)
{
    unsigned char b[JTI_RANDOM_N];
    enum auth_rc rc = env->random(env->ctx, b, sizeof b);
    if (rc != AUTH_OK)
        return rc;
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const unsigned char groups[] = {4, 2, 2, 2, 6};
    const unsigned char *at = b;
    for (size_t i = 0; i < sizeof groups; i++) {
        if (i)
            auth_buf_add_char(out, '-');
        auth_text_hex(out, at, groups[i], false);
        at += groups[i];
    }
    return AUTH_OK;
}

static void write_header(const struct epic_auth *auth, struct auth_buf *out)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "alg", auth_alg_name(auth->alg));
    auth_json_write_member_text(&w, "typ", "JWT");
    if (auth->key_id)
        auth_json_write_member_text(&w, "kid", auth->key_id);
    if (auth->config.values[AUTH_SET_JKU])
        auth_json_write_member_text(&w, "jku", auth->config.values[AUTH_SET_JKU]);
    auth_json_write_end_object(&w);
}

/* iat a little back and exp well short of the limit: a clock that runs some seconds fast must not make Epic refuse. */
static enum auth_rc write_claims(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *out)
{
    struct auth_json_writer w;
    struct auth_buf jti;
    int64_t now_s = auth->env->wall_s(auth->env->ctx) + offset_s;
    auth_buf_init(&jti, 64);
    enum auth_rc rc = add_uuid(auth->env, &jti);
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "iss", auth->config.values[AUTH_SET_CLIENT_ID]);
    auth_json_write_member_text(&w, "sub", auth->config.values[AUTH_SET_CLIENT_ID]);
    auth_json_write_member_text(&w, "aud", auth->config.values[AUTH_SET_TOKEN_URL]);
    auth_json_write_member_buf(&w, "jti", &jti);
    auth_json_write_member_int(&w, "exp", now_s + LIFETIME_S);
    auth_json_write_member_int(&w, "iat", now_s - AUTH_ASSERTION_BACKDATE_S);
    auth_json_write_end_object(&w);
    auth_buf_clear(&jti);
    return rc;
}

enum auth_rc auth_assertion_make(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *out,
                                 struct auth_err *err)
{
    struct auth_buf header, claims;
    auth_buf_init(&header, 8192);
    auth_buf_init(&claims, 8192);
    write_header(auth, &header);
    enum auth_rc rc = write_claims(auth, offset_s, &claims);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&header, err);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&claims, err);
    if (rc == AUTH_OK)
        rc = auth_jws_write(auth->key, auth->alg, auth_buf_view(&header), auth_buf_view(&claims), out, err);
    if (rc == AUTH_OK)
        rc = auth_secrets_add(auth->voice.secrets, AUTH_SECRETS_PASSING, auth_buf_view(out));
    auth_buf_clear(&claims);
    auth_buf_clear(&header);
    return rc;
}
