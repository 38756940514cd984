/* When is the cached token good enough? One predicate, here. Of any number of threads one asks; the others use the old
 * token while it lasts, or wait and share the result, failure included. No request is made under the lock, and a fresh
 * token is handed out without it. */
#include "auth/client/cache.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "auth/client/error.h"

enum {
    FULL_ATTEMPTS = 3,
    REFUSAL_MS = 5000, /* and up to as much again */
    THROTTLE_MAX_MS = 30000,
    RETRY_EARLY_MS = 30000
};

/* FRESH: use it. STALE: one thread renews it, the others use it. DUE: renew it first, use it if that fails. DEAD: none, or
 * the server refuses it by now. */
enum freshness { FRESH, STALE, DUE, DEAD };

static enum freshness judge(const struct auth_snapshot *slot, int64_t now_ms)
{
    if (!slot || now_ms >= slot->expires_ms)
        return DEAD;
    return now_ms < slot->soft_ms ? FRESH : now_ms < slot->hard_ms ? STALE : DUE;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* ---- slots ---- */

/* The calling thread's lane, the same in every cache. */
static unsigned lane_of_thread(void)
{
    static _Atomic unsigned threads;
    static _Thread_local unsigned lane; /* counted from 1; 0: none yet */
    if (lane == 0)
        lane = 1 + atomic_fetch_add(&threads, 1) % AUTH_CACHE_LANES;
    return lane - 1;
}

static void enter_slot(struct auth_cache *cache, int slot)
{
    atomic_fetch_add(&cache->lanes[lane_of_thread()].readers[slot], 1);
}

static void leave_slot(struct auth_cache *cache, int slot)
{
    atomic_fetch_sub(&cache->lanes[lane_of_thread()].readers[slot], 1);
}

static bool is_read(struct auth_cache *cache, int slot)
{
    for (int i = 0; i < AUTH_CACHE_LANES; i++) {
        if (atomic_load(&cache->lanes[i].readers[slot]) != 0)
            return true;
    }
    return false;
}

/* Count ourselves into the current slot, or AUTH_CACHE_NONE. The second look closes the gap in which the writer may have
 * moved on and taken the slot for another token: either the writer sees our count, or we see its new `current`. Both sides
 * must be sequentially consistent for that. A lane that the writer has looked at already and that counts later sees it too. */
static int acquire_slot(struct auth_cache *cache)
{
    for (;;) {
        int slot = atomic_load(&cache->current);
        if (slot == AUTH_CACHE_NONE)
            return slot;
        enter_slot(cache, slot);
        if (atomic_load(&cache->current) == slot)
            return slot;
        leave_slot(cache, slot);
    }
}

/* For the holder of the lock, who alone changes `current`. */
static struct auth_snapshot *current_slot(struct auth_cache *cache)
{
    int index = atomic_load(&cache->current);
    return index == AUTH_CACHE_NONE ? NULL : &cache->slots[index];
}

/* Wipe tokens that nobody uses any more; tells a free slot, AUTH_CACHE_NONE when readers are in all of them. */
static int reclaim(struct auth_cache *cache)
{
    int free_slot = AUTH_CACHE_NONE;
    for (int i = 0; i < AUTH_CACHE_SLOTS; i++) {
        struct auth_snapshot *slot = &cache->slots[i];
        if (i == atomic_load(&cache->current) || is_read(cache, i))
            continue;
        epic_auth_string_free(slot->text);
        epic_auth_string_free(slot->scope);
        slot->text = slot->scope = NULL;
        free_slot = i;
    }
    return free_slot;
}

static void forget(struct auth_cache *cache)
{
    atomic_store(&cache->current, AUTH_CACHE_NONE);
    (void)reclaim(cache);
}

/* Keep a new token. Its life counts from before the request, so the network's delay shortens it, never lengthens it. */
static void publish(struct auth_cache *cache, struct auth_token *token, int64_t sent_ms)
{
    int64_t life_s = token->lifetime_s;
    int64_t soft_ms = clamp(life_s / 4, 2, 300) * 1000;
    int index;
    soft_ms += auth_env_jitter(cache->source.env, soft_ms / 5);
    while ((index = reclaim(cache)) == AUTH_CACHE_NONE)
        (void)sched_yield(); /* readers stay for the time of one small copy */
    struct auth_snapshot *slot = &cache->slots[index];
    slot->text = token->text;
    slot->scope = token->scope;
    slot->n = strlen(token->text);
    slot->serial = ++cache->serial;
    slot->expires_ms = sent_ms + life_s * 1000;
    slot->hard_ms = slot->expires_ms - clamp(life_s / 10, 1, 60) * 1000;
    slot->soft_ms = slot->expires_ms - soft_ms;
    token->text = token->scope = NULL;
    atomic_store(&cache->current, index);
    (void)reclaim(cache);
    cache->next_try_ms = 0;
}

/* ---- life ---- */

void auth_token_clear(struct auth_token *token)
{
    if (token->text)
        auth_wipe(token->text, strlen(token->text));
    free(token->text);
    free(token->scope);
    memset(token, 0, sizeof *token);
}

void auth_cache_init(struct auth_cache *cache, const struct auth_token_source *source)
{
    memset(cache, 0, sizeof *cache); /* also what the lanes begin with */
    cache->source = *source;
    atomic_init(&cache->current, AUTH_CACHE_NONE);
    pthread_mutex_init(&cache->lock, NULL);
    auth_env_cond_init(&cache->refreshed);
}

void auth_cache_clear(struct auth_cache *cache)
{
    forget(cache);
    pthread_cond_destroy(&cache->refreshed);
    pthread_mutex_destroy(&cache->lock);
}

void auth_cache_drop(struct auth_cache *cache, uint64_t serial)
{
    pthread_mutex_lock(&cache->lock);
    struct auth_snapshot *slot = current_slot(cache);
    if (slot && (serial == 0 || serial == slot->serial))
        forget(cache);
    pthread_mutex_unlock(&cache->lock);
}

int64_t auth_cache_left_ms(struct auth_cache *cache, int64_t now_ms)
{
    int slot = acquire_slot(cache);
    if (slot == AUTH_CACHE_NONE)
        return -1;
    int64_t left_ms = cache->slots[slot].expires_ms - now_ms;
    leave_slot(cache, slot);
    return left_ms < 0 ? -1 : left_ms;
}

/* ---- refreshes ---- */

static int64_t read_clock(const struct auth_cache *cache)
{
    return cache->source.env->steady_ms(cache->source.env->ctx);
}

static void note_failure(struct auth_cache *cache, const struct epic_auth_error *error, int64_t now_ms)
{
    struct auth_snapshot *slot = current_slot(cache);
    int64_t wait_ms = slot ? clamp((slot->expires_ms - now_ms) / 4, 0, RETRY_EARLY_MS) : 0;
    cache->next_try_ms = now_ms + wait_ms - auth_env_jitter(cache->source.env, wait_ms / 5);
    if (error->rc == EPIC_AUTH_E_OAUTH || error->rc == EPIC_AUTH_E_CONFIG)
        cache->refuse_until_ms =
            now_ms + REFUSAL_MS + auth_env_jitter(cache->source.env, REFUSAL_MS); /* a loop must not hammer Epic */
    else if (error->rc == EPIC_AUTH_E_THROTTLED)
        cache->refuse_until_ms = now_ms + clamp(error->retry_after_s, 0, THROTTLE_MAX_MS / 1000) * 1000;
}

/* Ask, with the lock given up meanwhile. Who has a token that still works does not stay for second attempts. */
static void refresh(struct auth_cache *cache, int64_t deadline_ms, int64_t min_left_ms)
{
    const struct auth_env *env = cache->source.env;
    struct auth_token token = {0};
    struct epic_auth_error error;
    int64_t sent_ms = read_clock(cache);
    struct auth_token_wanted wanted = {
        .attempts = judge(current_slot(cache), sent_ms) == DEAD ? FULL_ATTEMPTS : 1,
        .deadline_ms = deadline_ms,
        .min_left_ms = min_left_ms,
    };
    cache->is_refreshing = true;
    pthread_mutex_unlock(&cache->lock);
    error.rc = cache->source.request(cache->source.ctx, &wanted, &token, &error);
    pthread_mutex_lock(&cache->lock);
    memcpy(&cache->failure, &error, sizeof error - sizeof error.issues); /* a token endpoint sends no issues */
    if (error.rc == EPIC_AUTH_OK)
        publish(cache, &token, sent_ms);
    else
        note_failure(cache, &error, read_clock(cache));
    cache->is_refreshing = false;
    cache->refreshes++;
    env->wake(env->ctx, &cache->refreshed);
    auth_token_clear(&token);
}

/* Wait for the refresh under way; false when the caller's own deadline comes first. */
static bool await(struct auth_cache *cache, int64_t deadline_ms)
{
    const struct auth_env *env = cache->source.env;
    for (uint64_t seen = cache->refreshes; cache->refreshes == seen;) {
        if (read_clock(cache) >= deadline_ms)
            return false;
        env->wait(env->ctx, &cache->refreshed, &cache->lock, deadline_ms);
    }
    return true;
}

/* ---- acquire ---- */

static enum epic_auth_rc hand_out(const struct auth_snapshot *slot, struct auth_taken *taken,
                                  struct epic_auth_error *error)
{
    char *copy = malloc(slot->n + 1), *scope = NULL;
    bool has_scope = taken->wants_scope && slot->scope;
    if (has_scope)
        scope = auth_view_dup(auth_view_from_string(slot->scope));
    if (!copy || (has_scope && !scope)) {
        free(copy);
        free(scope);
        return auth_error_nomem(error);
    }
    memcpy(copy, slot->text, slot->n + 1);
    taken->text = copy;
    taken->scope = scope;
    taken->serial = slot->serial;
    taken->expires_ms = slot->expires_ms;
    return EPIC_AUTH_OK;
}

static bool is_long_enough(const struct auth_snapshot *slot, int64_t now_ms, const struct auth_taken *taken)
{
    return slot->expires_ms - now_ms >= taken->min_left_ms;
}

static enum epic_auth_rc report(const struct auth_cache *cache, struct epic_auth_error *error)
{
    if (error)
        memcpy(error, &cache->failure, sizeof *error - sizeof error->issues);
    return cache->failure.rc;
}

/* After a refresh, ours or another thread's: the new token, or the old one if it still works, or the failure.
 * False: look again (another's token was too short-lived to be shared). */
static bool is_settled(struct auth_cache *cache, bool is_mine, struct auth_taken *taken, struct epic_auth_error *error,
                       enum epic_auth_rc *rc)
{
    struct auth_snapshot *slot = current_slot(cache);
    enum freshness state = judge(slot, read_clock(cache));
    bool is_new = cache->failure.rc == EPIC_AUTH_OK;
    if (slot && (state != DEAD || (is_new && is_mine))) {
        *rc = hand_out(slot, taken, error);
        if (state == DEAD)
            forget(cache); /* it was given no life: good for one use at most */
        return true;
    }
    if (is_new)
        return false;
    *rc = report(cache, error);
    return true;
}

/* The caller's time is up before the other thread's request ended. */
static enum epic_auth_rc give_up(struct auth_cache *cache, struct auth_taken *taken, struct epic_auth_error *error)
{
    struct auth_snapshot *slot = current_slot(cache);
    if (judge(slot, read_clock(cache)) != DEAD)
        return hand_out(slot, taken, error);
    return auth_error_set(NULL, error, EPIC_AUTH_E_NETWORK, "another thread's token request did not end in time");
}

/* The lock is held. */
static enum epic_auth_rc acquire_slowly(struct auth_cache *cache, int64_t deadline_ms, struct auth_taken *taken,
                                        struct epic_auth_error *error)
{
    enum epic_auth_rc rc = EPIC_AUTH_OK;
    const uint64_t found_serial = cache->serial;
    for (;;) {
        int64_t now_ms = read_clock(cache);
        struct auth_snapshot *slot = current_slot(cache);
        enum freshness state = judge(slot, now_ms);
        bool is_early_try_off = now_ms < cache->next_try_ms || now_ms < cache->refuse_until_ms;
        if (state == FRESH && cache->serial == found_serial && !is_long_enough(slot, now_ms, taken))
            state = DUE; /* as it was found; a new one has to do, however short it lives */
        if (slot && (state == FRESH || (state == STALE && cache->is_refreshing) || (state != DEAD && is_early_try_off)))
            return hand_out(slot, taken, error);
        if (!cache->is_refreshing && now_ms < cache->refuse_until_ms)
            return report(cache, error);
        bool is_mine = !cache->is_refreshing;
        if (is_mine)
            refresh(cache, deadline_ms, taken->min_left_ms);
        else if (!await(cache, deadline_ms))
            return give_up(cache, taken, error);
        if (is_settled(cache, is_mine, taken, error, &rc))
            return rc;
    }
}

enum epic_auth_rc auth_cache_acquire(struct auth_cache *cache, int64_t now_ms, int64_t deadline_ms,
                                     struct auth_taken *taken, struct epic_auth_error *error)
{
    int slot = acquire_slot(cache);
    if (slot != AUTH_CACHE_NONE) {
        const struct auth_snapshot *snapshot = &cache->slots[slot];
        bool is_fresh = judge(snapshot, now_ms) == FRESH && is_long_enough(snapshot, now_ms, taken);
        enum epic_auth_rc rc = is_fresh ? hand_out(snapshot, taken, error) : EPIC_AUTH_OK;
        leave_slot(cache, slot);
        if (is_fresh)
            return rc;
    }
    pthread_mutex_lock(&cache->lock);
    enum epic_auth_rc rc = acquire_slowly(cache, deadline_ms, taken, error);
    pthread_mutex_unlock(&cache->lock);
    return rc;
}
