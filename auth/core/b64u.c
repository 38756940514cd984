/* base64url, canonical: a table each way. */
#include "auth/core/b64u.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* 64 + the value of each byte of the alphabet, so that one bit tells whether it is one. */
static const unsigned char values[256] = {
    ['A'] = 64,  ['B'] = 65,  ['C'] = 66,  ['D'] = 67,  ['E'] = 68,  ['F'] = 69,  ['G'] = 70,  ['H'] = 71,
    ['I'] = 72,  ['J'] = 73,  ['K'] = 74,  ['L'] = 75,  ['M'] = 76,  ['N'] = 77,  ['O'] = 78,  ['P'] = 79,
    ['Q'] = 80,  ['R'] = 81,  ['S'] = 82,  ['T'] = 83,  ['U'] = 84,  ['V'] = 85,  ['W'] = 86,  ['X'] = 87,
    ['Y'] = 88,  ['Z'] = 89,  ['a'] = 90,  ['b'] = 91,  ['c'] = 92,  ['d'] = 93,  ['e'] = 94,  ['f'] = 95,
    ['g'] = 96,  ['h'] = 97,  ['i'] = 98,  ['j'] = 99,  ['k'] = 100, ['l'] = 101, ['m'] = 102, ['n'] = 103,
    ['o'] = 104, ['p'] = 105, ['q'] = 106, ['r'] = 107, ['s'] = 108, ['t'] = 109, ['u'] = 110, ['v'] = 111,
    ['w'] = 112, ['x'] = 113, ['y'] = 114, ['z'] = 115, ['0'] = 116, ['1'] = 117, ['2'] = 118, ['3'] = 119,
    ['4'] = 120, ['5'] = 121, ['6'] = 122, ['7'] = 123, ['8'] = 124, ['9'] = 125, ['-'] = 126, ['_'] = 127,
};
enum { IS_VALUE = 64 };

static unsigned value_of(char c)
{
    return values[(unsigned char)c] - (unsigned)IS_VALUE;
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
    enum { MARKS = IS_VALUE << 18 | IS_VALUE << 12 | IS_VALUE << 6 | IS_VALUE };
    const unsigned char *from = (const unsigned char *)text.p;
    unsigned all = IS_VALUE;
    for (size_t i = 0; i < text.n / 4; i++, from += 4, to += 3) {
        unsigned a = values[from[0]], b = values[from[1]], c = values[from[2]], d = values[from[3]];
        unsigned group = (a << 18) + (b << 12) + (c << 6) + d - MARKS;
        all &= a & b & c & d;
        to[0] = (unsigned char)(group >> 16);
        to[1] = (unsigned char)(group >> 8);
        to[2] = (unsigned char)group;
    }
    if (text.n % 4 < 2)
        return all && text.n % 4 == 0;
    unsigned a = values[from[0]], b = values[from[1]], c = text.n % 4 == 3 ? values[from[2]] : IS_VALUE;
    unsigned group = (a << 18) + (b << 12) + (c << 6) + IS_VALUE - MARKS;
    all &= a & b & c;
    to[0] = (unsigned char)(group >> 16);
    if (text.n % 4 == 3)
        to[1] = (unsigned char)(group >> 8);
    unsigned stray = text.n % 4 == 3 ? 0xff : 0xffff; /* bits that belong to no byte must be 0 */
    return all && (group & stray) == 0;
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
    for (; n >= 3; n -= 3, from += 3) {
        unsigned group = (unsigned)from[0] << 16 | (unsigned)from[1] << 8 | from[2];
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 0x3f];
        *to++ = alphabet[group >> 6 & 0x3f];
        *to++ = alphabet[group & 0x3f];
    }
    if (n) {
        unsigned group = (unsigned)from[0] << 16 | (n == 2 ? (unsigned)from[1] << 8 : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 0x3f];
        if (n == 2)
            *to++ = alphabet[group >> 6 & 0x3f];
    }
    auth_buf_commit(out, text_n);
}
