/* A mock that runs until a signal. */
#include "mock_epic/cli/serve.h"

#include <signal.h>

#include "auth/core/process.h"
#include "mock_epic/start/env_file.h"
#include "mock_epic/start/process.h"
#include "mock_epic/start/provision.h"

/* The signal that ended it. */
static int serve_until_signal(struct mock_process *process, struct mock_ready *ready)
{
    int number;
    do {
        number = mock_process_turn(process, ready).number;
    } while (!mock_signals_is_end(number));
    auth_log_write(&process->log, AUTH_LOG_INFO, "stopping");
    return number;
}

/* Whoever waits for the ready file or the line finds all else in its place. */
static enum auth_rc announce(struct mock_process *process, const struct mock_settings *settings,
                             const struct mock_provision *provision, struct mock_ready *ready, struct auth_err *err)
{
    mock_process_ready(process, settings, &ready->text);
    enum auth_rc rc = settings->env_file ? mock_env_file_append(process, settings, provision, err) : AUTH_OK;
    return rc == AUTH_OK ? mock_ready_announce(ready, err) : rc;
}

static int serve(const struct mock_settings *settings, struct mock_provision *provision, struct mock_ready *ready,
                 int *ended_by)
{
    struct mock_process process;
    struct auth_err err = {0};
    int status = 0;
    enum auth_rc rc = mock_process_start(&process, settings, provision, MOCK_ACCOUNT_BRIEF, &err);
    if (rc != AUTH_OK)
        return mock_process_complain(rc, &err);
    rc = announce(&process, settings, provision, ready, &err);
    if (rc == AUTH_OK) {
        *ended_by = serve_until_signal(&process, ready);
        status = mock_process_sum_up(&process, settings, AUTH_LOG_INFO, status);
    } else {
        auth_log_write(&process.log, AUTH_LOG_ERROR, "%s", err.detail);
        status = MOCK_EXIT_CANNOT_START;
    }
    mock_process_stop(&process);
    return status;
}

int mock_serve(struct mock_settings *settings)
{
    struct mock_provision provision = {.client_id = NULL, .played = {.setup = {.copies = 1}}};
    struct mock_ready ready;
    struct auth_err err = {0};
    int ended_by = 0;
    mock_ready_init(&ready, settings->ready_file, MOCK_READY_SAID);
    enum auth_rc rc = settings->env_file ? mock_provision_make(&provision, settings, &err) : AUTH_OK;
    int status = rc == AUTH_OK ? serve(settings, &provision, &ready, &ended_by) : mock_process_complain(rc, &err);
    mock_ready_withdraw(&ready);
    mock_provision_clear(&provision);
    bool is_request = ended_by == SIGTERM || ended_by == SIGINT || ended_by == SIGHUP;
    if (ended_by && !is_request)
        auth_process_end_by_signal(ended_by);
    return status;
}
