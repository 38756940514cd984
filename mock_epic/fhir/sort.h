/* Matches put in the order that _sort asks for (FHIR R4 3.1.1.5.1). */
#ifndef MOCK_EPIC_FHIR_SORT_H
#define MOCK_EPIC_FHIR_SORT_H

#include "mock_epic/data/store.h"
#include "mock_epic/fhir/query.h"

enum { MOCK_SORT_MAX = 200000 }; /* matches; more are refused as too costly */

/* By the plan's sorts: what has no value comes last; of several values the least counts, descending the greatest; text by its
 * bytes; of two alike the one that was loaded first comes first.
 * in/out  numbers  of resources, as they were found
 * rc  AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_sort(const struct mock_fhir_store *store, const struct mock_plan *plan,
                                       uint32_t *numbers, size_t count);

#endif
