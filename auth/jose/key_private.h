/* Inside auth/jose only: what a struct auth_key is made of. */
#ifndef AUTH_JOSE_KEY_PRIVATE_H
#define AUTH_JOSE_KEY_PRIVATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "auth/jose/jws.h"
#include "auth/jose/key.h"

struct auth_key {
    EVP_PKEY *pkey;
    enum auth_key_type type;
    unsigned bits;
    bool is_private;
    char weakness[96];
    char thumbprint[44];
    struct auth_cert_info *cert; /* NULL unless it came from a certificate */
    /* A verify context per algorithm that fits, prepared once: copying one is ~15 % faster than making one. */
    EVP_MD_CTX *verifiers[AUTH_ALG_COUNT];
};

/* Check the shape of a key and wrap it. Takes pkey in every case.
 * rc  AUTH_E_KEY (detail names what is odd about it), AUTH_E_ALG (another kind of key), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_key_wrap(EVP_PKEY *pkey, bool is_private, struct auth_key **out,
                                           struct auth_err *err);

/* Append the value of a big-number parameter as base64url, left-padded with zeros to width bytes (0: minimal). */
AUTH_MUST_CHECK enum auth_rc auth_key_param_b64u(const EVP_PKEY *pkey, const char *param, size_t width,
                                                 struct auth_buf *out);

/* Drain OpenSSL's error queue of this thread into err as AUTH_E_CRYPTO. */
enum auth_rc auth_key_crypto_error(struct auth_err *err, const char *what);

#endif
