/* Random bytes for tokens, fetched from the system some thousand at a time: a system call for each token costs about as
 * much as judging its claims, and RAND_bytes() 1.3 us for 32 bytes where this takes 0.1. What was handed out is wiped here at
 * once. Threads safe; not for use on both sides of a fork().
 *
 * Seeded, the bytes follow from a key, so that a run can be repeated: whoever knows the seed knows them all. */
#ifndef MOCK_EPIC_STATE_RANDOM_H
#define MOCK_EPIC_STATE_RANDOM_H

#include <pthread.h>

#include "auth/core/env.h"
#include "auth/jose/digest.h"

#define MOCK_SEED_MAX 9007199254740991 /* a seed is 0 to this: what a number of JSON holds exactly */
enum { MOCK_RANDOM_N = 4096 };

struct mock_random {
    const struct auth_env *env;
    pthread_mutex_t lock;
    bool is_seeded;
    unsigned char key[AUTH_SHA256_N]; /* seeded: block i is the digest of key and i */
    uint64_t blocks;                  /* how many were made */
    size_t left;                      /* unused bytes, at the start of `bytes` */
    unsigned char bytes[MOCK_RANDOM_N];
};

void mock_random_init(struct mock_random *random, const struct auth_env *env);
void mock_random_init_seeded(struct mock_random *random, const unsigned char key[AUTH_SHA256_N]);
/* The key that follows from a seed for one purpose in one instance: two instances of one seed share no token.
 * rc  AUTH_E_CRYPTO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_random_key(int64_t seed, struct auth_view instance, const char *purpose,
                                             unsigned char key[AUTH_SHA256_N]);
void mock_random_clear(struct mock_random *random);
/* n at most MOCK_RANDOM_N. rc AUTH_OK, or what env->random, or the digest, answers: then nothing was written */
AUTH_MUST_CHECK enum auth_rc mock_random_take(struct mock_random *random, void *bytes, size_t n);

#endif
