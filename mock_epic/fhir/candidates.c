/* From the narrowest list that the store has, or that its index gives, matched one by one. */
#include "mock_epic/fhir/candidates.h"

#include <stdlib.h>

#include "mock_epic/data/index.h"
#include "mock_epic/data/walk.h"
#include "mock_epic/fhir/numbers.h"
#include "mock_epic/fhir/patients.h"
#include "mock_epic/fhir/subtypes.h"

static size_t type_of(const struct mock_finding *f)
{
    return (size_t)(f->plan->type - mock_fhir_types);
}

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

static bool match_all(const struct mock_finding *f, const struct mock_condition *conditions, size_t count,
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

static bool match_native(const struct mock_finding *f, const struct mock_resource *resource)
{
    return f->plan->is_scored || match_all(f, f->plan->native, f->plan->native_count, resource);
}

/* The row beside the data that keeps it from being found, or NULL. */
static const struct mock_access_row *bar_of(const struct mock_finding *f, const struct mock_resource *resource)
{
    const struct mock_access *access = f->call->access;
    const struct mock_access_row *row =
        access->count ? mock_access_find(access, auth_view_from_string(f->plan->type->name), mock_resource_id(resource))
                      : NULL;
    return row && mock_subtypes_bar(f->call, row) ? row : NULL;
}

bool mock_candidate_fits(const struct mock_finding *f, uint32_t number)
{
    const struct mock_resource *resource = &f->store->items[number];
    return match_native(f, resource) && !bar_of(f, resource);
}

bool mock_candidate_stays(const struct mock_finding *f, uint32_t number)
{
    return match_all(f, f->plan->post, f->plan->post_count, &f->store->items[number]);
}

/* ---- what was left out ---- */

static void leave_out(const struct mock_finding *f, const struct mock_resource *resource)
{
    const struct mock_access_row *row = bar_of(f, resource);
    if (row && match_native(f, resource))
        mock_subtypes_leave_out(f->plan, row);
}

/* By the rows, of those that are about whom the search is about. */
static void leave_out_rows(const struct mock_finding *f)
{
    const struct mock_access *access = f->call->access;
    struct auth_view type = auth_view_from_string(f->plan->type->name);
    for (size_t i = 0; i < access->count; i++) {
        const struct mock_access_row *row = &access->rows[i];
        const struct mock_resource *resource =
            auth_view_equals_view(row->type, type) ? mock_fhir_store_find(f->store, type, row->id) : NULL;
        if (resource &&
            (!f->plan->patient.n || auth_view_equals_view(mock_resource_patient(f->store, resource), f->plan->patient)))
            leave_out(f, resource);
    }
}

void mock_candidates_left_out(const struct mock_finding *f, const struct mock_candidates *candidates)
{
    struct mock_range range = candidates->range;
    size_t row_count = f->call->access->count;
    if (!row_count)
        return;
    if (range.count > row_count && !candidates->is_named) {
        leave_out_rows(f);
        return;
    }
    for (size_t i = 0; i < range.count; i++)
        leave_out(f, &f->store->items[range.items[i]]);
}

/* ---- _id ---- */

static void refuse_id(struct mock_plan *plan)
{
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59008_INFORMATION, "/f:_id", "_id", "Invalid FHIR ID provided");
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59102, "/f:_id", "_id", "No valid FHIR IDs provided");
    plan->status = 400;
}

/* The resources that a list names.
 * in/out  numbers  those that were named before; more
 *         items    where they are new, in order; NULL: not wanted
 * rc      AUTH_E_NOT_FOUND (one of them, which Epic refuses (O)), AUTH_E_NOMEM */
static enum auth_rc read_ids(const struct mock_finding *f, struct auth_view list, struct mock_numbers *numbers,
                             uint32_t *items, size_t *count)
{
    struct auth_view type = auth_view_from_string(f->plan->type->name);
    while (list.n) {
        struct auth_view id = auth_view_split(&list, ',');
        const struct mock_resource *resource = id.n ? mock_fhir_store_find(f->store, type, id) : NULL;
        if (id.n && !resource && !f->plan->is_r4)
            return AUTH_E_NOT_FOUND;
        if (!resource)
            continue;
        uint32_t number = (uint32_t)(resource - f->store->items);
        enum auth_rc rc = mock_numbers_add(numbers, number);
        if (rc == AUTH_E_NOMEM)
            return rc;
        if (rc == AUTH_OK && items)
            items[(*count)++] = number;
    }
    return AUTH_OK;
}

/* Keep those that this list names, too. */
static enum auth_rc narrow_ids(const struct mock_finding *f, struct auth_view list, uint32_t *items, size_t *count)
{
    struct mock_numbers named = {0};
    size_t kept = 0;
    enum auth_rc rc = read_ids(f, list, &named, NULL, NULL);
    for (size_t i = 0; i < *count; i++) {
        if (mock_numbers_has(&named, items[i]))
            items[kept++] = items[i];
    }
    *count = kept;
    mock_numbers_clear(&named);
    return rc;
}

/* The values of a list are ORed, however often one is named, and repeated parameters ANDed; in the order of the first. */
static enum auth_rc choose_ids(const struct mock_finding *f, struct mock_candidates *candidates)
{
    struct mock_numbers named = {0};
    enum auth_rc rc = AUTH_OK;
    size_t count = 0;
    for (size_t i = 0; rc == AUTH_OK && i < f->params->count; i++) {
        struct auth_view list = f->params->fields[i].value;
        if (!auth_view_equals(f->params->fields[i].name, "_id") || !mock_query_has_value(list))
            continue;
        if (candidates->listed) {
            rc = narrow_ids(f, list, candidates->listed, &count);
            continue;
        }
        candidates->listed = malloc((list.n / 2 + 1) * sizeof *candidates->listed);
        rc = candidates->listed ? read_ids(f, list, &named, candidates->listed, &count) : AUTH_E_NOMEM;
    }
    mock_numbers_clear(&named);
    candidates->range = (struct mock_range){candidates->listed, count};
    candidates->is_named = true;
    if (rc == AUTH_E_NOT_FOUND)
        refuse_id(f->plan);
    return rc == AUTH_E_NOMEM ? rc : AUTH_OK;
}

/* ---- by what the index knows ---- */

static bool hash_text(const struct mock_condition *condition, uint64_t seed, struct auth_view text, uint32_t *hash)
{
    char folded[2 * MOCK_TEXT_MAX + 1];
    if (condition->modifier != MOCK_MODIFIER_EXACT)
        return mock_index_text(seed, text, hash);
    return text.n <= MOCK_TEXT_MAX && mock_index_text(seed, auth_view_bytes(folded, mock_fold(text, folded)), hash);
}

static bool hash_wanted(const struct mock_condition *condition, uint64_t seed, const struct mock_wanted *wanted,
                        uint32_t *hash)
{
    switch (condition->param->kind) {
    case MOCK_PARAM_TOKEN:
        *hash = mock_index_code(seed, wanted->token.code);
        return wanted->token.has_code;
    case MOCK_PARAM_REFERENCE:
        *hash = mock_index_reference(seed, wanted->reference.id);
        return true;
    case MOCK_PARAM_STRING:
        return hash_text(condition, seed, wanted->text, hash);
    case MOCK_PARAM_DATE:
        break;
    }
    return false;
}

/* The hashes of which one at least is among those of each resource that fits the condition.
 * How many; 0: the index does not help. */
static size_t hash_condition(size_t type, const struct mock_condition *condition, uint32_t hashes[MOCK_VALUES_MAX])
{
    uint64_t seed;
    bool is_exact = condition->modifier == MOCK_MODIFIER_EXACT;
    if ((condition->modifier != MOCK_MODIFIER_NONE && !is_exact) || !mock_index_knows(type, condition->param, &seed))
        return 0;
    for (size_t i = 0; i < condition->wanted_count; i++) {
        if (!hash_wanted(condition, seed, &condition->wanted[i], &hashes[i]))
            return 0;
    }
    return condition->wanted_count;
}

static size_t count_hits(const struct mock_fhir_store *store, const uint32_t *hashes, size_t count)
{
    size_t hits = 0;
    for (size_t i = 0; i < count; i++)
        hits += mock_keys_find(&store->keys, hashes[i]).count;
    return hits;
}

/* The condition whose hashes lead to fewest, if they are far fewer than there are without it. */
static const struct mock_condition *narrowest(const struct mock_finding *f, size_t range_count)
{
    enum { FAR = 4, FEW = 16 };
    uint32_t hashes[MOCK_VALUES_MAX];
    const struct mock_condition *best = NULL;
    size_t least = range_count / FAR;
    for (size_t i = 0; range_count > FEW && !f->is_scanned && i < f->plan->native_count; i++) {
        size_t count = hash_condition(type_of(f), &f->plan->native[i], hashes);
        size_t hits = count_hits(f->store, hashes, count);
        if (count && hits < least) {
            best = &f->plan->native[i];
            least = hits;
        }
    }
    return best;
}

static void keep_about(const struct mock_fhir_store *store, struct auth_view patient, uint32_t *numbers, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (auth_view_equals_view(mock_resource_patient(store, &store->items[numbers[i]]), patient))
            numbers[kept++] = numbers[i];
    }
    *count = kept;
}

/* The resources of a type, about a patient where one is named, or those among them that the index leads to. */
static enum auth_rc choose_range(const struct mock_finding *f, struct mock_candidates *candidates)
{
    uint32_t hashes[MOCK_VALUES_MAX];
    size_t type = type_of(f), count;
    struct auth_view patient = f->plan->patient;
    candidates->range =
        patient.n ? mock_fhir_store_about(f->store, patient, type) : mock_fhir_store_of_type(f->store, type);
    const struct mock_condition *best = narrowest(f, candidates->range.count);
    if (!best)
        return AUTH_OK;
    size_t hash_count = hash_condition(type, best, hashes);
    enum auth_rc rc = mock_index_find(f->store, hashes, hash_count, &candidates->listed, &count);
    if (rc == AUTH_OK && patient.n)
        keep_about(f->store, patient, candidates->listed, &count);
    candidates->range = (struct mock_range){candidates->listed, count};
    return rc;
}

/* ---- by whom, or by what ---- */

static void refuse_patient(struct mock_plan *plan)
{
    mock_issues_add(&plan->issues, MOCK_OUTCOME_59102, "/f:patient", "patient", "Invalid FHIR ID provided");
    plan->status = 400;
}

/* patient.identifier: the first patient who has it becomes the plan's, if it names no other. *is_nobody: there is none. */
static enum auth_rc resolve_identifier(const struct mock_finding *f, bool *is_nobody)
{
    static const struct mock_fhir_param identifier = {"identifier", "identifier", MOCK_PARAM_TOKEN, true, 0};
    const struct mock_wanted wanted = {.token = mock_token_read(f->plan->patient_identifier)};
    struct mock_plan plan = {.type = &mock_fhir_types[mock_fhir_type_find(auth_view_from_string("Patient"))],
                             .native = {{.param = &identifier, .wanted = &wanted, .wanted_count = 1}},
                             .native_count = 1};
    const struct mock_finding patients = {
        .store = f->store, .call = f->call, .context = f->context, .plan = &plan, .is_scanned = f->is_scanned};
    struct mock_candidates all = {0};
    struct auth_view named = f->plan->patient, found = auth_view_from_string("");
    enum auth_rc rc = choose_range(&patients, &all);
    for (size_t i = 0; rc == AUTH_OK && i < all.range.count && !found.n; i++) {
        const struct mock_resource *patient = &f->store->items[all.range.items[i]];
        if (match_native(&patients, patient))
            found = mock_resource_id(patient);
    }
    free(all.listed);
    f->plan->patient = found;
    *is_nobody = !found.n || (named.n && !auth_view_equals_view(named, found));
    return rc;
}

static enum auth_rc choose_people(const struct mock_finding *f, struct mock_candidates *candidates)
{
    candidates->listed = malloc((MOCK_PATIENTS_MAX + 1) * sizeof *candidates->listed);
    if (!candidates->listed)
        return AUTH_E_NOMEM;
    candidates->is_named = true;
    candidates->range.items = candidates->listed;
    return mock_patients_find(f, candidates->listed, &candidates->range.count);
}

/* An Encounter's documents are about its patient. */
static enum auth_rc choose_encounter(const struct mock_finding *f, struct mock_candidates *candidates)
{
    const struct mock_resource *encounter =
        mock_fhir_store_find(f->store, auth_view_from_string("Encounter"), f->plan->encounter);
    if (!encounter)
        return AUTH_OK;
    f->plan->patient = mock_resource_patient(f->store, encounter);
    return f->plan->patient.n ? choose_range(f, candidates) : AUTH_OK;
}

enum auth_rc mock_candidates_choose(const struct mock_finding *f, struct mock_candidates *candidates)
{
    struct mock_plan *plan = f->plan;
    struct auth_view person = auth_view_from_string("Patient");
    bool is_nobody = false;
    *candidates = (struct mock_candidates){.range = {NULL, 0}};
    if (plan->has_ids)
        return choose_ids(f, candidates);
    plan->is_scored = !plan->is_r4 && auth_view_equals_view(person, auth_view_from_string(plan->type->name));
    if (plan->is_scored)
        return choose_people(f, candidates);
    enum auth_rc rc = plan->patient_identifier.n ? resolve_identifier(f, &is_nobody) : AUTH_OK;
    if (rc != AUTH_OK || is_nobody)
        return rc;
    if (plan->is_r4)
        return choose_range(f, candidates);
    if (plan->patient.n && !mock_fhir_store_find(f->store, person, plan->patient)) {
        refuse_patient(plan);
        return AUTH_OK;
    }
    return !plan->patient.n && plan->encounter.n ? choose_encounter(f, candidates) : choose_range(f, candidates);
}
