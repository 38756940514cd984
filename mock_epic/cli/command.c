/* Starting the command of run, passing signals on to it, waiting for its end. */
#include "mock_epic/cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "mock_epic/start/process.h"

enum { EXIT_TIMED_OUT = 124, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, KILL_AFTER_MS = 5000 };

extern char **environ;

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
static pid_t start(char **argv, char **entries, int *failure)
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

static void watch_limit(struct limit *limit, const struct mock_command *command, pid_t pid)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_ms = env->steady_ms(env->ctx);
    if (!command->timeout_s)
        return;
    if (!limit->end_ms)
        limit->end_ms = now_ms + command->timeout_s * 1000;
    if (now_ms < limit->end_ms)
        return;
    if (!limit->is_reached)
        auth_log_write(command->log, AUTH_LOG_ERROR, "the command ran longer than --timeout %lld lets it",
                       (long long)command->timeout_s);
    forward(pid, limit->is_reached ? SIGKILL : SIGTERM);
    limit->is_reached = true;
    limit->end_ms = now_ms + KILL_AFTER_MS;
}

/* Signals that ask us to end are the command's; the end of the command is ours. What the terminal sends it has already. */
static int wait_for(const struct mock_command *command, pid_t pid)
{
    struct limit limit = {0};
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0) {
        watch_limit(&limit, command, pid);
        struct mock_signal came = command->turn(command->ctx);
        if (mock_signals_is_end(came.number) && !came.is_from_keyboard)
            forward(pid, came.number);
    }
    if (ended < 0)
        return MOCK_EXIT_CANNOT_START; /* somebody else took its status */
    if (limit.is_reached)
        return EXIT_TIMED_OUT;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int mock_command_run(const struct mock_command *command, bool *is_started)
{
    int failure;
    pid_t pid = start(command->argv, command->entries, &failure);
    *is_started = pid > 0 && !failure;
    if (pid < 0) {
        auth_log_write(command->log, AUTH_LOG_ERROR, "no process can be started: %s", strerror(errno));
        return MOCK_EXIT_CANNOT_START;
    }
    int status = wait_for(command, pid);
    if (failure)
        auth_log_write(command->log, AUTH_LOG_ERROR, "%s: %s", command->argv[0], strerror(failure));
    return status;
}
