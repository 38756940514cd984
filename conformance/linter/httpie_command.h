/* Reads an HTTPie command (http, https, xh); see curl_command.h. */
#ifndef CONFORMANCE_LINTER_HTTPIE_COMMAND_H
#define CONFORMANCE_LINTER_HTTPIE_COMMAND_H

#include "conformance/linter/capture.h"

bool conf_httpie_is_command(struct auth_view text);
AUTH_MUST_CHECK enum auth_rc conf_httpie_read(struct auth_view text, struct conf_capture *capture,
                                              struct auth_err *err);

#endif
