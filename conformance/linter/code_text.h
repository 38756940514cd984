/* Texts in source code: what a literal, a variable or a joined text stands for, in JavaScript, Python and PowerShell.
 *
 * People capture a token request as code: the browser's "Copy as fetch", "Copy as PowerShell", a line of a script. Only what is
 * written there is read: literals, tables of them, and variables that the same file sets to such. Nothing is executed: what a call
 * would give is refused by name.
 * Read next: code_request.h, which makes a request of it. */
#ifndef CONFORMANCE_LINTER_CODE_TEXT_H
#define CONFORMANCE_LINTER_CODE_TEXT_H

#include "auth/core/buf.h"

enum conf_code_language { CONF_CODE_JAVASCRIPT, CONF_CODE_PYTHON, CONF_CODE_POWERSHELL };

struct conf_code {
    enum conf_code_language language;
    struct auth_view all; /* the whole file: where variables are looked up; borrowed, untrusted */
    unsigned uses;        /* of variables, so far: values that name others twice multiply */
    struct auth_err *err;
};

/* A member of a table or an argument of a call: `name: value`, `"name" = value`, or a value alone (name.n is 0). */
struct conf_code_member {
    struct auth_view name, value; /* the name without its quotation marks; the value as an expression */
};

/* What text begins with, up to a byte of `stops`, a closing bracket of its own, or the end; quotation marks, comments and brackets
 * in it are passed over. */
struct auth_view conf_code_expression(const struct conf_code *code, struct auth_view text, const char *stops);
/* Is the expression `prefix`, an opening bracket, something and the closing one? A blank may stand before the bracket. */
bool conf_code_inside(const struct conf_code *code, struct auth_view expression, const char *prefix,
                      struct auth_view *inside);
/* The same of a table: {...}, @{...} or dict(...). */
bool conf_code_is_table(const struct conf_code *code, struct auth_view expression, struct auth_view *inside);
/* The next member of *rest, which is what stands inside of the brackets. */
bool conf_code_next(const struct conf_code *code, struct auth_view *rest, struct conf_code_member *member);
/* Is the expression the name of a variable that the file sets? Then *value is what it is set to, last. */
bool conf_code_variable(struct conf_code *code, struct auth_view expression, struct auth_view *value);

/* Append the text that an expression stands for.
 * rc   AUTH_E_SYNTAX: its value is not in the file; detail names it */
AUTH_MUST_CHECK enum auth_rc conf_code_text(struct conf_code *code, struct auth_view expression, struct auth_buf *out);

bool conf_code_is_name(char c); /* a letter, a digit, _ or $ */

#endif
