/* A resource with some of its elements only: _elements and _summary (FHIR R4 3.1.1.5.8, 3.1.1.5.9). */
#ifndef MOCK_EPIC_FHIR_SUBSET_H
#define MOCK_EPIC_FHIR_SUBSET_H

#include "auth/core/buf.h"
#include "auth/core/form.h"

enum { MOCK_SUBSET_NAMES_MAX = 64 };

enum mock_subset_kind {
    MOCK_SUBSET_WHOLE,
    MOCK_SUBSET_NAMED,   /* _elements */
    MOCK_SUBSET_TEXT,    /* _summary=text, which is as if that were named */
    MOCK_SUBSET_SUMMARY, /* _summary=true: what HL7's definitions mark as summary, at every depth */
    MOCK_SUBSET_DATA     /* _summary=data: all but the text */
};

struct mock_subset {
    enum mock_subset_kind kind;
    struct auth_view names[MOCK_SUBSET_NAMES_MAX]; /* at the top; "value" stands for each of its types; borrowed */
    size_t name_count;
};

/* Take one of the two parameters; both are not taken together. in out: subset  {0} at first. rc: NULL, or what is wrong with it */
const char *mock_subset_take(struct mock_subset *subset, const struct auth_form_field *field);
/* What a read's parameters want; all others are none of its business. rc: as mock_subset_take(), then *wrong is the parameter */
const char *mock_subset_of(const struct auth_form *params, struct mock_subset *subset,
                           const struct auth_form_field **wrong);

/* Write what is wanted, and what no resource of its type is without, as it was loaded; meta says SUBSETTED.
 * in  resource  JSON that was checked */
void mock_subset_write(struct auth_view resource, const struct mock_subset *subset, struct auth_buf *out);

#endif
