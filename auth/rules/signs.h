/* Texts told by how they begin, how they end, or what stands in them. */
#ifndef AUTH_RULES_SIGNS_H
#define AUTH_RULES_SIGNS_H

#include "auth/core/buf.h"
#include "auth/rules/cause_list.h"

enum auth_sign_where { AUTH_STARTS, AUTH_ENDS, AUTH_HOLDS, AUTH_IS };

struct auth_sign {
    enum auth_sign_where where;
    const char *text; /* letters of either case count as the same */
    enum auth_cause cause;
};

/* The cause of the first sign that the text has, in the order of the table; AUTH_CAUSE_NONE when it has none of them. */
enum auth_cause auth_signs_first(struct auth_view text, const struct auth_sign *signs, size_t count);
/* Is there a byte in it that no text has: a control character that is no white space? */
bool auth_signs_are_binary(struct auth_view text);

#endif
