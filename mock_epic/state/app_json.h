/* An app as JSON. */
#ifndef MOCK_EPIC_STATE_APP_JSON_H
#define MOCK_EPIC_STATE_APP_JSON_H

#include "mock_epic/state/app.h"
#include "mock_epic/state/members.h"

/* What such an object may hold, for those who describe it. */
enum { MOCK_APP_MEMBERS = 17 };
extern const struct mock_member mock_app_members[MOCK_APP_MEMBERS];
/* Make an app from its JSON, checking every member.
 * rc  as mock_app_make() */
AUTH_MUST_CHECK enum auth_rc mock_app_parse(struct auth_view json, int64_t now_s, struct mock_app **out,
                                            struct auth_err *err);
/* Write it: its JSON plus thumbprint_sha1, key type and size, warnings. No private key is ever held. */
void mock_app_write(const struct mock_app *app, struct auth_json_writer *w);

#endif
