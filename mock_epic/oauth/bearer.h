/* The bearer check in front of the FHIR API: Authorization header in, live token or Epic's 401 out (O). */
#ifndef MOCK_EPIC_OAUTH_BEARER_H
#define MOCK_EPIC_OAUTH_BEARER_H

#include "mock_epic/http/message.h"
#include "mock_epic/instance/instance.h"
#include "mock_epic/state/tokens.h"

enum mock_bearer {
    MOCK_BEARER_GOOD,
    MOCK_BEARER_ABSENT,    /* no token: 401, plain "Bearer" challenge (RFC 6750 3.1), or as the switch no_token says */
    MOCK_BEARER_MALFORMED, /* another scheme, no token, several headers */
    MOCK_BEARER_QUERY,     /* in the URL's query, where the switch query_token refuses it, or beside a header */
    MOCK_BEARER_UNKNOWN,   /* never issued, or revoked */
    MOCK_BEARER_EXPIRED,
    MOCK_BEARER_APP_REMOVED, /* issued to an app that is gone */
    MOCK_BEARER_STORE_FAILED /* 503 */
};

/* What a good token opens. */
struct mock_grant {
    struct mock_token token;
    struct mock_app *app;             /* referenced; NULL unless the token is good */
    const struct mock_scopes *scopes; /* the token's own, or all of its app's */
    struct mock_scopes own;
    char problem[160]; /* what else there is to say of a token that is not good; "" nothing */
};

/* out  grant  init by this call, filled for MOCK_BEARER_GOOD; token.client_id is "" when nothing is known about whose it
 *             is. mock_bearer_release() it always */
enum mock_bearer mock_bearer_check(struct mock_instance *instance, const struct mock_request *request, int64_t now_s,
                                   struct mock_grant *grant);
void mock_bearer_release(struct mock_grant *grant);
/* Write the 401 (or 400, 403, 503). */
void mock_bearer_refuse(const struct auth_profile *profile, enum mock_bearer what, struct mock_response *response);
/* For the journal: "the token expired" ...; static, or borrowed from grant. */
const char *mock_bearer_text(enum mock_bearer what, const struct mock_grant *grant);

/* Append the client id that a request's token was issued to, whether it is still good or not. Nothing where it is unknown. */
void mock_bearer_client(struct mock_instance *instance, const struct mock_request *request, struct auth_buf *out);

/* The credentials of "Authorization: Bearer <token>" (scheme in any case, one space); the empty view when the header is
 * something else. */
struct auth_view mock_bearer_credentials(struct auth_view authorization);

#endif
