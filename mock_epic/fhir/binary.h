/* A Binary as the bytes that it holds (FHIR R4 2.3.1). */
#ifndef MOCK_EPIC_FHIR_BINARY_H
#define MOCK_EPIC_FHIR_BINARY_H

#include "mock_epic/http/message.h"

/* Answer with the content of a Binary if its own type is asked for, or no FHIR format is. False: nothing was written, the
 * resource itself is wanted.
 * in  is_asked  a FHIR format was asked for by name */
bool mock_binary_answer(const struct mock_request *request, bool is_asked, struct auth_view resource,
                        struct mock_response *response);

#endif
