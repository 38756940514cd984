/* A captured token request as a value: what somebody's client really sent, and what came back, as far as it was captured.
 * Read next: capture_read.h, which makes one of a text. */
#ifndef CONFORMANCE_LINTER_CAPTURE_H
#define CONFORMANCE_LINTER_CAPTURE_H

#include "auth/rules/rules.h"

enum { CONF_CAPTURE_MAX_N = 64 * 1024 };

/* Where the time of a capture comes from. */
enum conf_capture_clock {
    CONF_CLOCK_NONE,
    CONF_CLOCK_ANSWER, /* Date of the answer: the server's own clock */
    CONF_CLOCK_STARTED /* when the browser or proxy saw the request */
};

struct conf_capture {
    struct auth_buf method, url, query; /* url without its query; query without '?' */
    struct auth_buf content_type, authorization;
    struct auth_buf body;        /* these are wiping: they hold an assertion, perhaps a secret */
    struct auth_buf notes;       /* what was done to read it, a clause a line, safe for a terminal */
    int status;                  /* of the answer; 0: not captured */
    enum auth_oauth_error error; /* that the answer names; AUTH_OAUTH_NONE: none, or not captured */
    enum conf_capture_clock clock;
    int64_t time_s; /* epoch seconds, unless CONF_CLOCK_NONE */
};

void conf_capture_init(struct conf_capture *capture);
void conf_capture_clear(struct conf_capture *capture);
/* rc  AUTH_E_NOMEM: a part of it is spoiled */
AUTH_MUST_CHECK enum auth_rc conf_capture_check(const struct conf_capture *capture, struct auth_err *err);

/* ---- for those who fill it ---- */

/* Set url and query from a URL as written. */
void conf_capture_set_url(struct conf_capture *capture, struct auth_view url);
/* A header of the request; those that no rule looks at are passed over. */
void conf_capture_set_header(struct conf_capture *capture, struct auth_view name, struct auth_view value);
/* Append a line of a body that is written over several: a parameter that begins one is separated from the one before. */
void conf_capture_add_line(struct conf_capture *capture, struct auth_view line);
/* Add "name=value" to the body, percent-encoded. */
void conf_capture_add_field(struct conf_capture *capture, struct auth_view name, struct auth_view value);
/* A form that its sender puts behind the URL's '?'. */
void conf_capture_body_to_query(struct conf_capture *capture);
void conf_capture_note(struct conf_capture *capture, const char *format, ...) AUTH_PRINTF(2, 3);
/* The text of an answer's Date header, and of its body. What is neither a date nor JSON with an error changes nothing. */
void conf_capture_set_date(struct conf_capture *capture, struct auth_view date);
void conf_capture_set_answer(struct conf_capture *capture, struct auth_view body);

/* ---- for the judge ---- */

/* What the judge wants to know of it. Parses the body into form, which the caller clears with auth_form_clear();
 * form_err keeps the reason when that fails. All three must outlive the facts. */
struct auth_request_facts conf_capture_facts(const struct conf_capture *capture, struct auth_form *form,
                                             struct auth_err *form_err);

#endif
