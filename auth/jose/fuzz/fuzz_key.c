/* Whatever may be handed in as a key: every loader gets every input.
 *   - a loader that says yes has found what the sniffer saw, and the key is in the ranges that key.h promises
 *   - what is written from a key (JWK, PEM) is the same key when it is read again
 *   - a private key that is accepted makes signatures that its public part verifies
 *   - a JWK Set never holds a private key, and each entry either has a key or says why not */
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "auth/jose/jwk_set.h"
#include "auth/jose/jws.h"

enum { OUT_MAX = 1 << 16, RSA_SLOW_BITS = 4096 };

static void check_refusal(enum auth_rc rc, const struct auth_key *key, const struct auth_err *err)
{
    MUST(!key && err->rc == rc && err->detail[0]);
    MUST(rc == AUTH_E_KEY || rc == AUTH_E_ALG || rc == AUTH_E_CRYPTO || rc == AUTH_E_TOO_BIG || rc == AUTH_E_SYNTAX ||
         rc == AUTH_E_DUPLICATE || rc == AUTH_E_RANGE);
}

static void check_shape(const struct auth_key *key)
{
    unsigned bits = auth_key_bits(key);
    bool is_rsa = auth_key_type(key) == AUTH_KEY_RSA;
    MUST(is_rsa ? bits >= 512 && bits <= 8192 : bits == (auth_key_type(key) == AUTH_KEY_P256 ? 256 : 384));
    MUST(strlen(auth_key_thumbprint(key)) == 43);
    MUST((auth_key_weakness(key) != NULL) == (is_rsa && bits < 2048));
    MUST(auth_alg_fits(auth_alg_for(key), key));
}

static void check_jwk(const struct auth_key *key)
{
    struct auth_buf text;
    struct auth_json_writer w;
    struct auth_json *doc = NULL;
    struct auth_key *again = NULL;
    auth_buf_init(&text, OUT_MAX);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    MUST(auth_key_write_jwk(key, NULL, NULL, &w, NULL) == AUTH_OK);
    MUST(auth_json_parse(auth_buf_view(&text), &doc, NULL) == AUTH_OK);
    MUST(auth_key_from_jwk(auth_json_root(doc), false, &again, NULL) == AUTH_OK);
    MUST(auth_key_equal(key, again) && !auth_key_is_private(again));
    auth_key_free(again);
    auth_json_free(doc);
    auth_buf_clear(&text);
}

static void check_private(const struct auth_key *key)
{
    struct auth_buf pem, signature;
    struct auth_key *again = NULL;
    enum auth_alg alg = auth_key_type(key) == AUTH_KEY_RSA ? AUTH_RS256 : auth_alg_for(key);
    auth_buf_init_secret(&pem, OUT_MAX);
    auth_buf_init(&signature, OUT_MAX);
    MUST(auth_key_write_private_pem(key, &pem, NULL) == AUTH_OK);
    MUST(auth_key_from_private_pem(auth_buf_view(&pem), NULL, &again, NULL) == AUTH_OK);
    MUST(auth_key_equal(key, again) && auth_key_is_private(again));
    MUST(auth_jws_sign(again, alg, auth_view_from_string("text"), &signature, NULL) == AUTH_OK);
    MUST(signature.n == auth_jws_signature_size(alg, key));
    MUST(auth_jws_verify(key, alg, auth_view_from_string("text"), auth_buf_view(&signature), NULL) == AUTH_OK);
    MUST(auth_jws_verify(key, alg, auth_view_from_string("texT"), auth_buf_view(&signature), NULL) == AUTH_E_SIGNATURE);
    auth_key_free(again);
    auth_buf_clear(&pem);
    auth_buf_clear(&signature);
}

static void check_key(struct auth_key *key, bool is_private)
{
    MUST(auth_key_is_private(key) == is_private);
    check_shape(key);
    check_jwk(key);
    if (is_private && auth_key_bits(key) <= RSA_SLOW_BITS)
        check_private(key);
    auth_key_free(key);
}

static void try_pem(struct auth_view text, enum auth_key_format format)
{
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = auth_key_from_private_pem(text, NULL, &key, &err);
    if (rc == AUTH_OK) {
        MUST(format != AUTH_KEY_FORMAT_ENCRYPTED && format != AUTH_KEY_FORMAT_CERTIFICATE);
        check_key(key, true);
    } else {
        check_refusal(rc, key, &err);
    }

    key = NULL;
    err = (struct auth_err){0};
    rc = auth_key_from_public_pem(text, &key, &err);
    if (rc == AUTH_OK)
        check_key(key, false);
    else
        check_refusal(rc, key, &err);
}

static void try_cert(struct auth_view text, enum auth_key_format format)
{
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = auth_key_from_cert(text, &key, &err);
    if (rc != AUTH_OK) {
        check_refusal(rc, key, &err);
        return;
    }
    const struct auth_cert_info *cert = auth_key_cert(key);
    MUST(format == AUTH_KEY_FORMAT_CERTIFICATE && cert && cert->subject);
    MUST(strlen(cert->sha1) == 40 && strlen(cert->sha256) == 64);
    for (const char *c = cert->subject; *c; c++)
        MUST((unsigned char)*c >= 0x20 && *c != 0x7f);
    check_key(key, false);
}

/* What is taken as a chain begins with a certificate that is taken alone, and is taken again as it was written. */
static void try_chain(struct auth_view text)
{
    struct auth_key *key = NULL, *again = NULL;
    struct auth_err err = {0};
    struct auth_buf chain, second;
    auth_buf_init(&chain, 1 << 18);
    auth_buf_init(&second, 1 << 18);
    enum auth_rc rc = auth_key_from_chain(text, &chain, &key, &err);
    if (rc != AUTH_OK) {
        check_refusal(rc, key, &err);
    } else {
        MUST(auth_key_from_chain(auth_buf_view(&chain), &second, &again, NULL) == AUTH_OK);
        MUST(auth_view_equals_view(auth_buf_view(&chain), auth_buf_view(&second)) && auth_key_equal(key, again));
        auth_key_free(again);
        check_key(key, false);
    }
    auth_buf_clear(&second);
    auth_buf_clear(&chain);
}

static void try_jwk(struct auth_view text)
{
    struct auth_json *doc = NULL;
    if (auth_json_parse(text, &doc, NULL) != AUTH_OK)
        return;
    for (int allow_private = 0; allow_private < 2; allow_private++) {
        struct auth_key *key = NULL;
        struct auth_err err = {0};
        enum auth_rc rc = auth_key_from_jwk(auth_json_root(doc), allow_private, &key, &err);
        if (rc == AUTH_OK)
            check_key(key, allow_private && auth_key_is_private(key));
        else
            check_refusal(rc, key, &err);
    }
    auth_json_free(doc);
}

static void try_jwks(struct auth_view text)
{
    struct auth_jwk_set set;
    struct auth_err err = {0};
    enum auth_rc rc = auth_jwk_set_parse(text, &set, &err);
    if (rc != AUTH_OK) {
        check_refusal(rc, NULL, &err);
        MUST(set.count == 0 && !set.entries);
        return;
    }
    size_t usable = 0;
    MUST(set.count <= AUTH_JWK_SET_KEYS_MAX);
    for (size_t i = 0; i < set.count; i++) {
        const struct auth_jwk_set_entry *entry = &set.entries[i];
        MUST((entry->key != NULL) == (entry->ignored == NULL));
        MUST(entry->kid ? strlen(entry->kid) == entry->kid_n : entry->kid_n == 0);
        usable += entry->key && entry->for_signing;
        if (entry->key) {
            MUST(!auth_key_is_private(entry->key));
            check_shape(entry->key);
        }
    }
    MUST(usable == auth_jwk_set_usable(&set));
    auth_jwk_set_clear(&set);
}

/* What it is said to be is short, and safe on a terminal. */
static void try_describe(struct auth_view text, enum auth_key_format format)
{
    struct auth_buf what;
    auth_buf_init(&what, 1024);
    auth_key_describe(format, text, &what);
    MUST(auth_buf_ok(&what) && what.n > 0);
    for (size_t i = 0; i < what.n; i++)
        MUST((unsigned char)what.p[i] >= 0x20 && what.p[i] != 0x7f);
    auth_buf_clear(&what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view text = auth_view_bytes(data, n);
    enum auth_key_format format = auth_key_sniff(text);
    MUST(auth_key_format_text(format)[0]);
    try_describe(text, format);
    try_pem(text, format);
    try_cert(text, format);
    try_chain(text);
    try_jwk(text);
    try_jwks(text);
    return 0;
}
