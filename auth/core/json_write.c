/* JSON text from values: commas, colons, indentation and escapes come by themselves, so that no text can break out of its
 * string. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/json_private.h"

void auth_json_writer_init(struct auth_json_writer *w, struct auth_buf *out, enum auth_json_style style)
{
    memset(w, 0, sizeof *w);
    w->out = out;
    w->style = style;
}

static void new_line(struct auth_json_writer *w)
{
    if (w->style == AUTH_JSON_COMPACT)
        return;
    auth_buf_add_string(w->out, w->style == AUTH_JSON_PRETTY_CRLF ? "\r\n" : "\n");
    for (unsigned i = 0; i < w->depth; i++)
        auth_buf_add(w->out, "  ", 2);
}

/* Before a value or a key: the comma and the line it stands on. */
static void start_item(struct auth_json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0)
        return;
    if (w->has_item[w->depth - 1])
        auth_buf_add_char(w->out, ',');
    w->has_item[w->depth - 1] = true;
    new_line(w);
}

static void open_container(struct auth_json_writer *w, char bracket)
{
    start_item(w);
    if (w->depth == AUTH_JSONW_DEPTH_MAX) {
        w->out->is_spoiled = true;
        return;
    }
    auth_buf_add_char(w->out, bracket);
    w->has_item[w->depth++] = false;
}

static void close_container(struct auth_json_writer *w, char bracket)
{
    if (w->depth == 0) {
        w->out->is_spoiled = true;
        return;
    }
    bool had_item = w->has_item[--w->depth];
    if (had_item)
        new_line(w);
    auth_buf_add_char(w->out, bracket);
}

void auth_json_write_object(struct auth_json_writer *w)
{
    open_container(w, '{');
}

void auth_json_write_end_object(struct auth_json_writer *w)
{
    close_container(w, '}');
}

void auth_json_write_array(struct auth_json_writer *w)
{
    open_container(w, '[');
}

void auth_json_write_end_array(struct auth_json_writer *w)
{
    close_container(w, ']');
}

static void write_control(struct auth_buf *out, unsigned char c)
{
    static const char short_forms[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    char letter = c < sizeof short_forms ? short_forms[c] : '\0';
    if (letter) {
        char escaped[] = {'\\', letter};
        auth_buf_add(out, escaped, sizeof escaped);
    } else {
        auth_buf_addf(out, "\\u%04x", c);
    }
}

static void write_string(struct auth_buf *out, struct auth_view text)
{
    auth_buf_add_char(out, '"');
    while (text.n) {
        size_t n = auth_json_plain_run(text);
        auth_buf_add(out, text.p, n);
        text.p += n;
        text.n -= n;
        if (text.n == 0)
            break;
        unsigned char c = (unsigned char)text.p[0];
        char escaped[] = {'\\', (char)c};
        if (c == '"' || c == '\\')
            auth_buf_add(out, escaped, sizeof escaped);
        else if (c < 0x80)
            write_control(out, c);
        else
            auth_buf_add_string(out, "\xef\xbf\xbd"); /* U+FFFD */
        text.p++;
        text.n--;
    }
    auth_buf_add_char(out, '"');
}

void auth_json_write_key(struct auth_json_writer *w, const char *key)
{
    start_item(w);
    write_string(w->out, auth_view_from_string(key));
    auth_buf_add_string(w->out, w->style == AUTH_JSON_COMPACT ? ":" : ": ");
    w->after_key = true;
}

void auth_json_write_string(struct auth_json_writer *w, struct auth_view value)
{
    start_item(w);
    write_string(w->out, value);
}

void auth_json_write_int(struct auth_json_writer *w, int64_t value)
{
    start_item(w);
    auth_buf_add_int(w->out, value);
}

void auth_json_write_double(struct auth_json_writer *w, double value)
{
    start_item(w);
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
        w->out->is_spoiled = true; /* JSON has no infinity */
        return;
    }
    struct auth_buf text;
    auth_buf_init(&text, 64);
    auth_buf_addf(&text, "%.15g", value);
    double back = text.p ? strtod(text.p, NULL) : value;
    if (back < value || back > value) {
        auth_buf_reset(&text);
        auth_buf_addf(&text, "%.17g", value);
    }
    if (!auth_buf_ok(&text))
        w->out->is_spoiled = true;
    auth_buf_add_view(w->out, auth_buf_view(&text));
    auth_buf_clear(&text);
}

void auth_json_write_bool(struct auth_json_writer *w, bool value)
{
    start_item(w);
    auth_buf_add_string(w->out, value ? "true" : "false");
}

void auth_json_write_null(struct auth_json_writer *w)
{
    start_item(w);
    auth_buf_add_string(w->out, "null");
}

void auth_json_write_raw(struct auth_json_writer *w, struct auth_view json)
{
    start_item(w);
    auth_buf_add_view(w->out, json);
}

void auth_json_write_member_buf(struct auth_json_writer *w, const char *key, const struct auth_buf *value)
{
    if (!auth_buf_ok(value))
        w->out->is_spoiled = true;
    auth_json_write_member(w, key, auth_buf_view(value));
}

void auth_json_write_member(struct auth_json_writer *w, const char *key, struct auth_view value)
{
    auth_json_write_key(w, key);
    auth_json_write_string(w, value);
}

void auth_json_write_member_text(struct auth_json_writer *w, const char *key, const char *value)
{
    auth_json_write_key(w, key);
    if (value)
        auth_json_write_string(w, auth_view_from_string(value));
    else
        auth_json_write_null(w);
}

void auth_json_write_member_int(struct auth_json_writer *w, const char *key, int64_t value)
{
    auth_json_write_key(w, key);
    auth_json_write_int(w, value);
}

void auth_json_write_member_bool(struct auth_json_writer *w, const char *key, bool value)
{
    auth_json_write_key(w, key);
    auth_json_write_bool(w, value);
}

void auth_json_write_member_raw(struct auth_json_writer *w, const char *key, struct auth_view json)
{
    auth_json_write_key(w, key);
    auth_json_write_raw(w, json);
}
