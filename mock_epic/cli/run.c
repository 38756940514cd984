/* A mock around one command: a server of our own, or an instance in one that runs already. */
#include "mock_epic/cli/run.h"

#include "auth/core/process.h"
#include "mock_epic/cli/command.h"
#include "mock_epic/cli/remote.h"
#include "mock_epic/cli/run_environment.h"
#include "mock_epic/cli/run_records.h"
#include "mock_epic/cli/verdict.h"
#include "mock_epic/start/faketime.h"
#include "mock_epic/start/process.h"
#include "mock_epic/start/provision.h"

enum { VERDICT_MAX_N = 8 * 1024 * 1024, EXPECT_MAX_N = 1024 * 1024 };

/* One run, from start to end. */
struct run {
    struct mock_settings *settings;
    char **argv;
    struct mock_provision provision;
    struct mock_ready ready;
    struct mock_process process; /* unless --on */
    struct mock_remote remote;   /* with --on */
    struct mock_faketime_run faketime;
    struct mock_run_records records;
    struct auth_buf expectations; /* of --expect */
    int ended_by;                 /* the signal that came before there was a command to pass it on to, else 0 */
};

/* ---- the two places ---- */

static struct mock_signal turn_here(void *ctx)
{
    struct run *run = ctx;
    return mock_process_turn(&run->process, &run->ready);
}

static struct mock_signal turn_there(void *ctx)
{
    struct run *run = ctx;
    struct mock_signal came = mock_signals_wait(MOCK_TURN_MS);
    mock_remote_follow(&run->remote);
    return came;
}

/* rc AUTH_OK: the command may be started */
static enum auth_rc announce(struct run *run, const struct mock_run_place *place, struct mock_variables *variables,
                             struct auth_err *err)
{
    enum auth_rc rc = mock_run_environment(place, &run->provision, variables, err);
    if (rc == AUTH_OK && run->settings->on && run->settings->faketime)
        rc = auth_err_set(err, AUTH_E_CONFIG,
                          "--faketime follows the clock of a server that run starts itself, not --on");
    if (rc == AUTH_OK)
        rc = mock_faketime_begin(&run->faketime, (enum mock_faketime_kind)run->settings->faketime, run->argv[0],
                                 &run->process.instance.clock, &run->provision.temporary, variables, err);
    if (rc == AUTH_OK)
        rc = mock_ready_announce(&run->ready, err);
    int number = mock_signals_wait(0).number;
    run->ended_by = mock_signals_is_end(number) ? number : 0;
    return rc;
}

/* Returns the command's status, and whether there was a command. */
static int run_in(struct run *run, const struct mock_run_place *place, struct mock_signal (*turn)(void *ctx),
                  bool *is_started)
{
    struct mock_variables variables = {.count = 0};
    struct auth_err err = {0};
    int status = MOCK_EXIT_CANNOT_START;
    *is_started = false;
    if (announce(run, place, &variables, &err) != AUTH_OK) {
        auth_log_write(place->log, AUTH_LOG_ERROR, "%s", err.detail);
    } else if (!run->ended_by) {
        struct mock_command command = {.argv = run->argv,
                                       .entries = variables.entries,
                                       .timeout_s = run->settings->timeout_s,
                                       .copies = (size_t)run->provision.played.setup.copies,
                                       .log = place->log,
                                       .turn = turn,
                                       .ctx = run};
        status = mock_command_run(&command, is_started);
    }
    mock_faketime_end(&run->faketime);
    mock_variables_clear(&variables);
    return status;
}

/* ---- here ---- */

/* The verdict decides before --fail-on-refused does. */
static int judge_here(struct run *run, int status)
{
    struct mock_process *process = &run->process;
    struct auth_buf json;
    struct auth_json_writer w;
    int summed_up = mock_process_sum_up(process, run->settings, AUTH_LOG_RESULT, status);
    if (!mock_verdict_is_wanted(run->settings))
        return summed_up;
    auth_buf_init(&json, VERDICT_MAX_N);
    auth_json_writer_init(&w, &json, AUTH_JSON_PRETTY);
    mock_expectations_write_verdict(&process->instance.expectations, &w);
    auth_buf_add_char(&json, '\n');
    status = mock_verdict_tell(run->settings, run->provision.played.scenario, auth_buf_view(&json), &process->log,
                               summed_up);
    auth_buf_clear(&json);
    return status;
}

static int run_here(struct run *run, enum auth_rc rc, struct auth_err *err)
{
    const struct mock_settings *settings = run->settings;
    struct mock_process *process = &run->process;
    bool is_started;
    if (rc == AUTH_OK)
        rc = mock_process_start(process, settings, &run->provision, MOCK_ACCOUNT_FULL, err);
    if (rc == AUTH_OK && run->expectations.n) /* it was read before */
        rc = mock_expectations_set(&process->instance.expectations, auth_buf_view(&run->expectations), err);
    if (rc != AUTH_OK)
        return mock_process_complain(rc, err);
    /* what the user named may be a FIFO, or gone tomorrow */
    bool is_ours = settings->tls_ca_file && !mock_options_given(settings, &settings->tls_ca_file);
    struct mock_run_place place = {
        .token_url = process->instance.token_url,
        .fhir_url = process->instance.fhir_url,
        .url = process->instance.public_url,
        .host = mock_run_listen_host(settings->listen),
        .is_tls = settings->tls || settings->tls_certificate,
        .ca = auth_buf_view(&process->ca),
        .ca_file = is_ours ? settings->tls_ca_file : NULL,
        .log = &process->log,
    };
    mock_process_ready(process, settings, &run->ready.text);
    mock_run_records_watch(&run->records, &process->instance);
    int status = run_in(run, &place, turn_here, &is_started);
    if (is_started) {
        status = judge_here(run, status);
        status = mock_run_records_report_seen(&run->records, &process->instance, status);
    }
    mock_process_stop(process);
    return status;
}

/* ---- there ---- */

static int judge_there(struct run *run, int status)
{
    struct auth_http_response response;
    struct auth_err err = {0};
    int summed_up = mock_remote_sum_up(&run->remote, run->settings, status);
    if (!mock_verdict_is_wanted(run->settings) || run->remote.is_gone)
        return summed_up;
    enum auth_rc rc = mock_remote_verdict(&run->remote, &response, &err);
    if (rc == AUTH_OK) {
        status = mock_verdict_tell(run->settings, run->provision.played.scenario, auth_buf_view(&response.body),
                                   &run->remote.log, summed_up);
    } else {
        auth_log_write(&run->remote.log, AUTH_LOG_ERROR, "no verdict: %s", err.detail);
        status = MOCK_EXIT_CANNOT_START;
    }
    auth_http_response_clear(&response);
    return status;
}

/* Of the entries that its journal still holds. */
static int report_there(struct run *run, int status)
{
    struct auth_http_response response;
    struct auth_err err = {0};
    if (!run->settings->report || run->remote.is_gone)
        return status;
    if (mock_remote_page(&run->remote, &response, &err) == AUTH_OK) {
        status = mock_run_records_report(&run->records, auth_buf_view(&response.body), status);
    } else {
        auth_log_write(&run->remote.log, AUTH_LOG_ERROR, "no report: %s", err.detail);
        status = status == 0 ? MOCK_EXIT_CANNOT_START : status;
    }
    auth_http_response_clear(&response);
    return status;
}

static int run_there(struct run *run, enum auth_rc rc, struct auth_err *err)
{
    struct mock_remote *remote = &run->remote;
    bool is_started = false;
    if (rc == AUTH_OK)
        rc = mock_remote_make(remote, run->settings, &run->provision, err);
    if (rc == AUTH_OK && run->expectations.n)
        rc = mock_remote_expect(remote, auth_buf_view(&run->expectations), err);
    if (rc != AUTH_OK) {
        mock_remote_clear(remote);
        return mock_process_complain(rc, err);
    }
    struct mock_run_place place = {
        .token_url = remote->token_url.p,
        .fhir_url = remote->fhir_url.p,
        .url = remote->instance.root.p,
        .host = remote->host,
        .is_tls = remote->is_tls,
        .log = &remote->log,
    };
    auth_buf_add_view(&run->ready.text, auth_buf_view(&remote->description));
    int status = run_in(run, &place, turn_there, &is_started);
    if (is_started) {
        status = judge_there(run, status);
        status = report_there(run, status);
    }
    mock_remote_clear(remote);
    return status;
}

int mock_run(struct mock_settings *settings, char **argv)
{
    struct run run = {.settings = settings, .argv = argv};
    struct auth_err err = {0};
    mock_ready_init(&run.ready, settings->ready_file, MOCK_READY_SILENT);
    mock_remote_init(&run.remote);
    auth_buf_init(&run.expectations, EXPECT_MAX_N);
    enum auth_rc rc = mock_provision_make(&run.provision, settings, &err);
    run.remote.journal_file = &run.records.journal;
    if (rc == AUTH_OK)
        rc = mock_verdict_read_expectations(settings, &run.expectations, &err);
    if (rc == AUTH_OK)
        rc = mock_run_records_begin(&run.records, settings, &err);
    int status = settings->on ? run_there(&run, rc, &err) : run_here(&run, rc, &err);
    status = mock_run_records_end(&run.records, status);
    mock_ready_withdraw(&run.ready);
    mock_provision_clear(&run.provision);
    auth_buf_clear(&run.expectations);
    if (run.ended_by)
        auth_process_end_by_signal(run.ended_by);
    return status;
}
