/* Makes client assertions, right and wrong. */
#include "conformance/suite/assertion.h"

#include "auth/core/b64u.h"
#include "auth/core/env.h"
#include "auth/jose/jws.h"
#include "conformance/suite/signature.h"

enum { TEXT_MAX_N = 256 * 1024, JTI_BYTES = 16 };

static const char absent[] = "<absent>"; /* the value that takes a member away */

void conf_assertion_clear(struct conf_assertion *a)
{
    auth_buf_clear(&a->jwt);
    auth_buf_clear(&a->header);
    auth_buf_clear(&a->payload);
    auth_buf_clear(&a->signature);
    auth_buf_clear(&a->text);
}

/* ---- JSON with members changed ---- */

/* One that is sound, as JSON text. */
struct member {
    const char *name, *value;
};
static const struct member sound_header[] = {{"alg", "\"RS384\""}, {"typ", "\"JWT\""}, {NULL, NULL}};
static const struct member sound_header_with_kid[] = {
    {"alg", "\"RS384\""}, {"typ", "\"JWT\""}, {"kid", "\"{{kid}}\""}, {NULL, NULL}};
static const struct member sound_claims[] = {{"iss", "\"{{client_id}}\""}, {"sub", "\"{{client_id}}\""},
                                             {"aud", "\"{{token_url}}\""}, {"jti", NULL},
                                             {"exp", "{{now+240}}"},       {NULL, NULL}};

static void write_new_jti(struct auth_json_writer *w)
{
    unsigned char bytes[JTI_BYTES];
    struct auth_buf text;
    const struct auth_env *env = auth_env_system();
    auth_buf_init(&text, 64);
    if (env->random(env->ctx, bytes, sizeof bytes) == AUTH_OK)
        auth_b64u_encode(&text, bytes, sizeof bytes);
    auth_json_write_string(w, auth_buf_view(&text));
    auth_buf_clear(&text);
}

static enum auth_rc write_sound(struct conf_values *values, const struct member *member, struct auth_json_writer *w,
                                struct auth_err *err)
{
    struct auth_buf text;
    auth_json_write_key(w, member->name);
    if (!member->value) {
        write_new_jti(w);
        return AUTH_OK;
    }
    bool has_used_now = values->has_used_now; /* a sound exp is far from any limit */
    auth_buf_init(&text, TEXT_MAX_N);
    enum auth_rc rc = conf_values_expand(values, auth_view_from_string(member->value), &text, err);
    values->has_used_now = has_used_now;
    auth_json_write_raw(w, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

static bool is_absent(const struct auth_json_node *node)
{
    return auth_view_equals(auth_json_string(node), absent);
}

/* The sound members, each changed or left out if the case says so, then those that the case adds. */
static enum auth_rc write_changed(struct conf_values *values, const struct member *sound,
                                  const struct auth_json_node *changes, struct auth_buf *out, struct auth_err *err)
{
    struct auth_json_writer w;
    enum auth_rc rc = AUTH_OK;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    for (size_t i = 0; sound[i].name && rc == AUTH_OK; i++) {
        const struct auth_json_node *change = auth_json_member(changes, sound[i].name);
        if (!change) {
            rc = write_sound(values, &sound[i], &w, err);
        } else if (!is_absent(change)) {
            auth_json_write_key(&w, sound[i].name);
            rc = conf_values_write(values, change, &w, err);
        }
    }
    for (const struct auth_json_node *m = auth_json_first(changes); m && rc == AUTH_OK; m = auth_json_next(m)) {
        size_t i = 0;
        while (sound[i].name && !auth_view_equals(auth_json_name(m), sound[i].name))
            i++;
        if (!sound[i].name && !is_absent(m))
            rc = conf_values_write_member(values, m, &w, err);
    }
    auth_json_write_end_object(&w);
    return rc;
}

/* ---- header, payload, signature ---- */

/* A part in base64url: of an object its changes, of a string the text itself. */
static enum auth_rc make_part(struct conf_values *values, const struct member *sound, const struct auth_json_node *how,
                              struct auth_buf *out, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init_secret(&text, TEXT_MAX_N);
    enum auth_rc rc = auth_json_type(how) == AUTH_JSON_STRING
                          ? conf_values_expand(values, auth_json_string(how), &text, err)
                          : write_changed(values, sound, how, &text, err);
    auth_b64u_encode(out, text.n ? text.p : "", text.n);
    auth_buf_clear(&text);
    return rc;
}

/* What sign_alg names, else the header's alg, as far as the key can. */
static enum auth_alg alg_of(const struct auth_json_node *request, const struct auth_key *key)
{
    struct auth_view given = auth_json_member_string(request, "sign_alg");
    struct auth_view alg = given.n ? given : auth_json_member_string(auth_json_member(request, "header"), "alg");
    if (auth_key_type(key) != AUTH_KEY_RSA)
        return auth_key_type(key) == AUTH_KEY_P256 ? AUTH_ES256 : AUTH_ES384;
    return auth_view_equals(alg, "RS256") ? AUTH_RS256 : auth_view_equals(alg, "RS512") ? AUTH_RS512 : AUTH_RS384;
}

static enum auth_rc sign(const struct auth_json_node *request, bool is_spoiled, const struct conf_values *values,
                         struct conf_assertion *a, struct auth_err *err)
{
    struct auth_buf input, raw;
    const struct auth_key *key;
    struct auth_key *mine;
    struct auth_view name = auth_json_member_string(request, "key");
    auth_buf_init_secret(&input, 2 * TEXT_MAX_N);
    auth_buf_init_secret(&raw, 4096);
    auth_buf_add_view(&input, auth_buf_view(&a->header));
    auth_buf_add_char(&input, '.');
    auth_buf_add_view(&input, auth_buf_view(&a->payload));
    if (auth_view_equals(auth_json_member_string(request, "signature"), "over_more"))
        auth_buf_add_string(&input, "AAAA");
    enum auth_rc rc = conf_values_key(values, name.n ? name : auth_view_from_string("own"), &key, &mine, err);
    if (rc == AUTH_OK)
        rc = auth_jws_sign(key, alg_of(request, key), auth_buf_view(&input), &raw, err);
    if (rc == AUTH_OK)
        rc = conf_signature_write(is_spoiled ? auth_view_from_string("flipped")
                                             : auth_json_member_string(request, "signature"),
                                  &raw, &a->signature, err);
    auth_buf_clear(&input);
    auth_buf_clear(&raw);
    auth_key_free(mine);
    return rc;
}

static void init(struct conf_assertion *a)
{
    auth_buf_init_secret(&a->jwt, 4 * TEXT_MAX_N);
    auth_buf_init_secret(&a->header, 2 * TEXT_MAX_N);
    auth_buf_init_secret(&a->payload, 2 * TEXT_MAX_N);
    auth_buf_init_secret(&a->signature, 8192);
    auth_buf_init_secret(&a->text, 8 * TEXT_MAX_N);
}

enum auth_rc conf_assertion_make(const struct auth_json_node *request, bool is_spoiled, struct conf_values *values,
                                 struct conf_assertion *a, struct auth_err *err)
{
    struct auth_view text = auth_json_member_string(request, "assertion");
    init(a);
    enum auth_rc rc = make_part(values, values->kid.n ? sound_header_with_kid : sound_header,
                                auth_json_member(request, "header"), &a->header, err);
    if (rc == AUTH_OK)
        rc = make_part(values, sound_claims, auth_json_member(request, "claims"), &a->payload, err);
    if (rc == AUTH_OK)
        rc = sign(request, is_spoiled, values, a, err);
    auth_buf_addf(&a->jwt, "%s.%s.%s", a->header.n ? a->header.p : "", a->payload.n ? a->payload.p : "",
                  a->signature.n ? a->signature.p : "");
    values->header = auth_buf_view(&a->header);
    values->payload = auth_buf_view(&a->payload);
    values->signature = auth_buf_view(&a->signature);
    values->jwt = auth_buf_view(&a->jwt);
    if (rc == AUTH_OK)
        rc = conf_values_expand(values,
                                auth_json_type(auth_json_member(request, "assertion")) == AUTH_JSON_STRING
                                    ? text
                                    : auth_view_from_string("{{jwt}}"),
                                &a->text, err);
    return rc == AUTH_OK ? auth_buf_check(&a->jwt, err) : rc;
}
