/* An instance in another mock: made, followed through its journal, removed. */
#include "mock_epic/cli/remote.h"

#include <stdio.h>
#include <string.h>

#include "auth/core/time.h"
#include "auth/core/url.h"
#include "auth/rules/rules.h"
#include "mock_epic/start/process.h"
#include "mock_epic/start/start.h"
#include "mock_epic/state/app_json.h"

enum { BODY_MAX_N = 1024 * 1024, URL_MAX_N = 4096, TEXT_MAX_N = 64 * 1024, CALL_S = 10, ENTRIES_MAX = 1000 };

void mock_remote_init(struct mock_remote *remote)
{
    *remote = (struct mock_remote){.last_id = 0};
    auth_buf_init(&remote->name, 256);
    auth_buf_init(&remote->description, 8192);
    auth_buf_init(&remote->token_url, URL_MAX_N);
    auth_buf_init(&remote->fhir_url, URL_MAX_N);
}

/* ---- making ---- */

/* What a process has and an instance shares. */
static enum auth_rc check_options(const struct mock_settings *s, struct auth_err *err)
{
    const struct {
        const char *name;
        const void *member;
    } rows[] = {
        {"listen", &s->listen},
        {"threads", &s->threads},
        {"request-timeout", &s->request_timeout_s},
        {"tls", &s->tls},
        {"tls-ca-file", &s->tls_ca_file},
        {"tls-cert", &s->tls_certificate},
        {"tls-key", &s->tls_key},
        {"public-url", &s->public_url},
        {"prefix", &s->prefix},
        {"fixtures", &s->fixtures},
        {"no-default-fixtures", &s->no_default_fixtures},
        {"jwks-ca-file", &s->jwks_ca_file},
        {"aud", &s->audiences},
        {"environment", &s->environment},
        {"token-lifetime", &s->token_lifetime_s},
        {"real-token-lifetime", &s->real_token_lifetime_s},
        {"explain", &s->explain},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (mock_options_given(s, rows[i].member))
            return auth_err_set(err, AUTH_E_ARG, "--%s is the server's own: with --on, give it where the server starts",
                                rows[i].name);
    }
    return AUTH_OK;
}

/* The apps are read and checked as for a server of our own, and sent as a server shows them. */
static enum auth_rc write_apps(const struct mock_remote *remote, const struct mock_settings *settings,
                               const struct mock_provision *provision, struct auth_json_writer *w, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    struct auth_profile profile;
    struct mock_apps apps;
    struct mock_app_place place = {&apps, &profile, env->wall_s(env->ctx), &remote->log};
    struct mock_app *made = NULL;
    enum auth_rc rc = mock_start_profile(settings, &provision->played.setup, &profile, err);
    mock_apps_init(&apps);
    if (rc == AUTH_OK && !mock_provision_has_jwks_url(provision)) /* that follows when its URL is known */
        rc = mock_provision_app(provision, NULL, &made, err);
    if (rc == AUTH_OK)
        rc = mock_start_apps(&place, settings, made, err);
    if (rc == AUTH_OK)
        rc = mock_setup_apps(&provision->played.setup, &profile, place.now_s, &apps, err);
    auth_json_write_key(w, "apps");
    mock_apps_write_all(&apps, w);
    mock_apps_clear(&apps);
    return rc;
}

static enum auth_rc write_wish(const struct mock_remote *remote, const struct mock_settings *settings,
                               const struct mock_provision *provision, struct auth_buf *out, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    if (mock_options_given(settings, &settings->profile))
        auth_json_write_member_text(&w, "profile", settings->profile);
    if (mock_options_given(settings, &settings->at_s))
        auth_json_write_member_int(&w, "at", settings->at_s);
    else if (mock_options_given(settings, &settings->clock_offset_s))
        auth_json_write_member_int(&w, "at", env->wall_s(env->ctx) + settings->clock_offset_s);
    if (mock_options_given(settings, &settings->seed))
        auth_json_write_member_int(&w, "seed", settings->seed);
    if (provision->played.scenario)
        auth_json_write_member_raw(&w, "scenario", auth_view_from_string(provision->played.scenario->text));
    if (settings->switches.count) {
        auth_json_write_key(&w, "switches");
        auth_json_write_array(&w);
        for (size_t i = 0; i < settings->switches.count; i++)
            auth_json_write_string(&w, auth_view_from_string(settings->switches.items[i]));
        auth_json_write_end_array(&w);
    }
    enum auth_rc rc = write_apps(remote, settings, provision, &w, err);
    auth_json_write_end_object(&w);
    return rc == AUTH_OK ? auth_buf_check(out, err) : rc;
}

static enum auth_rc read_description(struct mock_remote *remote, struct auth_buf *url, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(auth_buf_view(&remote->description), &doc, err);
    const struct auth_json_node *root = auth_json_root(doc);
    auth_buf_add_view(&remote->token_url, auth_json_member_string(root, "token_url"));
    auth_buf_add_view(&remote->fhir_url, auth_json_member_string(root, "fhir_base_url"));
    auth_buf_add_view(&remote->name, auth_json_member_string(root, "name"));
    auth_buf_add_view(url, auth_json_member_string(root, "admin_url"));
    auth_json_free(doc);
    bool is_whole = remote->token_url.n && remote->fhir_url.n && remote->name.n && url->n;
    if (rc == AUTH_OK && !is_whole)
        rc =
            auth_err_set(err, AUTH_E_PROTOCOL, "--on %s: what it answers describes no instance", remote->server.root.p);
    return rc;
}

static enum auth_rc send_wish(struct mock_remote *remote, struct auth_view wish, struct auth_err *err)
{
    struct auth_http_response response;
    struct auth_err inner = {0};
    struct auth_buf reason;
    auth_buf_init(&reason, TEXT_MAX_N);
    enum auth_rc rc = mock_call_send(&remote->server, "POST", "/instances", wish, &response, &inner);
    if (rc != AUTH_OK) {
        rc = auth_err_set(err, AUTH_E_NETWORK, "--on %s: no mock answers: %s", remote->server.root.p, inner.detail);
    } else if (response.status != 201) {
        mock_call_reason(&remote->server, &response, &reason);
        rc = auth_err_set(err, AUTH_E_HTTP, "--on %s: no instance is made: %s", remote->server.root.p,
                          reason.n ? reason.p : "");
    } else {
        auth_buf_add_view(&remote->description, auth_buf_view(&response.body));
        rc = auth_buf_check(&remote->description, err);
    }
    auth_http_response_clear(&response);
    auth_buf_clear(&reason);
    return rc;
}

/* Calls go where the user said, whatever the server calls itself; /i/NAME is the same everywhere. */
static enum auth_rc open_instance(struct mock_remote *remote, const struct mock_call_target *target,
                                  struct auth_err *err)
{
    struct auth_buf url;
    struct auth_url parts;
    auth_buf_init(&url, URL_MAX_N);
    enum auth_rc rc = read_description(remote, &url, err);
    struct mock_call_target there = *target;
    auth_buf_reset(&url);
    auth_buf_addf(&url, "%s/i/%s", remote->server.root.p, remote->name.n ? remote->name.p : "");
    there.url = url.p ? url.p : "";
    if (rc == AUTH_OK)
        rc = mock_call_open(&remote->instance, &there, err);
    auth_buf_clear(&url);
    if (rc == AUTH_OK && auth_url_parse(auth_buf_view(&remote->token_url), &parts, err) == AUTH_OK) {
        remote->host = parts.host;
        remote->is_tls = parts.is_https;
    }
    return rc;
}

/* A call to the instance. rc AUTH_OK: it answered 200, or 201 */
static enum auth_rc ask(struct mock_remote *remote, const char *method, const char *path, struct auth_view body,
                        struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf reason;
    enum auth_rc rc = mock_call_send(&remote->instance, method, path, body, response, err);
    remote->asked += rc == AUTH_OK;
    if (rc != AUTH_OK || response->status == 200 || response->status == 201)
        return rc;
    auth_buf_init(&reason, TEXT_MAX_N);
    mock_call_reason(&remote->instance, response, &reason);
    rc = auth_err_set(err, AUTH_E_HTTP, "--on %s: %s", remote->server.root.p, reason.n ? reason.p : "");
    auth_buf_clear(&reason);
    return rc;
}

static enum auth_rc put(struct mock_remote *remote, const char *path, struct auth_view body, struct auth_err *err)
{
    struct auth_http_response response;
    enum auth_rc rc = ask(remote, "PUT", path, body, &response, err);
    auth_http_response_clear(&response);
    return rc;
}

/* The key of an app that has a JWK Set URL is served by its instance itself, as by a server of our own. */
static enum auth_rc register_url(struct mock_remote *remote, const struct mock_provision *provision,
                                 struct auth_err *err)
{
    struct auth_buf set, json, path;
    struct auth_json_writer w;
    struct mock_app *app = NULL;
    if (!mock_provision_has_jwks_url(provision))
        return AUTH_OK;
    auth_buf_init(&set, BODY_MAX_N);
    auth_buf_init(&json, BODY_MAX_N);
    auth_buf_init(&path, URL_MAX_N);
    auth_buf_addf(&path, "/jwks/%s", provision->client_id);
    enum auth_rc rc = mock_made_app_write_set(&provision->made, &set, err);
    if (rc == AUTH_OK)
        rc = put(remote, path.p, auth_buf_view(&set), err);
    if (rc == AUTH_OK)
        rc = mock_provision_app(provision, remote->instance.root.p, &app, err);
    if (rc == AUTH_OK) {
        auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
        mock_app_write(app, &w);
        auth_buf_reset(&path);
        auth_buf_addf(&path, "/apps/%s", provision->client_id);
        rc = put(remote, path.p, auth_buf_view(&json), err);
    }
    mock_app_release(app);
    auth_buf_clear(&set);
    auth_buf_clear(&json);
    auth_buf_clear(&path);
    return rc;
}

enum auth_rc mock_remote_make(struct mock_remote *remote, const struct mock_settings *settings,
                              const struct mock_provision *provision, struct auth_err *err)
{
    struct mock_call_target target = {
        .url = settings->on, .admin_token_file = settings->admin_token_file, .timeout_s = CALL_S};
    struct auth_buf wish;
    auth_buf_init(&wish, BODY_MAX_N);
    mock_call_target_complete(&target);
    enum auth_rc rc = check_options(settings, err);
    if (rc == AUTH_OK)
        rc = mock_start_log(settings, &remote->log, err);
    if (rc == AUTH_OK)
        rc = mock_call_open(&remote->server, &target, err);
    if (rc == AUTH_OK)
        rc = write_wish(remote, settings, provision, &wish, err);
    if (rc == AUTH_OK)
        rc = send_wish(remote, auth_buf_view(&wish), err);
    if (rc == AUTH_OK)
        rc = open_instance(remote, &target, err);
    if (rc == AUTH_OK)
        rc = register_url(remote, provision, err);
    auth_buf_clear(&wish);
    return rc;
}

/* ---- what is expected ---- */

enum auth_rc mock_remote_expect(struct mock_remote *remote, struct auth_view expectations, struct auth_err *err)
{
    return put(remote, "/expectations", expectations, err);
}

enum auth_rc mock_remote_verdict(struct mock_remote *remote, struct auth_http_response *response, struct auth_err *err)
{
    return ask(remote, "GET", "/verdict", auth_view_from_string(""), response, err);
}

enum auth_rc mock_remote_page(struct mock_remote *remote, struct auth_http_response *response, struct auth_err *err)
{
    return ask(remote, "GET", "/timeline?format=html", auth_view_from_string(""), response, err);
}

/* ---- following ---- */

static void write_verdict(const struct auth_json_node *verdict, const char *label, struct auth_buf *text)
{
    struct auth_view actual = auth_json_member_string(verdict, "actual");
    auth_buf_addf(text, "\n  %s", label);
    auth_buf_add_view(text, auth_json_member_string(verdict, "rule"));
    auth_buf_add_string(text, ": ");
    auth_buf_add_view(text, actual);
    auth_buf_add_string(text, actual.n ? ", expected " : "expected ");
    auth_buf_add_view(text, auth_json_member_string(verdict, "expected"));
    auth_buf_add_string(text, "\n    fix: ");
    auth_buf_add_view(text, auth_json_member_string(verdict, "fix"));
}

/* As on stderr of a server of our own: how an app is registered was said when it was. */
static bool counts(const struct auth_json_node *verdict, const char *result)
{
    return auth_view_equals(auth_json_member_string(verdict, "result"), result) &&
           (strcmp(result, "warn") != 0 ||
            !auth_view_equals(auth_json_member_string(verdict, "cause"), auth_rules_cause(AUTH_CAUSE_STATIC_KEY)->id));
}

/* Those with that result. Returns how many there are. */
static size_t write_verdicts(const struct auth_json_node *entry, const char *result, const char *label,
                             struct auth_buf *text)
{
    size_t count = 0;
    const struct auth_json_node *verdicts = auth_json_member(entry, "verdicts");
    for (const struct auth_json_node *v = auth_json_first(verdicts); v; v = auth_json_next(v)) {
        if (!counts(v, result))
            continue;
        write_verdict(v, label, text);
        count++;
    }
    return count;
}

static void write_request(const struct auth_json_node *entry, int64_t status, struct auth_buf *text)
{
    struct auth_view target = auth_json_member_string(entry, "target");
    struct auth_view note = auth_json_member_string(entry, "note");
    target.n = auth_view_find(target, '?');
    auth_buf_add_view(text, auth_json_member_string(entry, "method"));
    auth_buf_add_char(text, ' ');
    auth_buf_add_view(text, target);
    auth_buf_addf(text, " refused: %lld%s", (long long)status, note.n ? ", " : "");
    auth_buf_add_view(text, note);
}

/* One entry of the journal, if there is anything to say. */
static void tell_entry(const struct mock_remote *remote, const struct auth_json_node *entry, int64_t id)
{
    struct auth_buf text;
    int64_t status = 0;
    bool is_token = auth_view_equals(auth_json_member_string(entry, "kind"), "token");
    bool is_refused = auth_json_int(auth_json_member(entry, "status"), &status) && status >= 400;
    bool is_worth_telling = is_refused;
    auth_buf_init(&text, TEXT_MAX_N);
    if (is_token && is_refused) {
        auth_buf_addf(&text, "token request %lld refused (", (long long)id);
        auth_buf_add_view(&text, auth_json_member_string(entry, "error"));
        auth_buf_add_char(&text, ')');
        (void)write_verdicts(entry, "fail", "", &text);
        (void)write_verdicts(entry, "warn", "warning: ", &text);
    } else if (is_token) {
        auth_buf_addf(&text, "token request %lld accepted, with a warning", (long long)id);
        is_worth_telling = write_verdicts(entry, "warn", "", &text) > 0;
    } else if (is_refused) {
        write_request(entry, status, &text);
    }
    if (is_worth_telling)
        auth_log_text(&remote->log, AUTH_LOG_WARN, auth_buf_view(&text));
    auth_buf_clear(&text);
}

/* Ids have no gaps but where an entry is still to be written, which is waited for once, or was overwritten. */
static bool waits_for_gap(struct mock_remote *remote, int64_t id, bool is_last)
{
    bool is_gap = id > remote->last_id + 1, is_known = remote->gap_id == id;
    remote->gap_id = is_gap ? id : 0;
    return is_gap && !is_known && !is_last;
}

/* rc AUTH_OK: *count entries were looked at */
static enum auth_rc follow_once(struct mock_remote *remote, bool is_last, size_t *count, struct auth_err *err)
{
    struct auth_http_response response;
    struct auth_json *doc = NULL;
    char path[64];
    *count = 0;
    (void)snprintf(path, sizeof path, "/journal?after=%lld&limit=%d", (long long)remote->last_id, ENTRIES_MAX);
    enum auth_rc rc = mock_call_send(&remote->instance, "GET", path, auth_view_from_string(""), &response, err);
    remote->asked += rc == AUTH_OK;
    if (rc == AUTH_OK && response.status != 200)
        rc = auth_err_set(err, AUTH_E_HTTP, "its journal answers %d", response.status);
    if (rc == AUTH_OK)
        rc = auth_json_parse(auth_buf_view(&response.body), &doc, err);
    struct auth_view line;
    size_t cursor = 0;
    for (const struct auth_json_node *entry = auth_json_first(auth_json_root(doc)); entry;
         entry = auth_json_next(entry)) {
        int64_t id = remote->last_id;
        (void)auth_json_int(auth_json_member(entry, "id"), &id);
        if (waits_for_gap(remote, id, is_last))
            break;
        tell_entry(remote, entry, id);
        if (auth_json_raw_next(auth_view_trim(auth_buf_view(&response.body)), &cursor, &line))
            mock_journal_file_add(remote->journal_file, line);
        remote->last_id = id;
        remote->seen++;
        ++*count;
    }
    auth_json_free(doc);
    auth_http_response_clear(&response);
    return rc;
}

static void follow(struct mock_remote *remote, bool is_last)
{
    struct auth_err err = {0};
    size_t count = ENTRIES_MAX;
    enum auth_rc rc = AUTH_OK;
    if (remote->is_gone)
        return;
    while (rc == AUTH_OK && count == ENTRIES_MAX) /* perhaps there are more */
        rc = follow_once(remote, is_last, &count, &err);
    if (rc == AUTH_OK)
        return;
    remote->is_gone = true; /* once is enough */
    auth_log_write(&remote->log, AUTH_LOG_ERROR, "the mock at %s has gone: %s", remote->server.root.p, err.detail);
}

void mock_remote_follow(struct mock_remote *remote)
{
    follow(remote, false);
}

/* ---- the end ---- */

static void tell_lost(struct mock_remote *remote)
{
    int64_t lost = remote->last_id - remote->seen;
    if (lost <= 0)
        return;
    mock_journal_file_lose(remote->journal_file, (uint64_t)lost);
    auth_log_write(&remote->log, AUTH_LOG_WARN,
                   "%lld entries of the journal were overwritten before they were told: it holds %d", (long long)lost,
                   ENTRIES_MAX);
}

static int64_t count_of(const struct auth_json_node *counts, const char *name)
{
    int64_t value = 0;
    (void)auth_json_int(auth_json_member(counts, name), &value);
    return value;
}

/* What the server has counted. rc not AUTH_OK: it has gone */
static enum auth_rc read_counts(struct mock_remote *remote, int64_t *refused_tokens)
{
    struct auth_http_response response;
    struct auth_json *doc = NULL;
    struct auth_buf path;
    auth_buf_init(&path, 512);
    auth_buf_addf(&path, "/instances/%s", remote->name.p);
    enum auth_rc rc = mock_call_send(&remote->server, "GET", path.p, auth_view_from_string(""), &response, NULL);
    if (rc == AUTH_OK && response.status != 200)
        rc = AUTH_E_HTTP;
    if (rc == AUTH_OK)
        rc = auth_json_parse(auth_buf_view(&response.body), &doc, NULL);
    const struct auth_json_node *counts = auth_json_member(auth_json_root(doc), "counts");
    *refused_tokens = count_of(counts, "refused_tokens");
    if (rc == AUTH_OK)
        auth_log_write(&remote->log, AUTH_LOG_RESULT, "%lld requests, %lld tokens issued, %lld refused, %lld warnings",
                       (long long)(count_of(counts, "requests") - remote->asked), (long long)count_of(counts, "issued"),
                       (long long)count_of(counts, "refused"), (long long)count_of(counts, "warnings"));
    auth_json_free(doc);
    auth_http_response_clear(&response);
    auth_buf_clear(&path);
    return rc;
}

int mock_remote_sum_up(struct mock_remote *remote, const struct mock_settings *settings, int status)
{
    int64_t refused_tokens = 0;
    follow(remote, true);
    tell_lost(remote);
    if (remote->is_gone || read_counts(remote, &refused_tokens) != AUTH_OK) {
        if (!remote->is_gone)
            auth_log_write(&remote->log, AUTH_LOG_ERROR, "the mock at %s has gone", remote->server.root.p);
        return MOCK_EXIT_CANNOT_START;
    }
    return status == 0 && settings->fail_on_refused && refused_tokens > 0 ? 1 : status;
}

void mock_remote_clear(struct mock_remote *remote)
{
    struct auth_http_response response;
    struct auth_buf path;
    if (remote->name.n && !remote->is_gone) {
        auth_buf_init(&path, 512);
        auth_buf_addf(&path, "/instances/%s", remote->name.p);
        if (mock_call_send(&remote->server, "DELETE", path.p, auth_view_from_string(""), &response, NULL) != AUTH_OK)
            auth_log_write(&remote->log, AUTH_LOG_WARN, "instance %s could not be removed", remote->name.p);
        auth_http_response_clear(&response);
        auth_buf_clear(&path);
    }
    mock_call_clear(&remote->instance);
    mock_call_clear(&remote->server);
    auth_log_end(&remote->log);
    auth_buf_clear(&remote->name);
    auth_buf_clear(&remote->description);
    auth_buf_clear(&remote->token_url);
    auth_buf_clear(&remote->fhir_url);
}
