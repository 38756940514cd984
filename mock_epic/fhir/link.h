/* References inside resources: found without a tree, and in Bundles led from the urn that names an entry to the resource that
 * it has become, as a server does that takes a transaction. */
#ifndef MOCK_EPIC_FHIR_LINK_H
#define MOCK_EPIC_FHIR_LINK_H

#include "auth/core/json.h"

/* Walk the values of the members "reference" that are strings, at whatever depth, as they are written. *cursor starts at 0; false
 * at the end. The text is known to be JSON. */
bool mock_fhir_next_reference(struct auth_view text, size_t *cursor, struct auth_view *reference);

/* Write a Bundle anew with each reference to an entry's fullUrl "urn:..." as "Type/id" of the entry's resource. Entries whose
 * resource has no id are left as they are.
 * out  *linked  what was written, caller frees; NULL when there is nothing to change
 *      *count   references that were changed
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_fhir_link_bundle(struct auth_view bundle, char **linked, size_t *n, size_t *count);

#endif
