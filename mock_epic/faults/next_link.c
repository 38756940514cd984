/* The bytes of one link, found in a Bundle and replaced. */
#include "mock_epic/faults/next_link.h"

#include "auth/core/json.h"
#include "auth/core/url.h"

enum { LONG_N = 4000 };

static const char *const names[MOCK_NEXT_LINKS] = {
    [MOCK_NEXT_FOREIGN] = "foreign", [MOCK_NEXT_RELATIVE] = "relative", [MOCK_NEXT_ROOTED] = "rooted",
    [MOCK_NEXT_QUERY] = "query",     [MOCK_NEXT_CAPITALS] = "capitals", [MOCK_NEXT_BLANK] = "blank",
    [MOCK_NEXT_LONG] = "long",       [MOCK_NEXT_SELF] = "self",
};

int mock_next_link_find(struct auth_view name)
{
    for (int i = MOCK_NEXT_AS_IS + 1; i < MOCK_NEXT_LINKS; i++) {
        if (auth_view_equals(name, names[i]))
            return i;
    }
    return -1;
}

void mock_foreign_url(struct auth_view here, struct auth_buf *out)
{
    struct auth_url_parts parts;
    if (!auth_url_split(here, &parts))
        return;
    auth_buf_add_view(out, parts.scheme);
    auth_buf_add_string(out, auth_view_equals(parts.host, "127.0.0.1") ? "://localhost" : "://127.0.0.1");
    auth_buf_add_string(out, parts.port.n ? ":" : "");
    auth_buf_add_view(out, parts.port);
    auth_buf_add_view(out, parts.path);
}

/* What stands between the quotes of a JSON text; links of ours need no escapes. */
static struct auth_view unquoted(struct auth_view text)
{
    return text.n >= 2 && text.p[0] == '"' ? auth_view_bytes(text.p + 1, text.n - 2) : auth_view_bytes(text.p, 0);
}

static bool find_next(struct auth_view links, struct auth_view *url)
{
    struct auth_view link, relation;
    for (size_t cursor = 0; auth_json_raw_next(links, &cursor, &link);) {
        if (auth_json_raw_member(link, "relation", &relation) && auth_view_equals(unquoted(relation), "next") &&
            auth_json_raw_member(link, "url", url)) {
            *url = unquoted(*url);
            return true;
        }
    }
    return false;
}

static void add_padded(struct auth_view url, struct auth_buf *out)
{
    auth_buf_add_view(out, url);
    auth_buf_add_string(out, "&_pad=");
    for (size_t n = 0; n < LONG_N; n++)
        auth_buf_add_char(out, 'x');
}

static void add_link(enum mock_next_link how, struct auth_view url, struct auth_view here, struct auth_buf *out)
{
    struct auth_url_parts parts;
    if (!auth_url_split(url, &parts))
        parts.path = url;
    struct auth_view path = parts.path;
    struct auth_view rest = path, query = path;
    (void)auth_view_split(&query, '?');
    for (size_t at = auth_view_find(rest, '/'); at < rest.n - query.n; at = auth_view_find(rest, '/'))
        rest = auth_view_from(rest, at + 1);
    switch (how) {
    case MOCK_NEXT_FOREIGN:
        mock_foreign_url(url, out);
        break;
    case MOCK_NEXT_RELATIVE:
        auth_buf_add_view(out, rest);
        break;
    case MOCK_NEXT_ROOTED:
        auth_buf_add_view(out, path);
        break;
    case MOCK_NEXT_QUERY:
        auth_buf_add_string(out, "?_at=2026-01-01T00:00:00Z&");
        auth_buf_add_view(out, query);
        break;
    case MOCK_NEXT_CAPITALS:
        auth_buf_add_string(out, auth_view_starts(url, "https") ? "HTTPS" : "HTTP");
        auth_buf_add_view(out, auth_view_from(url, auth_view_find(url, ':')));
        break;
    case MOCK_NEXT_BLANK:
        auth_buf_add_view(out, url);
        auth_buf_add_string(out, "&_note=page two");
        break;
    case MOCK_NEXT_LONG:
        add_padded(url, out);
        break;
    case MOCK_NEXT_SELF:
        auth_buf_add_view(out, here);
        break;
    case MOCK_NEXT_AS_IS:
    case MOCK_NEXT_LINKS:
        auth_buf_add_view(out, url);
        break;
    }
}

/* Before the links that there are: a last page has at least its own. */
static void add_next_to_self(struct auth_view here, struct auth_buf *out)
{
    auth_buf_add_string(out, "{\"relation\":\"next\",\"url\":\"");
    auth_buf_add_view(out, here);
    auth_buf_add_string(out, "\"},");
}

void mock_next_link_alter(enum mock_next_link how, struct auth_view bundle, struct auth_view here, struct auth_buf *out)
{
    struct auth_view links, url, first;
    size_t cursor = 0;
    bool has_links = auth_json_raw_member(bundle, "link", &links) && auth_json_raw_next(links, &cursor, &first);
    if (!has_links) {
        auth_buf_add_view(out, bundle);
    } else if (find_next(links, &url)) {
        auth_buf_add(out, bundle.p, (size_t)(url.p - bundle.p));
        add_link(how, url, here, out);
        auth_buf_add_view(out, auth_view_from(bundle, (size_t)(url.p + url.n - bundle.p)));
    } else {
        size_t at = (size_t)(first.p - bundle.p);
        auth_buf_add(out, bundle.p, at);
        if (how == MOCK_NEXT_SELF)
            add_next_to_self(here, out);
        auth_buf_add_view(out, auth_view_from(bundle, at));
    }
}
