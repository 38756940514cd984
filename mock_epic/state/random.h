/* Random bytes for tokens, fetched from the system some thousand at a time: a system call for each token costs about as
 * much as judging its claims, and RAND_bytes() 1.3 us for 32 bytes where this takes 0.1. What was handed out is wiped here at
 * once. Threads safe; not for use on both sides of a fork(). */
#ifndef MOCK_EPIC_STATE_RANDOM_H
#define MOCK_EPIC_STATE_RANDOM_H

#include <pthread.h>

#include "auth/core/env.h"

enum { MOCK_RANDOM_N = 4096 };

struct mock_random {
    const struct auth_env *env;
    pthread_mutex_t lock;
    size_t left; /* unused bytes, at the start of `bytes` */
    unsigned char bytes[MOCK_RANDOM_N];
};

void mock_random_init(struct mock_random *random, const struct auth_env *env);
void mock_random_clear(struct mock_random *random);
/* n at most MOCK_RANDOM_N. rc AUTH_OK, or what env->random answers: then nothing was written */
AUTH_MUST_CHECK enum auth_rc mock_random_take(struct mock_random *random, void *bytes, size_t n);

#endif
