/* Resources out of a text: one, an array, a Bundle, a template of many (repeat.h), or several such values after one another
 * (NDJSON). */
#ifndef MOCK_EPIC_DATA_LOAD_TEXT_H
#define MOCK_EPIC_DATA_LOAD_TEXT_H

#include "mock_epic/data/report.h"
#include "mock_epic/data/store.h"

/* Add every resource of a text, which must outlive the store. What is wrong among them is left out, and noted with its place.
 * in  file  what the text is called in notes
 * rc  AUTH_E_NOMEM, AUTH_E_TOO_BIG (more than can be counted) */
AUTH_MUST_CHECK enum auth_rc mock_fhir_load_text(struct mock_fhir_store *store, struct mock_fhir_report *report,
                                                 const char *file, struct auth_view text, struct auth_err *err);
/* What was added so far is known to be right: nobody looks where its references lead. */
void mock_fhir_trust(struct mock_fhir_store *store);

#endif
