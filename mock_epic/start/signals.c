/* Signals as bytes in a pipe. */
#include "mock_epic/start/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "auth/core/process.h"

enum { SIGNALS_MAX = 128, KEYBOARD = 0x80 }; /* a number and this bit share a byte */

/* But for the faults (SIGSEGV and its like, SIGABRT): what a crashed process still did would make it worse. The real-time
 * signals are added to these. */
static const int ending[] = {
    SIGHUP,    SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGSYS, SIGTRAP,
#if defined(SIGPOLL)
    SIGPOLL,
#endif
#if defined(SIGPWR)
    SIGPWR,
#endif
#if defined(SIGSTKFLT)
    SIGSTKFLT,
#endif
};

static int pipe_fds[2] = {-1, -1};
static sigset_t mask_before, mask_held;
static struct {
    struct sigaction before;
    bool is_changed, is_end;
} signals[SIGNALS_MAX];

static void on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    bool is_from_keyboard = false;
    (void)context;
#if defined(SI_KERNEL)
    is_from_keyboard = (number == SIGINT || number == SIGQUIT) && info->si_code == SI_KERNEL;
#else
    is_from_keyboard = (number == SIGINT || number == SIGQUIT) && isatty(STDIN_FILENO);
#endif
    unsigned char byte = (unsigned char)(number | (is_from_keyboard ? KEYBOARD : 0));
    if (write(pipe_fds[1], &byte, 1) < 0) {
        /* the pipe is full: plenty of signals are waiting to be read already */
    }
    errno = saved;
}

static void change(int number, const struct sigaction *action)
{
    if (number < SIGNALS_MAX && sigaction(number, action, &signals[number].before) == 0)
        signals[number].is_changed = true;
}

static void catch_end(int number, const struct sigaction *action, sigset_t *caught)
{
    struct sigaction now;
    if (number >= SIGNALS_MAX || sigaction(number, NULL, &now) != 0 || now.sa_handler != SIG_DFL)
        return; /* ignored by who started us; or a profiler's, which was there before main() */
    change(number, action);
    signals[number].is_end = true;
    sigaddset(caught, number);
}

static void catch_all(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_RESTART | SA_SIGINFO | SA_NOCLDSTOP};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t caught;
    sigemptyset(&action.sa_mask);
    sigemptyset(&caught);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        catch_end(ending[i], &action, &caught);
#if defined(SIGRTMIN)
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        catch_end(number, &action, &caught);
#endif
    change(SIGCHLD, &action); /* ignored, it would take the exit status of the command with it */
    sigaddset(&caught, SIGCHLD);
    change(SIGPIPE, &ignore);
    (void)pthread_sigmask(SIG_UNBLOCK, &caught, &mask_before);
}

bool mock_signals_init(void)
{
    if (pipe(pipe_fds) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        (void)fcntl(pipe_fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(pipe_fds[i], F_SETFL, O_NONBLOCK);
    }
    catch_all();
    return true;
}

struct mock_signal mock_signals_wait(int timeout_ms)
{
    struct pollfd pfd = {.fd = pipe_fds[0], .events = POLLIN};
    struct mock_signal none = {0};
    unsigned char byte;
    if (poll(&pfd, 1, timeout_ms) <= 0 || read(pipe_fds[0], &byte, 1) != 1)
        return none;
    return (struct mock_signal){.number = byte & (KEYBOARD - 1), .is_from_keyboard = (byte & KEYBOARD) != 0};
}

bool mock_signals_is_end(int number)
{
    return number > 0 && number < SIGNALS_MAX && signals[number].is_end;
}

void mock_signals_hold(void)
{
    sigset_t all;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &mask_held);
}

void mock_signals_release(void)
{
    (void)pthread_sigmask(SIG_SETMASK, &mask_held, NULL);
}

void mock_signals_restore(void)
{
    for (int number = 1; number < SIGNALS_MAX; number++) {
        if (signals[number].is_changed)
            (void)sigaction(number, &signals[number].before, NULL);
    }
    auth_process_restore();
    (void)pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
}
