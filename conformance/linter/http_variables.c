/* {{name}}. */
#include "conformance/linter/http_variables.h"

enum { DEPTH_MAX = 8, NAME_MAX_N = 80, USES_MAX = 1000 };

/* Where {{name}} begins in text, or text.n; *name is what is inside, without blanks. */
static size_t find_variable(struct auth_view text, struct auth_view *name, size_t *end)
{
    size_t at = auth_view_find_text(text, "{{");
    if (at == text.n)
        return at;
    struct auth_view inside = auth_view_from(text, at + 2);
    size_t n = auth_view_find_text(inside, "}}");
    if (n == inside.n || n > NAME_MAX_N || auth_view_find(auth_view_bytes(inside.p, n), '\n') < n)
        return text.n;
    *name = auth_view_trim(auth_view_bytes(inside.p, n));
    *end = at + 2 + n + 2;
    return at;
}

struct auth_view conf_http_variable(struct auth_view text)
{
    struct auth_view name = {0};
    size_t end;
    (void)find_variable(text, &name, &end);
    return name;
}

/* The value of the last line that defines the name. */
static bool look_up(struct auth_view text, struct auth_view name, struct auth_view *value)
{
    bool is_found = false;
    for (struct auth_view rest = text; rest.n;) {
        struct auth_view written = auth_view_trim(auth_view_split(&rest, '\n'));
        if (!auth_view_starts(written, "@"))
            continue;
        struct auth_view own = auth_view_trim(auth_view_from(auth_view_split(&written, '='), 1));
        if (written.p && auth_view_equals_view(own, name)) {
            *value = auth_view_trim(written);
            is_found = true;
        }
    }
    return is_found;
}

/* *uses bounds the work: values that name others twice and more multiply. */
static void expand(struct auth_view definitions, struct auth_view text, unsigned depth, size_t *uses,
                   struct auth_buf *out)
{
    while (text.n) {
        struct auth_view name, value;
        size_t end = 0;
        size_t at = find_variable(text, &name, &end);
        auth_buf_add(out, text.p, at);
        if (at == text.n)
            return;
        if (depth < DEPTH_MAX && ++*uses < USES_MAX && look_up(definitions, name, &value))
            expand(definitions, value, depth + 1, uses, out);
        else
            auth_buf_add(out, text.p + at, end - at);
        text = auth_view_from(text, end);
    }
}

void conf_http_expand(struct auth_view text, struct auth_buf *out)
{
    size_t uses = 0;
    expand(text, text, 0, &uses, out);
}
