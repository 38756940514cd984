/* What the command of `mock-epic run` finds in its environment: where the mock is and with which key, and nothing of the
 * user's that would lead it elsewhere. */
#ifndef MOCK_EPIC_CLI_RUN_ENVIRONMENT_H
#define MOCK_EPIC_CLI_RUN_ENVIRONMENT_H

#include "mock_epic/cli/process.h"
#include "mock_epic/cli/provision.h"
#include "mock_epic/cli/variables.h"

/* One log line names what the user had set and the command sees otherwise, never a value.
 * io   provision  its temporary files get bundles of CAs, with --tls
 * out  variables  caller clears, also after a failure
 * rc   AUTH_E_IO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_run_environment(const struct mock_process *process,
                                                  const struct mock_settings *settings,
                                                  struct mock_provision *provision, struct mock_variables *variables,
                                                  struct auth_err *err);

#endif
