/* A character that has no business in a JWT, by name: nobody sees most of them. */
#ifndef AUTH_RULES_CHARACTER_H
#define AUTH_RULES_CHARACTER_H

#include "auth/core/buf.h"

/* The first character of `part` that base64url does not have, as "U+00AD, a soft hyphen", "U+0000" or "the character ~".
 * in   part  base64url but for such a character; beyond_ascii: the first beyond ASCII is meant, which there is
 * out  out   terminated text, at most `size` bytes with its end */
void auth_character_describe(struct auth_view part, bool beyond_ascii, char *out, size_t size);

#endif
