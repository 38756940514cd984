/* The loaded data inside: for mock_epic/data and for mock_epic/fhir, which answers from it. */
#ifndef MOCK_EPIC_DATA_DATA_PRIVATE_H
#define MOCK_EPIC_DATA_DATA_PRIVATE_H

#include <stdatomic.h>

#include "mock_epic/data/data.h"
#include "mock_epic/data/store.h"

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

#endif
