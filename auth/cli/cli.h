/* epic-auth's commands. Data goes to stdout and nothing else does; words for people go to stderr. */
#ifndef AUTH_CLI_CLI_H
#define AUTH_CLI_CLI_H

#include "auth/auth.h"
#include "auth/core/buf.h"
#include "auth/core/json.h"
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
int auth_cli_cache(int argc, char **argv);
int auth_cli_test(int argc, char **argv);
int auth_cli_doctor(int argc, char **argv);
int auth_cli_completion(int argc, char **argv);
int auth_cli_version(int argc, char **argv);

/* What a command's options need. Prints usage or the error itself. argc and argv are left with the operands.
 * Returns -1 to go on, else the exit status. */
int auth_cli_parse(int *argc, char **argv, const struct auth_opt *rows, void *settings, const char *usage,
                   const bool *help);
/* The options every command that talks to a server has. */
struct auth_cli_common {
    struct epic_auth_options options;
    const char *passphrase_from;
    int64_t timeout_s;
    bool is_json; /* errors */
    bool is_verbose;
    bool help;
};
// clang-format off
/* Their rows, for settings that have a member `common`, and the row that ends the table. */
#define AUTH_CLI_COMMON_ROWS(s)                                                                                        \
    {"client-id", 0, "ID", "instead of EPIC_BACKEND_CLIENT_ID", AUTH_OPT_STRING(s, common.options.client_id)},         \
    {"token-url", 0, "URL", "instead of EPIC_TOKEN_URL", AUTH_OPT_STRING(s, common.options.token_url)},                \
    {"fhir-base-url", 0, "URL", "instead of EPIC_FHIR_BASE_URL", AUTH_OPT_STRING(s, common.options.fhir_base_url),     \
     .also = "base-url fhir-url fhir"},                                                                                \
    {"private-key", 0, "FILE", "instead of EPIC_PRIVATE_KEY_PATH",                                                     \
     AUTH_OPT_STRING(s, common.options.private_key_path), .also = "key key-file"},                                     \
    {"passphrase-from", 0, "SOURCE", "of an encrypted key: a FILE, env:NAME, fd:N or - (its first line)",              \
     AUTH_OPT_STRING(s, common.passphrase_from), .also = "passphrase password"},                                       \
    {"key-id", 0, "KID", "instead of EPIC_KEY_ID; '' sends no kid", AUTH_OPT_STRING(s, common.options.key_id),         \
     .may_be_empty = true, .also = "kid"},                                                                             \
    {"scopes", 0, "LIST", "instead of EPIC_SCOPES", AUTH_OPT_STRING(s, common.options.scopes),                         \
     .may_be_empty = true, .also = "scope"},                                                                           \
    {"ca-file", 0, "FILE", "instead of EPIC_CA_FILE", AUTH_OPT_STRING(s, common.options.ca_file),                      \
     .also = "cacert ca"},                                                                                             \
    {"token-cache", 0, "FILE", "instead of EPIC_TOKEN_CACHE: share tokens with other runs",                            \
     AUTH_OPT_STRING(s, common.options.token_cache), .also = "cache cache-file"},                                      \
    {"allow-plain-http", 0, NULL, "http:// off loopback, too: between containers of a test",                           \
     AUTH_OPT_FLAG(s, common.options.allow_plain_http), .also = "insecure allow-http"},                                \
    {"env-file", 0, "FILE", "instead of .env; '' reads none", AUTH_OPT_STRING(s, common.options.env_file),             \
     .may_be_empty = true},                                                                                            \
    {"timeout", 0, "S", "seconds for one request", AUTH_OPT_INT(s, common.timeout_s, 1, 3600), .fallback = "30"},      \
    {"json", 0, NULL, "errors as one JSON object", AUTH_OPT_FLAG(s, common.is_json)},                                  \
    {"verbose", 'v', NULL, "tell on stderr what is done about the token", AUTH_OPT_FLAG(s, common.is_verbose)},        \
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(s, common.help)},                                                    \
    {.name = NULL}
// clang-format on
/* A secret from where the user says that it is: "env:NAME", "fd:N", "-" (standard input) or the path of a file; of the last
 * three the first line.
 * out  secret  init by this call; caller clears
 * rc   AUTH_E_CONFIG (detail: what is wrong with the source) */
AUTH_MUST_CHECK enum auth_rc auth_cli_read_secret(const char *source, struct auth_buf *secret, struct auth_err *err);
/* epic_auth_new() with these options. */
enum epic_auth_rc auth_cli_open(struct auth_cli_common *common, struct epic_auth **auth, struct epic_auth_error *error);
/* Say what went wrong on stderr, in lines or as one JSON object; returns the exit status. */
int auth_cli_complain(const char *command, const struct auth_cli_common *common, const struct epic_auth_error *error);
/* Write a member "error" with all that an error says. */
void auth_cli_write_error(struct auth_json_writer *w, const struct epic_auth_error *error);
/* A line on stderr, "epic-auth COMMAND: ...", in which what looks like a secret is replaced: arguments and file names come
 * from people, who paste keys and tokens where they do not belong. */
void auth_cli_say(const char *command, const char *format, ...) AUTH_PRINTF(2, 3);
/* Say what is wrong with the arguments and where help is; returns the exit status. */
int auth_cli_usage_error(const char *command, const char *what);
/* Write text and a newline, unless it ends with one, to stdout. False when stdout is gone. */
bool auth_cli_print(const char *text);

#endif
