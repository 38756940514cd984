/* application/x-www-form-urlencoded, both ways; also query strings.
 *
 * A reader of our own because libmicrohttpd's post processor takes "...urlencodedX" for the type, cuts names at
 * %00 and hides malformed bodies (measured on 0.9.75). Duplicates are reported, not resolved: RFC 6749 3.2 forbids
 * them, and which one wins is exactly what attackers play with. */
#ifndef AUTH_CORE_FORM_H
#define AUTH_CORE_FORM_H

#include "auth/core/buf.h"

enum { AUTH_FORM_FIELDS_MAX = 64 };

struct auth_form_field {
    struct auth_view name;  /* decoded; borrowed from the body or the form */
    struct auth_view value; /* decoded */
};

struct auth_form {
    struct auth_form_field fields[AUTH_FORM_FIELDS_MAX];
    size_t count;
    struct auth_buf bytes; /* names and values that had to be decoded; wiping, they may be secrets */
};

/* Decode: '&' separates, '=' splits, '+' is a space, %XX. Empty pieces ("a=1&&b=2") are skipped; a piece without '='
 * is a name with an empty value.
 * in   body  untrusted; must outlive the form, which borrows from it
 * out  form: init by this call; caller clears with auth_form_clear(), also after a failure
 * rc   AUTH_OK; AUTH_E_SYNTAX (bad %XX, %00 or NUL, result not UTF-8; detail says which and where);
 *      AUTH_E_TOO_BIG (more than AUTH_FORM_FIELDS_MAX fields); AUTH_E_NOMEM
 * src  WHATWG URL 5.1 for the syntax, RFC 6749 appendix B for UTF-8 */
AUTH_MUST_CHECK enum auth_rc auth_form_parse(struct auth_view body, struct auth_form *form, struct auth_err *err);
void auth_form_clear(struct auth_form *form);

/* Value of the first field of that name; false when there is none (an empty value is found). */
bool auth_form_get(const struct auth_form *form, const char *name, struct auth_view *value);
/* As auth_form_get(), but the empty view when there is none: RFC 6749 3.1 treats an empty parameter as omitted. */
struct auth_view auth_form_value(const struct auth_form *form, const char *name);
/* Name that occurs more than once, or the empty view. */
struct auth_view auth_form_duplicate(const struct auth_form *form);

/* Append "name=value" (with '&' before it unless out is empty), percent-encoding all but A-Z a-z 0-9 - . _ ~.
 * Space becomes %20, which forms and queries both understand. */
void auth_form_write(struct auth_buf *out, struct auth_view name, struct auth_view value);
/* Append value percent-encoded as above: for one path segment or query value. */
void auth_form_escape(struct auth_buf *out, struct auth_view value);
/* Append value with %XX decoded ('+' stays).
 * rc  AUTH_E_SYNTAX on a bad escape, %00, or a result that is not UTF-8 */
AUTH_MUST_CHECK enum auth_rc auth_form_unescape(struct auth_buf *out, struct auth_view value, struct auth_err *err);

#endif
