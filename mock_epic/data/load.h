/* Fixtures from files and folders, and what is to be said about them. Read next: mock_epic/data/link.h. */
#ifndef MOCK_EPIC_DATA_LOAD_H
#define MOCK_EPIC_DATA_LOAD_H

#include "mock_epic/data/report.h"
#include "mock_epic/data/store.h"

enum { MOCK_MAP_FROM = 1024 * 1024 * 1024 };

/* Load a file, or a folder with all below it. A folder that is met again by a link is loaded once; what cannot be read in a
 * folder is noted and left out.
 * rc  as mock_fhir_load() */
AUTH_MUST_CHECK enum auth_rc mock_fhir_load_path(struct mock_fhir_store *store, const char *path,
                                                 struct mock_fhir_report *report, struct auth_err *err);
/* Count the references that lead nowhere; after mock_fhir_store_seal(). */
void mock_fhir_check_references(struct mock_fhir_store *store, struct mock_fhir_report *report);

#endif
