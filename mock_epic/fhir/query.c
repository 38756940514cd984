/* Each parameter taken by what it is; then what the type's search must have. */
#include "mock_epic/fhir/query.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "auth/rules/epic_version.h"
#include "mock_epic/fhir/categories.h"
#include "mock_epic/fhir/query_private.h"
#include "mock_epic/fhir/required.h"

const struct mock_fhir_param *mock_reading_param(const struct mock_reading *r, struct auth_view name)
{
    const struct mock_fhir_param *param = mock_fhir_type_param(r->plan->type, name);
    return param && param->since <= auth_epic_version(r->query->profile) ? param : NULL;
}

bool mock_query_has_value(struct auth_view list)
{
    while (list.n) {
        if (mock_value_split(&list).n)
            return true;
    }
    return false;
}

bool mock_reading_refuse(struct mock_reading *r, int status)
{
    r->plan->status = status;
    return false;
}

const struct mock_fhir_param mock_query_last_updated = {"_lastUpdated", "meta.lastUpdated", MOCK_PARAM_DATE, true, 0};

/* ---- notes ---- */

static void note(struct mock_reading *r, struct auth_view name, const char *before, const char *after)
{
    char upper[80];
    const char *mark = auth_text_cut(&name, sizeof upper - 1);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    upper[name.n] = '\0';
    if (!r->plan->is_r4)
        mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59100, NULL, NULL, "%s%s%s%s Parameter has been ignored.",
                        before, upper, mark, after);
}

void mock_reading_ignore(struct mock_reading *r, struct auth_view name, const char *why)
{
    struct mock_plan *plan = r->plan;
    if (plan->ignored_count == MOCK_IGNORED_MAX)
        return;
    plan->ignored[plan->ignored_count].name = name;
    plan->ignored[plan->ignored_count].is_unknown = false;
    plan->ignored[plan->ignored_count++].why = why;
}

static bool note_unknown(struct mock_reading *r, struct auth_view name)
{
    mock_reading_ignore(r, name, "Epic does not know it");
    if (r->plan->ignored_count)
        r->plan->ignored[r->plan->ignored_count - 1].is_unknown = true;
    note(r, name, "Unknown parameter: ", ".");
    return true;
}

bool mock_reading_bad_value(struct mock_reading *r, const struct auth_form_field *field, const char *what)
{
    struct auth_view name = field->name, value = field->value;
    const char *mark = auth_text_cut(&value, 80);
    auth_text_cut(&name, 40);
    mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59102, NULL, NULL, "%s: %.*s=%.*s%s", what, (int)name.n, name.p,
                    (int)value.n, value.p, mark);
    return mock_reading_refuse(r, 400);
}

/* ---- values ---- */

static struct auth_view keep_unescaped(struct mock_plan *plan, struct auth_view value)
{
    struct auth_view kept = mock_value_unescape(value, plan->text + plan->text_n);
    plan->text_n += kept.n;
    return kept;
}

static bool read_date_value(struct mock_reading *r, const struct auth_form_field *field, struct auth_view value,
                            struct mock_wanted *wanted)
{
    wanted->prefix = mock_prefix_cut(&value);
    if (!r->plan->is_r4 && wanted->prefix != MOCK_EQ && (wanted->prefix < MOCK_GT || wanted->prefix > MOCK_LE))
        return mock_reading_bad_value(r, field, "Only the prefixes eq, gt, lt, ge and le are supported");
    if (mock_date_read(value, &wanted->interval))
        return true;
    bool has_blank = auth_view_find(value, ' ') < value.n;
    return mock_reading_bad_value(r, field,
                                  has_blank ? "Not a date (a + that is not written as %2B is a blank)" : "Not a date");
}

static bool read_value(struct mock_reading *r, const struct auth_form_field *field,
                       const struct mock_condition *condition, struct auth_view value, struct mock_wanted *wanted)
{
    struct mock_plan *plan = r->plan;
    *wanted = (struct mock_wanted){.prefix = MOCK_EQ};
    switch (condition->param->kind) {
    case MOCK_PARAM_DATE:
        return read_date_value(r, field, value, wanted);
    case MOCK_PARAM_TOKEN:
        wanted->token = mock_token_read(value);
        wanted->token.system = keep_unescaped(plan, wanted->token.system);
        wanted->token.code = keep_unescaped(plan, wanted->token.code);
        return true;
    case MOCK_PARAM_REFERENCE:
        wanted->reference = mock_reference_read(keep_unescaped(plan, value));
        return true;
    case MOCK_PARAM_STRING:
        value = keep_unescaped(plan, value);
        if (condition->modifier == MOCK_MODIFIER_EXACT) {
            wanted->text = value;
            return true;
        }
        wanted->text = auth_view_bytes(plan->text + plan->text_n, mock_fold(value, plan->text + plan->text_n));
        plan->text_n += wanted->text.n;
        return true;
    }
    return true;
}

/* A list is walked for every resource that it may match. */
static bool refuse_long_list(struct mock_reading *r, const struct auth_form_field *field)
{
    mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59102, NULL, NULL, "More than %d values of %.*s", MOCK_VALUES_MAX,
                    (int)field->name.n, field->name.p);
    return mock_reading_refuse(r, 400);
}

bool mock_reading_condition(struct mock_reading *r, const struct auth_form_field *field,
                            const struct mock_fhir_param *param, enum mock_modifier modifier,
                            struct mock_condition *condition)
{
    struct mock_plan *plan = r->plan;
    struct auth_view list = field->value;
    *condition =
        (struct mock_condition){.param = param, .wanted = plan->wanted + plan->wanted_count, .modifier = modifier};
    while (list.n) {
        struct auth_view value = mock_value_split(&list);
        if (!value.n)
            continue;
        if (condition->wanted_count == MOCK_VALUES_MAX)
            return refuse_long_list(r, field);
        if (!read_value(r, field, condition, value, &plan->wanted[plan->wanted_count]))
            return false;
        plan->wanted_count++;
        condition->wanted_count++;
    }
    return true;
}

/* ---- the patient ---- */

static bool names_patient(const struct mock_fhir_type *type, struct auth_view name)
{
    bool is_coverage = auth_view_equals(auth_view_from_string(type->name), "Coverage");
    bool is_subject = auth_view_equals(auth_view_from_string(type->name), "ResearchSubject");
    return auth_view_equals(name, "patient") || auth_view_equals(name, "subject") ||
           (is_coverage && auth_view_equals(name, "beneficiary")) ||
           (is_subject && auth_view_equals(name, "individual"));
}

static bool refuse_two_patients(struct mock_reading *r)
{
    mock_issues_add(&r->plan->issues, MOCK_OUTCOME_4112, "/f:patient", "patient",
                    "A given request can only apply to one patient");
    return mock_reading_refuse(r, 400);
}

/* Its names mean the same: two different values contradict each other. *is_patient: false for a Group. */
static bool take_patient(struct mock_reading *r, struct auth_view value, bool *is_patient)
{
    struct auth_view list = value;
    *is_patient = true;
    while (list.n) {
        struct auth_view one = mock_value_split(&list);
        struct mock_reference reference = mock_reference_read(one);
        bool is_own = reference.base.n == 0 || auth_view_equals_view(reference.base, r->query->base_url);
        if (!one.n)
            continue;
        *is_patient = reference.type.n == 0 || auth_view_equals(reference.type, "Patient");
        if (!*is_patient)
            return true;
        struct auth_view id = is_own ? reference.id : one;
        if (r->plan->patient.n && !auth_view_equals_view(r->plan->patient, id))
            return refuse_two_patients(r);
        r->plan->patient = id;
    }
    return true;
}

/* ---- parameters ---- */

bool mock_reading_count(struct mock_reading *r, struct auth_view value)
{
    int64_t count, most = r->query->profile->values[AUTH_SWITCH_COUNT_MAX];
    if (!auth_view_int(value, &count) || count < 0) {
        mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59102, "/f:_count", "_count",
                        "_count must be a whole number, 0 or more");
        return mock_reading_refuse(r, 400);
    }
    if (count == 0)
        r->plan->is_count_only = true;
    else
        r->plan->page = (size_t)(count < most ? count : most);
    return true;
}

static void add_include(struct mock_plan *plan, const struct mock_fhir_param *param, struct auth_view type)
{
    if (plan->include_count == MOCK_INCLUDES_MAX)
        return;
    plan->include_types[plan->include_count] = type;
    plan->includes[plan->include_count++] = param;
}

static void include_all(struct mock_plan *plan)
{
    for (size_t i = 0; i < plan->type->param_count; i++) {
        if (plan->type->params[i].kind == MOCK_PARAM_REFERENCE)
            add_include(plan, &plan->type->params[i], auth_view_from_string(""));
    }
}

/* Type:param or Type:param:Target, or * for all, whether or not that release can search by it; what does not exist is
 * ignored like any unknown parameter. */
bool mock_reading_include(struct mock_reading *r, const struct auth_form_field *field)
{
    struct mock_plan *plan = r->plan;
    struct auth_view list = field->value;
    while (list.n) {
        struct auth_view rest = mock_value_split(&list), type = auth_view_split(&rest, ':');
        struct auth_view name = auth_view_split(&rest, ':');
        const struct mock_fhir_param *param = mock_fhir_type_param(plan->type, name);
        bool is_of_type = auth_view_equals(type, plan->type->name);
        if (auth_view_equals(type, "*") || (is_of_type && auth_view_equals(name, "*")))
            include_all(plan);
        else if (is_of_type && param && param->kind == MOCK_PARAM_REFERENCE)
            add_include(plan, param, rest);
        else
            note(r, field->value, "Unknown include: ", ".");
    }
    return true;
}

bool mock_reading_revinclude(struct mock_reading *r, const struct auth_form_field *field)
{
    if (auth_view_equals(field->value, "Provenance:target"))
        r->plan->wants_provenance = true;
    else
        note(r, field->value, "Unknown include: ", ".");
    return true;
}

static bool take_summary(struct mock_reading *r, const struct auth_form_field *field)
{
    if (!auth_view_equals(field->value, "count"))
        return note_unknown(r, field->name);
    r->plan->is_count_only = true;
    return true;
}

/* Whether a patient is asked for by anything but a day of birth. */
static bool has_other_demographics(const struct mock_reading *r)
{
    const struct auth_form *params = r->query->params;
    for (size_t i = 0; i < params->count; i++) {
        const struct auth_form_field *field = &params->fields[i];
        if (mock_reading_param(r, field->name) && mock_query_has_value(field->value) &&
            !auth_view_equals(field->name, "birthdate"))
            return true;
    }
    return false;
}

/* Epic takes one day, and no range; where that leaves nothing, it says so, too (O). */
static bool check_birthdate(struct mock_reading *r, const struct auth_form_field *field)
{
    struct mock_plan *plan = r->plan;
    struct mock_interval day;
    struct auth_view value = field->value;
    bool is_first = true;
    (void)mock_prefix_cut(&value);
    for (size_t i = 0; i < plan->native_count; i++)
        is_first = is_first && plan->native[i].param->kind != MOCK_PARAM_DATE;
    if (is_first && value.n == 10 && mock_date_read(value, &day) &&
        (value.n == field->value.n || auth_view_starts(field->value, "eq")))
        return true;
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59102, "/f:birthdate", "birthdate",
                    "A single valid date is required for birthdate");
    if (!has_other_demographics(r))
        mock_required_demographics(&plan->issues);
    return mock_reading_refuse(r, 400);
}

/* An Encounter is found by what its reason says, and not by its code (O). */
static const struct mock_fhir_param *as_epic_looks(const struct mock_plan *plan, const struct mock_fhir_param *param)
{
    static const struct mock_fhir_param reason = {"reason-code", "reasonCode.coding.display reasonCode.text",
                                                  MOCK_PARAM_TOKEN, false, 202405};
    bool is_encounter = auth_view_equals(auth_view_from_string(plan->type->name), "Encounter");
    return is_encounter && auth_view_equals(auth_view_from_string(param->name), reason.name) ? &reason : param;
}

/* One that this type has. */
static bool take_own(struct mock_reading *r, const struct auth_form_field *field, const struct mock_fhir_param *param)
{
    struct mock_plan *plan = r->plan;
    bool is_patient = names_patient(plan->type, field->name);
    if (!param->paths[0]) {
        mock_reading_ignore(r, field->name, "mock-epic does not look at it yet");
        note(r, field->name, "", " is not implemented by mock-epic yet.");
        return true;
    }
    if (is_patient && !take_patient(r, field->value, &is_patient))
        return false;
    if (is_patient)
        return true;
    bool is_one_value = r->query->profile->values[AUTH_SWITCH_CATEGORY_LIST] != 0;
    enum mock_category category =
        mock_category_check(plan->type, field->name, field->value, is_one_value, &plan->issues);
    if (category == MOCK_CATEGORY_REFUSED)
        return mock_reading_refuse(r, 400);
    if (category == MOCK_CATEGORY_IGNORED) {
        mock_reading_ignore(r, field->name, "Epic has no such value of it");
        return true;
    }
    if (auth_view_equals(field->name, "category") && !plan->category.n)
        plan->category = field->value;
    if (auth_view_equals(field->name, "encounter"))
        plan->encounter = mock_reference_read(field->value).id;
    bool is_birthdate = auth_view_equals(field->name, "birthdate") && param->is_native;
    if (is_birthdate && !check_birthdate(r, field))
        return false;
    struct mock_condition *condition =
        param->is_native ? &plan->native[plan->native_count] : &plan->post[plan->post_count];
    if (!mock_reading_condition(r, field, as_epic_looks(plan, param), MOCK_MODIFIER_NONE, condition))
        return false;
    *(param->is_native ? &plan->native_count : &plan->post_count) += 1;
    return true;
}

static bool has_modifier(struct mock_reading *r, struct auth_view name)
{
    if (auth_view_find(name, ':') == name.n)
        return false;
    const char *mark = auth_text_cut(&name, 80);
    mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59102, NULL, NULL, "Unsupported modifier: %.*s%s", (int)name.n,
                    name.p, mark);
    return true;
}

static bool is_passed_over(struct auth_view name)
{
    return auth_view_equals(name, "_id") || auth_view_equals(name, "_format") || auth_view_equals(name, "sessionID");
}

/* One parameter. False: refuse with what the issues hold. */
static bool take_param(struct mock_reading *r, const struct auth_form_field *field)
{
    struct auth_view name = field->name;
    const struct mock_fhir_param *param = mock_reading_param(r, name);
    if (is_passed_over(name))
        return true;
    if (r->plan->is_r4)
        return mock_reading_take_r4(r, field);
    if (r->plan->has_ids && param) {
        mock_reading_ignore(r, name, "it stands beside _id");
        return true;
    }
    if (has_modifier(r, name))
        return mock_reading_refuse(r, 400);
    bool has_value = mock_query_has_value(field->value);
    if (param)
        return !has_value || take_own(r, field, param);
    if (auth_view_equals(name, "_count"))
        return !has_value || mock_reading_count(r, field->value);
    if (auth_view_equals(name, "_summary"))
        return !has_value || take_summary(r, field);
    if (auth_view_equals(name, "_include"))
        return !has_value || mock_reading_include(r, field);
    if (auth_view_equals_nocase(name, "_revinclude"))
        return !has_value || mock_reading_revinclude(r, field);
    if (auth_view_equals(name, "patient.identifier") &&
        mock_fhir_type_param(r->plan->type, auth_view_from_string("patient"))) {
        r->plan->patient_identifier = field->value;
        return true;
    }
    return note_unknown(r, name);
}

/* ---- what a search must have ---- */

/* A Coding's system and code both, as EpisodeOfCare wants its type. */
static bool is_enough(const struct mock_plan *plan, struct auth_view name, struct auth_view value)
{
    if (!auth_view_equals(auth_view_from_string(plan->type->name), "EpisodeOfCare") || !auth_view_equals(name, "type"))
        return true;
    struct mock_token token = mock_token_read(value);
    return token.has_system && token.system.n && token.has_code;
}

static bool has_any_of(const struct mock_reading *r, const char *names)
{
    const struct auth_form *params = r->query->params;
    for (size_t i = 0; i < params->count; i++) {
        const struct auth_form_field *field = &params->fields[i];
        if (mock_word_in(names, field->name) && mock_query_has_value(field->value) &&
            mock_reading_param(r, field->name) && is_enough(r->plan, field->name, field->value))
            return true;
    }
    return r->plan->patient_identifier.n && mock_word_in(names, auth_view_from_string("patient"));
}

/* Epic is on record for both (O): a CarePlan whose activities' date is not given. US Core's category was always without. */
static bool lacks_activity_date(const struct mock_reading *r)
{
    return r->query->profile->values[AUTH_SWITCH_CARE_PLAN_DATE] &&
           auth_view_equals(auth_view_from_string(r->plan->type->name), "CarePlan") &&
           auth_view_find_text(r->plan->category, "assess-plan") == r->plan->category.n &&
           !has_any_of(r, "activity-date");
}

static void check_required(struct mock_reading *r)
{
    struct mock_plan *plan = r->plan;
    const struct mock_required *row;
    size_t cursor = 0;
    if (auth_view_equals(auth_view_from_string(plan->type->name), "Patient"))
        return; /* patients.c */
    while ((row = mock_required_next(plan->type, auth_epic_version(r->query->profile), &cursor)) != NULL) {
        if (has_any_of(r, row->any_of))
            continue;
        mock_issues_add(&plan->issues, row->what, row->location, row->expression, "%s", row->diagnostics);
        plan->lacks_required = true;
        mock_reading_refuse(r, row->status);
        return;
    }
    if (lacks_activity_date(r)) {
        mock_issues_add(&plan->issues, MOCK_OUTCOME_59108, "/f:activity-date", "activity-date",
                        "activity-date has not been provided");
        plan->lacks_required = true;
        mock_reading_refuse(r, 400);
    }
}

/* ---- the whole ---- */

/* Room for every value that there may be: unescaped, and once more, twice as long, folded. */
static bool make_room(struct mock_plan *plan, const struct auth_form *params)
{
    size_t values = 1, bytes = 1;
    for (size_t i = 0; i < params->count; i++) {
        struct auth_view value = params->fields[i].value;
        size_t most = MOCK_VALUES_MAX;
        bytes += 3 * value.n + 1;
        for (size_t j = 0; j < value.n && most > 1; j++)
            most -= value.p[j] == ',';
        values += MOCK_VALUES_MAX - most + 1;
    }
    plan->wanted = malloc(values * sizeof *plan->wanted);
    plan->text = malloc(bytes);
    return plan->wanted && plan->text;
}

enum auth_rc mock_query_plan(const struct mock_query *query, struct mock_plan *plan)
{
    struct mock_reading r = {query, plan};
    const struct auth_form *params = query->params;
    size_t most = (size_t)query->profile->values[AUTH_SWITCH_COUNT_MAX];
    memset(plan, 0, sizeof *plan);
    plan->type = query->type;
    plan->is_r4 = query->profile->values[AUTH_SWITCH_FHIR] != 0;
    plan->issues.is_plain = plan->is_r4;
    plan->page = MOCK_PAGE_DEFAULT < most ? MOCK_PAGE_DEFAULT : most;
    if (!make_room(plan, params))
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < params->count; i++)
        plan->has_ids = plan->has_ids || (auth_view_equals(params->fields[i].name, "_id") &&
                                          mock_query_has_value(params->fields[i].value));
    for (size_t i = 0; i < params->count && !plan->status; i++)
        (void)take_param(&r, &params->fields[i]);
    if (!plan->status && !plan->has_ids && !plan->is_r4)
        check_required(&r);
    return AUTH_OK;
}

void mock_plan_clear(struct mock_plan *plan)
{
    free(plan->wanted);
    free(plan->text);
    plan->wanted = NULL;
    plan->text = NULL;
}
