/* Signals that end us end the child, too. */
#include "conformance/suite/child.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/process.h"

static volatile sig_atomic_t child; /* 0: nothing */

static void end_with_child(int number)
{
    if (child)
        (void)kill((pid_t)child, SIGTERM);
    auth_process_end_by_signal(number);
}

void conf_child_watch(pid_t pid)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction act = {.sa_handler = end_with_child};
    child = pid;
    sigemptyset(&act.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)sigaction(numbers[i], &act, NULL);
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
