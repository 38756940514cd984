/* What became of a search's parameters, for the journal: which Epic looks up, which it filters by, which it ignores and why. */
#ifndef MOCK_EPIC_FHIR_SEARCH_NOTE_H
#define MOCK_EPIC_FHIR_SEARCH_NOTE_H

#include "mock_epic/fhir/query.h"

/* Append it as a JSON object; out may be NULL.
 * in  matched  what was found, filtered or not; offset: of the page in it; size: matches that the page shows */
void mock_search_note(struct auth_buf *out, const struct mock_plan *plan, const struct auth_form *params,
                      size_t matched, size_t offset, size_t size);

#endif
