/* Required parameters as data. Patient, which Epic finds by a score, is in patients.c. */
#include "mock_epic/fhir/required.h"

#define BY_PATIENT_OR_ID "This resource requires a patient or _id parameter for searching."

/* Sources: O for the rows that name a type, but for EpisodeOfCare (O that it refuses, I how) and Location (I); I for the rest. */
static const struct mock_required rows[] = {
    {"Observation", "patient subject", MOCK_OUTCOME_59159, 400, "/f:patient/_id", "patient/_id", BY_PATIENT_OR_ID},
    {"Observation", "category code", MOCK_OUTCOME_59108, 400, "/f:code/category", "code/category",
     "Must have either code or category."},
    {"AllergyIntolerance", "patient", MOCK_OUTCOME_4118, 403, NULL, NULL, ""},
    {"DocumentReference", "patient subject encounter", MOCK_OUTCOME_59108, 400, "/f:patient/_id", "patient/_id",
     BY_PATIENT_OR_ID},
    {"Procedure", "patient subject", MOCK_OUTCOME_59108, 400, "/f:patient/_id", "patient/_id", BY_PATIENT_OR_ID},
    {"CarePlan", "patient subject", MOCK_OUTCOME_59159, 400, "/f:patient/_id", "patient/_id", BY_PATIENT_OR_ID},
    {"CarePlan", "category", MOCK_OUTCOME_59159, 400, "/f:category", "category",
     "This resource requires a category for searching. Use 38717003 for longitudinal, 734163000 for encounter, "
     "736271009 for outpatient, 736353004 for inpatient, 738906000 for dental, 736378000 for oncology, "
     "719091000000102 for questionnaires due, 959871000000107 for anticoagulation, inpatient-pathway for inpatient "
     "pathway, 409073007 for education, or care-path for Care Path."},
    {"EpisodeOfCare", "patient", MOCK_OUTCOME_59159, 400, "/f:patient/_id", "patient/_id", BY_PATIENT_OR_ID},
    {"EpisodeOfCare", "type", MOCK_OUTCOME_59108, 400, "/f:type", "type",
     "A type with its system and code is required"},
    {"Device", "patient", MOCK_OUTCOME_59108, 400, "/f:patient", "patient", "A patient is required"},
    {"Practitioner", "name family identifier", MOCK_OUTCOME_59108, 400, "/f:name", "name",
     "Either name, family, or identifier is a required parameter."},
    {"PractitionerRole", "identifier practitioner organization location specialty", MOCK_OUTCOME_59108, 400,
     "/f:practitioner", "practitioner",
     "An identifier, practitioner, organization, location, or specialty parameter is required"},
    {"Location",
     "type identifier name address address-city address-state address-postalcode address-country organization partof",
     MOCK_OUTCOME_59159, 400, "/f:type/_id", "type/_id",
     "This resource requires a type or _id parameter for searching."},
    {"ResearchStudy", "identifier status", MOCK_OUTCOME_59159, 400, "/f:identifier/_id", "identifier/_id",
     "This resource requires an identifier, status or _id parameter for searching."},
    {NULL, "patient subject beneficiary individual", MOCK_OUTCOME_59159, 400, "/f:patient/_id", "patient/_id",
     BY_PATIENT_OR_ID},
};
static const struct mock_required only_id = {
    NULL, "", MOCK_OUTCOME_59102, 400, NULL, NULL, "Only an _ID search is allowed."};
static const struct mock_required binary_id = {"Binary", "", MOCK_OUTCOME_59144, 400, NULL, NULL, ""}; /* O */

void mock_required_demographics(struct mock_issues *issues)
{
    mock_issues_add(issues, MOCK_OUTCOME_59159, "/f:demographics/_id", "demographics/_id",
                    "This resource requires demographics or _id parameter for searching.");
}

bool mock_word_in(const char *list, struct auth_view word)
{
    struct auth_view rest = auth_view_from_string(list);
    while (rest.n) {
        if (auth_view_equals_view(auth_view_split(&rest, ' '), word))
            return true;
    }
    return false;
}

static bool has_params(const struct mock_fhir_type *type, int version)
{
    for (size_t i = 0; i < type->param_count; i++) {
        if (type->params[i].since <= version)
            return true;
    }
    return false;
}

const struct mock_required *mock_required_next(const struct mock_fhir_type *type, int version, size_t *cursor)
{
    size_t count = sizeof rows / sizeof *rows;
    if (!has_params(type, version))
        return (*cursor)++                                                     ? NULL
               : auth_view_equals(auth_view_from_string(type->name), "Binary") ? &binary_id
                                                                               : &only_id;
    bool has_own = *cursor > 0;
    for (size_t i = *cursor; i < count; i++) {
        bool is_own = rows[i].type && auth_view_equals(auth_view_from_string(type->name), rows[i].type);
        if (is_own || (!rows[i].type && !has_own)) {
            *cursor = i + 1;
            return &rows[i];
        }
    }
    return NULL;
}
