/* A pool of random bytes, wiped as it is used; or of bytes that only look so. */
#include "mock_epic/state/random.h"

#include <stdio.h>
#include <string.h>

void mock_random_init(struct mock_random *random, const struct auth_env *env)
{
    *random = (struct mock_random){.env = env};
    pthread_mutex_init(&random->lock, NULL);
}

void mock_random_init_seeded(struct mock_random *random, const unsigned char key[AUTH_SHA256_N])
{
    mock_random_init(random, NULL);
    random->is_seeded = true;
    memcpy(random->key, key, sizeof random->key);
}

enum auth_rc mock_random_key(int64_t seed, struct auth_view instance, const char *purpose,
                             unsigned char key[AUTH_SHA256_N])
{
    char text[64]; /* no instance's name holds a space */
    (void)snprintf(text, sizeof text, "mock-epic %s %lld ", purpose, (long long)seed);
    const struct auth_view parts[] = {auth_view_from_string(text), instance};
    return auth_digest_sha256(parts, 2, key);
}

void mock_random_clear(struct mock_random *random)
{
    auth_wipe(random->bytes, sizeof random->bytes);
    auth_wipe(random->key, sizeof random->key);
    pthread_mutex_destroy(&random->lock);
}

/* The lock is held. */
static enum auth_rc refill_seeded(struct mock_random *random)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t at = 0; at < sizeof random->bytes && rc == AUTH_OK; at += AUTH_SHA256_N) {
        uint64_t block = random->blocks++;
        const struct auth_view parts[] = {auth_view_bytes(random->key, sizeof random->key),
                                          auth_view_bytes(&block, sizeof block)};
        rc = auth_digest_sha256(parts, 2, random->bytes + at);
    }
    return rc;
}

static enum auth_rc refill(struct mock_random *random)
{
    return random->is_seeded ? refill_seeded(random)
                             : random->env->random(random->env->ctx, random->bytes, sizeof random->bytes);
}

enum auth_rc mock_random_take(struct mock_random *random, void *bytes, size_t n)
{
    enum auth_rc rc = AUTH_OK;
    pthread_mutex_lock(&random->lock);
    if (random->left < n) {
        rc = refill(random);
        random->left = rc == AUTH_OK ? sizeof random->bytes : 0;
    }
    if (rc == AUTH_OK) {
        random->left -= n;
        memcpy(bytes, random->bytes + random->left, n);
        auth_wipe(random->bytes + random->left, n);
    }
    pthread_mutex_unlock(&random->lock);
    return rc;
}
