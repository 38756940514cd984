/* Two passes: where it is used, and what its line says. */
#include "conformance/linter/shell_variables.h"

#include <string.h>

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t name_n(struct auth_view text)
{
    size_t n = 0;
    while (n < text.n && is_name(text.p[n]))
        n++;
    return n;
}

/* The value of an assignment, without its quotation marks; false when it cannot be read as it stands. */
static bool read_value(struct auth_view written, struct auth_view *value)
{
    char quote = written.n ? written.p[0] : '\0';
    if (quote == '"' || quote == '\'') {
        struct auth_view rest = auth_view_from(written, 1);
        *value = auth_view_split(&rest, quote);
        if (!rest.p)
            return false;
    } else {
        size_t n = 0;
        while (n < written.n && !memchr(" \t;#", written.p[n], 4))
            n++;
        *value = auth_view_bytes(written.p, n);
    }
    return quote == '\'' || (auth_view_find(*value, '$') == value->n && auth_view_find(*value, '`') == value->n);
}

/* What the last line says that sets the name. */
static bool look_up(struct auth_view text, struct auth_view name, struct auth_view *value)
{
    static const char *const words[] = {"export ", "readonly ", "local ", "declare "};
    bool is_found = false;
    while (text.n) {
        struct auth_view line = auth_view_trim(auth_view_split(&text, '\n'));
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (auth_view_starts(line, words[i]))
                line = auth_view_trim(auth_view_from(line, strlen(words[i])));
        }
        struct auth_view written = auth_view_from(line, name.n);
        if (line.n > name.n && memcmp(line.p, name.p, name.n) == 0 && written.p[0] == '=')
            is_found = read_value(auth_view_from(written, 1), value);
    }
    return is_found;
}

/* $NAME or ${NAME} at the start of the text, or ${NAME:-...}, which is NAME where that is set: how long it is, 0 for none. */
static size_t variable_at(struct auth_view text, struct auth_view *name)
{
    bool has_braces = auth_view_starts(text, "${");
    struct auth_view rest = auth_view_from(text, has_braces ? 2 : 1);
    *name = auth_view_bytes(rest.p, name_n(rest));
    if (name->n == 0)
        return 0;
    rest = auth_view_from(rest, name->n);
    if (!has_braces)
        return 1 + name->n;
    size_t end = auth_view_find(rest, '}');
    bool is_plain = end == 0 || (end < rest.n && auth_view_starts(rest, ":-"));
    return is_plain ? 2 + name->n + end + 1 : 0;
}

static void add_value(struct auth_view value, bool is_quoted, struct auth_buf *out)
{
    if (!is_quoted)
        auth_buf_add_char(out, '\'');
    auth_buf_add_view(out, value);
    if (!is_quoted)
        auth_buf_add_char(out, '\'');
}

/* Where the text stands: in a comment, in quotation marks, after a backslash. */
struct place {
    char quote;
    bool is_comment, is_escaped;
};

static void step(struct place *place, struct auth_view text, size_t at)
{
    char c = text.p[at];
    bool is_escaped = place->is_escaped;
    place->is_escaped = false;
    if (c == '\n') {
        place->is_comment = false;
    } else if (place->is_comment || is_escaped) {
        return;
    } else if (c == '\\' && place->quote != '\'') {
        place->is_escaped = true;
    } else if (c == '#' && !place->quote && (at == 0 || strchr("\n \t", text.p[at - 1]))) {
        place->is_comment = true;
    } else if (c == place->quote) {
        place->quote = '\0';
    } else if (!place->quote && (c == '"' || c == '\'')) {
        place->quote = c;
    }
}

void conf_shell_expand(struct auth_view text, struct auth_buf *out)
{
    enum { USES_MAX = 100 }; /* each looks at all lines */
    struct place place = {.quote = '\0'};
    struct auth_view name, value = {NULL, 0};
    size_t uses = 0;
    for (size_t at = 0; at < text.n;) {
        bool is_open = text.p[at] == '$' && place.quote != '\'' && !place.is_comment && !place.is_escaped;
        size_t n = is_open && uses < USES_MAX ? variable_at(auth_view_from(text, at), &name) : 0;
        uses += n > 0;
        if (n && look_up(text, name, &value)) {
            add_value(value, place.quote == '"', out);
            at += n;
            continue;
        }
        step(&place, text, at);
        auth_buf_add_char(out, text.p[at++]);
    }
}
