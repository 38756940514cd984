#include "auth/jose/digest.h"

#include <pthread.h>

#include <openssl/evp.h>

/* Looked up once: EVP_sha256() alone would make every init search the providers again. And one context for each thread,
 * because making one costs more than a short digest does. */
static EVP_MD *sha256;
static pthread_key_t context_key;
static bool has_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void set_up(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    has_key = pthread_key_create(&context_key, free_context) == 0;
}

/* This thread's context, ready to take bytes; NULL when out of memory. */
static EVP_MD_CTX *context(void)
{
    pthread_once(&once, set_up);
    EVP_MD_CTX *ctx = has_key ? pthread_getspecific(context_key) : NULL;
    if (ctx)
        return EVP_DigestInit_ex(ctx, NULL, NULL) == 1 ? ctx : NULL; /* the same digest once more */
    ctx = sha256 && has_key ? EVP_MD_CTX_new() : NULL;
    if (ctx && EVP_DigestInit_ex(ctx, sha256, NULL) == 1 && pthread_setspecific(context_key, ctx) == 0)
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

enum auth_rc auth_digest_sha256(const struct auth_view *parts, size_t count, unsigned char digest[AUTH_SHA256_N])
{
    EVP_MD_CTX *ctx = context();
    if (!ctx)
        return AUTH_E_NOMEM;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = parts[i].n == 0 || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    return ok ? AUTH_OK : AUTH_E_CRYPTO;
}
