/* What FHIR R4 answers where Epic answers otherwise, with fhir=r4: versions of resources, and refusals. */
#ifndef MOCK_EPIC_FHIR_R4_H
#define MOCK_EPIC_FHIR_R4_H

#include "mock_epic/epic/outcome.h"
#include "mock_epic/fhir/call.h"

bool mock_is_r4(const struct mock_fhir_call *call);
/* No issues yet, to be written as this API writes them. */
struct mock_issues mock_issues_of(const struct mock_fhir_call *call);

/* Add ETag, and Last-Modified where the resource says so. True: If-None-Match or If-Modified-Since says that the client has it, and 304
 * is the whole answer (R4 3.1.0.1.7, RFC 9110 13.1.2, 13.1.3). The response has its status 200 and headers so far. */
bool mock_r4_is_unchanged(const struct mock_request *request, struct auth_view resource,
                          struct mock_response *response);
/* 404 for a type or path that is not there, 405 for what cannot be done with it, 406 for a format, 403 for a scope. */
void mock_r4_refuse(const struct mock_fhir_call *call, int status, const char *content_type, const char *why,
                    struct mock_response *response);

#endif
