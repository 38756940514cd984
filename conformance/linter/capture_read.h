/* Reads a captured token request, whatever way it was captured.
 *
 * Nothing is ever sent or executed, and no file that the capture names is read: a command is only read as text, with the
 * quoting of a shell. What cannot be known from the text alone (a variable, a file) is refused by name.
 * Read next: http_text.h, curl_command.h and har.h, a reader each. */
#ifndef CONFORMANCE_LINTER_CAPTURE_READ_H
#define CONFORMANCE_LINTER_CAPTURE_READ_H

#include "conformance/linter/capture.h"

/* Of a HAR file; one request has at most CONF_CAPTURE_MAX_N bytes. */
enum { CONF_CAPTURE_FILE_MAX_N = 32 * 1024 * 1024 };

/* The token request is found among others, and behind comments, fences and prompts; the answer behind it is read if it is
 * there. Also read: UTF-16, a byte order mark, and the body alone.
 * in   text     untrusted
 * out  capture  init by this call; caller clears with conf_capture_clear(), also after a failure
 * rc   AUTH_OK; AUTH_E_SYNTAX (detail says what cannot be read, and what to do); AUTH_E_TOO_BIG; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_capture_read(struct auth_view text, struct conf_capture *capture,
                                               struct auth_err *err);
/* Is it plainly a captured token request, so that nobody need say so? */
bool conf_capture_is_one(struct auth_view text);

#endif
