/* URLs: the checked reading agrees with the one that only cuts, an authority reads the same on its own, and no reference of a
 * path leads to another origin. Input: a URL, and behind its first line end a reference. */
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "auth/core/url.h"

enum { TEXT_MAX = 1 << 22 };

static bool has_any(struct auth_view text, const char *bytes)
{
    for (size_t i = 0; i < text.n; i++) {
        if (memchr(bytes, text.p[i], strlen(bytes) + 1)) /* NUL too */
            return true;
    }
    return false;
}

static void check_authority(struct auth_view text)
{
    struct auth_authority authority;
    if (!auth_authority_parse(text, &authority))
        return;
    MUST(authority.host.n > 0 && authority.port <= 65535 && (authority.has_port || authority.port == 0));
    MUST(!has_any(authority.host, " /?#@\\%[]<>\"\r\n\t"));
    MUST(authority.is_bracketed == (text.p[0] == '['));
    MUST(authority.is_bracketed || auth_view_find(authority.host, ':') == authority.host.n);
}

static bool check_parse(struct auth_view text, struct auth_url *url)
{
    struct auth_url_parts parts;
    bool is_cut = auth_url_split(text, &parts);
    if (auth_url_parse(text, url, NULL) != AUTH_OK)
        return false;
    MUST(is_cut && auth_view_equals(parts.scheme, url->is_https ? "https" : "http"));
    MUST(auth_view_equals_view(parts.path, url->path) && !has_any(text, " \\\r\n\t"));
    MUST(url->port >= 1 && url->port <= 65535 && url->host.n > 0);
    MUST(auth_url_same_origin(url, url));
    MUST(auth_url_is_loopback(url) == auth_host_is_loopback(url->host));
    return true;
}

static void check_reference(struct auth_view base, const struct auth_url *origin, struct auth_view reference)
{
    struct auth_buf text, whole;
    struct auth_url led;
    auth_buf_init(&text, TEXT_MAX);
    auth_buf_init(&whole, TEXT_MAX);
    auth_buf_add_view(&text, base);
    bool is_path = reference.n && reference.p[0] == '/' && !auth_view_starts(reference, "//");
    if (auth_url_resolve(&whole, text.p, reference, NULL) == AUTH_OK) {
        MUST(!has_any(auth_buf_view(&whole), " \r\n\t"));
        bool is_url = check_parse(auth_buf_view(&whole), &led);
        MUST(!is_path || (is_url && auth_url_same_origin(origin, &led)));
    }
    auth_buf_clear(&whole);
    auth_buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view reference = auth_view_bytes(data, n);
    struct auth_view text = auth_view_split(&reference, '\n');
    struct auth_url url;
    check_authority(text);
    if (check_parse(text, &url))
        check_reference(text, &url, reference);
    return 0;
}
