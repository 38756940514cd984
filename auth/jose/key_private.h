/* Inside auth/jose only: what a struct auth_key is made of, and how its sources reach it.
 *
 *   key_sniff.c  what did they give us        key_jwk.c    from and to JWK
 *   key_pem.c    PEM blocks and keys          key_write.c  to PEM and X.509
 *   key_cert.c   certificates                 key.c        what all of them end in: auth_key_wrap() */
#ifndef AUTH_JOSE_KEY_PRIVATE_H
#define AUTH_JOSE_KEY_PRIVATE_H

#include <openssl/evp.h>

#include "auth/jose/jws.h"
#include "auth/jose/key.h"

enum {
    AUTH_KEY_TEXT_MAX = 64 * 1024, /* bytes of a PEM file or a JWK Set */
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
    struct auth_cert_info *cert; /* NULL unless it came from a certificate */
    /* A verify context per algorithm that fits, prepared once: copying one is ~15 % faster than making one. */
    EVP_MD_CTX *verifiers[AUTH_ALG_COUNT];
};

/* Check the shape of a key and wrap it. Takes pkey in every case. A private key must prove, by one signature, that
 * it belongs to the public one.
 * rc  AUTH_E_KEY (detail names what is odd about it), AUTH_E_ALG (another kind of key), AUTH_E_NOMEM, AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc auth_key_wrap(EVP_PKEY *pkey, bool is_private, struct auth_key **out,
                                           struct auth_err *err);

/* Append the value of a big-number parameter as base64url, left-padded with zeros to width bytes (0: minimal). */
AUTH_MUST_CHECK enum auth_rc auth_key_param_b64u(const EVP_PKEY *pkey, const char *param, size_t width,
                                                 struct auth_buf *out);

/* Empty OpenSSL's error queue of this thread; true when running out of memory is among what it held. */
bool auth_key_drain_errors(void);
/* The same, and record what failed: AUTH_E_NOMEM or AUTH_E_CRYPTO. */
enum auth_rc auth_key_crypto_error(struct auth_err *err, const char *what);
/* Can memory be had? Not everything in OpenSSL says so when it could not. */
bool auth_key_has_memory(void);
/* Loading is done in looks. OpenSSL's decoders lose "out of memory" on its way up and answer as for damaged bytes; who
 * believes that tells somebody that a sound key is bad. So a refusal counts when a second look, with memory at hand,
 * says the same:
 *     do
 *         rc = read_x(..., &looks.err);
 *     while (auth_key_look_again(&looks, &rc, err));
 * out  rc, err  of the last look */
struct auth_key_looks {
    int count;
    struct auth_err err;
};
bool auth_key_look_again(struct auth_key_looks *looks, enum auth_rc *rc, struct auth_err *err);
/* For results that say "they gave us something bad": AUTH_E_KEY with that detail, or AUTH_E_NOMEM when that is why. */
enum auth_rc auth_key_bad_input(struct auth_err *err, const char *detail);

/* ---- PEM ---- */

/* One block of a PEM text; both borrowed. */
struct auth_pem_block {
    struct auth_view label;
    struct auth_view body; /* between the markers, as it came */
};

/* Walk the blocks: *cursor starts at 0. False when there is no further BEGIN marker.
 * out  body.p is NULL when the END marker is missing or has another label */
bool auth_pem_next(struct auth_view text, size_t *cursor, struct auth_pem_block *block);
/* A block of parameters only, as openssl ecparam writes in front of the key. */
bool auth_pem_is_parameters(struct auth_view label);
bool auth_pem_is_private(struct auth_view label);
/* The first block that is not parameters, in the shape that OpenSSL reads.
 * out  clean  init by this call as a secret; caller clears, also after a failure
 * rc   AUTH_E_KEY (cut off, or bytes in it that are no base64), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_pem_clean(struct auth_view text, struct auth_buf *clean, struct auth_err *err);
/* For every PEM call. passphrase: a string or NULL. Without this OpenSSL asks /dev/tty and hangs a daemon. */
int auth_pem_passphrase(char *to, int size, int is_writing, void *passphrase);

/* AUTH_E_KEY "this is X; WANTED is needed: FIX", where X is as exact as the text allows. */
enum auth_rc auth_key_refuse(enum auth_key_format format, struct auth_view text, const char *wanted, const char *fix,
                             struct auth_err *err);

/* ---- JWK ---- */

/* Name of the first member that only a private or secret key has, or NULL. */
const char *auth_key_private_member(const struct auth_json_node *jwk);

#endif
