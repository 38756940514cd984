/* Where a command begins in what people paste: behind a prompt, behind time or sudo, with a path and with .exe. */
#ifndef CONFORMANCE_LINTER_COMMAND_LINE_H
#define CONFORMANCE_LINTER_COMMAND_LINE_H

#include "auth/core/buf.h"

/* Find the program's name as a command in the first line of the text.
 * out  from   the text from the name on, without a path before it
 *      is_in  the command stands in $(...), so that a ')' ends it
 * Returns whether it is there. */
bool conf_command_find(struct auth_view text, const char *program, struct auth_view *from, bool *is_in);

#endif
