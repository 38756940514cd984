/* SHA-256 with a context for each thread. */
#include "auth/jose/digest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <openssl/evp.h>

/* Looked up once: EVP_sha256() alone would make every init search the providers again. And one context for each thread,
 * because making one costs more than a short digest does. What failed once (memory was short) is tried again. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows, until has_key says that it stays */
static EVP_MD *sha256;
static pthread_key_t context_key;
static atomic_bool has_key;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static bool set_up(void)
{
    if (atomic_load_explicit(&has_key, memory_order_acquire))
        return true;
    pthread_mutex_lock(&lock);
    if (!sha256)
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    bool ok = sha256 && (atomic_load(&has_key) || pthread_key_create(&context_key, free_context) == 0);
    atomic_store_explicit(&has_key, ok, memory_order_release);
    pthread_mutex_unlock(&lock);
    return ok;
}

/* This thread's context, ready to take bytes; NULL when out of memory. */
static EVP_MD_CTX *context(void)
{
    if (!set_up())
        return NULL;
    EVP_MD_CTX *ctx = pthread_getspecific(context_key);
    if (ctx)
        return EVP_DigestInit_ex(ctx, NULL, NULL) == 1 ? ctx : NULL; /* the same digest once more */
    ctx = EVP_MD_CTX_new();
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
