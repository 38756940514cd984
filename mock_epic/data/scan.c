/* The fast pass: eight bytes of a string at a time, names of an object compared by a hash. */
#include "mock_epic/data/scan.h"

#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/data/text_hash.h"

enum {
    NUMBER_MAX = 63, /* as auth_json_check() has it */
    NAMES_MAX = 512  /* of all objects that are open at once */
};

struct pass {
    const char *p, *end;
    struct mock_scan *scan;
    unsigned depth;
    unsigned escapes; /* how many were passed */
    size_t name_count;
    uint64_t names[NAMES_MAX]; /* hashes of the open objects' names, outermost first */
};

static bool pass_value(struct pass *s);

static inline void skip_blanks(struct pass *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

/* ---- strings ---- */

static inline uint64_t word_at(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* The top bit of the first of eight bytes that is a quotation mark, a backslash, a control character or not ASCII, perhaps
 * those of some behind it too; 0: none is. */
static inline uint64_t specials_of(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
    uint64_t quotes = word ^ ones * '"', backslashes = word ^ ones * '\\';
    return (word | (word - ones * 0x20) | (quotes - ones) | (backslashes - ones)) & high;
}

/* Over what needs no look in a string, eight bytes at a time. */
static inline const char *after_plain(const char *p, const char *end)
{
    while (end - p >= 8) {
        uint64_t specials = specials_of(word_at(p));
        if (specials)
            return p + auth_bytes_before_mark(specials);
        p += 8;
    }
    return p;
}

/* Behind a backslash. Of \u only what is a character by itself. */
static bool pass_escape(struct pass *s)
{
    unsigned code = 0;
    s->escapes++;
    if (s->end - s->p < 2)
        return false;
    char c = *s->p++;
    if (c != 'u')
        return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
    if (s->end - s->p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int digit = auth_text_hex_value(*s->p++);
        if (digit < 0)
            return false;
        code = code * 16 + (unsigned)digit;
    }
    return code != 0 && (code < 0xd800 || code > 0xdfff);
}

static bool pass_sequence(struct pass *s)
{
    size_t n = auth_text_sequence(auth_view_bytes(s->p, (size_t)(s->end - s->p)));
    s->p += n;
    return n > 0;
}

/* Behind the opening quotation mark; ends behind the closing one. */
static bool pass_string(struct pass *s)
{
    for (;;) {
        s->p = after_plain(s->p, s->end);
        if (s->p >= s->end)
            return false;
        unsigned char c = (unsigned char)*s->p;
        if (c == '"') {
            s->p++;
            return true;
        }
        if (c < 0x20)
            return false;
        if (c >= 0x80) {
            if (!pass_sequence(s))
                return false;
            continue;
        }
        s->p++;
        if (c == '\\' && !pass_escape(s))
            return false;
    }
}

/* ---- numbers and words ---- */

static size_t pass_digits(struct pass *s)
{
    const char *start = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return (size_t)(s->p - start);
}

/* Without an exponent none of this length leaves the range of a double. */
static bool pass_number(struct pass *s)
{
    const char *start = s->p;
    if (*s->p == '-')
        s->p++;
    bool is_zero = s->p < s->end && *s->p == '0';
    size_t digits = pass_digits(s);
    if (digits == 0 || (is_zero && digits > 1))
        return false;
    if (s->p < s->end && *s->p == '.') {
        s->p++;
        if (pass_digits(s) == 0)
            return false;
    }
    bool has_exponent = s->p < s->end && (*s->p == 'e' || *s->p == 'E');
    return !has_exponent && s->p - start <= NUMBER_MAX;
}

static bool pass_word(struct pass *s, const char *word, size_t n)
{
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
        return false;
    s->p += n;
    return true;
}

/* ---- objects and arrays ---- */

/* False: a name like one before it, or too many. *seen has a bit for each name, so that most need no look at the others. */
static bool note_name(struct pass *s, size_t first, uint64_t hash, uint64_t *seen)
{
    uint64_t bit = (uint64_t)1 << (hash & 63);
    if (s->name_count == NAMES_MAX)
        return false;
    for (size_t i = first; (*seen & bit) && i < s->name_count; i++) {
        if (s->names[i] == hash)
            return false;
    }
    *seen |= bit;
    s->names[s->name_count++] = hash;
    return true;
}

static bool pass_name(struct pass *s, size_t first, uint64_t *seen, struct auth_view *name)
{
    if (s->p >= s->end || *s->p != '"')
        return false;
    const char *start = ++s->p;
    unsigned escapes = s->escapes;
    if (!pass_string(s) || s->escapes != escapes)
        return false;
    *name = auth_view_bytes(start, (size_t)(s->p - start) - 1);
    if (!note_name(s, first, mock_text_hash(MOCK_TEXT_HASH_START, *name), seen))
        return false;
    skip_blanks(s);
    if (s->p >= s->end || *s->p != ':')
        return false;
    s->p++;
    skip_blanks(s);
    return true;
}

static void keep_member(struct mock_scan *scan, struct auth_view name, struct auth_view value)
{
    scan->is_whole = scan->member_count < MOCK_SCAN_MEMBERS_MAX;
    if (scan->is_whole)
        scan->members[scan->member_count++] = (struct mock_scan_member){name, value};
}

static void keep_reference(struct mock_scan *scan, struct auth_view string)
{
    scan->has_references = scan->reference_count < MOCK_SCAN_REFERENCES_MAX;
    if (scan->has_references)
        scan->references[scan->reference_count++] = auth_view_bytes(string.p + 1, string.n - 2);
}

/* Behind an item: at a comma, which is passed, or at the closing bracket. */
static bool pass_comma(struct pass *s, char close, bool *is_end)
{
    skip_blanks(s);
    if (s->p >= s->end || (*s->p != ',' && *s->p != close))
        return false;
    *is_end = *s->p++ == close;
    if (!*is_end)
        skip_blanks(s);
    return true;
}

static bool pass_object(struct pass *s)
{
    size_t first = s->name_count;
    uint64_t seen = 0;
    struct auth_view name;
    bool is_end = s->p < s->end && *s->p == '}';
    if (is_end)
        s->p++;
    while (!is_end) {
        if (!pass_name(s, first, &seen, &name))
            return false;
        const char *start = s->p;
        if (!pass_value(s))
            return false;
        struct auth_view value = auth_view_bytes(start, (size_t)(s->p - start));
        if (s->depth == 1)
            keep_member(s->scan, name, value);
        if (*start == '"' && auth_view_equals(name, "reference"))
            keep_reference(s->scan, value);
        if (!pass_comma(s, '}', &is_end))
            return false;
    }
    s->name_count = first;
    return true;
}

static bool pass_array(struct pass *s)
{
    bool is_end = s->p < s->end && *s->p == ']';
    if (is_end)
        s->p++;
    while (!is_end) {
        if (!pass_value(s) || !pass_comma(s, ']', &is_end))
            return false;
    }
    return true;
}

static bool pass_container(struct pass *s, bool is_object)
{
    if (++s->depth > AUTH_JSON_DEPTH_MAX)
        return false;
    s->p++;
    skip_blanks(s);
    bool ok = is_object ? pass_object(s) : pass_array(s);
    s->depth--;
    return ok;
}

static bool pass_value(struct pass *s)
{
    if (s->p >= s->end)
        return false;
    switch (*s->p) {
    case '"':
        s->p++;
        return pass_string(s);
    case '{':
    case '[':
        return pass_container(s, *s->p == '{');
    case 't':
        return pass_word(s, "true", 4);
    case 'f':
        return pass_word(s, "false", 5);
    case 'n':
        return pass_word(s, "null", 4);
    default:
        return pass_number(s);
    }
}

bool mock_scan_fast(struct auth_view text, struct mock_scan *scan, size_t *end)
{
    struct pass s;
    if (!text.n)
        return false;
    s.p = text.p;
    s.end = text.p + text.n;
    s.scan = scan;
    s.depth = 0;
    s.escapes = 0;
    s.name_count = 0;
    scan->member_count = scan->reference_count = 0;
    scan->is_plain = scan->is_whole = scan->has_references = true;
    skip_blanks(&s);
    const char *start = s.p;
    if (!pass_value(&s))
        return false;
    scan->value = auth_view_bytes(start, (size_t)(s.p - start));
    *end = (size_t)(s.p - text.p);
    return true;
}

/* ---- the slow way ---- */

/* Where the value ends that the text begins with, going by brackets and strings; text.n when it does not end. */
static size_t end_of_value(struct auth_view text)
{
    size_t at = 0, depth = 0;
    bool is_string = false;
    for (; at < text.n; at++) {
        char c = text.p[at];
        if (is_string) {
            at += c == '\\';
            is_string = c != '"';
        } else if (c == '"') {
            is_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        } else if (depth == 0 && c == '\n' && auth_view_trim(auth_view_bytes(text.p, at)).n) {
            return at;
        }
        if (depth == 0 && !is_string && (c == '}' || c == ']'))
            return at + 1;
    }
    return text.n;
}

enum auth_rc mock_scan_next(struct auth_view text, struct mock_scan *scan, size_t *end, struct auth_err *err)
{
    struct auth_view name, value;
    size_t cursor = 0;
    if (mock_scan_fast(text, scan, end))
        return AUTH_OK;
    *end = end_of_value(text);
    enum auth_rc rc = auth_json_check(auth_view_bytes(text.p, *end), err);
    if (rc != AUTH_OK)
        return rc;
    scan->value = auth_view_trim(auth_view_bytes(text.p, *end));
    scan->member_count = scan->reference_count = 0;
    scan->is_plain = scan->has_references = false;
    scan->is_whole = true;
    while (auth_json_raw_next_member(scan->value, &cursor, &name, &value))
        keep_member(scan, name, value);
    return AUTH_OK;
}

struct auth_view mock_scan_member(const struct mock_scan *scan, const char *name)
{
    struct auth_view value = {NULL, 0};
    size_t n = strlen(name);
    for (size_t i = 0; i < scan->member_count; i++) {
        const struct mock_scan_member *member = &scan->members[i];
        if (member->name.n == n && memcmp(member->name.p, name, n) == 0)
            return member->value;
        if (!scan->is_plain && auth_json_raw_means(member->name, name))
            return member->value;
    }
    if (!scan->is_whole)
        (void)auth_json_raw_member(scan->value, name, &value);
    return value;
}
