/* What an RSA signature that does not verify holds, opened with the public key.
 *
 * Whoever has the private key makes numbers that the public one turns into padding and a digest; anybody else's come out as
 * noise. So a signature tells whether the key is right and the bytes are others, or the key is another. Asked only once
 * verifying has failed. */
#ifndef AUTH_JOSE_SEAL_H
#define AUTH_JOSE_SEAL_H

#include "auth/jose/key.h"

enum auth_seal_kind {
    AUTH_SEAL_NONE,  /* another key made it, or the key is none of RSA */
    AUTH_SEAL_PKCS1, /* PKCS#1 v1.5, as RS256, RS384 and RS512 */
    AUTH_SEAL_BARE,  /* the same, with the digest alone and without the name of its algorithm */
    AUTH_SEAL_PSS    /* RSA-PSS over the very input that was given */
};

enum { AUTH_SEAL_DIGEST_MAX_N = 64 };

struct auth_seal {
    enum auth_seal_kind kind;
    const char *digest_name;                      /* "SHA1", "SHA384": OpenSSL's name of the digest; NULL for NONE */
    unsigned char digest[AUTH_SEAL_DIGEST_MAX_N]; /* what was signed; empty for PSS, which hides it */
    size_t digest_n;
};

/* in   input  what should have been signed; signature: raw bytes
 * out  seal   all of it is set
 * Costs one RSA verification, of PSS up to four. Errors of OpenSSL count as NONE. Threads safe, key may be shared.
 * src  RFC 8017 8.2.2, 9.2 */
void auth_seal_open(const struct auth_key *key, struct auth_view input, struct auth_view signature,
                    struct auth_seal *seal);
/* Is that the digest of these bytes? */
bool auth_seal_is_of(const struct auth_seal *seal, struct auth_view bytes);
/* Is that the digest of the digest of these bytes, as bytes or as hex digits? Somebody hashed before a library did. */
bool auth_seal_is_of_digest(const struct auth_seal *seal, struct auth_view bytes);

#endif
