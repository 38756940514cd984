/* Small facts about text: well-formed UTF-8, what is safe to show, hex, how far two names are apart. */
#include "auth/core/text.h"

#include <string.h>

/* ---- UTF-8 ---- */

/* The bounds of Unicode 15, table 3-7. */
size_t auth_text_sequence(struct auth_view text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
    size_t n;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        n = 2;
    } else if ((p[0] & 0xf0) == 0xe0) {
        n = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;
        high = p[0] == 0xed ? 0x9f : 0xbf;
    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        n = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;
        high = p[0] == 0xf4 ? 0x8f : 0xbf;
    } else {
        return 0;
    }
    if (text.n < n || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return n;
}

unsigned auth_text_code_point(struct auth_view text)
{
    enum { REPLACEMENT = 0xfffd };
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t n = auth_text_sequence(text);
    if (n == 0)
        return REPLACEMENT;
    unsigned code_point = (unsigned char)text.p[0] & first_bits[n];
    for (size_t i = 1; i < n; i++)
        code_point = code_point << 6 | ((unsigned char)text.p[i] & 0x3fU);
    return code_point;
}

/* Bytes at the start of text that are ASCII for sure, eight at a time. */
static size_t ascii_prefix(struct auth_view text)
{
    size_t n = 0;
    uint64_t eight;
    for (; text.n - n >= sizeof eight; n += sizeof eight) {
        memcpy(&eight, text.p + n, sizeof eight);
        if (eight & 0x8080808080808080U)
            break;
    }
    return n;
}

bool auth_text_is_utf8(struct auth_view text)
{
    /* by position, since the empty view's pointer may be NULL, to which C forbids to add even 0 */
    for (size_t at = ascii_prefix(text), n; at < text.n; at += n) {
        n = (unsigned char)text.p[at] < 0x80 ? 1 : auth_text_sequence(auth_view_from(text, at));
        if (n == 0)
            return false;
    }
    return true;
}

size_t auth_text_length(struct auth_view text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.n; i++)
        count += ((unsigned char)text.p[i] & 0xc0) != 0x80;
    return count;
}

static bool is_between(unsigned char byte, unsigned char low, unsigned char high)
{
    return byte >= low && byte <= high;
}

/* Of one character, or a run of printable ASCII. Unsafe are controls that a terminal acts on, C0, DEL and C1 (C2 80..9F); the line separators U+2028/2029; and what is there and
 * not seen: zero-width characters, and those that turn the direction of writing (U+200B-F, 202A-E, 2060-9, 61C, FEFF). */
static bool is_safe(const unsigned char *p, size_t n)
{
    if (n == 1)
        return p[0] >= 0x20 && p[0] != 0x7f;
    if (n == 2)
        return !(p[0] == 0xc2 && p[1] < 0xa0) && !(p[0] == 0xd8 && p[1] == 0x9c);
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x80)
        return !is_between(p[2], 0x8b, 0x8f) && !is_between(p[2], 0xa8, 0xae);
    if (n == 3 && p[0] == 0xe2 && p[1] == 0x81)
        return !is_between(p[2], 0xa0, 0xa9);
    return !(n == 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf);
}

const char *auth_text_cut(struct auth_view *text, size_t max_n)
{
    if (text->n <= max_n)
        return "";
    text->n = max_n;
    while (text->n && ((unsigned char)text->p[text->n] & 0xc0) == 0x80)
        text->n--;
    return AUTH_ERR_CUT;
}

static bool is_printable(char c)
{
    return c >= 0x20 && c < 0x7f;
}

/* Eight at a time. A byte is not printable where its top bit is set, or that of itself and one, or where that of what it is
 * above a space is not. */
size_t auth_text_printable(struct auth_view text)
{
    const uint64_t each = 0x0101010101010101U, tops = each << 7;
    size_t n = 0;
    uint64_t eight;
    for (; text.n - n >= sizeof eight; n += sizeof eight) {
        memcpy(&eight, text.p + n, sizeof eight);
        if ((eight | (eight + each) | ~((eight | tops) - each * ' ')) & tops)
            break;
    }
    while (n < text.n && is_printable(text.p[n]))
        n++;
    return n;
}

/* What goes out as one: the printable ASCII at the beginning, which is nearly always all of a text; else one character, or
 * one byte that is none. */
static struct auth_view next_piece(struct auth_view text)
{
    size_t n = auth_text_printable(text);
    if (n == 0)
        n = auth_text_sequence(text);
    return auth_view_bytes(text.p, n ? n : 1);
}

static void escape_bytes(struct auth_buf *out, struct auth_view bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        auth_buf_add(out, "\\x", 2);
        auth_text_hex(out, bytes.p + i, 1, false);
    }
}

void auth_text_escape(struct auth_buf *out, struct auth_view text, size_t max_n)
{
    while (text.n) {
        struct auth_view piece = next_piece(text);
        bool is_cut = piece.n > max_n;
        if (is_cut)
            piece.n = is_printable(*piece.p) ? max_n : 0;
        if (piece.n && auth_text_sequence(piece) && is_safe((const unsigned char *)piece.p, piece.n))
            auth_buf_add_view(out, piece);
        else
            escape_bytes(out, piece);
        if (is_cut) {
            auth_buf_add_string(out, AUTH_ERR_CUT);
            return;
        }
        max_n -= piece.n;
        text = auth_view_from(text, piece.n);
    }
}

/* The sets that each character is in; nothing beyond ASCII is in one. */
static const unsigned char sets[256] = {
    [' '] = 0, 2, 0, 2, 2, 2, 2, 2, 0, 0, 2, 2, 0, 3, 3, 0, /* !"#$%&'()*+,-./ */
    3,         3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 0, /* 0123456789:;<=>? */
    0,         3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* @ABCDEFGHIJKLMNO */
    3,         3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 0, 0, 2, 3, /* PQRSTUVWXYZ[\]^_ */
    2,         3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, /* `abcdefghijklmno */
    3,         3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 0, 2, 0, 3, 0, /* pqrstuvwxyz{|}~ */
};

static unsigned sets_of(char c)
{
    return sets[(unsigned char)c];
}

/* Four at a time: every name of a header is looked at, and every path. */
bool auth_text_is_of(enum auth_text_set set, struct auth_view text)
{
    const char *p = text.p;
    unsigned all = (unsigned)set;
    size_t at = 0;
    for (; text.n - at >= 4; at += 4)
        all &= sets_of(p[at]) & sets_of(p[at + 1]) & sets_of(p[at + 2]) & sets_of(p[at + 3]);
    for (; at < text.n; at++)
        all &= sets_of(p[at]);
    return all;
}

bool auth_text_is_unreserved(char c)
{
    return sets_of(c) & AUTH_TEXT_UNRESERVED;
}

int auth_text_hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void auth_text_hex(struct auth_buf *out, const void *bytes, size_t n, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++) {
        auth_buf_add_char(out, digits[p[i] >> 4]);
        auth_buf_add_char(out, digits[p[i] & 15]);
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t auth_text_distance(struct auth_view a, struct auth_view b)
{
    size_t rows[3][AUTH_TEXT_NAME_N];
    if (a.n >= AUTH_TEXT_NAME_N || b.n >= AUTH_TEXT_NAME_N)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            now[j] = least(before[j - 1] + (a.p[i - 1] != b.p[j - 1]), least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[a.n % 3][b.n];
}
