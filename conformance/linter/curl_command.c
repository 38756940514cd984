/* A curl command line, read as curl would, as far as a token request needs it. */
#include "conformance/linter/curl_command.h"

#include <string.h>

#include "conformance/linter/command_line.h"
#include "conformance/linter/http_text.h"
#include "conformance/linter/shell_words.h"

struct command {
    const struct conf_words *words;
    size_t next; /* word */
    struct conf_capture *capture;
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
        auth_buf_add_char(&c->capture->body, '&');
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
            auth_buf_add(&c->capture->body, value.p, equals);
            auth_buf_add_char(&c->capture->body, '=');
        }
    }
    while (content.p) { /* curl writes a space as '+' */
        auth_form_escape(&c->capture->body, auth_view_split(&content, ' '));
        if (content.p)
            auth_buf_add_char(&c->capture->body, '+');
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
    c->has_type = c->has_type || auth_view_equals_nocase(name, "content-type");
    conf_capture_set_header(c->capture, name, value);
    return AUTH_OK;
}

static enum auth_rc take_url(struct command *c, struct auth_view url)
{
    if (c->has_url)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "two URLs; a value with spaces must stand in quotation marks");
    c->has_url = true;
    conf_capture_set_url(c->capture, url);
    return AUTH_OK;
}

static void set_type(struct command *c, const char *type)
{
    if (!c->has_type)
        replace(&c->capture->content_type, auth_view_from_string(type));
}

static enum auth_rc take_value(struct command *c, const struct option *option, struct auth_view value)
{
    switch (option->action) {
    case TAKE_METHOD:
        replace(&c->capture->method, value);
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
        auth_buf_add_view(&c->capture->body, value);
        return AUTH_OK;
    case TAKE_DATA_RAW:
        add_separator(c);
        auth_buf_add_view(&c->capture->body, value);
        return AUTH_OK;
    case TAKE_URLENCODE:
        return take_urlencode(c, value);
    case TAKE_USER:
        replace(&c->capture->authorization, auth_view_from_string("Basic"));
        return AUTH_OK;
    case TAKE_BEARER:
        replace(&c->capture->authorization, auth_view_from_string("Bearer "));
        auth_buf_add_view(&c->capture->authorization, value);
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
    return take_value(c, option, conf_words_get(c->words, c->next++));
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
    struct conf_capture *capture = c->capture;
    if (!c->has_url)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "the command has no URL");
    if (c->has_form) {
        set_type(c, "multipart/form-data; boundary=-");
        auth_buf_reset(&capture->body);
    } else if (c->has_data && !c->is_get && capture->content_type.n == 0) {
        set_type(c, "application/x-www-form-urlencoded");
    }
    if (c->is_get)
        conf_capture_body_to_query(capture);
    if (capture->method.n == 0)
        auth_buf_add_string(&capture->method, c->is_head                                   ? "HEAD"
                                              : (c->has_data && !c->is_get) || c->has_form ? "POST"
                                                                                           : "GET");
    return AUTH_OK;
}

static enum auth_rc read_command(const struct conf_words *words, size_t first, struct conf_capture *capture,
                                 struct auth_err *err)
{
    struct command c = {.words = words, .next = first, .capture = capture, .err = err};
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && c.next < words->count) {
        struct auth_view text = conf_words_get(words, c.next++);
        if (auth_view_starts(text, "--") && text.n > 2)
            rc = read_long(&c, auth_view_from(text, 2));
        else if (auth_view_starts(text, "-") && text.n > 1)
            rc = read_short(&c, auth_view_from(text, 1));
        else
            rc = take_url(&c, text);
    }
    return rc == AUTH_OK ? set_defaults(&c) : rc;
}

/* ---- the command ---- */

bool conf_curl_is_command(struct auth_view text)
{
    struct auth_view from;
    bool is_in;
    return conf_command_find(text, "curl", &from, &is_in);
}

enum auth_rc conf_curl_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct conf_words words;
    struct auth_view from = text;
    bool is_in = false;
    if (!conf_command_find(text, "curl", &from, &is_in))
        return auth_err_set(err, AUTH_E_SYNTAX, "no curl command");
    enum auth_rc rc = conf_words_split(from, conf_shell_of(from), is_in, &words, err);
    if (rc == AUTH_OK)
        rc = read_command(&words, 1, capture, err);
    if (rc == AUTH_OK)
        conf_http_read_answer(words.rest, capture);
    conf_words_clear(&words);
    return rc;
}
