/* The loaded data inside: mock_epic/fhir only. */
#ifndef MOCK_EPIC_FHIR_DATA_PRIVATE_H
#define MOCK_EPIC_FHIR_DATA_PRIVATE_H

#include <stdatomic.h>

#include "mock_epic/fhir/data.h"
#include "mock_epic/fhir/store.h"
#include "mock_epic/http/message.h"

enum { MOCK_FHIR_PACKS = 2 };

struct mock_fhir {
    atomic_uint references;
    struct mock_fhir_store store;
    struct mock_fhir_report report; /* of its loading */
    bool has_pack[MOCK_FHIR_PACKS];
    /* of data that an instance was given, beside what the server started with */
    struct mock_fhir *root; /* what the server started with; NULL: this is it */
    char *posted;           /* all of it, text after text */
    size_t posted_n;
    size_t first_new; /* in the store's items: of the last text */
};

/* Make a resource the answer's body. What came with the start is borrowed, for it stays as long as the server; what was posted may
 * go before the answer has been read, and is copied. */
void mock_resource_answer(const struct mock_fhir_store *store, const struct mock_resource *resource,
                          struct mock_response *response);

#endif
