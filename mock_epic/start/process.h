/* A listening server with its state, as serve and run have one. */
#ifndef MOCK_EPIC_START_PROCESS_H
#define MOCK_EPIC_START_PROCESS_H

#include "mock_epic/start/provision.h"
#include "mock_epic/start/ready.h"
#include "mock_epic/start/signals.h"
#include "mock_epic/start/start.h"

/* Exit statuses; run adds those of its command. */
enum { MOCK_EXIT_USAGE = 2, MOCK_EXIT_CANNOT_START = 3 };
enum { MOCK_TURN_MS = 250 }; /* how long the main loop waits for a signal */

/* Read fixtures, apps and keys, bind, start.
 * in   provision  whose app is registered, whose scenario is played; borrowed while the process runs
 * rc   AUTH_E_ARG: usage; anything else: could not start. detail is one line naming the cause */
AUTH_MUST_CHECK enum auth_rc mock_process_start(struct mock_process *process, const struct mock_settings *settings,
                                                struct mock_provision *provision, enum mock_account_detail detail,
                                                struct auth_err *err);
void mock_process_stop(struct mock_process *process);
/* One turn of the main loop: wait a quarter of a second for a signal, then do what is to be done so often: end connections that
 * are late, forget what has expired, go on with what nobody had read.
 * Returns the signal that came; number 0: none */
struct mock_signal mock_process_turn(struct mock_process *process, struct mock_ready *ready);
/* Say in a line how many requests there were, and how many were refused.
 * rc   status, but 1 for 0 when --fail-on-refused was given and a token request was refused */
int mock_process_sum_up(struct mock_process *process, const struct mock_settings *settings, enum auth_log_level level,
                        int status);
/* The ready object: {"url","token_url","fhir_base_url","admin_url","pid"}, and "ca_file" with --tls-ca-file. */
void mock_process_ready(const struct mock_process *process, const struct mock_settings *settings, struct auth_buf *out);
/* Tell on stderr why there is no server.
 * Returns the exit status for rc */
int mock_process_complain(enum auth_rc rc, const struct auth_err *err);

#endif
