/* wget's options, as far as a token request needs them. */
#include "conformance/linter/wget_command.h"

#include <string.h>

#include "conformance/linter/command_line.h"
#include "conformance/linter/http_text.h"
#include "conformance/linter/shell_words.h"

enum action { TAKE_DATA, TAKE_METHOD, TAKE_HEADER, TAKE_USER, REFUSE_FILE, IGNORE_VALUE };

/* Options with a value; any other has none and changes nothing here. */
static const struct {
    const char *name; /* short ones with their dash */
    enum action action;
} options[] = {
    {"--post-data", TAKE_DATA},
    {"--body-data", TAKE_DATA},
    {"--post-file", REFUSE_FILE},
    {"--body-file", REFUSE_FILE},
    {"--method", TAKE_METHOD},
    {"--header", TAKE_HEADER},
    {"--user", TAKE_USER},
    {"--http-user", TAKE_USER},
    {"--password", IGNORE_VALUE},
    {"--http-password", IGNORE_VALUE},
    {"--output-document", IGNORE_VALUE},
    {"--output-file", IGNORE_VALUE},
    {"--timeout", IGNORE_VALUE},
    {"--tries", IGNORE_VALUE},
    {"--user-agent", IGNORE_VALUE},
    {"--ca-certificate", IGNORE_VALUE},
    {"--certificate", IGNORE_VALUE},
    {"--private-key", IGNORE_VALUE},
    {"-O", IGNORE_VALUE},
    {"-o", IGNORE_VALUE},
    {"-T", IGNORE_VALUE},
    {"-t", IGNORE_VALUE},
    {"-U", IGNORE_VALUE},
};
enum { OPTIONS = sizeof options / sizeof *options };

static enum auth_rc take(struct conf_capture *capture, size_t option, struct auth_view value, struct auth_err *err)
{
    struct auth_view name;
    switch (options[option].action) {
    case TAKE_DATA:
        auth_buf_reset(&capture->body);
        auth_buf_add_view(&capture->body, value);
        if (capture->method.n == 0)
            auth_buf_add_string(&capture->method, "POST");
        return AUTH_OK;
    case TAKE_METHOD:
        auth_buf_reset(&capture->method);
        auth_buf_add_view(&capture->method, value);
        return AUTH_OK;
    case TAKE_HEADER:
        name = auth_view_trim(auth_view_split(&value, ':'));
        conf_capture_set_header(capture, name, auth_view_trim(value));
        return AUTH_OK;
    case TAKE_USER:
        conf_capture_set_header(capture, auth_view_from_string("authorization"), auth_view_from_string("Basic"));
        return AUTH_OK;
    case REFUSE_FILE:
        return auth_err_set(err, AUTH_E_SYNTAX,
                            "%s names a file, which is not read here; write its content in its place",
                            options[option].name);
    default:
        return AUTH_OK;
    }
}

/* Which option the word is; *value is what stands in it: behind '=', or behind the letter. */
static size_t find_option(struct auth_view word, struct auth_view *value)
{
    struct auth_view rest = word;
    bool is_long = auth_view_starts(word, "--");
    struct auth_view name = is_long ? auth_view_split(&rest, '=') : auth_view_bytes(word.p, word.n < 2 ? word.n : 2);
    size_t i = 0;
    while (i < OPTIONS && !auth_view_equals(name, options[i].name))
        i++;
    if (!is_long)
        rest = auth_view_from(word, name.n);
    *value = is_long || rest.n ? rest : auth_view_bytes(NULL, 0);
    return i;
}

static enum auth_rc read_words(const struct conf_words *words, struct conf_capture *capture, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 1; i < words->count && rc == AUTH_OK; i++) {
        struct auth_view value, word = conf_words_get(words, i);
        size_t option = find_option(word, &value);
        if (!auth_view_starts(word, "-")) {
            if (capture->url.n)
                return auth_err_set(err, AUTH_E_SYNTAX, "two URLs; a value with spaces must stand in quotation marks");
            conf_capture_set_url(capture, word);
        } else if (option < OPTIONS && value.p) {
            rc = take(capture, option, value, err);
        } else if (option < OPTIONS) {
            if (++i == words->count)
                return auth_err_set(err, AUTH_E_SYNTAX, "%s has no value", options[option].name);
            rc = take(capture, option, conf_words_get(words, i), err);
        }
    }
    return rc;
}

/* What wget sends when nothing says otherwise. */
static enum auth_rc set_defaults(struct conf_capture *capture, struct auth_err *err)
{
    if (capture->url.n == 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "the command has no URL");
    if (capture->method.n == 0)
        auth_buf_add_string(&capture->method, "GET");
    if (capture->body.n && capture->content_type.n == 0)
        auth_buf_add_string(&capture->content_type, "application/x-www-form-urlencoded");
    return AUTH_OK;
}

bool conf_wget_is_command(struct auth_view text)
{
    struct auth_view from;
    bool is_in;
    return conf_command_find(text, "wget", &from, &is_in);
}

enum auth_rc conf_wget_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct conf_words words;
    struct auth_view from = text;
    bool is_in = false;
    if (!conf_command_find(text, "wget", &from, &is_in))
        return auth_err_set(err, AUTH_E_SYNTAX, "no wget command");
    enum auth_rc rc = conf_words_split(from, conf_shell_of(from), is_in, &words, err);
    if (rc == AUTH_OK)
        rc = read_words(&words, capture, err);
    if (rc == AUTH_OK)
        rc = set_defaults(capture, err);
    if (rc == AUTH_OK)
        conf_http_read_answer(words.rest, capture);
    conf_words_clear(&words);
    return rc;
}
