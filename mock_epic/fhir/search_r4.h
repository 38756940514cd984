/* A search as FHIR R4 has it, in place of Epic's: mock_epic/fhir/search.h, with fhir=r4. */
#ifndef MOCK_EPIC_FHIR_SEARCH_R4_H
#define MOCK_EPIC_FHIR_SEARCH_R4_H

#include "auth/core/form.h"
#include "mock_epic/data/store.h"
#include "mock_epic/fhir/call.h"
#include "mock_epic/fhir/query.h"

/* Answer a search of one type (scope already checked). Nothing is kept of it: a next link says itself where to go on. */
void mock_fhir_search_r4(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                         const struct mock_fhir_type *type, const struct auth_form *params, const char *content_type,
                         struct mock_response *response);

#endif
