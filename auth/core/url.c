/* URLs taken apart, for connecting and for comparing; where a link leads (RFC 3986 5). */
#include "auth/core/url.h"

#include <string.h>

#include "auth/core/address.h"

/* ---- as written ---- */

static struct auth_view after(struct auth_view text, size_t n)
{
    return auth_view_from(text, n);
}

static size_t until_any(struct auth_view text, size_t from, const char *stops)
{
    while (from < text.n && !memchr(stops, text.p[from], strlen(stops)))
        from++;
    return from < text.n ? from : text.n;
}

/* "host:port" at its first colon outside brackets. */
static void split_authority(struct auth_view authority, struct auth_view *host, struct auth_view *port)
{
    size_t bracket = authority.n && authority.p[0] == '[' ? auth_view_find(authority, ']') : 0;
    size_t host_n = bracket < authority.n ? bracket + auth_view_find(auth_view_from(authority, bracket), ':') : bracket;
    *host = auth_view_bytes(authority.p, host_n);
    *port = host_n < authority.n ? after(authority, host_n + 1) : auth_view_from_string("");
}

bool auth_url_split(struct auth_view url, struct auth_url_parts *out)
{
    size_t colon = auth_view_find(url, ':');
    if (url.n < colon + 3 || memcmp(url.p + colon, "://", 3) != 0)
        return false;
    struct auth_view rest = after(url, colon + 3);
    size_t end = until_any(rest, 0, "/?#");
    out->scheme = auth_view_bytes(url.p, colon);
    out->path = after(rest, end);
    split_authority(auth_view_bytes(rest.p, end), &out->host, &out->port);
    return true;
}

/* ---- checked ---- */

static bool has_bad_byte(struct auth_view url)
{
    for (size_t i = 0; i < url.n; i++) {
        if ((unsigned char)url.p[i] <= 0x20 || url.p[i] == 0x7f || url.p[i] == '\\')
            return true;
    }
    return false;
}

/* A name may hold what RFC 3986 3.2.2 lets it but escapes, which no name needs and readers decode or do not; and bytes
 * beyond ASCII, as an internationalised name has. */
static bool is_host_byte(char c, bool is_bracketed)
{
    bool is_digit = c >= '0' && c <= '9';
    if (is_bracketed)
        return is_digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
    return is_digit || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ((unsigned char)c & 0x80) ||
           (c && strchr("-_~!$&'()*+,;=", c));
}

static bool parse_port(struct auth_view text, struct auth_authority *out)
{
    int64_t number = 0;
    out->has_port = text.n > 0;
    if (text.n && (text.p[0] == '-' || !auth_view_int(text, &number) || number > 65535))
        return false;
    out->port = (unsigned)number;
    return true;
}

bool auth_authority_parse(struct auth_view text, struct auth_authority *out)
{
    struct auth_authority parsed = {0};
    struct auth_view port;
    split_authority(text, &parsed.host, &port);
    parsed.is_bracketed = parsed.host.n && parsed.host.p[0] == '[';
    if (parsed.is_bracketed) {
        if (!auth_view_ends(parsed.host, "]"))
            return false;
        parsed.host = auth_view_bytes(parsed.host.p + 1, parsed.host.n - 2);
    }
    for (size_t i = 0; i < parsed.host.n; i++) {
        if (!is_host_byte(parsed.host.p[i], parsed.is_bracketed))
            return false;
    }
    if (parsed.host.n == 0 || !parse_port(port, &parsed))
        return false;
    *out = parsed;
    return true;
}

bool auth_host_is_loopback(struct auth_view host)
{
    struct sockaddr_storage address;
    return auth_view_equals_nocase(host, "localhost") ||
           (auth_address_parse(host, &address) &&
            auth_address_kind((const struct sockaddr *)&address) == AUTH_ADDRESS_LOOPBACK);
}

/* AUTH_E_SYNTAX in every case, where a reader and an analyser can see it. */
static enum auth_rc refuse(struct auth_err *err, const char *why)
{
    (void)auth_err_set(err, AUTH_E_SYNTAX, "%s", why);
    return AUTH_E_SYNTAX;
}

enum auth_rc auth_url_parse(struct auth_view url, struct auth_url *out, struct auth_err *err)
{
    struct auth_url_parts parts;
    struct auth_authority authority;
    if (has_bad_byte(url) || !auth_url_split(url, &parts) ||
        (!auth_view_equals(parts.scheme, "https") && !auth_view_equals(parts.scheme, "http")))
        return refuse(err, "not an absolute http:// or https:// URL");
    struct auth_view whole = auth_view_bytes(parts.host.p, (size_t)(parts.path.p - parts.host.p));
    if (auth_view_find(whole, '@') < whole.n)
        return refuse(err, "a URL with user information");
    if (!auth_authority_parse(whole, &authority) || (authority.has_port && authority.port == 0))
        return refuse(err, "no host, or no port from 1 to 65535, in the URL");
    bool is_https = auth_view_equals(parts.scheme, "https");
    *out = (struct auth_url){
        .is_https = is_https,
        .host = authority.host,
        .port = authority.has_port ? authority.port
                : is_https         ? 443
                                   : 80,
        .path = parts.path,
    };
    return AUTH_OK;
}

bool auth_url_same_origin(const struct auth_url *a, const struct auth_url *b)
{
    return a->is_https == b->is_https && a->port == b->port && auth_view_equals_view_nocase(a->host, b->host);
}

bool auth_url_is_loopback(const struct auth_url *url)
{
    return auth_host_is_loopback(url->host);
}

/* ---- links ---- */

/* A link as browsers read it: blanks around it do not count, a blank in it and what is beyond ASCII is escaped, and so is a
 * backslash, which some take for a slash. */
static enum auth_rc tidy(struct auth_view link, struct auth_buf *out, struct auth_err *err)
{
    static const char hex[] = "0123456789ABCDEF";
    link = auth_view_trim(link);
    for (size_t i = 0; i < link.n; i++) {
        unsigned char c = (unsigned char)link.p[i];
        char escaped[] = {'%', hex[c >> 4], hex[c & 15]};
        if (c < 0x20 || c == 0x7f)
            return auth_err_set(err, AUTH_E_SYNTAX, "a link with control bytes");
        if (c == ' ' || c == '\\' || c >= 0x80)
            auth_buf_add(out, escaped, sizeof escaped);
        else
            auth_buf_add_char(out, (char)c);
    }
    return auth_buf_check(out, err);
}

/* Length of "scheme:" that a reference begins with; 0 when it is relative. */
static size_t scheme_run(struct auth_view reference)
{
    for (size_t i = 0; i < reference.n; i++) {
        char c = reference.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool may_follow = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (c == ':')
            return i ? i + 1 : 0;
        if (!is_letter && (i == 0 || !may_follow))
            return 0;
    }
    return 0;
}

/* Drop the last segment of the path that begins at `start`. */
static void drop_segment(struct auth_buf *out, size_t start)
{
    while (out->n > start && out->p[out->n - 1] != '/')
        out->n--;
    if (out->n > start)
        out->n--;
    out->p[out->n] = '\0';
}

/* Append a path that begins with '/' without its "." and ".." (RFC 3986 5.2.4). */
static void add_path(struct auth_buf *out, struct auth_view path)
{
    size_t start = out->n;
    while (path.n) {
        size_t n = until_any(path, 1, "/");
        struct auth_view segment = auth_view_bytes(path.p + 1, n - 1);
        bool is_last = n == path.n, is_up = auth_view_equals(segment, ".."),
             is_dot = is_up || auth_view_equals(segment, ".");
        if (is_up && auth_buf_ok(out) && out->p)
            drop_segment(out, start);
        if (!is_dot)
            auth_buf_add(out, path.p, n);
        else if (is_last)
            auth_buf_add_char(out, '/');
        path = after(path, n);
    }
}

/* "//host/path?query" or "/path?query". */
static void add_hierarchy(struct auth_buf *out, struct auth_view text)
{
    size_t authority = auth_view_starts(text, "//") ? until_any(text, 2, "/?") : 0;
    size_t query = until_any(text, authority, "?");
    auth_buf_add(out, text.p, authority);
    add_path(out, auth_view_bytes(text.p + authority, query - authority));
    auth_buf_add_view(out, after(text, query));
}

/* A reference of a path only, or of a query only, against the base's path. */
static void add_relative(struct auth_buf *out, struct auth_view base, struct auth_view reference)
{
    struct auth_buf merged;
    auth_buf_init(&merged, out->cap);
    base.n = until_any(base, 0, "#");
    size_t path = until_any(base, 0, "?");
    if (reference.n == 0) {
        auth_buf_add_view(&merged, base);
    } else if (reference.p[0] == '?') {
        auth_buf_add(&merged, base.p, path);
    } else if (reference.p[0] != '/') {
        while (path && base.p[path - 1] != '/')
            path--;
        auth_buf_add(&merged, path ? base.p : "/", path ? path : 1);
    }
    auth_buf_add_view(&merged, reference);
    add_hierarchy(out, auth_buf_view(&merged));
    if (!auth_buf_ok(&merged))
        out->is_spoiled = true;
    auth_buf_clear(&merged);
}

static enum auth_rc resolve(struct auth_buf *out, const char *base, struct auth_view reference, struct auth_err *err)
{
    struct auth_url url;
    enum auth_rc rc = auth_url_parse(auth_view_from_string(base), &url, err);
    if (rc != AUTH_OK)
        return rc;
    reference.n = until_any(reference, 0, "#"); /* a fragment is never sent */
    size_t scheme = scheme_run(reference);
    for (size_t i = 0; i < scheme; i++)
        auth_buf_add_char(
            out, (char)(reference.p[i] >= 'A' && reference.p[i] <= 'Z' ? reference.p[i] | 0x20 : reference.p[i]));
    if (scheme) {
        add_hierarchy(out, after(reference, scheme));
    } else if (auth_view_starts(reference, "//")) {
        auth_buf_add_string(out, url.is_https ? "https:" : "http:");
        add_hierarchy(out, reference);
    } else {
        auth_buf_add(out, base, strlen(base) - url.path.n);
        add_relative(out, url.path, reference);
    }
    return auth_buf_check(out, err);
}

enum auth_rc auth_url_resolve(struct auth_buf *out, const char *base, struct auth_view reference, struct auth_err *err)
{
    struct auth_buf link;
    auth_buf_init(&link, 3 * reference.n + 1);
    enum auth_rc rc = tidy(reference, &link, err);
    if (rc == AUTH_OK)
        rc = resolve(out, base, auth_buf_view(&link), err);
    auth_buf_clear(&link);
    return rc;
}
