/* URLs as far as credentials depend on them: parts, same origin, loopback, resolving a link. */
#include <string.h>

#include "auth/net/http.h"

static bool has_bad_byte(struct auth_view url)
{
    for (size_t i = 0; i < url.n; i++) {
        if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == 0x7f || url.p[i] == '\\')
            return true;
    }
    return false;
}

static bool parse_port(struct auth_view text, bool is_https, unsigned *port)
{
    int64_t number;
    if (text.n == 0) {
        *port = is_https ? 443 : 80;
        return true;
    }
    if (!auth_view_int(text, &number) || number < 1 || number > 65535)
        return false;
    *port = (unsigned)number;
    return true;
}

enum auth_rc auth_url_parse(struct auth_view url, struct auth_url *out, struct auth_err *err)
{
    struct auth_url parsed = {.is_https = auth_view_starts(url, "https://")};
    size_t skip = parsed.is_https ? 8 : 7;
    if (has_bad_byte(url) || (!parsed.is_https && !auth_view_starts(url, "http://")))
        return auth_err_set(err, AUTH_E_SYNTAX, "not an absolute http:// or https:// URL");
    struct auth_view rest = auth_view_bytes(url.p + skip, url.n - skip);
    size_t end = 0;
    while (end < rest.n && !strchr("/?#", rest.p[end]))
        end++;
    parsed.path = auth_view_bytes(rest.p + end, rest.n - end);
    struct auth_view authority = auth_view_bytes(rest.p, end);
    if (auth_view_find(authority, '@') < authority.n)
        return auth_err_set(err, AUTH_E_SYNTAX, "a URL with user information");
    struct auth_view port;
    if (authority.n && authority.p[0] == '[') {
        size_t close = auth_view_find(authority, ']');
        if (close == authority.n)
            return auth_err_set(err, AUTH_E_SYNTAX, "a '[' without ']' in the URL");
        parsed.host = auth_view_bytes(authority.p + 1, close - 1);
        port = auth_view_bytes(authority.p + close + 1, authority.n - close - 1);
        if (port.n && port.p[0] != ':')
            return auth_err_set(err, AUTH_E_SYNTAX, "text between ']' and the port of the URL");
        port = auth_view_bytes(port.p + 1, port.n ? port.n - 1 : 0);
    } else {
        port = authority;
        parsed.host = auth_view_cut(&port, ':');
    }
    if (parsed.host.n == 0 || !parse_port(port, parsed.is_https, &parsed.port))
        return auth_err_set(err, AUTH_E_SYNTAX, "no host, or no port from 1 to 65535, in the URL");
    *out = parsed;
    return AUTH_OK;
}

bool auth_url_same_origin(const struct auth_url *a, const struct auth_url *b)
{
    return a->is_https == b->is_https && a->port == b->port && auth_view_equal_nocase(a->host, b->host);
}

bool auth_url_is_loopback(const struct auth_url *url)
{
    struct auth_view rest = url->host;
    int64_t octet;
    if (auth_view_is_nocase(url->host, "localhost") || auth_view_is(url->host, "::1"))
        return true;
    if (!auth_view_starts(url->host, "127."))
        return false;
    for (int i = 0; i < 4; i++) { /* an address, not a name such as 127.0.0.1.example */
        if (!auth_view_int(auth_view_cut(&rest, '.'), &octet) || octet < 0 || octet > 255)
            return false;
    }
    return rest.n == 0;
}

enum auth_rc auth_url_resolve(struct auth_buf *out, const char *base, struct auth_view reference, struct auth_err *err)
{
    struct auth_url url = {0};
    struct auth_view whole = auth_view_of(base);
    enum auth_rc rc = auth_url_parse(whole, &url, err);
    if (rc != AUTH_OK)
        return rc;
    if (has_bad_byte(reference))
        return auth_err_set(err, AUTH_E_SYNTAX, "a link with white space or control bytes");
    size_t colon = auth_view_find(reference, ':');
    bool is_absolute = colon < reference.n && auth_view_find(reference, '/') > colon;
    size_t before_path = whole.n - url.path.n;
    struct auth_view path = url.path;
    path.n = auth_view_find(path, '#');
    path.n = auth_view_find(path, '?');
    if (is_absolute) {
        auth_buf_add_view(out, reference);
    } else if (auth_view_starts(reference, "//")) {
        auth_buf_add_string(out, url.is_https ? "https:" : "http:");
        auth_buf_add_view(out, reference);
    } else {
        auth_buf_add(out, base, before_path);
        if (reference.n == 0 || reference.p[0] == '?') {
            auth_buf_add_view(out, path);
        } else if (reference.p[0] != '/') { /* relative to the last '/' of the path */
            while (path.n && !auth_view_ends(path, "/"))
                path.n--;
            auth_buf_add_string(out, path.n ? "" : "/");
            auth_buf_add_view(out, path);
        }
        auth_buf_add_view(out, reference);
    }
    return auth_buf_check(out, err);
}
