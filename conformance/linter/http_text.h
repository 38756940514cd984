/* Reads a token request in raw HTTP/1.1, as proxies and developer tools show it. */
#ifndef CONFORMANCE_LINTER_HTTP_TEXT_H
#define CONFORMANCE_LINTER_HTTP_TEXT_H

#include "conformance/linter/capture.h"

/* rc as conf_capture_read() */
AUTH_MUST_CHECK enum auth_rc conf_http_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err);

#endif
