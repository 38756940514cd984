/* Conditional references: "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999", as Synthea writes them into one file for
 * what stands in another. They can be led to their resources only when all is read. */
#ifndef MOCK_EPIC_DATA_CONDITIONAL_H
#define MOCK_EPIC_DATA_CONDITIONAL_H

#include "mock_epic/data/report.h"
#include "mock_epic/data/store.h"

/* Lead each such reference that names exactly one loaded resource to it. Resources that came with the program are left as they
 * are, and searched. Before the store is sealed.
 * out  report  linked_references grows
 * rc   AUTH_E_NOMEM
 * src  http://hl7.org/fhir/R4/http.html#trules (conditional references) */
AUTH_MUST_CHECK enum auth_rc mock_conditional_resolve(struct mock_fhir_store *store, struct mock_fhir_report *report,
                                                      struct auth_err *err);

#endif
