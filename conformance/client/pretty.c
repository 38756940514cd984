/* One pass over the bytes; only what stands outside of strings is looked at. */
#include "conformance/client/pretty.h"

enum { SHORT_N = 100, INDENT = 2 };

static void new_line(struct auth_buf *out, unsigned depth)
{
    auth_buf_add_char(out, '\n');
    for (unsigned i = 0; i < INDENT * depth; i++)
        auth_buf_add_char(out, ' ');
}

/* How long the string is that begins there, with its quotes. */
static size_t string_n(struct auth_view text)
{
    size_t n = 1;
    while (n < text.n && text.p[n] != '"')
        n += text.p[n] == '\\' ? 2 : 1;
    return n < text.n ? n + 1 : text.n;
}

/* How long the object or array is that begins there, if it may stay on its line; else 0. */
static size_t short_n(struct auth_view text)
{
    for (size_t n = 1; n < text.n && n < SHORT_N;) {
        if (text.p[n] == '}' || text.p[n] == ']')
            return n + 1;
        if (text.p[n] == '{' || text.p[n] == '[')
            return 0;
        n += text.p[n] == '"' ? string_n(auth_view_from(text, n)) : 1;
    }
    return 0;
}

/* Copy n bytes, with a blank behind each colon and comma. */
static void add_line(struct auth_view text, struct auth_buf *out)
{
    while (text.n) {
        size_t n = text.p[0] == '"' ? string_n(text) : 1;
        auth_buf_add_view(out, auth_view_bytes(text.p, n));
        if (text.p[0] == ':' || text.p[0] == ',')
            auth_buf_add_char(out, ' ');
        text = auth_view_from(text, n);
    }
}

void conf_pretty(struct auth_view json, unsigned depth, struct auth_buf *out)
{
    while (json.n) {
        char c = json.p[0];
        bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
        size_t n = opens ? short_n(json) : 0;
        n = n ? n : c == '"' ? string_n(json) : 1;
        if (closes)
            new_line(out, --depth);
        add_line(auth_view_bytes(json.p, c == ',' ? 0 : n), out);
        if (c == ',')
            auth_buf_add_char(out, ',');
        if (opens && n == 1)
            depth++;
        if ((opens && n == 1) || c == ',')
            new_line(out, depth);
        json = auth_view_from(json, n);
    }
}
