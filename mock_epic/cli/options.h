/* The command line of mock-epic: one table of options, and how they become a server. */
#ifndef MOCK_EPIC_CLI_OPTIONS_H
#define MOCK_EPIC_CLI_OPTIONS_H

#include "auth/core/file.h"
#include "auth/core/opts.h"
#include "mock_epic/instance/instance.h"
#include "mock_epic/server/server.h"

/* What the user asked for; strings are borrowed from argv and the environment. */
struct mock_settings {
    struct auth_opts_given given; /* ask mock_options_given() */
    bool help, version, help_switches;
    const char *listen;
    const char *ready_file;
    const char *client_id, *certificate, *jwks, *jwks_url; /* the one app of the command line */
    const char *jwks_ca_file;
    struct auth_opt_list apps, fixtures, audiences, switches;
    bool no_default_fixtures;
    const char *profile;
    int64_t token_lifetime_s, real_token_lifetime_s, clock_offset_s, threads, request_timeout_s;
    int64_t at_s;    /* when given */
    int environment; /* enum mock_environment */
    const char *admin_token_file;
    bool tls;                              /* a throw-away authority and certificate */
    const char *tls_certificate, *tls_key; /* or these files */
    const char *tls_ca_file;               /* where to write the throw-away authority; NULL: nowhere */
    const char *public_url, *prefix;
    int log_format, log_level; /* enum auth_log_format, enum auth_log_level */
    bool explain;
    bool fail_on_refused;
};

/* In the order of the option's words. */
enum mock_environment { MOCK_NON_PRODUCTION, MOCK_PRODUCTION };

/* Options of argv[1..], then of MOCK_EPIC_…, then defaults; argc and argv are left with the operands, as by
 * auth_opts_parse(). Clear settings in every case. rc AUTH_E_ARG with a line for the user */
AUTH_MUST_CHECK enum auth_rc mock_options_parse(struct mock_settings *settings, int *argc, char **argv,
                                                struct auth_err *err);
void mock_options_clear(struct mock_settings *settings);
/* True when the user gave that member, as in mock_options_given(s, &s->listen); false when it is a default. */
bool mock_options_given(const struct mock_settings *settings, const void *member);
void mock_options_help(FILE *to);
/* --help-switches: every switch and rule with defaults. */
void mock_options_help_switches(FILE *to);

/* A listening server with its state, built from settings. */
struct mock_process {
    struct mock_instance instance;
    struct mock_server *server;
    struct auth_log log;
    struct auth_profile profile;
    struct auth_buf admin_token;
    struct auth_buf authority; /* what --tls-ca-file gets */
    struct auth_file_output authority_file;
    unsigned ticks;
    char url[256];
    unsigned port;
};

/* Read fixtures, apps and keys, bind, start.
 * in   extra_app  one more app, may be NULL; taken in every case
 * rc   AUTH_E_ARG: usage; anything else: could not start. detail is one line naming the cause */
AUTH_MUST_CHECK enum auth_rc mock_process_start(struct mock_process *process, const struct mock_settings *settings,
                                                struct mock_app *extra_app, enum mock_account_detail detail,
                                                struct auth_err *err);
void mock_process_stop(struct mock_process *process);
/* Say in a line how many requests there were, and how many were refused.
 * rc   status, but 1 for 0 when --fail-on-refused was given and a token request was refused */
int mock_process_sum_up(struct mock_process *process, const struct mock_settings *settings, enum auth_log_level level,
                        int status);
enum { MOCK_PROCESS_TICK_MS = 250 };
/* What is to be done so often: end connections that are late, forget what has expired, go on with what nobody had read. */
void mock_process_tick(struct mock_process *process);
/* The ready object: {"url","token_url","fhir_base_url","admin_url","pid"}, and "ca_file" with --tls-ca-file. */
void mock_process_ready(const struct mock_process *process, const struct mock_settings *settings, struct auth_buf *out);

#endif
