/* A request as it stands on the wire: a request line, headers, an empty line, a body. Perhaps the answer after it. */
#include "conformance/linter/http_text.h"

#include <string.h>

#include "auth/core/url.h"
#include "conformance/linter/http_variables.h"

enum { METHOD_MAX_N = 20, STATUS_MIN = 100, STATUS_MAX = 599 };

static struct auth_view next_line(struct auth_view *rest)
{
    return auth_view_without_line_end(auth_view_split(rest, '\n'));
}

/* ---- the request line ---- */

struct request_line {
    struct auth_view method, target;
    bool is_loose; /* no version: it was written for an editor */
};

static bool is_absolute(struct auth_view target)
{
    return auth_view_starts(target, "http://") || auth_view_starts(target, "https://");
}

static bool is_method(struct auth_view text, bool may_be_small)
{
    for (size_t i = 0; i < text.n; i++) {
        bool is_letter =
            (text.p[i] >= 'A' && text.p[i] <= 'Z') || (may_be_small && text.p[i] >= 'a' && text.p[i] <= 'z');
        if (!is_letter)
            return false;
    }
    return text.n > 0 && text.n <= METHOD_MAX_N;
}

static bool read_request_line(struct auth_view line, struct request_line *out)
{
    struct auth_view rest = line;
    out->method = auth_view_split(&rest, ' ');
    out->target = auth_view_split(&rest, ' ');
    out->is_loose = auth_view_trim(rest).n == 0;
    if (out->target.n == 0)
        return false;
    return out->is_loose
               ? is_method(out->method, false) && (is_absolute(out->target) || auth_view_starts(out->target, "{{"))
               : is_method(out->method, true) && auth_view_starts(rest, "HTTP/");
}

bool conf_http_is_request(struct auth_view text)
{
    struct request_line line;
    return read_request_line(next_line(&text), &line);
}

/* ---- headers ---- */

/* Headers of which one is kept; two of a kind are no request that a server takes. */
struct headers {
    struct auth_view host, content_type, authorization, content_length, transfer_encoding;
};

static enum auth_rc keep_header(struct headers *headers, struct auth_view line, struct auth_err *err)
{
    const struct {
        const char *name;
        struct auth_view *value;
    } rows[] = {
        {"host", &headers->host},
        {"content-type", &headers->content_type},
        {"authorization", &headers->authorization},
        {"content-length", &headers->content_length},
        {"transfer-encoding", &headers->transfer_encoding},
    };
    struct auth_view value = line;
    struct auth_view name = auth_view_split(&value, ':');
    if (!value.p || name.n == 0)
        return auth_err_set(err, AUTH_E_SYNTAX,
                            "a header line without a colon; an empty line must come before the body");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!auth_view_equals_nocase(name, rows[i].name))
            continue;
        if (rows[i].value->p)
            return auth_err_set(err, AUTH_E_SYNTAX, "two %s headers", rows[i].name);
        *rows[i].value = auth_view_trim(value);
    }
    return AUTH_OK;
}

/* ---- the URL ---- */

/* A capture names a path and a host; that TLS was spoken is taken for granted except on this machine. */
static enum auth_rc add_origin(struct auth_buf *url, struct auth_view host, struct auth_err *err)
{
    struct auth_url parts;
    auth_buf_add_string(url, "http://");
    auth_buf_add_view(url, host);
    enum auth_rc rc = auth_url_parse(auth_buf_view(url), &parts, err);
    if (rc == AUTH_OK && !auth_url_is_loopback(&parts)) {
        auth_buf_reset(url);
        auth_buf_add_string(url, "https://");
        auth_buf_add_view(url, host);
    }
    return rc;
}

static enum auth_rc set_target(struct conf_capture *capture, struct auth_view host, struct auth_view target,
                               struct auth_err *err)
{
    struct auth_buf url;
    if (is_absolute(target)) {
        conf_capture_set_url(capture, target);
        return AUTH_OK;
    }
    if (host.n == 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "no Host header");
    auth_buf_init_secret(&url, CONF_CAPTURE_MAX_N * 2);
    enum auth_rc rc = add_origin(&url, host, err);
    auth_buf_add_view(&url, target);
    conf_capture_set_url(capture, auth_buf_view(&url));
    if (rc == AUTH_OK)
        rc = auth_buf_check(&url, err);
    auth_buf_clear(&url);
    return rc;
}

/* ---- the answer ---- */

static bool is_status_line(struct auth_view line, int *status)
{
    int64_t number;
    struct auth_view rest = line;
    if (auth_view_starts(rest, "< ")) /* as curl -v shows it */
        rest = auth_view_from(rest, 2);
    if (!auth_view_starts(rest, "HTTP/"))
        return false;
    (void)auth_view_split(&rest, ' ');
    if (!auth_view_int(auth_view_split(&rest, ' '), &number) || number < STATUS_MIN || number > STATUS_MAX)
        return false;
    *status = (int)number;
    return true;
}

/* Where the answer begins, or text.n: at a line, or, where tools show both streams, right behind the body. */
static size_t find_answer(struct auth_view text)
{
    int status;
    struct auth_view rest = text;
    while (rest.n) {
        size_t at = (size_t)(rest.p - text.p);
        struct auth_view line = next_line(&rest);
        size_t inside = auth_view_find_text(line, "HTTP/1.");
        if (is_status_line(line, &status))
            return at;
        if (is_status_line(auth_view_from(line, inside), &status))
            return at + inside;
    }
    return text.n;
}

void conf_http_read_answer(struct auth_view text, struct conf_capture *capture)
{
    struct auth_view rest = auth_view_from(text, find_answer(text));
    if (rest.n)
        (void)is_status_line(next_line(&rest), &capture->status);
    else
        rest = text; /* only what came back in it */
    struct auth_view body = rest;
    while (capture->status && rest.n) {
        struct auth_view value = next_line(&rest);
        if (auth_view_starts(value, "< "))
            value = auth_view_from(value, 2);
        if (auth_view_trim(value).n == 0)
            break;
        if (auth_view_equals_nocase(auth_view_split(&value, ':'), "date"))
            conf_capture_set_date(capture, value);
        body = rest;
    }
    conf_capture_set_answer(capture, body);
}

/* ---- the body ---- */

/* Line ends, and the rules that some tools draw between request and answer. */
static struct auth_view without_rules(struct auth_view text)
{
    while (text.n && strchr(" \t\r\n-=_*", text.p[text.n - 1])) {
        size_t from = text.n;
        while (from && text.p[from - 1] != '\n')
            from--;
        struct auth_view line = auth_view_from(text, from);
        for (size_t i = 0; i < line.n; i++) {
            if (!strchr(" \t\r\n-=_*", line.p[i]))
                return text;
        }
        text.n = from ? from - 1 : 0;
        text = auth_view_without_line_end(text);
    }
    return text;
}

static enum auth_rc set_body(struct conf_capture *capture, const struct headers *headers, struct auth_view rest,
                             struct auth_err *err)
{
    int64_t length = 0;
    size_t answer = find_answer(rest);
    struct auth_view body = without_rules(auth_view_bytes(rest.p, answer));
    struct auth_view cut = auth_view_from(auth_view_bytes(rest.p, answer), body.n);
    if (answer == rest.n && auth_view_trim(cut).n == 0)
        body = auth_view_without_line_end(rest); /* the last one is the file's, others are the body's */
    if (headers->transfer_encoding.n)
        return auth_err_set(err, AUTH_E_SYNTAX, "the body is chunked; write it in one piece, with its Content-Length");
    conf_http_read_answer(auth_view_from(rest, answer), capture);
    if (headers->content_length.p) {
        if (!auth_view_int(headers->content_length, &length) || length < 0)
            return auth_err_set(err, AUTH_E_SYNTAX, "Content-Length is no number");
        struct auth_view after = auth_view_from(rest, (uint64_t)length < answer ? (size_t)length : answer);
        after.n = answer - (size_t)(after.p - rest.p);
        if ((uint64_t)length <= answer && without_rules(after).n == 0)
            body = auth_view_bytes(rest.p, (size_t)length);
        else
            conf_capture_note(
                capture,
                "Content-Length is %lld, but the body has %zu bytes here: it was edited or cut off, and is "
                "judged as it stands",
                (long long)length, body.n);
    }
    auth_buf_add_view(&capture->body, body);
    return AUTH_OK;
}

/* ---- written for an editor ---- */

/* A line of a form, "name: value" or "name = value". */
static void add_form_line(struct conf_capture *capture, struct auth_view line)
{
    struct auth_view value = line;
    struct auth_view name = auth_view_trim(auth_view_split(&value, auth_view_find(line, ':') < line.n ? ':' : '='));
    conf_capture_add_field(capture, name, auth_view_trim(value));
}

static bool is_comment(struct auth_view line)
{
    return auth_view_starts(line, "#") || auth_view_starts(line, "//");
}

/* Editors join the lines of a form; Hurl has a section for them. What is sent of others' files is not in the text. */
static enum auth_rc set_loose_body(struct conf_capture *capture, struct auth_view rest, struct auth_err *err)
{
    bool is_section = false;
    while (rest.n) {
        int status;
        struct auth_view at_line = rest;
        struct auth_view line = auth_view_trim(next_line(&rest));
        if (is_status_line(line, &status) || auth_view_starts(line, "HTTP ")) {
            conf_http_read_answer(at_line, capture);
            break;
        }
        if (auth_view_starts(line, "> {%") || auth_view_starts(line, "<>") || auth_view_starts(line, "###"))
            break;
        if (auth_view_starts(line, "< "))
            return auth_err_set(err, AUTH_E_SYNTAX, "the body is another file; write its content in its place");
        bool is_form = auth_view_starts(line, "[Form") || auth_view_equals(line, "[FormParams]");
        if (is_form && capture->content_type.n == 0)
            conf_capture_set_header(capture, auth_view_from_string("content-type"),
                                    auth_view_from_string("application/x-www-form-urlencoded"));
        is_section = is_form || (is_section && !auth_view_starts(line, "["));
        if (is_form || line.n == 0 || is_comment(line))
            continue;
        if (is_section)
            add_form_line(capture, line);
        else
            conf_capture_add_line(capture, line);
    }
    return AUTH_OK;
}

/* What a variable stands for is not in the text. */
static enum auth_rc refuse_variables(const struct conf_capture *capture, struct auth_err *err)
{
    struct auth_view name = conf_http_variable(auth_buf_view(&capture->url));
    if (name.n == 0)
        name = conf_http_variable(auth_buf_view(&capture->body));
    if (name.n == 0)
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_SYNTAX,
                        "{{%.*s}} is a variable that this file does not set; write its value in its place", (int)name.n,
                        name.p);
}

/* ---- both ---- */

enum auth_rc conf_http_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct headers headers = {0};
    struct request_line first;
    struct auth_view rest = text;
    enum auth_rc rc = AUTH_OK;
    if (!read_request_line(next_line(&rest), &first))
        return auth_err_set(err, AUTH_E_SYNTAX, "no request line, as POST /path HTTP/1.1");
    auth_buf_add_view(&capture->method, first.method);
    while (rc == AUTH_OK && rest.p) {
        struct auth_view before = rest;
        struct auth_view line = next_line(&rest);
        if (first.is_loose && auth_view_starts(line, "["))
            rest = before;
        if (line.n == 0 || rest.p == before.p)
            break;
        if (!first.is_loose || !is_comment(line))
            rc = keep_header(&headers, line, err);
    }
    auth_buf_add_view(&capture->content_type, headers.content_type);
    auth_buf_add_view(&capture->authorization, headers.authorization);
    if (rc == AUTH_OK && first.is_loose)
        conf_capture_set_url(capture, first.target);
    else if (rc == AUTH_OK)
        rc = set_target(capture, headers.host, first.target, err);
    if (rc == AUTH_OK)
        rc = first.is_loose ? set_loose_body(capture, rest, err) : set_body(capture, &headers, rest, err);
    return rc == AUTH_OK && first.is_loose ? refuse_variables(capture, err) : rc;
}
