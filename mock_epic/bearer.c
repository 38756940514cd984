#include "mock_epic/bearer.h"

#include "mock_epic/headers.h"

static const char *const texts[] = {
    [MOCK_BEARER_GOOD] = "token accepted",
    [MOCK_BEARER_ABSENT] = "no Authorization header",
    [MOCK_BEARER_MALFORMED] = "the Authorization header is not one well-formed Bearer credential",
    [MOCK_BEARER_UNKNOWN] = "the token was never issued here, or was revoked",
    [MOCK_BEARER_EXPIRED] = "the token expired",
    [MOCK_BEARER_ORPHAN] = "the app that the token was issued to is no longer registered",
    [MOCK_BEARER_TROUBLE] = "the token store failed",
};

const char *mock_bearer_text(enum mock_bearer what)
{
    return texts[what];
}

struct auth_view mock_bearer_credentials(struct auth_view authorization)
{
    static const size_t scheme_n = sizeof "Bearer " - 1;
    struct auth_view none = {NULL, 0};
    if (authorization.n <= scheme_n)
        return none;
    struct auth_view scheme = auth_view_bytes(authorization.p, scheme_n);
    return auth_view_is_nocase(scheme, "Bearer ")
               ? auth_view_bytes(authorization.p + scheme_n, authorization.n - scheme_n)
               : none;
}

static size_t authorization_count(const struct mock_request *request)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += auth_view_is_nocase(request->headers[i].name, "authorization");
    return count;
}

enum mock_bearer mock_bearer_check(struct mock_epic *mock, const struct mock_request *request, int64_t now_s,
                                   struct mock_token *token, struct mock_app **app)
{
    size_t count = authorization_count(request);
    if (count == 0)
        return MOCK_BEARER_ABSENT;
    struct auth_view text = mock_bearer_credentials(mock_request_header(request, "authorization"));
    if (count > 1 || text.n == 0)
        return MOCK_BEARER_MALFORMED;

    enum auth_rc rc = mock_tokens_find(mock->store, text, token);
    if (rc == AUTH_E_NOT_FOUND)
        return MOCK_BEARER_UNKNOWN;
    if (rc != AUTH_OK)
        return MOCK_BEARER_TROUBLE;
    if (now_s >= token->expires_s)
        return MOCK_BEARER_EXPIRED;
    *app = mock_apps_acquire(&mock->apps, auth_view_of(token->client_id));
    return *app ? MOCK_BEARER_GOOD : MOCK_BEARER_ORPHAN;
}

void mock_bearer_refuse(enum mock_bearer what, struct mock_response *response)
{
    mock_headers_fhir(response);
    if (what == MOCK_BEARER_TROUBLE) {
        response->status = 503;
        return;
    }
    response->status = 401;
    mock_response_header(response, "WWW-Authenticate",
                         what == MOCK_BEARER_ABSENT ? "Bearer"
                                                    : "Bearer error=\"invalid_token\", "
                                                      "error_description=\"The access token provided is not valid\"");
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    mock_response_add_borrowed(response, auth_view_of("\"\"")); /* two quotes are all that Epic sends (O*) */
}
