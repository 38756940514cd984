/* Reads a curl command. Bounded, and it executes nothing: a file that the command names is refused, for its content is not in
 * the text. */
#ifndef CONFORMANCE_LINTER_CURL_COMMAND_H
#define CONFORMANCE_LINTER_CURL_COMMAND_H

#include "conformance/linter/capture.h"

/* True when the first line is a curl command, behind a prompt perhaps. */
bool conf_curl_is_command(struct auth_view text);
/* in  text  from that line to the end of what belongs to it: what came back may follow
 * rc  as conf_capture_read() */
AUTH_MUST_CHECK enum auth_rc conf_curl_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err);

#endif
