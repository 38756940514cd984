/* `mock-epic run -- COMMAND`: a mock of its own around one command, with its address in the environment. */
#ifndef MOCK_EPIC_CLI_RUN_H
#define MOCK_EPIC_CLI_RUN_H

#include "mock_epic/start/options.h"

/* Start the mock, run argv (NULL-terminated), stop the mock. Signals that ask us to end are passed on to the command.
 * Returns the command's exit status (128 + N when signal N ended it), or 2/3 when the mock could not start. */
int mock_run(struct mock_settings *settings, char **argv);

#endif
