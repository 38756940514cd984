/* Keys and certificates written as PEM. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "auth/jose/crypto_error.h"
#include "auth/jose/key_private.h"
#include "auth/jose/pem.h"

/* Append what a memory BIO holds (out may be NULL), wipe it there and free the BIO. */
static void take_bio(BIO *bio, struct auth_buf *out)
{
    char *bytes = NULL;
    long n = bio ? BIO_get_mem_data(bio, &bytes) : 0;
    if (n > 0) {
        if (out)
            auth_buf_add(out, bytes, (size_t)n);
        auth_wipe(bytes, (size_t)n);
    }
    BIO_free(bio);
}

enum auth_rc auth_key_write_private_pem(const struct auth_key *key, struct auth_buf *out, struct auth_err *err)
{
    if (!key->is_private)
        return auth_err_set(err, AUTH_E_KEY, "this key has no private part");
    if (!out->is_secret)
        return auth_err_set(err, AUTH_E_ARG, "a private key is only written into a secret buffer");
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, auth_pem_passphrase, NULL) == 1;
    take_bio(bio, ok ? out : NULL);
    return ok ? auth_buf_check(out, err) : auth_crypto_error(err, "writing the private key");
}

static bool set_serial(X509 *x509)
{
    unsigned char bytes[16];
    BIGNUM *number = NULL;
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive (RFC 5280 4.1.2.2), and 16 octets always */
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
    return ok;
}

static bool set_time(ASN1_TIME *time, int64_t epoch_s)
{
    return ASN1_TIME_adj(time, 0, (int)(epoch_s / 86400), (long)(epoch_s % 86400)) != NULL;
}

static bool add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool add_names(X509 *x509, X509 *issuer, const struct auth_cert_request *request)
{
    struct auth_buf names;
    auth_buf_init(&names, 1024);
    auth_buf_addf(&names, "DNS:%s,IP:127.0.0.1,IP:::1", request->dns_name);
    if (strcmp(request->dns_name, "localhost") != 0)
        auth_buf_add_string(&names, ",DNS:localhost");
    if (request->ip_address)
        auth_buf_addf(&names, ",IP:%s", request->ip_address);
    bool ok = auth_buf_ok(&names) && add_extension(x509, issuer, NID_subject_alt_name, names.p) &&
              add_extension(x509, issuer, NID_ext_key_usage, "serverAuth");
    auth_buf_clear(&names);
    return ok;
}

static bool add_extensions(X509 *x509, X509 *issuer, const struct auth_cert_request *request)
{
    bool is_self_signed = issuer == x509;
    return add_extension(x509, issuer, NID_basic_constraints,
                         request->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
           add_extension(x509, issuer, NID_key_usage,
                         request->is_ca ? "critical,keyCertSign,digitalSignature" : "critical,digitalSignature") &&
           add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
           (is_self_signed || add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always")) &&
           (!request->dns_name || add_names(x509, issuer, request));
}

static bool set_subject(X509 *x509, const char *common_name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static X509 *read_issuer(struct auth_view pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *issuer = bio ? PEM_read_bio_X509(bio, NULL, auth_pem_passphrase, NULL) : NULL;
    BIO_free(bio);
    return issuer;
}

static bool is_ip_address(const char *text)
{
    static const char allowed[] = "0123456789abcdefABCDEF.:";
    return *text && strspn(text, allowed) == strlen(text);
}

/* The name goes into a line of OpenSSL's extension language, where "x,email:y" would be two names. */
static bool is_dns_name(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*";
    return *name && strspn(name, allowed) == strlen(name);
}

static enum auth_rc check_request(const struct auth_cert_request *request, const struct auth_key *issuer_key,
                                  struct auth_view issuer_pem, struct auth_err *err)
{
    enum { PEM_MAX = AUTH_KEY_TEXT_MAX };
    if ((issuer_key != NULL) != (issuer_pem.n > 0))
        return auth_err_set(err, AUTH_E_ARG, "an issuer is a key and a certificate, not one of them");
    if (issuer_pem.n > PEM_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "an issuer's certificate of more than %d bytes", PEM_MAX);
    if (request->dns_name && !is_dns_name(request->dns_name))
        return auth_err_set(err, AUTH_E_ARG, "this is no DNS name");
    if (request->ip_address && !is_ip_address(request->ip_address))
        return auth_err_set(err, AUTH_E_ARG, "this is no IP address");
    return AUTH_OK;
}

static bool fill(X509 *x509, X509 *issuer, const struct auth_key *key, const struct auth_cert_request *request)
{
    return X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509) &&
           set_time(X509_getm_notBefore(x509), request->not_before_s) &&
           set_time(X509_getm_notAfter(x509), request->not_after_s) && X509_set_pubkey(x509, key->pkey) == 1 &&
           set_subject(x509, request->common_name) && X509_set_issuer_name(x509, X509_get_subject_name(issuer)) == 1 &&
           add_extensions(x509, issuer, request);
}

enum auth_rc auth_key_write_cert(const struct auth_key *key, const struct auth_cert_request *request,
                                 const struct auth_key *issuer_key, struct auth_view issuer_pem, struct auth_buf *out,
                                 struct auth_err *err)
{
    const struct auth_key *signer = issuer_key ? issuer_key : key;
    enum auth_rc rc = check_request(request, issuer_key, issuer_pem, err);
    if (rc != AUTH_OK)
        return rc;
    if (!signer->is_private)
        return auth_err_set(err, AUTH_E_KEY, "a certificate is signed with a private key; this one is public");
    X509 *x509 = X509_new();
    X509 *issuer = issuer_key ? read_issuer(issuer_pem) : x509;
    BIO *bio = BIO_new(BIO_s_mem());
    bool is_pair = !issuer_key || (issuer && X509_check_private_key(issuer, signer->pkey) == 1);
    bool ok = is_pair && x509 && bio && fill(x509, issuer, key, request) &&
              X509_sign(x509, signer->pkey, EVP_sha384()) > 0 && PEM_write_bio_X509(bio, x509) == 1;
    take_bio(bio, ok ? out : NULL);
    if (issuer != x509)
        X509_free(issuer);
    X509_free(x509);
    if (!is_pair)
        return auth_crypto_bad_input(err,
                                     "the issuer's certificate cannot be read, or is not that of the issuer's key");
    return ok ? auth_buf_check(out, err) : auth_crypto_error(err, "making the certificate");
}
