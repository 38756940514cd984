/* What stands where a compact JWT should: around it, or in its place.
 *
 * Most assertions that cannot even be taken apart are sound JWTs in the wrong wrapping (bytes of Python, a parameter's name,
 * a header, JSON), or no JWT at all because something was not filled in. Asked only once a rule has failed. */
#ifndef AUTH_RULES_AROUND_H
#define AUTH_RULES_AROUND_H

#include "auth/core/buf.h"
#include "auth/rules/cause_list.h"

/* Where a JWT begins in the text: at its first part, as JSON objects look in base64url, and not inside of a word; text.n when
 * there is none. */
size_t auth_around_find(struct auth_view text);
/* What stands around the JWT that begins at `at`; AUTH_CAUSE_NONE when nothing does but, perhaps, white space. */
enum auth_cause auth_around_jwt(struct auth_view text, size_t at);
/* The text in front of it. */
struct auth_view auth_around_text(struct auth_view text, size_t at);
/* Are there colour codes of a terminal in it, as they are or as a program prints them? */
bool auth_around_is_coloured(struct auth_view text);
/* What a text is that holds no JWT, as far as it can be told; else AUTH_CAUSE_NONE. */
enum auth_cause auth_around_nothing(struct auth_view text);

#endif
