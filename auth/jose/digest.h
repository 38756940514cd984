/* SHA-256 for lookups and fingerprints. Signatures are in auth/jose/jws.h. */
#ifndef AUTH_JOSE_DIGEST_H
#define AUTH_JOSE_DIGEST_H

#include "auth/core/buf.h"

enum { AUTH_SHA256_N = 32 };

/* Digest of the parts one after the other. Threads safe.
 * rc  AUTH_E_CRYPTO: OpenSSL fails */
AUTH_MUST_CHECK enum auth_rc auth_digest_sha256(const struct auth_view *parts, size_t count,
                                                unsigned char digest[AUTH_SHA256_N]);

#endif
