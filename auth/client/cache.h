/* One access token for all threads: asked for once however many want it, renewed before it expires. Knows of its source only
 * what is said here. */
#ifndef AUTH_CLIENT_CACHE_H
#define AUTH_CLIENT_CACHE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/auth.h"
#include "auth/core/env.h"

/* A token as its source gives it. */
struct auth_token {
    char *text;  /* secret, owned */
    char *scope; /* what was granted, owned; NULL: the source did not say */
    int64_t lifetime_s;
    const char *warning; /* what was odd about it; static; NULL: nothing */
};
void auth_token_clear(struct auth_token *token);

/* What a source is asked for. */
struct auth_token_wanted {
    int attempts;        /* how often to try what may pass */
    int64_t deadline_ms; /* steady clock: nothing is begun after it */
    int64_t min_left_ms; /* a token that lives shorter will not do, if another can be had */
};

/* Where tokens come from. */
struct auth_token_source {
    /* Ask for a new token. Called by one thread at a time, which holds no lock.
     * out  token  filled when the rc is EPIC_AUTH_OK; owned by the cache then
     *      error  never NULL; filled else */
    enum epic_auth_rc (*request)(void *ctx, const struct auth_token_wanted *wanted, struct auth_token *token,
                                 struct epic_auth_error *error);
    void *ctx;
    const struct auth_env *env; /* clocks, chance and waiting; outlives the cache */
};

/* A published token: nothing in it changes while it is current or while a reader holds it. */
struct auth_snapshot {
    char *text, *scope;
    size_t n;
    uint64_t serial;
    int64_t soft_ms, hard_ms, expires_ms; /* steady clock: renew early from, renew first from, dead from */
};

enum { AUTH_CACHE_SLOTS = 4, AUTH_CACHE_NONE = -1, AUTH_CACHE_LANES = 16, AUTH_CACHE_LANE_N = 128 };

/* Who reads which slot, for the threads of one lane. A lane lies on cache lines of its own (128 bytes: two lines, which
 * processors fetch in pairs, or one of an Apple processor), so that a thread which reads a fresh token writes where no other
 * lane's thread does: with one shared count four threads paid 65 to 91 ns for what costs one of them 54. */
struct auth_cache_lane {
    _Alignas(AUTH_CACHE_LANE_N) _Atomic uint32_t readers[AUTH_CACHE_SLOTS];
};

/* One token for all threads. Margins scale with the lifetime L: hard = L/10 within 1..60 s, soft = L/4 within 2..300 s
 * and up to a fifth more. A fresh token is read without the lock: `current` names a slot, and a reader that counted
 * itself into the slot, in its lane, and still finds it current may read it; the writer fills only slots that nobody reads. */
struct auth_cache {
    struct auth_cache_lane lanes[AUTH_CACHE_LANES];
    _Atomic int current; /* slot, or AUTH_CACHE_NONE; changed under the lock */
    struct auth_snapshot slots[AUTH_CACHE_SLOTS];
    struct auth_token_source source; /* never changes */
    /* all below: under the lock */
    pthread_mutex_t lock;
    pthread_cond_t refreshed;
    uint64_t serial;                /* of the newest token; 0: none yet */
    int64_t next_try_ms;            /* after a failed early renewal */
    bool is_refreshing;             /* one thread is asking */
    uint64_t refreshes;             /* that have ended */
    struct epic_auth_error failure; /* of the last refresh; rc OK when it brought a token */
    int64_t refuse_until_ms;        /* a definite refusal is remembered so long */
};

/* in   cache   aligned as its type asks: not from malloc()
 *      source  copied */
void auth_cache_init(struct auth_cache *cache, const struct auth_token_source *source);
void auth_cache_clear(struct auth_cache *cache);
/* A copy of a token, and what the taker wants of it. */
struct auth_taken {
    int64_t min_left_ms; /* a token that lives shorter is renewed first; 0: any that is fresh */
    bool wants_scope;
    /* out */
    char *text;         /* caller frees with epic_auth_string_free() */
    char *scope;        /* so, too; NULL: not wanted, or the source did not say */
    uint64_t serial;    /* its name for auth_cache_drop() */
    int64_t expires_ms; /* steady clock */
};
/* A copy of a token that is good now. Threads safe.
 * in   now_ms       steady clock, just read
 *      deadline_ms  steady clock: how long to ask, or to wait for another thread that asks
 * out  taken        its second half, when the rc is EPIC_AUTH_OK
 *      error        may be NULL */
enum epic_auth_rc auth_cache_acquire(struct auth_cache *cache, int64_t now_ms, int64_t deadline_ms,
                                     struct auth_taken *taken, struct epic_auth_error *error);
/* Forget the token if it is still that one: a newer one that another thread got is not lost. 0: whichever. Threads safe. */
void auth_cache_drop(struct auth_cache *cache, uint64_t serial);
/* Milliseconds until the token dies; -1 when there is none. Threads safe. */
int64_t auth_cache_left_ms(struct auth_cache *cache, int64_t now_ms);

#endif
