/* A fault between this server and the JWK Set that it fetches: a transport for one fetch, which answers in the place of the
 * web, or makes something else of its answer, before anybody judges it. What would happen on the wire ends as libcurl would
 * tell it. */
#ifndef MOCK_EPIC_STATE_DISTURBED_FETCH_H
#define MOCK_EPIC_STATE_DISTURBED_FETCH_H

#include "auth/net/http.h"
#include "mock_epic/faults/faults.h"

struct mock_disturbed_fetch {
    struct auth_http base;   /* what the fetch is given */
    struct auth_http *inner; /* borrowed */
    struct mock_fault *fault;
    struct mock_waiters *waiters;
    const struct auth_env *env;
};

/* Look whether a fault acts on the fetch of that URL for that client; where none does, fault is NULL and inner is to be used as
 * it is. End with mock_disturbed_fetch_end(). Lives no longer than inner and waiters. */
void mock_disturbed_fetch_begin(struct mock_disturbed_fetch *fetch, struct auth_http *inner, struct mock_faults *faults,
                                struct mock_waiters *waiters, const char *url, const char *client_id);
void mock_disturbed_fetch_end(struct mock_disturbed_fetch *fetch);

#endif
