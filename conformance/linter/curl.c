/* Reads a curl command line as the shell and curl would, as far as a token request needs it. Bounded, and it executes
 * nothing: a variable, a substitution or a file that the command names is refused, for its value is not in the text. */
#include <string.h>

#include "auth/core/text.h"
#include "conformance/linter/request.h"

enum { WORDS_MAX = 256 };

/* ---- the shell's part: words ---- */

struct words {
    struct auth_buf bytes; /* one after the other */
    size_t ends[WORDS_MAX];
    size_t count;
};

struct scanner {
    struct auth_view text;
    size_t at;
    struct words *words;
    struct auth_err *err;
    bool is_in_word; /* also for the empty word '' */
};

static enum auth_rc complain(const struct scanner *s, const char *what)
{
    return auth_err_set(s->err, AUTH_E_SYNTAX, "byte %zu of the command: %s", s->at, what);
}

/* The byte `ahead` of the scanner, or NUL beyond the end. */
static char peek(const struct scanner *s, size_t ahead)
{
    return s->at + ahead < s->text.n ? s->text.p[s->at + ahead] : '\0';
}

static void put(struct scanner *s, char c)
{
    auth_buf_add_char(&s->words->bytes, c);
    s->is_in_word = true;
}

static enum auth_rc end_word(struct scanner *s)
{
    if (!s->is_in_word)
        return AUTH_OK;
    if (s->words->count == WORDS_MAX)
        return auth_err_set(s->err, AUTH_E_TOO_BIG, "a command of more than %d words", WORDS_MAX);
    s->words->ends[s->words->count++] = s->words->bytes.n;
    s->is_in_word = false;
    return AUTH_OK;
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

static enum auth_rc refuse_expansion(const struct scanner *s)
{
    return complain(s, "a shell variable or substitution; write its value in its place");
}

static enum auth_rc read_single_quoted(struct scanner *s)
{
    s->is_in_word = true;
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
    s->is_in_word = true;
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

static void put_utf8(struct scanner *s, unsigned c)
{
    if (c < 0x80) {
        put(s, (char)c);
    } else if (c < 0x800) {
        put(s, (char)(0xc0 | c >> 6));
        put(s, (char)(0x80 | (c & 0x3f)));
    } else {
        put(s, (char)(0xe0 | c >> 12));
        put(s, (char)(0x80 | (c >> 6 & 0x3f)));
        put(s, (char)(0x80 | (c & 0x3f)));
    }
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
    if (!is_read || value == 0)
        return complain(s, "an escape that this program does not know inside $'...'");
    if (c == 'x')
        put(s, (char)value);
    else
        put_utf8(s, value);
    return AUTH_OK;
}

static enum auth_rc read_ansi_quoted(struct scanner *s)
{
    enum auth_rc rc = AUTH_OK;
    s->is_in_word = true;
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

/* Where the command ends: nothing may follow but a pipe into something, which changes no request. */
static enum auth_rc check_end(struct scanner *s)
{
    char c = peek(s, 0);
    if (c == '|' || c == ';')
        return AUTH_OK;
    struct auth_view rest = auth_view_from(s->text, s->at);
    return auth_view_trim(rest).n == 0
               ? AUTH_OK
               : complain(s, "text after the end of the command; end each line but the last with \\");
}

static enum auth_rc read_plain(struct scanner *s)
{
    char c = peek(s, 0);
    if (c == '`')
        return refuse_expansion(s);
    if (c == '&')
        return complain(s, "an unquoted & ends the command for a shell; put the URL into quotation marks");
    if (c == '<' || c == '>' || c == '(' || c == ')')
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
        return end_word(s);
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
    return s->at >= s->text.n || (peek(s, 0) != '\0' && strchr("\r\n|;", peek(s, 0)) != NULL);
}

static enum auth_rc split_words(struct auth_view text, struct words *words, struct auth_err *err)
{
    struct scanner s = {.text = text, .words = words, .err = err};
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && !is_end(&s))
        rc = read_one(&s);
    if (rc == AUTH_OK)
        rc = end_word(&s);
    if (rc == AUTH_OK)
        rc = check_end(&s);
    return rc == AUTH_OK ? auth_buf_check(&words->bytes, err) : rc;
}

static struct auth_view word(const struct words *words, size_t i)
{
    size_t from = i ? words->ends[i - 1] : 0;
    return auth_view_bytes(words->bytes.p ? words->bytes.p + from : "", words->ends[i] - from);
}

/* ---- curl's part: options ---- */

struct command {
    const struct words *words;
    size_t next; /* word */
    struct conf_request *request;
    struct auth_err *err;
    bool has_url, has_data, is_get, is_head, has_form, has_type;
};

enum action {
    IGNORE, /* no value, and no effect on what is sent as far as the rules look */
    IGNORE_VALUE,
    TAKE_METHOD,
    TAKE_HEADER,
    TAKE_DATA,
    TAKE_DATA_RAW, /* as data, but a leading @ has no meaning */
    TAKE_URLENCODE,
    TAKE_JSON,
    TAKE_USER,
    TAKE_BEARER,
    TAKE_FORM,
    TAKE_URL,
    SET_GET,
    SET_HEAD
};

struct option {
    char letter;
    const char *name;
    enum action action;
};

// clang-format off
static const struct option options[] = {
    {'X', "request", TAKE_METHOD},      {'H', "header", TAKE_HEADER},       {'d', "data", TAKE_DATA},
    {0, "data-ascii", TAKE_DATA},       {0, "data-binary", TAKE_DATA},      {0, "data-raw", TAKE_DATA_RAW},
    {0, "data-urlencode", TAKE_URLENCODE}, {0, "json", TAKE_JSON},          {'u', "user", TAKE_USER},
    {0, "oauth2-bearer", TAKE_BEARER},  {'F', "form", TAKE_FORM},           {0, "form-string", TAKE_FORM},
    {0, "url", TAKE_URL},               {'G', "get", SET_GET},              {'I', "head", SET_HEAD},
    {'s', "silent", IGNORE},            {'S', "show-error", IGNORE},        {'v', "verbose", IGNORE},
    {'i', "include", IGNORE},           {'k', "insecure", IGNORE},          {'L', "location", IGNORE},
    {'f', "fail", IGNORE},              {0, "fail-with-body", IGNORE},      {0, "compressed", IGNORE},
    {'O', "remote-name", IGNORE},       {'N', "no-buffer", IGNORE},         {'g', "globoff", IGNORE},
    {'4', "ipv4", IGNORE},              {'6', "ipv6", IGNORE},              {'0', "http1.0", IGNORE},
    {0, "http1.1", IGNORE},             {0, "http2", IGNORE},               {0, "tlsv1.2", IGNORE},
    {0, "tlsv1.3", IGNORE},             {'#', "progress-bar", IGNORE},      {'q', "disable", IGNORE},
    {'o', "output", IGNORE_VALUE},      {'A', "user-agent", IGNORE_VALUE},  {'e', "referer", IGNORE_VALUE},
    {'b', "cookie", IGNORE_VALUE},      {'c', "cookie-jar", IGNORE_VALUE},  {'D', "dump-header", IGNORE_VALUE},
    {'m', "max-time", IGNORE_VALUE},    {0, "connect-timeout", IGNORE_VALUE}, {0, "retry", IGNORE_VALUE},
    {0, "cacert", IGNORE_VALUE},        {'E', "cert", IGNORE_VALUE},        {0, "key", IGNORE_VALUE},
    {'x', "proxy", IGNORE_VALUE},       {'w', "write-out", IGNORE_VALUE},   {0, "resolve", IGNORE_VALUE},
    {0, "trace", IGNORE_VALUE},         {0, "trace-ascii", IGNORE_VALUE},   {0, "stderr", IGNORE_VALUE},
};
// clang-format on

static const struct option *find_long(struct auth_view name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (auth_view_equals(name, options[i].name))
            return &options[i];
    }
    return NULL;
}

static const struct option *find_short(char letter)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (letter && options[i].letter == letter)
            return &options[i];
    }
    return NULL;
}

static void replace(struct auth_buf *buf, struct auth_view value)
{
    auth_buf_reset(buf);
    auth_buf_add_view(buf, value);
}

static enum auth_rc refuse_file(const struct command *c, const char *option)
{
    return auth_err_set(c->err, AUTH_E_SYNTAX,
                        "--%s names a file, which is not read here; write its content in its place", option);
}

static void add_separator(struct command *c)
{
    if (c->has_data)
        auth_buf_add_char(&c->request->body, '&');
    c->has_data = true;
}

static enum auth_rc take_urlencode(struct command *c, struct auth_view value)
{
    struct auth_view content = value;
    size_t equals = auth_view_find(value, '=');
    if (equals == value.n && auth_view_find(value, '@') < value.n)
        return refuse_file(c, "data-urlencode");
    add_separator(c);
    if (equals < value.n) {
        (void)auth_view_split(&content, '=');
        if (equals) {
            auth_buf_add(&c->request->body, value.p, equals);
            auth_buf_add_char(&c->request->body, '=');
        }
    }
    while (content.p) { /* curl writes a space as '+' */
        auth_form_escape(&c->request->body, auth_view_split(&content, ' '));
        if (content.p)
            auth_buf_add_char(&c->request->body, '+');
    }
    return AUTH_OK;
}

static enum auth_rc take_header(struct command *c, struct auth_view header)
{
    struct auth_view value = header;
    if (auth_view_starts(header, "@"))
        return refuse_file(c, "header");
    struct auth_view name = auth_view_trim(auth_view_split(&value, ':'));
    value = auth_view_trim(value);
    if (auth_view_equals_nocase(name, "content-type")) {
        c->has_type = true;
        replace(&c->request->content_type, value);
    } else if (auth_view_equals_nocase(name, "authorization")) {
        replace(&c->request->authorization, value);
    }
    return AUTH_OK;
}

static enum auth_rc take_url(struct command *c, struct auth_view url)
{
    if (c->has_url)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "two URLs; a value with spaces must stand in quotation marks");
    c->has_url = true;
    conf_request_set_url(c->request, url);
    return AUTH_OK;
}

static void set_type(struct command *c, const char *type)
{
    if (!c->has_type)
        replace(&c->request->content_type, auth_view_from_string(type));
}

static enum auth_rc take_value(struct command *c, const struct option *option, struct auth_view value)
{
    switch (option->action) {
    case TAKE_METHOD:
        replace(&c->request->method, value);
        return AUTH_OK;
    case TAKE_HEADER:
        return take_header(c, value);
    case TAKE_DATA:
    case TAKE_JSON:
        if (auth_view_starts(value, "@"))
            return refuse_file(c, option->name);
        if (option->action == TAKE_JSON)
            set_type(c, "application/json");
        if (option->action == TAKE_DATA)
            add_separator(c);
        c->has_data = true;
        auth_buf_add_view(&c->request->body, value);
        return AUTH_OK;
    case TAKE_DATA_RAW:
        add_separator(c);
        auth_buf_add_view(&c->request->body, value);
        return AUTH_OK;
    case TAKE_URLENCODE:
        return take_urlencode(c, value);
    case TAKE_USER:
        replace(&c->request->authorization, auth_view_from_string("Basic"));
        return AUTH_OK;
    case TAKE_BEARER:
        replace(&c->request->authorization, auth_view_from_string("Bearer"));
        return AUTH_OK;
    case TAKE_FORM:
        c->has_form = true;
        return AUTH_OK;
    case TAKE_URL:
        return take_url(c, value);
    default:
        return AUTH_OK;
    }
}

static bool wants_value(enum action action)
{
    return action != IGNORE && action != SET_GET && action != SET_HEAD;
}

static void set_flag(struct command *c, enum action action)
{
    c->is_get = c->is_get || action == SET_GET;
    c->is_head = c->is_head || action == SET_HEAD;
}

static enum auth_rc take_next(struct command *c, const struct option *option)
{
    if (c->next == c->words->count)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "--%s has no value", option->name);
    return take_value(c, option, word(c->words, c->next++));
}

static enum auth_rc read_long(struct command *c, struct auth_view name)
{
    const struct option *option = find_long(name);
    if (!option && auth_view_starts(name, "no-"))
        return AUTH_OK;
    if (!option)
        return auth_err_set(c->err, AUTH_E_SYNTAX,
                            "curl option --%.*s is not known here; leave it out if it changes nothing",
                            (int)(name.n < 40 ? name.n : 40), name.p);
    if (wants_value(option->action))
        return take_next(c, option);
    set_flag(c, option->action);
    return AUTH_OK;
}

/* "-sSX", "-XPOST", "-d" and its like: flags, then perhaps one option whose value is the rest or the next word. */
static enum auth_rc read_short(struct command *c, struct auth_view letters)
{
    for (size_t i = 0; i < letters.n; i++) {
        const struct option *option = find_short(letters.p[i]);
        if (!option)
            return auth_err_set(c->err, AUTH_E_SYNTAX, "curl option number %zu of \"-...\" is not known here", i + 1);
        if (!wants_value(option->action))
            set_flag(c, option->action);
        else if (i + 1 == letters.n)
            return take_next(c, option);
        else
            return take_value(c, option, auth_view_from(letters, i + 1));
    }
    return AUTH_OK;
}

/* What curl sends when nothing says otherwise. */
static enum auth_rc set_defaults(struct command *c)
{
    struct conf_request *request = c->request;
    if (!c->has_url)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "the command has no URL");
    if (c->has_form) {
        set_type(c, "multipart/form-data; boundary=-");
        auth_buf_reset(&request->body);
    } else if (c->has_data && !c->is_get && request->content_type.n == 0) {
        set_type(c, "application/x-www-form-urlencoded");
    }
    if (c->is_get) {
        if (request->query.n && request->body.n)
            auth_buf_add_char(&request->query, '&');
        auth_buf_add_view(&request->query, auth_buf_view(&request->body));
        auth_buf_reset(&request->body);
    }
    if (request->method.n == 0)
        auth_buf_add_string(&request->method, c->is_head                                   ? "HEAD"
                                              : (c->has_data && !c->is_get) || c->has_form ? "POST"
                                                                                           : "GET");
    return AUTH_OK;
}

static enum auth_rc read_command(const struct words *words, size_t first, struct conf_request *request,
                                 struct auth_err *err)
{
    struct command c = {.words = words, .next = first, .request = request, .err = err};
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && c.next < words->count) {
        struct auth_view text = word(words, c.next++);
        if (auth_view_starts(text, "--") && text.n > 2)
            rc = read_long(&c, auth_view_from(text, 2));
        else if (auth_view_starts(text, "-") && text.n > 1)
            rc = read_short(&c, auth_view_from(text, 1));
        else
            rc = take_url(&c, text);
    }
    return rc == AUTH_OK ? set_defaults(&c) : rc;
}

/* ---- both ---- */

/* The command's text from "curl" on: a prompt may stand before it. */
static struct auth_view without_prompt(struct auth_view text)
{
    while (text.n && strchr("$%# \t", text.p[0])) {
        text.p++;
        text.n--;
    }
    return text;
}

bool conf_curl_is_command(struct auth_view text)
{
    struct auth_view rest = without_prompt(text);
    return auth_view_starts(rest, "curl") && rest.n > 4 && strchr(" \t\\", rest.p[4]) != NULL;
}

enum auth_rc conf_curl_read(struct auth_view text, struct conf_request *request, struct auth_err *err)
{
    struct words words = {.count = 0};
    auth_buf_init_secret(&words.bytes, CONF_REQUEST_MAX_N);
    enum auth_rc rc = split_words(without_prompt(text), &words, err);
    if (rc == AUTH_OK)
        rc = read_command(&words, 1, request, err);
    auth_buf_clear(&words.bytes);
    return rc;
}
