/* The tables of a store: types, patients, ids; sorted once by counting, which takes no comparison. */
#include "mock_epic/data/store.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "mock_epic/data/text_hash.h"
#include "mock_epic/epic/types.h"

struct mock_owned {
    void *memory;
    size_t mapped_n;
};

static void let_go(void *memory, size_t mapped_n)
{
    if (mapped_n)
        munmap(memory, mapped_n);
    else
        free(memory);
}

void mock_fhir_store_clear(struct mock_fhir_store *store)
{
    for (size_t i = 0; i < store->owned_count; i++)
        let_go(store->owned[i].memory, store->owned[i].mapped_n);
    free(store->owned);
    free(store->items);
    free(store->types);
    free(store->type_slots);
    free(store->patients);
    free(store->patient_slots);
    free(store->by_id);
    free(store->by_type);
    free(store->by_patient);
    free(store->type_first);
    free(store->indexed);
    mock_keys_clear(&store->keys);
    mock_access_clear(&store->access);
    mock_references_clear(&store->references);
    memset(store, 0, sizeof *store);
}

/* A copy of an array of `size` items, of which `count` are used; true for one that there is not. */
static bool copy_array(void **to, const void *from, size_t size, size_t count, size_t item_n)
{
    *to = from ? malloc(size * item_n) : NULL;
    if (*to && count)
        memcpy(*to, from, count * item_n);
    return !from || *to;
}

enum auth_rc mock_fhir_store_copy(const struct mock_fhir_store *from, struct mock_fhir_store *to)
{
    void *items, *types, *type_slots, *patients, *slots;
    bool ok = copy_array(&items, from->items, from->size, from->count, sizeof *from->items);
    ok = copy_array(&types, from->types, from->type_size, from->type_count, sizeof *from->types) && ok;
    ok = copy_array(&type_slots, from->type_slots, MOCK_TYPE_SLOTS, MOCK_TYPE_SLOTS, sizeof *from->type_slots) && ok;
    ok = copy_array(&patients, from->patients, from->patient_size, from->patient_count, sizeof *from->patients) && ok;
    ok = copy_array(&slots, from->patient_slots, from->patient_slots_size, from->patient_slots_size,
                    sizeof *from->patient_slots) &&
         ok;
    *to = (struct mock_fhir_store){
        .items = items,
        .count = from->count,
        .size = from->size,
        .types = types,
        .type_count = from->type_count,
        .type_size = from->type_size,
        .type_slots = type_slots,
        .patients = patients,
        .patient_count = from->patient_count,
        .patient_size = from->patient_size,
        .patient_slots = slots,
        .patient_slots_size = from->patient_slots_size,
    };
    enum auth_rc rc = ok ? mock_access_copy(&from->access, &to->access) : AUTH_E_NOMEM;
    return rc == AUTH_OK ? mock_keys_copy(&from->keys, from->by_type, &to->keys) : rc;
}

enum auth_rc mock_fhir_store_own(struct mock_fhir_store *store, void *memory, size_t mapped_n)
{
    struct mock_owned *owned = auth_array_fit(store->owned, store->owned_count, &store->owned_size, sizeof *owned);
    if (!owned) {
        let_go(memory, mapped_n);
        return AUTH_E_NOMEM;
    }
    store->owned = owned;
    store->owned[store->owned_count++] = (struct mock_owned){memory, mapped_n};
    return AUTH_OK;
}

/* ---- hashes ---- */

uint64_t mock_code_bit(struct auth_view code)
{
    return (uint64_t)1 << (mock_text_hash(MOCK_TEXT_HASH_START, code) >> 58);
}

/* ---- types ---- */

static uint16_t *type_slot(const struct mock_fhir_store *store, struct auth_view name)
{
    size_t at = (size_t)mock_text_hash(MOCK_TEXT_HASH_START, name) & (MOCK_TYPE_SLOTS - 1);
    while (store->type_slots[at] && !auth_view_equals_view(store->types[store->type_slots[at] - 1], name))
        at = (at + 1) & (MOCK_TYPE_SLOTS - 1);
    return &store->type_slots[at];
}

static enum auth_rc add_type(struct mock_fhir_store *store, struct auth_view name, uint16_t *type)
{
    uint16_t *slot = type_slot(store, name);
    if (!*slot) {
        if (store->type_count == MOCK_TYPES_MAX)
            return AUTH_E_TOO_BIG;
        struct auth_view *types = auth_array_fit(store->types, store->type_count, &store->type_size, sizeof *types);
        if (!types)
            return AUTH_E_NOMEM;
        store->types = types;
        store->types[store->type_count++] = name;
        *slot = (uint16_t)store->type_count;
    }
    *type = (uint16_t)(*slot - 1);
    return AUTH_OK;
}

/* Epic's types come first, so that their numbers are known without asking. */
static enum auth_rc begin(struct mock_fhir_store *store)
{
    uint16_t type;
    if (store->type_slots)
        return AUTH_OK;
    store->type_slots = calloc(MOCK_TYPE_SLOTS, sizeof *store->type_slots);
    enum auth_rc rc = store->type_slots ? AUTH_OK : AUTH_E_NOMEM;
    for (size_t i = 0; rc == AUTH_OK && i < mock_fhir_type_count; i++)
        rc = add_type(store, auth_view_from_string(mock_fhir_types[i].name), &type);
    if (rc != AUTH_OK) {
        free(store->type_slots); /* so that it is tried anew */
        store->type_slots = NULL;
        store->type_count = 0;
    }
    return rc;
}

/* ---- patients ---- */

static uint32_t *patient_slot(const struct mock_fhir_store *store, uint32_t *slots, size_t size, struct auth_view id)
{
    size_t at = (size_t)mock_text_hash(MOCK_TEXT_HASH_START, id) & (size - 1);
    while (slots[at] && !auth_view_equals_view(store->patients[slots[at] - 1].id, id))
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static bool grow_patients(struct mock_fhir_store *store)
{
    struct mock_patient *patients =
        auth_array_fit(store->patients, store->patient_count, &store->patient_size, sizeof *patients);
    if (!patients)
        return false;
    store->patients = patients;
    if (store->patient_count * 2 < store->patient_slots_size)
        return true;
    size_t size = store->patient_slots_size ? store->patient_slots_size * 2 : 64;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < store->patient_count; i++)
        *patient_slot(store, slots, size, store->patients[i].id) = (uint32_t)i + 1;
    free(store->patient_slots);
    store->patient_slots = slots;
    store->patient_slots_size = size;
    return true;
}

/* out  *number  plus one; 0 for nobody */
static enum auth_rc add_patient(struct mock_fhir_store *store, struct auth_view id, uint32_t *number)
{
    *number = 0;
    if (!id.n)
        return AUTH_OK;
    if (!grow_patients(store))
        return AUTH_E_NOMEM;
    uint32_t *slot = patient_slot(store, store->patient_slots, store->patient_slots_size, id);
    if (!*slot) {
        store->patients[store->patient_count++] = (struct mock_patient){id, 0};
        *slot = (uint32_t)store->patient_count;
    }
    *number = *slot;
    return AUTH_OK;
}

enum auth_rc mock_fhir_store_type(struct mock_fhir_store *store, struct auth_view name, uint16_t *type)
{
    enum auth_rc rc = begin(store);
    return rc == AUTH_OK ? add_type(store, name, type) : rc;
}

enum auth_rc mock_fhir_store_patient(struct mock_fhir_store *store, struct auth_view id, uint32_t *patient)
{
    return add_patient(store, id, patient);
}

/* ---- resources ---- */

static uint32_t hash_id(struct auth_view id)
{
    return (uint32_t)mock_text_hash(MOCK_TEXT_HASH_START, id);
}

enum auth_rc mock_fhir_store_add_known(struct mock_fhir_store *store, const struct mock_resource *resource)
{
    if (store->count >= UINT32_MAX - 1)
        return AUTH_E_TOO_BIG;
    struct mock_resource *items = auth_array_fit(store->items, store->count, &store->size, sizeof *items);
    if (!items)
        return AUTH_E_NOMEM;
    store->items = items;
    store->items[store->count++] = *resource;
    return AUTH_OK;
}

enum auth_rc mock_fhir_store_add(struct mock_fhir_store *store, const struct mock_resource *resource,
                                 struct auth_view type, struct auth_view patient)
{
    struct mock_resource added = *resource;
    added.id_hash = hash_id(mock_resource_id(resource));
    enum auth_rc rc = mock_fhir_store_type(store, type, &added.type);
    if (rc == AUTH_OK)
        rc = add_patient(store, patient, &added.patient);
    return rc == AUTH_OK ? mock_fhir_store_add_known(store, &added) : rc;
}

enum auth_rc mock_fhir_store_set(struct mock_fhir_store *store, size_t number, const struct mock_resource *resource,
                                 struct auth_view patient)
{
    struct mock_resource changed = *resource;
    enum auth_rc rc = add_patient(store, patient, &changed.patient);
    changed.type = store->items[number].type;
    changed.id_hash = hash_id(mock_resource_id(resource));
    store->references.is_partial = true;
    if (rc == AUTH_OK)
        store->items[number] = changed;
    return rc;
}

struct auth_view mock_resource_type(const struct mock_fhir_store *store, const struct mock_resource *resource)
{
    return store->types[resource->type];
}

struct auth_view mock_resource_patient(const struct mock_fhir_store *store, const struct mock_resource *resource)
{
    return resource->patient ? store->patients[resource->patient - 1].id : auth_view_from_string("");
}

struct auth_view mock_resource_id(const struct mock_resource *resource)
{
    return auth_view_bytes(resource->id, resource->id_n);
}

struct auth_view mock_resource_bytes(const struct mock_resource *resource)
{
    return auth_view_bytes(resource->bytes, resource->n);
}

/* ---- sealing ---- */

static uint32_t *id_slot(const struct mock_fhir_store *store, uint16_t type, struct auth_view id, uint32_t hash)
{
    size_t mask = store->by_id_size - 1;
    size_t at = (hash ^ type * 0x9e3779b97f4a7c15U) & mask;
    for (; store->by_id[at]; at = (at + 1) & mask) {
        const struct mock_resource *resource = &store->items[store->by_id[at] - 1];
        if (resource->id_hash == hash && resource->type == type &&
            auth_view_equals_view(mock_resource_id(resource), id))
            break;
    }
    return &store->by_id[at];
}

static uint32_t *slot_of_item(const struct mock_fhir_store *store, const struct mock_resource *resource)
{
    return id_slot(store, resource->type, mock_resource_id(resource), resource->id_hash);
}

static enum auth_rc index_ids(struct mock_fhir_store *store, size_t *replaced)
{
    store->by_id_size = 64;
    while (store->by_id_size < store->count + store->count / 2)
        store->by_id_size *= 2;
    store->by_id = calloc(store->by_id_size, sizeof *store->by_id);
    if (!store->by_id)
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < store->count; i++) {
        uint32_t *slot = slot_of_item(store, &store->items[i]);
        *replaced += *slot != 0;
        *slot = (uint32_t)i + 1;
    }
    store->shown_count = store->count - *replaced;
    return AUTH_OK;
}

static void list_in_order(struct mock_fhir_store *store, uint32_t *next, unsigned char *is_listed)
{
    for (size_t i = 0; i < store->count; i++) {
        uint32_t shown = is_listed ? *slot_of_item(store, &store->items[i]) - 1 : (uint32_t)i;
        if (is_listed && is_listed[shown])
            continue;
        if (is_listed)
            is_listed[shown] = 1;
        store->by_type[next[store->items[i].type + 1]++] = shown;
    }
}

/* By type, in the order of loading; what was replaced gives its place to what replaced it, as the answers of a server that
 * were kept show one resource several times, and its order once. */
static bool sort_by_type(struct mock_fhir_store *store)
{
    bool has_replaced = store->shown_count < store->count;
    unsigned char *is_listed = has_replaced ? calloc(store->count, 1) : NULL;
    store->type_first = calloc(store->type_count + 2, sizeof *store->type_first);
    store->by_type = calloc(store->shown_count + 1, sizeof *store->by_type);
    uint32_t *next = store->type_first;
    if (!next || !store->by_type || (has_replaced && !is_listed)) {
        free(is_listed);
        return false;
    }
    for (size_t i = 0; i < store->count; i++)
        next[store->items[i].type + 2] += !has_replaced || *slot_of_item(store, &store->items[i]) == i + 1;
    for (size_t type = 2; type < store->type_count + 2; type++)
        next[type] += next[type - 1];
    list_in_order(store, next, is_listed);
    free(is_listed);
    return true;
}

/* From by_type, so that within a patient it stays sorted by type. */
static bool sort_by_patient(struct mock_fhir_store *store)
{
    void *patients = realloc(store->patients, (store->patient_count + 1) * sizeof *store->patients);
    uint32_t *next = calloc(store->patient_count + 2, sizeof *next);
    store->patients = patients ? patients : store->patients;
    store->by_patient = malloc((store->shown_count + 1) * sizeof *store->by_patient);
    if (!patients || !next || !store->by_patient) {
        free(next);
        return false;
    }
    for (size_t i = 0; i < store->shown_count; i++)
        next[store->items[store->by_type[i]].patient + 1]++;
    for (size_t i = 1; i < store->patient_count + 2; i++)
        next[i] += next[i - 1];
    for (size_t i = 0; i <= store->patient_count; i++) /* nobody's come first */
        store->patients[i].first = next[i + 1];
    for (size_t i = 0; i < store->shown_count; i++) {
        uint32_t number = store->by_type[i];
        store->by_patient[next[store->items[number].patient]++] = number;
    }
    free(next);
    return true;
}

static enum auth_rc sort_keys(struct mock_fhir_store *store)
{
    uint32_t *place_of = malloc((store->count + 1) * sizeof *place_of);
    if (!place_of)
        return AUTH_E_NOMEM;
    memset(place_of, 0xff, (store->count + 1) * sizeof *place_of); /* MOCK_NO_PLACE */
    for (size_t i = 0; i < store->shown_count; i++)
        place_of[store->by_type[i]] = (uint32_t)i;
    enum auth_rc rc = mock_keys_seal(&store->keys, place_of);
    free(place_of);
    return rc;
}

static void trim(struct mock_fhir_store *store)
{
    struct mock_resource *items = store->count ? realloc(store->items, store->count * sizeof *items) : NULL;
    store->items = items ? items : store->items;
    store->size = items ? store->count : store->size;
}

enum auth_rc mock_fhir_store_seal(struct mock_fhir_store *store, size_t *replaced, struct auth_err *err)
{
    enum auth_rc rc = begin(store);
    trim(store);
    if (rc == AUTH_OK)
        rc = index_ids(store, replaced);
    if (rc == AUTH_OK && !(sort_by_type(store) && sort_by_patient(store)))
        rc = AUTH_E_NOMEM;
    if (rc == AUTH_OK)
        rc = sort_keys(store);
    return auth_err_of_memory(err, rc);
}

/* ---- asking ---- */

const struct mock_resource *mock_fhir_store_find(const struct mock_fhir_store *store, struct auth_view type,
                                                 struct auth_view id)
{
    uint16_t number = *type_slot(store, type);
    uint32_t index = number ? *id_slot(store, (uint16_t)(number - 1), id, hash_id(id)) : 0;
    return index ? &store->items[index - 1] : NULL;
}

struct mock_range mock_fhir_store_of_type(const struct mock_fhir_store *store, size_t type)
{
    uint32_t first = store->type_first[type], end = store->type_first[type + 1];
    return (struct mock_range){store->by_type + first, end - first};
}

/* The first of a sorted range whose type is not below. */
static size_t lower_bound(const struct mock_fhir_store *store, struct mock_range range, size_t type)
{
    size_t low = 0, high = range.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (store->items[range.items[middle]].type < type)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mock_range mock_fhir_store_about(const struct mock_fhir_store *store, struct auth_view patient, size_t type)
{
    struct mock_range range = {NULL, 0};
    if (!store->patient_slots_size)
        return range;
    uint32_t number = *patient_slot(store, store->patient_slots, store->patient_slots_size, patient);
    if (!number)
        return range;
    uint32_t first = store->patients[number - 1].first;
    range = (struct mock_range){store->by_patient + first, store->patients[number].first - first};
    size_t low = lower_bound(store, range, type), high = lower_bound(store, range, type + 1);
    return (struct mock_range){range.items + low, high - low};
}
