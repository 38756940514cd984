/* A command line cut into words as the shell would: quotation marks, escapes, continued lines, up to the end of the command.
 * Nothing is expanded or executed: a variable or a substitution is refused by name, for its value is not in the text. */
#ifndef CONFORMANCE_LINTER_SHELL_WORDS_H
#define CONFORMANCE_LINTER_SHELL_WORDS_H

#include "auth/core/buf.h"

enum { CONF_WORDS_MAX = 256 };

enum conf_shell { CONF_SHELL_POSIX, CONF_SHELL_CMD, CONF_SHELL_POWERSHELL };

struct conf_words {
    struct auth_buf bytes; /* one word after the other; wiping */
    size_t ends[CONF_WORDS_MAX];
    size_t count;
    bool is_in_word;       /* also for the empty word '' */
    struct auth_view rest; /* of the text, behind the command; borrowed */
};

/* Which shell a command was written for: cmd by its carets, PowerShell by its backticks. */
enum conf_shell conf_shell_of(struct auth_view text);
/* in   text         one command and what follows it; untrusted
 *      is_in        it stands in $(...): an unquoted ')' ends it
 * out  words        init by this call; caller clears with conf_words_clear(), also after a failure
 * rc   AUTH_OK; AUTH_E_SYNTAX (detail says where, and what to do); AUTH_E_TOO_BIG; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_words_split(struct auth_view text, enum conf_shell shell, bool is_in,
                                              struct conf_words *words, struct auth_err *err);
struct auth_view conf_words_get(const struct conf_words *words, size_t i); /* i < count */
void conf_words_clear(struct conf_words *words);

/* ---- for the reader of each shell ---- */

void conf_words_put(struct conf_words *words, char c);
/* rc  AUTH_E_TOO_BIG */
AUTH_MUST_CHECK enum auth_rc conf_words_end(struct conf_words *words, struct auth_err *err);
AUTH_MUST_CHECK enum auth_rc conf_words_split_cmd(struct auth_view text, struct conf_words *words,
                                                  struct auth_err *err);
AUTH_MUST_CHECK enum auth_rc conf_words_split_powershell(struct auth_view text, struct conf_words *words,
                                                         struct auth_err *err);

#endif
