/* POST <base>/oauth2/token: from the form to a token or a refusal.
 *
 * The steps, in order: read the form, take the assertion apart, find the app that it names and its keys, judge
 * everything in one pass (auth/rules), record the jti only when nothing failed, issue, write the journal, answer as Epic
 * does. Whatever fails, the journal holds all verdicts, and X-Mock-Epic-Decision names the entry. An app with a JWK Set URL
 * may make the request wait for a fetch: then nothing is answered, and all steps are done again when it has ended. */
#ifndef MOCK_EPIC_OAUTH_TOKEN_ENDPOINT_H
#define MOCK_EPIC_OAUTH_TOKEN_ENDPOINT_H

#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/instance/instance.h"

/* rc  AUTH_OK: answered, whatever the answer; AUTH_E_WAIT: wait for wait->jwks, then call again */
AUTH_MUST_CHECK enum auth_rc mock_token_endpoint_handle(struct mock_instance *instance,
                                                        const struct mock_request *request, struct mock_wait *wait,
                                                        struct mock_response *response);

/* Append the client id that a request claims to be of, the assertion's iss: nothing is verified. Nothing where it says none. */
void mock_token_endpoint_client(const struct mock_request *request, struct auth_buf *out);

/* Judge a bare JWT against the registered apps, and record nothing: POST /mock/jwt/check. Whether its jti was seen is
 * looked up, not remembered.
 * out  report  filled when AUTH_OK
 * rc   AUTH_E_WAIT: wait for wait->jwks, then call again */
AUTH_MUST_CHECK enum auth_rc mock_token_endpoint_check(struct mock_instance *instance, struct auth_view compact,
                                                       struct mock_wait *wait, struct auth_report *report);

#endif
