/* References followed once, and never out of what is loaded. */
#include "mock_epic/fhir/include.h"

#include <stdlib.h>

#include "mock_epic/data/index.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/numbers.h"
#include "mock_epic/fhir/subtypes.h"

struct including {
    const struct mock_fhir_store *store;
    const struct mock_fhir_call *call;
    struct auth_view of_type; /* of the targets that are wanted; empty: any */
    struct mock_numbers seen; /* on the page, or included */
    struct mock_included *out;
    uint32_t number; /* of a Provenance that is looked at */
    bool is_out_of_memory;
};

/* True: it is new. */
static bool see(struct including *in, uint32_t number)
{
    enum auth_rc rc = mock_numbers_add(&in->seen, number);
    in->is_out_of_memory = in->is_out_of_memory || rc == AUTH_E_NOMEM;
    return rc == AUTH_OK;
}

static void add(struct including *in, uint32_t number)
{
    struct mock_included *out = in->out;
    if (!see(in, number))
        return;
    uint32_t *items = auth_array_fit(out->items, out->count, &out->size, sizeof *items);
    if (!items) {
        in->is_out_of_memory = true;
        return;
    }
    out->items = items;
    out->items[out->count++] = number;
}

/* A reference to a resource of ours, or NULL. */
static const struct mock_resource *follow(const struct including *in, struct auth_view text)
{
    struct mock_reference reference = mock_reference_read(text);
    bool is_own = reference.base.n == 0 || auth_view_equals_view(reference.base, in->call->base_url);
    bool is_epics = mock_fhir_type_find(reference.type) < mock_fhir_type_count;
    return is_own && is_epics ? mock_fhir_store_find(in->store, reference.type, reference.id) : NULL;
}

/* As for a read: its scope, its sub-type, and nothing beside the data that keeps it back. */
static bool is_open(const struct including *in, const struct mock_resource *resource)
{
    struct auth_view type = mock_resource_type(in->store, resource);
    const struct mock_access_row *row = mock_access_find(in->call->access, type, mock_resource_id(resource));
    const struct mock_fhir_type *known = &mock_fhir_types[mock_fhir_type_find(type)];
    if (row && (row->has_answer || row->is_hidden || !mock_subtypes_grant(in->call, row)))
        return false;
    return mock_scopes_allow(in->call->scopes, known, MOCK_READ) &&
           !mock_subtypes_missing(known, mock_resource_bytes(resource), in->call);
}

static bool include_target(void *ctx, struct auth_view reference)
{
    struct including *in = ctx;
    const struct mock_resource *target = follow(in, reference);
    bool is_wanted =
        target && (!in->of_type.n || auth_view_equals_view(in->of_type, mock_resource_type(in->store, target)));
    if (is_wanted && is_open(in, target))
        add(in, (uint32_t)(target - in->store->items));
    return !in->is_out_of_memory;
}

/* A Provenance one of whose targets is on the page. */
static bool include_provenance(void *ctx, struct auth_view reference)
{
    struct including *in = ctx;
    const struct mock_resource *target = follow(in, reference);
    if (!target || !mock_numbers_has(&in->seen, (uint32_t)(target - in->store->items)))
        return true;
    if (is_open(in, &in->store->items[in->number]))
        add(in, in->number);
    return false;
}

/* Of a range, those that fit. */
static void include_provenances(struct including *in, struct mock_range range)
{
    for (size_t i = 0; i < range.count && !in->is_out_of_memory; i++) {
        in->number = range.items[i];
        mock_each_reference(&mock_index_target, mock_resource_bytes(&in->store->items[in->number]), include_provenance,
                            in);
    }
}

/* All, where they are few; else those that name the id of a match. */
static enum auth_rc find_provenances(struct including *in, const uint32_t *matches, size_t match_count)
{
    size_t type = mock_fhir_type_find(auth_view_from_string("Provenance")), hash_count = 0, count = 0;
    struct mock_range all = mock_fhir_store_of_type(in->store, type);
    uint64_t seed;
    if (!mock_scopes_allow(in->call->scopes, &mock_fhir_types[type], MOCK_READ))
        return AUTH_OK;
    if (all.count <= match_count || !mock_index_knows(type, &mock_index_target, &seed)) {
        include_provenances(in, all);
        return AUTH_OK;
    }
    uint32_t *numbers = NULL, *hashes = malloc((match_count + 1) * sizeof *hashes);
    for (size_t i = 0; hashes && i < match_count; i++) {
        if (!(matches[i] & MOCK_FILTERED_OUT))
            hashes[hash_count++] = mock_index_reference(seed, mock_resource_id(&in->store->items[matches[i]]));
    }
    enum auth_rc rc = hashes ? mock_index_find(in->store, hashes, hash_count, &numbers, &count) : AUTH_E_NOMEM;
    if (rc == AUTH_OK)
        include_provenances(in, (struct mock_range){numbers, count});
    free(numbers);
    free(hashes);
    return rc;
}

static void include_targets(struct including *in, const struct mock_plan *plan, uint32_t match)
{
    for (size_t i = 0; i < plan->include_count; i++) {
        in->of_type = plan->include_types[i];
        mock_each_reference(plan->includes[i], mock_resource_bytes(&in->store->items[match]), include_target, in);
    }
}

enum auth_rc mock_include(const struct mock_fhir_store *store, const struct mock_plan *plan,
                          const struct mock_fhir_call *call, const uint32_t *matches, size_t match_count,
                          struct mock_included *out)
{
    struct including in = {.store = store, .call = call, .out = out};
    *out = (struct mock_included){0};
    if (!plan->include_count && !plan->wants_provenance)
        return AUTH_OK;
    for (size_t i = 0; i < match_count; i++) {
        if (!(matches[i] & MOCK_FILTERED_OUT))
            (void)see(&in, matches[i]);
    }
    enum auth_rc rc = AUTH_OK;
    if (plan->wants_provenance) /* of the matches alone, so before anything else is included */
        rc = find_provenances(&in, matches, match_count);
    for (size_t i = 0; i < match_count; i++) {
        if (!(matches[i] & MOCK_FILTERED_OUT))
            include_targets(&in, plan, matches[i]);
    }
    mock_numbers_clear(&in.seen);
    return in.is_out_of_memory ? AUTH_E_NOMEM : rc;
}
