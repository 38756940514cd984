/* The lists, and how a value is held against them. */
#include "mock_epic/fhir/categories.h"

#include "auth/core/text.h"
#include "mock_epic/data/value.h"
#include "mock_epic/fhir/required.h"

static const struct {
    const char *type, *parameter, *location;
    const char *known;   /* space-separated; NULL: all but those of `unknown` */
    const char *unknown; /* values that Epic does not have although FHIR does */
    bool is_required;    /* by Epic's search of that type */
    enum mock_outcome what;
} rows[] = {
    /* E: metadata; O: the last seven */
    {"Observation", "category", "/f:category",
     "laboratory vital-signs social-history core-characteristics LDA LDA-property LDA-assessment "
     "functional-mental-status periodontal labor-delivery newborn-delivery obstetrics-gynecology survey sdoh imaging "
     "procedure therapy activity exam smartdata phenotype",
     NULL, true, MOCK_OUTCOME_59109},
    /* O: the list in its refusal; US Core's assess-plan, with which it is certified */
    {"CarePlan", "category", "/f:category",
     "38717003 734163000 736271009 736353004 738906000 736378000 719091000000102 959871000000107 inpatient-pathway "
     "409073007 care-path assess-plan",
     NULL, true, MOCK_OUTCOME_59109},
    /* E, its example of 59101 */
    {"MedicationRequest", "category", "/f:category", "inpatient outpatient community discharge", NULL, false,
     MOCK_OUTCOME_59101},
    /* O of AMB: Epic's classes are its own numbers; I of the others of that code system */
    {"Encounter", "class", "/f:class", NULL, "AMB EMER FLD HH IMP ACUTE NONAC OBSENC PRENC SS VR", false,
     MOCK_OUTCOME_59109},
};

static bool is_known(size_t row, struct auth_view value)
{
    struct mock_token token = mock_token_read(value);
    if (!token.has_code) /* any code of a system */
        return true;
    return rows[row].known ? mock_word_in(rows[row].known, token.code) : !mock_word_in(rows[row].unknown, token.code);
}

static enum mock_category judge(size_t row, struct auth_view values, bool is_one_value, struct mock_issues *issues)
{
    struct auth_view list = values;
    while (list.n) {
        struct auth_view value = is_one_value ? list : mock_value_split(&list);
        list = is_one_value ? auth_view_from_string("") : list;
        if (value.n && is_known(row, value))
            return MOCK_CATEGORY_TAKEN;
    }
    const char *name = rows[row].parameter, *mark = auth_text_cut(&values, 80);
    mock_issues_add(issues, rows[row].what, rows[row].location, name, "Invalid %s: %.*s%s", name, (int)values.n,
                    values.p, mark);
    if (!rows[row].is_required)
        return MOCK_CATEGORY_IGNORED;
    mock_issues_add(issues, MOCK_OUTCOME_59111, rows[row].location, name,
                    "Required search parameter is provided but has an invalid value");
    return MOCK_CATEGORY_REFUSED;
}

enum mock_category mock_category_check(const struct mock_fhir_type *type, struct auth_view parameter,
                                       struct auth_view values, bool is_one_value, struct mock_issues *issues)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_equals(parameter, rows[i].parameter) &&
            auth_view_equals(auth_view_from_string(type->name), rows[i].type))
            return judge(i, values, is_one_value, issues);
    }
    return MOCK_CATEGORY_TAKEN;
}
