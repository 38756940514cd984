/* One call to the admin API of a mock that runs somewhere. */
#ifndef MOCK_EPIC_CLI_CALL_SEND_H
#define MOCK_EPIC_CLI_CALL_SEND_H

#include "auth/net/http.h"

/* Where the mock is and what it takes to be let in: members of the settings of whoever calls. */
struct mock_call_target {
    const char *url; /* as a user has it: its origin, or any of the URLs of the ready object, also below /i/NAME */
    const char *admin_token_file;
    const char *ca_file;
    int64_t timeout_s;
    bool is_open; /* the call is answered to everybody: no token is read or sent */
};

#define MOCK_CALL_DEFAULT_URL "http://127.0.0.1:8423"
/* What was not given: MOCK_EPIC_URL, MOCK_EPIC_ADMIN_TOKEN_FILE and MOCK_EPIC_TLS_CA_FILE, then the default URL. Borrowed from
 * the environment. */
void mock_call_target_complete(struct mock_call_target *target);

struct mock_call {
    struct auth_http *http;
    struct auth_buf root; /* the URL before "/mock" */
    struct auth_buf token;
};

/* rc   AUTH_E_ARG: the URL is none; AUTH_E_CONFIG: the token or the CA file is none; AUTH_E_NOMEM. Clear in every case. */
AUTH_MUST_CHECK enum auth_rc mock_call_open(struct mock_call *call, const struct mock_call_target *target,
                                            struct auth_err *err);
void mock_call_clear(struct mock_call *call);
/* in   path      below /mock, with its query: "/clock"
 *      body      JSON; empty: none
 * out  response  caller clears, also after a failure
 * rc   AUTH_OK: there is an answer, of whatever status; else as auth_http's send: nothing answers there */
AUTH_MUST_CHECK enum auth_rc mock_call_send(const struct mock_call *call, const char *method, const char *path,
                                            struct auth_view body, struct auth_http_response *response,
                                            struct auth_err *err);
/* What an answer that is no 2xx says of the reason, for a person. */
void mock_call_reason(const struct mock_call *call, const struct auth_http_response *response, struct auth_buf *out);

#endif
