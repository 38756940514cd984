/* Escapes taken away one character at a time. */
#include "mock_epic/data/raw.h"

#include <string.h>

#include "auth/core/text.h"

bool mock_raw_string(struct auth_view value, struct auth_view *written)
{
    if (value.n < 2 || value.p[0] != '"')
        return false;
    *written = auth_view_bytes(value.p + 1, value.n - 2);
    return true;
}

static unsigned cut_hex4(struct auth_view *written)
{
    unsigned unit = 0;
    for (size_t i = 0; i < 4 && i < written->n; i++)
        unit = unit * 16 + (unsigned)auth_text_hex_value(written->p[i]);
    *written = auth_view_from(*written, written->n < 4 ? written->n : 4);
    return unit;
}

static size_t write_code_point(unsigned code, char to[4])
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i-- > 1; code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(marks[n] | code);
    return n;
}

/* Behind "\u". The text was checked, so a first surrogate has its second. */
static size_t next_unicode(struct auth_view *written, char to[4])
{
    unsigned code = cut_hex4(written);
    if (code >= 0xd800 && code <= 0xdbff && auth_view_starts(*written, "\\u")) {
        *written = auth_view_from(*written, 2);
        code = 0x10000 + ((code & 0x3ff) << 10) + (cut_hex4(written) & 0x3ff);
    }
    return write_code_point(code, to);
}

size_t mock_raw_next(struct auth_view *written, char to[4])
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    if (written->p[0] == '\\' && written->n > 1) {
        char c = written->p[1];
        *written = auth_view_from(*written, 2);
        if (c == 'u')
            return next_unicode(written, to);
        const char *letter = memchr(letters, c, sizeof letters - 1);
        to[0] = letter ? meanings[letter - letters] : c;
        return 1;
    }
    size_t n = (unsigned char)written->p[0] < 0x80 ? 1 : auth_text_sequence(*written);
    n = n ? n : 1;
    memcpy(to, written->p, n);
    *written = auth_view_from(*written, n);
    return n;
}

bool mock_raw_equals(struct auth_view written, struct auth_view wanted)
{
    char c[4];
    if (written.n == 0 || !memchr(written.p, '\\', written.n))
        return auth_view_equals_view(written, wanted);
    while (written.n) {
        size_t n = mock_raw_next(&written, c);
        if (n > wanted.n || memcmp(c, wanted.p, n) != 0)
            return false;
        wanted = auth_view_from(wanted, n);
    }
    return wanted.n == 0;
}

size_t mock_raw_decode(struct auth_view written, char *to, size_t room)
{
    char c[4];
    size_t n = 0;
    while (written.n) {
        size_t step = mock_raw_next(&written, c);
        if (step > room - n)
            break;
        memcpy(to + n, c, step);
        n += step;
    }
    return n;
}

struct auth_view mock_raw_text(struct auth_view written, char *to, size_t room)
{
    if (written.n <= room && (!written.n || !memchr(written.p, '\\', written.n)))
        return written;
    return auth_view_bytes(to, mock_raw_decode(written, to, room));
}

struct auth_view mock_raw_member(struct auth_view object, const char *name)
{
    struct auth_view value = {NULL, 0};
    return auth_json_raw_member(object, name, &value) ? value : (struct auth_view){NULL, 0};
}

bool mock_raw_member_equals(struct auth_view object, const char *name, struct auth_view wanted)
{
    struct auth_view written;
    return mock_raw_string(mock_raw_member(object, name), &written) && mock_raw_equals(written, wanted);
}
