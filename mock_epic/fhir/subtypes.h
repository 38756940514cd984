/* What sub-types do to a search and a read: what is left out, and what is said of it. The table: mock_epic/epic/subtypes.h. */
#ifndef MOCK_EPIC_FHIR_SUBTYPES_H
#define MOCK_EPIC_FHIR_SUBTYPES_H

#include "mock_epic/data/access.h"
#include "mock_epic/fhir/call.h"
#include "mock_epic/fhir/query.h"

enum { MOCK_ALLOWED_MAX = 32 };

/* What a grant leaves of a search. */
struct mock_allowed {
    size_t count; /* of wanted; 0: no category is left out */
    struct mock_wanted wanted[MOCK_ALLOWED_MAX];
};

/* Add to the plan's conditions that what is found is granted; refuse when nothing of what the search looks at is (59022).
 * out  allowed  the plan's condition borrows from it */
void mock_subtypes_limit(struct mock_plan *plan, const struct mock_fhir_call *call, struct mock_allowed *allowed);
/* Note each sub-type that the search looks at, or would have found, and that is not granted: 59205, then 59204 (O). */
void mock_subtypes_note(struct mock_plan *plan, const struct mock_fhir_call *call);

/* The sub-type's name for which a read of this resource is not granted; NULL: it is. */
const char *mock_subtypes_missing(const struct mock_fhir_type *type, struct auth_view resource,
                                  const struct mock_fhir_call *call);
/* Whether a row that stands beside the data keeps its resource from a search. */
bool mock_subtypes_bar(const struct mock_fhir_call *call, const struct mock_access_row *row);
/* Note in the plan's left_out of what sub-type it is. */
void mock_subtypes_leave_out(struct mock_plan *plan, const struct mock_access_row *row);
/* Whether the app was granted a row's sub-type by name. */
bool mock_subtypes_grant(const struct mock_fhir_call *call, const struct mock_access_row *row);
/* Whether it is the user, and not the app, who may not see a row's sub-type: as it answers, else as the table has it. */
bool mock_subtypes_are_users(const struct mock_access_row *row);

#endif
