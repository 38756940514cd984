/* Token introspection (RFC 7662), as Epic's sandbox was seen to answer it (O): the caller shows a token of its own, and
 * asks about one of the same app. */
#ifndef MOCK_EPIC_OAUTH_INTROSPECTION_H
#define MOCK_EPIC_OAUTH_INTROSPECTION_H

#include "mock_epic/instance/instance.h"

/* POST with a form `token=...`; the caller's bearer token was accepted, its app is `app`.
 * status  200 with the members, or {"active":false} for a token that is unknown, expired or another app's (Epic's shape
 *         for that is unknown, so introspect_expired and introspect_foreign are switches; RFC 7662 2.2); 400
 *         invalid_request (not POST, no form, no token) */
void mock_introspect(struct mock_instance *instance, const struct mock_request *request, const struct mock_app *app,
                     int64_t now_s, struct mock_response *response);

#endif
