#include "auth/core/json.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "auth/core/text.h"

/* ================================ the scanner ================================ */

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

static uint64_t mix(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001b3U; /* FNV-1a */
}

/* Hash a code point as its UTF-8 bytes, so that an escaped name equals its plain spelling. */
static uint64_t mix_code_point(uint64_t hash, unsigned long c)
{
    if (c < 0x80)
        return mix(hash, (unsigned char)c);
    if (c < 0x800)
        return mix(mix(hash, (unsigned char)(0xc0 | c >> 6)), (unsigned char)(0x80 | (c & 0x3f)));
    if (c < 0x10000)
        hash = mix(hash, (unsigned char)(0xe0 | c >> 12));
    else
        hash = mix(mix(hash, (unsigned char)(0xf0 | c >> 18)), (unsigned char)(0x80 | (c >> 12 & 0x3f)));
    return mix(mix(hash, (unsigned char)(0x80 | (c >> 6 & 0x3f))), (unsigned char)(0x80 | (c & 0x3f)));
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
    *hash = mix(*hash, (unsigned char)meanings[found - letters]);
    s->at++;
    return AUTH_OK;
}

/* Length of the run in which nothing must be looked at, read or written: well-formed, no quote, backslash or control. */
static size_t plain_run(struct auth_view text)
{
    size_t n = 0;
    while (n < text.n) {
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
    *hash = 0xcbf29ce484222325U;
    s->at++;
    for (;;) {
        if (is_value)
            s->at += plain_run(auth_view_from(s->text, s->at));
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
            *hash = mix(*hash, (unsigned char)s->text.p[s->at]);
    }
}

/* ---- objects and arrays ---- */

static enum auth_rc remember_name(struct scanner *s, uint64_t hash, size_t at)
{
    if (s->name_count == s->name_size) {
        size_t size = s->name_size * 2;
        struct name *names = malloc(size * sizeof *names);
        if (!names)
            return auth_err_set(s->err, AUTH_E_NOMEM, "out of memory");
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
    return rc;
}

/* ================================ the tree ================================ */

/* struct auth_json and struct auth_json_node are cJSON nodes that nobody else can look into. */
static const cJSON *node_of(const struct auth_json_node *node)
{
    return (const cJSON *)(const void *)node;
}

static const struct auth_json_node *wrap(const cJSON *node)
{
    return (const struct auth_json_node *)(const void *)node;
}

enum auth_rc auth_json_parse(struct auth_view text, struct auth_json **out, struct auth_err *err)
{
    enum auth_rc rc = auth_json_check(text, err);
    if (rc != AUTH_OK)
        return rc;
    cJSON *root = cJSON_ParseWithLength(text.p, text.n);
    if (!root)
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory"); /* the text is known to be JSON */
    *out = (struct auth_json *)(void *)root;
    return AUTH_OK;
}

void auth_json_free(struct auth_json *doc)
{
    cJSON_Delete((cJSON *)(void *)doc);
}

const struct auth_json_node *auth_json_root(const struct auth_json *doc)
{
    return (const struct auth_json_node *)(const void *)doc;
}

enum auth_json_type auth_json_type(const struct auth_json_node *node)
{
    if (!node)
        return AUTH_JSON_NONE;
    switch (node_of(node)->type & 0xff) {
    case cJSON_NULL:
        return AUTH_JSON_NULL;
    case cJSON_Number:
        return AUTH_JSON_NUMBER;
    case cJSON_String:
        return AUTH_JSON_STRING;
    case cJSON_Array:
        return AUTH_JSON_ARRAY;
    case cJSON_Object:
        return AUTH_JSON_OBJECT;
    default:
        return AUTH_JSON_BOOL;
    }
}

const char *auth_json_type_text(enum auth_json_type type)
{
    static const char *const texts[] = {
        [AUTH_JSON_NONE] = "missing",     [AUTH_JSON_NULL] = "null",       [AUTH_JSON_BOOL] = "true or false",
        [AUTH_JSON_NUMBER] = "a number",  [AUTH_JSON_STRING] = "a string", [AUTH_JSON_ARRAY] = "an array",
        [AUTH_JSON_OBJECT] = "an object",
    };
    return texts[type];
}

const struct auth_json_node *auth_json_member(const struct auth_json_node *object, const char *name)
{
    if (auth_json_type(object) != AUTH_JSON_OBJECT)
        return NULL;
    /* cJSON's own look-up would compare every name whole, through two calls each */
    for (const cJSON *member = node_of(object)->child; member; member = member->next) {
        if (member->string[0] == name[0] && strcmp(member->string, name) == 0)
            return wrap(member);
    }
    return NULL;
}

const struct auth_json_node *auth_json_first(const struct auth_json_node *container)
{
    enum auth_json_type type = auth_json_type(container);
    return type == AUTH_JSON_ARRAY || type == AUTH_JSON_OBJECT ? wrap(node_of(container)->child) : NULL;
}

const struct auth_json_node *auth_json_next(const struct auth_json_node *node)
{
    return node ? wrap(node_of(node)->next) : NULL;
}

struct auth_view auth_json_name(const struct auth_json_node *node)
{
    return auth_view_from_string(node ? node_of(node)->string : NULL);
}

struct auth_view auth_json_string(const struct auth_json_node *node)
{
    return auth_view_from_string(auth_json_type(node) == AUTH_JSON_STRING ? node_of(node)->valuestring : NULL);
}

bool auth_json_double(const struct auth_json_node *node, double *value)
{
    if (auth_json_type(node) != AUTH_JSON_NUMBER)
        return false;
    *value = node_of(node)->valuedouble;
    return true;
}

bool auth_json_int(const struct auth_json_node *node, int64_t *value)
{
    static const double max = 9007199254740991.0; /* 2^53 - 1 */
    double number;
    if (!auth_json_double(node, &number) || !(number >= -max && number <= max))
        return false;
    int64_t integer = (int64_t)number;
    if ((double)integer < number || (double)integer > number)
        return false;
    *value = integer;
    return true;
}

bool auth_json_bool(const struct auth_json_node *node, bool *value)
{
    if (auth_json_type(node) != AUTH_JSON_BOOL)
        return false;
    *value = cJSON_IsTrue(node_of(node));
    return true;
}

struct auth_view auth_json_member_string(const struct auth_json_node *object, const char *name)
{
    return auth_json_string(auth_json_member(object, name));
}

/* ================================ raw slices ================================ */

/* The text was accepted before, so these only look for where things end. */

static size_t raw_space(struct auth_view text, size_t at)
{
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\n' || text.p[at] == '\r'))
        at++;
    return at;
}

/* At an opening quote; position behind the closing one. */
static size_t raw_string(struct auth_view text, size_t at)
{
    for (at++; at < text.n && text.p[at] != '"'; at++)
        at += text.p[at] == '\\';
    return at < text.n ? at + 1 : text.n;
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

bool auth_json_raw_next_member(struct auth_view object, size_t *cursor, struct auth_view *name, struct auth_view *value)
{
    size_t at = raw_space(object, *cursor);
    if (*cursor == 0) {
        if (at >= object.n || object.p[at] != '{')
            return false;
        at = raw_space(object, at + 1);
    } else if (at < object.n && object.p[at] == ',') {
        at = raw_space(object, at + 1);
    }
    if (at >= object.n || object.p[at] != '"')
        return false;
    size_t end = raw_string(object, at);
    *name = auth_view_bytes(object.p + at + 1, end - at - 2);
    at = raw_space(object, raw_space(object, end) + 1); /* the ':' */
    *cursor = raw_value(object, at);
    *value = auth_view_bytes(object.p + at, *cursor - at);
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
    size_t at = raw_space(array, *cursor);
    if (*cursor == 0) {
        if (at >= array.n || array.p[at] != '[')
            return false;
        at = raw_space(array, at + 1);
    } else if (at < array.n && array.p[at] == ',') {
        at = raw_space(array, at + 1);
    }
    if (at >= array.n || array.p[at] == ']')
        return false;
    size_t end = raw_value(array, at);
    *value = auth_view_bytes(array.p + at, end - at);
    *cursor = end;
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

/* ================================ the writer ================================ */

void auth_json_writer_init(struct auth_json_writer *w, struct auth_buf *out, enum auth_json_style style)
{
    memset(w, 0, sizeof *w);
    w->out = out;
    w->style = style;
}

static void new_line(struct auth_json_writer *w)
{
    if (w->style == AUTH_JSON_COMPACT)
        return;
    auth_buf_add_string(w->out, w->style == AUTH_JSON_PRETTY_CRLF ? "\r\n" : "\n");
    for (unsigned i = 0; i < w->depth; i++)
        auth_buf_add(w->out, "  ", 2);
}

/* Before a value or a key: the comma and the line it stands on. */
static void start_item(struct auth_json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (w->has_item[w->depth - 1])
        auth_buf_add_char(w->out, ',');
    w->has_item[w->depth - 1] = true;
    new_line(w);
}

static void open_container(struct auth_json_writer *w, char bracket)
{
    start_item(w);
    if (w->depth == AUTH_JSONW_DEPTH_MAX) {
        w->out->is_spoiled = true;
        return;
    }
    auth_buf_add_char(w->out, bracket);
    w->has_item[w->depth++] = false;
}

static void close_container(struct auth_json_writer *w, char bracket)
{
    if (w->depth == 0) {
        w->out->is_spoiled = true;
        return;
    }
    bool had_item = w->has_item[--w->depth];
    if (had_item)
        new_line(w);
    auth_buf_add_char(w->out, bracket);
}

void auth_json_write_object(struct auth_json_writer *w)
{
    open_container(w, '{');
}

void auth_json_write_end_object(struct auth_json_writer *w)
{
    close_container(w, '}');
}

void auth_json_write_array(struct auth_json_writer *w)
{
    open_container(w, '[');
}

void auth_json_write_end_array(struct auth_json_writer *w)
{
    close_container(w, ']');
}

static void write_control(struct auth_buf *out, unsigned char c)
{
    static const char short_forms[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char letter = c < sizeof short_forms ? short_forms[c] : '\0';
    if (letter) {
        char escaped[] = {'\\', letter};
        auth_buf_add(out, escaped, sizeof escaped);
    } else {
        auth_buf_addf(out, "\\u%04x", c);
    }
}

static void write_string(struct auth_buf *out, struct auth_view text)
{
    auth_buf_add_char(out, '"');
    while (text.n) {
        size_t n = plain_run(text);
        auth_buf_add(out, text.p, n);
        text.p += n;
        text.n -= n;
        if (text.n == 0)
            break;
        unsigned char c = (unsigned char)text.p[0];
        char escaped[] = {'\\', (char)c};
        if (c == '"' || c == '\\')
            auth_buf_add(out, escaped, sizeof escaped);
        else if (c < 0x80)
            write_control(out, c);
        else
            auth_buf_add_string(out, "\xef\xbf\xbd"); /* U+FFFD */
        text.p++;
        text.n--;
    }
    auth_buf_add_char(out, '"');
}

void auth_json_write_key(struct auth_json_writer *w, const char *key)
{
    start_item(w);
    write_string(w->out, auth_view_from_string(key));
    auth_buf_add_string(w->out, w->style == AUTH_JSON_COMPACT ? ":" : ": ");
    w->after_key = true;
}

void auth_json_write_string(struct auth_json_writer *w, struct auth_view value)
{
    start_item(w);
    write_string(w->out, value);
}

void auth_json_write_int(struct auth_json_writer *w, int64_t value)
{
    start_item(w);
    auth_buf_add_int(w->out, value);
}

void auth_json_write_double(struct auth_json_writer *w, double value)
{
    start_item(w);
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
        w->out->is_spoiled = true; /* JSON has no infinity */
        return;
    }
    struct auth_buf text;
    auth_buf_init(&text, 64);
    auth_buf_addf(&text, "%.15g", value);
    double back = text.p ? strtod(text.p, NULL) : value;
    if (back < value || back > value) {
        auth_buf_reset(&text);
        auth_buf_addf(&text, "%.17g", value);
    }
    if (!auth_buf_ok(&text))
        w->out->is_spoiled = true;
    auth_buf_add_view(w->out, auth_buf_view(&text));
    auth_buf_clear(&text);
}

void auth_json_write_bool(struct auth_json_writer *w, bool value)
{
    start_item(w);
    auth_buf_add_string(w->out, value ? "true" : "false");
}

void auth_json_write_null(struct auth_json_writer *w)
{
    start_item(w);
    auth_buf_add_string(w->out, "null");
}

void auth_json_write_raw(struct auth_json_writer *w, struct auth_view json)
{
    start_item(w);
    auth_buf_add_view(w->out, json);
}

void auth_json_write_member_buf(struct auth_json_writer *w, const char *key, const struct auth_buf *value)
{
    if (!auth_buf_ok(value))
        w->out->is_spoiled = true;
    auth_json_write_member(w, key, auth_buf_view(value));
}

void auth_json_write_member(struct auth_json_writer *w, const char *key, struct auth_view value)
{
    auth_json_write_key(w, key);
    auth_json_write_string(w, value);
}

void auth_json_write_member_text(struct auth_json_writer *w, const char *key, const char *value)
{
    auth_json_write_key(w, key);
    if (value)
        auth_json_write_string(w, auth_view_from_string(value));
    else
        auth_json_write_null(w);
}

void auth_json_write_member_int(struct auth_json_writer *w, const char *key, int64_t value)
{
    auth_json_write_key(w, key);
    auth_json_write_int(w, value);
}

void auth_json_write_member_bool(struct auth_json_writer *w, const char *key, bool value)
{
    auth_json_write_key(w, key);
    auth_json_write_bool(w, value);
}

void auth_json_write_member_raw(struct auth_json_writer *w, const char *key, struct auth_view json)
{
    auth_json_write_key(w, key);
    auth_json_write_raw(w, json);
}
