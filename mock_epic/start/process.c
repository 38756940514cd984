/* Starting a server step by step, its main loop, its end. */
#include "mock_epic/start/process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/json.h"
#include "auth/core/process.h"
#include "mock_epic/start/admin_token.h"
#include "mock_epic/start/faketime.h"

enum { SWEEP_TICKS = 40, CA_MAX_N = 1024 * 1024, ADMIN_TOKEN_MAX_N = 4096, STOP_MS = 3000 };

/* ---- start: steps, each of which needs the ones before it ---- */

struct beginning {
    struct mock_process *process;
    const struct mock_settings *settings;
    enum mock_account_detail detail;
    struct mock_provision *provision;
    struct mock_tls tls;
    bool has_instance;
};

static enum auth_rc check(struct beginning *b, struct auth_err *err)
{
    return mock_start_check(b->settings, err);
}

static enum auth_rc start_log(struct beginning *b, struct auth_err *err)
{
    return mock_start_log(b->settings, &b->process->log, err);
}

static enum auth_rc choose_profile(struct beginning *b, struct auth_err *err)
{
    return mock_start_profile(b->settings, &b->provision->played.setup, &b->process->profile, err);
}

static enum auth_rc read_admin_token(struct beginning *b, struct auth_err *err)
{
    return mock_admin_token_read(b->settings->admin_token_file, &b->process->admin_token, err);
}

static enum auth_rc listen_for_clients(struct beginning *b, struct auth_err *err)
{
    struct mock_server_options options = {
        .listen = b->settings->listen,
        .threads = (unsigned)b->settings->threads,
        .request_ms = b->settings->request_timeout_s * 1000,
        .idle_ms = b->settings->request_timeout_s * 1000,
    };
    enum auth_rc rc = mock_server_listen(&options, &b->process->server, &b->process->port, err);
    if (rc == AUTH_OK)
        mock_start_url(b->process, b->settings);
    return rc;
}

static enum auth_rc prepare_tls(struct beginning *b, struct auth_err *err)
{
    return mock_start_tls(b->process, b->settings, &b->tls, err);
}

static enum auth_rc make_instance(struct beginning *b, struct auth_err *err)
{
    const struct mock_settings *settings = b->settings;
    struct mock_process *process = b->process;
    const struct mock_setup *setup = &b->provision->played.setup;
    bool has_seed = mock_options_given(settings, &settings->seed);
    struct mock_fhir *fhir = NULL;
    enum auth_rc rc = mock_start_fixtures(settings, &process->log, &fhir, err);
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
        .has_faketime = settings->faketime != MOCK_FAKETIME_NONE,
        .token_lifetime_s = settings->token_lifetime_s,
        .real_token_lifetime_s = settings->real_token_lifetime_s,
        .is_token_born_expired =
            mock_options_given(settings, &settings->real_token_lifetime_s) && settings->real_token_lifetime_s == 0,
        .env = auth_env_system(),
        .log = &process->log,
        .fhir = fhir,
        .jwks_ca_file = settings->jwks_ca_file,
        .detail = b->detail,
        .has_seed = has_seed || setup->has_seed,
        .seed = has_seed ? settings->seed : setup->seed,
        .start_at_s = mock_options_given(settings, &settings->at_s) ? &settings->at_s : NULL,
    };
    rc = mock_instance_init(&process->instance, &options, err);
    b->has_instance = rc == AUTH_OK;
    if (rc == AUTH_OK)
        mock_instances_init(&process->instances, &process->instance);
    return rc;
}

/* What a scenario says of the server, but for what options say. */
static struct mock_setup setup_of(const struct beginning *b)
{
    const struct mock_settings *settings = b->settings;
    struct mock_setup setup = b->provision->played.setup;
    if (mock_options_given(settings, &settings->at_s) || mock_options_given(settings, &settings->clock_offset_s)) {
        setup.has_at = false;
        setup.clock = NULL;
    }
    if (mock_options_given(settings, &settings->token_lifetime_s))
        setup.token_lifetime_s = 0;
    if (mock_options_given(settings, &settings->real_token_lifetime_s))
        setup.has_real_token_lifetime = false;
    return setup;
}

static enum auth_rc set_clock(struct beginning *b, struct auth_err *err)
{
    enum auth_rc rc = mock_start_clock(&b->process->instance, b->settings, err);
    struct mock_setup setup = setup_of(b);
    if (rc == AUTH_OK)
        rc = mock_setup_furnish(&setup, &b->process->instance, err);
    if (rc == AUTH_OK && b->settings->faketime == MOCK_FAKETIME_NONE && !setup.clock && !setup.has_at)
        mock_start_warn_of_clock(b->process, b->settings);
    return rc;
}

static enum auth_rc add_apps(struct beginning *b, struct auth_err *err)
{
    struct mock_instance *instance = &b->process->instance;
    struct mock_app_place place = {&instance->apps, &instance->profile, mock_clock_now_s(&instance->clock),
                                   &b->process->log};
    struct mock_app *made = NULL;
    enum auth_rc rc = mock_provision_app(b->provision, b->process->url, &made, err);
    if (rc == AUTH_OK)
        rc = mock_start_apps(&place, b->settings, made, err);
    return rc == AUTH_OK ? mock_setup_apps(&b->provision->played.setup, place.profile, place.now_s, place.apps, err)
                         : rc;
}

static enum auth_rc mark_start(struct beginning *b, struct auth_err *err)
{
    (void)err;
    return mock_instance_mark_start(&b->process->instance);
}

static enum auth_rc rotate_key(void *ctx, bool keep_old, struct auth_err *err)
{
    struct mock_process *process = ctx;
    return mock_made_app_rotate(&process->provision->made, &process->provision->played.setup, &process->instance,
                                keep_old, err);
}

static enum auth_rc begin_scenario(struct beginning *b, struct auth_err *err)
{
    struct mock_provision *provision = b->provision;
    struct mock_scenario *scenario = provision->played.scenario;
    struct mock_instance *instance = &b->process->instance;
    enum auth_rc rc = AUTH_OK;
    if (mock_provision_has_jwks_url(provision))
        rc = mock_made_app_publish(&provision->made, instance, err);
    if (rc == AUTH_OK && scenario) {
        b->process->provision = provision;
        instance->rotator = (struct mock_key_rotator){rotate_key, b->process};
        rc = mock_scenario_begin(mock_scenario_hold(scenario), instance, err);
    }
    return rc;
}

static enum auth_rc serve(struct beginning *b, struct auth_err *err)
{
    struct mock_tls *tls = mock_start_has_tls(b->settings) ? &b->tls : NULL;
    return mock_server_start(b->process->server, &b->process->instance, tls, err);
}

static enum auth_rc (*const steps[])(struct beginning *, struct auth_err *) = {
    check,         start_log, choose_profile, read_admin_token, listen_for_clients, prepare_tls,
    make_instance, set_clock, add_apps,       mark_start,       begin_scenario,     serve,
};

static void end_outputs(struct mock_process *process)
{
    auth_log_end(&process->log);
    auth_file_close(&process->ca_file);
    auth_buf_clear(&process->ca);
    auth_buf_clear(&process->admin_token);
}

enum auth_rc mock_process_start(struct mock_process *process, const struct mock_settings *settings,
                                struct mock_provision *provision, enum mock_account_detail detail, struct auth_err *err)
{
    struct beginning beginning = {.process = process, .settings = settings, .detail = detail, .provision = provision};
    enum auth_rc rc = AUTH_OK;
    memset(process, 0, sizeof *process);
    mock_tls_init(&beginning.tls);
    auth_buf_init_secret(&process->admin_token, ADMIN_TOKEN_MAX_N);
    auth_buf_init(&process->ca, CA_MAX_N);
    process->ca_file = (struct auth_file_output){.name = settings->tls_ca_file, .fd = -1};
    for (size_t i = 0; rc == AUTH_OK && i < sizeof steps / sizeof *steps; i++)
        rc = steps[i](&beginning, err);
    mock_tls_clear(&beginning.tls);
    if (rc != AUTH_OK) {
        mock_server_stop(process->server, 0);
        mock_instances_clear(&process->instances);
        if (beginning.has_instance)
            mock_instance_clear(&process->instance);
        end_outputs(process);
    }
    return rc;
}

void mock_process_stop(struct mock_process *process)
{
    mock_server_stop(process->server, STOP_MS);
    mock_instances_clear(&process->instances);
    mock_instance_clear(&process->instance);
    end_outputs(process);
}

/* ---- while it runs ---- */

struct mock_signal mock_process_turn(struct mock_process *process, struct mock_ready *ready)
{
    struct auth_err err = {0};
    struct mock_signal came = mock_signals_wait(MOCK_TURN_MS);
    mock_server_tick(process->server);
    if (++process->ticks % SWEEP_TICKS == 0)
        mock_instances_sweep(&process->instances);
    mock_ready_tick(ready, &process->log);
    if (mock_start_offer_ca(process, &err) != AUTH_OK) {
        auth_log_write(&process->log, AUTH_LOG_WARN, "%s", err.detail);
        process->ca_file.name = NULL; /* once is enough */
    }
    return came;
}

/* ---- what is told ---- */

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

void mock_process_ready(const struct mock_process *process, const struct mock_settings *settings, struct auth_buf *out)
{
    const struct mock_instance *instance = &process->instance;
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    mock_instance_write_urls(instance, &w);
    auth_json_write_member_int(&w, "pid", (int64_t)getpid());
    if (settings->tls_ca_file)
        auth_json_write_member_text(&w, "ca_file", settings->tls_ca_file);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
}

int mock_process_complain(enum auth_rc rc, const struct auth_err *err)
{
    auth_complain("mock-epic", NULL, "%s", err->detail[0] ? err->detail : auth_rc_text(rc));
    return rc == AUTH_E_ARG ? MOCK_EXIT_USAGE : MOCK_EXIT_CANNOT_START;
}
