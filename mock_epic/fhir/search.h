/* A search from its parameters to a page of its Bundle. Read next: query.h (what is asked), candidates.h (what is found),
 * session.h (what a next link stands for), bundle.h (how it is written). */
#ifndef MOCK_EPIC_FHIR_SEARCH_H
#define MOCK_EPIC_FHIR_SEARCH_H

#include "auth/core/form.h"
#include "mock_epic/data/data.h"
#include "mock_epic/data/store.h"
#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/call.h"
#include "mock_epic/fhir/session.h"

/* Answer a search of one type (scope already checked). params: the decoded parameters. */
void mock_fhir_search(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                      const struct mock_fhir_type *type, const struct auth_form *params, const char *content_type,
                      struct mock_response *response);

#endif
