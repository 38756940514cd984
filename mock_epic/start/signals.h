/* Signals as bytes in a pipe, so that the main loop meets them in poll() and no work is done in a handler.
 *
 * Every signal that asks a process to end, and is no fault of its own, is caught: whoever waits here can put things away
 * first. One that was ignored when we came (nohup) stays ignored. */
#ifndef MOCK_EPIC_START_SIGNALS_H
#define MOCK_EPIC_START_SIGNALS_H

#include <stdbool.h>

struct mock_signal {
    int number;            /* 0: none */
    bool is_from_keyboard; /* the terminal sent it, to every process in its foreground */
};

/* Catch them and SIGCHLD, also where they were blocked; ignore SIGPIPE.
 * Call before any thread starts. False when the pipe could not be made. */
bool mock_signals_init(void);
/* Wait up to timeout_ms for a signal. */
struct mock_signal mock_signals_wait(int timeout_ms);
/* True for the numbers that ask us to end: all but SIGCHLD. */
bool mock_signals_is_end(int number);

/* Around fork(): no signal is taken between these two, so that none meets our handlers in the child. */
void mock_signals_hold(void);
void mock_signals_release(void);
/* In the child, before exec, instead of releasing: all as it was before mock_signals_init() and auth_process_start(). */
void mock_signals_restore(void);

#endif
