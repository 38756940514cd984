/* A resource as it is read: what the index must know of it. */
#ifndef MOCK_EPIC_DATA_RESOURCE_H
#define MOCK_EPIC_DATA_RESOURCE_H

#include "mock_epic/data/scan.h"
#include "mock_epic/data/store.h"

/* 130 characters were seen at Epic (O), where FHIR has 64. */
enum { MOCK_ID_MAX = 256 };

/* Whether a resource may be called so: A-Z a-z 0-9 - . alone, 1 to MOCK_ID_MAX of them. */
bool mock_id_is_usable(struct auth_view id);

/* Take one resource into the store, which borrows its bytes.
 * rc  AUTH_E_SYNTAX (no resourceType, no usable id), AUTH_E_TOO_BIG, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_resource_add(struct mock_fhir_store *store, const struct mock_scan *scan,
                                               struct auth_err *err);
/* Put another text in the place of a resource that is in the store: of the same type and id, and JSON for sure.
 * rc  as above */
AUTH_MUST_CHECK enum auth_rc mock_resource_replace(struct mock_fhir_store *store, size_t number, struct auth_view bytes,
                                                   struct auth_err *err);

#endif
