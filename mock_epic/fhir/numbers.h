/* A set of resources' numbers, as large as what is in it and not as what is loaded. */
#ifndef MOCK_EPIC_FHIR_NUMBERS_H
#define MOCK_EPIC_FHIR_NUMBERS_H

#include "auth/core/buf.h"

/* Zero it first. */
struct mock_numbers {
    uint32_t *slots; /* open addressing: number + 1 */
    size_t size, count;
};

void mock_numbers_clear(struct mock_numbers *numbers);
/* rc  AUTH_E_EXISTS (it is in it), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_numbers_add(struct mock_numbers *numbers, uint32_t number);
bool mock_numbers_has(const struct mock_numbers *numbers, uint32_t number);

#endif
