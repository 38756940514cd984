/* A token as other programs take it: one writer for each format, and one way of quoting for each language they read. */
#ifndef AUTH_CLI_TOKEN_FORMAT_H
#define AUTH_CLI_TOKEN_FORMAT_H

#include "auth/core/buf.h"

enum auth_cli_format {
    AUTH_CLI_BARE,
    AUTH_CLI_HEADER,
    AUTH_CLI_JSON,
    AUTH_CLI_ENV,
    AUTH_CLI_CURL_CONFIG,
    AUTH_CLI_EXEC_CREDENTIAL,
    AUTH_CLI_GIT_CREDENTIAL
};
#define AUTH_CLI_FORMATS "bare|header|json|env|curl-config|exec-credential|git-credential"

struct auth_cli_credential {
    const char *token;
    const char *scope;    /* granted; NULL: the server did not say */
    const char *username; /* for git, which asks for one; the server does not look at it */
    int64_t lifetime_s, expires_s;
};

/* Append the text, without a line end.
 * rc  AUTH_E_ARG: the format has lines and no way to write a line break or another control byte that a value has;
 *     AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_cli_format(enum auth_cli_format format, const struct auth_cli_credential *credential,
                                             struct auth_buf *out);

/* One word of a POSIX shell, in single quotes: eval, and a shell that reads the line, get these bytes. */
void auth_cli_quote_shell(struct auth_buf *out, struct auth_view value);
/* A quoted value of curl's configuration file (curl -K). */
void auth_cli_quote_curl(struct auth_buf *out, struct auth_view value);
/* Without control bytes: fit for a header or a line of "key=value". */
bool auth_cli_is_line(struct auth_view value);

#endif
