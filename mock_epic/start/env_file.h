/* serve --env-file: where the mock is and with which key, as NAME=VALUE lines for shells, docker --env-file, dotenv and what
 * a CI system gives to the steps that follow. */
#ifndef MOCK_EPIC_START_ENV_FILE_H
#define MOCK_EPIC_START_ENV_FILE_H

#include "mock_epic/start/process.h"
#include "mock_epic/start/provision.h"

/* Append the lines. They are unquoted, since those readers agree on no quotes.
 * rc   AUTH_E_CONFIG: a value holds a character that one of them would take for another; AUTH_E_IO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_env_file_append(const struct mock_process *process,
                                                  const struct mock_settings *settings,
                                                  const struct mock_provision *provision, struct auth_err *err);

#endif
