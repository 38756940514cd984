#include "auth/core/process.h"

#include <fcntl.h>
#include <sys/resource.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

static struct rlimit before;
static int is_forbidden;

void auth_process_open_standard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", O_RDWR); /* the lowest free number, so this one */
    }
}

void auth_process_forbid_core(enum auth_process_reach reach)
{
    if (!is_forbidden && getrlimit(RLIMIT_CORE, &before) == 0) {
        struct rlimit none = {.rlim_cur = 0,
                              .rlim_max = before.rlim_max}; /* the hard limit could not be raised again */
        is_forbidden = setrlimit(RLIMIT_CORE, &none) == 0;
    }
#if defined(__linux__) && !defined(IS_SANITIZED)
    if (reach == AUTH_PROCESS_ALL_DUMPS)
        (void)prctl(PR_SET_DUMPABLE, 0);
#else
    (void)reach;
#endif
}

void auth_process_restore_core(void)
{
    if (is_forbidden)
        (void)setrlimit(RLIMIT_CORE, &before); /* dumpable comes back by itself, with exec() */
}

void auth_process_trim_memory(void)
{
#if defined(__GLIBC__)
    (void)malloc_trim(0);
#endif
}
