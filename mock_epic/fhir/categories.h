/* Values that Epic knows of a parameter, where it knows them: what it does with others. */
#ifndef MOCK_EPIC_FHIR_CATEGORIES_H
#define MOCK_EPIC_FHIR_CATEGORIES_H

#include "mock_epic/epic/outcome.h"
#include "mock_epic/epic/types.h"

enum mock_category {
    MOCK_CATEGORY_TAKEN,
    MOCK_CATEGORY_IGNORED, /* noted; the search goes on without it */
    MOCK_CATEGORY_REFUSED  /* the issues say why */
};

/* One of the values must be known, or with is_one_value all of them as one; where it is not, an optional parameter is ignored and a required one refused. */
enum mock_category mock_category_check(const struct mock_fhir_type *type, struct auth_view parameter,
                                       struct auth_view values, bool is_one_value, struct mock_issues *issues);

#endif
