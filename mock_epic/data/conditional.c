/* An index of the identifiers of those types that conditional references name, made only when there is such a reference. */
#include "mock_epic/data/conditional.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"
#include "mock_epic/data/link.h"
#include "mock_epic/data/resource.h"

/* "system|value" of a resource, as it is written. */
struct identifier {
    struct auth_view system, value;
    uint32_t number; /* of the resource in the store */
    uint32_t next;   /* in its slot: index + 1 */
};

struct index {
    struct identifier *items;
    size_t count, size;
    uint32_t *slots;
    size_t slot_count;
};

/* What a conditional reference asks for. */
struct condition {
    struct auth_view type, system, value;
    bool has_system;
};

/* ---- asking ---- */

/* "Type?identifier=system|value", with a "%7C" for the bar, too; false when it is none. */
static bool read_condition(struct auth_view reference, struct condition *condition)
{
    static const char query[] = "identifier=";
    struct auth_view rest = reference;
    condition->type = auth_view_split(&rest, '?');
    if (condition->type.n == 0 || condition->type.n == reference.n || !auth_view_starts(rest, query))
        return false;
    rest = auth_view_from(rest, sizeof query - 1);
    size_t bar = auth_view_find(rest, '|'), escaped = auth_view_find_text(rest, "%7C"), bar_n = 1;
    if (escaped < bar) {
        bar = escaped;
        bar_n = 3;
    }
    condition->has_system = bar < rest.n;
    condition->system = auth_view_bytes(rest.p, condition->has_system ? bar : 0);
    condition->value = condition->has_system ? auth_view_from(rest, bar + bar_n) : rest;
    return condition->value.n > 0 && auth_view_find(condition->value, '&') == condition->value.n;
}

static bool next_condition(struct auth_view text, size_t *cursor, struct auth_view *reference,
                           struct condition *condition)
{
    while (mock_fhir_next_reference(text, cursor, reference)) {
        if (read_condition(*reference, condition))
            return true;
    }
    return false;
}

static bool has_condition(const struct mock_resource *resource)
{
    return auth_view_contains(mock_resource_bytes(resource), "?identifier=");
}

/* ---- the index ---- */

static uint64_t hash_of(struct auth_view value)
{
    uint64_t hash = auth_hash(AUTH_HASH_START, value);
    return hash ^ hash >> 29;
}

static struct auth_view plain(struct auth_view object, const char *name)
{
    struct auth_view value = {NULL, 0};
    bool is_plain = auth_json_raw_member(object, name, &value) && value.n >= 2 && value.p[0] == '"' &&
                    auth_view_find(value, '\\') == value.n;
    return is_plain ? auth_view_bytes(value.p + 1, value.n - 2) : auth_view_from_string("");
}

static bool add_identifier(struct index *index, struct auth_view identifier, uint32_t number)
{
    struct identifier added = {plain(identifier, "system"), plain(identifier, "value"), number, 0};
    if (added.value.n == 0)
        return true;
    struct identifier *grown = auth_array_fit(index->items, index->count, &index->size, sizeof *grown);
    if (!grown)
        return false;
    index->items = grown;
    index->items[index->count++] = added;
    return true;
}

static bool add_identifiers(struct index *index, const struct mock_fhir_store *store, uint32_t number)
{
    struct auth_view identifiers = {NULL, 0}, item;
    size_t cursor = 0;
    bool ok = true;
    if (!auth_json_raw_member(mock_resource_bytes(&store->items[number]), "identifier", &identifiers))
        return true;
    while (ok && auth_json_raw_next(identifiers, &cursor, &item))
        ok = add_identifier(index, item, number);
    return ok;
}

static bool fill_slots(struct index *index)
{
    index->slot_count = 64;
    while (index->slot_count < index->count)
        index->slot_count *= 2;
    index->slots = calloc(index->slot_count, sizeof *index->slots);
    for (size_t i = 0; index->slots && i < index->count; i++) {
        uint32_t *slot = &index->slots[hash_of(index->items[i].value) & (index->slot_count - 1)];
        index->items[i].next = *slot;
        *slot = (uint32_t)i + 1;
    }
    return index->slots != NULL;
}

/* Which types are asked for, as a flag for each of the store's. */
static bool *types_asked(const struct mock_fhir_store *store, bool *is_any)
{
    bool *asked = calloc(store->type_count + 1, sizeof *asked);
    *is_any = false;
    for (size_t i = store->trusted_count; asked && i < store->count; i++) {
        struct auth_view reference;
        struct condition condition;
        size_t cursor = 0;
        if (!has_condition(&store->items[i]))
            continue;
        while (next_condition(mock_resource_bytes(&store->items[i]), &cursor, &reference, &condition)) {
            for (size_t type = 0; type < store->type_count; type++)
                asked[type] = asked[type] || auth_view_equals_view(store->types[type], condition.type);
            *is_any = true;
        }
    }
    return asked;
}

static bool make_index(const struct mock_fhir_store *store, const bool *asked, struct index *index)
{
    bool ok = true;
    for (uint32_t i = 0; ok && i < store->count; i++)
        ok = !asked[store->items[i].type] || add_identifiers(index, store, i);
    return ok && fill_slots(index);
}

/* The one resource of that identifier: its last version; NULL when there is none, or when several have it. */
static const struct mock_resource *find(const struct mock_fhir_store *store, const struct index *index,
                                        const struct condition *condition)
{
    const struct mock_resource *found = NULL;
    if (!index->items) /* nothing has an identifier */
        return NULL;
    for (uint32_t at = index->slots[hash_of(condition->value) & (index->slot_count - 1)]; at;) {
        const struct identifier *item = &index->items[at - 1];
        const struct mock_resource *resource = &store->items[item->number];
        at = item->next;
        if (!auth_view_equals_view(item->value, condition->value) ||
            (condition->has_system && !auth_view_equals_view(item->system, condition->system)) ||
            !auth_view_equals_view(mock_resource_type(store, resource), condition->type))
            continue;
        if (found && !auth_view_equals_view(mock_resource_id(found), mock_resource_id(resource)))
            return NULL;
        found = found ? found : resource;
    }
    return found;
}

/* ---- resources anew ---- */

static size_t write_resolved(const struct mock_fhir_store *store, const struct index *index, struct auth_view text,
                             struct auth_buf *out)
{
    struct auth_view reference;
    struct condition condition;
    size_t cursor = 0, done = 0, count = 0;
    while (next_condition(text, &cursor, &reference, &condition)) {
        const struct mock_resource *target = find(store, index, &condition);
        size_t at = (size_t)(reference.p - text.p);
        if (!target)
            continue;
        auth_buf_add(out, text.p + done, at - done);
        auth_buf_add_view(out, condition.type);
        auth_buf_add_char(out, '/');
        auth_buf_add_view(out, mock_resource_id(target));
        done = at + reference.n;
        count++;
    }
    if (count)
        auth_buf_add(out, text.p + done, text.n - done);
    return count;
}

static enum auth_rc resolve(struct mock_fhir_store *store, const struct index *index, size_t number,
                            struct mock_fhir_report *report, struct auth_err *err)
{
    struct auth_buf out;
    size_t n = 0;
    auth_buf_init(&out, SIZE_MAX / 2);
    size_t count = write_resolved(store, index, mock_resource_bytes(&store->items[number]), &out);
    char *copy = count ? auth_buf_take(&out, &n) : NULL;
    auth_buf_clear(&out);
    if (count == 0)
        return AUTH_OK;
    if (!copy || mock_fhir_store_own(store, copy, 0) != AUTH_OK)
        return AUTH_E_NOMEM;
    report->linked_references += count;
    return mock_resource_replace(store, number, auth_view_bytes(copy, n), err);
}

enum auth_rc mock_conditional_resolve(struct mock_fhir_store *store, struct mock_fhir_report *report,
                                      struct auth_err *err)
{
    struct index index = {0};
    bool is_any = false;
    bool *asked = types_asked(store, &is_any);
    enum auth_rc rc = asked && (!is_any || make_index(store, asked, &index)) ? AUTH_OK : AUTH_E_NOMEM;
    for (size_t i = store->trusted_count; rc == AUTH_OK && is_any && i < store->count; i++) {
        if (has_condition(&store->items[i]))
            rc = resolve(store, &index, i, report, err);
    }
    free(asked);
    free(index.items);
    free(index.slots);
    return auth_err_of_memory(err, rc);
}
