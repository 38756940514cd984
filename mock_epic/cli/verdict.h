/* What a run came to: told on stderr, written as reports, and as an exit status. */
#ifndef MOCK_EPIC_CLI_VERDICT_H
#define MOCK_EPIC_CLI_VERDICT_H

#include "auth/core/log.h"
#include "mock_epic/evidence/scenario.h"
#include "mock_epic/start/options.h"

/* Whether anybody asked for one. */
bool mock_verdict_is_wanted(const struct mock_settings *settings);
/* What --expect names. rc AUTH_E_ARG: it is no array of expectations; AUTH_E_NOT_FOUND, AUTH_E_IO ...
 * out  text  appended; nothing where --expect was not given */
AUTH_MUST_CHECK enum auth_rc mock_verdict_read_expectations(const struct mock_settings *settings, struct auth_buf *text,
                                                            struct auth_err *err);
/* in   scenario  NULL: none was played
 *      json      as GET /mock/verdict answers
 *      status    of the command
 * Returns the status of the run: with a scenario by the verdict (but of a command that was ended its own, unless it failed), else the command's, or 1 for 0 when an
 * expectation failed; 3 when a report could not be written */
int mock_verdict_tell(const struct mock_settings *settings, const struct mock_scenario *scenario, struct auth_view json,
                      const struct auth_log *log, int status);

#endif
