/* Patients by demographics: Epic finds them by how much fits, not by all that was given. */
#ifndef MOCK_EPIC_FHIR_PATIENTS_H
#define MOCK_EPIC_FHIR_PATIENTS_H

#include "mock_epic/data/store.h"
#include "mock_epic/fhir/query.h"

/* More than so many are refused with 4127 (E). */
enum { MOCK_PATIENTS_MAX = 100 };

/* Refuse a search that names nothing of a person (plan->status), else find who fits, best first.
 * out  found   numbers of resources
 * rc   how many; MOCK_PATIENTS_MAX + 1: too many */
size_t mock_patients_find(const struct mock_fhir_store *store, struct mock_plan *plan,
                          const struct mock_match_context *context, uint32_t found[MOCK_PATIENTS_MAX + 1]);

#endif
