/* What a page brings along: the resources that its matches name, and the Provenance that names them. */
#ifndef MOCK_EPIC_FHIR_INCLUDE_H
#define MOCK_EPIC_FHIR_INCLUDE_H

#include "mock_epic/data/store.h"
#include "mock_epic/fhir/call.h"
#include "mock_epic/fhir/query.h"

struct mock_included {
    uint32_t *items; /* numbers of resources, each once, none of the page's; caller frees */
    size_t count, size;
};

/* What a read would refuse is not brought along.
 * in   matches  of the page; those filtered out do not count
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_include(const struct mock_fhir_store *store, const struct mock_plan *plan,
                                          const struct mock_fhir_call *call, const uint32_t *matches,
                                          size_t match_count, struct mock_included *out);

#endif
