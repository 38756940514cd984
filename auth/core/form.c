#include "auth/core/form.h"

#include "auth/core/text.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Append one decoded name or value. Decoding never makes text longer, so room is made once. */
static enum auth_rc decode(struct auth_buf *out, struct auth_view text, bool plus_is_space, struct auth_err *err)
{
    char *start = auth_buf_reserve(out, text.n), *to = start;
    if (!start)
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '+' && plus_is_space)
            c = ' ';
        if (c == '%') {
            int high = i + 1 < text.n ? hex_value(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? hex_value(text.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return auth_err_set(err, AUTH_E_SYNTAX, "a '%%' without two hex digits after it, at byte %zu", i);
            c = (char)(high << 4 | low);
            i += 2;
        }
        if (c == '\0')
            return auth_err_set(err, AUTH_E_SYNTAX, "a NUL byte (%%00)");
        *to++ = c;
    }
    size_t n = (size_t)(to - start);
    if (!auth_text_is_utf8(auth_view_bytes(start, n)))
        return auth_err_set(err, AUTH_E_SYNTAX, "bytes that are not UTF-8");
    auth_buf_commit(out, n);
    return AUTH_OK;
}

/* Decode one piece onto form->bytes. Sizes are known to fit, so the views never move. */
static enum auth_rc add_field(struct auth_form *form, struct auth_view piece, struct auth_err *err)
{
    if (form->count == AUTH_FORM_FIELDS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d parameters", AUTH_FORM_FIELDS_MAX);
    struct auth_form_field *field = &form->fields[form->count];
    struct auth_view value = piece;
    struct auth_view name = auth_view_cut(&value, '=');
    size_t name_at = form->bytes.n;
    enum auth_rc rc = decode(&form->bytes, name, true, err);
    size_t value_at = form->bytes.n;
    if (rc == AUTH_OK)
        rc = decode(&form->bytes, value, true, err);
    if (rc != AUTH_OK)
        return rc;
    field->name = auth_view_bytes(form->bytes.p + name_at, value_at - name_at);
    field->value = auth_view_bytes(form->bytes.p + value_at, form->bytes.n - value_at);
    form->count++;
    return AUTH_OK;
}

enum auth_rc auth_form_parse(struct auth_view body, struct auth_form *form, struct auth_err *err)
{
    form->count = 0;
    auth_buf_init_secret(&form->bytes, body.n);
    if (body.n && !auth_buf_reserve(&form->bytes, body.n)) /* decoding never makes text longer */
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    while (body.n) {
        struct auth_view piece = auth_view_cut(&body, '&');
        if (piece.n == 0)
            continue;
        enum auth_rc rc = add_field(form, piece, err);
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
        if (auth_view_is(form->fields[i].name, name)) {
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
            if (auth_view_equal(form->fields[i].name, form->fields[j].name))
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
        bool is_plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                        c == '.' || c == '_' || c == '~';
        if (is_plain) {
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
