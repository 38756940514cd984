/* Keys from PEM, loaded without ever asking a terminal. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "auth/jose/crypto_error.h"
#include "auth/jose/key_private.h"
#include "auth/jose/pem.h"

static const char *private_fix(enum auth_key_format format)
{
    switch (format) {
    case AUTH_KEY_FORMAT_ENCRYPTED:
        return "decrypt it with 'openssl pkey -in KEY -out key.pem' and protect the file";
    case AUTH_KEY_FORMAT_OPENSSH:
        return "convert a copy with 'ssh-keygen -p -m PKCS8 -f KEY'";
    case AUTH_KEY_FORMAT_PKCS12:
        return "take it out with 'openssl pkcs12 -in FILE -nocerts -nodes -out key.pem' and protect the file";
    case AUTH_KEY_FORMAT_DER:
        return "convert it with 'openssl pkey -inform DER -in KEY -out key.pem'";
    case AUTH_KEY_FORMAT_CERTIFICATE:
    case AUTH_KEY_FORMAT_PUBLIC:
    case AUTH_KEY_FORMAT_REQUEST:
        return "give the file that begins with -----BEGIN PRIVATE KEY-----";
    default:
        return "";
    }
}

/* What the two kinds of PEM key have in common. */
struct pem_kind {
    EVP_PKEY *(*read)(BIO *bio, EVP_PKEY **key, pem_password_cb *callback, void *passphrase);
    bool is_private;
    const char *damaged;
};

static enum auth_rc read_pem(const struct pem_kind *kind, struct auth_view pem, const char *passphrase,
                             struct auth_key **out, struct auth_err *err)
{
    struct auth_buf clean;
    union {
        const char *in;
        void *out;
    } phrase = {.in = passphrase}; /* the API takes void * and hands it back to auth_pem_passphrase() */
    EVP_PKEY *pkey = NULL;
    enum auth_rc rc = auth_pem_clean(pem, &clean, err);
    BIO *bio = rc == AUTH_OK ? BIO_new_mem_buf(clean.p, (int)clean.n) : NULL;
    if (bio)
        pkey = kind->read(bio, NULL, auth_pem_passphrase, phrase.out);
    BIO_free(bio);
    auth_buf_clear(&clean);
    if (rc != AUTH_OK)
        return rc;
    if (!pkey)
        return auth_key_bad_block(pem, kind->damaged, err);
    ERR_clear_error(); /* the decoders that did not fit have left theirs */
    return auth_key_wrap(pkey, kind->is_private, out, err);
}

static enum auth_rc load(const struct pem_kind *kind, struct auth_view pem, const char *passphrase,
                         struct auth_key **out, struct auth_err *err)
{
    struct auth_crypto_looks looks = {0};
    enum auth_rc rc;
    do
        rc = read_pem(kind, pem, passphrase, out, &looks.err);
    while (auth_crypto_look_again(&looks, &rc, err));
    return rc;
}

enum auth_rc auth_key_from_private_pem(struct auth_view pem, const char *passphrase, struct auth_key **out,
                                       struct auth_err *err)
{
    static const struct pem_kind plain = {PEM_read_bio_PrivateKey, true,
                                          "the private key is damaged: its PEM block cannot be decoded"};
    static const struct pem_kind encrypted = {PEM_read_bio_PrivateKey, true,
                                              "the passphrase does not open this private key"};
    if (pem.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a private key has a few thousand",
                            AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = auth_key_sniff(pem);
    bool is_open = format == AUTH_KEY_FORMAT_PRIVATE || (format == AUTH_KEY_FORMAT_ENCRYPTED && passphrase);
    if (!is_open)
        return auth_key_refuse(format, pem, "a private key in PEM form", private_fix(format), err);
    return load(format == AUTH_KEY_FORMAT_PRIVATE ? &plain : &encrypted, pem, passphrase, out, err);
}

enum auth_rc auth_key_from_public_pem(struct auth_view pem, struct auth_key **out, struct auth_err *err)
{
    static const struct pem_kind kind = {PEM_read_bio_PUBKEY, false,
                                         "the public key is damaged: its PEM block cannot be decoded"};
    if (pem.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a public key has a few hundred",
                            AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = auth_key_sniff(pem);
    if (format != AUTH_KEY_FORMAT_PUBLIC)
        return auth_key_refuse(format, pem, "a public key in PEM form", "", err);
    return load(&kind, pem, NULL, out, err);
}
