/* Keys from X.509 certificates. Only the key counts (E); the rest is kept to be shown. */
#include <stdlib.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "auth/core/text.h"
#include "auth/jose/crypto_error.h"
#include "auth/jose/key_private.h"
#include "auth/jose/pem.h"

static const char *cert_fix(enum auth_key_format format)
{
    switch (format) {
    case AUTH_KEY_FORMAT_PRIVATE:
    case AUTH_KEY_FORMAT_ENCRYPTED:
        return "keep this file secret, and make the certificate from it with 'openssl req -new -x509 -key KEY -out "
               "cert.pem -days 365 -subj /CN=backend'";
    case AUTH_KEY_FORMAT_PUBLIC:
    case AUTH_KEY_FORMAT_REQUEST:
        return "make one with 'openssl req -new -x509 -key PRIVATE_KEY -out cert.pem -days 365 -subj /CN=backend'";
    case AUTH_KEY_FORMAT_OPENSSH:
        return "keep a private one secret; make a new key with its certificate: 'openssl req -new -x509 -newkey rsa:2048 "
               "-nodes -keyout key.pem -out cert.pem -subj /CN=backend'";
    case AUTH_KEY_FORMAT_PKCS12:
        return "take it out with 'openssl pkcs12 -in FILE -clcerts -nokeys -out cert.pem'";
    case AUTH_KEY_FORMAT_PKCS7:
        return "take it out with 'openssl pkcs7 -print_certs -in FILE -out cert.pem', and keep the one of your key";
    case AUTH_KEY_FORMAT_DER:
        return "convert it with 'openssl x509 -inform DER -in CERT -out cert.pem'";
    case AUTH_KEY_FORMAT_JWK:
    case AUTH_KEY_FORMAT_JWKS:
        return "register it as a JWK Set";
    default:
        return "a file that begins with -----BEGIN CERTIFICATE-----";
    }
}

/* A private key before the certificate, as openssl pkcs12 -nodes writes them. */
static bool has_certificate(struct auth_view pem)
{
    struct auth_pem_block block;
    for (size_t cursor = 0; auth_pem_next(pem, &cursor, &block);) {
        if (auth_view_ends(block.label, "CERTIFICATE"))
            return true;
    }
    return false;
}

static enum auth_rc refuse_both(struct auth_err *err)
{
    return auth_err_set(
        err, AUTH_E_KEY,
        "there is a private key in the same file as the certificate: take it out and keep it secret; 'openssl x509 "
        "-in FILE -out cert.pem' writes the certificate alone");
}

static enum auth_rc refuse_format(enum auth_key_format format, struct auth_view text, struct auth_err *err)
{
    bool is_private = format == AUTH_KEY_FORMAT_PRIVATE || format == AUTH_KEY_FORMAT_ENCRYPTED;
    if (is_private && has_certificate(text))
        return refuse_both(err);
    return auth_key_refuse(format, text, "an X.509 certificate in PEM form", cert_fix(format), err);
}

/* ---- what it said ---- */

/* False when out of memory. */
static bool hex_digest(const X509 *x509, const EVP_MD *md, char *hex)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    bool ok = X509_digest(x509, md, digest, &n) == 1;
    /* twice, since a library without SHA-1 and one without memory may say the same: of the former, none is shown */
    ok = ok || X509_digest(x509, md, digest, &n) == 1;
    if (!ok) {
        n = 0;
        if (auth_crypto_drain() || !auth_crypto_has_memory())
            return false;
    }
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * n] = '\0';
    return true;
}

/* Epoch seconds, 0 for what is no time; false when out of memory. */
static bool time_of(const ASN1_TIME *time, int64_t *seconds)
{
    int days = 0, rest = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool is_time = epoch && ASN1_TIME_diff(&days, &rest, epoch, time) == 1;
    *seconds = is_time ? (int64_t)days * 86400 + rest : 0;
    ASN1_TIME_free(epoch);
    return epoch != NULL;
}

/* RFC 2253 as OpenSSL escapes it is ASCII already; shown once more through our own filter, because a subject is the
 * one text of a certificate that reaches terminals. */
static char *subject_of(const X509 *x509)
{
    enum { SHOWN_MAX = 1024 };
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    struct auth_buf safe;
    auth_buf_init(&safe, 8 * SHOWN_MAX);
    if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(x509), 0, XN_FLAG_RFC2253) >= 0) {
        long n = BIO_get_mem_data(bio, &bytes);
        auth_text_escape(&safe, auth_view_bytes(bytes, n > 0 ? (size_t)n : 0), SHOWN_MAX);
        bytes = auth_buf_take(&safe, NULL);
    }
    BIO_free(bio);
    auth_buf_clear(&safe);
    return bytes;
}

static enum auth_rc describe(struct auth_key *key, const X509 *x509, struct auth_err *err)
{
    struct auth_cert_info *info = calloc(1, sizeof *info);
    key->cert = info;
    if (!info || !(info->subject = subject_of(x509)))
        return auth_err_no_memory(err);
    bool ok = hex_digest(x509, EVP_sha1(), info->sha1) && hex_digest(x509, EVP_sha256(), info->sha256) &&
              time_of(X509_get0_notBefore(x509), &info->not_before_s) &&
              time_of(X509_get0_notAfter(x509), &info->not_after_s);
    return ok ? AUTH_OK : auth_err_no_memory(err);
}

/* ---- loading ---- */

static enum auth_rc key_of_x509(X509 *x509, struct auth_key **out, struct auth_err *err)
{
    struct auth_key *key = NULL;
    EVP_PKEY *pkey = X509_get_pubkey(x509);
    if (!pkey)
        return auth_crypto_bad_input(err, "the certificate holds a public key that cannot be decoded");
    enum auth_rc rc = auth_key_wrap(pkey, false, &key, err);
    if (rc == AUTH_OK)
        rc = describe(key, x509, err);
    if (rc == AUTH_OK)
        *out = key;
    else
        auth_key_free(key);
    return rc;
}

/* The whole file gets registered, so everything in it counts, not just the first block. */
static enum auth_rc check_blocks(struct auth_view pem, struct auth_err *err)
{
    struct auth_pem_block block;
    size_t cursor = 0, count = 0;
    while (auth_pem_next(pem, &cursor, &block)) {
        if (auth_pem_is_private(block.label))
            return refuse_both(err);
        count += auth_view_ends(block.label, "CERTIFICATE");
    }
    if (count > 1)
        return auth_err_set(err, AUTH_E_KEY, "%zu certificates in one file; give only the one of your key", count);
    return AUTH_OK;
}

/* The first certificate of the text. */
static enum auth_rc decode(struct auth_view pem, X509 **out, struct auth_err *err)
{
    struct auth_buf clean;
    enum auth_rc rc = auth_pem_clean(pem, &clean, err);
    BIO *bio = rc == AUTH_OK ? BIO_new_mem_buf(clean.p, (int)clean.n) : NULL;
    X509 *x509 = bio ? PEM_read_bio_X509_AUX(bio, NULL, auth_pem_passphrase, NULL) : NULL;
    if (!x509 && rc == AUTH_OK)
        rc = auth_key_bad_block(
            pem, "the certificate is damaged: its PEM block cannot be decoded; copy the whole file again", err);
    ERR_clear_error();
    BIO_free(bio);
    auth_buf_clear(&clean);
    *out = x509;
    return rc;
}

static enum auth_rc read_cert(struct auth_view pem, struct auth_key **out, struct auth_err *err)
{
    X509 *x509 = NULL;
    if (pem.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a certificate has one or two thousand",
                            AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = auth_key_sniff(pem);
    if (format != AUTH_KEY_FORMAT_CERTIFICATE)
        return refuse_format(format, pem, err);
    enum auth_rc rc = check_blocks(pem, err);
    if (rc == AUTH_OK)
        rc = decode(pem, &x509, err);
    if (rc == AUTH_OK)
        rc = key_of_x509(x509, out, err);
    ERR_clear_error();
    X509_free(x509);
    return rc;
}

enum auth_rc auth_key_from_cert(struct auth_view pem, struct auth_key **out, struct auth_err *err)
{
    struct auth_crypto_looks looks = {0};
    enum auth_rc rc;
    do
        rc = read_cert(pem, out, &looks.err);
    while (auth_crypto_look_again(&looks, &rc, err));
    return rc;
}

/* ---- a server's chain ---- */

/* Append it as plain PEM, whatever it was wrapped in. */
static enum auth_rc add_cert(const X509 *x509, struct auth_buf *out, struct auth_err *err)
{
    char *bytes = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio && PEM_write_bio_X509(bio, x509) == 1;
    long n = ok ? BIO_get_mem_data(bio, &bytes) : 0;
    auth_buf_add(out, bytes, n > 0 ? (size_t)n : 0);
    BIO_free(bio);
    return ok ? auth_buf_check(out, err) : auth_crypto_error(err, "writing the certificate");
}

static enum auth_rc read_block(struct auth_view pem, struct auth_buf *chain, struct auth_key **first,
                               struct auth_err *err)
{
    X509 *x509 = NULL;
    enum auth_rc rc = decode(pem, &x509, err);
    if (rc == AUTH_OK && !*first)
        rc = key_of_x509(x509, first, err);
    if (rc == AUTH_OK)
        rc = add_cert(x509, chain, err);
    X509_free(x509);
    return rc;
}

static enum auth_rc read_chain(struct auth_view pem, struct auth_buf *chain, struct auth_key **first,
                               struct auth_err *err)
{
    struct auth_pem_block block;
    struct auth_err inner = {0};
    size_t at = 0, count = 0;
    bool has_private = false;
    enum auth_rc rc = AUTH_OK;
    for (size_t next = 0; rc == AUTH_OK && auth_pem_next(pem, &next, &block); at = next) {
        has_private = has_private || auth_pem_is_private(block.label);
        if (!auth_view_ends(block.label, "CERTIFICATE"))
            continue;
        count++;
        rc = read_block(auth_view_from(pem, at), chain, first, &inner);
    }
    if (count == 0)
        return refuse_format(auth_key_sniff(pem), pem, err);
    if (has_private)
        return auth_err_set(err, AUTH_E_KEY,
                            "there is a private key beside the certificate; give it a file of its own");
    if (rc != AUTH_OK)
        (void)(count > 1 ? auth_err_set(err, rc, "certificate %zu: %s", count, inner.detail)
                         : auth_err_set(err, rc, "%s", inner.detail));
    return rc;
}

enum auth_rc auth_key_from_chain(struct auth_view pem, struct auth_buf *chain, struct auth_key **out,
                                 struct auth_err *err)
{
    struct auth_crypto_looks looks = {0};
    struct auth_key *first = NULL;
    enum auth_rc rc;
    if (pem.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a chain has some thousand", AUTH_KEY_TEXT_MAX);
    do {
        auth_buf_reset(chain);
        auth_key_free(first);
        first = NULL;
        rc = read_chain(pem, chain, &first, &looks.err);
    } while (auth_crypto_look_again(&looks, &rc, err));
    if (rc == AUTH_OK)
        *out = first;
    else
        auth_key_free(first);
    return rc;
}
