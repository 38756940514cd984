/* A key that there is: what may be asked of it, and its end. */
#include <stdlib.h>
#include <string.h>

#include "auth/jose/key_private.h"

enum auth_key_type auth_key_type(const struct auth_key *key)
{
    return key->type;
}

const char *auth_key_type_text(const struct auth_key *key)
{
    static const char *const texts[] = {
        [AUTH_KEY_RSA] = "RSA", [AUTH_KEY_P256] = "EC P-256", [AUTH_KEY_P384] = "EC P-384"};
    return texts[key->type];
}

unsigned auth_key_bits(const struct auth_key *key)
{
    return key->bits;
}

bool auth_key_is_private(const struct auth_key *key)
{
    return key->is_private;
}

const char *auth_key_weakness(const struct auth_key *key)
{
    return key->weakness[0] ? key->weakness : NULL;
}

bool auth_key_equal(const struct auth_key *a, const struct auth_key *b)
{
    return strcmp(a->thumbprint, b->thumbprint) == 0;
}

const char *auth_key_thumbprint(const struct auth_key *key)
{
    return key->thumbprint;
}

const struct auth_cert_info *auth_key_cert(const struct auth_key *key)
{
    return key->cert;
}

void auth_key_free(struct auth_key *key)
{
    if (!key)
        return;
    for (int i = 0; i < AUTH_ALG_COUNT; i++)
        auth_verifier_pool_clear(&key->verifiers[i]);
    EVP_PKEY_free(key->pkey);
    if (key->cert)
        free(key->cert->subject);
    free(key->cert);
    free(key);
}
