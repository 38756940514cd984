/* Searching: parameters, Epic's minima, matching, Bundles, paging sessions. */
#ifndef MOCK_EPIC_FHIR_SEARCH_H
#define MOCK_EPIC_FHIR_SEARCH_H

#include <pthread.h>

#include "auth/core/form.h"
#include "mock_epic/fhir_store.h"
#include "mock_epic/fhir_types.h"

enum { MOCK_SESSIONS_MAX = 1000, MOCK_PAGE_DEFAULT = 1000 };

/* What a next link stands for: the rest of a search as it was found, one page ahead. Reading it again gives the same
 * page; it belongs to the client that searched. */
struct mock_session {
    char id[48]; /* "<n>-<32 hex>" */
    char *client_id;
    char *self; /* the query of the search, for the self link */
    const struct mock_fhir_type *type;
    uint32_t *matches; /* all of them */
    size_t match_count;
    size_t offset, page;
    int64_t expires_s;
};

struct mock_sessions {
    pthread_mutex_t lock;
    struct mock_session *ring[MOCK_SESSIONS_MAX]; /* slot number % size: the oldest is overwritten */
    uint64_t next;
};

void mock_sessions_init(struct mock_sessions *sessions);
void mock_sessions_clear(struct mock_sessions *sessions);
void mock_sessions_empty(struct mock_sessions *sessions);

/* Answer a search of one type (scope already checked). params: the decoded parameters. */
void mock_fhir_search(const struct mock_fhir_store *store, struct mock_sessions *sessions,
                      const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                      const struct auth_form *params, const char *content_type, struct mock_response *response);

#endif
