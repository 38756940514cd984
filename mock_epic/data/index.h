/* What searches look up without a patient: which parameters are indexed, and the hashes that stand for their values.
 *
 * Noted of each resource as it is loaded, in store.keys: what identifies it, what leads to its encounter, and for the types that
 * are searched by what they say of themselves all that such a search may begin with. All else is looked for in the text of
 * what a patient or such a hash leads to. */
#ifndef MOCK_EPIC_DATA_INDEX_H
#define MOCK_EPIC_DATA_INDEX_H

#include "mock_epic/data/scan.h"
#include "mock_epic/data/store.h"
#include "mock_epic/epic/types.h"

/* Provenance's, which Epic knows to include by and not to search by. */
extern const struct mock_fhir_param mock_index_target;

/* Note what the index knows of a resource that was added; again when its text has changed, and what was noted before stays.
 * in  scan  of its text
 * rc  AUTH_E_NOMEM, AUTH_E_TOO_BIG */
AUTH_MUST_CHECK enum auth_rc mock_index_add(struct mock_fhir_store *store, const struct mock_scan *scan,
                                            uint32_t number);

/* ---- asking ---- */

/* Whether values of this parameter of a type (its index in mock_fhir_types) are noted.
 * out  *seed  for the hashes below */
bool mock_index_knows(size_t type, const struct mock_fhir_param *param, uint64_t *seed);
uint32_t mock_index_code(uint64_t seed, struct auth_view code);
uint32_t mock_index_reference(uint64_t seed, struct auth_view id);
/* Of a text that begins so; folded. False: that is too little to look up. */
bool mock_index_text(uint64_t seed, struct auth_view beginning, uint32_t *hash);
/* Of a Patient who was born on that day (of what a date may mean the beginning counts) and a name of whom, or a word of one,
 * is this or sounds so; folded. */
uint32_t mock_index_person(int64_t born_us, struct auth_view name);

/* All that have one of these hashes, in the order in which searches find.
 * out  *numbers  of resources; free(). NULL when there is none
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_index_find(const struct mock_fhir_store *store, const uint32_t *hashes,
                                             size_t hash_count, uint32_t **numbers, size_t *count);

#endif
