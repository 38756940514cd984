/* Digest, then public-key operation, each in a context that is used again. */
#include "auth/jose/verifier.h"

#include <stdatomic.h>
#include <stdlib.h>

struct auth_verifier {
    EVP_MD_CTX *digest;
    EVP_PKEY_CTX *check;
};

static bool prepare(struct auth_verifier *verifier, EVP_PKEY *pkey, const char *digest)
{
    EVP_MD *md = EVP_MD_fetch(NULL, digest, NULL);
    verifier->digest = EVP_MD_CTX_new();
    verifier->check = EVP_PKEY_CTX_new(pkey, NULL);
    bool ok = md && verifier->digest && verifier->check && EVP_DigestInit_ex(verifier->digest, md, NULL) == 1 &&
              EVP_PKEY_verify_init(verifier->check) == 1 && EVP_PKEY_CTX_set_signature_md(verifier->check, md) == 1;
    EVP_MD_free(md);
    return ok;
}

struct auth_verifier *auth_verifier_take(struct auth_verifier_pool *pool, EVP_PKEY *pkey, const char *digest)
{
    for (size_t i = 0; i < AUTH_VERIFIER_SPARES; i++) {
        struct auth_verifier *spare = atomic_load_explicit(&pool->spares[i], memory_order_relaxed)
                                          ? atomic_exchange(&pool->spares[i], NULL)
                                          : NULL;
        if (spare)
            return spare;
    }
    struct auth_verifier *made = calloc(1, sizeof *made);
    if (made && prepare(made, pkey, digest))
        return made;
    auth_verifier_free(made);
    return NULL;
}

void auth_verifier_give(struct auth_verifier_pool *pool, struct auth_verifier *verifier)
{
    for (size_t i = 0; i < AUTH_VERIFIER_SPARES; i++) {
        struct auth_verifier *none = NULL;
        if (atomic_compare_exchange_strong(&pool->spares[i], &none, verifier))
            return;
    }
    auth_verifier_free(verifier);
}

void auth_verifier_free(struct auth_verifier *verifier)
{
    if (!verifier)
        return;
    EVP_MD_CTX_free(verifier->digest);
    EVP_PKEY_CTX_free(verifier->check);
    free(verifier);
}

void auth_verifier_pool_clear(struct auth_verifier_pool *pool)
{
    for (size_t i = 0; i < AUTH_VERIFIER_SPARES; i++)
        auth_verifier_free(atomic_exchange(&pool->spares[i], NULL));
}

int auth_verifier_check(struct auth_verifier *verifier, struct auth_view input, struct auth_view signature)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestInit_ex(verifier->digest, NULL, NULL) != 1 ||
        EVP_DigestUpdate(verifier->digest, input.p, input.n) != 1 ||
        EVP_DigestFinal_ex(verifier->digest, digest, &n) != 1)
        return -1;
    return EVP_PKEY_verify(verifier->check, (const unsigned char *)signature.p, signature.n, digest, n);
}
