/* Names as Unicode has them, shortened. */
#include "auth/rules/character.h"

#include <stdio.h>

#include "auth/core/b64u.h"
#include "auth/core/text.h"

/* From the first to the last of them. */
static const struct {
    unsigned from, to;
    const char *name;
} names[] = {
    {0x00, 0x00, "a NUL"},
    {0x03, 0x03, "Ctrl-C"},
    {0x04, 0x04, "Ctrl-D"},
    {0x1a, 0x1a, "Ctrl-Z, the end of a file of DOS"},
    {0x1b, 0x1b, "an escape"},
    {0xa0, 0xa0, "a no-break space"},
    {0xad, 0xad, "a soft hyphen"},
    {0xb7, 0xb7, "a middle dot"},
    {0x0370, 0x03ff, "a Greek letter"},
    {0x0400, 0x04ff, "a Cyrillic letter"},
    {0x2000, 0x200a, "a space of another width"},
    {0x200b, 0x200b, "a zero-width space"},
    {0x200c, 0x200d, "a zero-width joiner"},
    {0x200e, 0x200f, "a mark of direction"},
    {0x2010, 0x2015, "a dash of a word processor"},
    {0x2018, 0x201f, "a quotation mark of a word processor"},
    {0x2026, 0x2026, "an ellipsis"},
    {0x2028, 0x2029, "a line separator"},
    {0x202a, 0x202e, "a mark of direction"},
    {0x202f, 0x202f, "a narrow no-break space"},
    {0x2060, 0x2064, "a word joiner"},
    {0x2212, 0x2212, "a minus sign"},
    {0x3000, 0x3000, "an ideographic space"},
    {0xfeff, 0xfeff, "a byte order mark"},
    {0xff01, 0xff5e, "a full-width character"},
    {0xfffd, 0xfffd, "what stands for bytes that were no UTF-8"},
};

static const char *name_of(unsigned code_point)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (code_point >= names[i].from && code_point <= names[i].to)
            return names[i].name;
    }
    return NULL;
}

static bool is_meant(char c, bool beyond_ascii)
{
    return beyond_ascii ? (unsigned char)c >= 0x80 : auth_b64u_check(auth_view_bytes(&c, 1)) == AUTH_B64U_CHARACTER;
}

void auth_character_describe(struct auth_view part, bool beyond_ascii, char *out, size_t size)
{
    size_t at = 0;
    while (at + 1 < part.n && !is_meant(part.p[at], beyond_ascii))
        at++;
    struct auth_view rest = auth_view_from(part, at);
    unsigned code_point = auth_text_code_point(rest);
    const char *name = name_of(code_point);
    if (name)
        (void)snprintf(out, size, "U+%04X, %s", code_point, name);
    else if (code_point > ' ' && code_point < 0x7f)
        (void)snprintf(out, size, "the character %c", (int)code_point);
    else
        (void)snprintf(out, size, "U+%04X", code_point);
}
