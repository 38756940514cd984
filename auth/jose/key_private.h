/* Inside auth/jose only: what a struct auth_key is made of, and how its sources reach it.
 *
 *   key_sniff.c   what did they give us           key_check.c   is it sound
 *   key_pem.c     keys from PEM                   key_make.c    what all of them end in: auth_key_wrap()
 *   key_cert.c    from X.509 certificates         key_write.c   to PEM and X.509
 *   key_jwk.c     from and to JWK                 key_facts.c   what may be asked of it
 *   pem.c         PEM itself */
#ifndef AUTH_JOSE_KEY_PRIVATE_H
#define AUTH_JOSE_KEY_PRIVATE_H

#include <openssl/evp.h>

#include "auth/jose/alg.h"
#include "auth/jose/key.h"
#include "auth/jose/pem.h"
#include "auth/jose/verifier.h"

enum {
    AUTH_KEY_TEXT_MAX = 64 * 1024, /* bytes of a PEM file or a JWK Set */
    AUTH_KEY_RSA_BITS_MIN = 2048,
    AUTH_KEY_RSA_BITS_MAX = 8192,
    AUTH_KEY_BYTES_MAX = AUTH_KEY_RSA_BITS_MAX / 8, /* of a modulus, so of any number or signature here */
};

struct auth_key {
    EVP_PKEY *pkey;
    enum auth_key_type type;
    unsigned bits;
    bool is_private;
    char weakness[96];
    char thumbprint[44];
    struct auth_cert_info *cert;          /* NULL unless it came from a certificate */
    struct auth_verifier_pool *verifiers; /* AUTH_ALG_COUNT, behind the key: what changes while the key is const */
};

/* The shape of key->pkey: sets type, bits, weakness and thumbprint.
 * rc  as auth_key_wrap() */
AUTH_MUST_CHECK enum auth_rc auth_key_check(struct auth_key *key, struct auth_err *err);

/* Check the shape of a key and wrap it. Takes pkey in every case. A private key must prove, by one signature, that
 * it belongs to the public one.
 * rc  AUTH_E_KEY (detail names what is odd about it), AUTH_E_ALG (another kind of key), AUTH_E_NOMEM, AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc auth_key_wrap(EVP_PKEY *pkey, bool is_private, struct auth_key **out,
                                           struct auth_err *err);

/* Append the value of a big-number parameter as base64url, left-padded with zeros to width bytes (0: minimal). */
AUTH_MUST_CHECK enum auth_rc auth_key_param_b64u(const EVP_PKEY *pkey, const char *param, size_t width,
                                                 struct auth_buf *out);

/* The PEM block that decides: the first that is not parameters. False: there is none; its label may be there all the same. */
bool auth_key_first_block(struct auth_view text, struct auth_pem_block *block);
/* After OpenSSL read nothing out of the block: AUTH_E_KEY with `damaged`, or that its label is another's, or AUTH_E_NOMEM. */
enum auth_rc auth_key_bad_block(struct auth_view pem, const char *damaged, struct auth_err *err);
/* AUTH_E_KEY "this is X; WANTED is needed: FIX", where X is as exact as the text allows. */
enum auth_rc auth_key_refuse(enum auth_key_format format, struct auth_view text, const char *wanted, const char *fix,
                             struct auth_err *err);

/* ---- JWK ---- */

/* Name of the first member that only a private or secret key has, or NULL. */
const char *auth_key_private_member(const struct auth_json_node *jwk);

#endif
