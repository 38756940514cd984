/* Words of a command line, as the shell would make them. */
#include "conformance/linter/shell_words.h"

#include <string.h>

#include "auth/core/encoding.h"
#include "auth/core/text.h"
#include "conformance/linter/capture.h"

enum { NAME_MAX_N = 40 };

struct scanner {
    struct auth_view text;
    size_t at;
    struct conf_words *words;
    struct auth_err *err;
    bool is_in;   /* $(...) */
    bool is_done; /* another command begins */
};

static enum auth_rc complain(const struct scanner *s, const char *what)
{
    return auth_err_set(s->err, AUTH_E_SYNTAX, "byte %zu of the command: %s", s->at, what);
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The byte `ahead` of the scanner, or NUL beyond the end. */
static char peek(const struct scanner *s, size_t ahead)
{
    return s->at + ahead < s->text.n ? s->text.p[s->at + ahead] : '\0';
}

static void put(struct scanner *s, char c)
{
    conf_words_put(s->words, c);
}

/* A backslash and a line end join two lines. True when that is what stands here; it is then skipped. */
static bool skip_continuation(struct scanner *s)
{
    size_t n = peek(s, 1) == '\r' ? 2 : 1;
    if (peek(s, 0) != '\\' || peek(s, n) != '\n')
        return false;
    s->at += n + 1;
    return true;
}

/* The variable is named, for people have many of them; what else a $ or ` begins is not shown. */
static enum auth_rc refuse_expansion(const struct scanner *s)
{
    size_t n = 0, from = peek(s, 1) == '{' ? 2 : 1;
    while (n < NAME_MAX_N && (is_name(peek(s, from + n))))
        n++;
    if (peek(s, 0) != '$' || n == 0)
        return complain(s, "a shell variable or substitution; write its value in its place");
    return auth_err_set(s->err, AUTH_E_SYNTAX,
                        "byte %zu of the command: the shell variable $%.*s; write its value in its place", s->at,
                        (int)n, s->text.p + s->at + from);
}

static enum auth_rc read_single_quoted(struct scanner *s)
{
    s->words->is_in_word = true;
    for (s->at++; s->at < s->text.n; s->at++) {
        if (peek(s, 0) == '\'') {
            s->at++;
            return AUTH_OK;
        }
        put(s, peek(s, 0));
    }
    return complain(s, "a ' that is never closed");
}

static enum auth_rc read_double_quoted(struct scanner *s)
{
    s->words->is_in_word = true;
    s->at++;
    while (s->at < s->text.n) {
        char c = peek(s, 0);
        if (c == '"') {
            s->at++;
            return AUTH_OK;
        }
        if (c == '$' || c == '`')
            return refuse_expansion(s);
        if (skip_continuation(s))
            continue;
        if (c == '\\' && peek(s, 1) && strchr("\"\\$`", peek(s, 1)))
            s->at++;
        put(s, peek(s, 0));
        s->at++;
    }
    return complain(s, "a \" that is never closed");
}

/* Up to `max` hex digits from here on; they are skipped. False when there is none. */
static bool read_hex(struct scanner *s, int max, unsigned *value)
{
    int n = 0;
    for (*value = 0; n < max && auth_text_hex_value(peek(s, 0)) >= 0; n++, s->at++)
        *value = *value * 16 + (unsigned)auth_text_hex_value(peek(s, 0));
    return n > 0;
}

/* One escape inside $'...', the scanner on its letter. */
static enum auth_rc read_escape(struct scanner *s)
{
    static const char letters[] = "nrtabfve\\'\"?", values[] = "\n\r\t\a\b\f\v\033\\'\"?";
    char c = peek(s, 0);
    unsigned value = 0;
    const char *known = c ? strchr(letters, c) : NULL;
    s->at++;
    if (known) {
        put(s, values[known - letters]);
        return AUTH_OK;
    }
    bool is_read = (c == 'x' && read_hex(s, 2, &value)) || (c == 'u' && read_hex(s, 4, &value));
    bool is_surrogate = value >= 0xd800 && value < 0xe000;
    if (!is_read || value == 0 || is_surrogate)
        return complain(s, "an escape that this program does not know inside $'...'");
    if (c == 'x')
        put(s, (char)value);
    else
        auth_encoding_add(&s->words->bytes, value);
    return AUTH_OK;
}

static enum auth_rc read_ansi_quoted(struct scanner *s)
{
    enum auth_rc rc = AUTH_OK;
    s->words->is_in_word = true;
    s->at += 2;
    while (s->at < s->text.n && rc == AUTH_OK) {
        char c = peek(s, 0);
        s->at++;
        if (c == '\'')
            return AUTH_OK;
        if (c == '\\')
            rc = read_escape(s);
        else
            put(s, c);
    }
    return rc == AUTH_OK ? complain(s, "a $' that is never closed") : rc;
}

static enum auth_rc read_dollar(struct scanner *s)
{
    if (peek(s, 1) == '\'')
        return read_ansi_quoted(s);
    if (peek(s, 1) != '\0' && !strchr(" \t\r\n", peek(s, 1)))
        return refuse_expansion(s);
    put(s, '$');
    s->at++;
    return AUTH_OK;
}

/* A line below that goes on like a command was meant to belong to it: its end of line lacks a backslash. Anything else is
 * another command, or what came back. */
static enum auth_rc check_end(const struct scanner *s)
{
    struct auth_view rest = auth_view_from(s->text, s->at);
    size_t line_end = auth_view_find(rest, '\n');
    bool is_whole = rest.n == 0 || !strchr("\r\n", rest.p[0]) || line_end == rest.n;
    if (is_whole || !strchr("-'\" \t", line_end + 1 < rest.n ? rest.p[line_end + 1] : 'x'))
        return AUTH_OK;
    return auth_view_trim(rest).n == 0
               ? AUTH_OK
               : complain(s, "text after the end of the command; end each line but the last with \\");
}

/* The word that is read now is the number of a descriptor, as of 2>: then it is none of the command's. */
static void drop_descriptor(struct conf_words *words)
{
    size_t from = words->count ? words->ends[words->count - 1] : 0;
    bool is_one = words->bytes.n == from + 1 && words->bytes.p[from] >= '0' && words->bytes.p[from] <= '9';
    if (!words->is_in_word || !is_one)
        return;
    words->bytes.n = from;
    words->is_in_word = false;
}

/* > FILE, 2>&1, < FILE: where the shell sends what comes out changes nothing of what is sent. */
static enum auth_rc skip_redirection(struct scanner *s)
{
    drop_descriptor(s->words);
    enum auth_rc rc = conf_words_end(s->words, s->err);
    while (peek(s, 0) && strchr("<>&", peek(s, 0)))
        s->at++;
    if (peek(s, 0) == '(')
        return complain(s, "redirections and subshells are not read; leave them out");
    while (peek(s, 0) == ' ' || peek(s, 0) == '\t')
        s->at++;
    while (peek(s, 0) && !strchr(" \t\r\n;|)", peek(s, 0)))
        s->at++;
    return rc;
}

/* A \ that a blank follows at the end of its line. */
static bool is_broken_continuation(const struct scanner *s)
{
    size_t n = 1;
    while (peek(s, n) == ' ' || peek(s, n) == '\t')
        n++;
    return n > 1 && (peek(s, n) == '\n' || peek(s, n) == '\r');
}

static enum auth_rc read_plain(struct scanner *s)
{
    char c = peek(s, 0);
    if (c == '`')
        return refuse_expansion(s);
    if (c == '&' && peek(s, 1) == '&') {
        s->is_done = true;
        return AUTH_OK;
    }
    if (c == '&')
        return complain(s, "an unquoted & ends the command for a shell; put the URL into quotation marks");
    if (c == '<' || c == '>')
        return skip_redirection(s);
    if (c == '\\' && is_broken_continuation(s))
        return complain(s, "a blank behind the \\ at the end of a line, which then joins no lines; take it away");
    if (c == '(' || c == ')')
        return complain(s, "redirections and subshells are not read; leave them out");
    if (c == '\0')
        return complain(s, "a NUL byte");
    if (c == '\\') {
        s->at++;
        if (s->at == s->text.n)
            return complain(s, "a \\ at the very end");
    }
    put(s, peek(s, 0));
    s->at++;
    return AUTH_OK;
}

static enum auth_rc read_one(struct scanner *s)
{
    switch (peek(s, 0)) {
    case ' ':
    case '\t':
        s->at++;
        return conf_words_end(s->words, s->err);
    case '\'':
        return read_single_quoted(s);
    case '"':
        return read_double_quoted(s);
    case '$':
        return read_dollar(s);
    default:
        return skip_continuation(s) ? AUTH_OK : read_plain(s);
    }
}

static bool is_end(const struct scanner *s)
{
    return s->is_done || s->at >= s->text.n || (s->is_in && peek(s, 0) == ')') ||
           (peek(s, 0) != '\0' && strchr("\r\n|;", peek(s, 0)) != NULL);
}

/* Marks that word processors and web pages put in place of a shell's. */
static enum auth_rc check_marks(struct scanner *s)
{
    static const struct {
        const char *mark, *what;
    } rows[] = {
        {" \xe2\x80\x9c", "quotation marks of a word processor, which no shell knows; write \" or ' in their place"},
        {" \xe2\x80\x98", "quotation marks of a word processor, which no shell knows; write \" or ' in their place"},
        {" \xe2\x80\x93", "a dash of a word processor, which is no option to a program; write - in its place"},
        {" \xe2\x80\x94", "a dash of a word processor, which is no option to a program; write - or -- in its place"},
        {"\xc2\xa0", "a no-break space, which separates no words; write a blank in its place"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s->at = auth_view_find_text(s->text, rows[i].mark);
        if (s->at < s->text.n)
            return complain(s, rows[i].what);
    }
    s->at = 0;
    return AUTH_OK;
}

static enum auth_rc split_posix(struct auth_view text, bool is_in, struct conf_words *words, struct auth_err *err)
{
    struct scanner s = {.text = text, .words = words, .err = err, .is_in = is_in};
    enum auth_rc rc = check_marks(&s);
    while (rc == AUTH_OK && !is_end(&s))
        rc = read_one(&s);
    if (rc == AUTH_OK)
        rc = conf_words_end(words, err);
    if (rc == AUTH_OK)
        rc = check_end(&s);
    words->rest = auth_view_from(text, s.at);
    return rc;
}

/* ---- any shell ---- */

enum conf_shell conf_shell_of(struct auth_view text)
{
    for (size_t i = 0; i + 1 < text.n; i++) {
        char next = text.p[i + 1];
        if (text.p[i] == '^' && strchr("\"\r\n%&", next))
            return CONF_SHELL_CMD;
        if (text.p[i] == '`' && strchr(auth_view_starts(text, "curl.exe") ? "\"\r\n$" : "\r\n", next))
            return CONF_SHELL_POWERSHELL;
    }
    return CONF_SHELL_POSIX;
}

enum auth_rc conf_words_split(struct auth_view text, enum conf_shell shell, bool is_in, struct conf_words *words,
                              struct auth_err *err)
{
    memset(words, 0, sizeof *words);
    auth_buf_init_secret(&words->bytes, CONF_CAPTURE_MAX_N);
    enum auth_rc rc = shell == CONF_SHELL_CMD          ? conf_words_split_cmd(text, words, err)
                      : shell == CONF_SHELL_POWERSHELL ? conf_words_split_powershell(text, words, err)
                                                       : split_posix(text, is_in, words, err);
    return rc == AUTH_OK ? auth_buf_check(&words->bytes, err) : rc;
}
