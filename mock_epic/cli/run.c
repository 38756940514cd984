/* A mock around one command: start both, pass signals on, exit as the command did. */
#include "mock_epic/cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/process.h"
#include "mock_epic/cli/process.h"
#include "mock_epic/cli/provision.h"
#include "mock_epic/cli/run_environment.h"

enum { EXIT_TIMED_OUT = 124, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, KILL_AFTER_MS = 5000 };

extern char **environ;

/* One run, from start to end. */
struct run {
    struct mock_settings *settings;
    char **argv;
    struct mock_provision provision;
    struct mock_ready ready;
};

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

/* --timeout: the command is asked to end, and ended when it does not. */
struct limit {
    int64_t end_ms; /* by the steady clock; 0: none */
    bool is_reached;
};

static void watch_limit(struct limit *limit, const struct mock_process *process, int64_t timeout_s, pid_t pid)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_ms = env->steady_ms(env->ctx);
    if (!timeout_s)
        return;
    if (!limit->end_ms)
        limit->end_ms = now_ms + timeout_s * 1000;
    if (now_ms < limit->end_ms)
        return;
    if (!limit->is_reached)
        auth_log_write(&process->log, AUTH_LOG_ERROR, "the command ran longer than --timeout %lld lets it",
                       (long long)timeout_s);
    forward(pid, limit->is_reached ? SIGKILL : SIGTERM);
    limit->is_reached = true;
    limit->end_ms = now_ms + KILL_AFTER_MS;
}

/* Signals that ask us to end are the command's; the end of the command is ours. What the terminal sends it has already. */
static int wait_for_command(struct run *run, struct mock_process *process, pid_t pid)
{
    struct limit limit = {0};
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
        watch_limit(&limit, process, run->settings->timeout_s, pid);
        struct mock_signal came = mock_process_turn(process, &run->ready);
        if (mock_signals_is_end(came.number) && !came.is_from_keyboard)
            forward(pid, came.number);
    }
    if (ended < 0)
        return MOCK_EXIT_CANNOT_START; /* somebody else took its status */
    if (limit.is_reached)
        return EXIT_TIMED_OUT;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_command(struct run *run, struct mock_process *process, char **entries)
{
    int failure;
    pid_t pid = start_command(run->argv, entries, &failure);
    if (pid < 0) {
        auth_log_write(&process->log, AUTH_LOG_ERROR, "no process can be started: %s", strerror(errno));
        return MOCK_EXIT_CANNOT_START;
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
    int status = MOCK_EXIT_CANNOT_START;
    mock_process_ready(process, run->settings, &run->ready.text);
    enum auth_rc rc = mock_run_environment(process, run->settings, &run->provision, &variables, &err);
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
    mock_ready_init(&run.ready, settings->ready_file, MOCK_READY_SILENT);
    enum auth_rc rc = mock_provision_make(&run.provision, settings, &err);
    if (rc == AUTH_OK)
        rc = mock_process_start(&process, settings, mock_provision_take(&run.provision), MOCK_ACCOUNT_FULL, &err);
    if (rc == AUTH_OK) {
        status = run_inside(&run, &process, &ended_by);
        mock_process_stop(&process);
    } else {
        status = mock_process_complain(rc, &err);
    }
    mock_ready_withdraw(&run.ready);
    mock_provision_clear(&run.provision);
    if (ended_by)
        auth_process_end_by_signal(ended_by);
    return status;
}
