/* From settings to a running server: everything that can be wrong is found here, before the port answers. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/address.h"
#include "auth/core/file.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/core/url.h"
#include "mock_epic/cli/options.h"

enum { KEY_FILE_MAX = 1024 * 1024, SWEEP_TICKS = 40 };

/* ---- apps ---- */

static enum auth_rc add_app(struct mock_instance *instance, struct mock_app *app, struct auth_err *err)
{
    struct auth_buf name;
    auth_buf_init(&name, 256);
    auth_buf_add_string(&name, app->client_id);
    enum auth_rc rc = mock_apps_put(&instance->apps, app, MOCK_APPS_ADD, err);
    if (rc == AUTH_E_EXISTS)
        auth_err_set(err, AUTH_E_CONFIG, "client id %s is given twice", name.p);
    auth_buf_clear(&name);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "an app could not be added: %s", auth_rc_text(rc));
}

/* rc is how making it went; the app is released when it may not be registered here. */
static enum auth_rc check_app(const struct mock_instance *instance, struct mock_app **app, enum auth_rc rc,
                              struct auth_err *err)
{
    if (rc != AUTH_OK)
        return rc;
    rc = mock_apps_check(*app, &instance->profile, err);
    if (rc != AUTH_OK) {
        mock_apps_release(*app);
        *app = NULL;
    }
    return rc;
}

/* Say which file an error is about. */
static enum auth_rc in_file(struct auth_err *err, const char *path, enum auth_rc rc, const struct auth_err *inner)
{
    return auth_err_set(err, rc, "%s: %s", path, inner->detail[0] ? inner->detail : auth_rc_text(rc));
}

static enum auth_rc add_app_file(struct mock_instance *instance, const char *path, struct auth_err *err)
{
    struct auth_buf json;
    struct auth_err inner = {0};
    struct mock_app *app = NULL;
    auth_buf_init(&json, MOCK_ADMIN_BODY_MAX);
    enum auth_rc rc = auth_file_read(path, &json, err);
    if (rc == AUTH_OK) {
        rc = mock_apps_parse(auth_buf_view(&json), mock_clock_now_s(&instance->clock), &app, &inner);
        rc = check_app(instance, &app, rc, &inner);
        rc = rc == AUTH_OK ? add_app(instance, app, err) : in_file(err, path, rc, &inner);
    }
    auth_buf_clear(&json);
    return rc;
}

static enum auth_rc add_app_path(struct mock_instance *instance, const char *path, struct auth_err *err)
{
    if (!auth_file_is_directory(path))
        return add_app_file(instance, path, err);
    char **names = NULL;
    size_t count = 0, read = 0;
    enum auth_rc rc = auth_file_names(path, &names, &count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        if (!auth_view_ends(auth_view_from_string(names[i]), ".json"))
            continue;
        read++;
        struct auth_buf full;
        auth_buf_init(&full, 4096);
        auth_buf_addf(&full, "%s/%s", path, names[i]);
        rc = auth_buf_check(&full, err);
        if (rc == AUTH_OK)
            rc = add_app_file(instance, full.p, err);
        auth_buf_clear(&full);
    }
    auth_file_names_free(names, count);
    if (rc == AUTH_OK && read == 0)
        auth_log_write(instance->options.log, AUTH_LOG_WARN,
                       "--app %s: no app in it; none of its %zu names ends in .json", path, count);
    return rc;
}

/* The app given by --client-id with --cert, --jwks or --jwks-url. */
static enum auth_rc add_app_of_options(struct mock_instance *instance, const struct mock_settings *settings,
                                       struct auth_err *err)
{
    const char *path = settings->certificate ? settings->certificate : settings->jwks;
    if (!settings->client_id && !path && !settings->jwks_url)
        return AUTH_OK;
    if (!settings->client_id || (!!settings->certificate + !!settings->jwks + !!settings->jwks_url) != 1)
        return auth_err_set(err, AUTH_E_ARG, "--client-id goes with exactly one of --cert, --jwks and --jwks-url");
    struct auth_buf text;
    struct auth_err inner = {0};
    struct mock_app *app = NULL;
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(settings->client_id),
        .name = auth_view_from_string("command line"),
        .jwks_url = auth_view_from_string(settings->jwks_url),
        .has_background_user = true,
        .is_production = settings->environment == MOCK_PRODUCTION,
    };
    auth_buf_init(&text, KEY_FILE_MAX);
    enum auth_rc rc = path ? auth_file_read(path, &text, err) : AUTH_OK;
    if (path)
        *(settings->certificate ? &parts.certificate : &parts.jwks) =
            text.n ? auth_buf_view(&text) : auth_view_from_string("");
    if (rc == AUTH_OK) {
        rc = mock_apps_make(&parts, mock_clock_now_s(&instance->clock), &app, &inner);
        rc = check_app(instance, &app, rc, &inner);
        rc = rc == AUTH_OK ? add_app(instance, app, err) : in_file(err, path ? path : settings->jwks_url, rc, &inner);
    }
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc add_apps(struct mock_instance *instance, const struct mock_settings *settings,
                             struct mock_app *extra, struct auth_err *err)
{
    enum auth_rc rc = extra ? add_app(instance, extra, err) : AUTH_OK;
    if (rc == AUTH_OK)
        rc = add_app_of_options(instance, settings, err);
    for (size_t i = 0; i < settings->apps.count && rc == AUTH_OK; i++)
        rc = add_app_path(instance, settings->apps.items[i], err);
    return rc;
}

/* ---- fixtures ---- */

static void tell_report(const struct auth_log *log, const struct mock_fhir_report *report)
{
    size_t told = report->note_count < MOCK_FHIR_NOTES_MAX ? report->note_count : MOCK_FHIR_NOTES_MAX;
    for (size_t i = 0; i < told; i++)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: %s", report->notes[i]);
    if (report->note_count > told)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: and %zu more like these", report->note_count - told);
    auth_log_write(log, AUTH_LOG_INFO, "%zu FHIR resources, %zu KiB%s", report->resources, report->bytes / 1024,
                   report->replaced ? " (later files replaced earlier resources)" : "");
    if (report->linked_references)
        auth_log_write(log, AUTH_LOG_INFO, "%zu references in Bundles were led from urn: to their resources",
                       report->linked_references);
    if (report->unresolved_references)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: %zu references name resources that are not loaded, e.g. %s",
                       report->unresolved_references, report->first_unresolved);
}

static enum auth_rc load_fixtures(const struct mock_settings *settings, const struct auth_log *log,
                                  struct mock_fhir **out, struct auth_err *err)
{
    struct mock_fhir *fhir = NULL;
    struct mock_fhir_report report = {0};
    enum auth_rc rc = mock_fhir_new(&fhir);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "out of memory");
    if (!settings->no_default_fixtures)
        rc = mock_fhir_load_core(fhir, &report, err);
    for (size_t i = 0; i < settings->fixtures.count && rc == AUTH_OK; i++)
        rc = mock_fhir_load(fhir, settings->fixtures.items[i], &report, err);
    if (rc == AUTH_OK)
        rc = mock_fhir_seal(fhir, &report, err);
    if (rc != AUTH_OK) {
        mock_fhir_release(fhir);
        return rc;
    }
    tell_report(log, &report);
    if (report.resources == 0 && settings->fixtures.count) {
        mock_fhir_release(fhir);
        return auth_err_set(err, AUTH_E_CONFIG, "--fixtures: %s",
                            report.note_count ? report.notes[0] : "no resource was loaded");
    }
    *out = fhir;
    return AUTH_OK;
}

/* ---- behaviour ---- */

static enum auth_rc make_profile(const struct mock_settings *settings, struct auth_profile *profile,
                                 struct auth_err *err)
{
    const struct auth_profile *named = auth_profile_named(settings->profile);
    if (!named)
        return auth_err_set(err, AUTH_E_ARG, "--profile %s: epic, smart or lenient", settings->profile);
    *profile = *named;
    for (size_t i = 0; i < settings->switches.count; i++) {
        if (auth_profile_set(profile, settings->switches.items[i], err) != AUTH_OK)
            return AUTH_E_ARG;
    }
    return AUTH_OK;
}

static enum auth_rc start_log(const struct mock_settings *settings, struct auth_log *log, struct auth_err *err)
{
    *log = (struct auth_log){
        .level = (enum auth_log_level)settings->log_level,
        .format = (enum auth_log_format)settings->log_format,
        .program = "mock-epic",
        .env = auth_env_system(),
    };
    enum auth_rc rc = auth_log_start(log, STDERR_FILENO);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "out of memory");
}

static enum auth_rc set_clock(struct mock_instance *instance, const struct mock_settings *settings,
                              struct auth_err *err)
{
    bool has_at = mock_options_given(settings, &settings->at_s);
    if (has_at && mock_options_given(settings, &settings->clock_offset_s))
        return auth_err_set(err, AUTH_E_ARG, "--at and --clock-offset contradict each other");
    bool ok = has_at ? mock_clock_set(&instance->clock, settings->at_s)
                     : mock_clock_set_offset(&instance->clock, settings->clock_offset_s);
    return ok ? AUTH_OK
              : auth_err_set(err, AUTH_E_ARG, "--clock-offset %lld: the clock stays within " AUTH_TIME_RANGE_TEXT,
                             (long long)settings->clock_offset_s);
}

/* From the file, else from the environment; never from argv, which every user of the machine can read. */
static enum auth_rc read_admin_token(const char *path, struct auth_buf *token, struct auth_err *err)
{
    static const char variable[] = "MOCK_EPIC_ADMIN_TOKEN";
    const char *value = path ? NULL : getenv(variable);
    const char *origin = path ? path : variable;
    if (!path && (!value || !*value))
        return AUTH_OK;
    auth_buf_add_string(token, value ? value : "");
    enum auth_rc rc = path ? auth_file_read(path, token, err) : auth_buf_check(token, err);
    if (rc != AUTH_OK)
        return rc;
    while (token->n && (token->p[token->n - 1] == '\n' || token->p[token->n - 1] == '\r'))
        token->p[--token->n] = '\0';
    for (size_t i = 0; i < token->n; i++) {
        if (token->p[i] <= 0x20 || token->p[i] >= 0x7f)
            return auth_err_set(err, AUTH_E_CONFIG, "%s: an admin token is printable ASCII without spaces", origin);
    }
    return token->n >= 16 ? AUTH_OK
                          : auth_err_set(err, AUTH_E_CONFIG, "%s: an admin token has at least 16 characters", origin);
}

/* ---- TLS ---- */

static bool has_tls(const struct mock_settings *settings)
{
    return settings->tls || settings->tls_certificate;
}

static enum auth_rc check_tls(const struct mock_settings *settings, struct auth_err *err)
{
    if (!settings->tls_certificate != !settings->tls_key)
        return auth_err_set(err, AUTH_E_ARG, "--tls-cert and --tls-key go together");
    if (settings->tls && settings->tls_certificate)
        return auth_err_set(err, AUTH_E_ARG, "--tls makes its own certificate; give it or --tls-cert, not both");
    if (settings->tls_ca_file && !settings->tls)
        return auth_err_set(err, AUTH_E_ARG, "--tls-ca-file is where --tls writes its authority; give --tls too");
    return AUTH_OK;
}

/* The host part of a URL, without brackets. */
static void host_of(const char *url, char host[256])
{
    struct auth_url parts;
    host[0] = '\0';
    if (auth_url_parse(auth_view_from_string(url), &parts, NULL) == AUTH_OK && parts.host.n < 256) {
        memcpy(host, parts.host.p, parts.host.n);
        host[parts.host.n] = '\0';
    }
}

/* A FIFO's reader may come when the server runs already. */
static enum auth_rc offer_authority(struct mock_process *process, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    if (process->authority_file.name)
        rc = auth_file_offer(&process->authority_file, auth_buf_view(&process->authority), 0644, err);
    return rc == AUTH_E_WAIT ? AUTH_OK : rc;
}

/* What to show over TLS, if anything. Done before the fixtures are read, so that a wrong file is told at once. */
static enum auth_rc make_tls(struct mock_process *process, const struct mock_settings *settings, struct mock_tls *tls,
                             struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx); /* real time: clients judge certificates by theirs */
    struct auth_err inner = {0};
    char host[256];
    if (!has_tls(settings))
        return AUTH_OK;
    if (settings->tls_certificate)
        return mock_tls_load(settings->tls_certificate, settings->tls_key, now_s, &process->log, tls, err);
    host_of(process->url, host);
    enum auth_rc rc = mock_tls_make(host, now_s, tls, &inner);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "--tls: no certificate for %.100s: %s", host, inner.detail);
    auth_buf_add_view(&process->authority, auth_buf_view(&tls->authority));
    rc = auth_buf_check(&process->authority, err);
    if (rc == AUTH_OK)
        rc = offer_authority(process, err);
    if (rc == AUTH_OK && !settings->tls_ca_file)
        auth_log_write(&process->log, AUTH_LOG_WARN,
                       "nobody can know the throw-away authority; --tls-ca-file FILE writes it for your clients");
    return rc;
}

/* The host of a listen address as clients of this machine write it: everybody's address is nobody's, so loopback stands for
 * it. The port answers already, so it parses. */
static void add_listen_host(const char *listen, struct auth_buf *url)
{
    struct auth_authority address = {.host = auth_view_from_string("")};
    struct sockaddr_storage literal;
    bool is_parsed = auth_authority_parse(auth_view_from_string(listen), &address);
    bool is_anybody = is_parsed && auth_address_parse(address.host, &literal) &&
                      auth_address_kind((const struct sockaddr *)&literal) == AUTH_ADDRESS_UNSPECIFIED;
    if (is_anybody)
        address.host = auth_view_from_string(address.is_bracketed ? "::1" : "127.0.0.1");
    auth_buf_add_string(url, address.is_bracketed ? "[" : "");
    auth_buf_add_view(url, address.host);
    auth_buf_add_string(url, address.is_bracketed ? "]" : "");
}

/* The listen address as a URL: what clients use unless --public-url says otherwise. */
static void make_url(struct mock_process *process, const struct mock_settings *settings)
{
    struct auth_buf url;
    auth_buf_init(&url, sizeof process->url - 1);
    if (settings->public_url) {
        auth_buf_add_string(&url, settings->public_url);
    } else {
        auth_buf_add_string(&url, has_tls(settings) ? "https://" : "http://");
        add_listen_host(settings->listen, &url);
        auth_buf_addf(&url, ":%u", process->port);
    }
    while (url.n && url.p[url.n - 1] == '/')
        url.p[--url.n] = '\0';
    memcpy(process->url, url.p ? url.p : "", url.n + 1);
    auth_buf_clear(&url);
}

/* Found at the start, although libcurl reads it at the first fetch. */
static enum auth_rc check_ca_file(const char *path, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init(&text, KEY_FILE_MAX);
    enum auth_rc rc = path ? auth_file_read(path, &text, err) : AUTH_OK;
    if (rc == AUTH_OK && path && auth_key_sniff(auth_buf_view(&text)) != AUTH_KEY_FORMAT_CERTIFICATE)
        rc = auth_err_set(err, AUTH_E_CONFIG, "--jwks-ca-file %s: no PEM certificate in it", path);
    auth_buf_clear(&text);
    return rc;
}

/* Links and audiences are made by appending to it, so it ends before a query. */
static enum auth_rc check_public_url(const char *text, struct auth_err *err)
{
    struct auth_url url;
    struct auth_err inner = {0};
    if (strlen(text) > 200)
        return auth_err_set(err, AUTH_E_ARG, "--public-url %.80s: more than 200 characters", text);
    if (auth_url_parse(auth_view_from_string(text), &url, &inner) != AUTH_OK)
        return auth_err_set(err, AUTH_E_ARG, "--public-url %.80s: %s", text, inner.detail);
    if (auth_view_find(url.path, '?') < url.path.n || auth_view_find(url.path, '#') < url.path.n)
        return auth_err_set(err, AUTH_E_ARG, "--public-url %.80s: it has a query or a fragment", text);
    return AUTH_OK;
}

static enum auth_rc check_settings(const struct mock_settings *settings, struct auth_err *err)
{
    if (settings->public_url && check_public_url(settings->public_url, err) != AUTH_OK)
        return AUTH_E_ARG;
    if (settings->prefix[0] && settings->prefix[0] != '/')
        return auth_err_set(err, AUTH_E_ARG, "--prefix %s: it starts with '/'", settings->prefix);
    enum auth_rc rc = check_tls(settings, err);
    return rc == AUTH_OK ? check_ca_file(settings->jwks_ca_file, err) : rc;
}

static enum auth_rc init_mock(struct mock_process *process, const struct mock_settings *settings,
                              enum mock_account_detail detail, struct auth_err *err)
{
    struct mock_fhir *fhir = NULL;
    enum auth_rc rc = load_fixtures(settings, &process->log, &fhir, err);
    if (rc != AUTH_OK)
        return rc;
    struct mock_options options = {
        .profile = &process->profile,
        .public_url = process->url,
        .prefix = settings->prefix,
        .audiences = settings->audiences.items,
        .audience_count = settings->audiences.count,
        .admin_token = process->admin_token.n ? process->admin_token.p : NULL,
        .is_production = settings->environment == MOCK_PRODUCTION,
        .explain = settings->explain,
        .token_lifetime_s = settings->token_lifetime_s,
        .real_token_lifetime_s = settings->real_token_lifetime_s,
        .env = auth_env_system(),
        .log = &process->log,
        .fhir = fhir,
        .jwks_ca_file = settings->jwks_ca_file,
        .detail = detail,
    };
    return mock_instance_init(&process->instance, &options, err);
}

static void end_outputs(struct mock_process *process)
{
    auth_log_end(&process->log);
    auth_file_close(&process->authority_file);
    auth_buf_clear(&process->authority);
    auth_buf_clear(&process->admin_token);
}

enum auth_rc mock_process_start(struct mock_process *process, const struct mock_settings *settings,
                                struct mock_app *extra_app, enum mock_account_detail detail, struct auth_err *err)
{
    struct mock_server_options server_options = {
        .listen = settings->listen,
        .threads = (unsigned)settings->threads,
        .request_ms = settings->request_timeout_s * 1000,
        .idle_ms = settings->request_timeout_s * 1000,
    };
    struct mock_tls tls;
    bool has_mock = false;
    memset(process, 0, sizeof *process);
    mock_tls_init(&tls);
    auth_buf_init_secret(&process->admin_token, 4096);
    auth_buf_init(&process->authority, KEY_FILE_MAX);
    process->authority_file = (struct auth_file_output){.name = settings->tls_ca_file, .fd = -1};

    enum auth_rc rc = check_settings(settings, err);
    if (rc == AUTH_OK)
        rc = start_log(settings, &process->log, err);
    if (rc == AUTH_OK)
        rc = make_profile(settings, &process->profile, err);
    if (rc == AUTH_OK)
        rc = read_admin_token(settings->admin_token_file, &process->admin_token, err);
    if (rc == AUTH_OK)
        rc = mock_server_listen(&server_options, &process->server, &process->port, err);
    if (rc == AUTH_OK) {
        make_url(process, settings);
        rc = make_tls(process, settings, &tls, err);
    }
    if (rc == AUTH_OK) {
        rc = init_mock(process, settings, detail, err);
        has_mock = rc == AUTH_OK;
    }
    if (rc == AUTH_OK)
        rc = set_clock(&process->instance, settings, err);
    if (rc == AUTH_OK) {
        rc = add_apps(&process->instance, settings, extra_app, err);
        extra_app = NULL;
    }
    if (rc == AUTH_OK)
        rc = mock_instance_mark_start(&process->instance);
    if (rc == AUTH_OK)
        rc = mock_server_start(process->server, &process->instance, has_tls(settings) ? &tls : NULL, err);
    mock_tls_clear(&tls);
    if (rc != AUTH_OK) {
        mock_apps_release(extra_app);
        mock_server_stop(process->server, 0);
        if (has_mock)
            mock_instance_clear(&process->instance);
        end_outputs(process);
    }
    return rc;
}

void mock_process_stop(struct mock_process *process)
{
    mock_server_stop(process->server, 3000);
    mock_instance_clear(&process->instance);
    end_outputs(process);
}

int mock_process_sum_up(struct mock_process *process, const struct mock_settings *settings, enum auth_log_level level,
                        int status)
{
    struct auth_buf text;
    auth_buf_init(&text, 512);
    mock_account_write(&process->instance.account, &text);
    auth_log_text(&process->log, level, auth_buf_view(&text));
    auth_buf_clear(&text);
    bool is_failure = settings->fail_on_refused && atomic_load(&process->instance.account.refused_tokens) > 0;
    return status == 0 && is_failure ? 1 : status;
}

void mock_process_tick(struct mock_process *process)
{
    struct auth_err err = {0};
    mock_server_tick(process->server);
    if (++process->ticks % SWEEP_TICKS == 0)
        mock_instance_sweep(&process->instance);
    if (offer_authority(process, &err) == AUTH_OK)
        return;
    auth_log_write(&process->log, AUTH_LOG_WARN, "%s", err.detail);
    process->authority_file.name = NULL; /* once is enough */
}

void mock_process_ready(const struct mock_process *process, const struct mock_settings *settings, struct auth_buf *out)
{
    const struct mock_instance *instance = &process->instance;
    struct auth_json_writer w;
    struct auth_buf admin_url;
    auth_buf_init(&admin_url, 1024);
    auth_buf_addf(&admin_url, "%s/mock", instance->public_url);
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "url", instance->base_url);
    auth_json_write_member_text(&w, "token_url", instance->token_url);
    auth_json_write_member_text(&w, "fhir_base_url", instance->fhir_url);
    auth_json_write_member_buf(&w, "admin_url", &admin_url);
    auth_json_write_member_int(&w, "pid", (int64_t)getpid());
    if (settings->tls_ca_file)
        auth_json_write_member_text(&w, "ca_file", settings->tls_ca_file);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
    auth_buf_clear(&admin_url);
}
