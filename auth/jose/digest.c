/* SHA-256 of texts that are short: tokens, jti, keys.
 *
 * By the functions that OpenSSL 3 calls deprecated, since each digest by EVP frees a context and makes one, which costs several
 * times what hashing a token does, and every request does that. These allocate nothing, so nothing can be missing. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "auth/jose/digest.h"

#include <stdbool.h>

#include <openssl/sha.h>

enum auth_rc auth_digest_sha256(const struct auth_view *parts, size_t count, unsigned char digest[AUTH_SHA256_N])
{
    SHA256_CTX ctx;
    bool ok = SHA256_Init(&ctx) == 1;
    for (size_t i = 0; i < count && ok; i++)
        ok = parts[i].n == 0 || SHA256_Update(&ctx, parts[i].p, parts[i].n) == 1;
    ok = ok && SHA256_Final(digest, &ctx) == 1; /* which wipes the context */
    return ok ? AUTH_OK : AUTH_E_CRYPTO;
}
