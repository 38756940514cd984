/* Slices of a JSON text that was accepted before, so these only look for where things end. What is served exactly as it was
 * loaded is found this way: no digit of a decimal is lost. */
#include <string.h>

#include "auth/core/json.h"
#include "auth/core/text.h"

static size_t raw_space(struct auth_view text, size_t at)
{
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\n' || text.p[at] == '\r'))
        at++;
    return at;
}

/* The top bit of the first of eight bytes that is a quotation mark or a backslash, perhaps those of some behind it; 0: none. */
static uint64_t marks_of(const char *p)
{
    const uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
    uint64_t word;
    memcpy(&word, p, sizeof word);
    uint64_t quotes = word ^ ones * '"', backslashes = word ^ ones * '\\';
    return (((quotes - ones) & ~quotes) | ((backslashes - ones) & ~backslashes)) & high;
}

/* At an opening quote; position behind the closing one. */
static size_t raw_string(struct auth_view text, size_t at)
{
    for (at++; at < text.n; at++) {
        uint64_t marks = 0;
        while (text.n - at > sizeof marks && (marks = marks_of(text.p + at)) == 0)
            at += sizeof marks;
        at += auth_bytes_before_mark(marks);
        if (text.p[at] == '"')
            return at + 1;
        at += text.p[at] == '\\';
    }
    return text.n;
}

/* Position behind the value that starts at `at`. */
static size_t raw_value(struct auth_view text, size_t at)
{
    unsigned depth = 0;
    while (at < text.n) {
        char c = text.p[at];
        if (c == '"') {
            at = raw_string(text, at);
            if (depth == 0)
                return at;
            continue;
        }
        bool is_close = c == '}' || c == ']';
        if (depth == 0 && (is_close || c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            return at;
        depth += c == '{' || c == '[';
        at++;
        if (is_close && --depth == 0)
            return at;
    }
    return at;
}

/* Before an item of a container that was entered; false behind its end, or where the text ends. */
static bool raw_at_item(struct auth_view text, size_t *at, char close)
{
    *at = raw_space(text, *at);
    if (*at < text.n && text.p[*at] == ',')
        *at = raw_space(text, *at + 1);
    if (*at >= text.n || text.p[*at] != close)
        return *at < text.n;
    ++*at;
    return false;
}

bool auth_json_raw_enter(struct auth_view text, size_t *at, char open)
{
    size_t start = raw_space(text, *at);
    if (start >= text.n || text.p[start] != open)
        return false;
    *at = start + 1;
    return true;
}

bool auth_json_raw_name(struct auth_view text, size_t *at, struct auth_view *name)
{
    if (!raw_at_item(text, at, '}') || text.p[*at] != '"')
        return false;
    size_t end = raw_string(text, *at);
    *name = auth_view_bytes(text.p + *at + 1, end - *at - 2);
    *at = raw_space(text, raw_space(text, end) + 1); /* the ':' */
    return true;
}

bool auth_json_raw_item(struct auth_view text, size_t *at)
{
    return raw_at_item(text, at, ']');
}

struct auth_view auth_json_raw_value(struct auth_view text, size_t *at)
{
    size_t start = *at;
    *at = raw_value(text, start);
    return auth_view_bytes(text.p + start, *at - start);
}

bool auth_json_raw_next_member(struct auth_view object, size_t *cursor, struct auth_view *name, struct auth_view *value)
{
    if ((*cursor == 0 && !auth_json_raw_enter(object, cursor, '{')) || !auth_json_raw_name(object, cursor, name))
        return false;
    *value = auth_json_raw_value(object, cursor);
    return true;
}

/* The next character of a string as written, of ASCII, or -1: another one. */
static int raw_char(struct auth_view *written)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    char c = written->p[0];
    size_t n = 1;
    int code = (unsigned char)c < 0x80 ? c : -1;
    if (c == '\\' && written->n > 1) {
        const char *letter = strchr(letters, written->p[1]);
        code = letter && *letter ? meanings[letter - letters] : written->p[1];
        n = 2;
    }
    if (n == 2 && written->p[1] == 'u') {
        code = 0;
        for (n = 2; n < 6 && n < written->n; n++)
            code = code * 16 + auth_text_hex_value(written->p[n]);
        code = code < 0x80 ? code : -1;
    }
    *written = auth_view_bytes(written->p + n, written->n - n);
    return code;
}

bool auth_json_raw_means(struct auth_view written, const char *text)
{
    if (written.n && written.p[0] != text[0] && written.p[0] != '\\')
        return false;
    if (auth_view_find(written, '\\') == written.n)
        return auth_view_equals(written, text);
    for (; written.n && *text; text++) {
        if (raw_char(&written) != *text)
            return false;
    }
    return !written.n && !*text;
}

bool auth_json_raw_member(struct auth_view object, const char *name, struct auth_view *value)
{
    struct auth_view key, found;
    size_t cursor = 0;
    while (auth_json_raw_next_member(object, &cursor, &key, &found)) {
        if (!auth_json_raw_means(key, name))
            continue;
        *value = found;
        return true;
    }
    return false;
}

bool auth_json_raw_next(struct auth_view array, size_t *cursor, struct auth_view *value)
{
    if ((*cursor == 0 && !auth_json_raw_enter(array, cursor, '[')) || !auth_json_raw_item(array, cursor))
        return false;
    *value = auth_json_raw_value(array, cursor);
    return true;
}

void auth_json_raw_minify(struct auth_buf *out, struct auth_view text)
{
    for (size_t at = raw_space(text, 0); at < text.n; at = raw_space(text, at)) {
        size_t end = text.p[at] == '"' ? raw_string(text, at) : at + 1;
        auth_buf_add(out, text.p + at, end - at);
        at = end;
    }
}

struct auth_json_place auth_json_place_of(struct auth_view text, size_t at)
{
    struct auth_json_place place = {1, 1};
    for (size_t i = 0; i < at && i < text.n; i++) {
        place.column++;
        if (text.p[i] == '\n')
            place = (struct auth_json_place){place.line + 1, 1};
    }
    return place;
}

/* Where `wanted` stands below a container, whose raw text is value; NULL: not there. The tree has what the text has, in its order. */
static const char *find_below(const struct auth_json_node *container, struct auth_view value,
                              const struct auth_json_node *wanted)
{
    bool is_object = auth_json_type(container) == AUTH_JSON_OBJECT;
    struct auth_view name, item;
    size_t cursor = 0;
    for (const struct auth_json_node *node = auth_json_first(container); node; node = auth_json_next(node)) {
        bool is_there = is_object ? auth_json_raw_next_member(value, &cursor, &name, &item)
                                  : auth_json_raw_next(value, &cursor, &item);
        if (!is_there)
            return NULL;
        if (node == wanted)
            return is_object ? name.p - 1 : item.p;
        const char *found = find_below(node, item, wanted); /* as deep as documents may be */
        if (found)
            return found;
    }
    return NULL;
}

struct auth_json_place auth_json_position(struct auth_view text, const struct auth_json *doc,
                                          const struct auth_json_node *node)
{
    size_t start = raw_space(text, 0);
    const char *found = node ? find_below(auth_json_root(doc), auth_view_from(text, start), node) : NULL;
    return auth_json_place_of(text, found ? (size_t)(found - text.p) : start);
}
