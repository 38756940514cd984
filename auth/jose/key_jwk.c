/* Keys from and to JWK (RFC 7517, RFC 7518 6). */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include "auth/core/b64u.h"
#include "auth/jose/key_private.h"

enum { MEMBER_MAX = 1024 };

/* One big-number member on its way into OpenSSL. */
struct number {
    const char *member; /* in the JWK */
    const char *param;  /* OpenSSL's name */
    BIGNUM *value;
};

static enum auth_rc read_number(const struct auth_json_node *jwk, struct number *number, bool is_minimal,
                                struct auth_err *err)
{
    struct auth_buf bytes;
    struct auth_err inner = {0};
    struct auth_view text = auth_json_member_string(jwk, number->member);
    if (text.n == 0)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" is missing or no string", number->member);
    auth_buf_init_secret(&bytes, MEMBER_MAX + 64);
    enum auth_rc rc = auth_b64u_decode(text, &bytes, &inner);
    if (rc != AUTH_OK)
        auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\": %s", number->member, inner.detail);
    else if (is_minimal && bytes.p[0] == 0)
        auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" starts with a zero byte (RFC 7518 6.3.1)", number->member);
    else
        number->value = BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
    auth_buf_clear(&bytes);
    return number->value ? AUTH_OK : auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\"", number->member);
}

static enum auth_rc build(const char *type, OSSL_PARAM_BLD *builder, int selection, EVP_PKEY **pkey,
                          struct auth_err *err)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    bool ok = ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, pkey, selection, params) == 1;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return ok ? AUTH_OK : auth_err_set(err, AUTH_E_KEY, "the JWK's numbers make no %s key", type);
}

/* RSA: n and e, for a private key the rest too. */
static enum auth_rc rsa_of(const struct auth_json_node *jwk, bool is_private, EVP_PKEY **pkey, struct auth_err *err)
{
    struct number numbers[] = {
        {"n", OSSL_PKEY_PARAM_RSA_N, NULL},          {"e", OSSL_PKEY_PARAM_RSA_E, NULL},
        {"d", OSSL_PKEY_PARAM_RSA_D, NULL},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1, NULL},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2, NULL},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, NULL},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, NULL}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, NULL},
    };
    size_t count = is_private ? sizeof numbers / sizeof *numbers : 2;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    enum auth_rc rc = builder ? AUTH_OK : auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        rc = read_number(jwk, &numbers[i], true, err);
        if (rc == AUTH_OK && OSSL_PARAM_BLD_push_BN(builder, numbers[i].param, numbers[i].value) != 1)
            rc = auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    }
    if (rc == AUTH_OK)
        rc = build("RSA", builder, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, pkey, err);
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < count; i++)
        BN_clear_free(numbers[i].value);
    return rc;
}

/* A coordinate of exactly n bytes (RFC 7518 6.2.1.2: full length, leading zeros kept). */
static enum auth_rc read_coordinate(const struct auth_json_node *jwk, const char *member, size_t n,
                                    struct auth_buf *point, struct auth_err *err)
{
    struct auth_err inner = {0};
    size_t before = point->n;
    enum auth_rc rc = auth_b64u_decode(auth_json_member_string(jwk, member), point, &inner);
    if (rc != AUTH_OK)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\": %s", member, inner.detail);
    if (point->n - before != n)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" has %zu bytes; this curve's have %zu", member,
                            point->n - before, n);
    return AUTH_OK;
}

static enum auth_rc ec_of(const struct auth_json_node *jwk, bool is_private, EVP_PKEY **pkey, struct auth_err *err)
{
    struct auth_view curve = auth_json_member_string(jwk, "crv");
    size_t n = auth_view_is(curve, "P-256") ? 32 : 48;
    struct auth_buf point;
    struct number d = {"d", OSSL_PKEY_PARAM_PRIV_KEY, NULL};
    if (!auth_view_is(curve, "P-256") && !auth_view_is(curve, "P-384"))
        return auth_err_set(err, AUTH_E_ALG, "EC curve %.*s; Epic takes P-256 and P-384",
                            (int)(curve.n < 32 ? curve.n : 32), curve.n ? curve.p : "missing");
    auth_buf_init(&point, 256);
    auth_buf_add_char(&point, 4); /* uncompressed */
    enum auth_rc rc = read_coordinate(jwk, "x", n, &point, err);
    if (rc == AUTH_OK)
        rc = read_coordinate(jwk, "y", n, &point, err);
    if (rc == AUTH_OK && is_private)
        rc = read_number(jwk, &d, false, err);
    OSSL_PARAM_BLD *builder = rc == AUTH_OK ? OSSL_PARAM_BLD_new() : NULL;
    if (rc == AUTH_OK &&
        (!builder ||
         OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, n == 32 ? "P-256" : "P-384", 0) != 1 ||
         OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) != 1 ||
         (d.value && OSSL_PARAM_BLD_push_BN(builder, d.param, d.value) != 1)))
        rc = auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    if (rc == AUTH_OK)
        rc = build("EC", builder, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, pkey, err);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(d.value);
    auth_buf_clear(&point);
    return rc;
}

enum auth_rc auth_key_from_jwk(const struct auth_json_node *jwk, bool allow_private, struct auth_key **out,
                               struct auth_err *err)
{
    struct auth_view kty = auth_json_member_string(jwk, "kty");
    EVP_PKEY *pkey = NULL;
    enum auth_rc rc;
    bool is_private = auth_json_member(jwk, "d") != NULL;
    if (auth_json_type(jwk) != AUTH_JSON_OBJECT || kty.n == 0)
        return auth_err_set(err, AUTH_E_KEY, "a JWK is a JSON object with a string member \"kty\"");
    if (is_private && !allow_private)
        return auth_err_set(err, AUTH_E_KEY,
                            "the JWK holds the private key (member \"d\"); take it out before anybody sees it, and "
                            "consider the key spent if somebody has");
    if (auth_view_is(kty, "RSA"))
        rc = rsa_of(jwk, is_private, &pkey, err);
    else if (auth_view_is(kty, "EC"))
        rc = ec_of(jwk, is_private, &pkey, err);
    else
        rc = auth_err_set(err, AUTH_E_ALG, "kty %.*s is unknown here; RSA and EC are known",
                          (int)(kty.n < 32 ? kty.n : 32), kty.p);
    return rc == AUTH_OK ? auth_key_wrap(pkey, is_private, out, err) : rc;
}

static enum auth_rc write_param(const struct auth_key *key, struct auth_jsonw *w, const char *member, const char *param,
                                size_t width)
{
    struct auth_buf text;
    auth_buf_init(&text, 2048);
    enum auth_rc rc = auth_key_param_b64u(key->pkey, param, width, &text);
    auth_jsonw_member(w, member, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

enum auth_rc auth_key_write_jwk(const struct auth_key *key, const char *kid, const char *alg, struct auth_jsonw *w,
                                struct auth_err *err)
{
    size_t width = key->type == AUTH_KEY_P256 ? 32 : 48;
    enum auth_rc rc;
    auth_jsonw_object(w);
    if (key->type == AUTH_KEY_RSA) {
        auth_jsonw_member_text(w, "kty", "RSA");
        rc = write_param(key, w, "n", OSSL_PKEY_PARAM_RSA_N, 0);
        if (rc == AUTH_OK)
            rc = write_param(key, w, "e", OSSL_PKEY_PARAM_RSA_E, 0);
    } else {
        auth_jsonw_member_text(w, "kty", "EC");
        auth_jsonw_member_text(w, "crv", key->type == AUTH_KEY_P256 ? "P-256" : "P-384");
        rc = write_param(key, w, "x", OSSL_PKEY_PARAM_EC_PUB_X, width);
        if (rc == AUTH_OK)
            rc = write_param(key, w, "y", OSSL_PKEY_PARAM_EC_PUB_Y, width);
    }
    auth_jsonw_member_text(w, "kid", kid ? kid : key->thumbprint);
    if (alg)
        auth_jsonw_member_text(w, "alg", alg);
    auth_jsonw_member_text(w, "use", "sig");
    auth_jsonw_end_object(w);
    return rc == AUTH_OK ? rc : auth_key_crypto_error(err, "the key's numbers cannot be read");
}
