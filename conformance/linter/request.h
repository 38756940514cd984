/* A captured token request: what somebody's client really sent, as raw HTTP or as a curl command line.
 *
 * Nothing is ever sent or executed, and no file that the capture names is read: a command is only read as text, with the
 * quoting of a POSIX shell. What cannot be known from the text alone (a variable, a file) is refused by name.
 * Read next: curl.c, which reads the commands. */
#ifndef CONFORMANCE_LINTER_REQUEST_H
#define CONFORMANCE_LINTER_REQUEST_H

#include "auth/rules/rules.h"

enum { CONF_REQUEST_MAX_N = 64 * 1024 };

struct conf_request {
    struct auth_buf method, url, query; /* url without its query; query without '?' */
    struct auth_buf content_type, authorization;
    struct auth_buf body; /* all wiping: they hold an assertion, perhaps a secret */
};

/* in   text     untrusted; at most CONF_REQUEST_MAX_N bytes
 * out  request  init by this call; caller clears with conf_request_clear(), also after a failure
 * rc   AUTH_OK; AUTH_E_SYNTAX (detail says what cannot be read, and what to do); AUTH_E_TOO_BIG; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_request_read(struct auth_view text, struct conf_request *request,
                                               struct auth_err *err);
void conf_request_clear(struct conf_request *request);
/* What the judge wants to know of it. Parses the body into form, which the caller clears with auth_form_clear();
 * form_err keeps the reason when that fails. All three must outlive the facts. */
struct auth_request_facts conf_request_facts(const struct conf_request *request, struct auth_form *form,
                                             struct auth_err *form_err);

/* ---- inside request.c and curl.c ---- */

/* True when the text is a curl command. */
bool conf_curl_is_command(struct auth_view text);
AUTH_MUST_CHECK enum auth_rc conf_curl_read(struct auth_view text, struct conf_request *request, struct auth_err *err);
/* Set url and query from a URL as written. */
void conf_request_set_url(struct conf_request *request, struct auth_view url);

#endif
