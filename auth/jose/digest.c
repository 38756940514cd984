#include "auth/jose/digest.h"

#include <pthread.h>

#include <openssl/evp.h>

/* Looked up once: EVP_sha256() alone would make every init search the providers again. */
static EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void fetch_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

enum auth_rc auth_digest_sha256(const struct auth_view *parts, size_t count, unsigned char digest[AUTH_SHA256_N])
{
    pthread_once(&sha256_once, fetch_sha256);
    EVP_MD_CTX *ctx = sha256 ? EVP_MD_CTX_new() : NULL;
    if (!ctx)
        return AUTH_E_NOMEM;
    bool ok = EVP_DigestInit_ex(ctx, sha256, NULL) == 1;
    for (size_t i = 0; i < count && ok; i++)
        ok = parts[i].n == 0 || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    return ok ? AUTH_OK : AUTH_E_CRYPTO;
}
