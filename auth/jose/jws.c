#include "auth/jose/jws.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "auth/core/b64u.h"
#include "auth/jose/key_private.h"

/* ---- the algorithm table ---- */

static const struct row {
    const char *name;
    enum auth_key_type key_type;
    const char *digest;
    size_t half_n; /* EC: bytes of r and of s; 0 for RSA */
} rows[AUTH_ALG_COUNT] = {
    [AUTH_RS256] = {"RS256", AUTH_KEY_RSA, "SHA256", 0},   [AUTH_RS384] = {"RS384", AUTH_KEY_RSA, "SHA384", 0},
    [AUTH_RS512] = {"RS512", AUTH_KEY_RSA, "SHA512", 0},   [AUTH_ES256] = {"ES256", AUTH_KEY_P256, "SHA256", 32},
    [AUTH_ES384] = {"ES384", AUTH_KEY_P384, "SHA384", 48},
};

/* Orders of the two groups (SEC 2): r and s must be below them. */
static const char *const p256_order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
static const char *const p384_order =
    "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973";

enum auth_alg auth_jws_alg(struct auth_view name)
{
    for (int i = 0; i < AUTH_ALG_COUNT; i++) {
        if (auth_view_is(name, rows[i].name))
            return (enum auth_alg)i;
    }
    return AUTH_ALG_COUNT;
}

const char *auth_jws_alg_name(enum auth_alg alg)
{
    return rows[alg].name;
}

bool auth_jws_alg_fits(enum auth_alg alg, const struct auth_key *key)
{
    return rows[alg].key_type == key->type;
}

enum auth_alg auth_jws_alg_for(const struct auth_key *key)
{
    static const enum auth_alg best[] = {
        [AUTH_KEY_RSA] = AUTH_RS384, [AUTH_KEY_P256] = AUTH_ES256, [AUTH_KEY_P384] = AUTH_ES384};
    return best[key->type];
}

size_t auth_jws_signature_size(enum auth_alg alg, const struct auth_key *key)
{
    return rows[alg].half_n ? 2 * rows[alg].half_n : (key->bits + 7) / 8;
}

/* ---- splitting ---- */

enum auth_rc auth_jws_split(struct auth_view compact, struct auth_jws *out, struct auth_err *err)
{
    struct auth_view parts[3], rest = compact;
    size_t dots = 0;
    for (size_t i = 0; i < compact.n; i++)
        dots += compact.p[i] == '.';
    if (dots != 2)
        return auth_err_set(err, AUTH_E_SYNTAX, "%zu parts; a compact JWS has 3", dots + 1);
    for (int i = 0; i < 3; i++) {
        parts[i] = auth_view_cut(&rest, '.');
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

static bool in_range(const BIGNUM *number, const BIGNUM *order)
{
    return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

/* DER of r||s in memory that the caller frees with OPENSSL_free(); NULL when out of range (or out of memory). */
static unsigned char *der_of_raw(const struct row *row, struct auth_view raw, size_t *n)
{
    const unsigned char *p = (const unsigned char *)raw.p;
    int half_n = (int)row->half_n;
    unsigned char *der = NULL;
    BIGNUM *order = NULL, *r = BN_bin2bn(p, half_n, NULL), *s = BN_bin2bn(p + half_n, half_n, NULL);
    ECDSA_SIG *signature = ECDSA_SIG_new();
    bool ok = BN_hex2bn(&order, row->key_type == AUTH_KEY_P256 ? p256_order : p384_order) > 0 && r && s && signature &&
              in_range(r, order) && in_range(s, order) && ECDSA_SIG_set0(signature, r, s) == 1;
    if (ok) {
        r = s = NULL; /* the signature owns them now */
        int der_n = i2d_ECDSA_SIG(signature, &der);
        *n = der_n > 0 ? (size_t)der_n : 0;
    }
    BN_free(r);
    BN_free(s);
    BN_free(order);
    ECDSA_SIG_free(signature);
    return der;
}

static enum auth_rc raw_of_der(const struct row *row, const unsigned char *der, size_t der_n, struct auth_buf *out)
{
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)der_n);
    unsigned char *to = (unsigned char *)auth_buf_reserve(out, 2 * row->half_n);
    int half_n = (int)row->half_n;
    bool ok = signature && to && BN_bn2binpad(ECDSA_SIG_get0_r(signature), to, half_n) == half_n &&
              BN_bn2binpad(ECDSA_SIG_get0_s(signature), to + half_n, half_n) == half_n;
    if (ok)
        auth_buf_commit(out, 2 * row->half_n);
    ECDSA_SIG_free(signature);
    return ok ? AUTH_OK : AUTH_E_CRYPTO;
}

/* ---- verifying ---- */

static enum auth_rc wrong_length(const struct row *row, struct auth_view signature, size_t want, struct auth_err *err)
{
    bool is_der = row->half_n && signature.n > 8 && signature.p[0] == 0x30 && signature.p[2] == 0x02;
    if (is_der)
        return auth_err_set(err, AUTH_E_SIGNATURE, "the EC signature is in DER form (%zu bytes); JWS wants r||s, %zu bytes",
                            signature.n, want);
    return auth_err_set(err, AUTH_E_SIGNATURE, "the signature has %zu bytes; %s with this key makes %zu", signature.n,
                        row->name, want);
}

static enum auth_rc verify_bytes(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                                 const unsigned char *signature, size_t signature_n, struct auth_err *err)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    int valid = -1;
    if (EVP_MD_CTX_copy_ex(ctx, key->verifiers[alg]) == 1)
        valid = EVP_DigestVerify(ctx, signature, signature_n, (const unsigned char *)input.p, input.n);
    EVP_MD_CTX_free(ctx);
    if (valid == 1)
        return AUTH_OK;
    ERR_clear_error();
    return auth_err_set(err, AUTH_E_SIGNATURE, "the signature does not match the key and the signed bytes");
}

enum auth_rc auth_jws_verify(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                             struct auth_view signature, struct auth_err *err)
{
    const struct row *row = &rows[alg];
    size_t n = 0, want = auth_jws_signature_size(alg, key);
    if (!auth_jws_alg_fits(alg, key))
        return auth_err_set(err, AUTH_E_ALG, "%s does not fit a key of type %s", row->name, auth_key_type_text(key));
    if (signature.n != want)
        return wrong_length(row, signature, want, err);
    if (row->half_n == 0)
        return verify_bytes(key, alg, input, (const unsigned char *)signature.p, signature.n, err);
    unsigned char *der = der_of_raw(row, signature, &n);
    if (!der) {
        ERR_clear_error();
        return auth_err_set(err, AUTH_E_SIGNATURE, "r or s of the EC signature is 0 or not below the group order");
    }
    enum auth_rc rc = verify_bytes(key, alg, input, der, n, err);
    OPENSSL_free(der);
    return rc;
}

/* ---- signing ---- */

enum auth_rc auth_jws_sign(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                           struct auth_buf *signature, struct auth_err *err)
{
    const struct row *row = &rows[alg];
    unsigned char bytes[1024 + 16]; /* RSA of 8192 bits */
    size_t n = sizeof bytes;
    if (!key->is_private)
        return auth_err_set(err, AUTH_E_KEY, "signing needs the private key; this is a public one");
    if (!auth_jws_alg_fits(alg, key))
        return auth_err_set(err, AUTH_E_ALG, "%s does not fit a key of type %s", row->name, auth_key_type_text(key));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestSignInit_ex(ctx, NULL, row->digest, NULL, NULL, key->pkey, NULL) == 1 &&
              EVP_DigestSign(ctx, bytes, &n, (const unsigned char *)input.p, input.n) == 1;
    EVP_MD_CTX_free(ctx);
    if (!ok)
        return auth_key_crypto_error(err, "signing");
    if (row->half_n && raw_of_der(row, bytes, n, signature) != AUTH_OK)
        return auth_key_crypto_error(err, "signing");
    if (!row->half_n)
        auth_buf_add(signature, bytes, n);
    return auth_buf_check(signature, err);
}

enum auth_rc auth_jws_write(const struct auth_key *key, enum auth_alg alg, struct auth_view header,
                            struct auth_view payload, struct auth_buf *compact, struct auth_err *err)
{
    struct auth_buf signature;
    size_t start = compact->n;
    auth_buf_init(&signature, 2048);
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
    auth_buf_clear(&signature);
    return rc;
}
