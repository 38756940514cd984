/* The server under test: a mock that is started for it, or one that is there. */
#ifndef CONFORMANCE_SUITE_TARGET_H
#define CONFORMANCE_SUITE_TARGET_H

#include <sys/types.h>

#include "auth/core/opts.h"
#include "conformance/suite/exchange.h"

struct conf_target_options {
    const char *token_url, *fhir, *client_id, *key, *ca_file; /* of one that is there; token_url NULL: start a mock */
    const char *on;      /* a mock that runs, in which an instance is made: its origin; NULL: none */
    const char *mock;    /* program; NULL: mock-epic beside this one, else in PATH */
    const char *profile; /* of the mock; smart: kid and scope are sent */
    const char *kid;     /* of a server that is there; NULL: the thumbprint of its key */
    const struct auth_opt_list *switches;
    const char *epic_version; /* NULL: the mock's default */
    const char *seed;         /* a whole number: of the mock's draws; NULL: random */
};

/* What was started. */
struct conf_started {
    pid_t pid; /* 0: nothing */
};

/* Start or find the server. A mock that is started gets a key made for it, and its clock stands still, so that limits can be met
 * to the second. Of options->on it is the server alone, which has yet to make an instance (suite/instance.h).
 * out  target, started  caller ends with conf_target_close(), also after a failure
 * rc   AUTH_E_ARG (options that do not go together); AUTH_E_CONFIG (key); AUTH_E_NETWORK: no server */
AUTH_MUST_CHECK enum auth_rc conf_target_open(const struct conf_target_options *options, struct conf_target *target,
                                              struct conf_started *started, struct auth_err *err);
/* A call of the target's admin API.
 * in   path    below /mock; body: JSON, or empty
 * out  answer  appended; may be NULL
 * rc   AUTH_E_HTTP: refused (detail: in what words) */
AUTH_MUST_CHECK enum auth_rc conf_target_call(struct conf_target *target, const char *method, const char *path,
                                              struct auth_view body, struct auth_buf *answer, struct auth_err *err);
/* The same of the server that the target is an instance of, or is itself. */
AUTH_MUST_CHECK enum auth_rc conf_target_call_server(struct conf_target *target, const char *method, const char *path,
                                                     struct auth_view body, struct auth_buf *answer,
                                                     struct auth_err *err);
/* Let its clock stand still. */
AUTH_MUST_CHECK enum auth_rc conf_target_freeze(struct conf_target *target, struct auth_err *err);
/* Set the URLs to those that a ready object, or an instance as the mock shows it, names. */
AUTH_MUST_CHECK enum auth_rc conf_target_take_urls(struct auth_view json, struct conf_target *target,
                                                   struct auth_err *err);
void conf_target_close(struct conf_target *target, struct conf_started *started);

#endif
