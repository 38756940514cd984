/* base64url, canonical: a table each way. */
#include "auth/core/b64u.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Value of each byte plus one; 0 means outside the alphabet. */
static const unsigned char values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

static unsigned value_of(char c)
{
    return values[(unsigned char)c] - 1U;
}

static enum auth_b64u_defect defect_of(char c)
{
    if (c == '=')
        return AUTH_B64U_PADDING;
    if (c == '+' || c == '/')
        return AUTH_B64U_STD_ALPHABET;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return AUTH_B64U_SPACE;
    return AUTH_B64U_CHARACTER;
}

enum auth_b64u_defect auth_b64u_check(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!values[(unsigned char)text.p[i]])
            return defect_of(text.p[i]);
    }
    if (text.n % 4 == 1)
        return AUTH_B64U_LENGTH;
    unsigned last = text.n ? value_of(text.p[text.n - 1]) : 0;
    if ((text.n % 4 == 2 && last & 0xf) || (text.n % 4 == 3 && last & 0x3))
        return AUTH_B64U_TRAILING_BITS;
    return AUTH_B64U_OK;
}

const char *auth_b64u_defect_text(enum auth_b64u_defect defect)
{
    static const char *const texts[] = {
        [AUTH_B64U_OK] = "is canonical base64url",
        [AUTH_B64U_PADDING] = "holds '=' padding",
        [AUTH_B64U_STD_ALPHABET] = "uses '+' or '/' of standard base64",
        [AUTH_B64U_SPACE] = "holds white space or a line break",
        [AUTH_B64U_CHARACTER] = "holds a character outside A-Z a-z 0-9 - _",
        [AUTH_B64U_LENGTH] = "has an impossible length: a character is missing",
        [AUTH_B64U_TRAILING_BITS] = "has stray bits in its last character",
    };
    return texts[defect];
}

/* Decode in one pass; false when the text is not canonical base64url (auth_b64u_check() then says why). */
static bool decode_groups(struct auth_view text, unsigned char *to)
{
    enum { ONES = 1 << 18 | 1 << 12 | 1 << 6 | 1 }; /* the table's values are one too high */
    const unsigned char *from = (const unsigned char *)text.p;
    bool is_bad = text.n % 4 == 1;
    for (size_t i = 0; i < text.n / 4; i++, from += 4, to += 3) {
        unsigned a = values[from[0]], b = values[from[1]], c = values[from[2]], d = values[from[3]];
        unsigned group = (a << 18) + (b << 12) + (c << 6) + d - ONES;
        is_bad |= !a | !b | !c | !d;
        to[0] = (unsigned char)(group >> 16);
        to[1] = (unsigned char)(group >> 8);
        to[2] = (unsigned char)group;
    }
    if (text.n % 4 < 2)
        return !is_bad;
    unsigned a = values[from[0]], b = values[from[1]], c = text.n % 4 == 3 ? values[from[2]] : 1;
    unsigned group = (a << 18) + (b << 12) + (c << 6) + 1 - ONES;
    is_bad |= !a | !b | !c;
    to[0] = (unsigned char)(group >> 16);
    if (text.n % 4 == 3)
        to[1] = (unsigned char)(group >> 8);
    unsigned stray = text.n % 4 == 3 ? 0xff : 0xffff; /* bits that belong to no byte must be 0 */
    return !is_bad && (group & stray) == 0;
}

enum auth_rc auth_b64u_decode(struct auth_view text, struct auth_buf *out, struct auth_err *err)
{
    size_t n = text.n / 4 * 3 + (text.n % 4 ? text.n % 4 - 1 : 0);
    char *to = auth_buf_reserve(out, n);
    if (!to)
        return auth_err_set(err, AUTH_E_NOMEM, "base64url: more than %zu bytes", out->cap);
    if (!decode_groups(text, (unsigned char *)to)) {
        auth_wipe(to, n);
        return auth_err_set(err, AUTH_E_SYNTAX, "base64url %s", auth_b64u_defect_text(auth_b64u_check(text)));
    }
    auth_buf_commit(out, n);
    return AUTH_OK;
}

void auth_b64u_encode(struct auth_buf *out, const void *bytes, size_t n)
{
    const unsigned char *from = bytes;
    size_t text_n = n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
    char *to = auth_buf_reserve(out, text_n);
    if (!to)
        return;
    unsigned bits = 0, held = 0;
    for (size_t i = 0; i < n; i++) {
        held = held << 8 | from[i];
        for (bits += 8; bits >= 6; *to++ = alphabet[held >> bits & 0x3f])
            bits -= 6;
    }
    if (bits)
        *to = alphabet[held << (6 - bits) & 0x3f];
    auth_buf_commit(out, text_n);
}
