/* Type, id, patient and codes of a resource, found without a tree of it. */
#include "mock_epic/data/resource.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/data/index.h"

bool mock_id_is_usable(struct auth_view id)
{
    for (size_t i = 0; i < id.n; i++) {
        unsigned char c = (unsigned char)id.p[i], letter = c | 0x20;
        if (!((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
            return false;
    }
    return id.n > 0 && id.n <= MOCK_ID_MAX;
}

/* What a string means: borrowed where it is written as it means, else owned by the store; empty for anything else. */
static enum auth_rc string_of(struct mock_fhir_store *store, struct auth_view raw, struct auth_view *out)
{
    struct auth_json *doc = NULL;
    *out = auth_view_from_string("");
    if (raw.n < 2 || raw.p[0] != '"')
        return AUTH_OK;
    if (!memchr(raw.p, '\\', raw.n)) {
        *out = auth_view_bytes(raw.p + 1, raw.n - 2);
        return AUTH_OK;
    }
    enum auth_rc rc = auth_json_parse(raw, &doc, NULL);
    char *copy = rc == AUTH_OK ? auth_view_dup(auth_json_string(auth_json_root(doc))) : NULL;
    auth_json_free(doc);
    if (!copy)
        return AUTH_E_NOMEM;
    *out = auth_view_from_string(copy);
    return mock_fhir_store_own(store, copy, 0);
}

/* ---- the patient ---- */

static struct auth_view raw_member(struct auth_view object, const char *name)
{
    struct auth_view value = {NULL, 0};
    (void)auth_json_raw_member(object, name, &value);
    return value;
}

/* The id of the patient that a Reference, or one of an array of them, names. */
static enum auth_rc patient_of_reference(struct mock_fhir_store *store, struct auth_view value, const char *within,
                                         struct auth_view *patient)
{
    struct auth_view item, reference;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && !patient->n && auth_json_raw_next(value, &cursor, &item)) /* no step when it is no array */
        rc = patient_of_reference(store, item, within, patient);
    if (rc != AUTH_OK || cursor)
        return rc;
    if (within)
        return patient_of_reference(store, raw_member(value, within), NULL, patient);
    rc = string_of(store, raw_member(value, "reference"), &reference);
    if (rc == AUTH_OK && auth_view_starts(reference, "Patient/")) {
        reference = auth_view_from(reference, 8);
        *patient = auth_view_split(&reference, '/'); /* a version may follow */
    }
    return rc;
}

/* Whom it is about: the first of these members that names a patient. A Patient is about itself. */
static enum auth_rc find_patient(struct mock_fhir_store *store, const struct mock_scan *scan, struct auth_view type,
                                 struct auth_view id, struct auth_view *patient)
{
    static const struct {
        const char *member, *within;
    } places[] = {{"subject", NULL}, {"patient", NULL},    {"beneficiary", NULL},
                  {"for", NULL},     {"individual", NULL}, {"participant", "actor"}};
    enum auth_rc rc = AUTH_OK;
    *patient = auth_view_equals(type, "Patient") ? id : auth_view_from_string("");
    for (size_t i = 0; rc == AUTH_OK && !patient->n && i < sizeof places / sizeof *places; i++) {
        struct auth_view value = mock_scan_member(scan, places[i].member);
        if (value.n)
            rc = patient_of_reference(store, value, places[i].within, patient);
    }
    return rc;
}

/* ---- codes ---- */

/* The bits of all strings behind "code" in a text; all bits where one is written with escapes, and where codes stand by
 * themselves. */
static uint64_t codes_in(struct auth_view text)
{
    uint64_t codes = 0;
    if (auth_view_starts(text, "\"") || (text.n > 1 && text.p[0] == '[' && text.p[1] != '{'))
        return UINT64_MAX;
    for (;;) {
        size_t at = auth_view_find_text(text, "\"code\"");
        if (at == text.n)
            return codes;
        text = auth_view_trim(auth_view_from(text, at + 6));
        if (!auth_view_starts(text, ":"))
            continue;
        text = auth_view_trim(auth_view_from(text, 1));
        if (!auth_view_starts(text, "\""))
            continue;
        text = auth_view_from(text, 1);
        struct auth_view code = auth_view_bytes(text.p, auth_view_find(text, '"'));
        if (auth_view_find(code, '\\') < code.n)
            return UINT64_MAX;
        codes |= mock_code_bit(code);
        text = auth_view_from(text, code.n);
    }
}

static uint64_t codes_of(const struct mock_scan *scan)
{
    if (!scan->is_plain)
        return UINT64_MAX;
    return codes_in(mock_scan_member(scan, "category")) | codes_in(mock_scan_member(scan, "code"));
}

/* Epic's reads of a Patient carry a number under the name E-Tag (O): here one that follows from the bytes. */
static uint32_t tag_of(struct auth_view bytes)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < bytes.n; i++)
        hash = (hash ^ (unsigned char)bytes.p[i]) * 16777619U;
    return hash % 1000000000U;
}

/* ---- the whole ---- */

static enum auth_rc read_name(struct mock_fhir_store *store, const struct mock_scan *scan, struct auth_view *type,
                              struct auth_view *id, struct auth_err *err)
{
    enum auth_rc rc = string_of(store, mock_scan_member(scan, "resourceType"), type);
    if (rc == AUTH_OK)
        rc = string_of(store, mock_scan_member(scan, "id"), id);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "out of memory");
    if (type->n == 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "no resourceType: this is no FHIR resource");
    if (!mock_id_is_usable(*id)) {
        const char *mark = auth_text_cut(type, 40);
        return auth_err_set(err, AUTH_E_SYNTAX, "%.*s%s without a usable id (1 to %d of A-Z a-z 0-9 - . are allowed)",
                            (int)type->n, type->p, mark, MOCK_ID_MAX);
    }
    return AUTH_OK;
}

static enum auth_rc read_resource(struct mock_fhir_store *store, const struct mock_scan *scan,
                                  struct mock_resource *resource, struct auth_view *type, struct auth_view *patient,
                                  struct auth_err *err)
{
    struct auth_view id = {0};
    enum auth_rc rc = read_name(store, scan, type, &id, err);
    if (rc != AUTH_OK)
        return rc;
    if (scan->value.n > UINT32_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "a resource of more than 4 GiB");
    *resource = (struct mock_resource){
        .bytes = scan->value.p,
        .n = (uint32_t)scan->value.n,
        .id = id.p,
        .id_n = (uint16_t)id.n,
        .codes = codes_of(scan),
        .tag = auth_view_equals(*type, "Patient") ? tag_of(scan->value) : 0,
    };
    rc = find_patient(store, scan, *type, id, patient);
    return auth_err_of_memory(err, rc);
}

/* Of the resource that was added last. */
static enum auth_rc note_references(struct mock_fhir_store *store, const struct mock_scan *scan)
{
    struct mock_references *references = &store->references;
    enum auth_rc rc = AUTH_OK;
    references->is_partial = references->is_partial || !scan->has_references;
    for (size_t i = 0; rc == AUTH_OK && i < scan->reference_count; i++)
        rc = mock_references_add(references, scan->references[i], (uint32_t)(store->count - 1));
    return rc;
}

enum auth_rc mock_resource_add(struct mock_fhir_store *store, const struct mock_scan *scan, struct auth_err *err)
{
    struct auth_view type = {0}, patient = {0};
    struct mock_resource resource = {0};
    enum auth_rc rc = read_resource(store, scan, &resource, &type, &patient, err);
    if (rc != AUTH_OK)
        return rc;
    rc = mock_fhir_store_add(store, &resource, type, patient);
    if (rc == AUTH_OK)
        rc = note_references(store, scan);
    if (rc == AUTH_OK)
        rc = mock_index_add(store, scan, (uint32_t)(store->count - 1));
    if (rc == AUTH_E_TOO_BIG)
        return auth_err_set(err, rc, "more resources, or kinds of them, than can be counted");
    return auth_err_of_memory(err, rc);
}

enum auth_rc mock_resource_replace(struct mock_fhir_store *store, size_t number, struct auth_view bytes,
                                   struct auth_err *err)
{
    struct mock_scan scan = {0};
    struct auth_view type = {0}, patient = {0};
    struct mock_resource resource = {0};
    size_t end;
    enum auth_rc rc = mock_scan_next(bytes, &scan, &end, err);
    if (rc == AUTH_OK)
        rc = read_resource(store, &scan, &resource, &type, &patient, err);
    if (rc != AUTH_OK)
        return rc;
    rc = mock_fhir_store_set(store, number, &resource, patient);
    if (rc == AUTH_OK)
        rc = mock_index_add(store, &scan, (uint32_t)number);
    return auth_err_of_memory(err, rc);
}
