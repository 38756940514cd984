/* Expressions of three languages, as far as they are texts. */
#include "conformance/linter/code_text.h"

#include <string.h>

#include "auth/core/encoding.h"
#include "auth/core/text.h"

enum { DEPTH_MAX = 8, USES_MAX = 200, NAME_MAX_N = 40 };

static char byte_at(struct auth_view text, size_t i)
{
    return i < text.n ? text.p[i] : '\0';
}

static bool is_one_of(char c, const char *bytes)
{
    return c != '\0' && strchr(bytes, c) != NULL;
}

bool conf_code_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

static bool is_powershell(const struct conf_code *code)
{
    return code->language == CONF_CODE_POWERSHELL;
}

/* ---- quotation marks and comments ---- */

/* How a text in quotation marks begins and ends. */
struct literal {
    size_t before_n, after_n; /* bytes of its marks, those of a prefix included */
    char mark;
    bool is_raw;    /* no escapes */
    bool is_filled; /* with the values of variables */
    size_t n;       /* of all of it */
};

static size_t prefix_n(const struct conf_code *code, struct auth_view text)
{
    size_t n = 0;
    while (code->language == CONF_CODE_PYTHON && n < 2 && is_one_of(byte_at(text, n), "rRbBfFuU"))
        n++;
    return is_one_of(byte_at(text, n), "\"'") ? n : 0;
}

/* Where the mark that closes it begins, or text.n. */
static size_t find_close(const struct conf_code *code, struct auth_view text, const struct literal *l)
{
    char escape = is_powershell(code) ? '`' : '\\';
    size_t at = l->before_n, n = l->after_n;
    while (at < text.n) {
        struct auth_view here = auth_view_from(text, at);
        bool is_here_string = is_powershell(code) && n == 2; /* "@ stands at the start of its line */
        if (here.p[0] == l->mark && here.n >= n &&
            (n == 1 || (is_here_string ? here.p[1] == '@' && text.p[at - 1] == '\n'
                                       : here.p[1] == l->mark && here.p[2] == l->mark)))
            return at;
        at += here.p[0] == escape && !l->is_raw ? 2 : 1;
    }
    return text.n;
}

/* Is text one in quotation marks, at its start? One that is never closed goes to the end. */
static bool read_marks(const struct conf_code *code, struct auth_view text, struct literal *l)
{
    size_t prefix = prefix_n(code, text);
    bool is_here_string = is_powershell(code) && byte_at(text, 0) == '@' && is_one_of(byte_at(text, 1), "\"'");
    char mark = byte_at(text, is_here_string ? 1 : prefix);
    if (!is_one_of(mark, code->language == CONF_CODE_JAVASCRIPT ? "\"'`" : "\"'"))
        return false;
    bool is_triple =
        code->language == CONF_CODE_PYTHON && byte_at(text, prefix + 1) == mark && byte_at(text, prefix + 2) == mark;
    struct auth_view letters = auth_view_bytes(text.p, prefix);
    *l = (struct literal){
        .before_n = is_here_string ? 2 : prefix + (is_triple ? 3 : 1),
        .after_n = is_here_string ? 2 : (is_triple ? 3 : 1),
        .mark = mark,
        .is_raw = is_powershell(code) ? mark == '\''
                                      : auth_view_find(letters, 'r') < prefix || auth_view_find(letters, 'R') < prefix,
        .is_filled = is_powershell(code) ? mark == '"'
                                         : mark == '`' || auth_view_find(letters, 'f') < prefix ||
                                               auth_view_find(letters, 'F') < prefix,
    };
    size_t close = find_close(code, text, l);
    l->n = close < text.n ? close + l->after_n : text.n;
    return true;
}

/* The bytes of a comment at the start of text; 0: there is none. */
static size_t comment_n(const struct conf_code *code, struct auth_view text)
{
    bool is_javascript = code->language == CONF_CODE_JAVASCRIPT;
    const char *block = is_javascript ? "/*" : is_powershell(code) ? "<#" : NULL;
    if (block && auth_view_starts(text, block)) {
        const char *end = is_javascript ? "*/" : "#>";
        size_t at = auth_view_find_text(text, end);
        return at < text.n ? at + 2 : text.n;
    }
    return auth_view_starts(text, is_javascript ? "//" : "#") ? auth_view_find(text, '\n') : 0;
}

/* The position behind what begins at `at`: a text in quotation marks, a comment, or one byte. */
static size_t behind(const struct conf_code *code, struct auth_view text, size_t at)
{
    struct auth_view here = auth_view_from(text, at);
    struct literal l;
    size_t n = 1;
    if (read_marks(code, here, &l))
        n = l.n;
    else if (comment_n(code, here))
        n = comment_n(code, here);
    else if (is_powershell(code) && here.p[0] == '`') /* joins two lines */
        n = byte_at(here, 1) == '\r' ? 3 : 2;
    return n < here.n ? at + n : text.n;
}

struct auth_view conf_code_expression(const struct conf_code *code, struct auth_view text, const char *stops)
{
    size_t at = 0, depth = 0;
    while (at < text.n) {
        char c = text.p[at];
        bool is_close = is_one_of(c, ")]}");
        if (depth == 0 && (is_close || is_one_of(c, stops)))
            break;
        depth += is_one_of(c, "([{");
        depth -= is_close;
        at = behind(code, text, at);
    }
    return auth_view_bytes(text.p, at);
}

/* ---- tables and arguments ---- */

/* Without blanks, line ends and comments at its start. */
static struct auth_view without_start(const struct conf_code *code, struct auth_view text)
{
    for (;;) {
        while (text.n && is_one_of(text.p[0], " \t\r\n"))
            text = auth_view_from(text, 1);
        size_t n = comment_n(code, text);
        if (n == 0)
            return text;
        text = auth_view_from(text, n);
    }
}

bool conf_code_inside(const struct conf_code *code, struct auth_view expression, const char *prefix,
                      struct auth_view *inside)
{
    struct auth_view text = auth_view_trim(expression);
    if (!auth_view_starts(text, prefix))
        return false;
    text = auth_view_trim(auth_view_from(text, strlen(prefix)));
    if (!is_one_of(byte_at(text, 0), "([{"))
        return false;
    *inside = conf_code_expression(code, auth_view_from(text, 1), "");
    return inside->n + 2 == text.n;
}

bool conf_code_is_table(const struct conf_code *code, struct auth_view expression, struct auth_view *inside)
{
    struct auth_view text = auth_view_trim(expression);
    if (is_powershell(code) && auth_view_starts(text, "[ordered]"))
        text = auth_view_from(text, strlen("[ordered]"));
    const char *prefix = is_powershell(code) ? "@" : "";
    size_t at = strlen(prefix);
    return (byte_at(text, at) == '{' && conf_code_inside(code, text, prefix, inside)) ||
           (code->language == CONF_CODE_PYTHON && conf_code_inside(code, text, "dict", inside));
}

static struct auth_view without_quotes(struct auth_view name)
{
    name = auth_view_trim(name);
    if (name.n >= 2 && is_one_of(name.p[0], "\"'`") && name.p[name.n - 1] == name.p[0])
        return auth_view_bytes(name.p + 1, name.n - 2);
    return name;
}

bool conf_code_next(const struct conf_code *code, struct auth_view *rest, struct conf_code_member *member)
{
    const char *ends = is_powershell(code) ? ",;\n" : ",";
    struct auth_view text = without_start(code, *rest);
    while (is_one_of(byte_at(text, 0), ends))
        text = without_start(code, auth_view_from(text, 1));
    struct auth_view whole = conf_code_expression(code, text, ends);
    if (whole.n == 0)
        return false;
    *rest = auth_view_from(text, whole.n);
    size_t n = conf_code_expression(code, whole, code->language == CONF_CODE_JAVASCRIPT ? ":" : ":=").n;
    bool is_named = n < whole.n && !is_one_of(whole.p[n], ")]}");
    member->name = is_named ? without_quotes(auth_view_bytes(whole.p, n)) : auth_view_bytes(whole.p, 0);
    member->value = auth_view_trim(is_named ? auth_view_from(whole, n + 1) : whole);
    return true;
}

/* ---- variables ---- */

/* Does the statement go on in the next line? */
static bool goes_on(struct auth_view so_far, struct auth_view rest)
{
    struct auth_view before = auth_view_trim(so_far), after = auth_view_trim(rest);
    if (rest.n == 0 || rest.p[0] != '\n')
        return false;
    return (before.n && is_one_of(before.p[before.n - 1], "+=,")) || is_one_of(byte_at(after, 0), "+.");
}

static struct auth_view statement(const struct conf_code *code, struct auth_view text)
{
    struct auth_view own = conf_code_expression(code, text, ";\n");
    while (goes_on(own, auth_view_from(text, own.n))) {
        while (is_one_of(byte_at(text, own.n), " \t\r\n"))
            own.n++;
        own.n += conf_code_expression(code, auth_view_from(text, own.n), ";\n").n;
    }
    return own;
}

/* The bytes of the name that text begins with. */
static size_t name_n(struct auth_view text)
{
    size_t n = 0;
    while (n < text.n && conf_code_is_name(text.p[n]))
        n++;
    return n;
}

/* NAME = ..., and neither NAME == nor NAME =>. */
static bool is_set_at(struct auth_view text, struct auth_view name, size_t at)
{
    struct auth_view rest = auth_view_from(text, at + name.n);
    if ((at > 0 && (conf_code_is_name(text.p[at - 1]) || text.p[at - 1] == '.')) ||
        (rest.n && conf_code_is_name(rest.p[0])))
        return false;
    while (rest.n && is_one_of(rest.p[0], " \t"))
        rest = auth_view_from(rest, 1);
    return byte_at(rest, 0) == '=' && !is_one_of(byte_at(rest, 1), "=>");
}

static bool look_up(const struct conf_code *code, struct auth_view name, struct auth_view *value)
{
    struct auth_view last = {0};
    for (size_t at = 0; at + name.n < code->all.n; at++) {
        struct auth_view here = auth_view_bytes(code->all.p + at, name.n);
        bool is_it = is_powershell(code) ? auth_view_equals_view_nocase(here, name) : auth_view_equals_view(here, name);
        if (is_it && is_set_at(code->all, name, at))
            last = auth_view_from(code->all, at + name.n);
    }
    if (!last.p)
        return false;
    (void)auth_view_split(&last, '=');
    *value = auth_view_trim(statement(code, last));
    return true;
}

bool conf_code_variable(struct conf_code *code, struct auth_view expression, struct auth_view *value)
{
    struct auth_view name = auth_view_trim(expression);
    bool is_name = name.n > 0 && name_n(name) == name.n && (name.p[0] < '0' || name.p[0] > '9');
    return is_name && (!is_powershell(code) || name.p[0] == '$') && ++code->uses < USES_MAX &&
           look_up(code, name, value);
}

static enum auth_rc refuse(const struct conf_code *code, struct auth_view term)
{
    size_t n = 0;
    if (auth_view_starts(term, "await "))
        term = auth_view_trim(auth_view_from(term, strlen("await ")));
    while (n < term.n && n < NAME_MAX_N && (conf_code_is_name(term.p[n]) || is_one_of(term.p[n], ".:-")))
        n++;
    if (n == 0)
        return auth_err_set(code->err, AUTH_E_SYNTAX, "an expression of the program; write its value in its place");
    return auth_err_set(code->err, AUTH_E_SYNTAX,
                        is_one_of(byte_at(term, n), "( ") ? "what %.*s gives is not in the text; write it in its place"
                                                          : "the variable %.*s; write its value in its place",
                        (int)n, term.p);
}

/* ---- texts ---- */

static enum auth_rc evaluate(struct conf_code *code, struct auth_view expression, unsigned depth, struct auth_buf *out);

/* The value that stands at `at` inside of a text, as ${name} or {name} or $name; n is 0 when there is none. */
static struct auth_view filled_at(const struct conf_code *code, struct auth_view text, size_t at, size_t *n)
{
    struct auth_view here = auth_view_from(text, at);
    *n = 0;
    if (code->language != CONF_CODE_PYTHON && here.p[0] != '$')
        return here;
    if (is_powershell(code) && conf_code_is_name(byte_at(here, 1))) {
        *n = 1 + name_n(auth_view_from(here, 1));
        return auth_view_bytes(here.p, *n);
    }
    size_t open = code->language == CONF_CODE_PYTHON ? 0 : 1;
    if (byte_at(here, open) != '{' && !(is_powershell(code) && byte_at(here, open) == '('))
        return here;
    struct auth_view inside = conf_code_expression(code, auth_view_from(here, open + 1), "");
    *n = open + inside.n + 2 <= here.n ? open + inside.n + 2 : 0;
    return inside;
}

static enum auth_rc add_filled(struct conf_code *code, struct auth_view value, unsigned depth, struct auth_buf *out)
{
    char name[NAME_MAX_N + 2] = "$";
    if (!is_powershell(code) || value.n == 0 || value.p[0] == '$' || value.n > NAME_MAX_N)
        return evaluate(code, value, depth + 1, out);
    memcpy(name + 1, value.p, value.n); /* ${name} */
    return evaluate(code, auth_view_bytes(name, value.n + 1), depth + 1, out);
}

/* An escape, text beginning behind its mark; answers the bytes of it. */
static size_t add_escaped(const struct conf_code *code, struct auth_view text, struct auth_buf *out)
{
    static const char letters[] = "nrtbfv", values[] = "\n\r\t\b\f\v";
    char c = byte_at(text, 0);
    size_t digits = is_powershell(code) ? 0 : c == 'x' ? 2 : c == 'u' ? 4 : 0, n = 0;
    unsigned value = 0;
    if (is_one_of(c, letters)) {
        auth_buf_add_char(out, values[strchr(letters, c) - letters]);
        return 1;
    }
    while (n < digits && auth_text_hex_value(byte_at(text, n + 1)) >= 0)
        value = value * 16 + (unsigned)auth_text_hex_value(byte_at(text, ++n));
    if (digits && n == digits && value && (value < 0xd800 || value > 0xdfff)) {
        auth_encoding_add(out, value);
        return n + 1;
    }
    if (c == '\r' && byte_at(text, 1) == '\n')
        return 2;
    if (c != '\n' && text.n)
        auth_buf_add_char(out, c);
    return text.n ? 1 : 0;
}

static enum auth_rc add_literal(struct conf_code *code, struct auth_view text, const struct literal *l, unsigned depth,
                                struct auth_buf *out)
{
    char escape = is_powershell(code) ? '`' : '\\';
    size_t end = l->n >= l->before_n + l->after_n ? l->n - l->after_n : l->n;
    struct auth_view inside = auth_view_bytes(text.p + l->before_n, end - l->before_n);
    enum auth_rc rc = AUTH_OK;
    if (is_powershell(code) && l->after_n == 2) /* the line ends beside its marks are not of the text */
        inside = auth_view_trim(inside);
    for (size_t at = 0; at < inside.n && rc == AUTH_OK;) {
        size_t n = 0;
        struct auth_view value = l->is_filled ? filled_at(code, inside, at, &n) : inside;
        if (n) {
            rc = add_filled(code, value, depth, out);
            at += n;
        } else if (!l->is_raw && inside.p[at] == escape) {
            at += 1 + add_escaped(code, auth_view_from(inside, at + 1), out);
        } else {
            auth_buf_add_char(out, inside.p[at++]);
        }
    }
    return rc;
}

/* Calls that change nothing of a text. */
static bool is_harmless(struct auth_view call)
{
    static const char *const calls[] = {"",          ".toString()", ".trim()",    ".strip()",
                                        ".decode()", ".Trim()",     ".ToString()"};
    size_t i = 0;
    while (i < sizeof calls / sizeof *calls && !auth_view_equals(call, calls[i]))
        i++;
    return i < sizeof calls / sizeof *calls;
}

/* Literals side by side, which Python joins; PowerShell writes a quotation mark inside of a text twice. */
static enum auth_rc add_literals(struct conf_code *code, struct auth_view term, unsigned depth, struct auth_buf *out)
{
    struct literal l;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && read_marks(code, term, &l)) {
        rc = add_literal(code, term, &l, depth, out);
        term = auth_view_from(term, l.n);
        if (is_powershell(code) && byte_at(term, 0) == l.mark)
            auth_buf_add_char(out, l.mark);
        term = without_start(code, term);
    }
    return rc == AUTH_OK && !is_harmless(auth_view_trim(term)) ? refuse(code, auth_view_from_string("")) : rc;
}

static enum auth_rc add_term(struct conf_code *code, struct auth_view term, unsigned depth, struct auth_buf *out)
{
    struct literal l;
    struct auth_view value, inside;
    size_t n = name_n(term);
    if (read_marks(code, term, &l))
        return add_literals(code, term, depth, out);
    if (byte_at(term, 0) == '(' && conf_code_inside(code, term, "", &inside) && depth < DEPTH_MAX)
        return evaluate(code, inside, depth + 1, out);
    bool is_bare = is_powershell(code) ? term.n && !is_one_of(term.p[0], "$([@") && auth_view_find(term, ' ') == term.n
                                       : auth_view_is_digits(term);
    if (is_bare) {
        auth_buf_add_view(out, term);
        return AUTH_OK;
    }
    if (depth < DEPTH_MAX && is_harmless(auth_view_trim(without_start(code, auth_view_from(term, n)))) &&
        conf_code_variable(code, auth_view_bytes(term.p, n), &value))
        return evaluate(code, value, depth + 1, out);
    return refuse(code, term);
}

/* Terms joined by +. */
static enum auth_rc evaluate(struct conf_code *code, struct auth_view expression, unsigned depth, struct auth_buf *out)
{
    enum auth_rc rc = AUTH_OK;
    struct auth_view rest = without_start(code, expression);
    if (depth > DEPTH_MAX)
        return refuse(code, rest);
    do {
        struct auth_view term = conf_code_expression(code, rest, "+");
        rest = term.n < rest.n ? auth_view_from(rest, term.n + 1) : auth_view_bytes(rest.p, 0);
        rc = add_term(code, auth_view_trim(term), depth, out);
        rest = without_start(code, rest);
    } while (rc == AUTH_OK && rest.n);
    return rc;
}

enum auth_rc conf_code_text(struct conf_code *code, struct auth_view expression, struct auth_buf *out)
{
    return evaluate(code, expression, 0, out);
}
