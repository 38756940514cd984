/* References followed once, and never out of what is loaded. */
#include "mock_epic/fhir/include.h"

#include <stdlib.h>

#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/subtypes.h"

struct including {
    const struct mock_fhir_store *store;
    const struct mock_fhir_call *call;
    struct auth_view of_type; /* of the targets that are wanted; empty: any */
    unsigned char *seen;      /* a bit for each resource: on the page, or included */
    struct mock_included *out;
    uint32_t number; /* of a Provenance that is looked at */
    bool is_out_of_memory;
};

static bool is_seen(const struct including *in, uint32_t number)
{
    return in->seen[number / 8] >> number % 8 & 1;
}

static void see(struct including *in, uint32_t number)
{
    in->seen[number / 8] |= (unsigned char)(1U << number % 8);
}

static void add(struct including *in, uint32_t number)
{
    struct mock_included *out = in->out;
    if (is_seen(in, number))
        return;
    see(in, number);
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
    return mock_scopes_allow(in->call->scopes, type, MOCK_READ) &&
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
    if (!target || !is_seen(in, (uint32_t)(target - in->store->items)))
        return true;
    if (is_open(in, &in->store->items[in->number]))
        add(in, in->number);
    return false;
}

static void include_provenances(struct including *in)
{
    static const struct mock_fhir_param target = {"target", "target", MOCK_PARAM_REFERENCE, true, 0};
    struct auth_view name = auth_view_from_string("Provenance");
    struct mock_range range = mock_fhir_store_of_type(in->store, mock_fhir_type_find(name));
    if (!mock_scopes_allow(in->call->scopes, name, MOCK_READ))
        return;
    for (size_t i = 0; i < range.count && !in->is_out_of_memory; i++) {
        in->number = range.items[i];
        mock_each_reference(&target, mock_resource_bytes(&in->store->items[in->number]), include_provenance, in);
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
    in.seen = calloc(store->count / 8 + 1, 1);
    if (!in.seen)
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < match_count; i++) {
        if (!(matches[i] & MOCK_FILTERED_OUT))
            see(&in, matches[i]);
    }
    if (plan->wants_provenance) /* of the matches alone, so before anything else is included */
        include_provenances(&in);
    for (size_t i = 0; i < match_count; i++) {
        for (size_t j = 0; !(matches[i] & MOCK_FILTERED_OUT) && j < plan->include_count; j++) {
            in.of_type = plan->include_types[j];
            mock_each_reference(plan->includes[j], mock_resource_bytes(&store->items[matches[i]]), include_target, &in);
        }
    }
    free(in.seen);
    return in.is_out_of_memory ? AUTH_E_NOMEM : AUTH_OK;
}
