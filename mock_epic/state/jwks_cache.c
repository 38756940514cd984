/* What is kept of a JWK Set URL, and the threads that fetch. */
#include "mock_epic/state/jwks_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/url.h"
#include "mock_epic/state/disturbed_fetch.h"

enum { WORKERS_MAX = 32 };

struct mock_jwks_cache {
    atomic_uint references;
    char *url;
    char *client_id; /* for the journal */
    pthread_mutex_t lock;
    struct mock_jwks_cache_set *set, *previous;
    int64_t fetched_s, fresh_until_s; /* server clock */
    int64_t retry_at_ms;              /* steady clock */
    uint64_t ended;
    char problem[AUTH_ERR_DETAIL_N];
    bool is_fetching;
    struct mock_wait *waiting;
    struct mock_jwks_cache *next; /* in the fetcher's queue */
};

/* ---- sets ---- */

static void set_release(struct mock_jwks_cache_set *set)
{
    if (!set || atomic_fetch_sub(&set->references, 1) > 1)
        return;
    auth_jwk_set_clear(&set->keys);
    free(set);
}

static struct mock_jwks_cache_set *set_hold(struct mock_jwks_cache_set *set)
{
    if (set)
        atomic_fetch_add(&set->references, 1);
    return set;
}

static bool same_entry(const struct auth_jwk_set_entry *a, const struct auth_jwk_set_entry *b)
{
    if (!a->key != !b->key || !a->kid != !b->kid || a->kid_n != b->kid_n)
        return false;
    return (!a->kid || memcmp(a->kid, b->kid, a->kid_n) == 0) && (!a->key || auth_key_equal(a->key, b->key));
}

static bool same_keys(const struct auth_jwk_set *a, const struct auth_jwk_set *b)
{
    for (size_t i = 0; a->count == b->count && i < a->count; i++) {
        if (!same_entry(&a->entries[i], &b->entries[i]))
            return false;
    }
    return a->count == b->count;
}

/* ---- one app's ---- */

enum auth_rc mock_jwks_cache_new(const char *url, const char *client_id, struct mock_jwks_cache **out)
{
    struct mock_jwks_cache *jwks = calloc(1, sizeof *jwks);
    if (!jwks)
        return AUTH_E_NOMEM;
    atomic_init(&jwks->references, 1);
    pthread_mutex_init(&jwks->lock, NULL);
    jwks->url = auth_view_dup(auth_view_from_string(url));
    jwks->client_id = auth_view_dup(auth_view_from_string(client_id));
    if (!jwks->url || !jwks->client_id) {
        mock_jwks_cache_release(jwks);
        return AUTH_E_NOMEM;
    }
    *out = jwks;
    return AUTH_OK;
}

struct mock_jwks_cache *mock_jwks_cache_hold(struct mock_jwks_cache *jwks)
{
    atomic_fetch_add(&jwks->references, 1);
    return jwks;
}

void mock_jwks_cache_release(struct mock_jwks_cache *jwks)
{
    if (!jwks || atomic_fetch_sub(&jwks->references, 1) > 1)
        return;
    set_release(jwks->set);
    set_release(jwks->previous);
    pthread_mutex_destroy(&jwks->lock);
    free(jwks->url);
    free(jwks->client_id);
    free(jwks);
}

void mock_jwks_cache_forget(struct mock_jwks_cache *jwks)
{
    pthread_mutex_lock(&jwks->lock);
    struct mock_jwks_cache_set *set = jwks->set, *previous = jwks->previous;
    jwks->set = jwks->previous = NULL;
    jwks->problem[0] = '\0';
    jwks->retry_at_ms = 0;
    pthread_mutex_unlock(&jwks->lock);
    set_release(set);
    set_release(previous);
}

void mock_jwks_cache_look(struct mock_jwks_cache *jwks, int64_t now_s, int64_t steady_ms,
                          struct mock_jwks_cache_look *look)
{
    pthread_mutex_lock(&jwks->lock);
    look->set = set_hold(jwks->set);
    look->previous = set_hold(jwks->previous);
    look->is_fresh = jwks->set && jwks->fetched_s <= now_s && now_s < jwks->fresh_until_s;
    look->may_fetch = steady_ms >= jwks->retry_at_ms;
    look->ended = jwks->ended;
    memcpy(look->problem, jwks->problem, sizeof look->problem);
    pthread_mutex_unlock(&jwks->lock);
}

void mock_jwks_cache_look_clear(struct mock_jwks_cache_look *look)
{
    set_release(look->set);
    set_release(look->previous);
    look->set = look->previous = NULL;
}

static void write_entry(const struct auth_jwk_set_entry *entry, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "kid", entry->kid);
    if (entry->key) {
        auth_json_write_member_text(w, "key_type", auth_key_type_text(entry->key));
        auth_json_write_member_int(w, "key_bits", (int64_t)auth_key_bits(entry->key));
    } else {
        auth_json_write_member_text(w, "ignored", entry->ignored);
    }
    auth_json_write_end_object(w);
}

static void write_time(struct auth_json_writer *w, const char *key, bool is_known, int64_t epoch_s)
{
    auth_json_write_key(w, key);
    if (is_known)
        auth_json_write_int(w, epoch_s);
    else
        auth_json_write_null(w);
}

void mock_jwks_cache_warnings(struct mock_jwks_cache *jwks, struct auth_buf *lines)
{
    pthread_mutex_lock(&jwks->lock);
    if (jwks->set)
        auth_jwk_set_warnings(&jwks->set->keys, lines);
    pthread_mutex_unlock(&jwks->lock);
}

void mock_jwks_cache_write(struct mock_jwks_cache *jwks, struct auth_json_writer *w)
{
    pthread_mutex_lock(&jwks->lock);
    auth_json_write_object(w);
    write_time(w, "fetched_at", jwks->set, jwks->fetched_s);
    write_time(w, "fresh_until", jwks->set, jwks->fresh_until_s);
    auth_json_write_key(w, "keys");
    auth_json_write_array(w);
    for (size_t i = 0; jwks->set && i < jwks->set->keys.count; i++)
        write_entry(&jwks->set->keys.entries[i], w);
    auth_json_write_end_array(w);
    auth_json_write_member_text(w, "problem", jwks->problem[0] ? jwks->problem : NULL);
    auth_json_write_end_object(w);
    pthread_mutex_unlock(&jwks->lock);
}

/* ---- a fetch ---- */

struct mock_jwks_fetcher {
    struct mock_jwks_fetcher_options options;
    atomic_bool is_stopping;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    struct auth_http *http; /* NULL until the first fetch */
    unsigned workers;
    struct mock_jwks_cache *first, *last; /* the queue */
};

/* What came of it. */
struct fetched {
    int64_t asked_s; /* server clock */
    struct auth_jwks_answer answer;
    struct auth_err err;
    struct mock_jwks_cache_set *set;
    uint64_t fault; /* id of the one that acted; 0: none */
};

/* libcurl is only loaded when somebody needs it. The lock is not held while it is. */
static struct auth_http *transport(struct mock_jwks_fetcher *fetcher, struct auth_err *err)
{
    struct auth_http *made = NULL;
    pthread_mutex_lock(&fetcher->lock);
    struct auth_http *http = fetcher->http;
    pthread_mutex_unlock(&fetcher->lock);
    if (http)
        return http;
    unsigned reach = fetcher->options.has_private_networks ? AUTH_REACH_NETWORKS : AUTH_REACH_PUBLIC;
    if (auth_jwks_http_new(fetcher->options.ca_file, reach, &fetcher->is_stopping, &made, err) != AUTH_OK)
        return NULL;
    pthread_mutex_lock(&fetcher->lock);
    if (fetcher->http) {
        auth_http_free(made); /* another worker was faster */
    } else {
        fetcher->http = made;
    }
    http = fetcher->http;
    pthread_mutex_unlock(&fetcher->lock);
    return http;
}

/* Move the keys of an answer into a set of their own. */
static void keep_set(struct fetched *f)
{
    f->set = calloc(1, sizeof *f->set);
    if (!f->set) {
        auth_err_no_memory(&f->err);
        f->answer.failure = "internal error";
        auth_jwk_set_clear(&f->answer.keys);
        return;
    }
    atomic_init(&f->set->references, 1);
    f->set->keys = f->answer.keys;
}

/* Sets of this server are disturbed where they are served, or each fetch would count twice. */
static bool is_own(const struct mock_jwks_fetcher *fetcher, const char *url)
{
    struct auth_url ours, asked;
    const char *const *public_url = fetcher->options.public_url;
    return public_url && *public_url && auth_url_parse(auth_view_from_string(*public_url), &ours, NULL) == AUTH_OK &&
           auth_url_parse(auth_view_from_string(url), &asked, NULL) == AUTH_OK && auth_url_is_loopback(&ours) &&
           auth_url_is_loopback(&asked) && ours.port == asked.port;
}

static void ask(struct mock_jwks_fetcher *fetcher, const struct mock_jwks_cache *jwks, struct fetched *f)
{
    const struct mock_jwks_fetcher_options *options = &fetcher->options;
    struct mock_disturbed_fetch disturbed = {.fault = NULL};
    struct auth_http *http = transport(fetcher, &f->err);
    if (!http) {
        f->answer.failure = "internal error";
        return;
    }
    if (options->faults && !is_own(fetcher, jwks->url))
        mock_disturbed_fetch_begin(&disturbed, http, options->faults, options->waiters, jwks->url, jwks->client_id);
    if (disturbed.fault) {
        f->fault = disturbed.fault->id;
        http = &disturbed.base;
    }
    if (auth_jwks_fetch(http, jwks->url, options->wants_json_type, &f->answer, &f->err) == AUTH_OK)
        keep_set(f);
    mock_disturbed_fetch_end(&disturbed);
}

static const struct auth_env *env_of(const struct mock_jwks_fetcher *fetcher)
{
    return fetcher->options.clock->env;
}

static void write_journal(struct mock_jwks_fetcher *fetcher, const struct mock_jwks_cache *jwks,
                          const struct fetched *f)
{
    struct mock_journal *journal = fetcher->options.journal;
    struct mock_journal_event event = {
        .kind = MOCK_JOURNAL_JWKS,
        .route = MOCK_ROUTE_JWKS,
        .real_us = env_of(fetcher)->wall_us(env_of(fetcher)->ctx),
        .time_us = mock_clock_now_us(fetcher->options.clock),
        .method = auth_view_from_string("GET"),
        .target = auth_view_from_string(jwks->url),
        .client_id = auth_view_from_string(jwks->client_id),
        .status = f->answer.status,
        .error = auth_view_from_string(f->answer.failure),
        .note = auth_view_from_string(f->err.detail),
        .fault = f->fault,
    };
    (void)mock_journal_append(journal, &event);
}

static int64_t steady_ms(const struct mock_jwks_fetcher *fetcher)
{
    return env_of(fetcher)->steady_ms(env_of(fetcher)->ctx);
}

/* Take over what a fetch brought. Returns who waited for it. */
static struct mock_wait *publish(struct mock_jwks_fetcher *fetcher, struct mock_jwks_cache *jwks, struct fetched *f)
{
    struct mock_jwks_cache_set *gone = NULL;
    int64_t keep_s = f->answer.keep_s < fetcher->options.cache_max_s ? f->answer.keep_s : fetcher->options.cache_max_s;
    pthread_mutex_lock(&jwks->lock);
    memcpy(jwks->problem, f->err.detail, sizeof jwks->problem);
    jwks->retry_at_ms = f->set ? 0 : steady_ms(fetcher) + fetcher->options.retry_ms;
    if (f->set) {
        gone = jwks->set;
        if (gone && !same_keys(&gone->keys, &f->set->keys)) {
            gone = jwks->previous;
            jwks->previous = jwks->set;
        }
        jwks->set = f->set;
        jwks->fetched_s = f->asked_s; /* not later, so that nobody who came meanwhile finds it from the future */
        jwks->fresh_until_s = f->asked_s + keep_s;
    }
    jwks->ended++;
    jwks->is_fetching = false;
    struct mock_wait *waiting = jwks->waiting;
    jwks->waiting = NULL;
    pthread_mutex_unlock(&jwks->lock);
    set_release(gone);
    return waiting;
}

static void fetch(struct mock_jwks_fetcher *fetcher, struct mock_jwks_cache *jwks)
{
    struct fetched f = {.asked_s = mock_clock_now_s(fetcher->options.clock)};
    if (atomic_load(&fetcher->is_stopping)) {
        auth_err_set(&f.err, AUTH_E_NETWORK, "the server is stopping");
    } else {
        ask(fetcher, jwks, &f);
        write_journal(fetcher, jwks, &f); /* before anybody is resumed: whoever has the answer finds the entry */
    }
    for (struct mock_wait *wait = publish(fetcher, jwks, &f), *next; wait; wait = next) {
        next = wait->next;
        wait->resume(wait);
    }
    mock_jwks_cache_release(jwks);
}

/* ---- the workers ---- */

/* Fetch until the queue is empty. */
static void work(void *ctx)
{
    struct mock_jwks_fetcher *fetcher = ctx;
    pthread_mutex_lock(&fetcher->lock);
    while (fetcher->first) {
        struct mock_jwks_cache *jwks = fetcher->first;
        fetcher->first = jwks->next;
        pthread_mutex_unlock(&fetcher->lock);
        fetch(fetcher, jwks);
        pthread_mutex_lock(&fetcher->lock);
    }
    fetcher->workers--;
    env_of(fetcher)->wake(env_of(fetcher)->ctx, &fetcher->idle);
    pthread_mutex_unlock(&fetcher->lock);
}

/* Queue a fetch and see that somebody does it; when no thread can be had, the caller does. */
static void enqueue(struct mock_jwks_fetcher *fetcher, struct mock_jwks_cache *jwks)
{
    pthread_mutex_lock(&fetcher->lock);
    jwks->next = NULL;
    if (fetcher->first)
        fetcher->last->next = jwks;
    else
        fetcher->first = jwks;
    fetcher->last = jwks;
    bool wants_worker = fetcher->workers < WORKERS_MAX;
    fetcher->workers += wants_worker;
    pthread_mutex_unlock(&fetcher->lock);
    if (wants_worker && env_of(fetcher)->start(env_of(fetcher)->ctx, work, fetcher) != AUTH_OK)
        work(fetcher);
}

void mock_jwks_cache_wait(struct mock_jwks_fetcher *fetcher, struct mock_jwks_cache *jwks, struct mock_wait *wait)
{
    pthread_mutex_lock(&jwks->lock);
    bool is_over = jwks->ended != wait->seen;
    bool must_start = !is_over && !jwks->is_fetching;
    if (!is_over) {
        wait->next = jwks->waiting;
        jwks->waiting = wait;
        jwks->is_fetching = true;
    }
    pthread_mutex_unlock(&jwks->lock);
    if (is_over)
        wait->resume(wait);
    if (must_start)
        enqueue(fetcher, mock_jwks_cache_hold(jwks));
}

/* ---- life ---- */

enum auth_rc mock_jwks_fetcher_new(const struct mock_jwks_fetcher_options *options, struct mock_jwks_fetcher **out)
{
    struct mock_jwks_fetcher *fetcher = calloc(1, sizeof *fetcher);
    if (!fetcher) {
        auth_http_free(options->http);
        return AUTH_E_NOMEM;
    }
    fetcher->options = *options;
    fetcher->http = options->http;
    atomic_init(&fetcher->is_stopping, false);
    pthread_mutex_init(&fetcher->lock, NULL);
    auth_env_cond_init(&fetcher->idle);
    *out = fetcher;
    return AUTH_OK;
}

void mock_jwks_fetcher_stop(struct mock_jwks_fetcher *fetcher)
{
    atomic_store(&fetcher->is_stopping, true);
    pthread_mutex_lock(&fetcher->lock);
    while (fetcher->workers)
        env_of(fetcher)->wait(env_of(fetcher)->ctx, &fetcher->idle, &fetcher->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&fetcher->lock);
}

void mock_jwks_fetcher_free(struct mock_jwks_fetcher *fetcher)
{
    if (!fetcher)
        return;
    mock_jwks_fetcher_stop(fetcher);
    auth_http_free(fetcher->http);
    pthread_cond_destroy(&fetcher->idle);
    pthread_mutex_destroy(&fetcher->lock);
    free(fetcher);
}
