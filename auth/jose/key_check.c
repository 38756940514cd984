/* Is it a key that may be used, or at least looked at? The shape of its numbers before anything costly is computed with them,
 * what makes it weak, and its thumbprint. */
#include <stdio.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "auth/core/b64u.h"
#include "auth/jose/crypto_error.h"
#include "auth/jose/digest.h"
#include "auth/jose/key_private.h"

enum {
    RSA_BITS_ODD = 512, /* below it the number is no RSA modulus at all, weak or not */
    RSA_EXPONENT_BITS_MAX = 32,
    P256_N = 32,
    P384_N = 48,
};

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
        rc = auth_crypto_error(err, "RSA key without modulus or exponent");
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
    else if (key->bits < AUTH_KEY_RSA_BITS_MIN)
        (void)snprintf(key->weakness, sizeof key->weakness, "RSA of %u bits; at least %d are required", key->bits,
                       AUTH_KEY_RSA_BITS_MIN);
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
    return sound == 1 ? AUTH_OK : auth_crypto_bad_input(err, "EC key whose point is not on its curve");
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
        return auth_crypto_error(err, "thumbprint");
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "thumbprint: out of memory");
}

enum auth_rc auth_key_check(struct auth_key *key, struct auth_err *err)
{
    enum auth_rc rc = check_kind(key, err);
    return rc == AUTH_OK ? make_thumbprint(key, err) : rc;
}
