/* A command line cut into words as a POSIX shell would: quotation marks, escapes, $'...', continued lines, up to the end of
 * the command. Nothing is expanded or executed: a variable or a substitution is refused, for its value is not in the text. */
#ifndef CONFORMANCE_LINTER_SHELL_WORDS_H
#define CONFORMANCE_LINTER_SHELL_WORDS_H

#include "auth/core/buf.h"

enum { CONF_WORDS_MAX = 256 };

struct conf_words {
    struct auth_buf bytes; /* one word after the other; wiping */
    size_t ends[CONF_WORDS_MAX];
    size_t count;
};

/* in   text   one command and what follows it; untrusted
 * out  words  init by this call; caller clears with conf_words_clear(), also after a failure
 * rc   AUTH_OK; AUTH_E_SYNTAX (detail says where, and what to do); AUTH_E_TOO_BIG; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_words_split(struct auth_view text, struct conf_words *words, struct auth_err *err);
struct auth_view conf_words_get(const struct conf_words *words, size_t i); /* i < count */
void conf_words_clear(struct conf_words *words);

#endif
