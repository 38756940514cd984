/* Reads a wget command; see curl_command.h. */
#ifndef CONFORMANCE_LINTER_WGET_COMMAND_H
#define CONFORMANCE_LINTER_WGET_COMMAND_H

#include "conformance/linter/capture.h"

bool conf_wget_is_command(struct auth_view text);
AUTH_MUST_CHECK enum auth_rc conf_wget_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err);

#endif
