/* Response headers as Epic sends them (O), as tables: one call adds a set. */
#ifndef MOCK_EPIC_EPIC_HEADERS_H
#define MOCK_EPIC_EPIC_HEADERS_H

#include "mock_epic/http/message.h"

/* Token endpoint: no-store triple, HSTS, frame options, CORS. */
void mock_headers_token(struct mock_response *response);
/* FHIR answers: no-store, HSTS, CORS. */
void mock_headers_fhir(struct mock_response *response);
/* Epic's HTML page for what IIS does not know: replaces whatever the response holds (404, text/html). */
void mock_headers_html_404(struct mock_response *response);

#endif
