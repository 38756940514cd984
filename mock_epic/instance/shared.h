/* What all instances of a process have in common, made once: where random bytes come from, the key that signs tokens which
 * look like JWTs, how much all journals together may hold, and the thread that ends waits. Counted. Threads safe. */
#ifndef MOCK_EPIC_INSTANCE_SHARED_H
#define MOCK_EPIC_INSTANCE_SHARED_H

#include "auth/jose/key.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/state/journal.h"
#include "mock_epic/state/random.h"

struct mock_shared {
    atomic_uint references;
    struct mock_random random;
    struct mock_journal_budget journals;
    atomic_size_t snapshot_bytes; /* of all instances */
    struct mock_waiters waiters;
    pthread_mutex_t lock;
    struct auth_key *token_key; /* NULL until the first such token is asked for */
};

/* With a reference for the caller. rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_shared_new(const struct auth_env *env, struct mock_shared **out);
struct mock_shared *mock_shared_hold(struct mock_shared *shared); /* one more, for the caller */
void mock_shared_release(struct mock_shared *shared);             /* NULL is fine */

/* The RSA key of this process, which lives and dies with it; made by the first call, which takes a tenth of a second.
 * out  *key  borrowed from shared
 * rc   AUTH_E_CRYPTO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_shared_token_key(struct mock_shared *shared, const struct auth_key **key);

#endif
