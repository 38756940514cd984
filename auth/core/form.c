/* Forms and query strings: fields in order, percent-decoded once, duplicates kept to be reported. */
#include "auth/core/form.h"

#include "auth/core/text.h"

/* Copy text to `to`, decoded; *n bytes are then there. */
static enum auth_rc decode_bytes(struct auth_view text, bool plus_is_space, char *to, size_t *n, struct auth_err *err)
{
    const char *start = to;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '+' && plus_is_space)
            c = ' ';
        if (c == '%') {
            int high = i + 1 < text.n ? auth_text_hex_value(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? auth_text_hex_value(text.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return auth_err_set(err, AUTH_E_SYNTAX, "a '%%' without two hex digits after it, at byte %zu", i);
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return auth_err_set(err, AUTH_E_SYNTAX, "a NUL byte (%%00)");
        *to++ = c;
    }
    *n = (size_t)(to - start);
    return AUTH_OK;
}

/* Nothing to decode, as in nearly every assertion? */
static bool is_plain(struct auth_view text)
{
    return auth_view_find(text, '%') == text.n && auth_view_find(text, '+') == text.n &&
           auth_view_find(text, '\0') == text.n;
}

/* Append one decoded name or value. Decoding never makes text longer, so memory is had once. */
static enum auth_rc decode(struct auth_buf *out, struct auth_view text, bool plus_is_space, struct auth_err *err)
{
    char *start = auth_buf_reserve(out, text.n);
    size_t n = 0;
    if (!start)
        return auth_err_no_memory(err);
    enum auth_rc rc = decode_bytes(text, plus_is_space, start, &n, err);
    if (rc != AUTH_OK)
        return rc;
    if (!auth_text_is_utf8(auth_view_bytes(start, n)))
        return auth_err_set(err, AUTH_E_SYNTAX, "bytes that are not UTF-8");
    auth_buf_commit(out, n);
    return AUTH_OK;
}

/* One name or value: borrowed from the body when there is nothing to decode, else decoded onto form->bytes, which never
 * moves because memory for the whole body is had with the first. */
static enum auth_rc take(struct auth_form *form, struct auth_view text, size_t body_n, struct auth_view *out,
                         struct auth_err *err)
{
    *out = text;
    if (is_plain(text))
        return auth_text_is_utf8(text) ? AUTH_OK : auth_err_set(err, AUTH_E_SYNTAX, "bytes that are not UTF-8");
    if (!form->bytes.p && !auth_buf_reserve(&form->bytes, body_n))
        return auth_err_no_memory(err);
    size_t at = form->bytes.n;
    enum auth_rc rc = decode(&form->bytes, text, true, err);
    *out = auth_view_bytes(form->bytes.p + at, form->bytes.n - at);
    return rc;
}

static enum auth_rc add_field(struct auth_form *form, struct auth_view piece, size_t body_n, struct auth_err *err)
{
    if (form->count == AUTH_FORM_FIELDS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d parameters", AUTH_FORM_FIELDS_MAX);
    struct auth_form_field *field = &form->fields[form->count];
    struct auth_view value = piece;
    struct auth_view name = auth_view_split(&value, '=');
    enum auth_rc rc = take(form, name, body_n, &field->name, err);
    if (rc == AUTH_OK)
        rc = take(form, value, body_n, &field->value, err);
    form->count += rc == AUTH_OK;
    return rc;
}

enum auth_rc auth_form_parse(struct auth_view body, struct auth_form *form, struct auth_err *err)
{
    size_t body_n = body.n;
    form->count = 0;
    auth_buf_init_secret(&form->bytes, body.n);
    while (body.n) {
        struct auth_view piece = auth_view_split(&body, '&');
        if (piece.n == 0)
            continue;
        enum auth_rc rc = add_field(form, piece, body_n, err);
        if (rc != AUTH_OK)
            return rc;
    }
    return AUTH_OK;
}

void auth_form_clear(struct auth_form *form)
{
    auth_buf_clear(&form->bytes);
    form->count = 0;
}

bool auth_form_get(const struct auth_form *form, const char *name, struct auth_view *value)
{
    for (size_t i = 0; i < form->count; i++) {
        if (auth_view_equals(form->fields[i].name, name)) {
            *value = form->fields[i].value;
            return true;
        }
    }
    return false;
}

struct auth_view auth_form_value(const struct auth_form *form, const char *name)
{
    struct auth_view value = {NULL, 0};
    (void)auth_form_get(form, name, &value);
    return value;
}

struct auth_view auth_form_duplicate(const struct auth_form *form)
{
    for (size_t i = 1; i < form->count; i++) { /* at most 64 fields, so pairs are cheap */
        for (size_t j = 0; j < i; j++) {
            if (auth_view_equals_view(form->fields[i].name, form->fields[j].name))
                return form->fields[i].name;
        }
    }
    return (struct auth_view){NULL, 0};
}

void auth_form_escape(struct auth_buf *out, struct auth_view value)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (auth_text_is_unreserved((char)c)) {
            auth_buf_add_char(out, (char)c);
        } else {
            char escaped[] = {'%', hex[c >> 4], hex[c & 15]};
            auth_buf_add(out, escaped, sizeof escaped);
        }
    }
}

void auth_form_write(struct auth_buf *out, struct auth_view name, struct auth_view value)
{
    if (out->n)
        auth_buf_add_char(out, '&');
    auth_form_escape(out, name);
    auth_buf_add_char(out, '=');
    auth_form_escape(out, value);
}

enum auth_rc auth_form_unescape(struct auth_buf *out, struct auth_view value, struct auth_err *err)
{
    return decode(out, value, false, err);
}
