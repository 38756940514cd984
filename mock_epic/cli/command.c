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

enum { EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127, KILL_AFTER_MS = 5000 };

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

/* The copies that run, and what came of those that ended. */
struct running {
    pid_t pids[MOCK_COPIES_MAX]; /* 0: it has ended */
    size_t count;                /* of all that were started */
    int status;                  /* the first that is not 0 */
};

static void forward_to_all(const struct running *running, int number)
{
    for (size_t i = 0; i < running->count; i++) {
        if (running->pids[i] > 0)
            forward(running->pids[i], number);
    }
}

static void note_end(struct running *running, size_t i, int status)
{
    running->pids[i] = 0;
    if (running->status == 0)
        running->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* How many still run. */
static size_t reap(struct running *running)
{
    size_t left = 0;
    for (size_t i = 0; i < running->count; i++) {
        int status = 0;
        pid_t ended = running->pids[i] > 0 ? waitpid(running->pids[i], &status, WNOHANG) : 0;
        if (ended < 0) { /* somebody else took its status */
            running->pids[i] = 0;
            running->status = running->status ? running->status : MOCK_EXIT_CANNOT_START;
        } else if (ended > 0) {
            note_end(running, i, status);
        }
        left += running->pids[i] > 0;
    }
    return left;
}

/* --timeout: the command is asked to end, and ended when it does not. */
struct limit {
    int64_t end_ms; /* by the steady clock; 0: none */
    bool is_reached;
};

static void watch_limit(struct limit *limit, const struct mock_command *command, const struct running *running)
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
    forward_to_all(running, limit->is_reached ? SIGKILL : SIGTERM);
    limit->is_reached = true;
    limit->end_ms = now_ms + KILL_AFTER_MS;
}

/* Signals that ask us to end are the command's; the end of the command is ours. What the terminal sends it has already. */
static int wait_for(const struct mock_command *command, struct running *running)
{
    struct limit limit = {0};
    while (reap(running)) {
        watch_limit(&limit, command, running);
        struct mock_signal came = command->turn(command->ctx);
        if (mock_signals_is_end(came.number) && !came.is_from_keyboard)
            forward_to_all(running, came.number);
    }
    return limit.is_reached ? MOCK_EXIT_TIMED_OUT : running->status;
}

int mock_command_run(const struct mock_command *command, bool *is_started)
{
    struct running running = {.count = 0};
    int failure = 0;
    for (size_t i = 0; i < command->copies && !failure; i++) {
        pid_t pid = start(command->argv, command->entries, &failure);
        if (pid < 0) {
            auth_log_write(command->log, AUTH_LOG_ERROR, "no process can be started: %s", strerror(errno));
            failure = errno;
        } else {
            running.pids[running.count++] = pid;
        }
    }
    *is_started = running.count > 0 && !failure;
    if (failure && running.count > 1) { /* those that started before are not left alone; the last ends by itself */
        struct running earlier = running;
        earlier.count--;
        forward_to_all(&earlier, SIGTERM);
    }
    int status = running.count ? wait_for(command, &running) : MOCK_EXIT_CANNOT_START;
    if (failure && running.count)
        auth_log_write(command->log, AUTH_LOG_ERROR, "%s: %s", command->argv[0], strerror(failure));
    return status;
}
