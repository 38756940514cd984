/* The reviewed table, and the scopes that a category narrows. */
#include "mock_epic/fhir/subtypes.h"

#include "mock_epic/fhir/required.h"

enum grant {
    ORDINARY, /* granted with the type, unless the scope names categories and not this one */
    OUTSIDE,  /* not granted by default (O) */
    NO_USER   /* the background user may not see it (O) */
};

/* In the order in which they are named (O: who is on record; I: the names of the ordinary ones that are not). A search looks at a
 * sub-type when it names one of its categories, or none. */
static const struct {
    const char *type, *name;
    const char *categories; /* space-separated; "": any */
    enum grant grant;
} rows[] = {
    {"Procedure", "External Radiotherapy Summary", "", NO_USER},
    {"Procedure", "Outside Record", "", OUTSIDE},
    {"AllergyIntolerance", "Outside Record", "", OUTSIDE},
    {"Encounter", "Outside Record", "", OUTSIDE},
    {"Immunization", "Outside Record", "", OUTSIDE},
    {"MedicationRequest", "Outside Record", "", OUTSIDE},
    {"DiagnosticReport", "Outside Record Results", "LAB", OUTSIDE},
    {"Condition", "Outside Record Encounter Diagnosis", "encounter-diagnosis", OUTSIDE},
    {"Condition", "Outside Record Problems", "problem-list-item health-concern", OUTSIDE},
    {"Condition", "Outside Record Health Concern", "health-concern", OUTSIDE},
    {"Condition", "Encounter Diagnosis", "encounter-diagnosis", ORDINARY},
    {"Condition", "Problems", "problem-list-item", ORDINARY},
    {"Condition", "Health Concern", "health-concern", ORDINARY},
    {"Condition", "Genomics", "genomics", ORDINARY},
    {"Condition", "Dental Finding", "dental", ORDINARY},
    {"Condition", "Infection", "infection", ORDINARY},
    {"Condition", "Medical History", "medical-history", ORDINARY},
    {"Condition", "Reason For Visit", "reason-for-visit", ORDINARY},
    {"Observation", "Outside Record Results", "laboratory", OUTSIDE},
    {"Observation", "Outside Record Vital Signs", "vital-signs", OUTSIDE},
    {"Observation", "Labs", "laboratory", ORDINARY},
    {"Observation", "Vital Signs", "vital-signs", ORDINARY},
    {"Observation", "Social History", "social-history", ORDINARY},
    {"Observation", "Study Finding", "imaging exam", ORDINARY},
    {"Observation", "Assessments", "survey", ORDINARY},
    {"Observation", "SDOH Assessments", "sdoh", ORDINARY},
    {"Observation", "SmartData Elements", "smartdata procedure therapy activity", ORDINARY},
    {"Observation", "Core Characteristics", "core-characteristics", ORDINARY},
    {"Observation", "LDA-W", "LDA LDA-property LDA-assessment", ORDINARY},
    {"Observation", "Functional and Mental Status", "functional-mental-status", ORDINARY},
    {"Observation", "Obstetrics and Gynecology", "obstetrics-gynecology labor-delivery newborn-delivery", ORDINARY},
    {"Observation", "Periodontal", "periodontal", ORDINARY},
    {"Observation", "Phenotype", "phenotype", ORDINARY},
    {"DocumentReference", "Clinical Notes", "clinical-note", ORDINARY},
    {"DocumentReference", "Document Information", "document-information", ORDINARY},
    {"ServiceRequest", "SDOH", "sdoh", ORDINARY},
};
enum { ROWS = sizeof rows / sizeof *rows };

static bool is_of(size_t row, const struct mock_fhir_type *type)
{
    return auth_view_equals(auth_view_from_string(type->name), rows[row].type);
}

/* ---- which are looked at, and granted ---- */

/* Does one of the values mean one of the row's categories? */
static bool names_category(size_t row, struct auth_view values)
{
    bool has_value = false;
    while (values.n) {
        struct auth_view value = mock_value_split(&values);
        struct mock_token token = mock_token_read(value);
        if (!value.n)
            continue;
        has_value = true;
        if (!token.has_code || mock_word_in(rows[row].categories, token.code))
            return true;
    }
    return !has_value || !rows[row].categories[0];
}

struct limit {
    struct auth_view codes[MOCK_ALLOWED_MAX];
    size_t count; /* 0: the grant is not limited */
};

static bool is_granted(size_t row, const struct limit *limit)
{
    if (rows[row].grant != ORDINARY)
        return false;
    for (size_t i = 0; i < limit->count; i++) {
        if (mock_word_in(rows[row].categories, limit->codes[i]))
            return true;
    }
    return limit->count == 0;
}

static void note(struct mock_plan *plan, size_t row)
{
    bool is_user = rows[row].grant == NO_USER;
    mock_issues_add(&plan->issues, is_user ? MOCK_OUTCOME_59205 : MOCK_OUTCOME_59204, NULL, NULL,
                    "%s not authorized for %s - %s. Search results of this type have not been included.",
                    is_user ? "User" : "Client", rows[row].type, rows[row].name);
}

/* Whether anything that is looked at is granted. */
static bool note_all(struct mock_plan *plan, const struct limit *limit)
{
    bool has_row = false, has_granted = false;
    for (size_t i = 0; i < ROWS; i++) {
        if (!is_of(i, plan->type) || !names_category(i, plan->category))
            continue;
        has_row = has_row || rows[i].grant == ORDINARY;
        if (is_granted(i, limit))
            has_granted = true;
        else
            note(plan, i);
    }
    return has_granted || !has_row || !limit->count;
}

static void read_limit(const struct mock_plan *plan, const struct mock_scopes *scopes, struct limit *limit)
{
    limit->count = mock_scopes_categories(scopes, auth_view_from_string(plan->type->name), MOCK_SEARCH, limit->codes,
                                          MOCK_ALLOWED_MAX);
}

void mock_subtypes_note(struct mock_plan *plan, const struct mock_scopes *scopes)
{
    struct limit limit;
    read_limit(plan, scopes, &limit);
    if (!plan->has_ids)
        (void)note_all(plan, &limit);
}

void mock_subtypes_limit(struct mock_plan *plan, const struct mock_scopes *scopes, struct mock_allowed *allowed)
{
    struct limit limit;
    struct auth_view category = auth_view_from_string("category");
    const struct mock_fhir_param *param = mock_fhir_type_param(plan->type, category);
    bool is_left = true;
    read_limit(plan, scopes, &limit);
    allowed->count = 0;
    if (!plan->has_ids)
        is_left = note_all(plan, &limit);
    if (!is_left) {
        mock_issues_add(&plan->issues, MOCK_OUTCOME_59022, NULL, NULL,
                        "Combination of parameters is not valid for any authorized sub-resource. No search was "
                        "performed.");
        plan->status = 400;
    }
    if (!limit.count || !param || plan->native_count == AUTH_FORM_FIELDS_MAX)
        return;
    for (; allowed->count < limit.count; allowed->count++)
        allowed->wanted[allowed->count] =
            (struct mock_wanted){.token = {.code = limit.codes[allowed->count], .has_code = true}};
    plan->native[plan->native_count++] =
        (struct mock_condition){.param = param, .wanted = allowed->wanted, .wanted_count = allowed->count};
}

const char *mock_subtypes_missing(const struct mock_fhir_type *type, struct auth_view resource,
                                  const struct mock_scopes *scopes)
{
    struct limit limit;
    struct mock_wanted wanted = {0};
    const struct mock_match_context context = {.now_us = 0};
    const struct mock_fhir_param *param = mock_fhir_type_param(type, auth_view_from_string("category"));
    struct mock_condition condition = {.param = param, .wanted = &wanted, .wanted_count = 1};
    limit.count =
        mock_scopes_categories(scopes, auth_view_from_string(type->name), MOCK_READ, limit.codes, MOCK_ALLOWED_MAX);
    for (size_t i = 0; param && i < limit.count; i++) {
        wanted.token = (struct mock_token){.code = limit.codes[i], .has_code = true};
        if (mock_matches(&condition, resource, &context))
            return NULL;
    }
    if (!limit.count || !param)
        return NULL;
    for (size_t i = 0; i < ROWS; i++) {
        struct auth_view categories = auth_view_from_string(rows[i].categories);
        while (is_of(i, type) && rows[i].grant == ORDINARY && categories.n) {
            wanted.token = (struct mock_token){.code = auth_view_split(&categories, ' '), .has_code = true};
            if (mock_matches(&condition, resource, &context))
                return rows[i].name;
        }
    }
    return "other";
}
