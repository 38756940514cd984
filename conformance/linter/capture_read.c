/* Finds the token request in what was captured, and picks its reader. */
#include "conformance/linter/capture_read.h"

#include <string.h>

#include "auth/core/encoding.h"
#include "conformance/linter/code_request.h"
#include "conformance/linter/curl_command.h"
#include "conformance/linter/har.h"
#include "conformance/linter/http_text.h"
#include "conformance/linter/http_variables.h"
#include "conformance/linter/httpie_command.h"
#include "conformance/linter/loose_text.h"
#include "conformance/linter/powershell_command.h"
#include "conformance/linter/shell_variables.h"
#include "conformance/linter/wget_command.h"

typedef bool begins(struct auth_view text);
typedef enum auth_rc read_one(struct auth_view text, struct conf_capture *capture, struct auth_err *err);
/* In code a request is scattered: variables stand above it. */
typedef enum auth_rc read_in(struct auth_view all, struct auth_view text, struct conf_capture *capture,
                             struct auth_err *err);

/* What a request may begin with, at the beginning of a line, or, of code, in it. */
static const struct {
    begins *is;
    read_one *read;   /* either this */
    read_in *read_in; /* or this */
} readers[] = {
    {conf_powershell_is_command, NULL, conf_powershell_read}, /* before those whose names it borrows */
    {conf_curl_is_command, conf_curl_read, NULL},
    {conf_wget_is_command, conf_wget_read, NULL},
    {conf_httpie_is_command, conf_httpie_read, NULL},
    {conf_http_is_request, conf_http_read, NULL},
    {conf_code_is_request, NULL, conf_code_read},
};
enum { READERS = sizeof readers / sizeof *readers };

/* ---- a request among other text ---- */

struct found {
    struct auth_view text; /* from the request on, to the next one */
    size_t reader;
};

/* A comment may speak of curl without being a command; a prompt of root looks like one. */
static bool is_comment(struct auth_view text)
{
    struct auth_view line = auth_view_bytes(text.p, auth_view_find(text, '\n'));
    bool is_one = auth_view_starts(line, "#") || auth_view_starts(line, "//") || auth_view_starts(line, "REM ") ||
                  auth_view_starts(line, "rem ") || auth_view_starts(line, "::");
    return is_one && !(auth_view_starts(line, "# curl") && auth_view_contains(line, "://"));
}

static size_t reader_of(struct auth_view text)
{
    size_t i = 0;
    while (!is_comment(text) && i < READERS) {
        if (readers[i].is(text))
            return i;
        i++;
    }
    return READERS;
}

/* The next request at or after the beginning of a line of *rest; *rest is what follows its first line. */
static bool find_next(struct auth_view *rest, struct found *found)
{
    while (rest->n) {
        struct auth_view at = *rest;
        (void)auth_view_split(rest, '\n');
        found->reader = reader_of(at);
        found->text = at;
        if (found->reader < READERS)
            return true;
    }
    return false;
}

/* Of several requests in one file: the first with an assertion, else the first to a token endpoint, else the first. */
static int rank(struct auth_view text)
{
    if (auth_view_contains(text, "client_assertion"))
        return 3;
    return auth_view_contains(text, "/token") ? 2 : 1;
}

static size_t find_best(struct auth_view text, struct found *best)
{
    struct auth_view rest = text;
    struct found next;
    size_t count = 0;
    int best_rank = 0;
    bool is_one = find_next(&rest, &next);
    while (is_one) {
        struct found now = next;
        is_one = find_next(&rest, &next);
        if (is_one)
            now.text.n = (size_t)(next.text.p - now.text.p);
        count++;
        if (rank(now.text) > best_rank) {
            best_rank = rank(now.text);
            *best = now;
        }
    }
    return count;
}

/* A fence that was opened above the request ends it. */
static struct auth_view without_fence(struct auth_view text)
{
    size_t at = auth_view_find_text(text, "\n```");
    return at < text.n ? auth_view_bytes(text.p, at) : text;
}

/* ---- the body alone ---- */

static bool is_form(struct auth_view text)
{
    struct auth_view trimmed = auth_view_trim(text);
    size_t i = 0;
    while (i < trimmed.n && (strchr("_-", trimmed.p[i]) || (trimmed.p[i] >= 'a' && trimmed.p[i] <= 'z')))
        i++;
    return i && i < trimmed.n && trimmed.p[i] == '=' && auth_view_find(trimmed, ' ') == trimmed.n &&
           (auth_view_contains(trimmed, "client_assertion") || auth_view_contains(trimmed, "grant_type"));
}

static void read_form(struct auth_view text, struct conf_capture *capture)
{
    auth_buf_add_string(&capture->method, "POST");
    auth_buf_add_string(&capture->content_type, "application/x-www-form-urlencoded");
    for (struct auth_view rest = text; rest.n;) /* one parameter a line is how people write it down */
        conf_capture_add_line(capture, auth_view_trim(auth_view_split(&rest, '\n')));
    conf_capture_note(capture, "the body alone: that it was posted, and as a form, is taken for granted");
}

/* ---- what is not read ---- */

static const struct {
    const char *sign, *what;
    bool is_prefix; /* of the file; else anywhere in it */
} others[] = {
    {"eyJ", "a JWT alone; leave --request out", true},
    {"https://", "a URL alone; give the request that was sent to it", true},
    {"HTTP/1.", "an answer alone, without the request that it belongs to", true},
    {"HTTP/2", "an answer alone, without the request that it belongs to", true},
    {"{\"error\"", "the answer of a token endpoint, without the request that it belongs to", true},
    {"\"POST /", "a line of a server's log, which lacks the body", false},
    {"write(3, \"POST ", "what strace shows, cut off; take the request from a proxy or as curl command", false},
    {"send HEADERS frame", "frames of HTTP/2 without the body; give the request as curl command, or HAR", false},
    {"collection.insomnia.rest", "a collection of Insomnia; take the request by 'Copy as Curl'", false},
    {"__export_format", "an export of Insomnia; take the request by 'Copy as Curl'", false},
    {"PK\003\004", "a ZIP archive, such as Fiddler's .saz; export the session as text or as HAR", true},
    {"\037\213", "a gzip file; unpack it", true},
    {"\n\r\r\n", "a packet capture; TLS hides what is in it: export from the proxy or the browser instead", true},
    {"\324\303\262\241", "a packet capture; TLS hides what is in it: export from the proxy or the browser instead",
     true},
    {"burpVersion=", "Burp's XML; copy the request itself, or 'Copy as curl command'", false},
    {"getpostman.com", "a Postman collection; take the request's code snippet, cURL", false},
    {"\n> POST ", "what curl -v shows, which lacks the body; give the command itself", false},
    {"> POST ", "what curl -v shows, which lacks the body; give the command itself", true},
    {"axios", "JavaScript; take 'Copy as cURL' or a HAR file from the browser", false},
    {"XMLHttpRequest", "JavaScript; take 'Copy as cURL' or a HAR file from the browser", false},
    {"urllib", "Python; write the request as a curl command, or take it from a proxy as HAR", false},
    {"import requests", "Python; write the request as a curl command, or take it from a proxy as HAR", false},
    {"HttpClient", "code of Java or .NET; write the request as a curl command, or take it from a proxy as HAR", false},
    {"http.PostForm", "Go; write the request as a curl command, or take it from a proxy as HAR", false},
    {"http.NewRequest", "Go; write the request as a curl command, or take it from a proxy as HAR", false},
};

static enum auth_rc refuse(struct auth_view text, struct auth_err *err)
{
    struct auth_view trimmed = auth_view_trim(text);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bool is_one = others[i].is_prefix
                          ? auth_view_starts(text, others[i].sign) || auth_view_starts(trimmed, others[i].sign)
                          : auth_view_contains(text, others[i].sign);
        if (is_one)
            return auth_err_set(err, AUTH_E_SYNTAX, "%s", others[i].what);
    }
    return auth_err_set(
        err, AUTH_E_SYNTAX, "%s",
        trimmed.n ? "no token request: neither a curl command nor an HTTP request nor a HAR file, and no text "
                    "with a client_assertion in it; raw HTTP begins with POST /path HTTP/1.1"
                  : "an empty file: neither a curl command nor an HTTP request nor a HAR file");
}

/* ---- all ---- */

static enum auth_rc read_plain(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct found found;
    if (text.n > CONF_CAPTURE_MAX_N)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes are no token request", CONF_CAPTURE_MAX_N);
    size_t count = find_best(text, &found);
    if (count) {
        if (count > 1)
            conf_capture_note(capture, "%zu requests are in this file; the token request is judged", count);
        struct auth_view own = without_fence(found.text);
        return readers[found.reader].read ? readers[found.reader].read(own, capture, err)
                                          : readers[found.reader].read_in(text, own, capture, err);
    }
    if (is_form(text))
        read_form(text, capture);
    else if (conf_loose_is_request(text))
        conf_loose_read(text, capture);
    else
        return refuse(text, err);
    return AUTH_OK;
}

/* {{name}} of .http files and $NAME of shells, where the text itself sets them; buf holds the text then. */
static struct auth_view expanded(struct auth_view text, struct auth_buf buf[2])
{
    for (int i = 0; i < 2 && text.n <= CONF_CAPTURE_MAX_N; i++) {
        auth_buf_init_secret(&buf[i], CONF_CAPTURE_MAX_N);
        if (!auth_view_contains(text, i == 0 ? "{{" : "$"))
            continue;
        if (i == 0)
            conf_http_expand(text, &buf[i]);
        else
            conf_shell_expand(text, &buf[i]);
        text = auth_buf_view(&buf[i]);
    }
    return text;
}

static enum auth_rc read_text(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct auth_buf buf[2];
    if (conf_har_is_one(text))
        return conf_har_read(text, capture, err);
    memset(buf, 0, sizeof buf);
    text = expanded(text, buf);
    enum auth_rc rc = AUTH_OK;
    for (int i = 0; i < 2 && rc == AUTH_OK; i++)
        rc = auth_buf_check(&buf[i], err);
    if (rc == AUTH_OK)
        rc = read_plain(text, capture, err);
    for (int i = 0; i < 2; i++)
        auth_buf_clear(&buf[i]);
    return rc;
}

bool conf_capture_is_one(struct auth_view text)
{
    struct found found;
    struct auth_view plain = auth_encoding_of(text) == AUTH_ENCODING_MARKED ? auth_view_from(text, 3) : text;
    return conf_har_is_one(plain) || (plain.n <= CONF_CAPTURE_MAX_N && find_best(plain, &found) > 0);
}

enum auth_rc conf_capture_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct auth_buf decoded;
    enum auth_encoding encoding = auth_encoding_of(text);
    conf_capture_init(capture);
    if (text.n > CONF_CAPTURE_FILE_MAX_N)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes", CONF_CAPTURE_FILE_MAX_N);
    auth_buf_init_secret(&decoded, 2 * CONF_CAPTURE_FILE_MAX_N);
    text = auth_encoding_plain(text, &decoded);
    if (encoding >= AUTH_ENCODING_UTF16)
        conf_capture_note(capture, "the file is in %s", auth_encoding_text(encoding));
    enum auth_rc rc = auth_buf_check(&decoded, err);
    if (rc == AUTH_OK)
        rc = read_text(text, capture, err);
    auth_buf_clear(&decoded);
    return rc == AUTH_OK ? conf_capture_check(capture, err) : rc;
}
