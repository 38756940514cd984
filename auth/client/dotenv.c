/* The text of a .env: which lines are settings, and what their values are. Nothing is executed or expanded. */
#include "auth/client/dotenv.h"

#include <string.h>

#include "auth/client/near_name.h"
#include "auth/core/encoding.h"

enum { VALUE_MAX_N = 256 * 1024 };

/* The rest of the text from a quotation mark on: cut off what is quoted, over as many lines as it takes (a PEM), and what
 * follows it on its last line. Double quotes know \n \r \t \" \\, single quotes nothing. False when the quote never ends. */
static bool unquote(struct auth_view *text, struct auth_buf *out)
{
    char quote = text->p[0];
    for (size_t i = 1; i < text->n; i++) {
        char c = text->p[i];
        if (c == quote) {
            *text = auth_view_bytes(text->p + i + 1, text->n - i - 1);
            (void)auth_view_split(text, '\n');
            return true;
        }
        if (c == '\\' && quote == '"' && i + 1 < text->n) {
            static const char letters[] = "nrt", meanings[] = "\n\r\t";
            const char *found = strchr(letters, text->p[++i]);
            c = found && *found ? meanings[found - letters] : text->p[i];
        }
        auth_buf_add_char(out, c);
    }
    return false;
}

/* An unquoted value ends before " #". */
static struct auth_view bare(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '#' && (i == 0 || text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
            return auth_view_trim(auth_view_bytes(text.p, i));
    }
    return text;
}

static bool is_name(struct auth_view name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (i && c >= '0' && c <= '9')))
            return false;
    }
    return name.n > 0;
}

static struct auth_view skip_blanks(struct auth_view text)
{
    while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
        text = auth_view_from(text, 1);
    return text;
}

/* Cut off one setting: its name, and its value appended to out. Comments and blank lines give an empty name. */
static bool next_setting(struct auth_view *text, struct auth_view *name, struct auth_buf *out)
{
    struct auth_view rest = skip_blanks(*text);
    size_t line_n = auth_view_find(rest, '\n');
    struct auth_view line = auth_view_trim(auth_view_bytes(rest.p, line_n));
    *name = auth_view_from_string("");
    if (line.n == 0 || line.p[0] == '#') {
        (void)auth_view_split(text, '\n');
        return true;
    }
    size_t equals = auth_view_find(rest, '=');
    if (equals >= line_n)
        return false;
    *name = auth_view_trim(auth_view_bytes(rest.p, equals));
    if (auth_view_starts(*name, "export "))
        *name = auth_view_trim(auth_view_bytes(name->p + 7, name->n - 7));
    rest = skip_blanks(auth_view_from(rest, equals + 1));
    bool ok = is_name(*name);
    if (rest.n && (rest.p[0] == '"' || rest.p[0] == '\''))
        ok = ok && unquote(&rest, out);
    else
        auth_buf_add_view(out, bare(auth_view_trim(auth_view_split(&rest, '\n'))));
    *text = rest;
    return ok && auth_view_find(auth_buf_view(out), '\0') == out->n;
}

static size_t count_lines(struct auth_view text)
{
    size_t lines = 1;
    while (auth_view_find(text, '\n') < text.n) {
        (void)auth_view_split(&text, '\n');
        lines++;
    }
    return lines;
}

/* A letter beyond ASCII, which may look like one of ours, or not be seen at all. */
static bool has_other_letters(struct auth_view name)
{
    size_t i = 0;
    while (i < name.n && (unsigned char)name.p[i] < 0x80)
        i++;
    return i < name.n;
}

/* A line that is some other program's and no setting to us, such as "spring.x=1": no name of ours, nor what could be one. */
static bool is_foreign(struct auth_view text)
{
    struct auth_view line = auth_view_trim(auth_view_split(&text, '\n'));
    if (auth_view_starts(line, "export "))
        line = auth_view_trim(auth_view_from(line, 7));
    size_t equals = auth_view_find(line, '=');
    struct auth_view name = auth_view_trim(auth_view_bytes(line.p, equals));
    bool is_ours = auth_view_contains(name, "EPIC_") || auth_near_letters(name) != AUTH_SETTINGS ||
                   (has_other_letters(name) && auth_view_contains(name, "PIC_"));
    return !is_ours && (equals == line.n || !is_name(name));
}

/* How other programs write a setting, which is one of ours and meant to be read. */
static const char *other_form(struct auth_view text)
{
    static const struct {
        const char *start, *what;
    } rows[] = {
        {"set -", "NAME=VALUE is expected; 'set -x' is of fish"},
        {"set ", "NAME=VALUE is expected; 'set' is of cmd"},
        {"setenv ", "NAME=VALUE is expected; 'setenv' is of csh"},
        {"ENV ", "NAME=VALUE is expected; 'ENV' is of a Dockerfile"},
        {"+", "NAME=VALUE is expected; the '+' is of a diff"},
        {"> ", "NAME=VALUE is expected; the '>' is of a quoted text"},
        {"setx ", "NAME=VALUE is expected; 'setx' is of cmd"},
        {"$env:", "NAME=VALUE is expected; '$env:' is of PowerShell"},
        {"{", "NAME=VALUE is expected, a line each; this is JSON"},
        {"\"", "NAME=VALUE is expected; this looks like JSON"},
        {"- ", "NAME=VALUE is expected; this looks like YAML"},
        {"-e ", "NAME=VALUE is expected; '-e' is of docker"},
    };
    struct auth_view line = auth_view_trim(auth_view_split(&text, '\n'));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_starts(line, rows[i].start))
            return rows[i].what;
    }
    struct auth_view name = auth_view_trim(auth_view_bytes(line.p, auth_view_find(line, '=')));
    if (has_other_letters(name))
        return "NAME=VALUE is expected; this NAME holds a character beyond ASCII, perhaps one that nobody sees";
    if (auth_view_ends(name, ":"))
        return "NAME=VALUE is expected, and not NAME := VALUE";
    if (auth_view_find(name, ':') == name.n && !is_name(name) && auth_near_letters(name) != AUTH_SETTINGS)
        return "NAME=VALUE is expected, with _ between the words of NAME";
    return auth_view_find(line, ':') < auth_view_find(line, '=') ? "NAME=VALUE is expected, and not NAME: VALUE"
                                                                 : "NAME=VALUE is expected, with closed quotes";
}

/* Text in another encoding than UTF-8 is told by its bytes: the shell of Windows writes UTF-16 when it is told nothing else. */
static const char *foreign_encoding(struct auth_view text)
{
    if (auth_view_starts(text, "\x1f\x8b") || auth_view_starts(text, "PK\x03\x04"))
        return "it is a compressed file";
    switch (auth_encoding_of(text)) {
    case AUTH_ENCODING_UTF16:
        return "it is UTF-16 text, as PowerShell writes it; save it as UTF-8";
    case AUTH_ENCODING_UTF32:
        return "it is UTF-32 text; save it as UTF-8";
    default:
        break;
    }
    return NULL;
}

enum auth_rc auth_dotenv_parse(struct auth_view text,
                               enum auth_rc (*take)(void *ctx, struct auth_view name, struct auth_view value),
                               void *ctx, size_t *foreign_line, struct auth_err *err)
{
    struct auth_buf value;
    enum auth_rc rc = AUTH_OK;
    const char *encoding = foreign_encoding(text);
    *foreign_line = 0;
    if (encoding)
        return auth_err_set(err, AUTH_E_SYNTAX, "%s", encoding);
    if (auth_encoding_of(text) == AUTH_ENCODING_MARKED)
        text = auth_view_from(text, 3);
    struct auth_view rest = text;
    auth_buf_init_secret(&value, VALUE_MAX_N);
    while (rest.n && rc == AUTH_OK) {
        struct auth_view name, here = rest, before = auth_view_bytes(text.p, text.n - rest.n);
        auth_buf_reset(&value);
        bool is_setting = next_setting(&rest, &name, &value);
        if (!is_setting && is_foreign(here)) {
            *foreign_line = *foreign_line ? *foreign_line : count_lines(before);
            rest = here;
            (void)auth_view_split(&rest, '\n');
        } else if (!is_setting)
            rc = auth_err_set(err, AUTH_E_SYNTAX, "line %zu: %s", count_lines(before), other_form(here));
        else if (name.n)
            rc = auth_buf_ok(&value) ? take(ctx, name, auth_buf_view(&value)) : AUTH_E_NOMEM;
    }
    auth_buf_clear(&value);
    return rc;
}
