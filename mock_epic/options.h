/* The command line of mock-epic: one table of options, and how they become a server. */
#ifndef MOCK_EPIC_OPTIONS_H
#define MOCK_EPIC_OPTIONS_H

#include "auth/core/opts.h"
#include "mock_epic/mock.h"
#include "mock_epic/server.h"

/* What the user asked for; strings are borrowed from argv. */
struct mock_settings {
    bool help, version, help_switches;
    const char *listen;
    const char *ready_file;
    const char *client_id, *certificate, *jwks, *jwks_url; /* the one app of the command line */
    const char *jwks_ca_file;
    struct auth_opt_list apps, fixtures, audiences, switches;
    bool no_default_fixtures;
    const char *profile;
    int64_t token_lifetime_s, real_token_lifetime_s, clock_offset_s, threads, request_timeout_s;
    const char *at;
    const char *environment;
    const char *admin_token_file;
    bool tls;                              /* a throw-away authority and certificate */
    const char *tls_certificate, *tls_key; /* or these files */
    const char *tls_ca_file;               /* where to write the throw-away authority; NULL: nowhere */
    const char *public_url, *prefix;
    const char *log_format, *log_level;
    bool explain;
};

void mock_options_init(struct mock_settings *settings);
/* Parse argv[1..]; operands start at *first_operand. rc AUTH_E_ARG with a line for the user */
AUTH_MUST_CHECK enum auth_rc mock_options_parse(struct mock_settings *settings, int argc, char **argv,
                                                int *first_operand, struct auth_err *err);
void mock_options_help(FILE *to, struct mock_settings *settings);
/* --help-switches: every switch and rule with defaults. */
void mock_options_help_switches(FILE *to);

/* A listening server with its state, built from settings. */
struct mock_instance {
    struct mock_epic mock;
    struct mock_server *server;
    struct auth_log log;
    struct auth_profile profile;
    struct auth_buf admin_token;
    char url[256];
    unsigned port;
};

/* Read fixtures, apps and keys, bind, start.
 * in   extra_app  one more app, may be NULL; taken in every case
 * rc   AUTH_E_ARG: usage; anything else: could not start. detail is one line naming the cause */
AUTH_MUST_CHECK enum auth_rc mock_instance_start(struct mock_instance *instance, const struct mock_settings *settings,
                                                 struct mock_app *extra_app,
                                                 void (*on_refused)(void *, const struct auth_report *, uint64_t),
                                                 struct auth_err *err);
void mock_instance_stop(struct mock_instance *instance);
/* The ready object: {"url","token_url","fhir_base_url","admin_url","pid"}, and "ca_file" with --tls-ca-file. */
void mock_instance_ready(const struct mock_instance *instance, const struct mock_settings *settings,
                         struct auth_buf *out);

#endif
