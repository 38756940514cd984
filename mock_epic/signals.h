/* Signals as bytes in a pipe, so that the main loop meets them in poll() and no work is done in a handler. */
#ifndef MOCK_EPIC_SIGNALS_H
#define MOCK_EPIC_SIGNALS_H

#include <stdbool.h>

/* Catch SIGINT, SIGTERM, SIGHUP and SIGCHLD; ignore SIGPIPE.
 * Call before any thread starts. False when the pipe could not be made. */
bool mock_signals_init(void);
/* Wait up to timeout_ms for a signal and return its number, or 0. */
int mock_signals_wait(int timeout_ms);
/* In a child, before exec: default handling again, and auth_process_restore(). */
void mock_signals_restore(void);

#endif
