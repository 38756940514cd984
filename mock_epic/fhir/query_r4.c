/* A query as FHIR R4 has it: modifiers, sorting, parts of resources, totals, and where a page goes on. */
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/fhir/query_private.h"

/* ---- modifiers ---- */

static const struct {
    const char *name;
    enum mock_modifier modifier;
    int kind; /* enum mock_param_kind that takes it; -1: any */
} modifiers[] = {{"not", MOCK_MODIFIER_NOT, MOCK_PARAM_TOKEN},
                 {"missing", MOCK_MODIFIER_MISSING, -1},
                 {"exact", MOCK_MODIFIER_EXACT, MOCK_PARAM_STRING},
                 {"contains", MOCK_MODIFIER_CONTAINS, MOCK_PARAM_STRING}};

/* One that is not known is refused, however lenient the request (R). */
static bool refuse_modifier(struct mock_reading *r, struct auth_view name)
{
    const char *mark = auth_text_cut(&name, 80);
    mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59102, NULL, NULL, "Unsupported modifier: %.*s%s", (int)name.n,
                    name.p, mark);
    return mock_reading_refuse(r, 400);
}

static bool read_modifier(struct auth_view text, enum mock_param_kind kind, enum mock_modifier *modifier)
{
    *modifier = MOCK_MODIFIER_NONE;
    for (size_t i = 0; i < sizeof modifiers / sizeof *modifiers; i++) {
        if (auth_view_equals(text, modifiers[i].name) && (modifiers[i].kind < 0 || modifiers[i].kind == (int)kind)) {
            *modifier = modifiers[i].modifier;
            return true;
        }
    }
    return text.n == 0;
}

/* ---- parameters of the type ---- */

static bool add_missing(struct mock_reading *r, const struct auth_form_field *field,
                        const struct mock_fhir_param *param)
{
    struct mock_plan *plan = r->plan;
    bool is_true = auth_view_equals(field->value, "true");
    if (!is_true && !auth_view_equals(field->value, "false"))
        return mock_reading_bad_value(r, field, "true or false is wanted");
    plan->native[plan->native_count++] =
        (struct mock_condition){.param = param, .modifier = is_true ? MOCK_MODIFIER_MISSING : MOCK_MODIFIER_PRESENT};
    return true;
}

/* One patient alone narrows what is looked at, where the member that says so can name no other. */
static void narrow(struct mock_reading *r, const struct mock_condition *condition)
{
    const struct mock_fhir_param *param = condition->param;
    bool is_patients = auth_view_equals(auth_view_from_string(param->name), "patient") && !strchr(param->paths, '.');
    if (!is_patients || condition->modifier != MOCK_MODIFIER_NONE || condition->wanted_count != 1)
        return;
    const struct mock_reference *one = &condition->wanted[0].reference;
    bool is_own = one->base.n == 0 || auth_view_equals_view(one->base, r->query->base_url);
    if (is_own && (one->type.n == 0 || auth_view_equals(one->type, "Patient")))
        r->plan->patient = one->id;
}

static bool take_param(struct mock_reading *r, const struct auth_form_field *field, const struct mock_fhir_param *param,
                       enum mock_modifier modifier)
{
    struct mock_plan *plan = r->plan;
    if (!param->paths[0]) {
        mock_reading_ignore(r, field->name, "mock-epic does not look at it yet");
        return true;
    }
    if (modifier == MOCK_MODIFIER_MISSING)
        return add_missing(r, field, param);
    struct mock_condition *condition = &plan->native[plan->native_count];
    if (!mock_reading_condition(r, field, param, modifier, condition))
        return false;
    plan->native_count++;
    narrow(r, condition);
    return true;
}

/* ---- what the result is like ---- */

static bool take_sort(struct mock_reading *r, const struct auth_form_field *field)
{
    struct mock_plan *plan = r->plan;
    for (struct auth_view list = field->value; list.n;) {
        struct auth_view name = auth_view_split(&list, ',');
        struct mock_sort sort = {.is_descending = auth_view_starts(name, "-")};
        name = auth_view_from(name, sort.is_descending);
        bool is_id = auth_view_equals(name, "_id"), is_updated = auth_view_equals(name, "_lastUpdated");
        sort.param = is_id ? NULL : is_updated ? &mock_query_last_updated : mock_reading_param(r, name);
        if (!is_id && (!sort.param || !sort.param->paths[0]))
            return mock_reading_bad_value(r, field, "Not a parameter to sort by");
        if (plan->sort_count == MOCK_SORTS_MAX)
            return mock_reading_bad_value(r, field, "More parameters to sort by than are looked at");
        plan->sorts[plan->sort_count++] = sort;
    }
    return true;
}

static bool take_subset(struct mock_reading *r, const struct auth_form_field *field)
{
    const char *why = mock_subset_take(&r->plan->subset, field);
    return why ? mock_reading_bad_value(r, field, why) : true;
}

static bool take_total(struct mock_reading *r, const struct auth_form_field *field)
{
    if (auth_view_equals(field->value, "none"))
        r->plan->total = MOCK_TOTAL_NONE;
    else if (!auth_view_equals(field->value, "accurate") && !auth_view_equals(field->value, "estimate"))
        return mock_reading_bad_value(r, field, "none, estimate or accurate is wanted");
    return true;
}

static bool take_summary(struct mock_reading *r, const struct auth_form_field *field)
{
    if (!auth_view_equals(field->value, "count"))
        return take_subset(r, field);
    r->plan->is_count_only = true;
    return true;
}

/* What a server may do for human readers (R), and this one does not: it is no mistake to ask. */
static bool take_pretty(struct mock_reading *r, const struct auth_form_field *field)
{
    mock_reading_ignore(r, field->name, "answers come as they were loaded");
    return true;
}

/* position.number.total, as this server wrote it. */
static bool take_cursor(struct mock_reading *r, const struct auth_form_field *field)
{
    struct auth_view rest = field->value;
    struct mock_cursor *cursor = &r->plan->cursor;
    int64_t position, number, total;
    cursor->is_there = auth_view_int(auth_view_split(&rest, '.'), &position) &&
                       auth_view_int(auth_view_split(&rest, '.'), &number) && auth_view_int(rest, &total) &&
                       position > 0 && number >= 0 && number < UINT32_MAX && total >= 0;
    if (!cursor->is_there)
        return mock_reading_bad_value(r, field, "Not a link of this server");
    cursor->position = (size_t)position;
    cursor->number = (uint32_t)number;
    cursor->total = (size_t)total;
    return true;
}

static bool take_count(struct mock_reading *r, const struct auth_form_field *field)
{
    return mock_reading_count(r, field->value);
}

static bool take_unknown(struct mock_reading *r, struct auth_view name)
{
    mock_reading_ignore(r, name, "this server does not know it");
    if (!r->query->is_strict)
        return true;
    const char *mark = auth_text_cut(&name, 80);
    mock_issues_add(&r->plan->issues, MOCK_OUTCOME_59102, NULL, NULL, "Unknown parameter: %.*s%s", (int)name.n, name.p,
                    mark);
    return mock_reading_refuse(r, 400);
}

static bool take_identifier(struct mock_reading *r, const struct auth_form_field *field)
{
    if (!mock_reading_param(r, auth_view_from_string("patient")))
        return take_unknown(r, field->name);
    r->plan->patient_identifier = field->value;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct mock_reading *r, const struct auth_form_field *field);
} results[] = {{"_count", take_count},     {"_summary", take_summary}, {"_include", mock_reading_include},
               {"_sort", take_sort},       {"_total", take_total},     {"_revinclude", mock_reading_revinclude},
               {"_elements", take_subset}, {"_cursor", take_cursor},   {"patient.identifier", take_identifier},
               {"_pretty", take_pretty}};

bool mock_reading_take_r4(struct mock_reading *r, const struct auth_form_field *field)
{
    enum mock_modifier modifier;
    struct auth_view text = field->name, name = auth_view_split(&text, ':');
    bool is_updated = auth_view_equals(name, "_lastUpdated");
    const struct mock_fhir_param *param = is_updated ? &mock_query_last_updated : mock_reading_param(r, name);
    if (!mock_query_has_value(field->value))
        return true;
    if (param)
        return read_modifier(text, param->kind, &modifier) ? take_param(r, field, param, modifier)
                                                           : refuse_modifier(r, field->name);
    if (text.n)
        return refuse_modifier(r, field->name);
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        if (auth_view_equals(name, results[i].name))
            return results[i].take(r, field);
    }
    return take_unknown(r, name);
}
