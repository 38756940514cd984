/* base64url without padding (RFC 4648 5, RFC 7515 2), canonical form only.
 *
 * Strict on purpose: '=', '+', '/', white space, a length of 1 mod 4 and non-zero trailing bits are refused, so
 * that one value has exactly one spelling; otherwise a signed token could be altered without breaking its
 * signature check or a replay memory. */
#ifndef AUTH_CORE_B64U_H
#define AUTH_CORE_B64U_H

#include "auth/core/buf.h"

enum auth_b64u_defect {
    AUTH_B64U_OK,
    AUTH_B64U_PADDING,       /* '=' */
    AUTH_B64U_STD_ALPHABET,  /* '+' or '/': standard base64 */
    AUTH_B64U_SPACE,         /* white space: a wrapped line, or '+' that a form turned into a space */
    AUTH_B64U_CHARACTER,     /* any other byte outside the alphabet */
    AUTH_B64U_LENGTH,        /* length 1 mod 4: a character is missing */
    AUTH_B64U_TRAILING_BITS, /* unused low bits of the last character are not zero */
};

/* What is wrong with the text, the first defect found, AUTH_B64U_OK when canonical. The empty text is canonical. */
enum auth_b64u_defect auth_b64u_check(struct auth_view text);
/* One clause for a person, e.g. "holds '=' padding"; static. */
const char *auth_b64u_defect_text(enum auth_b64u_defect defect);

/* Append the decoded bytes.
 * rc  AUTH_OK; AUTH_E_SYNTAX (out unchanged); AUTH_E_NOMEM (cap) */
AUTH_MUST_CHECK enum auth_rc auth_b64u_decode(struct auth_view text, struct auth_buf *out, struct auth_err *err);
/* Append the text for n bytes. */
void auth_b64u_encode(struct auth_buf *out, const void *bytes, size_t n);

#endif
