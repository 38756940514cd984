/* Signing and verifying with OpenSSL alone. */
#include "mock_epic/tests/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "mock_epic/tests/support.h"

enum { BYTES_MAX = 1024, TEXT_MAX = 64 * 1024 };

struct bytes {
    unsigned char p[BYTES_MAX];
    size_t n;
};

EVP_PKEY *forge_key(const char *name)
{
    static struct {
        char name[32];
        EVP_PKEY *key;
    } known[16];
    char path[256];
    struct auth_buf pem;
    size_t i = 0;
    while (known[i].key && strcmp(known[i].name, name) != 0)
        assert_true(++i < sizeof known / sizeof *known);
    if (known[i].key)
        return known[i].key;
    snprintf(known[i].name, sizeof known[i].name, "%s", name);
    snprintf(path, sizeof path, "keys/%s.TESTKEY.pem", name);
    support_read_fixture(path, &pem);
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    known[i].key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    assert_non_null(known[i].key);
    BIO_free(bio);
    auth_buf_clear(&pem);
    return known[i].key;
}

/* ---- base64url, by OpenSSL's base64 ---- */

static void encode(struct auth_buf *out, const void *bytes, size_t n)
{
    unsigned char text[2 * TEXT_MAX];
    assert_true(n < TEXT_MAX);
    int length = EVP_EncodeBlock(text, bytes, (int)n);
    for (int i = 0; i < length && text[i] != '='; i++)
        auth_buf_add_char(out, text[i] == '+' ? '-' : text[i] == '/' ? '_' : (char)text[i]);
}

/* The bytes of a part; none when it is no base64 of any kind. */
static void decode(struct auth_view text, struct auth_buf *out)
{
    struct auth_buf padded;
    unsigned char bytes[TEXT_MAX];
    auth_buf_init(&padded, 2 * TEXT_MAX);
    while (text.n && text.p[text.n - 1] == '=')
        text.n--;
    for (size_t i = 0; i < text.n; i++)
        auth_buf_add_char(&padded, text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i]);
    size_t missing = (4 - text.n % 4) % 4;
    auth_buf_add(&padded, "===", missing);
    int n = padded.n && padded.n < TEXT_MAX ? EVP_DecodeBlock(bytes, (unsigned char *)padded.p, (int)padded.n) : 0;
    if (n > (int)missing)
        auth_buf_add(out, bytes, (size_t)n - missing);
    auth_buf_clear(&padded);
}

/* ---- signing ---- */

static size_t half_of(const EVP_PKEY *key)
{
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC ? ((size_t)EVP_PKEY_get_bits(key) + 7) / 8 : 0;
}

static const char *const names[] = {"RS256", "RS384", "RS512", "ES256", "ES384"};

/* The digest of that algorithm where it fits the key, else NULL. */
static const EVP_MD *digest_of(const char *name, const EVP_PKEY *key)
{
    bool is_ec = name[0] == 'E';
    if (is_ec ? half_of(key) * 8 != (size_t)(name[2] == '2' ? 256 : 384) : half_of(key) > 0)
        return NULL;
    return name[2] == '2' ? EVP_sha256() : name[2] == '3' ? EVP_sha384() : EVP_sha512();
}

static bool has_alg(struct auth_view header, const char *name)
{
    char quoted[16];
    snprintf(quoted, sizeof quoted, "\"%s\"", name);
    return auth_view_contains(header, quoted);
}

static const EVP_MD *digest_for(struct auth_view header, const EVP_PKEY *key, enum forge_signature how)
{
    for (size_t i = 0; how != FORGE_OTHER_HASH && i < sizeof names / sizeof *names; i++) {
        const EVP_MD *digest = has_alg(header, names[i]) ? digest_of(names[i], key) : NULL;
        if (digest)
            return digest;
    }
    if (half_of(key) == 0)
        return EVP_sha512();
    return half_of(key) == 32 ? EVP_sha384() : EVP_sha256();
}

static void to_raw(size_t half, struct bytes *signature)
{
    const unsigned char *der = signature->p;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)signature->n);
    assert_non_null(pair);
    unsigned char raw[BYTES_MAX];
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, (int)half), (int)half);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + half, (int)half), (int)half);
    memcpy(signature->p, raw, 2 * half);
    signature->n = 2 * half;
    ECDSA_SIG_free(pair);
}

static void sign(EVP_PKEY *key, const EVP_MD *digest, struct auth_view input, bool is_der, struct bytes *signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    signature->n = sizeof signature->p;
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, digest, NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature->p, &signature->n, (const unsigned char *)input.p, input.n), 1);
    EVP_MD_CTX_free(ctx);
    if (half_of(key) && !is_der)
        to_raw(half_of(key), signature);
}

/* The oldest trick: the public key, which everybody has, as the password of a symmetric algorithm. */
static void sign_hmac(EVP_PKEY *key, struct auth_view input, struct bytes *signature)
{
    unsigned n = 0;
    char *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
    long pem_n = BIO_get_mem_data(bio, &pem);
    assert_non_null(HMAC(EVP_sha256(), pem, (int)pem_n, (const unsigned char *)input.p, input.n, signature->p, &n));
    signature->n = n;
    BIO_free(bio);
}

static void to_hex(struct bytes *signature)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = signature->n; i-- > 0;) {
        unsigned char byte = signature->p[i];
        signature->p[2 * i] = (unsigned char)digits[byte >> 4];
        signature->p[2 * i + 1] = (unsigned char)digits[byte & 15];
    }
    signature->n *= 2;
}

static void spoil(enum forge_signature how, struct bytes *signature)
{
    if (how == FORGE_FLIPPED)
        signature->p[signature->n / 2] ^= 4;
    else if (how == FORGE_CUT)
        signature->n--;
    else if (how == FORGE_TEXT)
        to_hex(signature);
}

/* What was signed last, by where it falls: signing takes most of a test's time, and tests ask for the same again. */
static struct kept {
    EVP_PKEY *key;
    const EVP_MD *digest;
    bool is_der;
    unsigned char input[SHA256_DIGEST_LENGTH];
    struct bytes signature;
} kept[4096];

static void sign_once(EVP_PKEY *key, const EVP_MD *digest, struct auth_view input, bool is_der, struct bytes *signature)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    assert_int_equal(EVP_Digest(input.p, input.n, hash, NULL, EVP_sha256(), NULL), 1);
    struct kept *place = &kept[(hash[0] << 8 | hash[1]) % (int)(sizeof kept / sizeof *kept)];
    if (place->key != key || place->digest != digest || place->is_der != is_der ||
        memcmp(place->input, hash, sizeof hash) != 0) {
        *place = (struct kept){.key = key, .digest = digest, .is_der = is_der};
        memcpy(place->input, hash, sizeof hash);
        sign(key, digest, input, is_der, &place->signature);
    }
    *signature = place->signature;
}

static void make(EVP_PKEY *key, struct auth_view header, struct auth_view input, enum forge_signature how,
                 struct bytes *signature)
{
    memset(signature, 0, sizeof *signature);
    if (how == FORGE_JUNK || how == FORGE_SHORT_JUNK) {
        signature->n = how == FORGE_JUNK ? 256 : 3;
    } else if (how == FORGE_HMAC) {
        sign_hmac(key, input, signature);
    } else if (how != FORGE_EMPTY && how != FORGE_NO_PART) {
        sign_once(key, digest_for(header, key, how), input, how == FORGE_DER, signature);
        spoil(how, signature);
    }
}

void forge_jwt(EVP_PKEY *key, struct auth_view header, struct auth_view payload, bool is_header_padded,
               enum forge_signature how, struct auth_buf *out)
{
    struct bytes signature;
    size_t start = out->n;
    encode(out, header.p, header.n);
    if (is_header_padded)
        auth_buf_add_char(out, '=');
    auth_buf_add_char(out, '.');
    encode(out, payload.p, payload.n);
    make(key, header, auth_view_bytes(out->p + start, out->n - start), how, &signature);
    if (how != FORGE_NO_PART)
        auth_buf_add_char(out, '.');
    encode(out, signature.p, signature.n);
    auth_buf_add_string(out, how == FORGE_PADDED ? "=" : how == FORGE_FIVE_PARTS ? ".AAAA.AAAA" : "");
    assert_true(auth_buf_ok(out));
}

/* ---- verifying ---- */

static bool to_der(size_t half, struct auth_view raw, struct bytes *der)
{
    unsigned char *p = der->p;
    if (raw.n != 2 * half)
        return false;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    assert_int_equal(ECDSA_SIG_set0(pair, BN_bin2bn((const unsigned char *)raw.p, (int)half, NULL),
                                    BN_bin2bn((const unsigned char *)raw.p + half, (int)half, NULL)),
                     1);
    der->n = (size_t)i2d_ECDSA_SIG(pair, &p);
    ECDSA_SIG_free(pair);
    return true;
}

static bool verifies(EVP_PKEY *key, const EVP_MD *digest, struct auth_view input, struct auth_view signature)
{
    struct bytes der;
    if (half_of(key)) {
        if (!to_der(half_of(key), signature, &der))
            return false;
        signature = auth_view_bytes(der.p, der.n);
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool is_valid = EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
                    EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n,
                                     (const unsigned char *)input.p, input.n) == 1;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return is_valid;
}

static bool verifies_somehow(EVP_PKEY *key, struct auth_view header, struct auth_view input, struct auth_view signature)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const EVP_MD *digest = has_alg(header, names[i]) ? digest_of(names[i], key) : NULL;
        if (digest && verifies(key, digest, input, signature))
            return true;
    }
    return false;
}

bool forge_verifies(EVP_PKEY *const *keys, size_t count, struct auth_view compact)
{
    struct auth_buf header, signature;
    struct auth_view rest = compact, first = auth_view_split(&rest, '.'), second = auth_view_split(&rest, '.');
    bool is_valid = false;
    if (!rest.n || auth_view_find(rest, '.') < rest.n)
        return false;
    auth_buf_init(&header, TEXT_MAX);
    auth_buf_init(&signature, TEXT_MAX);
    decode(first, &header);
    decode(rest, &signature);
    struct auth_view input = auth_view_bytes(compact.p, first.n + 1 + second.n);
    for (size_t i = 0; i < count && !is_valid && signature.n; i++)
        is_valid = verifies_somehow(keys[i], auth_buf_view(&header), input, auth_buf_view(&signature));
    auth_buf_clear(&signature);
    auth_buf_clear(&header);
    return is_valid;
}
