/* When is the cached token good enough? One predicate, here. Of any number of threads one asks; the others use the old
 * token while it lasts, or wait and share the result, failure included. No request is made under the lock. */
#include <stdlib.h>
#include <string.h>

#include "auth/client/client.h"

enum { REFUSAL_MS = 5000, RETRY_EARLY_MS = 30000 };

void auth_cache_init(struct auth_cache *cache)
{
    memset(cache, 0, sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    pthread_cond_init(&cache->landed, NULL);
}

static void forget(struct auth_cache *cache)
{
    if (cache->token)
        auth_wipe(cache->token, strlen(cache->token));
    free(cache->token);
    cache->token = NULL;
}

void auth_cache_clear(struct auth_cache *cache)
{
    forget(cache);
    pthread_cond_destroy(&cache->landed);
    pthread_mutex_destroy(&cache->lock);
}

void auth_cache_drop(struct auth_cache *cache, uint64_t serial)
{
    pthread_mutex_lock(&cache->lock);
    if (serial == 0 || serial == cache->serial)
        forget(cache);
    pthread_mutex_unlock(&cache->lock);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* Keep a new token. Its life counts from before the request, so the network's delay shortens it, never lengthens it. */
static void publish(struct epic_auth *auth, struct auth_token *token, int64_t sent_ms)
{
    struct auth_cache *cache = &auth->cache;
    unsigned char jitter = 0;
    (void)auth->env->random(auth->env->ctx, &jitter, sizeof jitter);
    forget(cache);
    cache->token = token->text;
    token->text = NULL;
    cache->serial++;
    cache->expires_ms = sent_ms + token->lifetime_s * 1000;
    cache->hard_ms = clamp(token->lifetime_s * 100, 1000, 60000);
    cache->soft_ms = clamp(token->lifetime_s * 250, 2000, 300000);
    cache->soft_ms += cache->soft_ms * jitter / 1280; /* up to a fifth more, so that a fleet does not renew in step */
    cache->next_try_ms = 0;
    cache->refuse_until_ms = 0;
}

/* Ask, with the lock given up meanwhile. */
static void fly(struct epic_auth *auth)
{
    struct auth_cache *cache = &auth->cache;
    struct auth_token token = {0};
    struct epic_auth_error error;
    int64_t sent_ms = auth->env->steady_ms(auth->env->ctx);
    cache->is_flying = true;
    pthread_mutex_unlock(&cache->lock);
    enum epic_auth_rc rc = auth_token_request(auth, &token, &error);
    if (auth->on_event)
        auth->on_event(auth->event_ctx, rc == EPIC_AUTH_OK ? "a new access token was issued" : error.message);
    pthread_mutex_lock(&cache->lock);
    int64_t now_ms = auth->env->steady_ms(auth->env->ctx);
    cache->failure = error;
    cache->failure.rc = rc;
    if (rc == EPIC_AUTH_OK) {
        publish(auth, &token, sent_ms);
    } else {
        int64_t left_ms = cache->expires_ms - now_ms;
        cache->next_try_ms = now_ms + clamp(left_ms / 4, 0, RETRY_EARLY_MS);
        if (rc == EPIC_AUTH_E_OAUTH || rc == EPIC_AUTH_E_CONFIG)
            cache->refuse_until_ms = now_ms + REFUSAL_MS; /* a loop around us must not hammer Epic */
    }
    cache->is_flying = false;
    cache->flights++;
    pthread_cond_broadcast(&cache->landed);
    auth_token_clear(&token);
}

/* Wait for the flight under way. */
static void await(struct auth_cache *cache)
{
    uint64_t seen = cache->flights;
    while (cache->flights == seen)
        pthread_cond_wait(&cache->landed, &cache->lock);
}

static enum epic_auth_rc hand_out(struct auth_cache *cache, char **token, uint64_t *serial,
                                  struct epic_auth_error *error)
{
    *token = auth_view_dup(auth_view_of(cache->token));
    *serial = cache->serial;
    return *token ? EPIC_AUTH_OK : auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
}

static enum epic_auth_rc report(const struct auth_cache *cache, struct epic_auth_error *error)
{
    if (error)
        *error = cache->failure;
    return cache->failure.rc;
}

enum epic_auth_rc auth_cache_acquire(struct epic_auth *auth, char **token, uint64_t *serial,
                                     struct epic_auth_error *error)
{
    struct auth_cache *cache = &auth->cache;
    enum epic_auth_rc rc;
    pthread_mutex_lock(&cache->lock);
    for (;;) {
        int64_t now_ms = auth->env->steady_ms(auth->env->ctx);
        bool is_good = cache->token && now_ms < cache->expires_ms - cache->hard_ms;
        bool is_stale = is_good && now_ms >= cache->expires_ms - cache->soft_ms;
        if (is_stale && !cache->is_flying && now_ms >= cache->next_try_ms) {
            fly(auth); /* a failure leaves the old token in place, and it is still good */
            is_good = cache->token != NULL;
        }
        if (is_good) {
            rc = hand_out(cache, token, serial, error);
            break;
        }
        if (!cache->is_flying && now_ms < cache->refuse_until_ms) {
            rc = report(cache, error);
            break;
        }
        bool is_mine = !cache->is_flying;
        if (is_mine)
            fly(auth);
        else
            await(cache);
        if (cache->failure.rc != EPIC_AUTH_OK) {
            /* not refreshed, but not dead either: the hard margin is ours, not the server's */
            bool is_alive = cache->token && auth->env->steady_ms(auth->env->ctx) < cache->expires_ms;
            rc = is_alive ? hand_out(cache, token, serial, error) : report(cache, error);
            break;
        }
        if (is_mine && cache->token) {
            rc = hand_out(cache, token, serial, error); /* also one that lives too short to be cached */
            break;
        }
    }
    pthread_mutex_unlock(&cache->lock);
    return rc;
}
