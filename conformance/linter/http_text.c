/* A request as it stands on the wire: a request line, headers, an empty line, a body. */
#include "conformance/linter/http_text.h"

#include "auth/core/url.h"

static struct auth_view next_line(struct auth_view *rest)
{
    return auth_view_without_line_end(auth_view_split(rest, '\n'));
}

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

static enum auth_rc read_request_line(struct auth_view line, struct conf_capture *capture, struct auth_view *target,
                                      struct auth_err *err)
{
    struct auth_view rest = line;
    struct auth_view method = auth_view_split(&rest, ' ');
    *target = auth_view_split(&rest, ' ');
    if (method.n == 0 || target->n == 0 || !auth_view_starts(rest, "HTTP/"))
        return auth_err_set(err, AUTH_E_SYNTAX,
                            "neither a curl command nor an HTTP request: the first line would be POST /path HTTP/1.1");
    auth_buf_add_view(&capture->method, method);
    return AUTH_OK;
}

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
    if (auth_view_starts(target, "http://") || auth_view_starts(target, "https://")) {
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

static enum auth_rc set_body(struct conf_capture *capture, const struct headers *headers, struct auth_view rest,
                             struct auth_err *err)
{
    int64_t length = 0;
    if (headers->transfer_encoding.n)
        return auth_err_set(err, AUTH_E_SYNTAX, "the body is chunked; write it in one piece, with its Content-Length");
    if (!headers->content_length.p) {
        auth_buf_add_view(&capture->body, auth_view_without_line_end(rest)); /* the last one is the file's */
        return AUTH_OK;
    }
    if (!auth_view_int(headers->content_length, &length) || length < 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "Content-Length is no number");
    if ((uint64_t)length > rest.n)
        return auth_err_set(err, AUTH_E_SYNTAX, "Content-Length is %lld, but only %zu bytes of the body are here",
                            (long long)length, rest.n);
    struct auth_view after = auth_view_bytes(rest.p + length, rest.n - (size_t)length);
    if (auth_view_trim(after).n)
        return auth_err_set(err, AUTH_E_SYNTAX, "%zu bytes follow the %lld that Content-Length announces", after.n,
                            (long long)length);
    auth_buf_add(&capture->body, rest.p, (size_t)length);
    return AUTH_OK;
}

enum auth_rc conf_http_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct headers headers = {0};
    struct auth_view target, rest = text;
    enum auth_rc rc = read_request_line(next_line(&rest), capture, &target, err);
    while (rc == AUTH_OK && rest.p) {
        struct auth_view line = next_line(&rest);
        if (line.n == 0)
            break;
        rc = keep_header(&headers, line, err);
    }
    if (rc == AUTH_OK)
        rc = set_target(capture, headers.host, target, err);
    if (rc == AUTH_OK)
        rc = set_body(capture, &headers, rest, err);
    auth_buf_add_view(&capture->content_type, headers.content_type);
    auth_buf_add_view(&capture->authorization, headers.authorization);
    return rc;
}
