/* Signatures: what has three parts, what fits a key, what verifies. The range of r and s is ours to check, the rest is OpenSSL's. */
#include "auth/jose/jws.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include "auth/core/b64u.h"
#include "auth/jose/crypto_error.h"
#include "auth/jose/key_private.h"

/* ---- splitting ---- */

enum auth_rc auth_jws_split(struct auth_view compact, struct auth_jws *out, struct auth_err *err)
{
    struct auth_view parts[3] = {{NULL, 0}}, rest = compact;
    size_t count = 0;
    do {
        struct auth_view part = auth_view_split(&rest, '.');
        if (count < 3)
            parts[count] = part;
        count++;
    } while (rest.p);
    if (count != 3)
        return auth_err_set(err, AUTH_E_SYNTAX, "%zu part%s; a compact JWS has 3", count, count == 1 ? "" : "s");
    for (int i = 0; i < 3; i++) {
        if (parts[i].n == 0)
            return auth_err_set(err, AUTH_E_SYNTAX, "part %d of 3 is empty", i + 1);
    }
    *out = (struct auth_jws){
        .header = parts[0],
        .payload = parts[1],
        .signature = parts[2],
        .signing_input = auth_view_bytes(compact.p, parts[0].n + 1 + parts[1].n),
    };
    return AUTH_OK;
}

/* ---- EC signatures: raw r||s on the wire, DER in OpenSSL ---- */

/* Orders of the two groups (SEC 2), big-endian: r and s must be below them. */
static const unsigned char p256_order[32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};
static const unsigned char p384_order[48] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
};

/* What raw r||s of an EC signature must be like. */
static const struct group {
    size_t half_n;              /* bytes of r and of s; 0 for RSA */
    const unsigned char *order; /* half_n bytes */
} groups[AUTH_ALG_COUNT] = {
    [AUTH_ES256] = {sizeof p256_order, p256_order},
    [AUTH_ES384] = {sizeof p384_order, p384_order},
};

/* RSA's for AUTH_ALG_COUNT too, which fits no key. */
static const struct group *group_of(enum auth_alg alg)
{
    return (unsigned)alg < AUTH_ALG_COUNT ? &groups[alg] : &groups[AUTH_RS256];
}

size_t auth_jws_signature_size(enum auth_alg alg, const struct auth_key *key)
{
    const struct group *group = group_of(alg);
    return group->half_n ? 2 * group->half_n : (key->bits + 7) / 8;
}

/* 1 <= number < order. Range is checked here and not left to OpenSSL: CVE-2022-21449 is what forgetting it costs. */
static bool in_range(const unsigned char *number, const struct group *group)
{
    bool is_zero = true;
    for (size_t i = 0; i < group->half_n; i++)
        is_zero = is_zero && number[i] == 0;
    return !is_zero && memcmp(number, group->order, group->half_n) < 0;
}

/* DER of r||s in memory that the caller frees with OPENSSL_free(); NULL when out of memory. */
static unsigned char *der_of_raw(const struct group *group, const unsigned char *raw, size_t *n)
{
    int half_n = (int)group->half_n, der_n = 0;
    unsigned char *der = NULL;
    BIGNUM *r = BN_bin2bn(raw, half_n, NULL), *s = BN_bin2bn(raw + half_n, half_n, NULL);
    ECDSA_SIG *signature = ECDSA_SIG_new();
    if (signature && ECDSA_SIG_set0(signature, r, s) == 1) { /* refuses NULL */
        r = s = NULL;                                        /* the signature owns them now */
        der_n = i2d_ECDSA_SIG(signature, &der);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    *n = der_n > 0 ? (size_t)der_n : 0;
    return der;
}

static enum auth_rc raw_of_der(const struct group *group, const unsigned char *der, size_t der_n, struct auth_buf *out)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)der_n);
    unsigned char raw[2 * sizeof p384_order];
    int half_n = (int)group->half_n;
    bool ok = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, half_n) == half_n &&
              BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + half_n, half_n) == half_n;
    if (ok)
        auth_buf_add(out, raw, 2 * group->half_n);
    ECDSA_SIG_free(signature);
    return ok ? AUTH_OK : AUTH_E_CRYPTO;
}

/* ---- verifying ---- */

/* SEQUENCE of two INTEGERs, as most libraries sign by default; never as long as r||s but by chance. */
static bool looks_like_der(struct auth_view signature)
{
    const unsigned char *p = (const unsigned char *)signature.p;
    size_t at = signature.n >= 8 && p[1] == 0x81 ? 2 : 1; /* where the length is: P-521 needs the long form */
    return signature.n >= 8 && p[0] == 0x30 && p[at] == signature.n - 1 - at && p[at + 1] == 0x02;
}

enum auth_jws_form auth_jws_signature_form(enum auth_alg alg, const struct auth_key *key, struct auth_view signature)
{
    if (signature.n == auth_jws_signature_size(alg, key))
        return AUTH_JWS_FORM_FITS;
    return looks_like_der(signature) ? AUTH_JWS_FORM_DER : AUTH_JWS_FORM_LENGTH;
}

static enum auth_rc refuse_form(enum auth_alg alg, const struct auth_key *key, struct auth_view signature,
                                enum auth_jws_form form, struct auth_err *err)
{
    size_t want = auth_jws_signature_size(alg, key);
    if (form == AUTH_JWS_FORM_DER && group_of(alg)->half_n)
        return auth_err_set(err, AUTH_E_SIGNATURE,
                            "the EC signature is in DER form (%zu bytes); JWS wants r||s, %zu bytes (RFC 7518 3.4)",
                            signature.n, want);
    return auth_err_set(err, AUTH_E_SIGNATURE, "the signature has %zu bytes; %s with this key makes %zu", signature.n,
                        auth_alg_name(alg), want);
}

/* As EVP_DigestVerify(): 1 valid, 0 not, -1 could not tell. */
static int verify_once(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                       struct auth_view signature)
{
    struct auth_verifier_pool *pool = &key->verifiers[alg];
    struct auth_verifier *verifier = auth_verifier_take(pool, key->pkey, auth_alg_digest(alg));
    int valid = verifier ? auth_verifier_check(verifier, input, signature) : -1;
    if (valid >= 0)
        auth_verifier_give(pool, verifier);
    else
        auth_verifier_free(verifier);
    return valid;
}

static enum auth_rc verify_bytes(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                                 struct auth_view signature, struct auth_err *err)
{
    int valid = verify_once(key, alg, input, signature);
    if (valid < 0) /* odd bytes or an internal error: odd bytes stay odd */
        valid = verify_once(key, alg, input, signature);
    if (valid == 1) {
        ERR_clear_error();
        return AUTH_OK;
    }
    if (auth_crypto_drain() || !auth_crypto_has_memory())
        return auth_err_no_memory(err);
    return auth_err_set(err, AUTH_E_SIGNATURE, "the signature does not match the key and the signed bytes");
}

static enum auth_rc verify_ec(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                              struct auth_view signature, struct auth_err *err)
{
    const struct group *group = &groups[alg];
    const unsigned char *raw = (const unsigned char *)signature.p;
    size_t n = 0;
    if (!in_range(raw, group) || !in_range(raw + group->half_n, group))
        return auth_err_set(err, AUTH_E_SIGNATURE, "r or s of the EC signature is 0 or not below the group order");
    unsigned char *der = der_of_raw(group, raw, &n);
    if (!der)
        return auth_crypto_error(err, "EC signature");
    enum auth_rc rc = verify_bytes(key, alg, input, auth_view_bytes(der, n), err);
    OPENSSL_free(der);
    return rc;
}

static enum auth_rc does_not_fit(const struct auth_key *key, enum auth_alg alg, struct auth_err *err)
{
    return auth_err_set(err, AUTH_E_ALG, "%s does not fit a key of type %s", auth_alg_name(alg),
                        auth_key_type_text(key));
}

enum auth_rc auth_jws_verify(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                             struct auth_view signature, struct auth_err *err)
{
    if (!auth_alg_fits(alg, key))
        return does_not_fit(key, alg, err);
    enum auth_jws_form form = auth_jws_signature_form(alg, key, signature);
    if (form != AUTH_JWS_FORM_FITS)
        return refuse_form(alg, key, signature, form, err);
    return groups[alg].half_n ? verify_ec(key, alg, input, signature, err)
                              : verify_bytes(key, alg, input, signature, err);
}

/* ---- signing ---- */

enum auth_rc auth_jws_sign(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                           struct auth_buf *signature, struct auth_err *err)
{
    unsigned char bytes[AUTH_KEY_BYTES_MAX];
    size_t n = sizeof bytes;
    if (!auth_alg_fits(alg, key))
        return does_not_fit(key, alg, err);
    if (!key->is_private)
        return auth_err_set(err, AUTH_E_KEY, "signing needs the private key; this is a public one");
    const struct group *group = &groups[alg];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestSignInit_ex(ctx, NULL, auth_alg_digest(alg), NULL, NULL, key->pkey, NULL) == 1 &&
              EVP_DigestSign(ctx, bytes, &n, (const unsigned char *)input.p, input.n) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok || (group->half_n && raw_of_der(group, bytes, n, signature) != AUTH_OK))
        return auth_crypto_error(err, "signing");
    if (!group->half_n)
        auth_buf_add(signature, bytes, n);
    return auth_buf_check(signature, err);
}

enum auth_rc auth_jws_write(const struct auth_key *key, enum auth_alg alg, struct auth_view header,
                            struct auth_view payload, struct auth_buf *compact, struct auth_err *err)
{
    struct auth_buf signature;
    size_t start = compact->n;
    auth_buf_init(&signature, AUTH_KEY_BYTES_MAX);
    auth_b64u_encode(compact, header.p, header.n);
    auth_buf_add_char(compact, '.');
    auth_b64u_encode(compact, payload.p, payload.n);
    enum auth_rc rc = auth_buf_check(compact, err);
    if (rc == AUTH_OK)
        rc = auth_jws_sign(key, alg, auth_view_bytes(compact->p + start, compact->n - start), &signature, err);
    if (rc == AUTH_OK) {
        auth_buf_add_char(compact, '.');
        auth_b64u_encode(compact, signature.p, signature.n);
        rc = auth_buf_check(compact, err);
    }
    if (rc != AUTH_OK && compact->p) { /* nobody may take two parts of three for a token */
        auth_wipe(compact->p + start, compact->n - start);
        compact->n = start;
    }
    auth_buf_clear(&signature);
    return rc;
}
