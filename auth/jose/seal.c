/* The block under an RSA signature: padding, and what it protects. */
#include "auth/jose/seal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "auth/core/text.h"
#include "auth/jose/key_private.h"

/* What stands before a digest in PKCS#1 v1.5 (RFC 8017 9.2, note 1). */
static const struct {
    const char *name;
    size_t digest_n, prefix_n;
    unsigned char prefix[19];
} infos[] = {
    {"SHA1", 20, 15, {0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14}},
    {"SHA256",
     32,
     19,
     {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
      0x20}},
    {"SHA384",
     48,
     19,
     {0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04,
      0x30}},
    {"SHA512",
     64,
     19,
     {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
      0x40}},
};
enum { INFOS = sizeof infos / sizeof *infos };

/* signature^e mod n, as bytes; 0: OpenSSL would not. */
static size_t open_block(const struct auth_key *key, struct auth_view signature,
                         unsigned char block[AUTH_KEY_BYTES_MAX])
{
    size_t n = AUTH_KEY_BYTES_MAX;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    bool ok = ctx && EVP_PKEY_verify_recover_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
              EVP_PKEY_verify_recover(ctx, block, &n, (const unsigned char *)signature.p, signature.n) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok ? n : 0;
}

static void set(struct auth_seal *seal, enum auth_seal_kind kind, size_t info, const unsigned char *digest)
{
    seal->kind = kind;
    seal->digest_name = infos[info].name;
    seal->digest_n = digest ? infos[info].digest_n : 0;
    if (digest)
        memcpy(seal->digest, digest, seal->digest_n);
}

/* 00 01 FF ... FF 00, and then a digest with its algorithm, or without. */
static void read_pkcs1(const unsigned char *block, size_t n, struct auth_seal *seal)
{
    enum { PADDING_MIN_N = 8 };
    size_t at = 2;
    if (n < 2 || block[0] != 0 || block[1] != 1)
        return;
    while (at < n && block[at] == 0xff)
        at++;
    if (at < 2 + PADDING_MIN_N || at == n || block[at] != 0)
        return;
    const unsigned char *rest = block + at + 1;
    size_t rest_n = n - at - 1;
    for (size_t i = 0; i < INFOS; i++) {
        size_t prefix_n = infos[i].prefix_n;
        if (rest_n == prefix_n + infos[i].digest_n && memcmp(rest, infos[i].prefix, prefix_n) == 0)
            set(seal, AUTH_SEAL_PKCS1, i, rest + prefix_n);
        else if (rest_n == infos[i].digest_n)
            set(seal, AUTH_SEAL_BARE, i, rest);
    }
}

static bool is_pss(const struct auth_key *key, const char *digest, struct auth_view input, struct auth_view signature)
{
    EVP_PKEY_CTX *padding = NULL;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestVerifyInit_ex(ctx, &padding, digest, NULL, NULL, key->pkey, NULL) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_AUTO) == 1 &&
              EVP_DigestVerify(ctx, (const unsigned char *)signature.p, signature.n, (const unsigned char *)input.p,
                               input.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

void auth_seal_open(const struct auth_key *key, struct auth_view input, struct auth_view signature,
                    struct auth_seal *seal)
{
    enum { PSS_END = 0xbc };
    unsigned char block[AUTH_KEY_BYTES_MAX];
    memset(seal, 0, sizeof *seal);
    size_t n = key->type == AUTH_KEY_RSA ? open_block(key, signature, block) : 0;
    read_pkcs1(block, n, seal);
    for (size_t i = 0; n && block[n - 1] == PSS_END && seal->kind == AUTH_SEAL_NONE && i < INFOS; i++) {
        if (is_pss(key, infos[i].name, input, signature))
            set(seal, AUTH_SEAL_PSS, i, NULL);
    }
    ERR_clear_error();
}

bool auth_seal_is_of(const struct auth_seal *seal, struct auth_view bytes)
{
    unsigned char digest[AUTH_SEAL_DIGEST_MAX_N];
    size_t n = 0;
    return seal->digest_n && EVP_Q_digest(NULL, seal->digest_name, NULL, bytes.p, bytes.n, digest, &n) == 1 &&
           n == seal->digest_n && memcmp(digest, seal->digest, n) == 0;
}

bool auth_seal_is_of_digest(const struct auth_seal *seal, struct auth_view bytes)
{
    unsigned char digest[AUTH_SEAL_DIGEST_MAX_N];
    struct auth_buf hex;
    size_t n = 0;
    if (!seal->digest_n || EVP_Q_digest(NULL, seal->digest_name, NULL, bytes.p, bytes.n, digest, &n) != 1)
        return false;
    auth_buf_init(&hex, sizeof digest * 2 + 1);
    auth_text_hex(&hex, digest, n, false);
    bool is_one = auth_seal_is_of(seal, auth_view_bytes(digest, n)) ||
                  (auth_buf_ok(&hex) && auth_seal_is_of(seal, auth_buf_view(&hex)));
    auth_buf_clear(&hex);
    return is_one;
}
