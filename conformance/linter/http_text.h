/* Reads a token request in HTTP/1.1 as proxies and developer tools show it, with the answer behind it if it is there; and as
 * people write it for an editor to send (.http files, Hurl), where the request line has an URL and no version. */
#ifndef CONFORMANCE_LINTER_HTTP_TEXT_H
#define CONFORMANCE_LINTER_HTTP_TEXT_H

#include "conformance/linter/capture.h"

/* True when the text begins with a request line. */
bool conf_http_is_request(struct auth_view text);
/* in  text  from the request line to the end of what belongs to it
 * rc  as conf_capture_read() */
AUTH_MUST_CHECK enum auth_rc conf_http_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err);
/* Take status, Date and error from the first answer in a text, if there is one: "HTTP/1.1 400 ...", or only its JSON. */
void conf_http_read_answer(struct auth_view text, struct conf_capture *capture);

#endif
