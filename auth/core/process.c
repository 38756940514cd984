/* The system's side of a process: Linux first, with the nearest that others have. */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#include "auth/core/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

static struct rlimit core_before;
static int is_core_forbidden;
static struct sigaction xfsz_before;
static int is_xfsz_ignored;

static void open_standard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0) /* the lowest free number, so this one; reading stdin or writing to stdout fails */
            (void)open("/dev/null", fd == 1 ? O_RDONLY : O_WRONLY);
    }
}

static void forbid_dumps(void)
{
#if defined(__linux__) && !defined(IS_SANITIZED)
    (void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

static void forbid_core(enum auth_process_reach reach)
{
    if (getrlimit(RLIMIT_CORE, &core_before) == 0) {
        struct rlimit none = {.rlim_cur = 0,
                              .rlim_max = core_before.rlim_max}; /* the hard limit could not be raised again */
        is_core_forbidden = setrlimit(RLIMIT_CORE, &none) == 0;
    }
    if (reach == AUTH_PROCESS_ALL_DUMPS)
        forbid_dumps();
}

void auth_process_start(enum auth_process_reach reach)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    open_standard();
    is_xfsz_ignored = sigaction(SIGXFSZ, &ignore, &xfsz_before) == 0;
    forbid_core(reach);
}

int auth_process_finish(const char *program, int status, int lost_status)
{
    int is_lost = ferror(stdout) != 0;
    errno = 0; /* of an earlier failure it is long gone */
    if (fflush(stdout) == 0 && !is_lost)
        return status;
    if (errno != EPIPE)
        fprintf(stderr, "%s: cannot write the output%s%s\n", program, errno ? ": " : "", errno ? strerror(errno) : "");
    return lost_status;
}

void auth_process_end_by_signal(int number)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};
    sigset_t alone;
    forbid_dumps();
    sigemptyset(&alone);
    sigaddset(&alone, number);
    (void)sigaction(number, &normal, NULL);
    (void)sigprocmask(SIG_UNBLOCK, &alone, NULL);
    (void)raise(number);
    _exit(128 + number); /* its default action is not to end */
}

void auth_process_restore(void)
{
    if (is_core_forbidden)
        (void)setrlimit(RLIMIT_CORE, &core_before); /* dumpable comes back by itself, with exec() */
    if (is_xfsz_ignored)
        (void)sigaction(SIGXFSZ, &xfsz_before, NULL);
}

#if defined(__linux__)

/* Whether the directory of path (up to its last slash) is the one of that name. */
static int is_in(const char *directory, const char *name)
{
    struct stat a, b;
    return stat(directory, &a) == 0 && stat(name, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

enum auth_process_descriptor auth_process_descriptor(const char *path, int *fd)
{
    char directory[PATH_MAX], real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    size_t n = slash ? (size_t)(slash - path) + 1 : 0;
    char *end = NULL;
    *fd = -1;
    long number = strtol(base, &end, 10);
    if (*base < '0' || *base > '9' || *end || number > INT_MAX || n + 2 > sizeof directory)
        return AUTH_PROCESS_NO_DESCRIPTOR;
    memcpy(directory, path, n);
    memcpy(directory + n, ".", 2);
    if (!realpath(directory, real) || strncmp(real, "/proc/", 6) != 0)
        return AUTH_PROCESS_NO_DESCRIPTOR;
    if (!is_in(real, "/proc/self/fd") && !is_in(real, "/proc/thread-self/fd"))
        return AUTH_PROCESS_OTHERS_DESCRIPTOR;
    *fd = (int)number;
    return AUTH_PROCESS_OWN_DESCRIPTOR;
}

int auth_process_open_again(int fd)
{
    char name[64];
    struct stat status;
    if (fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || isatty(fd)))
        return -1; /* a regular file has a place in it, which a second descriptor would not share */
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int auth_process_widen_pipe(int fd, int more)
{
    int size = fcntl(fd, F_GETPIPE_SZ);
    return size > 0 && size < INT_MAX - more && fcntl(fd, F_SETPIPE_SZ, size + more) > size;
}

#else

enum auth_process_descriptor auth_process_descriptor(const char *path, int *fd)
{
    (void)path; /* /dev/fd/N is a device here: opening it does what the user expects */
    *fd = -1;
    return AUTH_PROCESS_NO_DESCRIPTOR;
}

int auth_process_open_again(int fd)
{
    (void)fd;
    return -1;
}

int auth_process_widen_pipe(int fd, int more)
{
    (void)fd;
    (void)more;
    return 0;
}

#endif
