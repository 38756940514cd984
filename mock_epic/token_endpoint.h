/* POST <base>/oauth2/token: from the form to a token or a refusal.
 *
 * The steps, in order: read the form, take the assertion apart, find the app that it names, judge everything in one pass
 * (auth/rules), burn the jti only when nothing failed, issue, write the journal, answer as Epic does. Whatever fails, the
 * journal holds all verdicts, and X-Mock-Epic-Decision names the entry. */
#ifndef MOCK_EPIC_TOKEN_ENDPOINT_H
#define MOCK_EPIC_TOKEN_ENDPOINT_H

#include "mock_epic/http.h"
#include "mock_epic/mock.h"

void mock_token_endpoint_handle(struct mock_epic *mock, const struct mock_request *request, int64_t now_us,
                                struct mock_response *response);

/* Judge a bare JWT against the registered apps, burning nothing: POST /mock/jwt/check. Whether its jti was seen is
 * looked up, not remembered.
 * out  report  filled when AUTH_OK */
AUTH_MUST_CHECK enum auth_rc mock_token_endpoint_check(struct mock_epic *mock, struct auth_view compact, int64_t now_us,
                                                       struct auth_report *report);

#endif
