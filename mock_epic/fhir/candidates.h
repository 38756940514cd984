/* Plan x store: where a search looks, which is as little as the index can tell, and whether what it meets there fits. */
#ifndef MOCK_EPIC_FHIR_CANDIDATES_H
#define MOCK_EPIC_FHIR_CANDIDATES_H

#include "mock_epic/fhir/finding.h"

/* All that may fit, in the order in which searches find. */
struct mock_candidates {
    struct mock_range range;
    uint32_t *listed; /* that is the range, where the store keeps no such list; free() */
    bool is_named;    /* by the request, or found by a score: more may fit that is not among them */
};

/* out  candidates: init by this call
 *      plan        its patient, of patient.identifier; status and issues when the store shows that it is to be refused (no
 *                  such patient, no such id, nothing that names a person, too many people)
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_candidates_choose(const struct mock_finding *finding,
                                                    struct mock_candidates *candidates);
/* Whether a candidate fits what Epic looks up by, and nothing beside the data bars it. */
bool mock_candidate_fits(const struct mock_finding *finding, uint32_t number);
/* Whether it fits what Epic filters by afterwards, too. */
bool mock_candidate_stays(const struct mock_finding *finding, uint32_t number);
/* Note in the plan of which sub-types something was left out, anywhere in what the search finds: on each of its pages the same. */
void mock_candidates_left_out(const struct mock_finding *finding, const struct mock_candidates *candidates);

#endif
