#include "mock_epic/jwks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"

enum {
    WORKERS_MAX = 32,
    CONNECT_MS = 3000,
    FETCH_MS = 5000,
    BODY_MAX = 64 * 1024,
};

struct mock_jwks {
    atomic_uint references;
    char *url;
    char *client_id; /* for the journal */
    pthread_mutex_t lock;
    struct mock_jwks_set *set, *previous;
    int64_t fetched_s, fresh_until_s; /* server clock */
    int64_t retry_at_ms;              /* steady clock */
    uint64_t ended;
    char problem[AUTH_ERR_DETAIL_N];
    bool is_fetching;
    struct mock_pause *waiting;
    struct mock_jwks *next; /* in the fetcher's queue */
};

/* ---- sets ---- */

static void set_release(struct mock_jwks_set *set)
{
    if (!set || atomic_fetch_sub(&set->references, 1) > 1)
        return;
    auth_keyset_clear(&set->keys);
    free(set);
}

static struct mock_jwks_set *set_hold(struct mock_jwks_set *set)
{
    if (set)
        atomic_fetch_add(&set->references, 1);
    return set;
}

static bool same_entry(const struct auth_keyset_entry *a, const struct auth_keyset_entry *b)
{
    if (!a->key != !b->key || !a->kid != !b->kid || a->kid_n != b->kid_n)
        return false;
    return (!a->kid || memcmp(a->kid, b->kid, a->kid_n) == 0) && (!a->key || auth_key_equal(a->key, b->key));
}

static bool same_keys(const struct auth_keyset *a, const struct auth_keyset *b)
{
    for (size_t i = 0; a->count == b->count && i < a->count; i++) {
        if (!same_entry(&a->entries[i], &b->entries[i]))
            return false;
    }
    return a->count == b->count;
}

/* ---- one app's ---- */

enum auth_rc mock_jwks_check_url(struct auth_view url, struct auth_err *err)
{
    struct auth_url parts;
    enum auth_rc rc = auth_url_parse(url, &parts, err);
    if (rc != AUTH_OK)
        return AUTH_E_SYNTAX;
    if (auth_view_find(url, '#') < url.n)
        return auth_err_set(err, AUTH_E_SYNTAX, "jwks_url: a fragment (#...) is never sent; leave it out");
    if (!parts.is_https && !auth_url_is_loopback(&parts))
        return auth_err_set(err, AUTH_E_SYNTAX,
                            "jwks_url: Epic fetches over TLS only, so write https://; plain http is for 127.0.0.1, "
                            "localhost and [::1]");
    return AUTH_OK;
}

enum auth_rc mock_jwks_new(const char *url, const char *client_id, struct mock_jwks **out)
{
    struct mock_jwks *jwks = calloc(1, sizeof *jwks);
    if (!jwks)
        return AUTH_E_NOMEM;
    atomic_init(&jwks->references, 1);
    pthread_mutex_init(&jwks->lock, NULL);
    jwks->url = auth_view_dup(auth_view_of(url));
    jwks->client_id = auth_view_dup(auth_view_of(client_id));
    if (!jwks->url || !jwks->client_id) {
        mock_jwks_release(jwks);
        return AUTH_E_NOMEM;
    }
    *out = jwks;
    return AUTH_OK;
}

struct mock_jwks *mock_jwks_hold(struct mock_jwks *jwks)
{
    atomic_fetch_add(&jwks->references, 1);
    return jwks;
}

void mock_jwks_release(struct mock_jwks *jwks)
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

void mock_jwks_forget(struct mock_jwks *jwks)
{
    pthread_mutex_lock(&jwks->lock);
    struct mock_jwks_set *set = jwks->set, *previous = jwks->previous;
    jwks->set = jwks->previous = NULL;
    jwks->problem[0] = '\0';
    jwks->retry_at_ms = 0;
    pthread_mutex_unlock(&jwks->lock);
    set_release(set);
    set_release(previous);
}

void mock_jwks_look(struct mock_jwks *jwks, int64_t now_s, int64_t steady_ms, struct mock_jwks_look *look)
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

void mock_jwks_look_clear(struct mock_jwks_look *look)
{
    set_release(look->set);
    set_release(look->previous);
    look->set = look->previous = NULL;
}

static void write_entry(const struct auth_keyset_entry *entry, struct auth_jsonw *w)
{
    auth_jsonw_object(w);
    auth_jsonw_member_text(w, "kid", entry->kid);
    if (entry->key) {
        auth_jsonw_member_text(w, "key_type", auth_key_type_text(entry->key));
        auth_jsonw_member_int(w, "key_bits", (int64_t)auth_key_bits(entry->key));
    } else {
        auth_jsonw_member_text(w, "ignored", entry->ignored);
    }
    auth_jsonw_end_object(w);
}

static void write_time(struct auth_jsonw *w, const char *key, bool is_known, int64_t epoch_s)
{
    auth_jsonw_key(w, key);
    if (is_known)
        auth_jsonw_int(w, epoch_s);
    else
        auth_jsonw_null(w);
}

void mock_jwks_write(struct mock_jwks *jwks, struct auth_jsonw *w)
{
    pthread_mutex_lock(&jwks->lock);
    auth_jsonw_object(w);
    write_time(w, "fetched_at", jwks->set, jwks->fetched_s);
    write_time(w, "fresh_until", jwks->set, jwks->fresh_until_s);
    auth_jsonw_key(w, "keys");
    auth_jsonw_array(w);
    for (size_t i = 0; jwks->set && i < jwks->set->keys.count; i++)
        write_entry(&jwks->set->keys.entries[i], w);
    auth_jsonw_end_array(w);
    auth_jsonw_member_text(w, "problem", jwks->problem[0] ? jwks->problem : NULL);
    auth_jsonw_end_object(w);
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
    struct mock_jwks *first, *last; /* the queue */
};

/* What came of it. */
struct fetched {
    int64_t asked_s;   /* server clock */
    int status;        /* HTTP; 0: no answer */
    const char *error; /* short, for the journal; NULL: all went well */
    struct auth_err err;
    int64_t keep_s;
    struct mock_jwks_set *set;
};

static void fetch_failed(struct fetched *f, const char *error)
{
    f->error = error;
}

/* Seconds that the answer may be kept (RFC 9111 5.2.2); what Cache-Control does not say is the longest allowed (E). */
static int64_t keep_s(const struct auth_http_response *response, int64_t max_s)
{
    struct auth_view directives = auth_http_response_header(response, "cache-control");
    int64_t result_s = max_s;
    while (directives.n) {
        struct auth_view value = auth_view_trim(auth_view_cut(&directives, ','));
        struct auth_view name = auth_view_trim(auth_view_cut(&value, '='));
        int64_t age_s;
        if (auth_view_is_nocase(name, "no-store") || auth_view_is_nocase(name, "no-cache"))
            return 0;
        if (auth_view_is_nocase(name, "max-age") && auth_view_int(auth_view_trim(value), &age_s) && age_s < result_s)
            result_s = age_s > 0 ? age_s : 0;
    }
    return result_s;
}

static bool is_json_type(struct auth_view type)
{
    struct auth_view media = auth_view_trim(auth_view_cut(&type, ';'));
    static const char *const names[] = {"application/json", "application/jwk-set+json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (auth_view_is_nocase(media, names[i]))
            return true;
    }
    return false;
}

/* A status that is no answer with a set. */
static void explain_status(struct fetched *f, const struct auth_http_response *response)
{
    struct auth_buf shown;
    int status = response->status;
    auth_buf_init(&shown, 512);
    auth_text_show(&shown, auth_http_response_header(response, "location"), 120);
    if (status >= 300 && status < 400) {
        auth_err_set(&f->err, AUTH_E_PROTOCOL,
                     "the JWK Set URL answers %d, a redirect to %s; register the URL where the set itself is", status,
                     shown.n ? shown.p : "nowhere");
        fetch_failed(f, "redirect");
    } else if (status == 401 || status == 403) {
        auth_err_set(&f->err, AUTH_E_PROTOCOL,
                     "the JWK Set URL answers %d: it wants a login; Epic fetches without any, so make it public",
                     status);
        fetch_failed(f, "login");
    } else {
        auth_err_set(&f->err, AUTH_E_PROTOCOL, "the JWK Set URL answers %d; 200 with the set is needed", status);
        fetch_failed(f, "status");
    }
    auth_buf_clear(&shown);
}

static void explain_body(struct fetched *f, struct auth_view body, const struct auth_err *inner)
{
    if (auth_key_sniff(body) == AUTH_KEY_FORMAT_HTML) {
        auth_err_set(&f->err, AUTH_E_PROTOCOL,
                     "the JWK Set URL serves an HTML page, perhaps a login page, or a gist's page in place of its raw "
                     "file; serve the JSON itself");
        fetch_failed(f, "html");
    } else {
        auth_err_set(&f->err, AUTH_E_PROTOCOL, "what the JWK Set URL serves cannot be used: %s", inner->detail);
        fetch_failed(f, "not_a_jwks");
    }
}

static void read_set(struct fetched *f, struct auth_view body)
{
    struct auth_err inner = {0};
    struct mock_jwks_set *set = calloc(1, sizeof *set);
    enum auth_rc rc = set ? auth_keyset_parse(body, &set->keys, &inner) : AUTH_E_NOMEM;
    if (rc != AUTH_OK) {
        free(set);
        if (rc == AUTH_E_NOMEM)
            auth_err_set(&inner, rc, "out of memory");
        explain_body(f, body, &inner);
        return;
    }
    atomic_init(&set->references, 1);
    if (auth_keyset_usable(&set->keys) == 0) {
        auth_err_set(&f->err, AUTH_E_KEY, "no usable key in the set at the JWK Set URL: %s",
                     auth_keyset_problem(&set->keys));
        fetch_failed(f, "no_key");
        set_release(set);
        return;
    }
    f->set = set;
}

static void read_answer(const struct mock_jwks_fetcher *fetcher, struct fetched *f,
                        const struct auth_http_response *response)
{
    struct auth_view type = auth_http_response_header(response, "content-type");
    f->status = response->status;
    f->keep_s = keep_s(response, fetcher->options.cache_max_s);
    if (response->status != 200) {
        explain_status(f, response);
    } else if (fetcher->options.wants_json_type && !is_json_type(type)) {
        auth_err_set(&f->err, AUTH_E_PROTOCOL, "the JWK Set URL answers with Content-Type %.*s; serve application/json",
                     (int)(type.n < 80 ? type.n : 80), type.n ? type.p : "absent");
        fetch_failed(f, "content_type");
    } else {
        read_set(f, auth_buf_view(&response->body));
    }
}

/* libcurl is only loaded when somebody needs it. The lock is not held while it is. */
static struct auth_http *transport(struct mock_jwks_fetcher *fetcher, struct auth_err *err)
{
    struct auth_http *made = NULL;
    pthread_mutex_lock(&fetcher->lock);
    struct auth_http *http = fetcher->http;
    pthread_mutex_unlock(&fetcher->lock);
    if (http)
        return http;
    struct auth_http_options options = {
        .ca_file = fetcher->options.ca_file,
        .connect_timeout_ms = CONNECT_MS,
        .timeout_ms = FETCH_MS,
        .user_agent = "mock-epic",
        .reach = fetcher->options.has_private_networks ? AUTH_HTTP_NOT_LINK_LOCAL : AUTH_HTTP_PUBLIC,
        .is_cancelled = &fetcher->is_stopping,
    };
    if (auth_http_new(&options, &made, err) != AUTH_OK)
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

static const char *error_word(enum auth_rc rc)
{
    static const struct {
        enum auth_rc rc;
        const char *word;
    } rows[] = {
        {AUTH_E_TLS, "tls"},        {AUTH_E_TIMEOUT, "timeout"}, {AUTH_E_TOO_BIG, "too_big"},
        {AUTH_E_ORIGIN, "blocked"}, {AUTH_E_NETWORK, "network"}, {AUTH_E_PROTOCOL, "protocol"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rc == rc)
            return rows[i].word;
    }
    return "trouble";
}

static void ask(struct mock_jwks_fetcher *fetcher, const struct mock_jwks *jwks, struct fetched *f)
{
    static const struct auth_http_header accept = {"Accept", {"application/json", sizeof "application/json" - 1}};
    struct auth_http_request request = {
        .method = "GET",
        .url = jwks->url,
        .headers = &accept,
        .header_count = 1,
        .timeout_ms = FETCH_MS,
        .body_max = BODY_MAX,
    };
    struct auth_http_response response;
    struct auth_err inner = {0};
    struct auth_http *http = transport(fetcher, &inner);
    enum auth_rc rc = AUTH_E_CONFIG;
    if (http) {
        rc = http->send(http, &request, &response, &inner);
        if (rc == AUTH_OK)
            read_answer(fetcher, f, &response);
        auth_http_response_clear(&response);
    }
    if (rc == AUTH_OK)
        return;
    auth_err_set(&f->err, rc, "the JWK Set could not be fetched: %s",
                 inner.detail[0] ? inner.detail : auth_rc_text(rc));
    fetch_failed(f, error_word(rc));
}

static void write_journal(struct mock_jwks_fetcher *fetcher, const struct mock_jwks *jwks, const struct fetched *f)
{
    struct mock_journal *journal = fetcher->options.journal;
    struct mock_journal_event event = {
        .kind = MOCK_JOURNAL_JWKS,
        .time_us = mock_clock_now_us(fetcher->options.clock),
        .method = auth_view_of("GET"),
        .target = auth_view_of(jwks->url),
        .client_id = auth_view_of(jwks->client_id),
        .status = f->status,
        .error = auth_view_of(f->error),
        .note = auth_view_of(f->err.detail),
    };
    mock_journal_add(journal, mock_journal_reserve(journal), &event);
}

static int64_t steady_ms(const struct mock_jwks_fetcher *fetcher)
{
    const struct auth_env *env = fetcher->options.clock->env;
    return env->steady_ms(env->ctx);
}

/* Take over what a fetch brought. Returns who waited for it. */
static struct mock_pause *publish(struct mock_jwks_fetcher *fetcher, struct mock_jwks *jwks, struct fetched *f)
{
    struct mock_jwks_set *gone = NULL;
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
        jwks->fresh_until_s = f->asked_s + f->keep_s;
    }
    jwks->ended++;
    jwks->is_fetching = false;
    struct mock_pause *waiting = jwks->waiting;
    jwks->waiting = NULL;
    pthread_mutex_unlock(&jwks->lock);
    set_release(gone);
    return waiting;
}

static void fetch(struct mock_jwks_fetcher *fetcher, struct mock_jwks *jwks)
{
    struct fetched f = {.asked_s = mock_clock_now_s(fetcher->options.clock)};
    if (atomic_load(&fetcher->is_stopping)) {
        auth_err_set(&f.err, AUTH_E_NETWORK, "the server is stopping");
        fetch_failed(&f, "stopping");
    } else {
        ask(fetcher, jwks, &f);
        write_journal(fetcher, jwks, &f); /* before anybody is resumed: whoever has the answer finds the entry */
    }
    for (struct mock_pause *pause = publish(fetcher, jwks, &f), *next; pause; pause = next) {
        next = pause->next;
        pause->resume(pause);
    }
    mock_jwks_release(jwks);
}

/* ---- the workers ---- */

/* Fetch until the queue is empty. */
static void *work(void *ctx)
{
    struct mock_jwks_fetcher *fetcher = ctx;
    pthread_mutex_lock(&fetcher->lock);
    while (fetcher->first) {
        struct mock_jwks *jwks = fetcher->first;
        fetcher->first = jwks->next;
        pthread_mutex_unlock(&fetcher->lock);
        fetch(fetcher, jwks);
        pthread_mutex_lock(&fetcher->lock);
    }
    fetcher->workers--;
    pthread_cond_broadcast(&fetcher->idle);
    pthread_mutex_unlock(&fetcher->lock);
    return NULL;
}

static bool start_worker(struct mock_jwks_fetcher *fetcher)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool ok = pthread_create(&thread, &attributes, work, fetcher) == 0;
    pthread_attr_destroy(&attributes);
    return ok;
}

/* Queue a fetch and see that somebody does it; when no thread can be had, the caller does. */
static void enqueue(struct mock_jwks_fetcher *fetcher, struct mock_jwks *jwks)
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
    if (wants_worker && !start_worker(fetcher))
        work(fetcher);
}

void mock_jwks_wait(struct mock_jwks_fetcher *fetcher, struct mock_jwks *jwks, struct mock_pause *pause)
{
    pthread_mutex_lock(&jwks->lock);
    bool is_over = jwks->ended != pause->seen;
    bool must_start = !is_over && !jwks->is_fetching;
    if (!is_over) {
        pause->next = jwks->waiting;
        jwks->waiting = pause;
        jwks->is_fetching = true;
    }
    pthread_mutex_unlock(&jwks->lock);
    if (is_over)
        pause->resume(pause);
    if (must_start)
        enqueue(fetcher, mock_jwks_hold(jwks));
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
    pthread_cond_init(&fetcher->idle, NULL);
    *out = fetcher;
    return AUTH_OK;
}

void mock_jwks_fetcher_stop(struct mock_jwks_fetcher *fetcher)
{
    atomic_store(&fetcher->is_stopping, true);
    pthread_mutex_lock(&fetcher->lock);
    while (fetcher->workers)
        pthread_cond_wait(&fetcher->idle, &fetcher->lock);
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
