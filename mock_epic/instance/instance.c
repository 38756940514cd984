/* One Epic as one struct: made, swept, reset, cleared. */
#include "mock_epic/instance/instance.h"

#include <stdlib.h>
#include <string.h>

/* A user may move the clock on and back again, and a replay must then still be refused. So nothing that expired is
 * forgotten while there is little of it, beyond that what expired more than an hour ago, and all when room gets scarce. */
enum { GRACE_S = 3600, REMEMBERED_MAX = 10000 };

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

static void free_urls(struct mock_epic *mock)
{
    free(mock->public_url);
    free(mock->base_url);
    free(mock->token_url);
    free(mock->authorize_url);
    free(mock->fhir_url);
    free(mock->issuer_url);
    mock->issuer_url = mock->public_url = mock->base_url = mock->token_url = mock->authorize_url = mock->fhir_url =
        NULL;
}

enum auth_rc mock_epic_set_public_url(struct mock_epic *mock, const char *public_url)
{
    free_urls(mock);
    mock->public_url = joined(public_url, "");
    mock->base_url = joined(public_url, mock->prefix);
    if (!mock->public_url || !mock->base_url)
        return AUTH_E_NOMEM;
    mock->token_url = joined(mock->base_url, "/oauth2/token");
    mock->authorize_url = joined(mock->base_url, "/oauth2/authorize");
    mock->fhir_url = joined(mock->base_url, "/api/FHIR/R4");
    mock->issuer_url = joined(mock->base_url, "/oauth2");
    if (!mock->token_url || !mock->authorize_url || !mock->fhir_url || !mock->issuer_url)
        return AUTH_E_NOMEM;
    mock->audiences[0] = auth_view_of(mock->token_url);
    return AUTH_OK;
}

static enum auth_rc copy_audiences(struct mock_epic *mock, const struct mock_options *options, struct auth_err *err)
{
    if (options->audience_count >= MOCK_AUDIENCES_MAX)
        return auth_err_set(err, AUTH_E_ARG, "at most %d audiences besides the token URL", MOCK_AUDIENCES_MAX - 1);
    mock->audience_count = 1; /* [0]: the token URL */
    for (size_t i = 0; i < options->audience_count; i++) {
        char *text = joined(options->audiences[i], "");
        if (!text)
            return AUTH_E_NOMEM;
        mock->audience_texts[mock->audience_count] = text;
        mock->audiences[mock->audience_count++] = auth_view_of(text);
    }
    return AUTH_OK;
}

static enum auth_rc make_fetcher(struct mock_epic *mock, const struct mock_options *options)
{
    const int64_t *values = mock->profile.values;
    struct mock_jwks_fetcher_options fetcher_options = {
        .http = options->jwks_http,
        .ca_file = options->jwks_ca_file,
        .has_private_networks = values[AUTH_SWITCH_JWKS_PRIVATE_NETWORK] == 1,
        .cache_max_s = values[AUTH_SWITCH_JWKS_CACHE_S],
        .retry_ms = values[AUTH_SWITCH_JWKS_RETRY_S] * 1000,
        .wants_json_type = values[AUTH_SWITCH_JWKS_CONTENT_TYPE] == 1,
        .clock = &mock->clock,
        .journal = &mock->journal,
    };
    return mock_jwks_fetcher_new(&fetcher_options, &mock->fetcher);
}

enum auth_rc mock_epic_init(struct mock_epic *mock, const struct mock_options *options, struct auth_err *err)
{
    memset(mock, 0, sizeof *mock);
    mock->options = *options;
    mock->profile = *options->profile;
    mock->store = options->store;
    mock->fhir = options->fhir;
    mock->account.log = options->log;
    mock->account.detail = options->detail;
    mock->account.store = &mock->store;
    mock_clock_init(&mock->clock, options->env);
    mock_random_init(&mock->random, options->env);
    mock_apps_init(&mock->apps);
    mock_apps_init(&mock->start_apps);
    mock->start.rate = 1.0;

    enum auth_rc rc = make_fetcher(mock, options);
    if (rc == AUTH_OK)
        rc = mock_journal_init(&mock->journal, MOCK_JOURNAL_SIZE);
    if (rc == AUTH_OK && !mock->store)
        rc = mock_store_memory_new(&mock->store);
    mock->journal.store = mock->store;
    if (rc == AUTH_OK) {
        mock->prefix = joined(options->prefix, "");
        rc = mock->prefix ? mock_epic_set_public_url(mock, options->public_url) : AUTH_E_NOMEM;
    }
    if (rc == AUTH_OK)
        rc = copy_audiences(mock, options, err);
    if (rc == AUTH_OK && mock->profile.values[AUTH_SWITCH_TOKEN_FORMAT] == 1)
        rc = auth_key_generate_rsa(2048, &mock->token_key, err);
    if (rc != AUTH_OK)
        mock_epic_clear(mock);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "out of memory");
}

void mock_epic_clear(struct mock_epic *mock)
{
    for (size_t i = 1; i < mock->audience_count; i++)
        free(mock->audience_texts[i]);
    mock_jwks_fetcher_free(mock->fetcher); /* first: its threads use the journal and the clock */
    free_urls(mock);
    free(mock->prefix);
    auth_key_free(mock->token_key);
    mock_journal_clear(&mock->journal);
    mock_store_free(mock->store);
    mock_fhir_free(mock->fhir);
    mock_apps_clear(&mock->apps);
    mock_apps_clear(&mock->start_apps);
    mock_clock_clear(&mock->clock);
    mock_random_clear(&mock->random);
    memset(mock, 0, sizeof *mock);
}

void mock_epic_sweep(struct mock_epic *mock)
{
    const struct mock_store_ops *ops = mock->store->ops;
    int64_t now_s = mock_clock_now_s(&mock->clock);
    for (int i = 0; i < MOCK_STORE_KINDS; i++) {
        enum mock_store_kind kind = (enum mock_store_kind)i;
        bool is_scarce = ops->bytes(mock->store, kind) > mock->store->bytes_max[kind] / 2;
        if (ops->count(mock->store, kind) > REMEMBERED_MAX || is_scarce)
            (void)ops->sweep(mock->store, kind, is_scarce ? now_s : now_s - GRACE_S);
    }
    mock_fhir_sweep(mock->fhir, now_s, mock->profile.values[AUTH_SWITCH_PAGING_S]);
}

enum auth_rc mock_epic_mark_start(struct mock_epic *mock)
{
    mock->start = mock_clock_state(&mock->clock);
    return mock_apps_copy(&mock->apps, &mock->start_apps);
}

enum auth_rc mock_epic_reset_apps(struct mock_epic *mock)
{
    return mock_apps_copy(&mock->start_apps, &mock->apps);
}

void mock_epic_reset_clock(struct mock_epic *mock)
{
    mock_clock_reset(&mock->clock, &mock->start);
}
