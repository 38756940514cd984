/* Is a text JSON that may be decided upon? RFC 8259 without tolerance, and of what it leaves open the strict half: no member
 * twice, no NUL, no lone surrogate, no number beyond a double, no deep nesting. What cJSON lets through never reaches it. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"
#include "auth/core/json_private.h"
#include "auth/core/text.h"

enum {
    NUMBER_MAX = 63,   /* cJSON reads no longer ones; nor does anybody write them */
    NAMES_INLINE = 64, /* member names of all open objects together before the heap is used */
    PAIRWISE_MAX = 16  /* members of one object that are compared pair by pair */
};

/* A member name by the hash of its unescaped bytes. Equal names have equal hashes, so no duplicate is missed; whoever
 * crafts colliding names only gets his own text refused. */
struct name {
    uint64_t hash;
    size_t at;
};

struct scanner {
    struct auth_view text;
    size_t at;
    unsigned depth;
    struct name *names; /* of the open objects, outermost first */
    size_t name_count, name_size;
    struct name names_inline[NAMES_INLINE];
    struct auth_err *err;
};

static enum auth_rc scan_value(struct scanner *s);

static enum auth_rc bad(struct scanner *s, const char *what)
{
    return auth_err_set(s->err, AUTH_E_SYNTAX, "JSON: %s at byte %zu", what, s->at);
}

static char peek(const struct scanner *s)
{
    return s->at < s->text.n ? s->text.p[s->at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_space(struct scanner *s)
{
    while (s->at < s->text.n && (s->text.p[s->at] == ' ' || s->text.p[s->at] == '\t' || s->text.p[s->at] == '\n' ||
                                 s->text.p[s->at] == '\r'))
        s->at++;
}

/* ---- numbers ---- */

static size_t skip_digits(struct scanner *s)
{
    size_t start = s->at;
    while (is_digit(peek(s)))
        s->at++;
    return s->at - start;
}

/* Only a long integer part or an exponent can leave the range of a double. */
static enum auth_rc check_finite(struct scanner *s, struct auth_view number)
{
    char copy[NUMBER_MAX + 1];
    memcpy(copy, number.p, number.n);
    copy[number.n] = '\0';
    double value = strtod(copy, NULL);
    if (value > DBL_MAX || value < -DBL_MAX)
        return auth_err_set(s->err, AUTH_E_RANGE, "JSON: the number %s is beyond a double", copy);
    return AUTH_OK;
}

/* At its very beginning it is how the text was saved. */
static enum auth_rc no_value(struct scanner *s)
{
    if (s->at == 0 && auth_view_starts(s->text, "\xef\xbb\xbf"))
        return bad(s, "a byte order mark that must go (RFC 8259 8.1)");
    if (s->at == 0 && (auth_view_starts(s->text, "\xff\xfe") || auth_view_starts(s->text, "\xfe\xff")))
        return bad(s, "UTF-16, where UTF-8 is needed,");
    return bad(s, "no value");
}

static enum auth_rc scan_number(struct scanner *s)
{
    size_t start = s->at;
    bool has_exponent = false;
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (skip_digits(s) == 0)
        return no_value(s);
    if (is_digit(peek(s)))
        return bad(s, "a number with a leading zero");
    if (peek(s) == '.') {
        s->at++;
        if (skip_digits(s) == 0)
            return bad(s, "no digit after the decimal point");
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        has_exponent = true;
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (skip_digits(s) == 0)
            return bad(s, "no digit in the exponent");
    }
    struct auth_view number = auth_view_bytes(s->text.p + start, s->at - start);
    if (number.n > NUMBER_MAX)
        return auth_err_set(s->err, AUTH_E_RANGE, "JSON: a number of %zu characters at byte %zu (at most %d)", number.n,
                            start, NUMBER_MAX);
    return has_exponent ? check_finite(s, number) : AUTH_OK;
}

/* ---- strings ---- */

/* Four hex digits; -1 when there are not. */
static long scan_hex4(struct scanner *s)
{
    long value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = auth_text_hex_value(peek(s));
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
        s->at++;
    }
    return value;
}

/* Hash a code point as its UTF-8 bytes, so that an escaped name equals its plain spelling. */
static uint64_t mix_code_point(uint64_t hash, unsigned long c)
{
    if (c < 0x80)
        return auth_hash_byte(hash, (unsigned char)c);
    if (c < 0x800)
        return auth_hash_byte(auth_hash_byte(hash, (unsigned char)(0xc0 | c >> 6)), (unsigned char)(0x80 | (c & 0x3f)));
    if (c < 0x10000)
        hash = auth_hash_byte(hash, (unsigned char)(0xe0 | c >> 12));
    else
        hash = auth_hash_byte(auth_hash_byte(hash, (unsigned char)(0xf0 | c >> 18)),
                              (unsigned char)(0x80 | (c >> 12 & 0x3f)));
    return auth_hash_byte(auth_hash_byte(hash, (unsigned char)(0x80 | (c >> 6 & 0x3f))),
                          (unsigned char)(0x80 | (c & 0x3f)));
}

/* After "\u". */
static enum auth_rc scan_unicode_escape(struct scanner *s, uint64_t *hash)
{
    long unit = scan_hex4(s);
    if (unit < 0)
        return bad(s, "\\u without four hex digits");
    if (unit == 0)
        return bad(s, "a NUL character (\\u0000)");
    unsigned long code_point = (unsigned long)unit;
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return bad(s, "a lone surrogate");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        if (s->text.n - s->at < 6 || s->text.p[s->at] != '\\' || s->text.p[s->at + 1] != 'u')
            return bad(s, "a lone surrogate");
        s->at += 2;
        long second = scan_hex4(s);
        if (second < 0xdc00 || second > 0xdfff)
            return bad(s, "a lone surrogate");
        code_point = 0x10000 + ((unsigned long)(unit - 0xd800) << 10) + (unsigned long)(second - 0xdc00);
    }
    *hash = mix_code_point(*hash, code_point);
    return AUTH_OK;
}

static enum auth_rc scan_escape(struct scanner *s, uint64_t *hash)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    s->at++; /* the backslash */
    char c = peek(s);
    if (c == 'u') {
        s->at++;
        return scan_unicode_escape(s, hash);
    }
    const char *found = c ? strchr(letters, c) : NULL;
    if (!found)
        return bad(s, "an unknown escape");
    *hash = auth_hash_byte(*hash, (unsigned char)meanings[found - letters]);
    s->at++;
    return AUTH_OK;
}

/* Is none of these eight bytes a quotation mark, a backslash, a control or beyond ASCII? Taking 1 from a byte without its top
 * bit sets that bit where the byte was 0; behind such a byte others may be found that are none. */
static bool are_plain(const char *p)
{
    static const uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
    uint64_t v;
    memcpy(&v, p, sizeof v);
    uint64_t quote = v ^ ones * '"', backslash = v ^ ones * '\\', del = v ^ ones * 0x7f;
    uint64_t found = v | (v - ones * 0x20) | (quote - ones) | (backslash - ones) | (del - ones);
    return (found & tops) == 0;
}

size_t auth_json_plain_run(struct auth_view text)
{
    size_t n = 0;
    while (n < text.n) {
        if (text.n - n >= 8 && are_plain(text.p + n)) {
            n += 8;
            continue;
        }
        unsigned char c = (unsigned char)text.p[n];
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            break;
        size_t step = c < 0x80 ? 1 : auth_text_sequence(auth_view_from(text, n));
        if (step == 0)
            break;
        n += step;
    }
    return n;
}

/* At an opening quote. hash: of a name; NULL for a value, whose bytes nobody compares. */
static enum auth_rc scan_string(struct scanner *s, uint64_t *hash)
{
    uint64_t unused;
    bool is_value = !hash;
    hash = is_value ? &unused : hash;
    *hash = AUTH_HASH_START;
    s->at++;
    for (;;) {
        if (is_value)
            s->at += auth_json_plain_run(auth_view_from(s->text, s->at));
        if (s->at >= s->text.n)
            return bad(s, "a string without end");
        unsigned char c = (unsigned char)s->text.p[s->at];
        if (c == '"') {
            s->at++;
            return AUTH_OK;
        }
        if (c < 0x20)
            return bad(s, "a raw control character in a string");
        if (c == '\\') {
            enum auth_rc rc = scan_escape(s, hash);
            if (rc != AUTH_OK)
                return rc;
            continue;
        }
        size_t n = c < 0x80 ? 1 : auth_text_sequence(auth_view_from(s->text, s->at));
        if (n == 0)
            return bad(s, "bytes that are not UTF-8");
        for (size_t end = s->at + n; s->at < end; s->at++)
            *hash = auth_hash_byte(*hash, (unsigned char)s->text.p[s->at]);
    }
}

/* ---- objects and arrays ---- */

static enum auth_rc remember_name(struct scanner *s, uint64_t hash, size_t at)
{
    if (s->name_count == s->name_size) {
        size_t size = s->name_size * 2;
        struct name *names = malloc(size * sizeof *names);
        if (!names)
            return auth_err_no_memory(s->err);
        memcpy(names, s->names, s->name_count * sizeof *names);
        if (s->names != s->names_inline)
            free(s->names);
        s->names = names;
        s->name_size = size;
    }
    s->names[s->name_count++] = (struct name){hash, at};
    return AUTH_OK;
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct name *)a)->hash, y = ((const struct name *)b)->hash;
    return (x > y) - (x < y);
}

static enum auth_rc duplicate(struct scanner *s, const struct name *name)
{
    struct auth_view rest = auth_view_from(s->text, name->at + 1);
    struct auth_view shown = auth_view_bytes(rest.p, auth_view_find(rest, '"'));
    const char *mark = auth_text_cut(&shown, 64);
    s->at = name->at;
    return auth_err_set(s->err, AUTH_E_DUPLICATE, "JSON: the member \"%.*s%s\" occurs twice in one object",
                        (int)shown.n, shown.p, mark);
}

/* The object whose names start at `first` is closing: no name twice? */
static enum auth_rc check_names(struct scanner *s, size_t first)
{
    struct name *names = s->names + first;
    size_t count = s->name_count - first;
    s->name_count = first;
    if (count > PAIRWISE_MAX) {
        qsort(names, count, sizeof *names, by_hash);
        for (size_t i = 1; i < count; i++) {
            if (names[i].hash == names[i - 1].hash)
                return duplicate(s, &names[i]);
        }
        return AUTH_OK;
    }
    for (size_t i = 1; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (names[i].hash == names[j].hash)
                return duplicate(s, &names[i]);
        }
    }
    return AUTH_OK;
}

/* name : value */
static enum auth_rc scan_member(struct scanner *s)
{
    uint64_t hash;
    size_t at = s->at;
    if (peek(s) != '"')
        return bad(s, "no member name");
    enum auth_rc rc = scan_string(s, &hash);
    if (rc == AUTH_OK)
        rc = remember_name(s, hash, at);
    if (rc != AUTH_OK)
        return rc;
    skip_space(s);
    if (peek(s) != ':')
        return bad(s, "no ':' after a member name");
    s->at++;
    return scan_value(s);
}

/* At the opening bracket. Members and elements differ in nothing but `scan_item`. */
static enum auth_rc scan_container(struct scanner *s, char close, enum auth_rc (*scan_item)(struct scanner *))
{
    if (++s->depth > AUTH_JSON_DEPTH_MAX)
        return auth_err_set(s->err, AUTH_E_TOO_BIG, "JSON: more than %d arrays and objects inside one another",
                            AUTH_JSON_DEPTH_MAX);
    s->at++;
    skip_space(s);
    bool is_empty = peek(s) == close;
    while (!is_empty) {
        skip_space(s);
        enum auth_rc rc = scan_item(s);
        if (rc != AUTH_OK)
            return rc;
        skip_space(s);
        if (peek(s) == close)
            break;
        if (peek(s) != ',')
            return bad(s, "neither ',' nor the closing bracket");
        s->at++;
    }
    s->at++;
    s->depth--;
    return AUTH_OK;
}

static enum auth_rc scan_object(struct scanner *s)
{
    size_t first = s->name_count;
    enum auth_rc rc = scan_container(s, '}', scan_member);
    return rc == AUTH_OK ? check_names(s, first) : rc;
}

static enum auth_rc scan_literal(struct scanner *s, const char *word)
{
    if (!auth_view_starts(auth_view_from(s->text, s->at), word))
        return no_value(s);
    s->at += strlen(word);
    return AUTH_OK;
}

static enum auth_rc scan_value(struct scanner *s)
{
    skip_space(s);
    switch (peek(s)) {
    case '{':
        return scan_object(s);
    case '[':
        return scan_container(s, ']', scan_value);
    case '"':
        return scan_string(s, NULL);
    case 't':
        return scan_literal(s, "true");
    case 'f':
        return scan_literal(s, "false");
    case 'n':
        return scan_literal(s, "null");
    default:
        return scan_number(s);
    }
}

enum auth_rc auth_json_check(struct auth_view text, struct auth_err *err)
{
    size_t at;
    return auth_json_check_at(text, &at, err);
}

enum auth_rc auth_json_check_at(struct auth_view text, size_t *at, struct auth_err *err)
{
    struct scanner s;
    s.text = text;
    s.at = 0;
    s.depth = 0;
    s.names = s.names_inline;
    s.name_count = 0;
    s.name_size = NAMES_INLINE;
    s.err = err;
    enum auth_rc rc = scan_value(&s);
    if (rc == AUTH_OK) {
        skip_space(&s);
        if (s.at != text.n)
            rc = bad(&s, "something after the end of the value");
    }
    if (s.names != s.names_inline)
        free(s.names);
    *at = s.at;
    return rc;
}
