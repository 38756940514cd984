/* Reads a pack's files and writes it as a C source: its text, and the index of it. Run by the build.
 *
 *     seal_pack OUT.c SYMBOL FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"
#include "mock_epic/data/load_text.h"
#include "mock_epic/epic/types.h"

enum { OUT_MAX = 256 * 1024 * 1024, LINE_BYTES = 96 };

static void die(const char *file, const char *what)
{
    fprintf(stderr, "seal_pack: %s: %s\n", file, what);
    exit(1);
}

static void check(enum auth_rc rc, const char *file, const struct auth_err *err)
{
    if (rc != AUTH_OK)
        die(file, err->detail);
}

static struct auth_view read_file(struct mock_fhir_store *store, const char *path)
{
    struct auth_buf text;
    struct auth_err err = {0};
    size_t n = 0;
    auth_buf_init(&text, OUT_MAX);
    check(auth_file_read(path, &text, &err), path, &err);
    char *bytes = auth_buf_take(&text, &n);
    if (!bytes || mock_fhir_store_own(store, bytes, 0) != AUTH_OK)
        die(path, "out of memory");
    return auth_view_bytes(bytes, n);
}

/* A pack of our own has nothing that must be left out. */
static void load(struct mock_fhir_store *store, const char *path)
{
    struct auth_err err = {0};
    struct mock_fhir_report report = {0};
    check(mock_fhir_load_text(store, &report, path, read_file(store, path), &err), path, &err);
    const struct mock_fhir_note *loss = mock_report_first_loss(&report, 0);
    if (loss)
        die(path, loss->what);
    mock_report_clear(&report);
}

/* A hexadecimal escape would take the digits behind it as its own, and '?' could begin a trigraph. */
static void write_literal(struct auth_buf *out, struct auth_view bytes)
{
    auth_buf_add_string(out, "    \"");
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        if (i % LINE_BYTES == LINE_BYTES - 1)
            auth_buf_add_string(out, "\"\n    \"");
        if (c >= ' ' && c < 127 && c != '"' && c != '\\' && c != '?')
            auth_buf_add_char(out, (char)c);
        else
            auth_buf_addf(out, "\\%03o", (unsigned)c);
    }
    auth_buf_add_string(out, "\\n\"\n");
}

/* Where a part of a resource is in the text. What was written with escapes is nowhere. */
static unsigned long offset_of(const struct mock_resource *resource, unsigned long at, struct auth_view part)
{
    if (part.n == 0)
        return 0;
    if (part.p < resource->bytes || part.p + part.n > resource->bytes + resource->n)
        die(resource->id, "its type, id or patient is written with escapes");
    return at + (unsigned long)(part.p - resource->bytes);
}

/* Where a text stands between quotation marks in a resource; the type, say, whose name the store may have of Epic's table. */
static unsigned long written_at(const struct mock_resource *resource, struct auth_view text)
{
    char quoted[256];
    struct auth_view bytes = mock_resource_bytes(resource);
    (void)snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)text.n, text.p);
    size_t at = auth_view_find_text(bytes, quoted);
    if (at == bytes.n)
        die(resource->id, "its type is written with escapes");
    return (unsigned long)at + 1;
}

/* Where each resource begins in the pack's text. */
static unsigned long *begin_of_items(const struct mock_fhir_store *store)
{
    unsigned long *begins = calloc(store->count + 1, sizeof *begins);
    if (!begins)
        die("pack", "out of memory");
    for (size_t i = 0; i < store->count; i++)
        begins[i + 1] = begins[i] + (unsigned long)store->items[i].n + 1;
    return begins;
}

static void write_types(struct auth_buf *out, const struct mock_fhir_store *store, const unsigned long *begins)
{
    auth_buf_add_string(out, "static const struct mock_sealed_text types[] = {\n");
    for (size_t type = mock_fhir_type_count; type < store->type_count; type++) {
        size_t i = 0;
        while (store->items[i].type != type)
            i++;
        auth_buf_addf(out, "    {%lu, %zu},\n", begins[i] + written_at(&store->items[i], store->types[type]),
                      store->types[type].n);
    }
    auth_buf_add_string(out, "    {0, 0}};\n\n");
}

static void write_patients(struct auth_buf *out, const struct mock_fhir_store *store, const unsigned long *begins)
{
    auth_buf_add_string(out, "static const struct mock_sealed_text patients[] = {\n");
    for (size_t patient = 0; patient < store->patient_count; patient++) {
        struct auth_view id = store->patients[patient].id;
        size_t i = 0;
        while (store->items[i].patient != patient + 1)
            i++;
        auth_buf_addf(out, "    {%lu, %zu},\n", offset_of(&store->items[i], begins[i], id), id.n);
    }
    auth_buf_add_string(out, "    {0, 0}};\n\n");
}

static void write_item(struct auth_buf *out, const struct mock_resource *resource, unsigned long at)
{
    auth_buf_addf(out, "    {%lluU, %lu, %lu, %lu, %luU, %lu, %luU, %u, %u},\n", (unsigned long long)resource->codes,
                  at, (unsigned long)resource->n, offset_of(resource, at, mock_resource_id(resource)),
                  (unsigned long)resource->id_hash, (unsigned long)resource->patient, (unsigned long)resource->tag,
                  resource->type, resource->id_n);
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted, so that a start has nothing to sort. */
static void write_keys(struct auth_buf *out, const struct mock_keys *keys)
{
    if (keys->count)
        qsort(keys->items, keys->count, sizeof *keys->items, compare_keys);
    auth_buf_add_string(out, "static const uint64_t keys[] = {\n");
    for (size_t i = 0; i < keys->count; i++)
        auth_buf_addf(out, "    %lluU,\n", (unsigned long long)keys->items[i]);
    auth_buf_add_string(out, "    0};\n\n");
}

static void write_pack(struct auth_buf *out, struct mock_fhir_store *store, const char *symbol, struct auth_view access)
{
    unsigned long *begins = begin_of_items(store);
    auth_buf_addf(
        out,
        "/* Made by seal_pack; do not edit. */\n#include \"mock_epic/data/sealed.h\"\n\nstatic const char text[] =\n");
    for (size_t i = 0; i < store->count; i++)
        write_literal(out, mock_resource_bytes(&store->items[i]));
    auth_buf_add_string(out, "    ;\n\nstatic const struct mock_sealed_resource items[] = {\n");
    for (size_t i = 0; i < store->count; i++)
        write_item(out, &store->items[i], begins[i]);
    auth_buf_add_string(out, "};\n\n");
    write_types(out, store, begins);
    write_patients(out, store, begins);
    write_keys(out, &store->keys);
    auth_buf_add_string(out, "static const char access[] =\n");
    write_literal(out, access);
    auth_buf_addf(
        out,
        "    ;\n\nconst struct mock_sealed_pack %s = {text, sizeof text - 1, items, sizeof items / sizeof *items, "
        "types, patients, %zu, %zu, access, keys, %zu};\n",
        symbol, store->type_count - mock_fhir_type_count, store->patient_count, store->keys.count);
    free(begins);
}

int main(int argc, char **argv)
{
    struct mock_fhir_store store = {0};
    struct auth_buf out;
    struct auth_view access = {NULL, 0};
    struct auth_err err = {0};
    if (argc < 4)
        return 2;
    for (int i = 3; i < argc; i++) {
        if (auth_view_ends(auth_view_from_string(argv[i]), "/access.json"))
            access = read_file(&store, argv[i]);
        else
            load(&store, argv[i]);
    }
    auth_buf_init(&out, OUT_MAX);
    write_pack(&out, &store, argv[2], access);
    if (!auth_buf_ok(&out))
        die(argv[1], "out of memory");
    check(auth_file_write(argv[1], auth_buf_view(&out), 0644, AUTH_FILE_REPLACE, &err), argv[1], &err);
    auth_buf_clear(&out);
    mock_fhir_store_clear(&store);
    return 0;
}
