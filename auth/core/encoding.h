/* Text as editors and shells save it: UTF-8, with a byte order mark, UTF-16 or UTF-32.
 *
 * PowerShell 5 writes UTF-16 with > and Out-File, Notepad a byte order mark. What a person sees is the same text, so a file
 * that a person names is read as such, and the reader says what it was. */
#ifndef AUTH_CORE_ENCODING_H
#define AUTH_CORE_ENCODING_H

#include "auth/core/buf.h"

enum auth_encoding { AUTH_ENCODING_PLAIN, AUTH_ENCODING_MARKED, AUTH_ENCODING_UTF16, AUTH_ENCODING_UTF32 };

/* What the text is, by its mark; without one UTF-16 is known by every other of its first bytes being NUL, UTF-32 by three of
 * four. */
enum auth_encoding auth_encoding_of(struct auth_view text);
/* "UTF-8 with a byte order mark" and the like, static; for messages. */
const char *auth_encoding_text(enum auth_encoding encoding);
/* The text as UTF-8 without a mark: a part of it, or what is appended to buf (of UTF-16 and UTF-32; what is no character
 * becomes U+FFFD). Borrowed from either. PLAIN comes back as it is, whatever it is. buf's cap is the limit; see auth_buf_ok(). */
struct auth_view auth_encoding_plain(struct auth_view text, struct auth_buf *buf);
/* Append a code point as UTF-8. c: at most 0x10ffff, and no surrogate */
void auth_encoding_add(struct auth_buf *out, unsigned c);

/* ---- text that was encoded once more, on its way through a secret store or a form ---- */

/* Append what base64 stands for: either alphabet, with or without padding, lines of any length. False: there is another byte in
 * it, or nothing. */
bool auth_encoding_base64(struct auth_view text, struct auth_buf *out);
/* The same of hex, in either case, with or without white space and colons. */
bool auth_encoding_hex(struct auth_view text, struct auth_buf *out);

#endif
