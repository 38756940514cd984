/* The data that is served: loaded once at the start, or that and what an instance was given. */
#include "mock_epic/data/data.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/data/conditional.h"
#include "mock_epic/data/data_private.h"
#include "mock_epic/data/load.h"
#include "mock_epic/data/load_text.h"
#include "mock_epic/data/sealed.h"
#include "mock_epic/epic/types.h"

enum { POSTED_BYTES_MAX = 64 * 1024 * 1024 };

/* What the program brings along. */
static const struct {
    const char *name;
    const struct mock_sealed_pack *sealed;
} packs[MOCK_FHIR_PACKS] = {{"@core", &mock_core_pack}, {"@edge", &mock_edge_pack}};

enum auth_rc mock_fhir_new(struct mock_fhir **out)
{
    struct mock_fhir *fhir = calloc(1, sizeof *fhir);
    if (!fhir)
        return AUTH_E_NOMEM;
    atomic_init(&fhir->references, 1);
    *out = fhir;
    return AUTH_OK;
}

struct mock_fhir *mock_fhir_hold(struct mock_fhir *fhir)
{
    atomic_fetch_add(&fhir->references, 1);
    return fhir;
}

void mock_fhir_release(struct mock_fhir *fhir)
{
    if (!fhir || atomic_fetch_sub(&fhir->references, 1) > 1)
        return;
    mock_fhir_store_clear(&fhir->store);
    mock_report_clear(&fhir->report);
    mock_fhir_release(fhir->root);
    free(fhir->posted);
    free(fhir);
}

/* ---- loading ---- */

static struct auth_view sealed_text(const struct mock_sealed_pack *pack, struct mock_sealed_text where)
{
    return auth_view_bytes(pack->text + where.at, where.n);
}

/* The numbers in this store of the types and patients that a pack names. */
struct numbers {
    uint16_t *types;
    uint32_t *patients;
};

static enum auth_rc number(struct mock_fhir_store *store, const struct mock_sealed_pack *pack, struct numbers *numbers)
{
    enum auth_rc rc = AUTH_OK;
    numbers->types = calloc(mock_fhir_type_count + pack->type_count, sizeof *numbers->types);
    numbers->patients = calloc(pack->patient_count + 1, sizeof *numbers->patients);
    if (!numbers->types || !numbers->patients)
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < mock_fhir_type_count; i++)
        numbers->types[i] = (uint16_t)i;
    for (size_t i = 0; rc == AUTH_OK && i < pack->type_count; i++)
        rc = mock_fhir_store_type(store, sealed_text(pack, pack->types[i]), &numbers->types[mock_fhir_type_count + i]);
    for (size_t i = 0; rc == AUTH_OK && i < pack->patient_count; i++)
        rc = mock_fhir_store_patient(store, sealed_text(pack, pack->patients[i]), &numbers->patients[i + 1]);
    return rc;
}

/* Without a look at its text, which is not even in memory yet. */
static enum auth_rc add_sealed(struct mock_fhir_store *store, const struct mock_sealed_pack *pack,
                               const struct mock_sealed_resource *item, const struct numbers *numbers)
{
    const struct mock_resource resource = {
        .bytes = pack->text + item->at,
        .n = item->n,
        .id = pack->text + item->id_at,
        .id_n = item->id_n,
        .id_hash = item->id_hash,
        .codes = item->codes,
        .tag = item->tag,
        .type = numbers->types[item->type],
        .patient = numbers->patients[item->patient],
    };
    return mock_fhir_store_add_known(store, &resource);
}

static enum auth_rc add_pack(struct mock_fhir_store *store, const struct mock_sealed_pack *pack)
{
    struct numbers numbers = {NULL, NULL};
    size_t before = store->count;
    enum auth_rc rc = number(store, pack, &numbers);
    for (size_t i = 0; rc == AUTH_OK && i < pack->count; i++)
        rc = add_sealed(store, pack, &pack->items[i], &numbers);
    for (size_t i = 0; rc == AUTH_OK && i < pack->key_count; i++)
        rc = mock_keys_add(&store->keys, (uint32_t)(pack->keys[i] >> 32), (uint32_t)(before + (uint32_t)pack->keys[i]));
    free(numbers.types);
    free(numbers.patients);
    return rc;
}

/* Once, however often it is asked for. */
static enum auth_rc load_pack(struct mock_fhir *fhir, size_t index, struct auth_err *err)
{
    const struct mock_sealed_pack *pack = packs[index].sealed;
    bool is_first = fhir->store.count == fhir->store.trusted_count;
    if (fhir->has_pack[index])
        return AUTH_OK;
    enum auth_rc rc = add_pack(&fhir->store, pack);
    if (rc == AUTH_OK && pack->access[0] == '[')
        rc = mock_access_add(&fhir->store.access, auth_view_from_string(pack->access), err);
    fhir->has_pack[index] = true;
    fhir->report.bytes += pack->text_n;
    if (is_first)
        mock_fhir_trust(&fhir->store);
    else
        fhir->store.references.is_partial = true;
    return auth_err_of_memory(err, rc);
}

enum auth_rc mock_fhir_load(struct mock_fhir *fhir, const char *path, struct auth_err *err)
{
    for (size_t i = 0; i < MOCK_FHIR_PACKS; i++) {
        if (strcmp(path, packs[i].name) == 0)
            return load_pack(fhir, i, err);
    }
    if (path[0] == '@')
        return auth_err_set(err, AUTH_E_NOT_FOUND,
                            "%s: there are the packs @core and @edge; a file of that name is ./%s", path, path);
    return mock_fhir_load_path(&fhir->store, path, &fhir->report, err);
}

enum auth_rc mock_fhir_seal(struct mock_fhir *fhir, struct auth_err *err)
{
    enum auth_rc rc = mock_conditional_resolve(&fhir->store, &fhir->report, err);
    if (rc == AUTH_OK)
        rc = mock_fhir_store_seal(&fhir->store, &fhir->report.replaced, err);
    fhir->report.resources = fhir->store.count - fhir->report.replaced;
    if (rc == AUTH_OK)
        mock_fhir_check_references(&fhir->store, &fhir->report);
    return rc;
}

const struct mock_fhir_report *mock_fhir_report(const struct mock_fhir *fhir)
{
    return &fhir->report;
}

void mock_fhir_write_report(const struct mock_fhir *fhir, struct auth_json_writer *w)
{
    const struct mock_fhir_store *store = &fhir->store;
    const struct mock_fhir *root = fhir->root ? fhir->root : fhir;
    auth_json_write_object(w);
    auth_json_write_member_int(w, "resources", (int64_t)store->shown_count);
    auth_json_write_member_int(w, "posted", (int64_t)(store->count - root->store.count));
    auth_json_write_key(w, "types");
    auth_json_write_object(w);
    for (size_t i = 0; i < store->type_count; i++) {
        uint32_t count = store->type_first[i + 1] - store->type_first[i];
        char *name = count ? auth_view_dup(store->types[i]) : NULL;
        if (name)
            auth_json_write_member_int(w, name, count);
        free(name);
    }
    auth_json_write_end_object(w);
    mock_report_write(&root->report, w);
    auth_json_write_end_object(w);
}

const struct mock_access *mock_fhir_access(const struct mock_fhir *fhir)
{
    static const struct mock_access none = {0};
    return fhir ? &fhir->store.access : &none;
}

size_t mock_fhir_list(const struct mock_fhir *fhir, const char *type, struct auth_view *resources, size_t max)
{
    size_t index = mock_fhir_type_find(auth_view_from_string(type));
    struct mock_range range = mock_fhir_store_of_type(&fhir->store, index);
    for (size_t i = 0; i < range.count && i < max; i++)
        resources[i] = mock_resource_bytes(&fhir->store.items[range.items[i]]);
    return range.count;
}

/* ---- what an instance is given ---- */

struct mock_fhir *mock_fhir_root(struct mock_fhir *fhir)
{
    return fhir->root ? fhir->root : fhir;
}

/* The index of what the server started with, to go on from; its texts stay where they are. */
static enum auth_rc begin_from(struct mock_fhir *root, const struct mock_fhir *current, struct mock_fhir *made)
{
    static atomic_ullong last_number;
    unsigned long long number = atomic_fetch_add(&last_number, 1) + 1, lineage = current->store.generation.lineage;
    made->root = mock_fhir_hold(root);
    enum auth_rc rc = mock_fhir_store_copy(&root->store, &made->store);
    made->store.generation = (struct mock_generation){lineage ? lineage : number, number};
    mock_fhir_trust(&made->store);
    return rc;
}

/* One copy of all that was posted, so that the next generation needs nothing of this one. */
static enum auth_rc join_posted(const struct mock_fhir *current, struct auth_view text, struct mock_fhir *made,
                                struct auth_err *err)
{
    struct auth_buf joined;
    auth_buf_init(&joined, POSTED_BYTES_MAX);
    auth_buf_add(&joined, current->posted, current->posted_n);
    auth_buf_add_view(&joined, text);
    auth_buf_add_char(&joined, '\n');
    bool is_full = joined.is_full;
    made->posted = auth_buf_take(&joined, &made->posted_n);
    auth_buf_clear(&joined);
    if (is_full)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes were posted to this instance", POSTED_BYTES_MAX);
    return made->posted ? AUTH_OK : auth_err_no_memory(err);
}

/* All of what is new must be right: whoever posts can mend it at once. */
static enum auth_rc judge_new(const struct mock_fhir *made, struct auth_err *err)
{
    const struct mock_fhir_note *loss = mock_report_first_loss(&made->report, 0);
    if (loss)
        return auth_err_set(err, AUTH_E_SYNTAX, "line %zu, column %zu: %s", loss->line, loss->column, loss->what);
    if (made->store.count == made->first_new)
        return auth_err_set(err, AUTH_E_SYNTAX, "no resource in it");
    return AUTH_OK;
}

static enum auth_rc load_posted(const struct mock_fhir *current, struct mock_fhir *made, struct auth_err *err)
{
    struct auth_view all = auth_view_bytes(made->posted, made->posted_n);
    struct auth_view before = auth_view_bytes(all.p, current->posted_n),
                     text = auth_view_bytes(before.p + before.n,
                                            all.n - before.n - 1); /* without the line end behind it */
    enum auth_rc rc = mock_fhir_load_text(&made->store, &made->report, "posted", before, err);
    made->first_new = made->store.count;
    if (rc == AUTH_OK)
        rc = mock_fhir_load_text(&made->store, &made->report, "posted", text, err);
    if (rc == AUTH_OK)
        rc = judge_new(made, err);
    return rc == AUTH_OK ? mock_fhir_seal(made, err) : rc;
}

enum auth_rc mock_fhir_extend(struct mock_fhir *current, struct auth_view text, struct mock_fhir **out,
                              struct auth_err *err)
{
    struct mock_fhir *made = NULL;
    enum auth_rc rc = mock_fhir_new(&made);
    if (rc == AUTH_OK)
        rc = begin_from(mock_fhir_root(current), current, made);
    if (rc != AUTH_OK) {
        mock_fhir_release(made);
        return auth_err_no_memory(err);
    }
    rc = join_posted(current, text, made, err);
    if (rc == AUTH_OK)
        rc = load_posted(current, made, err);
    if (rc == AUTH_OK)
        *out = made;
    else
        mock_fhir_release(made);
    return rc;
}

size_t mock_fhir_posted_bytes(const struct mock_fhir *fhir)
{
    return fhir ? fhir->posted_n : 0;
}

void mock_fhir_write_posted(const struct mock_fhir *fhir, struct auth_json_writer *w)
{
    const struct mock_fhir_report *report = &fhir->report;
    auth_json_write_object(w);
    auth_json_write_key(w, "resources");
    auth_json_write_array(w);
    for (size_t i = fhir->first_new; i < fhir->store.count; i++) {
        struct auth_view type = mock_resource_type(&fhir->store, &fhir->store.items[i]);
        struct auth_view id = mock_resource_id(&fhir->store.items[i]);
        struct auth_buf name;
        auth_buf_init(&name, SIZE_MAX / 2);
        auth_buf_addf(&name, "%.*s/%.*s", (int)type.n, type.p, (int)id.n, id.p);
        auth_json_write_string(w, auth_buf_view(&name));
        auth_buf_clear(&name);
    }
    auth_json_write_end_array(w);
    auth_json_write_member_int(w, "unresolved_references", (int64_t)report->unresolved_references);
    if (report->first_unresolved[0])
        auth_json_write_member_text(w, "first_unresolved", report->first_unresolved);
    auth_json_write_end_object(w);
}
