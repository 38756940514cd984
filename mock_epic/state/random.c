/* A pool of random bytes, wiped as it is used. */
#include "mock_epic/state/random.h"

#include <string.h>

void mock_random_init(struct mock_random *random, const struct auth_env *env)
{
    random->env = env;
    random->left = 0;
    pthread_mutex_init(&random->lock, NULL);
}

void mock_random_clear(struct mock_random *random)
{
    auth_wipe(random->bytes, sizeof random->bytes);
    pthread_mutex_destroy(&random->lock);
}

enum auth_rc mock_random_take(struct mock_random *random, void *bytes, size_t n)
{
    enum auth_rc rc = AUTH_OK;
    pthread_mutex_lock(&random->lock);
    if (random->left < n) {
        rc = random->env->random(random->env->ctx, random->bytes, sizeof random->bytes);
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
