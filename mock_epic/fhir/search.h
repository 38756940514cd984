/* Searching: parameters, Epic's minima, matching, Bundles. What a next link stands for: mock_epic/fhir/session.h. */
#ifndef MOCK_EPIC_FHIR_SEARCH_H
#define MOCK_EPIC_FHIR_SEARCH_H

#include "auth/core/form.h"
#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/session.h"
#include "mock_epic/fhir/store.h"

enum { MOCK_PAGE_DEFAULT = 1000 };

/* Answer a search of one type (scope already checked). params: the decoded parameters. */
void mock_fhir_search(const struct mock_fhir_store *store, struct mock_sessions *sessions,
                      const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                      const struct auth_form *params, const char *content_type, struct mock_response *response);

#endif
