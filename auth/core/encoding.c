/* Byte order marks, UTF-16 and UTF-32. */
#include "auth/core/encoding.h"

#include <string.h>

#include "auth/core/text.h"

enum {
    LOOKED_AT_N = 32,
    HIGH = 0xd800,
    LOW = 0xdc00,
    SURROGATES_END = 0xe000,
    REPLACEMENT = 0xfffd,
    CODE_POINT_MAX = 0x10ffff
};

/* How text is cut into units, and where it begins behind its mark. */
struct units {
    size_t n; /* bytes of one: 1, 2, 4 */
    size_t from;
    bool is_big;
};

static bool read_mark(struct auth_view text, struct units *units)
{
    static const struct {
        unsigned char bytes[4];
        struct units units;
    } marks[] = {
        {{0xff, 0xfe, 0, 0}, {4, 4, false}}, /* before UTF-16, whose mark it begins with */
        {{0, 0, 0xfe, 0xff}, {4, 4, true}},  {{0xff, 0xfe}, {2, 2, false}},
        {{0xfe, 0xff}, {2, 2, true}},        {{0xef, 0xbb, 0xbf}, {1, 3, false}},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = marks[i].units.from;
        if (text.n < n || memcmp(text.p, marks[i].bytes, n) != 0)
            continue;
        *units = marks[i].units;
        return true;
    }
    return false;
}

/* ASCII in units of n bytes: all of these are NUL but one, the first or the last. */
static bool has_units(struct auth_view text, size_t n, struct units *units)
{
    size_t count = (text.n < LOOKED_AT_N ? text.n : LOOKED_AT_N) / n, first = 0, last = 0;
    for (size_t i = 0; i < count * n; i++) {
        bool is_set = text.p[i] != '\0';
        first += is_set && i % n == 0;
        last += is_set && i % n == n - 1;
        if (is_set && i % n != 0 && i % n != n - 1)
            return false;
    }
    *units = (struct units){.n = n, .is_big = last != 0};
    return count >= 2 && ((first == count && last == 0) || (last == count && first == 0));
}

static struct units units_of(struct auth_view text)
{
    struct units units = {.n = 1};
    if (!read_mark(text, &units) && !has_units(text, 4, &units) && !has_units(text, 2, &units))
        units = (struct units){.n = 1};
    return units;
}

enum auth_encoding auth_encoding_of(struct auth_view text)
{
    struct units units = units_of(text);
    if (units.n == 1)
        return units.from ? AUTH_ENCODING_MARKED : AUTH_ENCODING_PLAIN;
    return units.n == 2 ? AUTH_ENCODING_UTF16 : AUTH_ENCODING_UTF32;
}

const char *auth_encoding_text(enum auth_encoding encoding)
{
    static const char *const texts[] = {"UTF-8", "UTF-8 with a byte order mark", "UTF-16", "UTF-32"};
    return texts[encoding];
}

void auth_encoding_add(struct auth_buf *out, unsigned c)
{
    if (c < 0x80) {
        auth_buf_add_char(out, (char)c);
        return;
    }
    if (c < 0x800) {
        auth_buf_add_char(out, (char)(0xc0 | c >> 6));
    } else if (c < 0x10000) {
        auth_buf_add_char(out, (char)(0xe0 | c >> 12));
        auth_buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    } else {
        auth_buf_add_char(out, (char)(0xf0 | c >> 18));
        auth_buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        auth_buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    auth_buf_add_char(out, (char)(0x80 | (c & 0x3f)));
}

static unsigned unit_at(struct auth_view text, size_t at, const struct units *units)
{
    unsigned value = 0;
    for (size_t i = 0; i < units->n; i++)
        value = value << 8 | (unsigned char)text.p[at + (units->is_big ? i : units->n - 1 - i)];
    return value;
}

static void decode(struct auth_view text, const struct units *units, struct auth_buf *out)
{
    size_t i = 0;
    while (i + units->n <= text.n) {
        unsigned c = unit_at(text, i, units);
        i += units->n;
        if (units->n == 2 && c >= HIGH && c < LOW && i + 2 <= text.n) {
            unsigned low = unit_at(text, i, units);
            bool is_pair = low >= LOW && low < SURROGATES_END;
            i += is_pair ? 2 : 0;
            c = is_pair ? 0x10000 + ((c - HIGH) << 10) + (low - LOW) : REPLACEMENT;
        }
        auth_encoding_add(out, (c >= HIGH && c < SURROGATES_END) || c > CODE_POINT_MAX ? REPLACEMENT : c);
    }
    if (i < text.n)
        auth_encoding_add(out, REPLACEMENT);
}

struct auth_view auth_encoding_plain(struct auth_view text, struct auth_buf *buf)
{
    struct units units = units_of(text);
    size_t before = buf->n;
    text = auth_view_from(text, units.from);
    if (units.n == 1)
        return text;
    decode(text, &units, buf);
    return auth_buf_ok(buf) ? auth_view_from(auth_buf_view(buf), before) : auth_view_bytes("", 0);
}

/* ---- once more ---- */

static int value_of(char c)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(letters, c == '-' ? '+' : c == '_' ? '/' : c) : NULL;
    return at ? (int)(at - letters) : -1;
}

/* Digits of bits_n bits each, packed into bytes; those in `between` are skipped. */
static bool unpack(struct auth_view text, int (*value)(char c), unsigned bits_n, const char *between,
                   struct auth_buf *out)
{
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < text.n; i++) {
        int digit = value(text.p[i]);
        if (digit < 0 && text.p[i] && strchr(between, text.p[i]))
            continue;
        if (digit < 0)
            return false;
        bits = (bits << bits_n | (unsigned)digit) & 0xffffU;
        count += bits_n;
        if (count >= 8) {
            count -= 8;
            auth_buf_add_char(out, (char)(bits >> count & 0xffU));
        }
    }
    return text.n > 0;
}

bool auth_encoding_base64(struct auth_view text, struct auth_buf *out)
{
    return unpack(text, value_of, 6, "=\n\r ", out);
}

bool auth_encoding_hex(struct auth_view text, struct auth_buf *out)
{
    return unpack(text, auth_text_hex_value, 4, ":\n\r ", out);
}
