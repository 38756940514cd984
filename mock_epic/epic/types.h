/* Epic's R4 surface as a table: the 59 types, what each search needs, which parameters are native (O Feb 2026, E).
 *
 * Where no capture tells the required parameters of a type, the row follows its neighbours (I); Practitioner, PractitionerRole and
 * Location are searchable by more than _id at Epic, which comes with those parameters. */
#ifndef MOCK_EPIC_EPIC_TYPES_H
#define MOCK_EPIC_EPIC_TYPES_H

#include "auth/core/buf.h"

/* What a search must name, and how Epic refuses without it. */
enum mock_fhir_required_params {
    MOCK_REQUIRED_NO_SEARCH,                    /* the type is only read: HTML 404 */
    MOCK_REQUIRED_ID_ONLY,                      /* 59100 + 59102 */
    MOCK_REQUIRED_DEMOGRAPHICS,                 /* Patient: 59159 */
    MOCK_REQUIRED_PATIENT,                      /* 59159 */
    MOCK_REQUIRED_PATIENT_REQUIRED,             /* the same refusal with issue code "required" */
    MOCK_REQUIRED_PATIENT_403,                  /* AllergyIntolerance: 403, 4118 */
    MOCK_REQUIRED_PATIENT_AND_CATEGORY,         /* CarePlan: 59159 */
    MOCK_REQUIRED_PATIENT_AND_CATEGORY_OR_CODE, /* Observation: 59108, 59159 */
};

struct mock_fhir_type {
    const char *name;
    const char *native; /* search parameters besides _id and _count, space-separated */
    enum mock_fhir_required_params required_params;
};

extern const struct mock_fhir_type mock_fhir_types[];
extern const size_t mock_fhir_type_count;

/* Index in the table, or mock_fhir_type_count. */
size_t mock_fhir_type_find(struct auth_view name);
/* Is it a native parameter of the type? */
bool mock_fhir_type_has(const struct mock_fhir_type *type, struct auth_view parameter);

#endif
