/* Signals that end us end the children, too. */
#include "conformance/suite/child.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/process.h"
#include "conformance/suite/jobs.h"

/* 0: nothing. The handler reads what any thread may write. */
static atomic_int children[CONF_JOBS_MAX];

static void end_with_children(int number)
{
    for (size_t i = 0; i < CONF_JOBS_MAX; i++) {
        int pid = atomic_load(&children[i]);
        if (pid)
            (void)kill((pid_t)pid, SIGTERM);
    }
    auth_process_end_by_signal(number);
}

static void put(int from, int to)
{
    for (size_t i = 0; i < CONF_JOBS_MAX; i++) {
        int expected = from;
        if (atomic_compare_exchange_strong(&children[i], &expected, to))
            return;
    }
}

void conf_child_watch(pid_t pid)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act = {.sa_handler = end_with_children};
    put(0, (int)pid);
    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaction(numbers[i], &act, NULL);
}

void conf_child_forget(pid_t pid)
{
    put((int)pid, 0);
}

const char *conf_child_mock(char path[PATH_MAX])
{
    static const char name[] = "mock-epic";
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof name);
    while (n > 0 && path[n - 1] != '/')
        n--;
    if (n <= 0)
        return name;
    memcpy(path + n, name, sizeof name);
    return access(path, X_OK) == 0 ? path : name;
}
