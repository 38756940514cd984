/* Made with the first instance, gone with the last. */
#include "mock_epic/instance/shared.h"

#include <stdlib.h>

enum { TOKEN_KEY_BITS = 2048 };

enum auth_rc mock_shared_new(const struct auth_env *env, struct mock_shared **out)
{
    struct mock_shared *shared = calloc(1, sizeof *shared);
    if (!shared)
        return AUTH_E_NOMEM;
    atomic_init(&shared->references, 1);
    mock_random_init(&shared->random, env);
    mock_waiters_init(&shared->waiters, env);
    atomic_init(&shared->journals.used, 0);
    atomic_init(&shared->snapshot_bytes, 0);
    shared->journals.max = MOCK_JOURNALS_BYTES_MAX;
    pthread_mutex_init(&shared->lock, NULL);
    *out = shared;
    return AUTH_OK;
}

struct mock_shared *mock_shared_hold(struct mock_shared *shared)
{
    atomic_fetch_add(&shared->references, 1);
    return shared;
}

void mock_shared_release(struct mock_shared *shared)
{
    if (!shared || atomic_fetch_sub(&shared->references, 1) > 1)
        return;
    mock_waiters_clear(&shared->waiters);
    auth_key_free(shared->token_key);
    pthread_mutex_destroy(&shared->lock);
    mock_random_clear(&shared->random);
    free(shared);
}

enum auth_rc mock_shared_token_key(struct mock_shared *shared, const struct auth_key **key)
{
    enum auth_rc rc = AUTH_OK;
    pthread_mutex_lock(&shared->lock);
    if (!shared->token_key)
        rc = auth_key_generate_rsa(TOKEN_KEY_BITS, &shared->token_key, NULL);
    *key = shared->token_key;
    pthread_mutex_unlock(&shared->lock);
    return rc;
}
