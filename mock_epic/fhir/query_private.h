/* Inside the reading of a query only: what query.c and query_r4.c share. */
#ifndef MOCK_EPIC_FHIR_QUERY_PRIVATE_H
#define MOCK_EPIC_FHIR_QUERY_PRIVATE_H

#include "mock_epic/fhir/query.h"

/* One query on its way to a plan. */
struct mock_reading {
    const struct mock_query *query;
    struct mock_plan *plan;
};

/* The type's parameter of that name, if this release of Epic has it. */
const struct mock_fhir_param *mock_reading_param(const struct mock_reading *r, struct auth_view name);
/* Those that take something answer whether to go on. */
bool mock_reading_refuse(struct mock_reading *r, int status);
bool mock_reading_bad_value(struct mock_reading *r, const struct auth_form_field *field, const char *what);
void mock_reading_ignore(struct mock_reading *r, struct auth_view name, const char *why);
bool mock_reading_count(struct mock_reading *r, struct auth_view value);
bool mock_reading_include(struct mock_reading *r, const struct auth_form_field *field);
bool mock_reading_revinclude(struct mock_reading *r, const struct auth_form_field *field);
/* The condition that a field is. */
bool mock_reading_condition(struct mock_reading *r, const struct auth_form_field *field,
                            const struct mock_fhir_param *param, enum mock_modifier modifier,
                            struct mock_condition *condition);

/* query_r4.c: one parameter, as FHIR R4 has it. */
bool mock_reading_take_r4(struct mock_reading *r, const struct auth_form_field *field);

#endif
