/* What each part of the FHIR API is told of a request. */
#ifndef MOCK_EPIC_FHIR_CALL_H
#define MOCK_EPIC_FHIR_CALL_H

#include "auth/rules/profile.h"
#include "mock_epic/epic/scopes.h"
#include "mock_epic/epic/subtypes.h"
#include "mock_epic/http/message.h"

struct mock_access;
struct mock_sessions;

/* One request below the FHIR base whose bearer token was found good. */
struct mock_fhir_call {
    const struct mock_request *request;
    struct auth_view path;                      /* after ".../api/FHIR/R4", percent-encoded: "/Patient/abc" */
    struct auth_view base_url;                  /* absolute, no trailing slash: for fullUrl, links */
    struct auth_view client_id;                 /* paging sessions belong to it */
    const struct mock_scopes *scopes;           /* granted */
    const struct mock_subtype_grants *subtypes; /* what the app says of sub-types; NULL: nothing */
    const struct mock_access *access;           /* what data cannot say; NULL: as it was loaded */
    const struct auth_profile *profile;         /* count_max, paging_s, paging_status */
    int64_t now_s;
    const struct auth_env *env;     /* for session ids */
    struct auth_buf *search;        /* gets what mock_search_note() writes of a search; or NULL */
    struct mock_sessions *sessions; /* of the instance that is asked */
};

#endif
