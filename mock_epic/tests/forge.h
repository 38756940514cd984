/* JWTs signed and verified by OpenSSL alone, honestly or not, and texts that only look like JWTs. Nothing of auth/jose and
 * auth/rules is used: what a test here calls signed was not judged by the code under test. */
#ifndef MOCK_EPIC_TESTS_FORGE_H
#define MOCK_EPIC_TESTS_FORGE_H

#include <openssl/evp.h>

#include "auth/core/buf.h"

/* The private key of fixtures/keys/<name>.TESTKEY.pem; read once, kept for the life of the process. */
EVP_PKEY *forge_key(const char *name);

/* How the signature is made over header.payload as they stand there. */
enum forge_signature {
    FORGE_HONEST,     /* by the algorithm that the header names, else as FORGE_OTHER_HASH */
    FORGE_OTHER_HASH, /* SHA-512 with RSA; SHA-384 with P-256, SHA-256 with P-384 */
    FORGE_FLIPPED,    /* honest, one bit changed */
    FORGE_CUT,        /* honest, the last byte missing */
    FORGE_PADDED,     /* honest, and "=" behind it */
    FORGE_TEXT,       /* honest, in hex, encoded once more */
    FORGE_DER,        /* EC: DER instead of r||s; RSA: honest */
    FORGE_HMAC,       /* HMAC-SHA-256 with the public key's PEM as the password */
    FORGE_JUNK,       /* 256 bytes of A */
    FORGE_SHORT_JUNK, /* 3 bytes */
    FORGE_EMPTY,      /* nothing behind the second dot */
    FORGE_NO_PART,    /* no second dot */
    FORGE_FIVE_PARTS, /* honest, and two parts more */
    FORGE_SIGNATURES
};

/* Append header.payload.signature of these texts; "=" goes behind the header's part, and is signed, when wanted. What was
 * signed before is remembered: signing costs more than all else that tests do with it. Not for threads. */
void forge_jwt(EVP_PKEY *key, struct auth_view header, struct auth_view payload, bool is_header_padded,
               enum forge_signature how, struct auth_buf *out);

/* Does one of the keys verify the compact JWT by an algorithm that its header names? Base64url is read leniently (padding
 * and both alphabets), so that nothing is called unsigned for its spelling. */
bool forge_verifies(EVP_PKEY *const *keys, size_t count, struct auth_view compact);

#endif
