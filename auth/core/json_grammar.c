/* Is a text JSON at all? The grammar of RFC 8259 and nothing more, for texts that are passed on and not decided upon: a
 * repeated member, an endless number or a deep nesting is the receiver's to judge. */
#include <stdlib.h>
#include <string.h>

#include "auth/core/json.h"
#include "auth/core/text.h"

struct reader {
    struct auth_view text;
    size_t at;
    struct auth_buf open; /* the brackets that are open, so that no depth is too deep for the stack */
    struct auth_err *err;
};

static enum auth_rc bad(struct reader *r, const char *what)
{
    return auth_err_set(r->err, AUTH_E_SYNTAX, "JSON: %s at byte %zu",
                        r->at >= r->text.n ? "the text ends too early" : what, r->at);
}

static char peek(const struct reader *r)
{
    return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static bool accept(struct reader *r, char c)
{
    bool is_there = r->at < r->text.n && r->text.p[r->at] == c;
    r->at += is_there;
    return is_there;
}

static void skip_space(struct reader *r)
{
    while (r->at < r->text.n && r->text.p[r->at] && strchr(" \t\r\n", r->text.p[r->at]))
        r->at++;
}

static bool skip_digits(struct reader *r)
{
    size_t start = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at > start;
}

static enum auth_rc read_number(struct reader *r)
{
    (void)accept(r, '-');
    bool ok = accept(r, '0') || skip_digits(r);
    if (ok && accept(r, '.'))
        ok = skip_digits(r);
    if (ok && (accept(r, 'e') || accept(r, 'E'))) {
        (void)(accept(r, '+') || accept(r, '-'));
        ok = skip_digits(r);
    }
    return ok ? AUTH_OK : bad(r, "no value");
}

static enum auth_rc read_string(struct reader *r)
{
    for (r->at++; r->at < r->text.n; r->at++) {
        char c = r->text.p[r->at];
        if (c == '"') {
            r->at++;
            return AUTH_OK;
        }
        if ((unsigned char)c < 0x20)
            return bad(r, c ? "a raw control character in a string" : "a NUL byte");
        if (c != '\\')
            continue;
        r->at++;
        bool is_unicode = accept(r, 'u');
        for (int i = 0; is_unicode && i < 4; i++, r->at++) {
            if (auth_text_hex_value(peek(r)) < 0)
                return bad(r, "\\u without four hex digits");
        }
        r->at -= is_unicode;
        if (!is_unicode && r->at < r->text.n && (!peek(r) || !strchr("\"\\/bfnrt", peek(r))))
            return bad(r, "an unknown escape");
    }
    return bad(r, "");
}

static enum auth_rc read_scalar(struct reader *r)
{
    static const char *const words[] = {"true", "false", "null"};
    struct auth_view rest = auth_view_from(r->text, r->at);
    if (peek(r) == '"')
        return read_string(r);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]), there = n < rest.n ? n : rest.n;
        if (there == 0 || memcmp(rest.p, words[i], there) != 0)
            continue;
        r->at += there;
        return there == n ? AUTH_OK : bad(r, "");
    }
    return read_number(r);
}

/* "name": */
static enum auth_rc read_name(struct reader *r)
{
    skip_space(r);
    if (peek(r) != '"')
        return bad(r, "no member name");
    enum auth_rc rc = read_string(r);
    skip_space(r);
    if (rc == AUTH_OK && !accept(r, ':'))
        rc = bad(r, "no ':' after a member name");
    return rc;
}

/* Behind a value: close what ends here. *more: another value must follow. */
static enum auth_rc read_end(struct reader *r, bool *more)
{
    for (;;) {
        skip_space(r);
        *more = false;
        if (r->open.n == 0)
            return r->at == r->text.n ? AUTH_OK : bad(r, "more text behind the value");
        char close = r->open.p[r->open.n - 1] == '{' ? '}' : ']';
        *more = accept(r, ',');
        if (*more)
            return close == '}' ? read_name(r) : AUTH_OK;
        if (!accept(r, close))
            return bad(r, "no ',' and no closing bracket");
        r->open.n--;
    }
}

/* At a value. *more: it was an opening bracket, or another value follows. */
static enum auth_rc read_value(struct reader *r, bool *more)
{
    skip_space(r);
    char open = peek(r);
    if (open != '{' && open != '[') {
        enum auth_rc rc = read_scalar(r);
        return rc == AUTH_OK ? read_end(r, more) : rc;
    }
    r->at++;
    skip_space(r);
    if (accept(r, open == '{' ? '}' : ']'))
        return read_end(r, more);
    auth_buf_add_char(&r->open, open);
    *more = true;
    enum auth_rc rc = auth_buf_check(&r->open, r->err);
    return rc == AUTH_OK && open == '{' ? read_name(r) : rc;
}

enum auth_rc auth_json_check_grammar(struct auth_view text, struct auth_err *err)
{
    struct reader r = {.text = text, .err = err};
    bool more = true;
    enum auth_rc rc = AUTH_OK;
    auth_buf_init(&r.open, text.n + 1);
    while (rc == AUTH_OK && more)
        rc = read_value(&r, &more);
    auth_buf_clear(&r.open);
    return rc;
}
