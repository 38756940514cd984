/* A resource with some of its elements only: _elements, and _summary=text (FHIR R4 3.1.1.5.9). */
#ifndef MOCK_EPIC_FHIR_ELEMENTS_H
#define MOCK_EPIC_FHIR_ELEMENTS_H

#include "auth/core/buf.h"

/* Write what is asked for, and what no resource of its type is without, as it was loaded; meta says SUBSETTED.
 * in  names  the elements' names at the top; "value" stands for each of its types
 *     resource  JSON that was checked */
void mock_elements_write(struct auth_view resource, const struct auth_view *names, size_t name_count,
                         struct auth_buf *out);

#endif
