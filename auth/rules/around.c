/* What stands around a JWT: tables of how such texts begin, end, or look inside. */
#include "auth/rules/around.h"

#include <string.h>

#include "auth/core/text.h"
#include "auth/rules/signs.h"

/* ---- where it is ---- */

static bool is_base64url(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* "%22" ends with a digit, and is no part of a word. */
static bool is_escape_before(struct auth_view text, size_t at)
{
    return at >= 3 && text.p[at - 3] == '%' && auth_text_hex_value(text.p[at - 2]) >= 0 &&
           auth_text_hex_value(text.p[at - 1]) >= 0;
}

static bool is_inside_word(struct auth_view text, size_t at)
{
    return at > 0 && (is_base64url(text.p[at - 1]) || text.p[at - 1] == '.') && !is_escape_before(text, at);
}

size_t auth_around_find(struct auth_view text)
{
    static const char *const starts[] = {"eyJ", "eyA", "ewo", "ew0", "ewk", "e30."}; /* {" { { with a line end, {} */
    for (size_t at = 0; at < text.n; at++) {
        if (text.p[at] != 'e' || is_inside_word(text, at))
            continue;
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            if (auth_view_starts(auth_view_from(text, at), starts[i]))
                return at;
        }
    }
    return text.n;
}

/* ---- colours ---- */

/* "[1;31m" behind an escape character, or behind what a program writes for one: base64url has no '['. */
static bool is_colour(struct auth_view text)
{
    size_t i = 1;
    while (i < text.n && ((text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == ';'))
        i++;
    return i > 1 && i < text.n && text.p[i] == 'm';
}

bool auth_around_is_coloured(struct auth_view text)
{
    for (size_t at = 0; at < text.n; at++) {
        if (text.p[at] == '[' && is_colour(auth_view_from(text, at)))
            return true;
    }
    return auth_view_contains(text, "\x1b[");
}

/* ---- in front of it ---- */

/* In the order in which they count, since `client_assertion=b'eyJ...'` is all of them. */
static const struct auth_sign before_signs[] = {
    {AUTH_ENDS, "b'", AUTH_CAUSE_AROUND_PYTHON},
    {AUTH_ENDS, "b\"", AUTH_CAUSE_AROUND_PYTHON},
    {AUTH_ENDS, "Bearer", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_ENDS, "Bearer:", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_ENDS, "Bearer%20", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_ENDS, "Bearer+", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_IS, "Basic", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_IS, "DPoP", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_IS, "Token", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_IS, "JWT", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_HOLDS, "Authorization:", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_HOLDS, "Cookie:", AUTH_CAUSE_AROUND_BEARER},
    {AUTH_HOLDS, "](", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_STARTS, "{\\rtf", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_HOLDS, "\"signature", AUTH_CAUSE_JSON_JWS},
    {AUTH_HOLDS, "\"protected\"", AUTH_CAUSE_JSON_JWS},
    {AUTH_HOLDS, "\"payload\"", AUTH_CAUSE_JSON_JWS},
    {AUTH_HOLDS, "\":", AUTH_CAUSE_AROUND_JSON},
    {AUTH_HOLDS, "\" :", AUTH_CAUSE_AROUND_JSON},
    {AUTH_STARTS, "{", AUTH_CAUSE_AROUND_JSON},
    {AUTH_STARTS, "[", AUTH_CAUSE_AROUND_JSON},
    {AUTH_STARTS, "<<", AUTH_CAUSE_AROUND_CODE},
    {AUTH_STARTS, "<", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_HOLDS, "://", AUTH_CAUSE_AROUND_URL},
    {AUTH_STARTS, "-----BEGIN ", AUTH_CAUSE_AROUND_PEM},
    {AUTH_HOLDS, "=", AUTH_CAUSE_AROUND_NAME},
    {AUTH_STARTS, "name:", AUTH_CAUSE_AROUND_NAME},
    {AUTH_ENDS, "->", AUTH_CAUSE_AROUND_LABEL},
    {AUTH_STARTS, "```", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_STARTS, "**", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_STARTS, "|", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_IS, "-", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_IS, "*", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_IS, ">", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_IS, "1.", AUTH_CAUSE_AROUND_MARKUP},
    {AUTH_IS, "&lt;", AUTH_CAUSE_ESCAPED},
    {AUTH_ENDS, "('", AUTH_CAUSE_AROUND_CODE},
    {AUTH_ENDS, "(\"", AUTH_CAUSE_AROUND_CODE},
    {AUTH_IS, "u'", AUTH_CAUSE_AROUND_CODE},
    {AUTH_IS, "u\"", AUTH_CAUSE_AROUND_CODE},
    {AUTH_IS, "\xc3\xaf\xc2\xbb\xc2\xbf", AUTH_CAUSE_AROUND_BOM}, /* a mark that was taken for Latin-1 */
    {AUTH_IS, "\xef\xbb\xbf", AUTH_CAUSE_AROUND_BOM},
    {AUTH_IS, "\xff\xfe", AUTH_CAUSE_AROUND_BOM},
    {AUTH_HOLDS, ":", AUTH_CAUSE_AROUND_LABEL},
    {AUTH_ENDS, "-", AUTH_CAUSE_AROUND_LABEL},
};

/* How lines of logs begin: a date or a time, a level, the name of a container. */
static const struct auth_sign log_signs[] = {
    {AUTH_STARTS, "DEBUG", AUTH_CAUSE_AROUND_LOG}, {AUTH_STARTS, "INFO", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "WARN", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "ERROR", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "TRACE", AUTH_CAUSE_AROUND_LOG}, {AUTH_ENDS, "  |", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "Jan ", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "Feb ", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "Mar ", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "Apr ", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "May ", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "Jun ", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "Jul ", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "Aug ", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "Sep ", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "Oct ", AUTH_CAUSE_AROUND_LOG},
    {AUTH_STARTS, "Nov ", AUTH_CAUSE_AROUND_LOG},  {AUTH_STARTS, "Dec ", AUTH_CAUSE_AROUND_LOG},
};

static bool is_log(struct auth_view before)
{
    if (auth_view_starts(before, "["))
        before = auth_view_from(before, 1);
    bool is_time = before.n && before.p[0] >= '0' && before.p[0] <= '9' && auth_view_find(before, ':') < before.n;
    return is_time || auth_signs_first(before, log_signs, sizeof log_signs / sizeof *log_signs) != AUTH_CAUSE_NONE;
}

/* A line of a log has colons and brackets of its own. */
static enum auth_cause before_cause(struct auth_view before)
{
    enum auth_cause cause = auth_signs_first(before, before_signs, sizeof before_signs / sizeof *before_signs);
    bool may_be_log = cause == AUTH_CAUSE_NONE || cause == AUTH_CAUSE_AROUND_LABEL || cause == AUTH_CAUSE_AROUND_JSON;
    return may_be_log && is_log(before) ? AUTH_CAUSE_AROUND_LOG : cause;
}

/* ---- on both sides ---- */

static const char *const marks[] = {
    "\"",
    "'",
    "`",
    "\\",
    "&quot;",
    "&#39;",
    "%22",
    "%27",
    ",",
    ";",
    "(",
    ")", /* of programs */
    "\xe2\x80\x9c",
    "\xe2\x80\x9d",
    "\xe2\x80\x9e",
    "\xe2\x80\x9f",
    "\xe2\x80\x98",
    "\xe2\x80\x99",
    "\xe2\x80\x9a",
    "\xe2\x80\x9b",
    "\xc2\xab",
    "\xc2\xbb",
    "\xe2\x80\xb9",
    "\xe2\x80\xba", /* of word processors */
    "\xe2\x80\xb2",
    "\xe2\x80\xb3",
    "\xc2\xb4",
    "\xca\xbc",
    "\xcb\x8b",
    "\xe2\x9d\x9b",
    "\xe2\x9d\x9c",
    "\xe2\x9d\x9d",
    "\xe2\x9d\x9e",
    "\xe3\x80\x9d",
    "\xe3\x80\x9e",
    "\xe3\x80\x9f", /* primes, accents, ornaments */
    "\xe3\x80\x8c",
    "\xe3\x80\x8d",
    "\xe3\x80\x8e",
    "\xe3\x80\x8f",
    "\xe3\x80\x8a",
    "\xe3\x80\x8b",
    "\xe3\x80\x88",
    "\xe3\x80\x89",
    "\xe3\x80\x90",
    "\xe3\x80\x91", /* of Chinese and Japanese */
    "\xef\xbc\x82",
    "\xef\xbc\x87",
    "\xef\xbd\xa2",
    "\xef\xbd\xa3",
    "\xef\xbc\x88",
    "\xef\xbc\x89", /* as wide as those */
};

/* Nothing but quotation marks and brackets, and what ends a value in a list? */
static bool is_marks(struct auth_view text)
{
    for (text = auth_view_trim(text); text.n; text = auth_view_trim(text)) {
        size_t i = 0;
        while (i < sizeof marks / sizeof *marks && !auth_view_starts(text, marks[i]))
            i++;
        if (i == sizeof marks / sizeof *marks)
            return false;
        text = auth_view_from(text, strlen(marks[i]));
    }
    return true;
}

/* Behind the characters of a JWT the first one that is none; of base64's, and lines, what belongs to a JWT all the same. */
static struct auth_view behind(struct auth_view text, size_t at)
{
    static const char also[] = ".=+/ \t\r\n";
    while (at < text.n && (is_base64url(text.p[at]) || memchr(also, text.p[at], sizeof also - 1)))
        at++;
    return auth_view_from(text, at);
}

static const struct auth_sign behind_signs[] = {
    {AUTH_STARTS, "&amp;", AUTH_CAUSE_AROUND_REST},
    {AUTH_STARTS, "&#", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "&period;", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "&lt;", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "&gt;", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "&quot;", AUTH_CAUSE_QUOTED},
    {AUTH_STARTS, "&", AUTH_CAUSE_AROUND_REST},
    {AUTH_STARTS, "\\n", AUTH_CAUSE_LINE_END},
    {AUTH_STARTS, "\\r", AUTH_CAUSE_LINE_END},
    {AUTH_STARTS, "\\\n", AUTH_CAUSE_WRAPPED}, /* as shells join lines */
    {AUTH_STARTS, "\\\r\n", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "^\n", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "^\r\n", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "`\n", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "`\r\n", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "\"\n", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "<br", AUTH_CAUSE_WRAPPED},
    {AUTH_STARTS, "\\_", AUTH_CAUSE_ESCAPED}, /* of Markdown, JSON and regular expressions */
    {AUTH_STARTS, "\\-", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "\\.", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "\\u00", AUTH_CAUSE_ESCAPED},
    {AUTH_STARTS, "\\x", AUTH_CAUSE_ESCAPED},
};

struct auth_view auth_around_text(struct auth_view text, size_t at)
{
    return auth_view_trim(auth_view_bytes(text.p, at));
}

/* A few characters that nobody sees, or that no keyboard has. */
static bool is_beyond_ascii(struct auth_view text)
{
    enum { FEW_N = 9 };
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < 0x80)
            return false;
    }
    return text.n <= FEW_N;
}

/* A quotation mark at either side of it, and more before. */
static bool is_quoted_in_code(struct auth_view before, struct auth_view rest)
{
    return rest.n && (before.p[before.n - 1] == '"' || before.p[before.n - 1] == '\'') &&
           rest.p[0] == before.p[before.n - 1];
}

enum auth_cause auth_around_jwt(struct auth_view text, size_t at)
{
    struct auth_view before = auth_view_trim(auth_view_bytes(text.p, at)), rest = behind(text, at);
    if (!before.n && !rest.n)
        return AUTH_CAUSE_NONE;
    if (is_marks(before) && is_marks(rest))
        return AUTH_CAUSE_QUOTED;
    if (auth_signs_are_binary(before))
        return AUTH_CAUSE_PLACE_BINARY;
    if (!before.n) /* behind it: an odd character of its own, more likely than other text */
        return auth_signs_first(rest, behind_signs, sizeof behind_signs / sizeof *behind_signs);
    enum auth_cause cause = before_cause(before);
    if (cause != AUTH_CAUSE_NONE)
        return cause;
    if (is_beyond_ascii(before))
        return AUTH_CAUSE_BEYOND_ASCII;
    if (is_quoted_in_code(before, rest))
        return AUTH_CAUSE_AROUND_CODE;
    return auth_view_find(before, '\n') < before.n ? AUTH_CAUSE_AROUND_LOG : AUTH_CAUSE_AROUND_TEXT;
}
