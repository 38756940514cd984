/* Keys from and to JWK (RFC 7517, RFC 7518 6). */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>

#include "auth/core/b64u.h"
#include "auth/core/text.h"
#include "auth/jose/crypto_error.h"
#include "auth/jose/jwk_member.h"
#include "auth/jose/key_private.h"

/* One big-number member on its way into OpenSSL. */
struct number {
    const char *member; /* in the JWK */
    const char *param;  /* OpenSSL's name */
    BIGNUM *value;
};

const char *auth_key_private_member(const struct auth_json_node *jwk)
{
    /* RFC 7518 6.2.2, 6.3.2, 6.4.1, RFC 8037 2; "priv" of the post-quantum AKP keys */
    static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (auth_json_member(jwk, names[i]))
            return names[i];
    }
    return NULL;
}

/* ---- members ---- */

/* The decoded octets of a member. bytes: a secret buffer; at most AUTH_KEY_BYTES_MAX of them are added. */
static enum auth_rc read_octets(const struct auth_json_node *jwk, const char *member, struct auth_buf *bytes,
                                struct auth_err *err)
{
    struct auth_err inner = {0};
    const struct auth_json_node *node = auth_json_member(jwk, member);
    struct auth_view text = auth_json_string(node);
    if (auth_json_type(node) != AUTH_JSON_STRING)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" is %s; a string is needed", member,
                            auth_json_type_text(auth_json_type(node)));
    if (text.n == 0)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" is empty", member);
    const char *fault = auth_jwk_number_fault(jwk, member);
    if (fault)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" %s", member, fault);
    if (text.n > (AUTH_KEY_BYTES_MAX * 4 + 2) / 3)
        return auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" has more than %d bits", member, AUTH_KEY_RSA_BITS_MAX);
    enum auth_rc rc = auth_b64u_decode(text, bytes, &inner);
    return rc == AUTH_E_SYNTAX ? auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\": %s", member, inner.detail)
           : rc == AUTH_OK     ? rc
                               : auth_err_set(err, rc, "out of memory");
}

/* exact_n  bytes the member must have (RFC 7518 6.2: full length, leading zeros kept); 0: minimal (6.3) */
static enum auth_rc read_number(const struct auth_json_node *jwk, struct number *number, size_t exact_n,
                                struct auth_err *err)
{
    struct auth_buf bytes;
    auth_buf_init_secret(&bytes, AUTH_KEY_BYTES_MAX);
    enum auth_rc rc = read_octets(jwk, number->member, &bytes, err);
    if (rc == AUTH_OK && exact_n && bytes.n != exact_n)
        rc = auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" has %zu bytes; this curve's have %zu", number->member,
                          bytes.n, exact_n);
    const char *fault = rc == AUTH_OK ? auth_jwk_bytes_fault(auth_buf_view(&bytes), exact_n > 0) : NULL;
    if (fault)
        rc = auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" %s", number->member, fault);
    if (rc == AUTH_OK) {
        number->value = BN_bin2bn((const unsigned char *)bytes.p, (int)bytes.n, NULL);
        rc = number->value ? AUTH_OK : auth_err_no_memory(err);
    }
    auth_buf_clear(&bytes);
    return rc;
}

/* ---- keys ---- */

static enum auth_rc build(const char *type, OSSL_PARAM_BLD *builder, int selection, EVP_PKEY **pkey,
                          struct auth_err *err)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    bool ok = ctx && params && EVP_PKEY_fromdata_init(ctx) == 1 && EVP_PKEY_fromdata(ctx, pkey, selection, params) == 1;
    for (OSSL_PARAM *p = params; p && p->key; p++)
        OPENSSL_cleanse(p->data, p->data_size); /* OSSL_PARAM_free() frees without wiping */
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    if (ok)
        return AUTH_OK;
    return auth_crypto_bad_input(err, *type == 'E'
                                          ? "the JWK's x and y are no point of its curve (or d is no number below "
                                            "its order)"
                                          : "the JWK's numbers make no RSA key");
}

/* How many of the RSA members there are: a public key has 2, a private one with d alone 3, the usual one 8. */
static size_t count_members(const struct auth_json_node *jwk, bool is_private)
{
    if (!is_private)
        return 2;
    bool has_d_alone = !auth_json_member(jwk, "p") && !auth_json_member(jwk, "q") && !auth_json_member(jwk, "dp") &&
                       !auth_json_member(jwk, "dq") && !auth_json_member(jwk, "qi");
    return has_d_alone ? 3 : 8;
}

static enum auth_rc rsa_of(const struct auth_json_node *jwk, bool is_private, EVP_PKEY **pkey, struct auth_err *err)
{
    struct number numbers[] = {
        {"n", OSSL_PKEY_PARAM_RSA_N, NULL},          {"e", OSSL_PKEY_PARAM_RSA_E, NULL},
        {"d", OSSL_PKEY_PARAM_RSA_D, NULL},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1, NULL},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2, NULL},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1, NULL},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2, NULL}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1, NULL},
    };
    enum { RSA_E_BYTES_MAX = 5 };
    size_t count = count_members(jwk, is_private);
    if (auth_json_member(jwk, "oth"))
        return auth_err_set(err, AUTH_E_KEY, "an RSA key of more than two primes (JWK member \"oth\") is not taken");
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    enum auth_rc rc = builder ? AUTH_OK : auth_err_no_memory(err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        rc = read_number(jwk, &numbers[i], 0, err);
        if (rc == AUTH_OK && OSSL_PARAM_BLD_push_BN(builder, numbers[i].param, numbers[i].value) != 1)
            rc = auth_err_no_memory(err);
    }
    if (rc == AUTH_OK && BN_num_bytes(numbers[1].value) > RSA_E_BYTES_MAX)
        rc = auth_err_set(err, AUTH_E_KEY, "JWK member \"e\" has more than %d bytes; 65537, \"AQAB\", is usual",
                          RSA_E_BYTES_MAX);
    if (rc == AUTH_OK)
        rc = build("RSA", builder, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, pkey, err);
    OSSL_PARAM_BLD_free(builder);
    for (size_t i = 0; i < count; i++)
        BN_clear_free(numbers[i].value);
    return rc;
}

/* x or y, appended to the uncompressed point. */
static enum auth_rc add_coordinate(const struct auth_json_node *jwk, const char *member, size_t n,
                                   struct auth_buf *point, struct auth_err *err)
{
    size_t before = point->n;
    enum auth_rc rc = read_octets(jwk, member, point, err);
    if (rc == AUTH_OK && point->n - before != n)
        rc = auth_err_set(err, AUTH_E_KEY, "JWK member \"%s\" has %zu bytes; this curve's have %zu", member,
                          point->n - before, n);
    return rc;
}

static bool push_ec(OSSL_PARAM_BLD *builder, const char *curve, const struct auth_buf *point, const struct number *d)
{
    return builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
           OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point->p, point->n) == 1 &&
           (!d->value || OSSL_PARAM_BLD_push_BN(builder, d->param, d->value) == 1);
}

/* AUTH_E_ALG naming a kty or crv that somebody else wrote. */
static enum auth_rc unknown(const char *what, struct auth_view name, const char *known, struct auth_err *err)
{
    struct auth_buf shown;
    auth_buf_init(&shown, 256);
    auth_text_escape(&shown, name, 32);
    auth_err_set(err, AUTH_E_ALG, "%s %s is not taken; %s are", what, shown.n ? shown.p : "(no string)", known);
    auth_buf_clear(&shown);
    return AUTH_E_ALG;
}

static enum auth_rc ec_of(const struct auth_json_node *jwk, bool is_private, EVP_PKEY **pkey, struct auth_err *err)
{
    struct auth_view crv = auth_json_member_string(jwk, "crv");
    const char *curve = auth_view_equals(crv, "P-256") ? "P-256" : auth_view_equals(crv, "P-384") ? "P-384" : NULL;
    if (!curve)
        return unknown("crv", crv, "P-256 and P-384, written so,", err);
    size_t n = auth_view_equals(crv, "P-256") ? 32 : 48;
    struct auth_buf point;
    struct number d = {"d", OSSL_PKEY_PARAM_PRIV_KEY, NULL};
    OSSL_PARAM_BLD *builder = NULL;
    auth_buf_init(&point, 2 * AUTH_KEY_BYTES_MAX + 1);
    auth_buf_add_char(&point, 4); /* uncompressed */
    enum auth_rc rc = add_coordinate(jwk, "x", n, &point, err);
    if (rc == AUTH_OK)
        rc = add_coordinate(jwk, "y", n, &point, err);
    if (rc == AUTH_OK && is_private)
        rc = read_number(jwk, &d, n, err);
    if (rc == AUTH_OK && !push_ec(builder = OSSL_PARAM_BLD_new(), curve, &point, &d))
        rc = auth_err_no_memory(err);
    if (rc == AUTH_OK)
        rc = build("EC", builder, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, pkey, err);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(d.value);
    auth_buf_clear(&point);
    return rc;
}

static enum auth_rc read_jwk(const struct auth_json_node *jwk, bool allow_private, struct auth_key **out,
                             struct auth_err *err)
{
    struct auth_view kty = auth_json_member_string(jwk, "kty");
    const char *private_member = auth_key_private_member(jwk);
    EVP_PKEY *pkey = NULL;
    enum auth_rc rc;
    if (auth_json_type(jwk) != AUTH_JSON_OBJECT || kty.n == 0)
        return auth_err_set(err, AUTH_E_KEY, "a JWK is a JSON object with a string member \"kty\"");
    if (private_member && !allow_private)
        return auth_err_set(
            err, AUTH_E_KEY,
            "the JWK holds a private or secret key (member \"%s\"); take it out before anybody sees it, "
            "and treat the key as compromised if somebody has",
            private_member);
    const char *fault = auth_jwk_type_fault(jwk);
    if (fault)
        return auth_err_set(err, AUTH_E_ALG, "%s", fault);
    if (auth_view_equals(kty, "RSA"))
        rc = rsa_of(jwk, private_member != NULL, &pkey, err);
    else if (auth_view_equals(kty, "EC"))
        rc = ec_of(jwk, private_member != NULL, &pkey, err);
    else
        rc = unknown("kty", kty, "RSA and EC, in capitals,", err);
    return rc == AUTH_OK ? auth_key_wrap(pkey, private_member != NULL, out, err) : rc;
}

enum auth_rc auth_key_from_jwk(const struct auth_json_node *jwk, bool allow_private, struct auth_key **out,
                               struct auth_err *err)
{
    struct auth_crypto_looks looks = {0};
    enum auth_rc rc;
    do
        rc = read_jwk(jwk, allow_private, out, &looks.err);
    while (auth_crypto_look_again(&looks, &rc, err));
    return rc;
}

/* ---- writing ---- */

static enum auth_rc write_param(const struct auth_key *key, struct auth_json_writer *w, const char *member,
                                const char *param, size_t width)
{
    struct auth_buf text;
    auth_buf_init(&text, 2048);
    enum auth_rc rc = auth_key_param_b64u(key->pkey, param, width, &text);
    auth_json_write_member_buf(w, member, &text);
    auth_buf_clear(&text);
    return rc;
}

enum auth_rc auth_key_write_jwk(const struct auth_key *key, const char *kid, const char *alg,
                                struct auth_json_writer *w, struct auth_err *err)
{
    size_t width = key->type == AUTH_KEY_P256 ? 32 : 48;
    enum auth_rc rc;
    auth_json_write_object(w);
    if (key->type == AUTH_KEY_RSA) {
        auth_json_write_member_text(w, "kty", "RSA");
        rc = write_param(key, w, "n", OSSL_PKEY_PARAM_RSA_N, 0);
        if (rc == AUTH_OK)
            rc = write_param(key, w, "e", OSSL_PKEY_PARAM_RSA_E, 0);
    } else {
        auth_json_write_member_text(w, "kty", "EC");
        auth_json_write_member_text(w, "crv", key->type == AUTH_KEY_P256 ? "P-256" : "P-384");
        rc = write_param(key, w, "x", OSSL_PKEY_PARAM_EC_PUB_X, width);
        if (rc == AUTH_OK)
            rc = write_param(key, w, "y", OSSL_PKEY_PARAM_EC_PUB_Y, width);
    }
    auth_json_write_member_text(w, "kid", kid ? kid : key->thumbprint);
    if (alg)
        auth_json_write_member_text(w, "alg", alg);
    auth_json_write_member_text(w, "use", "sig");
    auth_json_write_end_object(w);
    return rc == AUTH_OK ? rc : auth_crypto_error(err, "the key's numbers cannot be read");
}
