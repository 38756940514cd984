/* Words as cmd.exe and PowerShell make them, and as the C runtime of Windows cuts the line that cmd hands on. */
#include <string.h>

#include "auth/core/text.h"
#include "conformance/linter/capture.h"
#include "conformance/linter/shell_words.h"

enum { NAME_MAX_N = 40 };

static char byte_at(struct auth_view text, size_t i)
{
    return i < text.n ? text.p[i] : '\0';
}

/* ---- cmd: carets and its own idea of quotation marks ---- */

/* Bytes of a line end here. */
static size_t line_end_n(struct auth_view text, size_t i)
{
    if (byte_at(text, i) == '\n')
        return 1;
    return byte_at(text, i) == '\r' && byte_at(text, i + 1) == '\n' ? 2 : 0;
}

/* %NAME% with a name as variables have: neither %3A nor a percent sign alone. */
static enum auth_rc refuse_variable(struct auth_view text, size_t i, struct auth_err *err)
{
    size_t n = 0;
    while (n <= NAME_MAX_N &&
           ((byte_at(text, i + 1 + n) >= 'A' && byte_at(text, i + 1 + n) <= 'Z') ||
            (n && (byte_at(text, i + 1 + n) == '_' || auth_text_hex_value(byte_at(text, i + 1 + n)) >= 0))))
        n++;
    if (n < 3 || n > NAME_MAX_N || byte_at(text, i + 1 + n) != '%')
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_SYNTAX, "the variable %%%.*s%%; write its value in its place", (int)n,
                        text.p + i + 1);
}

/* What cmd hands to the program: one line without its carets. Stops at the end of the command. */
static enum auth_rc join_line(struct auth_view text, struct auth_buf *line, size_t *at, struct auth_err *err)
{
    bool is_quoted = false;
    enum auth_rc rc = AUTH_OK;
    size_t i = 0;
    while (i < text.n && rc == AUTH_OK) {
        char c = text.p[i];
        if (!is_quoted && c == '^') {
            i += 1 + line_end_n(text, i + 1); /* a joined line's first byte is taken as it is, too */
            if (i < text.n)
                auth_buf_add_char(line, text.p[i++]);
            continue;
        }
        if (line_end_n(text, i) || (!is_quoted && strchr("|&<>", c)))
            break;
        if (c == '\0')
            return auth_err_set(err, AUTH_E_SYNTAX, "byte %zu of the command: a NUL byte", i);
        if (c == '%')
            rc = refuse_variable(text, i, err);
        i += c == '%' && byte_at(text, i + 1) == '%'; /* as batch files write one */
        is_quoted = is_quoted != (c == '"');
        auth_buf_add_char(line, c);
        i++;
    }
    *at = i;
    return rc;
}

/* ---- the C runtime: backslashes count only before a quotation mark ---- */

static enum auth_rc cut_line(struct auth_view line, struct conf_words *words, struct auth_err *err)
{
    bool is_quoted = false;
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < line.n && rc == AUTH_OK; i++) {
        size_t slashes = 0;
        while (byte_at(line, i) == '\\') {
            slashes++;
            i++;
        }
        bool is_mark = byte_at(line, i) == '"';
        for (size_t s = 0; s < (is_mark ? slashes / 2 : slashes); s++)
            conf_words_put(words, '\\');
        if (i >= line.n)
            break;
        if (is_mark && slashes % 2) {
            conf_words_put(words, '"');
        } else if (is_mark && is_quoted && byte_at(line, i + 1) == '"') {
            conf_words_put(words, '"');
            i++;
        } else if (is_mark) {
            is_quoted = !is_quoted;
            words->is_in_word = true;
        } else if (!is_quoted && (line.p[i] == ' ' || line.p[i] == '\t')) {
            rc = conf_words_end(words, err);
        } else {
            conf_words_put(words, line.p[i]);
        }
    }
    if (rc == AUTH_OK && is_quoted)
        return auth_err_set(err, AUTH_E_SYNTAX, "a \" that is never closed");
    return rc == AUTH_OK ? conf_words_end(words, err) : rc;
}

enum auth_rc conf_words_split_cmd(struct auth_view text, struct conf_words *words, struct auth_err *err)
{
    struct auth_buf line;
    size_t at = 0;
    auth_buf_init_secret(&line, CONF_CAPTURE_MAX_N);
    enum auth_rc rc = join_line(text, &line, &at, err);
    words->rest = auth_view_from(text, at);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&line, err);
    if (rc == AUTH_OK)
        rc = cut_line(auth_buf_view(&line), words, err);
    auth_buf_clear(&line);
    return rc;
}

/* ---- PowerShell ---- */

static enum auth_rc refuse_dollar(struct auth_view text, size_t i, struct auth_err *err)
{
    size_t n = 0;
    while (n < NAME_MAX_N && (byte_at(text, i + 1 + n) == ':' || byte_at(text, i + 1 + n) == '_' ||
                              (byte_at(text, i + 1 + n) >= '0' && byte_at(text, i + 1 + n) <= '9') ||
                              (byte_at(text, i + 1 + n) >= 'A' && byte_at(text, i + 1 + n) <= 'Z') ||
                              (byte_at(text, i + 1 + n) >= 'a' && byte_at(text, i + 1 + n) <= 'z')))
        n++;
    return auth_err_set(err, AUTH_E_SYNTAX, "the variable $%.*s; write its value in its place", (int)n, text.p + i + 1);
}

/* One escape, *i on its backtick. */
static void put_escaped(struct auth_view text, size_t *i, struct conf_words *words)
{
    static const char letters[] = "nrt0", values[] = "\n\r\t";
    char c = byte_at(text, *i + 1);
    const char *known = c ? strchr(letters, c) : NULL;
    *i += 2;
    if (known && *known != '0')
        conf_words_put(words, values[known - letters]);
    else if (c != '0')
        conf_words_put(words, c);
}

static enum auth_rc read_quoted(struct auth_view text, size_t *i, struct conf_words *words, struct auth_err *err)
{
    char mark = text.p[(*i)++];
    words->is_in_word = true;
    while (*i < text.n) {
        char c = text.p[*i];
        if (c == mark && byte_at(text, *i + 1) != mark) {
            ++*i;
            return AUTH_OK;
        }
        if (mark == '"' && c == '$' && byte_at(text, *i + 1) > ' ' && byte_at(text, *i + 1) != '"')
            return refuse_dollar(text, *i, err);
        if (mark == '"' && c == '`') {
            put_escaped(text, i, words);
            continue;
        }
        conf_words_put(words, c);
        *i += c == mark ? 2 : 1;
    }
    return auth_err_set(err, AUTH_E_SYNTAX, "a %c that is never closed", mark);
}

/* What is not quoted. */
static enum auth_rc read_bare(struct auth_view text, size_t *i, struct conf_words *words, struct auth_err *err)
{
    char c = text.p[*i];
    size_t end = c == '`' ? line_end_n(text, *i + 1) : 0;
    if (end) {
        *i += 1 + end;
        return conf_words_end(words, err);
    }
    if (c == '`') {
        put_escaped(text, i, words);
        return AUTH_OK;
    }
    if (c == '$')
        return refuse_dollar(text, *i, err);
    if (c == '\0')
        return auth_err_set(err, AUTH_E_SYNTAX, "byte %zu of the command: a NUL byte", *i);
    ++*i;
    if (c == ' ' || c == '\t')
        return conf_words_end(words, err);
    conf_words_put(words, c);
    return AUTH_OK;
}

enum auth_rc conf_words_split_powershell(struct auth_view text, struct conf_words *words, struct auth_err *err)
{
    size_t i = 0;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && i < text.n && !strchr("|;\r\n", text.p[i] ? text.p[i] : 'x')) {
        if (text.p[i] == '"' || text.p[i] == '\'')
            rc = read_quoted(text, &i, words, err);
        else
            rc = read_bare(text, &i, words, err);
    }
    words->rest = auth_view_from(text, i < text.n ? i : text.n);
    return rc == AUTH_OK ? conf_words_end(words, err) : rc;
}
