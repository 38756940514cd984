/* Resources taken apart as they are loaded, and the two indexes that find them. */
#include "mock_epic/fhir/store.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/fhir/link.h"

static enum auth_rc no_memory(struct auth_err *err)
{
    return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
}

/* Room for one more in an array that doubles; false when memory is out. */
static bool grow(void **items, size_t *size, size_t count, size_t item_n)
{
    if (count < *size)
        return true;
    size_t wanted = *size ? *size * 2 : 64;
    void *grown = realloc(*items, wanted * item_n);
    if (!grown)
        return false;
    *items = grown;
    *size = wanted;
    return true;
}

void mock_fhir_store_clear(struct mock_fhir_store *store)
{
    for (size_t i = 0; i < store->owned_count; i++)
        free(store->owned[i]);
    free(store->owned);
    free(store->items);
    free(store->tokens);
    free(store->by_id);
    free(store->by_patient);
    free(store->interned);
    memset(store, 0, sizeof *store);
}

enum auth_rc mock_fhir_store_own(struct mock_fhir_store *store, char *memory)
{
    void *owned = store->owned;
    if (!grow(&owned, &store->owned_size, store->owned_count, sizeof *store->owned)) {
        free(memory);
        return AUTH_E_NOMEM;
    }
    store->owned = owned;
    store->owned[store->owned_count++] = memory;
    return AUTH_OK;
}

static uint64_t hash_of(uint64_t hash, struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 0x100000001b3U;
    return hash ^ hash >> 29;
}

static const uint64_t hash_start = 0xcbf29ce484222325U;

/* ---- interning ---- */

static struct auth_view *intern_slot(struct auth_view *table, size_t size, struct auth_view text)
{
    size_t at = (size_t)hash_of(hash_start, text) & (size - 1);
    while (table[at].p && !auth_view_equals_view(table[at], text))
        at = (at + 1) & (size - 1);
    return &table[at];
}

static bool grow_interned(struct mock_fhir_store *store)
{
    size_t size = store->interned_size ? store->interned_size * 2 : 256;
    struct auth_view *table = calloc(size, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < store->interned_size; i++) {
        if (store->interned[i].p)
            *intern_slot(table, size, store->interned[i]) = store->interned[i];
    }
    free(store->interned);
    store->interned = table;
    store->interned_size = size;
    return true;
}

static bool intern(struct mock_fhir_store *store, struct auth_view text, struct auth_view *out)
{
    if (text.n == 0) {
        *out = auth_view_from_string("");
        return true;
    }
    if (store->interned_count * 2 >= store->interned_size && !grow_interned(store))
        return false;
    struct auth_view *slot = intern_slot(store->interned, store->interned_size, text);
    if (!slot->p) {
        char *copy = auth_view_dup(text);
        if (!copy || mock_fhir_store_own(store, copy) != AUTH_OK)
            return false;
        *slot = auth_view_bytes(copy, text.n);
        store->interned_count++;
    }
    *out = *slot;
    return true;
}

/* ---- taking a resource apart ---- */

/* The members that searches need, as raw text; empty when absent. No tree of the resource is made: that takes ten times
 * as long, and there may be a gigabyte of them. */
enum part { PART_TYPE, PART_ID, PART_SUBJECT, PART_PATIENT, PART_BENEFICIARY, PART_CATEGORY, PART_CODE, PART_COUNT };

static void take_apart(struct auth_view object, struct auth_view parts[PART_COUNT])
{
    static const char *const names[PART_COUNT] = {"resourceType", "id",       "subject", "patient",
                                                  "beneficiary",  "category", "code"};
    struct auth_view name, value;
    size_t cursor = 0;
    memset(parts, 0, PART_COUNT * sizeof *parts);
    while (auth_json_raw_next_member(object, &cursor, &name, &value)) {
        for (int i = 0; i < PART_COUNT; i++) {
            if (auth_view_equals(name, names[i]))
                parts[i] = value;
        }
    }
}

/* Intern a string value from its raw text; "" for anything else. */
static bool intern_string(struct mock_fhir_store *store, struct auth_view raw, struct auth_view *out)
{
    struct auth_json *doc = NULL;
    *out = auth_view_from_string("");
    if (raw.n < 2 || raw.p[0] != '"')
        return true;
    if (auth_view_find(raw, '\\') == raw.n)
        return intern(store, auth_view_bytes(raw.p + 1, raw.n - 2), out);
    bool ok = auth_json_parse(raw, &doc, NULL) == AUTH_OK && intern(store, auth_json_string(auth_json_root(doc)), out);
    auth_json_free(doc);
    return ok;
}

static struct auth_view raw_member(struct auth_view object, const char *name)
{
    struct auth_view value = {NULL, 0};
    (void)auth_json_raw_member(object, name, &value);
    return value;
}

static bool add_coding(struct mock_fhir_store *store, struct mock_resource *resource, enum mock_fhir_param param,
                       struct auth_view coding)
{
    struct mock_fhir_token token = {.param = param};
    void *tokens = store->tokens;
    if (!intern_string(store, raw_member(coding, "code"), &token.code))
        return false;
    if (token.code.n == 0)
        return true;
    if (!intern_string(store, raw_member(coding, "system"), &token.system) ||
        !grow(&tokens, &store->token_size, store->token_count, sizeof token))
        return false;
    store->tokens = tokens;
    store->tokens[store->token_count++] = token;
    resource->token_count++;
    return true;
}

/* A CodeableConcept, or an array of them. */
static bool add_tokens(struct mock_fhir_store *store, struct mock_resource *resource, enum mock_fhir_param param,
                       struct auth_view concept)
{
    struct auth_view item, codings = raw_member(concept, "coding");
    size_t cursor = 0;
    bool ok = true;
    while (ok && auth_json_raw_next(concept, &cursor, &item)) /* no step when it is no array */
        ok = add_tokens(store, resource, param, item);
    for (cursor = 0; ok && auth_json_raw_next(codings, &cursor, &item);)
        ok = add_coding(store, resource, param, item);
    return ok;
}

/* The patient that subject, patient or beneficiary names; a Patient is about itself. */
static bool intern_patient(struct mock_fhir_store *store, const struct auth_view parts[PART_COUNT],
                           struct mock_resource *resource)
{
    resource->patient = auth_view_equals(resource->type, "Patient") ? resource->id : auth_view_from_string("");
    for (int i = PART_SUBJECT; i <= PART_BENEFICIARY && resource->patient.n == 0; i++) {
        struct auth_view reference;
        if (!intern_string(store, raw_member(parts[i], "reference"), &reference))
            return false;
        if (auth_view_starts(reference, "Patient/") && !intern(store, auth_view_from(reference, 8), &resource->patient))
            return false;
    }
    return true;
}

static bool is_id(struct auth_view id)
{
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return id.n > 0 && id.n <= 128;
}

static enum auth_rc index_resource(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err)
{
    struct mock_resource resource = {
        .bytes = text, .order = (uint32_t)store->count, .first_token = (uint32_t)store->token_count};
    struct auth_view parts[PART_COUNT];
    void *items = store->items;
    take_apart(text, parts);
    if (!intern_string(store, parts[PART_TYPE], &resource.type) || !intern_string(store, parts[PART_ID], &resource.id))
        return no_memory(err);
    if (resource.type.n == 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "no resourceType: this is no FHIR resource");
    if (!is_id(resource.id))
        return auth_err_set(err, AUTH_E_SYNTAX, "%.*s without a usable id (A-Z a-z 0-9 - . are allowed)",
                            (int)(resource.type.n < 40 ? resource.type.n : 40), resource.type.p);
    if (!grow(&items, &store->size, store->count, sizeof resource))
        return no_memory(err);
    store->items = items;
    if (!intern_patient(store, parts, &resource) ||
        !add_tokens(store, &resource, MOCK_PARAM_CATEGORY, parts[PART_CATEGORY]) ||
        !add_tokens(store, &resource, MOCK_PARAM_CODE, parts[PART_CODE]))
        return no_memory(err);
    store->items[store->count++] = resource;
    return AUTH_OK;
}

/* ---- shapes of input; every text from here on is JSON for sure ---- */

static enum auth_rc add_value(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err);

static enum auth_rc add_array(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err)
{
    struct auth_view item;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && auth_json_raw_next(text, &cursor, &item))
        rc = add_value(store, item, err);
    return rc;
}

/* The Bundle as it is to be read: with its own urns led to where they mean. */
static enum auth_rc link_bundle(struct mock_fhir_store *store, struct auth_view *text)
{
    char *linked = NULL;
    size_t n = 0, count = 0;
    enum auth_rc rc = mock_fhir_link_bundle(*text, &linked, &n, &count);
    if (rc == AUTH_OK && linked) {
        rc = mock_fhir_store_own(store, linked);
        *text = auth_view_bytes(linked, n);
        store->linked_count += count;
    }
    return rc;
}

static enum auth_rc add_bundle(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err)
{
    struct auth_view entries, entry, resource;
    size_t cursor = 0;
    enum auth_rc rc = link_bundle(store, &text);
    if (rc != AUTH_OK)
        return no_memory(err);
    if (!auth_json_raw_member(text, "entry", &entries))
        return AUTH_OK;
    while (rc == AUTH_OK && auth_json_raw_next(entries, &cursor, &entry)) {
        if (auth_json_raw_member(entry, "resource", &resource))
            rc = add_value(store, resource, err);
    }
    return rc;
}

static enum auth_rc add_value(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err)
{
    struct auth_view type;
    if (text.p[0] == '[')
        return add_array(store, text, err);
    bool is_bundle = auth_json_raw_member(text, "resourceType", &type) && auth_view_equals(type, "\"Bundle\"");
    return is_bundle ? add_bundle(store, text, err) : index_resource(store, text, err);
}

static enum auth_rc add_json(struct mock_fhir_store *store, struct auth_view text, bool is_checked,
                             struct auth_err *err)
{
    enum auth_rc rc = is_checked ? AUTH_OK : auth_json_check(text, err);
    return rc == AUTH_OK ? add_value(store, text, err) : rc;
}

/* NDJSON when the first line is a whole value and there are more; else one JSON text. */
static bool is_ndjson(struct auth_view text)
{
    struct auth_view rest = text;
    struct auth_view first = auth_view_split(&rest, '\n');
    return auth_view_trim(rest).n > 0 && auth_json_check(first, NULL) == AUTH_OK;
}

static void trust(struct mock_fhir_store *store, bool is_checked)
{
    store->trusted_count = is_checked ? store->count : store->trusted_count;
}

enum auth_rc mock_fhir_store_add_text(struct mock_fhir_store *store, const char *name, struct auth_view text,
                                      bool is_checked, struct auth_err *err)
{
    struct auth_err inner = {0};
    size_t line = 1;
    enum auth_rc rc = AUTH_OK;
    text = auth_view_trim(text);
    if (text.n == 0)
        return AUTH_OK;
    if (!is_ndjson(text)) {
        rc = add_json(store, text, is_checked, &inner);
        trust(store, is_checked);
        return rc == AUTH_OK ? rc : auth_err_set(err, rc, "%s: %s", name, inner.detail);
    }
    for (; text.n && rc == AUTH_OK; line++) {
        struct auth_view one = auth_view_trim(auth_view_split(&text, '\n'));
        if (one.n)
            rc = add_json(store, one, is_checked, &inner);
        if (rc != AUTH_OK)
            auth_err_set(err, rc, "%s line %zu: %s", name, line, inner.detail);
    }
    trust(store, is_checked);
    return rc;
}

/* ---- the index ---- */

static uint32_t *id_slot(const struct mock_fhir_store *store, struct auth_view type, struct auth_view id)
{
    size_t mask = store->by_id_size - 1;
    size_t at = (size_t)hash_of(hash_of(hash_start, type), id) & mask;
    while (store->by_id[at]) {
        const struct mock_resource *resource = &store->items[store->by_id[at] - 1];
        if (auth_view_equals_view(resource->id, id) && auth_view_equals_view(resource->type, type))
            break;
        at = (at + 1) & mask;
    }
    return &store->by_id[at];
}

static int compare(struct auth_view a, struct auth_view b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* qsort() has no context argument, so what is sorted carries the keys. */
static int by_patient_type_order(const void *a, const void *b)
{
    const struct mock_resource *x = *(const struct mock_resource *const *)a;
    const struct mock_resource *y = *(const struct mock_resource *const *)b;
    int order = compare(x->patient, y->patient);
    if (order == 0)
        order = compare(x->type, y->type);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static enum auth_rc index_ids(struct mock_fhir_store *store, size_t *replaced)
{
    store->by_id_size = 64;
    while (store->by_id_size < store->count * 2)
        store->by_id_size *= 2;
    store->by_id = calloc(store->by_id_size, sizeof *store->by_id);
    if (!store->by_id)
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < store->count; i++) {
        uint32_t *slot = id_slot(store, store->items[i].type, store->items[i].id);
        *replaced += *slot != 0;
        *slot = (uint32_t)i + 1;
    }
    return AUTH_OK;
}

static enum auth_rc index_patients(struct mock_fhir_store *store)
{
    const struct mock_resource **sorted = malloc((store->count ? store->count : 1) * sizeof *sorted);
    store->by_patient = malloc((store->count ? store->count : 1) * sizeof *store->by_patient);
    if (!sorted || !store->by_patient) {
        free(sorted);
        return AUTH_E_NOMEM;
    }
    size_t count = 0;
    for (size_t i = 0; i < store->count; i++) {
        const struct mock_resource *resource = &store->items[i];
        bool is_hidden = *id_slot(store, resource->type, resource->id) != i + 1;
        if (!is_hidden && resource->patient.n)
            sorted[count++] = resource;
    }
    qsort(sorted, count, sizeof *sorted, by_patient_type_order);
    for (size_t i = 0; i < count; i++)
        store->by_patient[i] = (uint32_t)(sorted[i] - store->items);
    store->by_patient_count = count;
    free(sorted);
    return AUTH_OK;
}

enum auth_rc mock_fhir_store_seal(struct mock_fhir_store *store, size_t *replaced, struct auth_err *err)
{
    enum auth_rc rc = index_ids(store, replaced);
    if (rc == AUTH_OK)
        rc = index_patients(store);
    return rc == AUTH_OK ? rc : no_memory(err);
}

const struct mock_resource *mock_fhir_store_find(const struct mock_fhir_store *store, struct auth_view type,
                                                 struct auth_view id)
{
    uint32_t index = *id_slot(store, type, id);
    return index ? &store->items[index - 1] : NULL;
}

size_t mock_fhir_store_range(const struct mock_fhir_store *store, struct auth_view patient, struct auth_view type,
                             size_t *first)
{
    const struct mock_resource wanted = {.patient = patient, .type = type, .order = 0};
    const struct mock_resource *key = &wanted;
    size_t low = 0, high = store->by_patient_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct mock_resource *resource = &store->items[store->by_patient[middle]];
        if (by_patient_type_order(&resource, &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    size_t end = low;
    while (end < store->by_patient_count) {
        const struct mock_resource *resource = &store->items[store->by_patient[end]];
        if (!auth_view_equals_view(resource->patient, patient) || !auth_view_equals_view(resource->type, type))
            break;
        end++;
    }
    return end - low;
}
