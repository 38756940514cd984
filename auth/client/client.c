/* The public handle: settings and key in, everything else behind it. */
#include "auth/client/client.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "auth/client/assertion.h"
#include "auth/client/shared_token.h"
#include "auth/core/file.h"
#include "auth/core/url.h"
#include "auth/core/version.h"

static enum auth_rc load_key(struct epic_auth *auth, struct auth_err *err)
{
    const char *key_id = auth->config.values[AUTH_SET_KEY_ID];
    enum auth_rc rc = auth_key_source_load(&auth->config, auth->voice.secrets, &auth->key_source, err);
    if (rc != AUTH_OK)
        return rc;
    if (auth->key_source.remark)
        auth_voice_warn(&auth->voice, "%s", auth->key_source.remark);
    if (auth->key_source.is_file_exposed)
        auth_voice_tell(&auth->voice, "others can read the private key file; chmod 600 it");
    auth->key = auth->key_source.key;
    auth->alg = auth_alg_for(auth->key);
    if (!key_id)
        key_id = auth->key_source.kid ? auth->key_source.kid : auth_key_thumbprint(auth->key);
    auth->key_id = *key_id ? key_id : NULL;
    return AUTH_OK;
}

/* A URL setting must parse, and may be plain http on loopback only. */
static enum auth_rc check_url(const struct epic_auth *auth, enum auth_setting setting, struct auth_err *err)
{
    bool allow_plain_http = auth_config_is_on(&auth->config, AUTH_SET_ALLOW_PLAIN_HTTP);
    struct auth_url url;
    struct auth_err inner = {0};
    const char *value = auth->config.values[setting];
    if (!value)
        return AUTH_OK;
    if (auth_url_parse(auth_view_from_string(value), &url, &inner) != AUTH_OK)
        return auth_err_set(err, AUTH_E_CONFIG, "%s: %s", auth_setting_name(setting), inner.detail);
    size_t behind = strcspn(value, setting == AUTH_SET_FHIR_BASE_URL ? "?#" : "#");
    if (value[behind])
        return auth_err_set(err, AUTH_E_CONFIG, "%s: %s behind it must go: what is read is appended to it",
                            auth_setting_name(setting), value[behind] == '?' ? "the query" : "the fragment");
    if (!url.is_https && !auth_url_is_loopback(&url) && !allow_plain_http)
        return auth_err_set(
            err, AUTH_E_CONFIG,
            "%s: http:// would show credentials to the network; use https://, or between containers of a "
            "test set EPIC_ALLOW_PLAIN_HTTP=1 (--allow-plain-http)",
            auth_setting_name(setting));
    return AUTH_OK;
}

static enum auth_rc set_fhir_base(struct epic_auth *auth)
{
    struct auth_view base = auth_view_from_string(auth->config.values[AUTH_SET_FHIR_BASE_URL]);
    if (base.n == 0)
        return AUTH_OK;
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    auth->fhir_base = auth_view_dup(base);
    return auth->fhir_base ? AUTH_OK : AUTH_E_NOMEM;
}

static enum auth_rc need(const struct epic_auth *auth, enum auth_setting setting, struct auth_err *err)
{
    struct auth_buf text;
    if (auth->config.values[setting])
        return AUTH_OK;
    auth_buf_init(&text, 1024);
    auth_config_explain_missing(&auth->config, setting, &text);
    enum auth_rc rc = auth_buf_check(&text, err);
    if (rc == AUTH_OK)
        rc = auth_err_set(err, AUTH_E_CONFIG, "%s", text.p);
    auth_buf_clear(&text);
    return rc;
}

/* What goes into assertions, requests and messages; the key itself may be longer. */
static enum auth_rc check_lengths(const struct epic_auth *auth, struct auth_err *err)
{
    enum { SETTING_MAX_N = 8192 };
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        const char *value = auth->config.values[i];
        if (value && !auth_setting_is_secret((enum auth_setting)i) && strlen(value) > SETTING_MAX_N)
            return auth_err_set(err, AUTH_E_CONFIG, "%s is longer than %d bytes",
                                auth_setting_name((enum auth_setting)i), SETTING_MAX_N);
    }
    return AUTH_OK;
}

static enum auth_rc configure(struct epic_auth *auth, const struct epic_auth_options *options, struct auth_err *err)
{
    enum auth_rc rc = auth_config_load(options, &auth->config, err);
    if (rc == AUTH_OK)
        rc = check_lengths(auth, err);
    if (rc == AUTH_OK)
        rc = need(auth, AUTH_SET_CLIENT_ID, err);
    if (rc == AUTH_OK)
        rc = need(auth, AUTH_SET_TOKEN_URL, err);
    if (rc == AUTH_OK)
        rc = check_url(auth, AUTH_SET_TOKEN_URL, err);
    if (rc == AUTH_OK)
        rc = check_url(auth, AUTH_SET_FHIR_BASE_URL, err);
    if (rc == AUTH_OK)
        rc = load_key(auth, err);
    return rc == AUTH_OK ? set_fhir_base(auth) : rc;
}

/* Take over the caller's options. A program built against another header has a shorter or a longer struct: what ours has
 * and its has not is zero, and what ours has not must be zero. All members are as wide as a pointer from the first version
 * on, so a size that cuts one through is no size of any version. */
static enum auth_rc take_options(const struct epic_auth_options *given, struct epic_auth_options *whole)
{
    enum { FIRST_N = offsetof(struct epic_auth_options, call_timeout_ms), LATEST_N = 4096 };
    static const char zeros[LATEST_N];
    *whole = (struct epic_auth_options){.size = sizeof *whole};
    if (!given)
        return AUTH_OK;
    size_t n = given->size;
    if (n < FIRST_N || n > LATEST_N || n % sizeof(void *) != 0)
        return AUTH_E_ARG;
    if (n > sizeof *whole && memcmp((const char *)given + sizeof *whole, zeros, n - sizeof *whole) != 0)
        return AUTH_E_ARG;
    memcpy(whole, given, n < sizeof *whole ? n : sizeof *whole);
    return AUTH_OK;
}

/* What means "for ever" must still be added to a clock, and fit what libcurl takes. */
static int64_t time_out(int64_t given_ms, int64_t usual_ms)
{
    enum { DAY_MS = 86400000 };
    int64_t ms = given_ms > 0 ? given_ms : usual_ms;
    return ms < DAY_MS ? ms : DAY_MS;
}

static void warn_of_remarks(const struct epic_auth *auth)
{
    struct auth_view rest = auth_buf_view(&auth->config.remarks);
    while (rest.n) {
        struct auth_view line = auth_view_split(&rest, '\n');
        auth_voice_warn(&auth->voice, "%.*s", (int)line.n, line.p);
    }
}

enum { TRANSFER_MS = 600000 };

static enum auth_rc set_up(struct epic_auth *auth, const struct epic_auth_options *options, struct auth_err *err)
{
    auth->timeout_ms = time_out(options->timeout_ms, 30000);
    auth->call_timeout_ms = time_out(options->call_timeout_ms, auth->timeout_ms + auth->timeout_ms / 6);
    /* who says how long a call may take means it; who does not wants what is on its way */
    auth->transfer_ms = options->call_timeout_ms > 0 ? 0 : TRANSFER_MS;
    auth->voice.on_event = options->on_event;
    auth->voice.on_warning = options->on_warning;
    auth->voice.ctx = options->event_ctx;
    enum auth_rc rc = auth_secrets_new(&auth->voice.secrets);
    if (rc == AUTH_OK)
        rc = configure(auth, options, err);
    warn_of_remarks(auth);
    struct auth_http_options http_options = {
        .ca_file = auth->config.values[AUTH_SET_CA_FILE],
        .user_agent = "epic-auth/" AUTH_VERSION,
        .allow_plain_http = auth_config_is_on(&auth->config, AUTH_SET_ALLOW_PLAIN_HTTP),
    };
    if (rc == AUTH_OK && !auth->http)
        rc = auth_http_new(&http_options, &auth->http, err);
    return rc;
}

enum epic_auth_rc auth_client_new(const struct epic_auth_options *given, struct auth_http *http,
                                  const struct auth_env *env, struct epic_auth **out, struct epic_auth_error *error)
{
    struct auth_err err = {0};
    struct epic_auth_options options;
    *out = NULL;
    auth_error_clear(error);
    if (take_options(given, &options) != AUTH_OK) {
        auth_http_free(http);
        return auth_error_set(NULL, error, EPIC_AUTH_E_ARGUMENT,
                              "options.size is not sizeof(struct epic_auth_options), or a newer library is needed");
    }
    struct epic_auth *auth = aligned_alloc(_Alignof(struct epic_auth), sizeof *auth); /* for the cache's lanes */
    if (!auth) {
        auth_http_free(http);
        return auth_error_nomem(error);
    }
    memset(auth, 0, sizeof *auth);
    auth->http = http;
    auth->env = env ? env : auth_env_system();
    auth_cache_init(&auth->cache, &(struct auth_token_source){auth_shared_token_fetch, auth, auth->env});
    enum auth_rc rc = set_up(auth, &options, &err);
    if (rc != AUTH_OK) {
        (void)auth_error_from(&auth->voice, error, rc, &err);
        epic_auth_free(auth);
        return auth_error_rc(rc);
    }
    *out = auth;
    return EPIC_AUTH_OK;
}

enum epic_auth_rc epic_auth_new(const struct epic_auth_options *options, struct epic_auth **out,
                                struct epic_auth_error *error)
{
    return out ? auth_client_new(options, NULL, NULL, out, error) : auth_error_null(error);
}

void epic_auth_free(struct epic_auth *auth)
{
    if (!auth)
        return;
    auth_cache_clear(&auth->cache);
    auth_http_free(auth->http);
    auth_key_source_clear(&auth->key_source);
    auth_config_clear(&auth->config);
    auth_secrets_free(auth->voice.secrets);
    free(auth->fhir_base);
    epic_auth_string_free(auth->last_token);
    free(auth);
}

enum epic_auth_rc epic_auth_access_token(struct epic_auth *auth, char **token, struct epic_auth_error *error)
{
    struct auth_taken taken = {.min_left_ms = 0};
    if (!auth || !token)
        return auth_error_null(error);
    *token = NULL;
    auth_error_clear(error);
    int64_t now_ms = auth->env->steady_ms(auth->env->ctx);
    enum epic_auth_rc rc = auth_cache_acquire(&auth->cache, now_ms, now_ms + auth->call_timeout_ms, &taken, error);
    *token = taken.text;
    return rc;
}

enum epic_auth_rc epic_auth_token(struct epic_auth *auth, int64_t min_lifetime_s, struct epic_auth_token *token,
                                  struct epic_auth_error *error)
{
    enum { DAY_S = 86400 };
    struct auth_taken taken = {.wants_scope = true};
    if (!auth || !token)
        return auth_error_null(error);
    *token = (struct epic_auth_token){.text = NULL};
    auth_error_clear(error);
    taken.min_left_ms = min_lifetime_s <= 0 ? 0 : (min_lifetime_s < DAY_S ? min_lifetime_s : DAY_S) * 1000;
    int64_t now_ms = auth->env->steady_ms(auth->env->ctx);
    enum epic_auth_rc rc = auth_cache_acquire(&auth->cache, now_ms, now_ms + auth->call_timeout_ms, &taken, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    int64_t left_ms = taken.expires_ms - auth->env->steady_ms(auth->env->ctx);
    *token = (struct epic_auth_token){taken.text, taken.scope, left_ms > 0 ? left_ms / 1000 : 0};
    return rc;
}

int64_t epic_auth_token_lifetime(struct epic_auth *auth)
{
    if (!auth)
        return -1;
    int64_t left_ms = auth_cache_left_ms(&auth->cache, auth->env->steady_ms(auth->env->ctx));
    return left_ms < 0 ? -1 : left_ms / 1000;
}

void epic_auth_token_drop(struct epic_auth *auth)
{
    if (!auth)
        return;
    atomic_store(&auth->skips_store, true);
    auth_cache_drop(&auth->cache, 0);
}

enum epic_auth_rc epic_auth_assertion(struct epic_auth *auth, char **jwt, struct epic_auth_error *error)
{
    struct auth_buf out;
    struct auth_err err = {0};
    if (!auth || !jwt)
        return auth_error_null(error);
    *jwt = NULL;
    auth_error_clear(error);
    auth_buf_init_secret(&out, 64 * 1024);
    enum auth_rc rc = auth_assertion_make(auth, atomic_load(&auth->offset_s), &out, &err);
    if (rc == AUTH_OK && (*jwt = auth_buf_take(&out, NULL)) == NULL)
        rc = AUTH_E_NOMEM;
    auth_buf_clear(&out);
    return rc == AUTH_OK ? EPIC_AUTH_OK : auth_error_from(&auth->voice, error, rc, &err);
}
