/* What each step of a search works on, from its plan to a page. */
#ifndef MOCK_EPIC_FHIR_FINDING_H
#define MOCK_EPIC_FHIR_FINDING_H

#include "mock_epic/data/store.h"
#include "mock_epic/fhir/call.h"
#include "mock_epic/fhir/query.h"

/* One search: what is asked, of what. */
struct mock_finding {
    const struct mock_fhir_store *store;
    const struct mock_fhir_call *call; /* its access: never NULL */
    const struct auth_form *params;    /* for _id */
    const struct mock_match_context *context;
    struct mock_plan *plan;
    bool is_scanned; /* nothing but the lists by type and patient is used: for tests, which compare */
};

#endif
