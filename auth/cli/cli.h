/* epic-auth's commands. Data goes to stdout and nothing else does; words for people go to stderr. */
#ifndef AUTH_CLI_CLI_H
#define AUTH_CLI_CLI_H

#include "auth/auth.h"
#include "auth/core/opts.h"

enum auth_cli_exit {
    AUTH_EXIT_OK = 0,
    AUTH_EXIT_INTERNAL = 1,
    AUTH_EXIT_USAGE = 2,
    AUTH_EXIT_CONFIG = 3, /* setting or key */
    AUTH_EXIT_NETWORK = 4,
    AUTH_EXIT_OAUTH = 5, /* the token endpoint refused */
    AUTH_EXIT_DENIED = 6,
    AUTH_EXIT_NOT_FOUND = 7,
    AUTH_EXIT_FHIR = 8,
    AUTH_EXIT_THROTTLED = 9
};

int auth_cli_exit_of(enum epic_auth_rc rc);

/* argv[0] is the command's name. They return an exit status. */
int auth_cli_key(int argc, char **argv);
int auth_cli_assertion(int argc, char **argv);
int auth_cli_token(int argc, char **argv);
int auth_cli_get(int argc, char **argv);
int auth_cli_metadata(int argc, char **argv);
int auth_cli_search(int argc, char **argv);
int auth_cli_observations(int argc, char **argv);
int auth_cli_config(int argc, char **argv);

/* What a command's options need; `rows` ends with an empty row. Prints usage or the error itself.
 * Returns -1 to go on, else the exit status. */
int auth_cli_parse(int argc, char **argv, const struct auth_opt *rows, const char *usage, const bool *help,
                   int *first_operand);
/* The options every command that talks to a server has. */
struct auth_cli_common {
    struct epic_auth_options options;
    int64_t timeout_s;
    bool is_json; /* errors */
    bool is_verbose;
    bool help;
};
enum { AUTH_CLI_COMMON_ROWS = 12 };
/* Write them (and the closing row) at rows; returns how many before the closing one. */
size_t auth_cli_common_rows(struct auth_cli_common *common, struct auth_opt *rows);
/* epic_auth_new() with these options. */
enum epic_auth_rc auth_cli_open(struct auth_cli_common *common, struct epic_auth **auth, struct epic_auth_error *error);
/* Say what went wrong on stderr, in lines or as one JSON object; returns the exit status. */
int auth_cli_complain(const char *command, const struct auth_cli_common *common, const struct epic_auth_error *error);
/* Write text and a newline, unless it ends with one, to stdout. False when stdout is gone. */
bool auth_cli_print(const char *text);

#endif
