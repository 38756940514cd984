/* The command of `mock-epic run`, from its start to its end. */
#ifndef MOCK_EPIC_CLI_COMMAND_H
#define MOCK_EPIC_CLI_COMMAND_H

#include "auth/core/log.h"
#include "mock_epic/start/signals.h"

enum { MOCK_COPIES_MAX = 100, MOCK_EXIT_TIMED_OUT = 124 };

struct mock_command {
    char **argv;       /* NULL-terminated */
    char **entries;    /* its environment */
    int64_t timeout_s; /* 0: none */
    size_t copies;     /* how many of it run at once, 1 to MOCK_COPIES_MAX */
    const struct auth_log *log;
    /* Called again and again meanwhile: wait for a signal for a quarter of a second at most, and do what else is to be done. */
    struct mock_signal (*turn)(void *ctx);
    void *ctx;
};

/* Signals that ask us to end are passed on to it; those of the keyboard reach it by themselves.
 * out  is_started  false: the log says why not
 * Returns its status, of several the first that is not 0; 128 + N when signal N ended it, 124 when it ran longer than timeout_s, 126 and 127 when it could not be
 * executed, 3 when no process could be started */
int mock_command_run(const struct mock_command *command, bool *is_started);

#endif
