/* What became of a search's parameters, for the journal: which Epic looks up, which it filters by, which it ignores and why. */
#ifndef MOCK_EPIC_FHIR_SEARCH_NOTE_H
#define MOCK_EPIC_FHIR_SEARCH_NOTE_H

#include "mock_epic/fhir/query.h"

/* What was found. */
struct mock_search_found {
    size_t matched; /* filtered out or not; where there is a next page, at least so many */
    size_t offset;  /* of the page in it */
    size_t size;    /* matches that the page shows */
    bool has_next;
};

/* Append it as a JSON object; out may be NULL. */
void mock_search_note(struct auth_buf *out, const struct mock_plan *plan, const struct auth_form *params,
                      struct mock_search_found found);

#endif
