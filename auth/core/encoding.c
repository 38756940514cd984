/* Byte order marks and UTF-16. */
#include "auth/core/encoding.h"

#include <string.h>

#include "auth/core/text.h"

enum { LOOKED_AT_N = 32, HIGH = 0xd800, LOW = 0xdc00, SURROGATES_END = 0xe000, REPLACEMENT = 0xfffd };

static bool is_marked(struct auth_view text, bool *is_big)
{
    *is_big = auth_view_starts(text, "\xfe\xff");
    return *is_big || auth_view_starts(text, "\xff\xfe");
}

/* ASCII in UTF-16: every other byte is NUL, and none of those between. */
static bool has_halves(struct auth_view text, bool *is_big)
{
    size_t n = text.n < LOOKED_AT_N ? text.n & ~(size_t)1 : LOOKED_AT_N, nul[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        nul[i % 2] += text.p[i] == '\0';
    *is_big = nul[0] != 0;
    return n >= 4 && ((nul[0] == n / 2 && nul[1] == 0) || (nul[1] == n / 2 && nul[0] == 0));
}

enum auth_encoding auth_encoding_of(struct auth_view text)
{
    bool is_big;
    if (auth_view_starts(text, "\xef\xbb\xbf"))
        return AUTH_ENCODING_MARKED;
    return is_marked(text, &is_big) || has_halves(text, &is_big) ? AUTH_ENCODING_UTF16 : AUTH_ENCODING_PLAIN;
}

const char *auth_encoding_text(enum auth_encoding encoding)
{
    static const char *const texts[] = {"UTF-8", "UTF-8 with a byte order mark", "UTF-16"};
    return texts[encoding];
}

static unsigned unit(struct auth_view text, size_t i, bool is_big)
{
    unsigned first = (unsigned char)text.p[i], second = (unsigned char)text.p[i + 1];
    return is_big ? first << 8 | second : second << 8 | first;
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

static void decode(struct auth_view text, bool is_big, struct auth_buf *out)
{
    size_t i = 0;
    while (i + 1 < text.n) {
        unsigned c = unit(text, i, is_big);
        i += 2;
        if (c >= HIGH && c < LOW && i + 1 < text.n) {
            unsigned low = unit(text, i, is_big);
            bool is_pair = low >= LOW && low < SURROGATES_END;
            i += is_pair ? 2 : 0;
            c = is_pair ? 0x10000 + ((c - HIGH) << 10) + (low - LOW) : REPLACEMENT;
        }
        auth_encoding_add(out, c >= HIGH && c < SURROGATES_END ? REPLACEMENT : c);
    }
    if (i < text.n)
        auth_encoding_add(out, REPLACEMENT);
}

struct auth_view auth_encoding_plain(struct auth_view text, struct auth_buf *buf)
{
    bool is_big;
    enum auth_encoding encoding = auth_encoding_of(text);
    if (encoding == AUTH_ENCODING_MARKED)
        return auth_view_from(text, 3);
    if (encoding == AUTH_ENCODING_PLAIN)
        return text;
    size_t before = buf->n;
    size_t from = is_marked(text, &is_big) ? 2 : 0;
    if (from == 0)
        (void)has_halves(text, &is_big);
    decode(auth_view_from(text, from), is_big, buf);
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
