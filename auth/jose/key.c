#include "auth/jose/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "auth/core/b64u.h"
#include "auth/jose/digest.h"
#include "auth/jose/key_private.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, P256_N = 32, P384_N = 48 };

enum auth_rc auth_key_crypto_error(struct auth_err *err, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    char reason[128] = "no reason given";
    if (code)
        ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    return auth_err_set(err, AUTH_E_CRYPTO, "%s: %s", what, reason);
}

void auth_key_free(struct auth_key *key)
{
    if (!key)
        return;
    for (int i = 0; i < AUTH_ALG_COUNT; i++)
        EVP_MD_CTX_free(key->verifiers[i]);
    EVP_PKEY_free(key->pkey);
    if (key->cert)
        free(key->cert->subject);
    free(key->cert);
    free(key);
}

/* ---- parameters ---- */

enum auth_rc auth_key_param_b64u(const EVP_PKEY *pkey, const char *param, size_t width, struct auth_buf *out)
{
    unsigned char bytes[RSA_BITS_MAX / 8];
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(pkey, param, &number) != 1)
        return AUTH_E_CRYPTO;
    int n = width ? (int)width : BN_num_bytes(number);
    enum auth_rc rc = AUTH_E_CRYPTO;
    if (n > 0 && (size_t)n <= sizeof bytes && BN_bn2binpad(number, bytes, n) == n) {
        auth_b64u_encode(out, bytes, (size_t)n);
        rc = auth_buf_check(out, NULL);
    }
    BN_free(number);
    return rc;
}

/* ---- shape: look before anything costly is computed with the numbers ---- */

static enum auth_rc check_rsa(struct auth_key *key, struct auth_err *err)
{
    BIGNUM *n = NULL, *e = NULL;
    enum auth_rc rc = AUTH_OK;
    if (EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1 ||
        EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1) {
        rc = auth_key_crypto_error(err, "RSA key without modulus or exponent");
        goto out;
    }
    key->bits = (unsigned)BN_num_bits(n);
    if (key->bits > RSA_BITS_MAX)
        rc = auth_err_set(err, AUTH_E_KEY, "RSA of %u bits; more than %d are refused", key->bits, RSA_BITS_MAX);
    else if (key->bits < 512 || !BN_is_odd(n))
        rc = auth_err_set(err, AUTH_E_KEY, "RSA modulus is no product of two large primes (%u bits%s)", key->bits,
                          BN_is_odd(n) ? "" : ", even");
    else if (!BN_is_odd(e) || BN_is_one(e) || BN_num_bits(e) > 33)
        rc = auth_err_set(err, AUTH_E_KEY, "RSA exponent is even, 1, or beyond 2^32; use 65537");
    else if (key->bits < RSA_BITS_MIN)
        (void)snprintf(key->weakness, sizeof key->weakness, "RSA of %u bits; at least %d are required", key->bits,
                       RSA_BITS_MIN);
out:
    BN_free(n);
    BN_free(e);
    return rc;
}

static enum auth_rc check_ec(struct auth_key *key, struct auth_err *err)
{
    char group[64] = "";
    size_t n = 0;
    if (EVP_PKEY_get_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &n) != 1) {
        ERR_clear_error();
        return auth_err_set(err, AUTH_E_KEY, "EC key with explicit curve parameters; use a named curve");
    }
    if (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0)
        key->type = AUTH_KEY_P256;
    else if (strcmp(group, "secp384r1") == 0 || strcmp(group, "P-384") == 0)
        key->type = AUTH_KEY_P384;
    else
        return auth_err_set(err, AUTH_E_ALG, "EC key on curve %s; Epic takes P-256 and P-384", group);
    key->bits = key->type == AUTH_KEY_P256 ? 256 : 384;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    int sound = ctx ? EVP_PKEY_public_check(ctx) : 0;
    EVP_PKEY_CTX_free(ctx);
    if (sound == 1)
        return AUTH_OK;
    ERR_clear_error();
    return auth_err_set(err, AUTH_E_KEY, "EC key whose point is not on curve %s", group);
}

/* RFC 7638: SHA-256 over the required members in lexical order, without white space. */
static enum auth_rc make_thumbprint(struct auth_key *key)
{
    struct auth_buf json, text;
    unsigned char digest[AUTH_SHA256_N];
    size_t width = key->type == AUTH_KEY_P256 ? P256_N : P384_N;
    enum auth_rc rc;
    auth_buf_init(&json, 4096);
    auth_buf_init(&text, 64);
    if (key->type == AUTH_KEY_RSA) {
        auth_buf_add_string(&json, "{\"e\":\"");
        rc = auth_key_param_b64u(key->pkey, OSSL_PKEY_PARAM_RSA_E, 0, &json);
        auth_buf_add_string(&json, "\",\"kty\":\"RSA\",\"n\":\"");
        if (rc == AUTH_OK)
            rc = auth_key_param_b64u(key->pkey, OSSL_PKEY_PARAM_RSA_N, 0, &json);
    } else {
        auth_buf_addf(&json, "{\"crv\":\"P-%u\",\"kty\":\"EC\",\"x\":\"", key->bits);
        rc = auth_key_param_b64u(key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, width, &json);
        auth_buf_add_string(&json, "\",\"y\":\"");
        if (rc == AUTH_OK)
            rc = auth_key_param_b64u(key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, width, &json);
    }
    auth_buf_add_string(&json, "\"}");
    struct auth_view view = auth_buf_view(&json);
    if (rc == AUTH_OK)
        rc = auth_digest_sha256(&view, 1, digest);
    if (rc == AUTH_OK) {
        auth_b64u_encode(&text, digest, sizeof digest);
        rc = auth_buf_check(&text, NULL);
    }
    if (rc == AUTH_OK)
        memcpy(key->thumbprint, text.p, sizeof key->thumbprint);
    auth_buf_clear(&text);
    auth_buf_clear(&json);
    return rc;
}

static const EVP_MD *digest_of(enum auth_alg alg)
{
    switch (alg) {
    case AUTH_RS256:
    case AUTH_ES256:
        return EVP_sha256();
    case AUTH_RS512:
        return EVP_sha512();
    default:
        return EVP_sha384();
    }
}

static enum auth_rc prepare_verifiers(struct auth_key *key, struct auth_err *err)
{
    for (int i = 0; i < AUTH_ALG_COUNT; i++) {
        if (!auth_jws_alg_fits((enum auth_alg)i, key))
            continue;
        key->verifiers[i] = EVP_MD_CTX_new();
        if (!key->verifiers[i] ||
            EVP_DigestVerifyInit(key->verifiers[i], NULL, digest_of((enum auth_alg)i), NULL, key->pkey) != 1)
            return auth_key_crypto_error(err, "the key cannot verify");
    }
    return AUTH_OK;
}

enum auth_rc auth_key_wrap(EVP_PKEY *pkey, bool is_private, struct auth_key **out, struct auth_err *err)
{
    struct auth_key *key = calloc(1, sizeof *key);
    if (!key) {
        EVP_PKEY_free(pkey);
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    }
    key->pkey = pkey;
    key->is_private = is_private;
    enum auth_rc rc;
    if (EVP_PKEY_is_a(pkey, "RSA"))
        rc = check_rsa(key, err);
    else if (EVP_PKEY_is_a(pkey, "EC"))
        rc = check_ec(key, err);
    else
        rc = auth_err_set(err, AUTH_E_ALG, "a %s key; RSA (or EC P-256, P-384) is needed",
                          EVP_PKEY_get0_type_name(pkey) ? EVP_PKEY_get0_type_name(pkey) : "strange");
    if (rc == AUTH_OK && make_thumbprint(key) != AUTH_OK)
        rc = auth_key_crypto_error(err, "thumbprint");
    if (rc == AUTH_OK)
        rc = prepare_verifiers(key, err);
    if (rc == AUTH_OK)
        *out = key;
    else
        auth_key_free(key);
    return rc;
}

/* ---- generating ---- */

enum auth_rc auth_key_generate_rsa(unsigned bits, struct auth_key **out, struct auth_err *err)
{
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
        return auth_err_set(err, AUTH_E_ARG, "RSA keys have %d to %d bits", RSA_BITS_MIN, RSA_BITS_MAX);
    EVP_PKEY *pkey = EVP_RSA_gen(bits);
    return pkey ? auth_key_wrap(pkey, true, out, err) : auth_key_crypto_error(err, "key generation");
}

enum auth_rc auth_key_generate_ec(enum auth_key_type type, struct auth_key **out, struct auth_err *err)
{
    EVP_PKEY *pkey = EVP_EC_gen(type == AUTH_KEY_P256 ? "P-256" : "P-384");
    return pkey ? auth_key_wrap(pkey, true, out, err) : auth_key_crypto_error(err, "key generation");
}

/* ---- asking ---- */

enum auth_key_type auth_key_type(const struct auth_key *key)
{
    return key->type;
}

const char *auth_key_type_text(const struct auth_key *key)
{
    static const char *const texts[] = {
        [AUTH_KEY_RSA] = "RSA", [AUTH_KEY_P256] = "EC P-256", [AUTH_KEY_P384] = "EC P-384"};
    return texts[key->type];
}

unsigned auth_key_bits(const struct auth_key *key)
{
    return key->bits;
}

bool auth_key_is_private(const struct auth_key *key)
{
    return key->is_private;
}

const char *auth_key_weakness(const struct auth_key *key)
{
    return key->weakness[0] ? key->weakness : NULL;
}

bool auth_key_equal(const struct auth_key *a, const struct auth_key *b)
{
    return strcmp(a->thumbprint, b->thumbprint) == 0;
}

const char *auth_key_thumbprint(const struct auth_key *key)
{
    return key->thumbprint;
}

const struct auth_cert_info *auth_key_cert(const struct auth_key *key)
{
    return key->cert;
}
