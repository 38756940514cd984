/* JWK Sets that apps registered as a URL: fetched when a token request needs them, kept as long as their owner allows.
 *
 * By Epic's rules (E): a set is kept for what its Cache-Control says, at most 29 hours of server-clock time; a presented
 * JWT causes at most one fetch, and only when the kept set has expired or did not verify it. One fetch at a time runs
 * for an app, on a thread of the fetcher, so a slow URL delays only the requests that wait for it; after a failed one
 * there is a short rest. Every fetch is in the journal, with the reason when it failed. Only the registered URL is ever
 * connected to.
 * A request waits with a struct mock_wait (mock_epic/http/message.h); token_endpoint.c says when. */
#ifndef MOCK_EPIC_STATE_JWKS_CACHE_H
#define MOCK_EPIC_STATE_JWKS_CACHE_H

#include <stdatomic.h>

#include "auth/jwks/jwks_fetch.h"
#include "auth/rules/profile.h"
#include "mock_epic/faults/faults.h"
#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/state/clock.h"
#include "mock_epic/state/journal.h"

/* ---- the set of one app ---- */

struct mock_jwks_cache; /* counted; threads safe */

/* rc  AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_jwks_cache_new(const char *url, const char *client_id, struct mock_jwks_cache **out);
struct mock_jwks_cache *mock_jwks_cache_hold(struct mock_jwks_cache *jwks); /* one more reference, for the caller */
void mock_jwks_cache_release(struct mock_jwks_cache *jwks);                 /* NULL is fine */
/* Forget what was fetched, and that a fetch failed. */
void mock_jwks_cache_forget(struct mock_jwks_cache *jwks);

/* A set as it was fetched; immutable, counted. */
struct mock_jwks_cache_set {
    atomic_uint references;
    struct auth_jwk_set keys;
};

/* What is known at one moment. */
struct mock_jwks_cache_look {
    struct mock_jwks_cache_set *set;      /* the last one fetched; NULL: none ever */
    struct mock_jwks_cache_set *previous; /* the last one with other keys, to explain a rotation; may be NULL */
    bool is_fresh;                        /* the set may be used without asking again */
    bool may_fetch;                       /* false: resting after a failure */
    uint64_t ended;                       /* how many fetches have ended so far */
    char problem[AUTH_ERR_DETAIL_N];      /* why the last fetch failed; "" when it did not */
};
void mock_jwks_cache_look(struct mock_jwks_cache *jwks, int64_t now_s, int64_t steady_ms,
                          struct mock_jwks_cache_look *look);
void mock_jwks_cache_look_clear(struct mock_jwks_cache_look *look);

/* What is kept, as a JSON object: {"fetched_at","fresh_until" (epoch seconds or null),"keys":[{"kid","key_type","key_bits"} or
 * {"kid","ignored"}],"problem" (text or null)}. */
void mock_jwks_cache_write(struct mock_jwks_cache *jwks, struct auth_json_writer *w);

/* What a person should know about the set that was fetched: one clause a line. */
void mock_jwks_cache_warnings(struct mock_jwks_cache *jwks, struct auth_buf *lines);

/* ---- fetching ---- */

struct mock_jwks_fetcher;

struct mock_jwks_fetcher_options {
    struct auth_http *http;    /* taken; NULL: libcurl, made at the first fetch with the next two */
    const char *ca_file;       /* NULL: the system's; must outlive the fetcher */
    bool has_private_networks; /* whether addresses of private networks may be connected to */
    int64_t cache_max_s;       /* longest time to keep a set */
    int64_t retry_ms;          /* rest after a failed fetch, real time */
    bool wants_json_type;      /* whether the Content-Type must be a JSON one */
    struct mock_clock *clock;
    struct mock_journal *journal;
    struct mock_faults *faults;    /* which may act on what is fetched; NULL: none */
    struct mock_waiters *waiters;  /* who holds what they delay */
    const char *const *public_url; /* of this server, whose own sets its faults disturb as they are served */
};

AUTH_MUST_CHECK enum auth_rc mock_jwks_fetcher_new(const struct mock_jwks_fetcher_options *options,
                                                   struct mock_jwks_fetcher **out);
/* End fetches under way within a second and refuse new ones; everybody who waits is resumed. */
void mock_jwks_fetcher_stop(struct mock_jwks_fetcher *fetcher);
void mock_jwks_fetcher_free(struct mock_jwks_fetcher *fetcher); /* stops first; NULL is fine */

/* Have wait->resume called once, from any thread and perhaps before this returns, when a fetch of `jwks` has ended that
 * had not ended when wait->seen was taken from mock_jwks_cache_look.ended. Starts one unless one is under way.
 * in  wait  caller's, must stay in place until resumed */
void mock_jwks_cache_wait(struct mock_jwks_fetcher *fetcher, struct mock_jwks_cache *jwks, struct mock_wait *wait);

#endif
