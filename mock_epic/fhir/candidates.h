/* Plan x store: the resources that a search finds, in order, those that a post-filter takes away marked. */
#ifndef MOCK_EPIC_FHIR_CANDIDATES_H
#define MOCK_EPIC_FHIR_CANDIDATES_H

#include "mock_epic/data/store.h"
#include "mock_epic/fhir/call.h"
#include "mock_epic/fhir/query.h"

struct mock_found {
    uint32_t *items; /* numbers of resources, perhaps with MOCK_FILTERED_OUT; caller frees */
    size_t count, size;
};

/* in   call    its access: never NULL
 *      params  for _id
 * out  found: init by this call
 *      plan   status and issues when the store shows that it is to be refused (no such patient, no such id)
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_candidates(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                                             const struct auth_form *params, const struct mock_match_context *context,
                                             struct mock_plan *plan, struct mock_found *found);

/* Whether a resource fits all of a plan's conditions and nothing beside the data bars it. */
bool mock_candidate_fits(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                         const struct mock_match_context *context, struct mock_plan *plan, uint32_t number);
/* patient.identifier: the patient who has it becomes the plan's, if it names no other. False: nobody is. */
bool mock_candidate_patient(const struct mock_fhir_store *store, const struct mock_match_context *context,
                            struct mock_plan *plan);

#endif
