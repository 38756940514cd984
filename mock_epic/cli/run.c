#include "mock_epic/cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/process.h"
#include "mock_epic/cli/ready.h"
#include "mock_epic/cli/run_environment.h"
#include "mock_epic/cli/signals.h"

enum { CERT_DAYS = 30, THROWAWAY_BITS = 2048, EXIT_CANNOT_START = 3, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

static const char throwaway_client_id[] = "00000000-0000-4000-8000-mock00000001";

extern char **environ;

/* One run, from start to end. */
struct run {
    struct mock_settings *settings;
    char **argv;
    struct mock_throwaway throwaway; /* the private key of a throw-away app, the authority's certificate */
    struct mock_run_app app;
    struct mock_app *registered; /* the throw-away app, until the server takes it */
    struct mock_ready ready;
};

/* ---- throw-away things ---- */

static enum auth_rc write_key(struct run *run, const struct auth_key *key, struct auth_err *err)
{
    struct auth_buf pem;
    auth_buf_init_secret(&pem, 16 * 1024);
    enum auth_rc rc = auth_key_write_private_pem(key, &pem, err);
    if (rc == AUTH_OK)
        rc = mock_throwaway_write(&run->throwaway, "private_key.pem", auth_buf_view(&pem), 0600, &run->app.key_path,
                                  err);
    auth_buf_clear(&pem);
    return rc;
}

static enum auth_rc make_app(struct run *run, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_cert_request request = {
        .common_name = "mock-epic run",
        .not_before_s = now_s - 3600,
        .not_after_s = now_s + CERT_DAYS * 86400LL,
    };
    struct auth_key *key = NULL;
    struct auth_buf cert;
    auth_buf_init(&cert, 16 * 1024);
    enum auth_rc rc = auth_key_generate_rsa(THROWAWAY_BITS, &key, err);
    if (rc == AUTH_OK)
        rc = auth_key_write_cert(key, &request, NULL, auth_view_from_string(""), &cert, err);
    if (rc == AUTH_OK)
        rc = write_key(run, key, err);
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(throwaway_client_id),
        .name = auth_view_from_string("mock-epic run"),
        .certificate = auth_buf_view(&cert),
        .has_background_user = true,
    };
    if (rc == AUTH_OK)
        rc = mock_apps_make(&parts, now_s, &run->registered, err);
    auth_buf_clear(&cert);
    auth_key_free(key);
    return rc;
}

/* What the user did not say. */
static enum auth_rc fill_settings(struct run *run, struct auth_err *err)
{
    struct mock_settings *settings = run->settings;
    bool wants_app = !settings->client_id && settings->apps.count == 0;
    if (!mock_options_given(settings, &settings->listen))
        settings->listen = "127.0.0.1:0";
    if (!mock_options_given(settings, &settings->log_level))
        settings->log_level = AUTH_LOG_WARN; /* the command's output comes first */
    run->app.client_id = wants_app ? throwaway_client_id : settings->client_id;
    enum auth_rc rc = wants_app ? make_app(run, err) : AUTH_OK;
    if (rc == AUTH_OK && settings->tls && !settings->tls_ca_file)
        rc = mock_throwaway_path(&run->throwaway, "ca.pem", &settings->tls_ca_file, err);
    return rc;
}

/* ---- the command ---- */

/* In the child, where only what is async-signal-safe may be called: the parent's other threads may have held any lock. */
static _Noreturn void become(char **argv, char **entries, int failure_fd)
{
    mock_signals_restore();
    environ = entries;
    execvp(argv[0], argv);
    int failure = errno;
    if (write(failure_fd, &failure, sizeof failure) < 0) {
        /* the status tells as well */
    }
    _exit(failure == ENOENT || failure == ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

/* *failure is why the command could not be started, else 0. The pipe closes when exec() succeeds. -1: no process. */
static pid_t start_command(char **argv, char **entries, int *failure)
{
    int fds[2];
    *failure = 0;
    if (pipe(fds) != 0)
        return -1;
    (void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    mock_signals_hold();
    pid_t pid = fork();
    if (pid == 0)
        become(argv, entries, fds[1]);
    int why = errno;
    mock_signals_release();
    (void)close(fds[1]);
    if (pid > 0 && read(fds[0], failure, sizeof *failure) != (ssize_t)sizeof *failure)
        *failure = 0;
    (void)close(fds[0]);
    errno = why;
    return pid;
}

/* As timeout(1) does: a command that is stopped would never see that it is to end. */
static void forward(pid_t pid, int number)
{
    (void)kill(pid, number);
    if (number == SIGTERM || number == SIGINT || number == SIGHUP || number == SIGQUIT)
        (void)kill(pid, SIGCONT);
}

/* Signals that ask us to end are the command's; the end of the command is ours. What the terminal sends it has already. */
static int wait_for_command(struct run *run, struct mock_process *process, pid_t pid)
{
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
        struct mock_signal came = mock_signals_wait(MOCK_PROCESS_TICK_MS);
        if (mock_signals_is_end(came.number) && !came.is_from_keyboard)
            forward(pid, came.number);
        mock_process_tick(process);
        mock_ready_tick(&run->ready, &process->log);
    }
    if (ended < 0)
        return EXIT_CANNOT_START; /* somebody else took its status */
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_command(struct run *run, struct mock_process *process, char **entries)
{
    int failure;
    pid_t pid = start_command(run->argv, entries, &failure);
    if (pid < 0) {
        auth_log_write(&process->log, AUTH_LOG_ERROR, "no process can be started: %s", strerror(errno));
        return EXIT_CANNOT_START;
    }
    int status = wait_for_command(run, process, pid);
    if (failure) {
        auth_log_write(&process->log, AUTH_LOG_ERROR, "%s: %s", run->argv[0], strerror(failure));
        return status;
    }
    return mock_process_sum_up(process, run->settings, AUTH_LOG_RESULT, status);
}

/* *ended_by: the signal that came before there was a command to pass it on to, else 0 */
static int run_inside(struct run *run, struct mock_process *process, int *ended_by)
{
    struct mock_variables variables = {.count = 0};
    struct auth_err err = {0};
    int status = EXIT_CANNOT_START;
    mock_process_ready(process, run->settings, &run->ready.text);
    enum auth_rc rc = mock_run_environment(process, run->settings, &run->app, &run->throwaway, &variables, &err);
    if (rc == AUTH_OK)
        rc = mock_ready_announce(&run->ready, &err);
    int number = mock_signals_wait(0).number;
    *ended_by = mock_signals_is_end(number) ? number : 0;
    if (rc != AUTH_OK)
        auth_log_write(&process->log, AUTH_LOG_ERROR, "%s", err.detail);
    else if (!*ended_by)
        status = run_command(run, process, variables.entries);
    mock_variables_clear(&variables);
    return status;
}

int mock_run(struct mock_settings *settings, char **argv)
{
    struct run run = {.settings = settings, .argv = argv};
    struct mock_process process;
    struct auth_err err = {0};
    int status, ended_by = 0;
    mock_throwaway_init(&run.throwaway);
    mock_ready_init(&run.ready, settings->ready_file, MOCK_READY_SILENT);
    enum auth_rc rc = fill_settings(&run, &err);
    if (rc == AUTH_OK) {
        rc = mock_process_start(&process, settings, run.registered, MOCK_ACCOUNT_FULL, &err);
    } else {
        mock_apps_release(run.registered);
    }
    if (rc == AUTH_OK) {
        status = run_inside(&run, &process, &ended_by);
        mock_process_stop(&process);
    } else {
        auth_complain("mock-epic", NULL, "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
        status = rc == AUTH_E_ARG ? 2 : EXIT_CANNOT_START;
    }
    mock_ready_withdraw(&run.ready);
    mock_throwaway_remove(&run.throwaway);
    if (ended_by)
        auth_process_end_by_signal(ended_by);
    return status;
}
