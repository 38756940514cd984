/* JWS (RFC 7515) in compact form: splitting, signing, verifying. No claims here.
 *
 * The maker (auth/client) and the judge (auth/rules) share this and nothing above it. */
#ifndef AUTH_JOSE_JWS_H
#define AUTH_JOSE_JWS_H

#include "auth/jose/alg.h"

/* Bytes of a valid signature: the modulus size, or 64/96 for r||s. */
size_t auth_jws_signature_size(enum auth_alg alg, const struct auth_key *key);
/* What a signature looks like beside the ones that this key makes. */
enum auth_jws_form {
    AUTH_JWS_FORM_FITS, /* as long as it must be */
    AUTH_JWS_FORM_DER, /* an EC signature as most libraries make it: SEQUENCE of two INTEGERs (RFC 7518 3.4 wants r||s) */
    AUTH_JWS_FORM_LENGTH /* of another length */
};
enum auth_jws_form auth_jws_signature_form(enum auth_alg alg, const struct auth_key *key, struct auth_view signature);

/* The three parts of a compact JWS, borrowed from it; nothing is decoded. */
struct auth_jws {
    struct auth_view header;
    struct auth_view payload;
    struct auth_view signature;
    struct auth_view signing_input; /* header.payload as received */
};

/* rc  AUTH_OK; AUTH_E_SYNTAX (not exactly three non-empty parts; detail counts them) */
AUTH_MUST_CHECK enum auth_rc auth_jws_split(struct auth_view compact, struct auth_jws *out, struct auth_err *err);

/* Check one signature with one key.
 * in    signature  raw bytes
 * shape RS*: modulus size bytes; ES256 64, ES384 96 bytes r||s with 1 <= r, s < n
 * rc    AUTH_OK           valid
 *       AUTH_E_SIGNATURE  well formed or not, it does not verify; detail is for people, auth_jws_signature_form() for programs
 *       AUTH_E_ALG        does not fit the key
 *       AUTH_E_NOMEM, AUTH_E_CRYPTO
 * perf  one RSA verify plus under 1 us: with contexts that the key keeps
 * threads safe, key may be shared
 * src   RFC 7515 5.2, RFC 7518 3.3, 3.4, RFC 8725 3.1 */
AUTH_MUST_CHECK enum auth_rc auth_jws_verify(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                                             struct auth_view signature, struct auth_err *err);

/* Append the raw signature over input. rc AUTH_E_ALG, AUTH_E_KEY (no private part), AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc auth_jws_sign(const struct auth_key *key, enum auth_alg alg, struct auth_view input,
                                           struct auth_buf *signature, struct auth_err *err);

/* Append the compact JWS of a header and a payload text. */
AUTH_MUST_CHECK enum auth_rc auth_jws_write(const struct auth_key *key, enum auth_alg alg, struct auth_view header,
                                            struct auth_view payload, struct auth_buf *compact, struct auth_err *err);

#endif
