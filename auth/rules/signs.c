/* One look at a text for each row of a table. */
#include "auth/rules/signs.h"

#include <string.h>

static bool equals_at(struct auth_view text, size_t at, struct auth_view wanted)
{
    return auth_view_equals_view_nocase(auth_view_bytes(text.p + at, wanted.n), wanted);
}

static bool holds(struct auth_view text, struct auth_view wanted)
{
    for (size_t at = 0; at + wanted.n <= text.n; at++) {
        if (equals_at(text, at, wanted))
            return true;
    }
    return false;
}

static bool has_sign(struct auth_view text, const struct auth_sign *sign)
{
    struct auth_view wanted = auth_view_from_string(sign->text);
    if (text.n < wanted.n)
        return false;
    switch (sign->where) {
    case AUTH_STARTS:
        return equals_at(text, 0, wanted);
    case AUTH_ENDS:
        return equals_at(text, text.n - wanted.n, wanted);
    case AUTH_IS:
        return auth_view_equals_view_nocase(text, wanted);
    default:
        return holds(text, wanted);
    }
}

enum auth_cause auth_signs_first(struct auth_view text, const struct auth_sign *signs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_sign(text, &signs[i]))
            return signs[i].cause;
    }
    return AUTH_CAUSE_NONE;
}

bool auth_signs_are_binary(struct auth_view text)
{
    static const char white_space[] = "\t\n\v\f\r";
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ' && !memchr(white_space, text.p[i], sizeof white_space - 1))
            return true;
    }
    return false;
}
