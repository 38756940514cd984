#include "auth/jose/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "auth/core/b64u.h"
#include "auth/jose/digest.h"
#include "auth/jose/key_private.h"

enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_ODD = 512, /* below it the number is no RSA modulus at all, weak or not */
    RSA_EXPONENT_BITS_MAX = 32,
    P256_N = 32,
    P384_N = 48,
};

/* ---- OpenSSL's error queue ---- */

bool auth_key_drain_errors(void)
{
    bool is_nomem = false;
    unsigned long code;
    while ((code = ERR_get_error()) != 0)
        is_nomem = is_nomem || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    return is_nomem;
}

enum auth_rc auth_key_crypto_error(struct auth_err *err, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    char reason[128] = "no reason given";
    if (code)
        ERR_error_string_n(code, reason, sizeof reason);
    if (auth_key_drain_errors())
        return auth_err_set(err, AUTH_E_NOMEM, "%s: out of memory", what);
    return auth_err_set(err, AUTH_E_CRYPTO, "%s: %s", what, reason);
}

enum auth_rc auth_key_bad_input(struct auth_err *err, const char *detail)
{
    if (auth_key_drain_errors())
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    return auth_err_set(err, AUTH_E_KEY, "%s", detail);
}

bool auth_key_has_memory(void)
{
    enum { SOME_N = 1024 };
    void *some = OPENSSL_malloc(SOME_N);
    OPENSSL_free(some);
    return some != NULL;
}

bool auth_key_look_again(struct auth_key_looks *looks, enum auth_rc *rc, struct auth_err *err)
{
    bool is_refused = *rc == AUTH_E_KEY || *rc == AUTH_E_ALG;
    if (is_refused && looks->count++ == 0) {
        auth_err_clear(&looks->err);
        if (auth_key_has_memory())
            return true;
        *rc = auth_err_set(&looks->err, AUTH_E_NOMEM, "out of memory");
    }
    if (*rc != AUTH_OK)
        auth_err_set(err, *rc, "%s", looks->err.detail);
    return false;
}

/* ---- life ---- */

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
    unsigned char bytes[AUTH_KEY_BYTES_MAX];
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

/* The mark that a library of Infineon's left in its moduli: modulo each of these primes they are a power of 65537. One
 * sound modulus in 2^27 is so by chance (Nemec et al., "The Return of Coppersmith's Attack", CVE-2017-15361). */
static bool has_roca_mark(const BIGNUM *n)
{
    static const unsigned primes[] = {11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157};
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        BN_ULONG rest = BN_mod_word(n, primes[i]);
        unsigned power = 1, tries = primes[i];
        while (power != rest && --tries)
            power = power * (65537 % primes[i]) % primes[i];
        if (power != rest)
            return false;
    }
    return true;
}

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
    /* 2^32 itself is even, so 32 bits are all that an exponent may have; each bit costs every verify a squaring */
    if (key->bits > AUTH_KEY_RSA_BITS_MAX)
        rc =
            auth_err_set(err, AUTH_E_KEY, "RSA of %u bits; more than %d are refused", key->bits, AUTH_KEY_RSA_BITS_MAX);
    else if (key->bits < RSA_BITS_ODD || !BN_is_odd(n))
        rc = auth_err_set(err, AUTH_E_KEY, "RSA modulus is no product of two large primes (%u bits%s)", key->bits,
                          BN_is_odd(n) ? "" : ", even");
    else if (!BN_is_odd(e) || BN_is_one(e) || BN_num_bits(e) > RSA_EXPONENT_BITS_MAX)
        rc = auth_err_set(err, AUTH_E_KEY, "RSA exponent is even, 1, or beyond 2^32; make a key with exponent 65537");
    else if (key->bits < RSA_BITS_MIN)
        (void)snprintf(key->weakness, sizeof key->weakness, "RSA of %u bits; at least %d are required", key->bits,
                       RSA_BITS_MIN);
    else if (has_roca_mark(n))
        (void)snprintf(key->weakness, sizeof key->weakness,
                       "RSA modulus with the ROCA mark (CVE-2017-15361): its private key can be computed");
out:
    BN_free(n);
    BN_free(e);
    return rc;
}

static enum auth_rc check_curve(struct auth_key *key, struct auth_err *err)
{
    char group[64] = "a curve without a name";
    size_t n = 0;
    int is_explicit = 0;
    /* OpenSSL gives parameters that look like a known curve that curve's name. Who chose the parameters may have
     * chosen the generator too (CVE-2020-0601), so the name alone decides nothing. */
    (void)EVP_PKEY_get_int_param(key->pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit);
    bool has_name = EVP_PKEY_get_utf8_string_param(key->pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &n) == 1;
    ERR_clear_error();
    if (is_explicit || !has_name)
        return auth_err_set(err, AUTH_E_KEY,
                            "EC key with explicit curve parameters; make one on a named curve: "
                            "'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384'");
    if (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0)
        key->type = AUTH_KEY_P256;
    else if (strcmp(group, "secp384r1") == 0 || strcmp(group, "P-384") == 0)
        key->type = AUTH_KEY_P384;
    else
        return auth_err_set(
            err, AUTH_E_ALG,
            "EC key on curve %s; an RSA key is taken everywhere, and EC P-256 and P-384 where the key "
            "comes from a JWK Set URL: 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384'",
            group);
    return AUTH_OK;
}

static enum auth_rc check_ec(struct auth_key *key, struct auth_err *err)
{
    enum auth_rc rc = check_curve(key, err);
    if (rc != AUTH_OK)
        return rc;
    key->bits = key->type == AUTH_KEY_P256 ? 256 : 384;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    int sound = ctx ? EVP_PKEY_public_check(ctx) : 0;
    EVP_PKEY_CTX_free(ctx);
    return sound == 1 ? AUTH_OK : auth_key_bad_input(err, "EC key whose point is not on its curve");
}

static enum auth_rc check_kind(struct auth_key *key, struct auth_err *err)
{
    const char *name = EVP_PKEY_get0_type_name(key->pkey);
    if (EVP_PKEY_is_a(key->pkey, "RSA"))
        return check_rsa(key, err);
    if (EVP_PKEY_is_a(key->pkey, "EC"))
        return check_ec(key, err);
    return auth_err_set(err, AUTH_E_ALG,
                        "a key of type %s; a plain RSA key (or EC P-256, P-384) is needed: 'openssl genpkey -algorithm "
                        "RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem'",
                        name ? name : "unknown");
}

/* RFC 7638: SHA-256 over the required members in lexical order, without white space. */
static enum auth_rc make_thumbprint(struct auth_key *key, struct auth_err *err)
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
    if (rc == AUTH_E_CRYPTO)
        return auth_key_crypto_error(err, "thumbprint");
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "thumbprint: out of memory");
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

/* A private part that is not the public one's would sign for nobody; better said at start than as "invalid_client".
 * RS256, because the digest info of SHA-384 does not fit the 512 bits that a key to be explained may have. */
static enum auth_rc prove_private(const struct auth_key *key, struct auth_err *err)
{
    enum auth_alg alg = key->type == AUTH_KEY_RSA ? AUTH_RS256 : auth_jws_alg_for(key);
    struct auth_view text = auth_view_from_string("proof");
    struct auth_buf signature;
    auth_buf_init(&signature, AUTH_KEY_BYTES_MAX);
    enum auth_rc rc = auth_jws_sign(key, alg, text, &signature, NULL);
    if (rc == AUTH_OK)
        rc = auth_jws_verify(key, alg, text, auth_buf_view(&signature), NULL);
    auth_buf_clear(&signature);
    if (rc == AUTH_E_SIGNATURE || rc == AUTH_E_CRYPTO)
        return auth_err_set(err, AUTH_E_KEY, "the private part does not belong to the public part of this key");
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "trying the private key");
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
    enum auth_rc rc = check_kind(key, err);
    if (rc == AUTH_OK)
        rc = make_thumbprint(key, err);
    if (rc == AUTH_OK)
        rc = prepare_verifiers(key, err);
    if (rc == AUTH_OK && is_private)
        rc = prove_private(key, err);
    if (rc == AUTH_OK)
        *out = key;
    else
        auth_key_free(key);
    return rc;
}

/* ---- generating ---- */

enum auth_rc auth_key_generate_rsa(unsigned bits, struct auth_key **out, struct auth_err *err)
{
    if (bits < RSA_BITS_MIN || bits > AUTH_KEY_RSA_BITS_MAX)
        return auth_err_set(err, AUTH_E_ARG, "RSA keys have %d to %d bits", RSA_BITS_MIN, AUTH_KEY_RSA_BITS_MAX);
    EVP_PKEY *pkey = EVP_RSA_gen(bits);
    return pkey ? auth_key_wrap(pkey, true, out, err) : auth_key_crypto_error(err, "key generation");
}

enum auth_rc auth_key_generate_ec(enum auth_key_type type, struct auth_key **out, struct auth_err *err)
{
    if (type != AUTH_KEY_P256 && type != AUTH_KEY_P384)
        return auth_err_set(err, AUTH_E_ARG, "EC keys are made on P-256 or P-384");
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
