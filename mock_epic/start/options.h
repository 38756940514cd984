/* The options of serve and run, a table each: most rows are of both. */
#ifndef MOCK_EPIC_START_OPTIONS_H
#define MOCK_EPIC_START_OPTIONS_H

#include "auth/core/opts.h"

enum mock_server_command { MOCK_SERVE, MOCK_RUN };

/* What the user asked for; strings are borrowed from argv and the environment. */
struct mock_settings {
    enum mock_server_command command;
    struct auth_opts_given given; /* ask mock_options_given() */
    bool help, version, help_switches;
    const char *listen;
    const char *ready_file;
    const char *env_file;                                  /* serve only */
    const char *client_id, *certificate, *jwks, *jwks_url; /* the one app of the command line */
    const char *jwks_ca_file;
    struct auth_opt_list apps, fixtures, audiences, switches;
    bool no_default_fixtures, strict;
    const char *profile, *epic_version;
    int64_t token_lifetime_s, real_token_lifetime_s, clock_offset_s, threads, request_timeout_s;
    int64_t at_s, seed; /* when given */
    int faketime;       /* run only; enum mock_faketime_kind */
    int64_t timeout_s;  /* run only; 0: the command may take as long as it likes */
    const char *on;     /* run only: a mock that runs already */
    /* run only: what is played, what is expected, and where the verdict goes */
    const char *scenario, *scenarios, *expect, *junit, *tap, *verdict;
    const char *journal_file, *report;
    bool require;
    int environment; /* enum mock_environment */
    const char *admin_token_file;
    bool tls;                              /* a temporary CA and certificate */
    const char *tls_certificate, *tls_key; /* or these files */
    const char *tls_ca_file;               /* where to write the temporary CA's certificate; NULL: nowhere */
    const char *public_url, *prefix;
    int log_format, log_level; /* enum auth_log_format, enum auth_log_level */
    bool explain;
    bool fail_on_refused;
};

/* In the order of the option's words. */
enum mock_environment { MOCK_NON_PRODUCTION, MOCK_PRODUCTION };

/* Options of argv[1..], then of MOCK_EPIC_…, then defaults; argc and argv are left with the operands, as by
 * auth_opts_parse(). Clear settings in every case. rc AUTH_E_ARG with a line for the user */
AUTH_MUST_CHECK enum auth_rc mock_options_parse(enum mock_server_command command, struct mock_settings *settings,
                                                int *argc, char **argv, struct auth_err *err);
void mock_options_clear(struct mock_settings *settings);
/* True when the user gave that member, as in mock_options_given(s, &s->listen); false when it is a default. */
bool mock_options_given(const struct mock_settings *settings, const void *member);
void mock_options_help(enum mock_server_command command, FILE *to);

#endif
