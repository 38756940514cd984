/* What stands around a JWT, or in its place: tables of how such texts begin, end, or look inside. */
#include "auth/rules/around.h"

#include <string.h>

enum where { STARTS, ENDS, HOLDS, IS };

struct sign {
    enum where where;
    const char *text;
    enum auth_cause cause;
};

/* Letters of either case count as the same. */
static bool has_sign(struct auth_view text, const struct sign *sign)
{
    struct auth_view wanted = auth_view_from_string(sign->text);
    for (size_t at = 0; at + wanted.n <= text.n; at++) {
        bool is_start = at == 0, is_end = at + wanted.n == text.n;
        bool counts = sign->where == HOLDS || (is_start && sign->where != ENDS) || (is_end && sign->where == ENDS);
        if (sign->where == IS && !is_end)
            return false;
        if (counts && auth_view_equals_view_nocase(auth_view_bytes(text.p + at, wanted.n), wanted))
            return true;
    }
    return false;
}

static enum auth_cause first_sign(struct auth_view text, const struct sign *signs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (has_sign(text, &signs[i]))
            return signs[i].cause;
    }
    return AUTH_CAUSE_NONE;
}

/* ---- around ---- */

static bool is_base64url(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

size_t auth_around_find(struct auth_view text)
{
    static const char *const starts[] = {"eyJ", "eyA", "ewo", "ew0", "ewk", "e30."}; /* {" { { with a line end, {} */
    for (size_t at = 0; at < text.n; at++) {
        if (text.p[at] != 'e' || (at > 0 && (is_base64url(text.p[at - 1]) || text.p[at - 1] == '.')))
            continue;
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            if (auth_view_starts(auth_view_from(text, at), starts[i]))
                return at;
        }
    }
    return text.n;
}

/* In the order in which they count, since `client_assertion=b'eyJ...'` is all of them. */
static const struct sign before_signs[] = {
    {ENDS, "b'", AUTH_CAUSE_AROUND_PYTHON},      {ENDS, "b\"", AUTH_CAUSE_AROUND_PYTHON},
    {ENDS, "Bearer", AUTH_CAUSE_AROUND_BEARER},  {HOLDS, "Authorization:", AUTH_CAUSE_AROUND_BEARER},
    {HOLDS, "](", AUTH_CAUSE_AROUND_MARKUP},     {STARTS, "{\\rtf", AUTH_CAUSE_AROUND_MARKUP},
    {HOLDS, "\"signature", AUTH_CAUSE_JSON_JWS}, {HOLDS, "\":", AUTH_CAUSE_AROUND_JSON},
    {HOLDS, "\" :", AUTH_CAUSE_AROUND_JSON},     {STARTS, "{", AUTH_CAUSE_AROUND_JSON},
    {STARTS, "[", AUTH_CAUSE_AROUND_JSON},       {HOLDS, "://", AUTH_CAUSE_AROUND_URL},
    {HOLDS, "=", AUTH_CAUSE_AROUND_NAME},        {STARTS, "name:", AUTH_CAUSE_AROUND_NAME},
    {STARTS, "<", AUTH_CAUSE_AROUND_MARKUP},     {HOLDS, ":", AUTH_CAUSE_AROUND_LABEL},
    {IS, "\xef\xbb\xbf", AUTH_CAUSE_AROUND_BOM}, {IS, "\xff\xfe", AUTH_CAUSE_AROUND_BOM},
};

static const char *const quotes[] = {
    "\"",
    "'",
    "`",
    "\\",
    "&quot;",
    "&#39;",
    "%22",
    "%27", /* of programs */
    "\xe2\x80\x9c",
    "\xe2\x80\x9d",
    "\xe2\x80\x9e",
    "\xe2\x80\x98",
    "\xe2\x80\x99",
    "\xe2\x80\x9a", /* of word processors */
    "\xc2\xab",
    "\xc2\xbb",
    "\xe2\x80\xb9",
    "\xe2\x80\xba",
    ",",
    ";",
};

/* Nothing but quotation marks, and what ends a value in a list? */
static bool is_quotes(struct auth_view text)
{
    for (text = auth_view_trim(text); text.n; text = auth_view_trim(text)) {
        size_t i = 0;
        while (i < sizeof quotes / sizeof *quotes && !auth_view_starts(text, quotes[i]))
            i++;
        if (i == sizeof quotes / sizeof *quotes)
            return false;
        text = auth_view_from(text, strlen(quotes[i]));
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

static const struct sign behind_signs[] = {
    {STARTS, "&", AUTH_CAUSE_AROUND_REST},  {STARTS, "\\n", AUTH_CAUSE_LINE_END},
    {STARTS, "\\r", AUTH_CAUSE_LINE_END},   {STARTS, "\\\n", AUTH_CAUSE_WRAPPED}, /* as shells join lines */
    {STARTS, "\\\r\n", AUTH_CAUSE_WRAPPED},
};

enum auth_cause auth_around_jwt(struct auth_view text, size_t at)
{
    struct auth_view before = auth_view_trim(auth_view_bytes(text.p, at)), rest = behind(text, at);
    enum auth_cause cause = first_sign(before, before_signs, sizeof before_signs / sizeof *before_signs);
    if (cause == AUTH_CAUSE_NONE && before.n == 0)
        cause = first_sign(rest, behind_signs, sizeof behind_signs / sizeof *behind_signs);
    if (cause != AUTH_CAUSE_NONE || (!before.n && !rest.n))
        return cause;
    if (is_quotes(before) && is_quotes(rest))
        return AUTH_CAUSE_QUOTED;
    return before.n ? AUTH_CAUSE_AROUND_TEXT
                    : AUTH_CAUSE_NONE; /* behind it: an odd character of its own, more likely */
}

/* ---- in its place ---- */

static const struct sign place_signs[] = {
    {IS, "undefined", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "null", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "none", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "nil", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "nan", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "true", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "false", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "(null)", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "<nil>", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "\"\"", AUTH_CAUSE_PLACE_NOTHING},
    {IS, "''", AUTH_CAUSE_PLACE_NOTHING},
    {STARTS, "undefined", AUTH_CAUSE_PLACE_NOTHING}, /* 'undefined' + something */
    {STARTS, "%!", AUTH_CAUSE_PLACE_NOTHING},        /* Go's %!s(<nil>) */
    {HOLDS, "pending", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<Future ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<Task ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<class ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "kotlin.", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "[object ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "promise {", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<coroutine ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<function ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<bound method ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<built-in ", AUTH_CAUSE_PLACE_OBJECT},
    {HOLDS, " object at 0x", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "function ", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "async ", AUTH_CAUSE_PLACE_OBJECT},
    {HOLDS, "=>", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "System.", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "java.", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "[B@", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "com.", AUTH_CAUSE_PLACE_OBJECT}, /* com.nimbusds.jwt.SignedJWT@1b2c */
    {STARTS, "org.", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "io.", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "Microsoft.", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "Buffer", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "<Buffer", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "Uint8Array", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "&{", AUTH_CAUSE_PLACE_OBJECT}, /* Go */
    {STARTS, "map[", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "0xc0", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "@{", AUTH_CAUSE_PLACE_OBJECT}, /* PowerShell */
    {STARTS, "@Microsoft.KeyVault(", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "arn:", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "op://", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "vault:", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "sm://", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "secretref:", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "projects/", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "!Ref", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "!Sub", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "{{resolve:", AUTH_CAUSE_PLACE_REFERENCE},
    {STARTS, "#<", AUTH_CAUSE_PLACE_OBJECT},
    {STARTS, "{{", AUTH_CAUSE_PLACE_TEMPLATE},
    {STARTS, "{%", AUTH_CAUSE_PLACE_TEMPLATE},
    {STARTS, "<%", AUTH_CAUSE_PLACE_TEMPLATE},
    {STARTS, "#{", AUTH_CAUSE_PLACE_TEMPLATE},
    {STARTS, "$(", AUTH_CAUSE_PLACE_COMMAND},
    {STARTS, "`", AUTH_CAUSE_PLACE_COMMAND},
    {STARTS, "$", AUTH_CAUSE_PLACE_VARIABLE},
    {STARTS, "%", AUTH_CAUSE_PLACE_VARIABLE},
    {STARTS, "process.env", AUTH_CAUSE_PLACE_VARIABLE},
    {STARTS, "os.environ", AUTH_CAUSE_PLACE_VARIABLE},
    {STARTS, "\x1f\x8b", AUTH_CAUSE_PLACE_PACKED}, /* gzip */
    {STARTS, "PK\x03\x04", AUTH_CAUSE_PLACE_PACKED},
    {STARTS, "\x28\xb5\x2f\xfd", AUTH_CAUSE_PLACE_PACKED}, /* zstd */
    {STARTS, "@", AUTH_CAUSE_PLACE_FILE},
    {STARTS, "<?xml", AUTH_CAUSE_PLACE_PAGE},
    {STARTS, "<!doctype", AUTH_CAUSE_PLACE_PAGE},
    {STARTS, "<html", AUTH_CAUSE_PLACE_PAGE},
    {HOLDS, "-----BEGIN ", AUTH_CAUSE_PLACE_KEY},
    {STARTS, "<", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {HOLDS, "your", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {STARTS, "__", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {ENDS, "_here", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {STARTS, "replace", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {STARTS, "insert", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {HOLDS, "placeholder", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {STARTS, "changeme", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {IS, "string", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {IS, "jwt", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {IS, "token", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {IS, "client_assertion", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {STARTS, "xxx", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {HOLDS, "\"access_token\"", AUTH_CAUSE_PLACE_ANSWER},
    {HOLDS, "\"error\"", AUTH_CAUSE_PLACE_ANSWER},
    {HOLDS, "\"kty\"", AUTH_CAUSE_PLACE_KEY},
    {HOLDS, "\"signature", AUTH_CAUSE_JSON_JWS},
    {HOLDS, "\"payload\"", AUTH_CAUSE_JSON_JWS},
    {HOLDS, "\"iss\"", AUTH_CAUSE_PLACE_CLAIMS},
    {HOLDS, "'iss'", AUTH_CAUSE_PLACE_CLAIMS},
    {HOLDS, "\"aud\"", AUTH_CAUSE_PLACE_CLAIMS},
    {STARTS, "{", AUTH_CAUSE_PLACE_TEMPLATE},
    {STARTS, "ZXlK", AUTH_CAUSE_PLACE_BASE64}, /* base64 of "eyJ" */
    {STARTS, "65794a", AUTH_CAUSE_PLACE_BASE64},
    {STARTS, "H4sI", AUTH_CAUSE_PLACE_PACKED}, /* base64 of gzip */
    {STARTS, "file:", AUTH_CAUSE_PLACE_FILE},
    {STARTS, "data:", AUTH_CAUSE_PLACE_BASE64},
    {STARTS, "http://", AUTH_CAUSE_PLACE_URL},
    {STARTS, "https://", AUTH_CAUSE_PLACE_URL},
    {STARTS, "/", AUTH_CAUSE_PLACE_FILE},
    {STARTS, "./", AUTH_CAUSE_PLACE_FILE},
    {STARTS, "../", AUTH_CAUSE_PLACE_FILE},
    {STARTS, "~/", AUTH_CAUSE_PLACE_FILE},
    {ENDS, ".jwt", AUTH_CAUSE_PLACE_FILE},
    {ENDS, ".txt", AUTH_CAUSE_PLACE_FILE},
    {ENDS, ".pem", AUTH_CAUSE_PLACE_FILE},
};

enum auth_cause auth_around_nothing(struct auth_view text)
{
    text = auth_view_trim(text);
    if (text.n == 0)
        return AUTH_CAUSE_EMPTY;
    return first_sign(text, place_signs, sizeof place_signs / sizeof *place_signs);
}
