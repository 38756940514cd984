/* HTTPie: options, a method perhaps, a URL, and items of which the separator says what they are. */
#include "conformance/linter/httpie_command.h"

#include <string.h>

#include "conformance/linter/command_line.h"
#include "conformance/linter/http_text.h"
#include "conformance/linter/shell_words.h"

static const char *const names[] = {"http", "https", "xh"};
enum { NAMES = sizeof names / sizeof *names };

struct command {
    struct conf_capture *capture;
    struct auth_err *err;
    const char *scheme; /* of a URL that has none */
    bool is_form, is_multipart, has_raw, has_fields;
};

/* ---- where it begins ---- */

/* What follows looks like the command's arguments; "http" stands in many a text. */
static bool has_arguments(struct auth_view from)
{
    struct auth_view line = auth_view_bytes(from.p, auth_view_find(from, '\n'));
    (void)auth_view_split(&line, ' ');
    line = auth_view_trim(line);
    struct auth_view first = auth_view_split(&line, ' ');
    return auth_view_starts(first, "-") || auth_view_equals(first, "POST") || auth_view_equals(first, "GET") ||
           auth_view_contains(first, "/") || auth_view_starts(first, ":");
}

static const char *find_command(struct auth_view text, struct auth_view *from, bool *is_in)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (conf_command_find(text, names[i], from, is_in) && has_arguments(*from))
            return names[i];
    }
    return NULL;
}

/* ---- options ---- */

static enum auth_rc take_option(struct command *c, struct auth_view word, const struct conf_words *words, size_t *i)
{
    static const char *const with_value[] = {"--raw",   "--auth", "--auth-type", "--verify",  "--timeout", "--output",
                                             "--proxy", "--cert", "--cert-key",  "--session", "--print",   "--pretty",
                                             "--style", "-a",     "-A",          "-o",        "-p",        "-s"};
    struct auth_view value = word;
    struct auth_view name = auth_view_split(&value, '=');
    size_t at = 0;
    c->is_form = c->is_form || auth_view_equals(name, "--form") || auth_view_equals(name, "-f");
    c->is_multipart = c->is_multipart || auth_view_equals(name, "--multipart");
    while (at < sizeof with_value / sizeof *with_value && !auth_view_equals(name, with_value[at]))
        at++;
    if (at == sizeof with_value / sizeof *with_value)
        return AUTH_OK;
    if (!value.p && *i + 1 == words->count)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "%s has no value", with_value[at]);
    if (!value.p)
        value = conf_words_get(words, ++*i);
    if (auth_view_equals(name, "--raw")) {
        c->has_raw = true;
        auth_buf_add_view(&c->capture->body, value);
    } else if (auth_view_equals(name, "-a") || auth_view_equals(name, "--auth")) {
        conf_capture_set_header(c->capture, auth_view_from_string("authorization"), auth_view_from_string("Basic"));
    }
    return AUTH_OK;
}

/* ---- the URL and the items ---- */

static bool is_method(struct auth_view word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < 'A' || word.p[i] > 'Z')
            return false;
    }
    return word.n > 0;
}

static void set_url(struct command *c, struct auth_view word)
{
    struct auth_buf url;
    auth_buf_init_secret(&url, 2 * CONF_CAPTURE_MAX_N);
    if (!auth_view_starts(word, "http://") && !auth_view_starts(word, "https://"))
        auth_buf_add_string(&url, c->scheme);
    if (auth_view_starts(word, "://"))
        word = auth_view_from(word, 3);
    if (auth_view_starts(word, ":")) { /* :8423/path, and :/path */
        auth_buf_add_string(&url, "localhost");
        word = auth_view_starts(word, ":/") ? auth_view_from(word, 1) : word;
    }
    auth_buf_add_view(&url, word);
    conf_capture_set_url(c->capture, auth_buf_view(&url));
    auth_buf_clear(&url);
}

/* The first separator of an item counts, and of those that begin there the longest. */
static enum auth_rc take_item(struct command *c, struct auth_view item)
{
    static const char *const separators[] = {"==", "=@", ":=@", ":=", "=", "@", ":"};
    for (size_t at = 0; at < item.n; at++) {
        size_t s = 0;
        struct auth_view rest = auth_view_from(item, at), name = auth_view_bytes(item.p, at);
        while (s < sizeof separators / sizeof *separators && !auth_view_starts(rest, separators[s]))
            s++;
        if (s == sizeof separators / sizeof *separators)
            continue;
        struct auth_view value = auth_view_from(rest, strlen(separators[s]));
        if (auth_view_contains(auth_view_from_string(separators[s]), "@"))
            return auth_err_set(c->err, AUTH_E_SYNTAX,
                                "an item names a file, which is not read here; write its content in its place");
        if (separators[s][0] == ':' && separators[s][1] == '\0') {
            conf_capture_set_header(c->capture, name, value);
            return AUTH_OK;
        }
        if (separators[s][1] == '=' && separators[s][0] == '=') {
            auth_form_write(&c->capture->query, name, value);
            return AUTH_OK;
        }
        c->has_fields = true;
        conf_capture_add_field(c->capture, name, value);
        return AUTH_OK;
    }
    return auth_err_set(c->err, AUTH_E_SYNTAX,
                        "an item without a separator: NAME=VALUE for a field, NAME:VALUE for a header");
}

static enum auth_rc read_words(struct command *c, const struct conf_words *words)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 1; i < words->count && rc == AUTH_OK; i++) {
        struct auth_view word = conf_words_get(words, i);
        if (auth_view_starts(word, "-") && word.n > 1)
            rc = take_option(c, word, words, &i);
        else if (c->capture->url.n)
            rc = take_item(c, word);
        else if (c->capture->method.n == 0 && is_method(word))
            auth_buf_add_view(&c->capture->method, word);
        else
            set_url(c, word);
    }
    return rc;
}

/* What HTTPie sends when nothing says otherwise: fields as JSON. */
static enum auth_rc set_defaults(struct command *c)
{
    const char *type = c->is_multipart ? "multipart/form-data; boundary=-"
                       : c->is_form    ? "application/x-www-form-urlencoded"
                                       : "application/json";
    bool has_body = c->has_fields || c->has_raw;
    if (c->capture->url.n == 0)
        return auth_err_set(c->err, AUTH_E_SYNTAX, "the command has no URL");
    if (c->capture->method.n == 0)
        auth_buf_add_string(&c->capture->method, has_body ? "POST" : "GET");
    if (has_body && c->capture->content_type.n == 0)
        auth_buf_add_string(&c->capture->content_type, type);
    return AUTH_OK;
}

bool conf_httpie_is_command(struct auth_view text)
{
    struct auth_view from;
    bool is_in;
    return find_command(text, &from, &is_in) != NULL;
}

enum auth_rc conf_httpie_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct conf_words words;
    struct auth_view from = text;
    bool is_in = false;
    const char *name = find_command(text, &from, &is_in);
    if (!name)
        return auth_err_set(err, AUTH_E_SYNTAX, "no HTTPie command");
    struct command c = {.capture = capture, .err = err, .scheme = strcmp(name, "https") == 0 ? "https://" : "http://"};
    enum auth_rc rc = conf_words_split(from, conf_shell_of(from), is_in, &words, err);
    if (rc == AUTH_OK)
        rc = read_words(&c, &words);
    if (rc == AUTH_OK)
        rc = set_defaults(&c);
    if (rc == AUTH_OK)
        conf_http_read_answer(words.rest, capture);
    conf_words_clear(&words);
    return rc;
}
