/* Text as people search it: without case, accents and punctuation; names by their sound. */
#include "mock_epic/data/value.h"

#include <string.h>

#include "auth/core/text.h"

/* Letters of Latin-1 and Latin Extended-A without their accents: U+00C0 to U+017F. '?' is in the next table, '.' is no letter. */
static const char plain[] = "aaaaaa?ceeeeiiii?nooooo.ouuuuy??aaaaaa?ceeeeiiii?nooooo.ouuuuy?y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii??jjkkklllllll"
                            "lllnnnnnnnnnoooooo??rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static const struct {
    unsigned code;
    const char *letters;
} pairs[] = {{0xc6, "ae"}, {0xe6, "ae"},  {0xd0, "d"},   {0xf0, "d"},   {0xde, "th"}, {0xfe, "th"},
             {0xdf, "ss"}, {0x132, "ij"}, {0x133, "ij"}, {0x152, "oe"}, {0x153, "oe"}};

static unsigned code_point(const unsigned char *p, size_t n)
{
    if (n == 2)
        return (unsigned)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    return 0;
}

static size_t fold_letter(unsigned code, char *to)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i].code == code) {
            memcpy(to, pairs[i].letters, strlen(pairs[i].letters));
            return strlen(pairs[i].letters);
        }
    }
    *to = plain[code - 0xc0];
    return *to != '.' && *to != '?';
}

/* One sequence of the text. An accent by itself (U+0300 to U+036F) is dropped. */
static size_t fold_sequence(const char *p, size_t n, char *to)
{
    unsigned code = code_point((const unsigned char *)p, n);
    if (code >= 0xc0 && code < 0xc0 + sizeof plain - 1)
        return fold_letter(code, to);
    if (code >= 0x300 && code <= 0x36f)
        return 0;
    memcpy(to, p, n);
    return n;
}

/* ASCII as it is compared; 0 parts two words. */
static const char ascii[128] = {
    ['!'] = '!', ['"'] = '"', ['#'] = '#',   ['$'] = '$', ['%'] = '%', ['&'] = '&', ['*'] = '*', ['+'] = '+',
    ['0'] = '0', ['1'] = '1', ['2'] = '2',   ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7',
    ['8'] = '8', ['9'] = '9', [':'] = ':',   [';'] = ';', ['<'] = '<', ['='] = '=', ['>'] = '>', ['?'] = '?',
    ['@'] = '@', ['['] = '[', ['\\'] = '\\', [']'] = ']', ['^'] = '^', ['_'] = '_', ['{'] = '{', ['|'] = '|',
    ['}'] = '}', ['~'] = '~', [127] = 127,   ['A'] = 'a', ['a'] = 'a', ['B'] = 'b', ['b'] = 'b', ['C'] = 'c',
    ['c'] = 'c', ['D'] = 'd', ['d'] = 'd',   ['E'] = 'e', ['e'] = 'e', ['F'] = 'f', ['f'] = 'f', ['G'] = 'g',
    ['g'] = 'g', ['H'] = 'h', ['h'] = 'h',   ['I'] = 'i', ['i'] = 'i', ['J'] = 'j', ['j'] = 'j', ['K'] = 'k',
    ['k'] = 'k', ['L'] = 'l', ['l'] = 'l',   ['M'] = 'm', ['m'] = 'm', ['N'] = 'n', ['n'] = 'n', ['O'] = 'o',
    ['o'] = 'o', ['P'] = 'p', ['p'] = 'p',   ['Q'] = 'q', ['q'] = 'q', ['R'] = 'r', ['r'] = 'r', ['S'] = 's',
    ['s'] = 's', ['T'] = 't', ['t'] = 't',   ['U'] = 'u', ['u'] = 'u', ['V'] = 'v', ['v'] = 'v', ['W'] = 'w',
    ['w'] = 'w', ['X'] = 'x', ['x'] = 'x',   ['Y'] = 'y', ['y'] = 'y', ['Z'] = 'z', ['z'] = 'z',
};

size_t mock_fold(struct auth_view text, char *to)
{
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        unsigned char c = (unsigned char)text.p[at];
        size_t step = c < 0x80 ? 1 : auth_text_sequence(auth_view_from(text, at));
        step = step ? step : 1;
        if (c >= 0x80)
            n += fold_sequence(text.p + at, step, to + n);
        else if (ascii[c])
            to[n++] = ascii[c];
        else if (n && to[n - 1] != ' ')
            to[n++] = ' ';
        at += step;
    }
    return n && to[n - 1] == ' ' ? n - 1 : n;
}

/* Vowels part two letters of one sound, h and w do not. */
bool mock_soundex(struct auth_view folded, char code[MOCK_SOUNDEX_N])
{
    static const char sounds[] = "0123012-02245501262301-202"; /* a to z */
    size_t n = 0;
    char last = 0;
    for (size_t i = 0; i < folded.n && n < MOCK_SOUNDEX_N; i++) {
        char c = folded.p[i];
        if (c < 'a' || c > 'z')
            continue;
        char sound = sounds[c - 'a'];
        if (n == 0)
            code[n++] = c;
        else if (sound >= '1' && sound != last)
            code[n++] = sound;
        last = sound == '-' ? last : sound;
    }
    bool has_letter = n > 0;
    while (n < MOCK_SOUNDEX_N)
        code[n++] = '0';
    return has_letter;
}
