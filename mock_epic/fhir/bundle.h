/* A page of a search as a Bundle: links, matches, what they include, an OperationOutcome at the end. */
#ifndef MOCK_EPIC_FHIR_BUNDLE_H
#define MOCK_EPIC_FHIR_BUNDLE_H

#include "auth/core/form.h"
#include "mock_epic/data/store.h"
#include "mock_epic/epic/outcome.h"
#include "mock_epic/fhir/subset.h"

/* Set in a number of the page: found, and filtered out afterwards. */
#define MOCK_FILTERED_OUT 0x80000000U

struct mock_bundle {
    const struct mock_fhir_store *store;
    struct auth_view base_url;
    const char *type;
    const char *self; /* queries, percent-encoded */
    const char *next; /* NULL: there is none */
    const uint32_t *matches;
    size_t match_count;
    const uint32_t *included;
    size_t included_count;
    bool has_no_total;
    size_t total;
    const struct mock_subset *subset; /* of each match, and of what comes along unless elements were named; NULL: all */
    const struct mock_issues *issues; /* none: no outcome entry */
};

/* Write it as the answer's body. */
void mock_bundle_write(const struct mock_bundle *bundle, struct mock_response *response);

enum { MOCK_SELF_MAX = 64 * 1024 }; /* the query of a self link; every session keeps one */
/* The query of the self link: the parameters sorted by name, _count last (O, of a handful), as Epic escapes them. */
void mock_bundle_self(const struct auth_form *params, struct auth_buf *out);
/* Make a resource the answer's body. What came with the start is borrowed, for it stays as long as the server; what was posted may
 * go before the answer has been read, and is copied. */
void mock_resource_answer(const struct mock_fhir_store *store, const struct mock_resource *resource,
                          struct mock_response *response);

#endif
