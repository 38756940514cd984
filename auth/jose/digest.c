#include "auth/jose/digest.h"

#include <openssl/evp.h>

enum auth_rc auth_digest_sha256(const struct auth_view *parts, size_t count, unsigned char digest[AUTH_SHA256_N])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx)
        return AUTH_E_NOMEM;
    bool ok = EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; i < count && ok; i++)
        ok = parts[i].n == 0 || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return ok ? AUTH_OK : AUTH_E_CRYPTO;
}
