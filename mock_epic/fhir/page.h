/* One page of what a search finds, and where the next one goes on: no more is looked at than the page needs. */
#ifndef MOCK_EPIC_FHIR_PAGE_H
#define MOCK_EPIC_FHIR_PAGE_H

#include "mock_epic/fhir/candidates.h"

/* Where a page begins: behind a resource, which data that came later has hardly moved. */
struct mock_page_start {
    size_t position; /* among the candidates; 0: the first page, and number does not count */
    uint32_t number; /* of the resource before it */
};

struct mock_page {
    uint32_t *items; /* numbers of resources, perhaps with MOCK_FILTERED_OUT; free() */
    size_t count, size;
    size_t shown;           /* of them: those that are not filtered out; counting, of all pages */
    size_t matched;         /* counting: of all pages, filtered out or not */
    bool has_next, is_lost; /* is_lost: where it began is no longer there */
    struct mock_page_start next;
};

/* Find the page of at most `wanted` resources from start on.
 * in   counts  look at all, for the totals
 * out  page    init by this call
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_page_find(const struct mock_finding *finding, struct mock_range candidates,
                                            struct mock_page_start start, struct mock_extent extent, size_t wanted,
                                            bool counts, struct mock_page *page);

#endif
