/* A captured token request as a value: what somebody's client really sent.
 * Read next: capture_read.h, which makes one of a text. */
#ifndef CONFORMANCE_LINTER_CAPTURE_H
#define CONFORMANCE_LINTER_CAPTURE_H

#include "auth/rules/rules.h"

enum { CONF_CAPTURE_MAX_N = 64 * 1024 };

struct conf_capture {
    struct auth_buf method, url, query; /* url without its query; query without '?' */
    struct auth_buf content_type, authorization;
    struct auth_buf body; /* all wiping: they hold an assertion, perhaps a secret */
};

void conf_capture_init(struct conf_capture *capture);
void conf_capture_clear(struct conf_capture *capture);
/* Set url and query from a URL as written. */
void conf_capture_set_url(struct conf_capture *capture, struct auth_view url);
/* rc  AUTH_E_NOMEM: a part of it is spoiled */
AUTH_MUST_CHECK enum auth_rc conf_capture_check(const struct conf_capture *capture, struct auth_err *err);
/* What the judge wants to know of it. Parses the body into form, which the caller clears with auth_form_clear();
 * form_err keeps the reason when that fails. All three must outlive the facts. */
struct auth_request_facts conf_capture_facts(const struct conf_capture *capture, struct auth_form *form,
                                             struct auth_err *form_err);

#endif
