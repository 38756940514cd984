/* Epic's sub-types: the parts of a resource type that are granted one by one, and what a search says of those it left out. */
#ifndef MOCK_EPIC_FHIR_SUBTYPES_H
#define MOCK_EPIC_FHIR_SUBTYPES_H

#include "mock_epic/epic/scopes.h"
#include "mock_epic/fhir/query.h"

enum { MOCK_ALLOWED_MAX = 32 };

/* What a grant leaves of a search. */
struct mock_allowed {
    size_t count; /* of wanted; 0: no category is left out */
    struct mock_wanted wanted[MOCK_ALLOWED_MAX];
    struct mock_condition condition; /* a resource must have one of these categories */
};

/* Note each sub-type that the search would look at and that is not granted (59205, 59204), and add to the plan's conditions that
 * what is found is granted; refuse when nothing is left (59022).
 * out  allowed  the plan's condition borrows from it */
void mock_subtypes_limit(struct mock_plan *plan, const struct mock_scopes *scopes, struct mock_allowed *allowed);
/* Note them alone: for a page after the first. */
void mock_subtypes_note(struct mock_plan *plan, const struct mock_scopes *scopes);

/* The sub-type's name for which a read of this resource is not granted; NULL: it is. */
const char *mock_subtypes_missing(const struct mock_fhir_type *type, struct auth_view resource,
                                  const struct mock_scopes *scopes);

#endif
