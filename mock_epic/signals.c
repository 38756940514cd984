#include "mock_epic/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "auth/core/process.h"

static int pipe_fds[2] = {-1, -1};
static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    if (write(pipe_fds[1], &byte, 1) < 0) {
        /* the pipe is full: plenty of signals are waiting to be read already */
    }
    errno = saved;
}

static void set_all(void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        (void)sigaction(caught[i], &action, NULL);
}

bool mock_signals_init(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
    if (pipe(pipe_fds) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK);
    }
    set_all(on_signal);
    return true;
}

int mock_signals_wait(int timeout_ms)
{
    struct pollfd pfd = {.fd = pipe_fds[0], .events = POLLIN};
    char byte;
    if (poll(&pfd, 1, timeout_ms) <= 0 || read(pipe_fds[0], &byte, 1) != 1)
        return 0;
    return byte;
}

void mock_signals_restore(void)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    set_all(SIG_DFL);
    (void)sigaction(SIGPIPE, &normal, NULL);
    auth_process_restore();
}
