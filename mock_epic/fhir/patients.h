/* Patients by demographics: Epic finds them by how much fits, not by all that was given. */
#ifndef MOCK_EPIC_FHIR_PATIENTS_H
#define MOCK_EPIC_FHIR_PATIENTS_H

#include "mock_epic/fhir/finding.h"

/* More than so many are refused with 4127 (E). */
enum { MOCK_PATIENTS_MAX = 100 };

/* Refuse a search that names nothing of a person, or fits too many (plan->status), else find who fits, best first.
 * out  found   numbers of resources
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_patients_find(const struct mock_finding *finding,
                                                uint32_t found[MOCK_PATIENTS_MAX + 1], size_t *count);

#endif
