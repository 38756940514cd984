/* The FHIR R4 API: fixtures in, Epic's answers out. Not the bearer check: mock_epic/server/dispatch.c has done that.
 *
 * Resources are kept as the bytes they were loaded from and served byte for byte; a small index beside them knows type, id and
 * patient. Read next: mock_epic/epic/types.h (Epic's surface as a table), load.h and store.h (loading, index), search.h (from a
 * query to a page), outcome.h (Epic's OperationOutcomes), negotiate.h (JSON or XML). */
#ifndef MOCK_EPIC_FHIR_FHIR_H
#define MOCK_EPIC_FHIR_FHIR_H

#include "mock_epic/data/data.h"
#include "mock_epic/fhir/call.h"

/* Answer read and search (GET, HEAD, POST _search where Epic has it), Epic's 403 for missing scopes, its HTML 404 for what
 * does not exist, OperationOutcomes for the rest. Threads safe after mock_fhir_seal(). */
void mock_fhir_handle(const struct mock_fhir *fhir, const struct mock_fhir_call *call, struct mock_response *response);

/* Answer GET metadata (no token needed): CapabilityStatement made from the table of types. */
void mock_fhir_metadata(const struct mock_fhir_call *call, struct auth_view token_url, struct auth_view authorize_url,
                        struct mock_response *response);

#endif
