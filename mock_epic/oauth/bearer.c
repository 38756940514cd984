/* Whose token a request brings, and what it is told when it brings none. */
#include "mock_epic/oauth/bearer.h"

#include <stdio.h>

#include "auth/core/form.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/instance/instances.h"

static const char *const texts[] = {
    [MOCK_BEARER_GOOD] = "token accepted",
    [MOCK_BEARER_ABSENT] = "no access token",
    [MOCK_BEARER_MALFORMED] = "the Authorization header is not one well-formed Bearer credential",
    [MOCK_BEARER_QUERY] = "the token came in the URL's query, where it ends up in logs",
    [MOCK_BEARER_UNKNOWN] = "the token was never issued here, or was revoked",
    [MOCK_BEARER_EXPIRED] = "the token expired",
    [MOCK_BEARER_APP_REMOVED] = "the app that the token was issued to is no longer registered",
    [MOCK_BEARER_STORE_FAILED] = "the token store failed",
};

const char *mock_bearer_text(enum mock_bearer what, const struct mock_grant *grant)
{
    return grant->problem[0] ? grant->problem : texts[what];
}

/* Unknown here, and perhaps another instance's. */
static enum mock_bearer explain_unknown(struct mock_instance *instance, struct auth_view text, struct mock_grant *grant)
{
    struct auth_buf owner;
    if (!instance->instances)
        return MOCK_BEARER_UNKNOWN;
    auth_buf_init(&owner, 100);
    mock_instances_write_owner(instance->instances, instance, text, &owner);
    if (owner.n)
        (void)snprintf(grant->problem, sizeof grant->problem, "the token was issued by %s, and is good there only",
                       owner.p);
    auth_buf_clear(&owner);
    return MOCK_BEARER_UNKNOWN;
}

struct auth_view mock_bearer_credentials(struct auth_view authorization)
{
    static const size_t scheme_n = sizeof "Bearer " - 1;
    struct auth_view none = {NULL, 0};
    if (authorization.n <= scheme_n)
        return none;
    struct auth_view scheme = auth_view_bytes(authorization.p, scheme_n);
    return auth_view_equals_nocase(scheme, "Bearer ") ? auth_view_from(authorization, scheme_n) : none;
}

static size_t authorization_count(const struct mock_request *request)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++)
        count += auth_view_equals_nocase(request->headers[i].name, "authorization");
    return count;
}

/* RFC 6750 2.3, which says itself that nobody should: the token as a parameter of the URL. Decoded into *form. */
static struct auth_view query_token(const struct mock_request *request, struct auth_form *form)
{
    if (auth_form_parse(request->query, form, NULL) != AUTH_OK)
        return auth_view_from_string("");
    return auth_form_value(form, "access_token");
}

/* The token's own scopes, or the app's. */
static enum mock_bearer open_grant(struct mock_instance *instance, struct mock_grant *grant)
{
    struct mock_app *app = mock_apps_acquire(&instance->apps, auth_view_from_string(grant->token.client_id));
    if (!app)
        return MOCK_BEARER_APP_REMOVED;
    grant->app = app;
    grant->scopes = &app->scopes;
    if (!grant->token.scope[0])
        return MOCK_BEARER_GOOD;
    grant->scopes = &grant->own;
    return mock_scopes_parse(auth_view_from_string(grant->token.scope), MOCK_SCOPES_V2, &grant->own, NULL) == AUTH_OK
               ? MOCK_BEARER_GOOD
               : MOCK_BEARER_STORE_FAILED;
}

static enum mock_bearer check_text(struct mock_instance *instance, struct auth_view text, int64_t now_s,
                                   struct mock_grant *grant)
{
    enum auth_rc rc = mock_tokens_find(instance->store, text, &grant->token);
    if (rc == AUTH_E_NOT_FOUND)
        return explain_unknown(instance, text, grant);
    if (rc != AUTH_OK)
        return MOCK_BEARER_STORE_FAILED;
    return now_s >= grant->token.expires_s ? MOCK_BEARER_EXPIRED : open_grant(instance, grant);
}

enum { QUERY_IGNORE, QUERY_REFUSE, QUERY_ACCEPT };

enum mock_bearer mock_bearer_check(struct mock_instance *instance, const struct mock_request *request, int64_t now_s,
                                   struct mock_grant *grant)
{
    struct auth_form form;
    grant->token.client_id[0] = '\0';
    grant->token.number = 0;
    grant->app = NULL;
    grant->problem[0] = '\0';
    grant->own = (struct mock_scopes){0};
    size_t count = authorization_count(request);
    int64_t effect = instance->profile.values[AUTH_SWITCH_QUERY_TOKEN];
    if (request->query.n && effect != QUERY_IGNORE) {
        struct auth_view text = query_token(request, &form);
        enum mock_bearer result = MOCK_BEARER_QUERY;
        if (text.n && effect == QUERY_ACCEPT && count == 0)
            result = check_text(instance, text, now_s, grant);
        bool is_there = text.n > 0;
        auth_form_clear(&form);
        if (is_there)
            return result;
    }
    if (count == 0)
        return MOCK_BEARER_ABSENT;
    struct auth_view text = mock_bearer_credentials(mock_request_header(request, "authorization"));
    if (count > 1 || text.n == 0)
        return MOCK_BEARER_MALFORMED;
    return check_text(instance, text, now_s, grant);
}

void mock_bearer_client(struct mock_instance *instance, const struct mock_request *request, struct auth_buf *out)
{
    struct mock_token token;
    struct auth_view text = mock_bearer_credentials(mock_request_header(request, "authorization"));
    if (text.n && mock_tokens_find(instance->store, text, &token) == AUTH_OK)
        auth_buf_add_string(out, token.client_id);
}

void mock_bearer_release(struct mock_grant *grant)
{
    mock_scopes_clear(&grant->own);
    mock_app_release(grant->app);
    grant->app = NULL;
}

/* The challenges, as rows; which one an absent or expired token gets is a switch each. */
enum challenge { BARE, INVALID, FORBIDDEN, EXPIRED, QUERY };

static const struct {
    int status;
    const char *authenticate;
} challenges[] = {
    [BARE] = {401, "Bearer"},
    [INVALID] = {401, "Bearer error=\"invalid_token\", error_description=\"The access token provided is not valid\""},
    [FORBIDDEN] = {403, NULL},
    [EXPIRED] = {401, "Bearer error=\"invalid_token\", error_description=\"The access token expired\""},
    [QUERY] = {400, "Bearer error=\"invalid_request\""},
};

static enum challenge challenge_of(const struct auth_profile *profile, enum mock_bearer what)
{
    static const enum challenge absent[] = {BARE, INVALID, FORBIDDEN}, expired[] = {INVALID, EXPIRED, FORBIDDEN};
    switch (what) {
    case MOCK_BEARER_ABSENT:
        return absent[profile->values[AUTH_SWITCH_NO_TOKEN]];
    case MOCK_BEARER_EXPIRED:
        return expired[profile->values[AUTH_SWITCH_EXPIRED_TOKEN]];
    case MOCK_BEARER_QUERY:
        return QUERY;
    default:
        return INVALID;
    }
}

void mock_bearer_refuse(const struct auth_profile *profile, enum mock_bearer what, struct mock_response *response)
{
    enum challenge challenge = challenge_of(profile, what);
    mock_headers_fhir(response);
    if (what == MOCK_BEARER_STORE_FAILED) {
        response->status = 503;
        return;
    }
    response->status = challenges[challenge].status;
    if (challenges[challenge].authenticate)
        mock_response_header(response, "WWW-Authenticate", challenges[challenge].authenticate);
    mock_response_header(response, "Content-Type", "application/json; charset=utf-8");
    mock_response_add_borrowed(response, auth_view_from_string("\"\"")); /* two quotes are all that Epic sends (O) */
}
