/* Why no key has this kid, and why a signature does not verify: looked into only after the rule failed, so that a sound
 * request pays nothing. Trying other keys and algorithms is bounded by AUTH_JUDGE_KEYS_MAX signature checks. */
#include <string.h>

#include "auth/core/text.h"
#include "auth/jose/seal.h"
#include "auth/rules/judge.h"

/* The key that the JWK Set had under this kid before it changed; NULL when there was none of the type of alg. */
static const struct auth_key *previous_key(const struct auth_judge *j, struct auth_view kid)
{
    const struct auth_jwk_set *set = j->in->client->previous_keys;
    for (size_t i = 0; set && i < set->count; i++) {
        const struct auth_jwk_set_entry *entry = &set->entries[i];
        if (auth_jwk_set_has_kid(entry, kid) && entry->key && auth_alg_fits(j->alg, entry->key))
            return entry->key;
    }
    return NULL;
}

/* ---- kid ---- */

static size_t count_hex(struct auth_view text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (auth_text_hex_value(text.p[i]) >= 0)
            count++;
        else if (text.p[i] != ':')
            return 0;
    }
    return count;
}

/* SHA-1 or SHA-256 as people write thumbprints of certificates: hex, with or without colons, or base64url (x5t). */
static bool is_like_cert_thumbprint(struct auth_view kid)
{
    enum { SHA1_HEX_N = 40, SHA256_HEX_N = 64, SHA1_BASE64_N = 27 };
    size_t hex = count_hex(kid);
    return hex == SHA1_HEX_N || hex == SHA256_HEX_N || (kid.n == SHA1_BASE64_N && auth_b64u_check(kid) == AUTH_B64U_OK);
}

/* What one entry of the set says about a kid that no usable entry has; NONE when it says nothing. */
static enum auth_cause kid_cause(const struct auth_jwk_set_entry *entry, struct auth_view kid)
{
    if (auth_jwk_set_has_kid(entry, kid))
        return AUTH_CAUSE_KID_UNUSABLE;
    if (entry->key && auth_view_equals(kid, auth_key_thumbprint(entry->key)))
        return AUTH_CAUSE_KID_JWK_THUMBPRINT;
    if (auth_jwk_set_has_kid(entry, auth_view_trim(kid)))
        return AUTH_CAUSE_WHITE_SPACE_AROUND;
    return entry->kid && auth_view_equals_view_nocase(kid, auth_jwk_set_kid(entry)) ? AUTH_CAUSE_KID_CASE
                                                                                    : AUTH_CAUSE_NONE;
}

void auth_judge_explain_kid(struct auth_judge *j, struct auth_view kid)
{
    const struct auth_jwk_set *set = j->set;
    if (previous_key(j, kid)) {
        auth_judge_fail(j, AUTH_CAUSE_KEY_REMOVED);
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        enum auth_cause cause = kid_cause(&set->entries[i], kid);
        if (cause == AUTH_CAUSE_NONE)
            continue;
        if (cause == AUTH_CAUSE_KID_UNUSABLE && set->entries[i].ignored)
            auth_judge_text(j, auth_view_from_string(set->entries[i].ignored));
        auth_judge_fail(j, cause);
        return;
    }
    auth_judge_fail(j, is_like_cert_thumbprint(kid) ? AUTH_CAUSE_KID_CERT_THUMBPRINT : AUTH_CAUSE_KEY_UNKNOWN_KID);
    if (j->in->client->key_source == AUTH_KEYS_JWKS_URL)
        auth_judge_or(j, AUTH_CAUSE_KEY_STALE);
}

/* ---- signature ---- */

static bool verifies(const struct auth_judge *j, const struct auth_key *key, enum auth_alg alg)
{
    const struct auth_jwt *jwt = j->in->jwt;
    return auth_jws_verify(key, alg, jwt->jws.signing_input, auth_buf_view(&jwt->signature.bytes), NULL) == AUTH_OK;
}

static bool was_tried(const struct auth_judge *j, const struct auth_key *key)
{
    for (size_t i = 0; i < j->key_count; i++) {
        if (j->keys[i] == key)
            return true;
    }
    return false;
}

/* Another key of the set, which kid ruled out, or how many there are. */
static bool is_of_other_key(struct auth_judge *j)
{
    _Static_assert(AUTH_JUDGE_KEYS_MAX == 8, "SIGNATURE_UNTRIED says how many are tried");
    const struct auth_jwk_set *set = j->set;
    struct auth_view kid = auth_json_string(auth_jwt_header(j->in->jwt, "kid"));
    size_t tries = 0;
    for (size_t i = 0; i < set->count && tries < AUTH_JUDGE_KEYS_MAX; i++) {
        const struct auth_jwk_set_entry *entry = &set->entries[i];
        bool is_meant = kid.n == 0 || auth_jwk_set_has_kid(entry, kid);
        if ((!entry->kid && !is_meant) || !entry->key || !auth_alg_fits(j->alg, entry->key) || was_tried(j, entry->key))
            continue;
        tries++;
        if (!verifies(j, entry->key, j->alg))
            continue;
        if (!is_meant)
            auth_judge_quoted(j, auth_jwk_set_kid(entry));
        auth_judge_fail(j, is_meant ? AUTH_CAUSE_SIGNATURE_UNTRIED : AUTH_CAUSE_SIGNATURE_OTHER_KID);
        return true;
    }
    return false;
}

/* The right key, but another hash than alg names. */
static bool is_of_other_hash(struct auth_judge *j)
{
    for (int alg = 0; alg < AUTH_ALG_COUNT; alg++) {
        if ((enum auth_alg)alg == j->alg || !auth_alg_fits((enum auth_alg)alg, j->keys[0]))
            continue;
        if (!verifies(j, j->keys[0], (enum auth_alg)alg))
            continue;
        auth_judge_text(j, auth_view_from_string(auth_alg_name((enum auth_alg)alg)));
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_OTHER_HASH);
        return true;
    }
    return false;
}

static bool is_of_previous_key(struct auth_judge *j)
{
    const struct auth_key *key = previous_key(j, auth_json_string(auth_jwt_header(j->in->jwt, "kid")));
    if (!key || !verifies(j, key, j->alg))
        return false;
    auth_judge_fail(j, AUTH_CAUSE_KEY_REPLACED);
    return true;
}

/* Bytes that are themselves hex or base64 text of a signature of `size` bytes. */
static bool is_text(struct auth_view signature, size_t size)
{
    size_t padded = (size + 2) / 3 * 4;
    if (signature.n == 2 * size)
        return count_hex(signature) == signature.n;
    if (signature.n != padded && signature.n != (size * 4 + 2) / 3)
        return false;
    for (size_t i = 0; i < signature.n; i++) {
        if ((unsigned char)(signature.p[i] - '+') > 'z' - '+') /* '+' and 'z' are the ends of both alphabets */
            return false;
    }
    return true;
}

/* A length that keys of today do make. */
static bool is_key_size(size_t n)
{
    static const size_t sizes[] = {64, 96, 128, 256, 384, 512};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        if (n == sizes[i])
            return true;
    }
    return false;
}

/* Lengths that no key makes for the algorithm of the header, but another kind of key or algorithm does. */
static enum auth_cause kind_cause(enum auth_alg alg, struct auth_view signature, enum auth_jws_form form)
{
    static const struct {
        char alg; /* how the names of such algorithms begin */
        uint16_t n;
        enum auth_cause cause;
    } rows[] = {
        {'R', 32, AUTH_CAUSE_SIGNATURE_OF_HMAC}, {'R', 48, AUTH_CAUSE_SIGNATURE_OF_HMAC},
        {'E', 32, AUTH_CAUSE_SIGNATURE_OF_HMAC}, {'E', 48, AUTH_CAUSE_SIGNATURE_OF_HMAC},
        {'R', 64, AUTH_CAUSE_SIGNATURE_OF_EC},   {'R', 96, AUTH_CAUSE_SIGNATURE_OF_EC},
        {'R', 132, AUTH_CAUSE_SIGNATURE_OF_EC},  {'E', 256, AUTH_CAUSE_SIGNATURE_OF_RSA},
        {'E', 384, AUTH_CAUSE_SIGNATURE_OF_RSA}, {'E', 512, AUTH_CAUSE_SIGNATURE_OF_RSA},
    };
    char kind = *auth_alg_name(alg);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].alg == kind && rows[i].n == signature.n)
            return rows[i].cause;
    }
    if (form == AUTH_JWS_FORM_DER)
        return kind == 'E' ? AUTH_CAUSE_SIGNATURE_DER : AUTH_CAUSE_SIGNATURE_OF_EC;
    return AUTH_CAUSE_NONE;
}

static void explain_length(struct auth_judge *j, struct auth_view signature, size_t size)
{
    if (is_text(signature, size)) {
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_TEXT);
    } else if (signature.n > size || is_key_size(signature.n)) {
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_LENGTH);
    } else {
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_CUT);
        auth_judge_or(j, AUTH_CAUSE_SIGNATURE_LENGTH);
    }
}

/* Claims and types of tokens that servers sign: access tokens, id_tokens, user infos. */
static bool is_other_token(const struct auth_judge *j)
{
    static const char *const claims[] = {"nonce", "at_hash", "auth_time", "fhirUser",       "azp",      "appid", "scp",
                                         "scope", "epic",    "epic.eci",  "epic.tokentype", "client_id"};
    struct auth_view issuer = auth_jwt_claim_view(j->in->jwt, "iss");
    if (auth_view_equals_view(issuer, auth_jwt_claim_view(j->in->jwt, "sub")))
        return false;
    for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
        if (auth_jwt_claim(j->in->jwt, claims[i]))
            return true;
    }
    return auth_view_equals_nocase(auth_json_string(auth_jwt_header(j->in->jwt, "typ")), "at+jwt");
}

/* What people sign in place of header.payload, and how to call it; NULL: none of these. */
static const char *signed_instead(const struct auth_judge *j, const struct auth_seal *seal)
{
    const struct auth_jwt *jwt = j->in->jwt;
    struct auth_view input = jwt->jws.signing_input;
    const struct {
        struct auth_view bytes;
        const char *what;
    } rows[] = {
        {jwt->jws.payload, "the payload alone"},
        {jwt->jws.header, "the header alone"},
        {auth_buf_view(&jwt->payload.bytes), "the JSON of the payload, not its base64url"},
        {auth_view_bytes(input.p, input.n + 1), "header.payload and the dot behind it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_seal_is_of(seal, rows[i].bytes))
            return rows[i].what;
    }
    return auth_seal_is_of_digest(seal, input) ? "the digest of header.payload, which was hashed once more" : NULL;
}

/* The same with more behind it, or in other letters, which must be written first. */
static const char *signed_otherwise(const struct auth_judge *j, const struct auth_seal *seal)
{
    static const char *const ends[][2] = {{"\n", "header.payload and a line end"},
                                          {"\r\n", "header.payload and a line end"},
                                          {"\"", "header.payload in quotation marks"}};
    struct auth_view input = j->in->jwt->jws.signing_input;
    struct auth_buf text;
    const char *what = NULL;
    auth_buf_init(&text, 2 * AUTH_JWT_MAX_N + 4);
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !what; i++) {
        auth_buf_reset(&text);
        if (*ends[i][0] == '"')
            auth_buf_add_char(&text, '"');
        auth_buf_add_view(&text, input);
        auth_buf_add_string(&text, ends[i][0]);
        what = auth_seal_is_of(seal, auth_buf_view(&text)) ? ends[i][1] : NULL;
    }
    auth_buf_reset(&text);
    for (size_t i = 0; i < input.n; i++) {
        auth_buf_add_char(&text, input.p[i]);
        auth_buf_add_char(&text, '\0');
    }
    if (!what && auth_seal_is_of(seal, auth_buf_view(&text)))
        what = "header.payload in UTF-16";
    auth_buf_clear(&text);
    return what;
}

/* The registered key made it, by PKCS#1: then what it protects tells what went wrong. */
static void explain_seal(struct auth_judge *j, const struct auth_seal *seal)
{
    const char *what = signed_instead(j, seal);
    if (!what)
        what = signed_otherwise(j, seal);
    if (what) {
        auth_judge_text(j, auth_view_from_string(what));
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_OF_PART);
    } else if (!auth_seal_is_of(seal, j->in->jwt->jws.signing_input)) {
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_ALTERED);
    } else if (seal->kind == AUTH_SEAL_BARE) {
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_BARE);
    } else {
        auth_judge_text(j, auth_view_from_string(seal->digest_name));
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_OTHER_HASH);
    }
}

/* As long as it must be, and wrong. Of EC keys it does not show whether the key is another or the bytes are. */
static void explain_mismatch(struct auth_judge *j, struct auth_view signature)
{
    struct auth_seal seal;
    bool is_rsa = auth_key_type(j->keys[0]) == AUTH_KEY_RSA;
    auth_seal_open(j->keys[0], j->in->jwt->jws.signing_input, signature, &seal);
    if (seal.kind == AUTH_SEAL_PSS)
        auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_PSS);
    else if (seal.kind != AUTH_SEAL_NONE)
        explain_seal(j, &seal);
    if (seal.kind != AUTH_SEAL_NONE)
        return;
    auth_judge_fail(j, AUTH_CAUSE_SIGNATURE_MISMATCH);
    auth_judge_or(j, is_rsa ? AUTH_CAUSE_SIGNATURE_DAMAGED : AUTH_CAUSE_SIGNATURE_ALTERED);
    if (j->in->client->key_source == AUTH_KEYS_JWKS_URL)
        auth_judge_or(j, AUTH_CAUSE_KEY_STALE);
}

void auth_judge_explain_signature(struct auth_judge *j, const struct auth_err *err)
{
    struct auth_view signature = auth_buf_view(&j->in->jwt->signature.bytes);
    enum auth_jws_form form = auth_jws_signature_form(j->alg, j->keys[0], signature);
    if (is_of_previous_key(j) || is_of_other_key(j) || is_of_other_hash(j))
        return;
    auth_judge_text(j, auth_view_from_string(err->detail));
    enum auth_cause kind = form == AUTH_JWS_FORM_FITS ? AUTH_CAUSE_NONE : kind_cause(j->alg, signature, form);
    if (is_other_token(j))
        auth_judge_fail(j, AUTH_CAUSE_OTHER_TOKEN);
    else if (kind != AUTH_CAUSE_NONE)
        auth_judge_fail(j, kind);
    else if (form == AUTH_JWS_FORM_LENGTH)
        explain_length(j, signature, auth_jws_signature_size(j->alg, j->keys[0]));
    else
        explain_mismatch(j, signature);
}
