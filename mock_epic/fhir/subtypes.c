/* The table of sub-types held against a grant: scopes that a category narrows, or an app's own list. */
#include "mock_epic/fhir/subtypes.h"

#include <string.h>

#include "mock_epic/epic/subtypes.h"
#include "mock_epic/fhir/required.h"

static bool is_of(size_t row, const struct mock_fhir_type *type)
{
    return auth_view_equals(auth_view_from_string(type->name), mock_subtypes[row].type);
}

/* ---- which a search looks at ---- */

/* Does one of the values name this category, or one of them? No value at all names each. */
static bool names(struct auth_view values, const char *categories)
{
    bool has_value = false;
    while (values.n) {
        struct auth_view value = mock_value_split(&values);
        struct mock_token token = mock_token_read(value);
        if (!value.n)
            continue;
        has_value = true;
        if (!token.has_code || mock_word_in(categories, token.code))
            return true;
    }
    return !has_value || !*categories;
}

static bool names_one(struct auth_view values, struct auth_view category)
{
    bool has_value = false;
    while (values.n) {
        struct mock_token token = mock_token_read(mock_value_split(&values));
        has_value = has_value || token.code.n || token.has_system;
        if ((token.has_system && !token.has_code) || auth_view_equals_view(token.code, category))
            return true;
    }
    return !has_value;
}

/* ---- which are granted ---- */

/* The categories that scopes narrow a type to. */
struct limit {
    struct auth_view codes[MOCK_ALLOWED_MAX];
    size_t count; /* 0: they do not */
};

static struct limit limit_of(const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                             enum mock_interaction what)
{
    struct limit limit;
    limit.count = mock_scopes_categories(call->scopes, type, what, limit.codes, MOCK_ALLOWED_MAX);
    return limit;
}

static int said_of(const struct mock_fhir_call *call, size_t row)
{
    return call->subtypes ? call->subtypes->of[row] : 0;
}

/* An app's own word counts; else what scopes leave: all that a category of theirs looks at, if the search does, too. */
static bool is_granted(const struct mock_fhir_call *call, size_t row, const struct limit *limit,
                       struct auth_view category)
{
    int said = said_of(call, row);
    if (said || mock_subtypes[row].usual != MOCK_SUBTYPE_ORDINARY)
        return said > 0;
    for (size_t i = 0; i < limit->count; i++) {
        if (mock_word_in(mock_subtypes[row].looked, limit->codes[i]) && names_one(category, limit->codes[i]))
            return true;
    }
    return limit->count == 0;
}

bool mock_subtypes_grant(const struct mock_fhir_call *call, const struct mock_access_row *row)
{
    size_t number = mock_subtype_find(row->type, row->subtype);
    return number < mock_subtype_count && said_of(call, number) > 0;
}

bool mock_subtypes_are_users(const struct mock_access_row *row)
{
    size_t number = mock_subtype_find(row->type, row->subtype);
    if (row->has_answer)
        return row->answer == MOCK_OUTCOME_59205_READ;
    return number < mock_subtype_count && mock_subtypes[number].usual == MOCK_SUBTYPE_NO_USER;
}

/* ---- what is said ---- */

static void note(struct mock_plan *plan, bool is_user, struct auth_view name)
{
    struct mock_issues *issues = &plan->issues;
    size_t last = issues->count;
    mock_issues_add(issues, is_user ? MOCK_OUTCOME_59205 : MOCK_OUTCOME_59204, NULL, NULL,
                    "%s not authorized for %s - %.*s. Search results of this type have not been included.",
                    is_user ? "User" : "Client", plan->type->name, (int)name.n, name.p);
    for (size_t i = 0; i < last && last < issues->count; i++) {
        if (strcmp(issues->items[i].diagnostics, issues->items[last].diagnostics) == 0)
            issues->count = last; /* it was said */
    }
}

static void note_kind(struct mock_plan *plan, const struct mock_fhir_call *call, const struct limit *limit,
                      bool is_user)
{
    for (size_t i = 0; !plan->has_ids && i < mock_subtype_count; i++) {
        bool is_users = mock_subtypes[i].usual == MOCK_SUBTYPE_NO_USER;
        if (is_users == is_user && is_of(i, plan->type) && names(plan->category, mock_subtypes[i].looked) &&
            !is_granted(call, i, limit, plan->category))
            note(plan, is_user, auth_view_from_string(mock_subtypes[i].name));
    }
    for (size_t i = 0; i < plan->left_out_count; i++) {
        if (mock_subtypes_are_users(plan->left_out[i]) == is_user)
            note(plan, is_user, plan->left_out[i]->subtype);
    }
}

void mock_subtypes_note(struct mock_plan *plan, const struct mock_fhir_call *call)
{
    struct limit limit = limit_of(call, plan->type, MOCK_SEARCH);
    note_kind(plan, call, &limit, true);
    note_kind(plan, call, &limit, false);
}

bool mock_subtypes_bar(const struct mock_fhir_call *call, const struct mock_access_row *row)
{
    return row->has_answer || row->is_hidden || !mock_subtypes_grant(call, row);
}

void mock_subtypes_leave_out(struct mock_plan *plan, const struct mock_access_row *row)
{
    bool is_known = !row->subtype.n;
    for (size_t i = 0; i < plan->left_out_count && !is_known; i++)
        is_known = auth_view_equals_view(plan->left_out[i]->subtype, row->subtype);
    if (!is_known && plan->left_out_count < MOCK_LEFT_OUT_MAX)
        plan->left_out[plan->left_out_count++] = row;
}

/* ---- what is left ---- */

/* Whether anything that is looked at is granted; a type without sub-types of its own always is. */
static bool is_anything_left(const struct mock_plan *plan, const struct mock_fhir_call *call, const struct limit *limit)
{
    bool has_row = false, is_narrowed = limit->count > 0;
    for (size_t i = 0; i < mock_subtype_count; i++) {
        if (!is_of(i, plan->type) || !names(plan->category, mock_subtypes[i].looked))
            continue;
        has_row = has_row || *mock_subtypes[i].own;
        is_narrowed = is_narrowed || said_of(call, i) != 0;
        if (is_granted(call, i, limit, plan->category))
            return true;
    }
    return !has_row || !is_narrowed;
}

static void allow(struct mock_allowed *allowed, struct auth_view code)
{
    if (allowed->count < MOCK_ALLOWED_MAX)
        allowed->wanted[allowed->count++] = (struct mock_wanted){.token = {.code = code, .has_code = true}};
}

/* The categories that an app's own list leaves. False: it says nothing of what categories tell. */
static bool allow_own(const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                      struct mock_allowed *allowed)
{
    bool is_said = false;
    size_t count = call->subtypes ? mock_subtype_count : 0;
    for (size_t i = 0; i < count; i++) {
        const signed char *said = &call->subtypes->of[i]; /* mostly nothing, of each */
        if (!*said || !is_of(i, type))
            continue;
        struct auth_view own = auth_view_from_string(mock_subtypes[i].own);
        is_said = is_said || own.n;
        while (*said > 0 && own.n)
            allow(allowed, auth_view_split(&own, ' '));
    }
    if (is_said && allowed->count == 0)
        allow(allowed, auth_view_from_string("")); /* which no resource has */
    return is_said;
}

static void allow_all(const struct mock_fhir_call *call, const struct mock_fhir_type *type, const struct limit *limit,
                      struct mock_allowed *allowed)
{
    allowed->count = 0;
    bool is_said = allow_own(call, type, allowed);
    for (size_t i = 0; i < limit->count && !is_said; i++)
        allow(allowed, limit->codes[i]);
}

void mock_subtypes_limit(struct mock_plan *plan, const struct mock_fhir_call *call, struct mock_allowed *allowed)
{
    struct limit limit = limit_of(call, plan->type, MOCK_SEARCH);
    const struct mock_fhir_param *param = mock_fhir_type_param(plan->type, auth_view_from_string("category"));
    if (!plan->has_ids && !plan->is_r4 && !is_anything_left(plan, call, &limit)) {
        mock_subtypes_note(plan, call);
        mock_issues_add(&plan->issues, MOCK_OUTCOME_59022, NULL, NULL,
                        "Combination of parameters is not valid for any authorized sub-resource. No search was "
                        "performed.");
        plan->status = 400;
    }
    allow_all(call, plan->type, &limit, allowed);
    if (allowed->count && param && plan->native_count < AUTH_FORM_FIELDS_MAX)
        plan->native[plan->native_count++] =
            (struct mock_condition){.param = param, .wanted = allowed->wanted, .wanted_count = allowed->count};
}

static bool has_category(const struct mock_fhir_param *param, struct auth_view resource, struct auth_view code)
{
    const struct mock_match_context context = {.now_us = 0};
    const struct mock_wanted wanted = {.token = {.code = code, .has_code = true}};
    const struct mock_condition condition = {.param = param, .wanted = &wanted, .wanted_count = 1};
    return mock_matches(&condition, resource, &context);
}

const char *mock_subtypes_missing(const struct mock_fhir_type *type, struct auth_view resource,
                                  const struct mock_fhir_call *call)
{
    struct mock_allowed allowed;
    if (!call->scopes->is_narrowed && !call->subtypes)
        return NULL;
    struct limit limit = limit_of(call, type, MOCK_READ);
    const struct mock_fhir_param *param = mock_fhir_type_param(type, auth_view_from_string("category"));
    allow_all(call, type, &limit, &allowed);
    for (size_t i = 0; param && i < allowed.count; i++) {
        if (has_category(param, resource, allowed.wanted[i].token.code))
            return NULL;
    }
    if (!allowed.count || !param)
        return NULL;
    for (size_t i = 0; i < mock_subtype_count; i++) {
        struct auth_view own = auth_view_from_string(mock_subtypes[i].own);
        while (is_of(i, type) && own.n) {
            if (has_category(param, resource, auth_view_split(&own, ' ')))
                return mock_subtypes[i].name;
        }
    }
    return "other";
}
