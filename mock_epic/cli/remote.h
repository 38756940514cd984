/* run --on URL: an Epic of its own in a mock that runs already. It is made, followed while the command runs, and removed.
 *
 * What is told on stderr comes from its journal, in the words that a server of our own would use. */
#ifndef MOCK_EPIC_CLI_REMOTE_H
#define MOCK_EPIC_CLI_REMOTE_H

#include "auth/core/json.h"
#include "auth/core/log.h"
#include "mock_epic/cli/call_send.h"
#include "mock_epic/evidence/journal_file.h"
#include "mock_epic/start/provision.h"

struct mock_remote {
    struct mock_call server;     /* the mock itself */
    struct mock_call instance;   /* below /i/NAME */
    struct auth_buf name;        /* empty: none was made */
    struct auth_buf description; /* what the server says of it, a ready object */
    struct auth_buf token_url, fhir_url;
    struct auth_view host; /* of the URL */
    bool is_tls, is_gone;
    int64_t last_id;                        /* of the journal entries that were looked at */
    int64_t seen;                           /* how many they are */
    int64_t gap_id;                         /* behind a gap, which was waited for once; 0: none */
    int64_t asked;                          /* how often: requests of ours, which are none of the command's */
    struct mock_journal_file *journal_file; /* gets the entries; borrowed */
    struct auth_log log;
};

void mock_remote_init(struct mock_remote *remote);
/* in   provision  whose app is registered, whose scenario is played
 * rc   AUTH_E_ARG: an option that is not for instances, or a URL that is none; else the server is not there or refuses.
 *      Clear in every case */
AUTH_MUST_CHECK enum auth_rc mock_remote_make(struct mock_remote *remote, const struct mock_settings *settings,
                                              const struct mock_provision *provision, struct auth_err *err);
/* Expect this of it, an array. rc AUTH_E_NETWORK; AUTH_E_HTTP */
AUTH_MUST_CHECK enum auth_rc mock_remote_expect(struct mock_remote *remote, struct auth_view expectations,
                                                struct auth_err *err);
/* What GET /mock/verdict answers. out response caller clears, also after a failure. rc AUTH_E_NETWORK; AUTH_E_HTTP */
AUTH_MUST_CHECK enum auth_rc mock_remote_verdict(struct mock_remote *remote, struct auth_http_response *response,
                                                 struct auth_err *err);
/* The timeline of the instance as a page. As mock_remote_verdict(). */
AUTH_MUST_CHECK enum auth_rc mock_remote_page(struct mock_remote *remote, struct auth_http_response *response,
                                              struct auth_err *err);
/* Tell what was refused since the last call. */
void mock_remote_follow(struct mock_remote *remote);
/* Tell the rest and how much there was.
 * Returns status; 1 for 0 when --fail-on-refused was given and a token request was refused; 3 when the server has gone */
int mock_remote_sum_up(struct mock_remote *remote, const struct mock_settings *settings, int status);
/* Remove the instance. */
void mock_remote_clear(struct mock_remote *remote);

#endif
