/* Variables of .http files: "@name = value" lines, and {{name}} where the value belongs. */
#ifndef CONFORMANCE_LINTER_HTTP_VARIABLES_H
#define CONFORMANCE_LINTER_HTTP_VARIABLES_H

#include "auth/core/buf.h"

/* Append the text with every {{name}} that a line of it defines put in its place; others stay. What
 * does not fit spoils out. */
void conf_http_expand(struct auth_view text, struct auth_buf *out);
/* The name of the first {{name}} in a text, or the empty view. */
struct auth_view conf_http_variable(struct auth_view text);

#endif
