/* Who may use the admin API, judged by the request's headers alone, so that it is known before a body is read.
 *
 * Without an admin token only loopback peers may, and only with a Host that is loopback or the one of the public URL, and no foreign Origin, so that a web page in
 * a developer's browser cannot steer the mock (DNS rebinding included). With one, whoever shows it may, from anywhere.
 * Everybody may ask whether the server is up: containers ask from outside and by another name. */
#ifndef MOCK_EPIC_ADMIN_GUARD_H
#define MOCK_EPIC_ADMIN_GUARD_H

#include "mock_epic/http/message.h"

/* in   admin_token  NULL: none is set
 *      public_url   of this server: its host may be named, because the user gave it that name
 *      path         of the request, within its instance
 * NULL when the caller may go on, else why not (static; 401 where a token is set, 403 where not). Threads safe */
const char *mock_guard_refusal(const char *admin_token, const char *public_url, const struct mock_request *request,
                               struct auth_view path);

#endif
