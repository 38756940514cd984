/* One Epic as one struct: made, swept, reset, cleared. */
#include "mock_epic/instance/instance.h"

#include <stdlib.h>
#include <string.h>

/* A user may move the clock on and back again, and a replay must then still be refused. So nothing that expired is
 * forgotten while there is little of it, beyond that what expired more than an hour ago, and all when memory gets scarce. */
enum { GRACE_S = 3600, REMEMBERED_MAX = 10000 };

/* What faults leave to chance is the same in every run, also when no seed was given. */
enum { FAULTS_SEED = 1 };

static char *joined(const char *a, const char *b)
{
    struct auth_buf buf;
    auth_buf_init(&buf, 4096);
    auth_buf_add_string(&buf, a);
    auth_buf_add_string(&buf, b);
    char *text = auth_buf_take(&buf, NULL);
    auth_buf_clear(&buf);
    return text;
}

static void free_urls(struct mock_instance *instance)
{
    free(instance->public_url);
    free(instance->base_url);
    free(instance->token_url);
    free(instance->authorize_url);
    free(instance->fhir_url);
    free(instance->issuer_url);
    instance->issuer_url = instance->public_url = instance->base_url = instance->token_url = instance->authorize_url =
        instance->fhir_url = NULL;
}

enum auth_rc mock_instance_set_public_url(struct mock_instance *instance, const char *public_url)
{
    free_urls(instance);
    instance->public_url = joined(public_url, "");
    instance->base_url = joined(public_url, instance->prefix);
    if (!instance->public_url || !instance->base_url)
        return AUTH_E_NOMEM;
    instance->token_url = joined(instance->base_url, "/oauth2/token");
    instance->authorize_url = joined(instance->base_url, "/oauth2/authorize");
    instance->fhir_url = joined(instance->base_url, "/api/FHIR/R4");
    instance->issuer_url = joined(instance->base_url, "/oauth2");
    if (!instance->token_url || !instance->authorize_url || !instance->fhir_url || !instance->issuer_url)
        return AUTH_E_NOMEM;
    instance->audiences[0] = auth_view_from_string(instance->token_url);
    return AUTH_OK;
}

static enum auth_rc copy_audiences(struct mock_instance *instance, const struct mock_options *options,
                                   struct auth_err *err)
{
    if (options->audience_count >= MOCK_AUDIENCES_MAX)
        return auth_err_set(err, AUTH_E_ARG, "at most %d audiences besides the token URL", MOCK_AUDIENCES_MAX - 1);
    instance->audience_count = 1; /* [0]: the token URL */
    for (size_t i = 0; i < options->audience_count; i++) {
        char *text = joined(options->audiences[i], "");
        if (!text)
            return AUTH_E_NOMEM;
        instance->audience_texts[instance->audience_count] = text;
        instance->audiences[instance->audience_count++] = auth_view_from_string(text);
    }
    return AUTH_OK;
}

static enum auth_rc make_fetcher(struct mock_instance *instance, const struct mock_options *options)
{
    const int64_t *values = instance->profile.values;
    struct mock_jwks_fetcher_options fetcher_options = {
        .http = options->jwks_http,
        .ca_file = options->jwks_ca_file,
        .has_private_networks = values[AUTH_SWITCH_JWKS_PRIVATE_NETWORK] == 1,
        .cache_max_s = values[AUTH_SWITCH_JWKS_CACHE_S],
        .retry_ms = values[AUTH_SWITCH_JWKS_RETRY_S] * 1000,
        .wants_json_type = values[AUTH_SWITCH_JWKS_CONTENT_TYPE] == 1,
        .clock = &instance->clock,
        .journal = &instance->journal,
        .faults = &instance->faults,
        .waiters = &instance->shared->waiters,
        .public_url = (const char *const *)&instance->public_url,
    };
    return mock_jwks_fetcher_new(&fetcher_options, &instance->fetcher);
}

static enum auth_rc make_journal(struct mock_instance *instance)
{
    struct mock_journal *journal = &instance->journal;
    enum auth_rc rc = mock_journal_init(journal, MOCK_JOURNAL_SIZE);
    journal->store = instance->store;
    journal->budget = &instance->shared->journals;
    journal->waiters = &instance->shared->waiters;
    journal->public_url = (const char *const *)&instance->public_url;
    if (rc == AUTH_OK)
        mock_journal_watch(journal, mock_expectations_watch, &instance->expectations);
    return rc;
}

/* What the seed decides. Without one tokens and links are drawn, and nobody can tell the next. */
static enum auth_rc sow(struct mock_instance *instance)
{
    unsigned char key[AUTH_SHA256_N];
    struct auth_view name = auth_view_from_string(instance->name);
    int64_t seed = instance->options.seed;
    instance->random = &instance->shared->random;
    if (!instance->options.has_seed)
        return AUTH_OK;
    enum auth_rc rc = mock_random_key(seed, name, "sessions", key);
    if (rc == AUTH_OK)
        mock_sessions_seed(&instance->sessions, key);
    if (rc == AUTH_OK)
        rc = mock_random_key(seed, name, "tokens", key);
    struct mock_random *own = rc == AUTH_OK ? malloc(sizeof *own) : NULL;
    if (rc == AUTH_OK && !own)
        rc = AUTH_E_NOMEM;
    if (rc == AUTH_OK) {
        mock_random_init_seeded(own, key);
        instance->random = own;
    }
    auth_wipe(key, sizeof key);
    return rc;
}

static void clear_random(struct mock_instance *instance)
{
    if (!instance->random || instance->random == &instance->shared->random)
        return;
    mock_random_clear(instance->random);
    free(instance->random);
}

static void init_locks(struct mock_instance *instance)
{
    pthread_mutex_init(&instance->data_lock, NULL);
    pthread_mutex_init(&instance->post_lock, NULL);
    pthread_mutex_init(&instance->act_lock, NULL);
}

enum auth_rc mock_instance_init(struct mock_instance *instance, const struct mock_options *options,
                                struct auth_err *err)
{
    memset(instance, 0, sizeof *instance);
    instance->options = *options;
    instance->profile = *options->profile;
    instance->store = options->store;
    instance->fhir = options->fhir;
    instance->account.log = options->log;
    instance->account.detail = options->detail;
    instance->account.store = &instance->store;
    instance->account.parent = options->parent;
    instance->has_start_at = options->start_at_s != NULL;
    instance->start_at_s = options->start_at_s ? *options->start_at_s : 0;
    atomic_init(&instance->references, 1);
    mock_clock_init(&instance->clock, options->env);
    mock_apps_init(&instance->apps);
    mock_apps_init(&instance->start_apps);
    mock_apps_init(&instance->published);
    mock_sessions_init(&instance->sessions);
    mock_faults_init(&instance->faults, options->has_seed ? (uint64_t)options->seed : FAULTS_SEED);
    mock_snapshots_init(&instance->snapshots);
    init_locks(instance);
    mock_expectations_init(&instance->expectations);
    instance->start.rate = 1.0;

    instance->shared = options->shared;
    instance->name = options->name.n ? auth_view_dup(options->name) : NULL;
    enum auth_rc rc = options->name.n && !instance->name ? AUTH_E_NOMEM : AUTH_OK;
    if (rc == AUTH_OK && !instance->shared)
        rc = mock_shared_new(options->env, &instance->shared);
    if (rc == AUTH_OK)
        rc = make_fetcher(instance, options);
    else
        auth_http_free(options->jwks_http);
    if (rc == AUTH_OK)
        rc = sow(instance);
    if (rc == AUTH_OK && !instance->store)
        rc = mock_store_memory_new(&instance->store);
    if (rc == AUTH_OK)
        rc = make_journal(instance);
    if (rc == AUTH_OK) {
        instance->prefix = joined(options->prefix, "");
        rc = instance->prefix ? mock_instance_set_public_url(instance, options->public_url) : AUTH_E_NOMEM;
    }
    if (rc == AUTH_OK)
        rc = copy_audiences(instance, options, err);
    if (rc != AUTH_OK)
        mock_instance_clear(instance);
    return auth_err_of_memory(err, rc);
}

void mock_instance_clear(struct mock_instance *instance)
{
    for (size_t i = 1; i < instance->audience_count; i++)
        free(instance->audience_texts[i]);
    mock_jwks_fetcher_free(instance->fetcher); /* first: its threads use the journal and the clock */
    free_urls(instance);
    free(instance->prefix);
    free(instance->name);
    mock_journal_clear(&instance->journal);
    mock_store_free(instance->store);
    mock_fhir_release(instance->fhir);
    mock_access_set_release(instance->access);
    pthread_mutex_destroy(&instance->data_lock);
    pthread_mutex_destroy(&instance->post_lock);
    pthread_mutex_destroy(&instance->act_lock);
    mock_sessions_clear(&instance->sessions);
    mock_faults_clear(&instance->faults);
    if (instance->shared)
        atomic_fetch_sub(&instance->shared->snapshot_bytes, instance->snapshots.bytes);
    mock_snapshots_clear(&instance->snapshots);
    mock_expectations_clear(&instance->expectations);
    mock_apps_clear(&instance->apps);
    mock_apps_clear(&instance->start_apps);
    mock_apps_clear(&instance->published);
    mock_clock_clear(&instance->clock);
    clear_random(instance);
    mock_shared_release(instance->shared);
    memset(instance, 0, sizeof *instance);
}

void mock_instance_write_urls(const struct mock_instance *instance, struct auth_json_writer *w)
{
    struct auth_buf admin_url;
    auth_buf_init(&admin_url, 4096);
    auth_buf_addf(&admin_url, "%s/mock", instance->public_url);
    auth_json_write_member_text(w, "url", instance->base_url);
    auth_json_write_member_text(w, "token_url", instance->token_url);
    auth_json_write_member_text(w, "fhir_base_url", instance->fhir_url);
    auth_json_write_member_buf(w, "admin_url", &admin_url);
    auth_buf_clear(&admin_url);
}

void mock_instance_sweep(struct mock_instance *instance)
{
    const struct mock_store_ops *ops = instance->store->ops;
    int64_t now_s = mock_clock_now_s(&instance->clock);
    for (int i = 0; i < MOCK_STORE_KINDS; i++) {
        enum mock_store_kind kind = (enum mock_store_kind)i;
        bool is_scarce = ops->bytes(instance->store, kind) > instance->store->bytes_max[kind] / 2;
        if (ops->count(instance->store, kind) > REMEMBERED_MAX || is_scarce)
            (void)ops->sweep(instance->store, kind, is_scarce ? now_s : now_s - GRACE_S);
    }
    mock_sessions_sweep(&instance->sessions, now_s, instance->profile.values[AUTH_SWITCH_PAGING_S]);
}

enum auth_rc mock_instance_mark_start(struct mock_instance *instance)
{
    instance->start = mock_clock_state(&instance->clock);
    return mock_apps_copy(&instance->apps, &instance->start_apps);
}

enum auth_rc mock_instance_reset_apps(struct mock_instance *instance)
{
    struct mock_apps none;
    mock_apps_init(&none);
    enum auth_rc rc = mock_apps_copy(&none, &instance->published);
    mock_apps_clear(&none);
    return rc == AUTH_OK ? mock_apps_copy(&instance->start_apps, &instance->apps) : rc;
}

void mock_instance_reset_clock(struct mock_instance *instance)
{
    mock_clock_reset(&instance->clock, &instance->start);
}
