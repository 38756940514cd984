/* Epic's R4 surface as a table: the 59 types, what may be done with each, its search parameters. Made from surface.txt, where
 * the evidence stands. What a search must name is in mock_epic/fhir/required.h. */
#ifndef MOCK_EPIC_EPIC_TYPES_H
#define MOCK_EPIC_EPIC_TYPES_H

#include "auth/core/buf.h"

enum mock_param_kind { MOCK_PARAM_TOKEN, MOCK_PARAM_REFERENCE, MOCK_PARAM_DATE, MOCK_PARAM_STRING };

struct mock_fhir_param {
    const char *name;
    const char *paths; /* space-separated; see surface.txt; "": accepted, and not looked at */
    enum mock_param_kind kind;
    bool is_native;
    int since; /* year and month of Epic's version, 202405; 0: always */
};

enum { MOCK_CAN_READ = 1, MOCK_CAN_SEARCH = 2, MOCK_CAN_CREATE = 4, MOCK_CAN_UPDATE = 8 };

struct mock_fhir_type {
    const char *name;
    const struct mock_fhir_param *params; /* besides _id and _count */
    size_t param_count;
    unsigned can; /* MOCK_CAN_... */
};

enum { MOCK_FHIR_TYPES_MAX = 64 };
extern const struct mock_fhir_type mock_fhir_types[]; /* by first letter */
extern const size_t mock_fhir_type_count;
/* For each capital, the first whose name begins with it or a later one. */
extern const unsigned char mock_fhir_type_first[26 + 1];

/* Index in the table, or mock_fhir_type_count. */
size_t mock_fhir_type_find(struct auth_view name);
/* The parameter of that name, or NULL. */
const struct mock_fhir_param *mock_fhir_type_param(const struct mock_fhir_type *type, struct auth_view name);

#endif
