/* The reviewed table of sub-types, and an app's own word on it. */
#include "mock_epic/epic/subtypes.h"

#include <string.h>

#include "auth/core/text.h"

/* In the order in which they are named. O: those that are not ordinary, and their names; Encounter Diagnosis, Health Concerns,
 * Medical History and Document Information; E: the other names but Problems, Labs, Vital Signs, Social History, Core
 * Characteristics, LDA-W, Functional and Mental Status, Longitudinal and Encounter Level, which are I. */
const struct mock_subtype mock_subtypes[] = {
    {"Procedure", "External Radiotherapy Summary", "", "", MOCK_SUBTYPE_NO_USER},
    {"Procedure", "Outside Record", "", "", MOCK_SUBTYPE_OUTSIDE},
    {"Procedure", "Patient-Reported Surgical History", "", "", MOCK_SUBTYPE_ORDINARY},
    {"Procedure", "SDOH Intervention", "", "", MOCK_SUBTYPE_ORDINARY},
    {"AllergyIntolerance", "Outside Record", "", "", MOCK_SUBTYPE_OUTSIDE},
    {"Encounter", "Outside Record", "", "", MOCK_SUBTYPE_OUTSIDE},
    {"Immunization", "Outside Record", "", "", MOCK_SUBTYPE_OUTSIDE},
    {"MedicationRequest", "Outside Record", "", "", MOCK_SUBTYPE_OUTSIDE},
    {"DiagnosticReport", "Outside Record Results", "LAB", "", MOCK_SUBTYPE_OUTSIDE},
    {"Binary", "Provider Photo", "", "", MOCK_SUBTYPE_OUTSIDE},
    {"ExplanationOfBenefit", "Prior Auth", "", "", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Outside Record Encounter Diagnosis", "encounter-diagnosis", "", MOCK_SUBTYPE_OUTSIDE},
    {"Condition", "Outside Record Problems", "problem-list-item health-concern", "", MOCK_SUBTYPE_OUTSIDE},
    {"Condition", "Outside Record Health Concern", "health-concern", "", MOCK_SUBTYPE_OUTSIDE},
    {"Condition", "Encounter Diagnosis", "encounter-diagnosis", "encounter-diagnosis", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Problems", "problem-list-item", "problem-list-item", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Health Concerns", "health-concern", "health-concern", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Genomics", "genomics", "genomics", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Dental Finding", "dental", "dental", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Infection", "infection", "infection", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Medical History", "medical-history", "medical-history", MOCK_SUBTYPE_ORDINARY},
    {"Condition", "Reason For Visit", "reason-for-visit", "reason-for-visit", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Outside Record Results", "laboratory", "", MOCK_SUBTYPE_OUTSIDE},
    {"Observation", "Outside Record Vital Signs", "vital-signs", "", MOCK_SUBTYPE_OUTSIDE},
    {"Observation", "Labs", "laboratory", "laboratory", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Vital Signs", "vital-signs", "vital-signs", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Social History", "social-history", "social-history", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "SmartData Elements", "vital-signs laboratory imaging procedure exam therapy activity smartdata",
     "procedure therapy activity smartdata", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Study Finding", "imaging exam", "imaging exam", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "DICOM Image Characteristics", "imaging", "", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Assessments", "survey sdoh", "survey", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "SDOH Assessments", "survey sdoh", "sdoh", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Core Characteristics", "core-characteristics", "core-characteristics", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "LDA-W", "LDA LDA-property LDA-assessment", "LDA LDA-property LDA-assessment",
     MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Functional and Mental Status", "functional-mental-status", "functional-mental-status",
     MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Obstetrics and Gynecology", "obstetrics-gynecology labor-delivery newborn-delivery",
     "obstetrics-gynecology labor-delivery newborn-delivery", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Periodontal", "periodontal", "periodontal", MOCK_SUBTYPE_ORDINARY},
    {"Observation", "Phenotype", "phenotype", "phenotype", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Longitudinal", "38717003", "38717003", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Encounter Level", "734163000", "734163000", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Outpatient", "736271009", "736271009", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Inpatient", "736353004", "736353004", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Dental", "738906000", "738906000", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Oncology", "736378000", "736378000", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Questionnaires Due", "719091000000102", "719091000000102", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Anticoagulation", "959871000000107", "959871000000107", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Inpatient Pathway", "inpatient-pathway", "inpatient-pathway", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Patient Education", "409073007", "409073007", MOCK_SUBTYPE_ORDINARY},
    {"CarePlan", "Care Path", "care-path", "care-path", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Clinical Notes", "clinical-note", "clinical-note", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Document Information", "document-information", "document-information",
     MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "OASIS", "oasis", "oasis", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "HIS", "his", "his", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Handoff", "handoff", "handoff", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "IRF-PAI", "irf-pai", "irf-pai", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Minimum Data Set", "minimum-data-set", "minimum-data-set", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "External CDAs", "external-cda", "external-cda", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Generated CDAs", "generated-cda", "generated-cda", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Clinical References", "clinical-reference", "clinical-reference", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Radiology Results", "imaging", "imaging", MOCK_SUBTYPE_ORDINARY},
    {"DocumentReference", "Correspondences", "correspondence", "correspondence", MOCK_SUBTYPE_ORDINARY},
    {"ServiceRequest", "SDOH", "sdoh", "sdoh", MOCK_SUBTYPE_ORDINARY},
};
#define ROWS (sizeof mock_subtypes / sizeof *mock_subtypes)
const size_t mock_subtype_count = ROWS;
_Static_assert(ROWS <= MOCK_SUBTYPES_MAX, "a grant has a place for each");

size_t mock_subtype_find(struct auth_view type, struct auth_view name)
{
    size_t i = 0;
    while (i < ROWS &&
           !(auth_view_equals(type, mock_subtypes[i].type) && auth_view_equals(name, mock_subtypes[i].name)))
        i++;
    return i;
}

/* "Labs, Vital Signs" of a type; all types where it is empty. */
static void list_names(struct auth_buf *out, struct auth_view type)
{
    for (size_t i = 0; i < ROWS; i++) {
        bool is_new_type = i == 0 || strcmp(mock_subtypes[i].type, mock_subtypes[i - 1].type) != 0;
        if (type.n ? !auth_view_equals(type, mock_subtypes[i].type) : !is_new_type)
            continue;
        auth_buf_addf(out, "%s%s", out->n ? ", " : "", type.n ? mock_subtypes[i].name : mock_subtypes[i].type);
    }
}

static enum auth_rc refuse(struct auth_err *err, const char *what, struct auth_view name, struct auth_view type)
{
    struct auth_buf list;
    auth_buf_init(&list, 1024);
    list_names(&list, type);
    const char *mark = auth_text_cut(&name, 60);
    enum auth_rc rc = auth_err_set(err, AUTH_E_SYNTAX, "subtypes: no %s \"%.*s%s\"; there are %s", what, (int)name.n,
                                   name.p, mark, list.p ? list.p : "others");
    auth_buf_clear(&list);
    return rc;
}

static bool deny_all(struct auth_view type, struct mock_subtype_grants *grants)
{
    bool is_there = false;
    for (size_t i = 0; i < ROWS; i++) {
        if (!auth_view_equals(type, mock_subtypes[i].type))
            continue;
        grants->of[i] = -1;
        is_there = true;
    }
    return is_there;
}

static enum auth_rc read_type(const struct auth_json_node *member, struct mock_subtype_grants *grants,
                              struct auth_err *err)
{
    struct auth_view type = auth_json_name(member);
    if (!deny_all(type, grants))
        return refuse(err, "sub-types of", type, auth_view_from_string(""));
    if (auth_json_type(member) != AUTH_JSON_ARRAY)
        return auth_err_set(err, AUTH_E_SYNTAX, "subtypes: of each type an array of names");
    for (const struct auth_json_node *item = auth_json_first(member); item; item = auth_json_next(item)) {
        size_t row = mock_subtype_find(type, auth_json_string(item));
        if (row == ROWS)
            return refuse(err, "sub-type", auth_json_string(item), type);
        grants->of[row] = 1;
    }
    return AUTH_OK;
}

enum auth_rc mock_subtype_grants_read(const struct auth_json_node *object, struct mock_subtype_grants *grants,
                                      struct auth_err *err)
{
    *grants = (struct mock_subtype_grants){{0}};
    if (object && auth_json_type(object) != AUTH_JSON_OBJECT)
        return auth_err_set(err, AUTH_E_SYNTAX, "subtypes: an object, {\"TYPE\":[\"NAME\"]}");
    for (const struct auth_json_node *member = object ? auth_json_first(object) : NULL; member;
         member = auth_json_next(member)) {
        enum auth_rc rc = read_type(member, grants, err);
        if (rc != AUTH_OK)
            return rc;
    }
    return AUTH_OK;
}

bool mock_subtype_grants_say(const struct mock_subtype_grants *grants)
{
    static const struct mock_subtype_grants nothing = {{0}};
    return grants && memcmp(grants->of, nothing.of, sizeof nothing.of) != 0;
}

void mock_subtype_grants_write(const struct mock_subtype_grants *grants, struct auth_json_writer *w)
{
    const char *type = "";
    auth_json_write_object(w);
    for (size_t i = 0; i < ROWS; i++) {
        if (!grants->of[i])
            continue;
        if (strcmp(type, mock_subtypes[i].type) != 0) {
            if (*type)
                auth_json_write_end_array(w);
            type = mock_subtypes[i].type;
            auth_json_write_key(w, type);
            auth_json_write_array(w);
        }
        if (grants->of[i] > 0)
            auth_json_write_string(w, auth_view_from_string(mock_subtypes[i].name));
    }
    if (*type)
        auth_json_write_end_array(w);
    auth_json_write_end_object(w);
}
