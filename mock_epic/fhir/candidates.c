/* From the narrowest list that the store has, matched one by one. */
#include "mock_epic/fhir/candidates.h"

#include <stdlib.h>

#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/patients.h"
#include "mock_epic/fhir/subtypes.h"

struct finding {
    const struct mock_fhir_store *store;
    const struct mock_fhir_call *call;
    const struct mock_match_context *context;
    struct mock_plan *plan;
    struct mock_found *found;
};

/* ---- matching ---- */

/* Whether its word of bits leaves a chance for one of the codes. */
static bool may_match(const struct mock_condition *condition, const struct mock_resource *resource)
{
    struct auth_view paths = auth_view_from_string(condition->param->paths);
    bool is_indexed = auth_view_equals(paths, "category") || auth_view_equals(paths, "code");
    if (!is_indexed || condition->modifier != MOCK_MODIFIER_NONE)
        return true;
    for (size_t i = 0; i < condition->wanted_count; i++) {
        const struct mock_token *token = &condition->wanted[i].token;
        if (!token->has_code || (resource->codes & mock_code_bit(token->code)))
            return true;
    }
    return false;
}

static bool match_all(const struct finding *f, const struct mock_condition *conditions, size_t count,
                      const struct mock_resource *resource)
{
    for (size_t i = 0; i < count; i++) {
        if (!may_match(&conditions[i], resource))
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!mock_matches(&conditions[i], mock_resource_bytes(resource), f->context))
            return false;
    }
    return true;
}

static bool add(struct mock_found *found, uint32_t number)
{
    uint32_t *items = auth_array_fit(found->items, found->count, &found->size, sizeof *items);
    if (!items)
        return false;
    found->items = items;
    found->items[found->count++] = number;
    return true;
}

/* Found by what Epic looks up; what it filters by afterwards takes it from its page, and leaves the page shorter. */
static bool add_filtered(struct finding *f, uint32_t number)
{
    bool stays = match_all(f, f->plan->post, f->plan->post_count, &f->store->items[number]);
    return add(f->found, stays ? number : number | MOCK_FILTERED_OUT);
}

/* What stands beside the data keeps it from being found. */
static bool is_barred(const struct finding *f, const struct mock_resource *resource)
{
    const struct mock_access *access = f->call->access;
    return access->count && mock_subtypes_bar(f->plan, f->call,
                                              mock_access_find(access, auth_view_from_string(f->plan->type->name),
                                                               mock_resource_id(resource)));
}

static enum auth_rc match_range(struct finding *f, struct mock_range range)
{
    for (size_t i = 0; i < range.count; i++) {
        const struct mock_resource *resource = &f->store->items[range.items[i]];
        if (match_all(f, f->plan->native, f->plan->native_count, resource) && !is_barred(f, resource) &&
            !add_filtered(f, range.items[i]))
            return AUTH_E_NOMEM;
    }
    return AUTH_OK;
}

/* ---- _id ---- */

static enum auth_rc refuse_id(struct mock_plan *plan)
{
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59008_INFORMATION, "/f:_id", "_id", "Invalid FHIR ID provided");
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59102, "/f:_id", "_id", "Invalid FHIR ID provided");
    plan->status = 400;
    return AUTH_OK;
}

static const struct mock_resource *find_id(const struct finding *f, struct auth_view id)
{
    return mock_fhir_store_find(f->store, auth_view_from_string(f->plan->type->name), id);
}

/* Count for each resource of the store how many lists name it, in one byte; a list counts once however often it does. */
static bool count_ids(const struct finding *f, struct auth_view list, unsigned number, unsigned char *counts)
{
    while (list.n) {
        struct auth_view id = auth_view_split(&list, ',');
        const struct mock_resource *resource = find_id(f, id);
        if (id.n && !resource)
            return false;
        if (resource && counts[resource - f->store->items] == number)
            counts[resource - f->store->items]++;
    }
    return true;
}

/* Take what all lists name, in the order of the first. */
static bool take_ids(struct finding *f, struct auth_view list, unsigned number, unsigned char *counts)
{
    while (list.n) {
        const struct mock_resource *resource = find_id(f, auth_view_split(&list, ','));
        uint32_t index = resource ? (uint32_t)(resource - f->store->items) : 0;
        if (!resource || counts[index] != number)
            continue;
        counts[index] = 0;
        if (!match_all(f, f->plan->native, f->plan->native_count, resource) || is_barred(f, resource))
            continue; /* not granted */
        if (!add(f->found, index))
            return false;
    }
    return true;
}

/* The values of a list are ORed, however often one is named, and repeated parameters ANDed. An unknown id is refused, not
 * empty (O). */
static enum auth_rc match_ids(struct finding *f, const struct auth_form *params)
{
    struct auth_view first = auth_view_from_string("");
    unsigned number = 0;
    unsigned char *counts = calloc(f->store->count + 1, 1);
    if (!counts)
        return AUTH_E_NOMEM;
    bool is_known = true;
    for (size_t i = 0; is_known && i < params->count; i++) {
        const struct auth_form_field *field = &params->fields[i];
        if (!auth_view_equals(field->name, "_id") || !mock_query_has_value(field->value))
            continue;
        first = number ? first : field->value;
        is_known = count_ids(f, field->value, number++, counts);
    }
    bool has_memory = !is_known || take_ids(f, first, number, counts);
    free(counts);
    if (!has_memory)
        return AUTH_E_NOMEM;
    return is_known ? AUTH_OK : refuse_id(f->plan);
}

/* ---- by whom, or by what ---- */

static enum auth_rc refuse_patient(struct mock_plan *plan)
{
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59102, "/f:patient", "patient", "Invalid FHIR ID provided");
    plan->status = 400;
    return AUTH_OK;
}

/* patient.identifier: the first patient who has it becomes the patient. */
static void resolve_identifier(struct finding *f)
{
    static const struct mock_fhir_param identifier = {"identifier", "identifier", MOCK_PARAM_TOKEN, true, 0};
    const struct mock_wanted wanted = {.token = mock_token_read(f->plan->patient_identifier)};
    const struct mock_condition condition = {.param = &identifier, .wanted = &wanted, .wanted_count = 1};
    struct mock_range all = mock_fhir_store_of_type(f->store, mock_fhir_type_find(auth_view_from_string("Patient")));
    for (size_t i = 0; i < all.count && !f->plan->patient.n; i++) {
        const struct mock_resource *patient = &f->store->items[all.items[i]];
        if (mock_matches(&condition, mock_resource_bytes(patient), f->context))
            f->plan->patient = mock_resource_id(patient);
    }
}

static enum auth_rc match_patient(struct finding *f, struct auth_view patient)
{
    return match_range(f, mock_fhir_store_about(f->store, patient, (size_t)(f->plan->type - mock_fhir_types)));
}

static enum auth_rc match_demographics(struct finding *f)
{
    uint32_t found[MOCK_PATIENTS_MAX + 1];
    size_t count = mock_patients_find(f->store, f->plan, f->context, found);
    if (count > MOCK_PATIENTS_MAX) {
        mock_issues_add(&f->plan->issues, MOCK_OUTCOME_4127, NULL, NULL, "%s", "");
        f->plan->status = 400;
        return AUTH_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_barred(f, &f->store->items[found[i]]) && !add_filtered(f, found[i]))
            return AUTH_E_NOMEM;
    }
    return AUTH_OK;
}

/* An Encounter's documents are about its patient. */
static enum auth_rc match_encounter(struct finding *f)
{
    const struct mock_resource *encounter =
        mock_fhir_store_find(f->store, auth_view_from_string("Encounter"), f->plan->encounter);
    return encounter ? match_patient(f, mock_resource_patient(f->store, encounter)) : AUTH_OK;
}

bool mock_candidate_fits(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                         const struct mock_match_context *context, struct mock_plan *plan, uint32_t number)
{
    const struct finding f = {store, call, context, plan, NULL};
    const struct mock_resource *resource = &store->items[number];
    return match_all(&f, plan->native, plan->native_count, resource) && !is_barred(&f, resource);
}

bool mock_candidate_patient(const struct mock_fhir_store *store, const struct mock_match_context *context,
                            struct mock_plan *plan)
{
    struct finding f = {store, NULL, context, plan, NULL};
    struct auth_view named = plan->patient;
    if (!plan->patient_identifier.n)
        return true;
    plan->patient = auth_view_from_string("");
    resolve_identifier(&f);
    return plan->patient.n && (!named.n || auth_view_equals_view(named, plan->patient));
}

enum auth_rc mock_candidates(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                             const struct auth_form *params, const struct mock_match_context *context,
                             struct mock_plan *plan, struct mock_found *found)
{
    struct finding f = {store, call, context, plan, found};
    struct auth_view type = auth_view_from_string("Patient");
    *found = (struct mock_found){0};
    if (plan->has_ids)
        return match_ids(&f, params);
    if (auth_view_equals_view(type, auth_view_from_string(plan->type->name)))
        return match_demographics(&f);
    if (!mock_candidate_patient(store, context, plan))
        return AUTH_OK;
    if (plan->patient.n)
        return mock_fhir_store_find(store, type, plan->patient) ? match_patient(&f, plan->patient)
                                                                : refuse_patient(plan);
    if (plan->encounter.n)
        return match_encounter(&f);
    return match_range(&f, mock_fhir_store_of_type(store, (size_t)(plan->type - mock_fhir_types)));
}
