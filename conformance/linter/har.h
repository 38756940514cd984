/* Reads a HAR file (HTTP Archive 1.2), as browsers and proxies export it: the token request among its entries, with its answer
 * and its time. */
#ifndef CONFORMANCE_LINTER_HAR_H
#define CONFORMANCE_LINTER_HAR_H

#include "conformance/linter/capture.h"

/* True when the text is JSON that has a log with entries. */
bool conf_har_is_one(struct auth_view text);
/* Of several token requests the last that was refused is taken, else the last; a note says which.
 * rc  as conf_capture_read(); AUTH_E_SYNTAX also when no entry is a token request */
AUTH_MUST_CHECK enum auth_rc conf_har_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err);

#endif
