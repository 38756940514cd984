/* Who asks, from where, in whose name. */
#include "mock_epic/admin/guard.h"

#include "auth/core/url.h"
#include "mock_epic/oauth/bearer.h"

/* Health, for whoever waits for it, and public keys. */
static bool is_for_everybody(struct auth_view method, struct auth_view path)
{
    return (auth_view_equals(path, "/mock/health") || auth_view_starts(path, "/mock/jwks/")) &&
           (auth_view_equals(method, "GET") || auth_view_equals(method, "HEAD"));
}

/* Is the page that asks one of ours? Host has no scheme of its own, so a port that it leaves out is the page's default. */
static bool is_same_origin(struct auth_view origin, const struct auth_authority *host)
{
    struct auth_url page;
    if (auth_url_parse(origin, &page, NULL) != AUTH_OK || page.path.n)
        return false;
    unsigned port = host->has_port ? host->port : page.is_https ? 443 : 80;
    return auth_view_equals_view_nocase(page.host, host->host) && page.port == port;
}

/* Is it a name of this machine, or the one that the server was given? */
static bool is_own_host(const struct auth_authority *host, const char *public_url)
{
    struct auth_url url;
    return auth_host_is_loopback(host->host) ||
           (auth_url_parse(auth_view_from_string(public_url), &url, NULL) == AUTH_OK &&
            auth_view_equals_view_nocase(host->host, url.host));
}

const char *mock_guard_refusal(const char *admin_token, const char *public_url, const struct mock_request *request,
                               struct auth_view path)
{
    struct auth_view origin = mock_request_header(request, "origin");
    struct auth_authority host;
    if (is_for_everybody(request->method, path))
        return NULL;
    if (admin_token) {
        struct auth_view given = mock_bearer_credentials(mock_request_header(request, "authorization"));
        return auth_view_equals_secret(given, auth_view_from_string(admin_token))
                   ? NULL
                   : "this server wants its admin token: Authorization: Bearer <what is in "
                     "the file of --admin-token-file, or in MOCK_EPIC_ADMIN_TOKEN>";
    }
    if (!request->is_loopback_peer)
        return "the admin API answers loopback peers only; to use it from afar, start the server with "
               "--admin-token-file FILE, or MOCK_EPIC_ADMIN_TOKEN in its environment";
    if (!auth_authority_parse(mock_request_header(request, "host"), &host) || !is_own_host(&host, public_url))
        return "the Host header names a foreign host; use localhost, 127.0.0.1 or [::1], or start the server with "
               "--public-url http://THAT-HOST:PORT, or with --admin-token-file FILE, which lets any host be named";
    if (origin.n && !is_same_origin(origin, &host))
        return "the Origin header names a page of another host or port, whose requests are refused; start the server with "
               "--admin-token-file FILE to let pages that know the token in";
    return NULL;
}
