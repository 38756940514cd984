/* Variables of a shell that the same text sets: JWT=eyJ... above, "$JWT" or ${JWT} in the command. */
#ifndef CONFORMANCE_LINTER_SHELL_VARIABLES_H
#define CONFORMANCE_LINTER_SHELL_VARIABLES_H

#include "auth/core/buf.h"

/* Append the text with each variable that a line NAME=VALUE of it sets replaced by its value; not in single quotation marks,
 * where a shell does not either. Values that hold variables or commands themselves are left alone, as are names that the text
 * does not set. out's cap is the limit; see auth_buf_ok(). */
void conf_shell_expand(struct auth_view text, struct auth_buf *out);

#endif
