/* `mock-epic serve`: a mock that runs until it is told to stop. */
#ifndef MOCK_EPIC_CLI_SERVE_H
#define MOCK_EPIC_CLI_SERVE_H

#include "mock_epic/start/options.h"

/* Start the mock, announce it, serve until a signal. Does not return when the signal was no request to stop: the process
 * ends by it.
 * Returns the exit status */
int mock_serve(struct mock_settings *settings);

#endif
