/* Walking folders without going round in circles, and telling what was not loaded and what leads nowhere. */
#include "mock_epic/data/load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "auth/core/input.h"
#include "mock_epic/data/gunzip.h"
#include "mock_epic/data/link.h"
#include "mock_epic/data/load_text.h"

enum { PATH_N = 4096, DEPTH_MAX = 64, UNPACKED_MAX = 1024 * 1024 * 1024, ACCESS_FILE_MAX = 16 * 1024 * 1024 };

static const struct auth_view nothing = {NULL, 0}; /* a note on a file as a whole */

struct place {
    dev_t device;
    ino_t inode;
};

/* One walk: what it works on, and where it has been. */
struct walk {
    struct mock_fhir_store *store;
    struct mock_fhir_report *report;
    struct place *visited;
    size_t visited_count, visited_size;
    size_t depth, ignored_count;
    char first_ignored[256];
};

/* ---- files ---- */

/* Give a text to the store. */
static enum auth_rc keep(struct walk *walk, struct auth_buf *text, struct auth_view *bytes, struct auth_err *err)
{
    size_t n = 0;
    char *taken = auth_buf_take(text, &n);
    *bytes = auth_view_bytes(taken, taken ? n : 0);
    if (!taken || mock_fhir_store_own(walk->store, taken, 0) != AUTH_OK)
        return auth_err_no_memory(err);
    return AUTH_OK;
}

/* What a compressed file holds. */
static enum auth_rc unpack(struct walk *walk, const char *path, struct auth_view *bytes, struct auth_err *err)
{
    struct auth_buf text;
    struct auth_err inner = {0};
    auth_buf_init(&text, UNPACKED_MAX);
    enum auth_rc rc = mock_gunzip(*bytes, &text, &inner);
    if (rc == AUTH_OK)
        rc = keep(walk, &text, bytes, &inner);
    auth_buf_clear(&text);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "%s: %s", path, inner.detail);
}

static enum auth_rc read_file(struct walk *walk, const char *path, struct auth_view *bytes, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init(&text, MOCK_MAP_FROM);
    enum auth_rc rc = walk->depth ? auth_file_read(path, &text, err) : auth_input_read(path, &text, err);
    *bytes = auth_buf_view(&text);
    if (rc == AUTH_OK)
        rc = mock_is_gzip(*bytes) ? unpack(walk, path, bytes, err) : keep(walk, &text, bytes, err);
    auth_buf_clear(&text);
    return rc;
}

/* Only what is too large to be held twice: a mapped file must stay as it is while the server runs. */
static enum auth_rc map_file(struct walk *walk, const char *path, size_t n, struct auth_view *bytes,
                             struct auth_err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (mapped == MAP_FAILED)
        return auth_err_set(err, AUTH_E_IO, "%s: %s", path, strerror(why));
    *bytes = auth_view_bytes(mapped, n);
    if (mock_fhir_store_own(walk->store, mapped, n) != AUTH_OK)
        return auth_err_no_memory(err);
    return mock_is_gzip(*bytes) ? unpack(walk, path, bytes, err) : AUTH_OK;
}

static enum auth_rc load_file(struct walk *walk, const char *path, struct auth_err *err)
{
    struct stat status;
    struct auth_view bytes = {0};
    size_t map_from = walk->store->map_from ? walk->store->map_from : MOCK_MAP_FROM;
    bool is_large = stat(path, &status) == 0 && S_ISREG(status.st_mode) && (size_t)status.st_size >= map_from;
    enum auth_rc rc =
        is_large ? map_file(walk, path, (size_t)status.st_size, &bytes, err) : read_file(walk, path, &bytes, err);
    if (rc != AUTH_OK)
        return rc;
    walk->report->files++;
    walk->report->bytes += bytes.n;
    return mock_fhir_load_text(walk->store, walk->report, path, bytes, err);
}

static bool is_fixture_name(const char *name)
{
    static const char *const ends[] = {".json", ".ndjson", ".json.gz", ".ndjson.gz"};
    struct auth_view view = auth_view_from_string(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (auth_view_ends(view, ends[i]))
            return true;
    }
    return false;
}

/* ---- folders ---- */

/* Whether this place is new. AUTH_E_EXISTS: it was there before. */
static enum auth_rc visit(struct walk *walk, const struct stat *status)
{
    for (size_t i = 0; i < walk->visited_count; i++) {
        if (walk->visited[i].device == status->st_dev && walk->visited[i].inode == status->st_ino)
            return AUTH_E_EXISTS;
    }
    struct place *grown = auth_array_fit(walk->visited, walk->visited_count, &walk->visited_size, sizeof *grown);
    if (!grown)
        return AUTH_E_NOMEM;
    walk->visited = grown;
    walk->visited[walk->visited_count++] = (struct place){status->st_dev, status->st_ino};
    return AUTH_OK;
}

static enum auth_rc load_folder(struct walk *walk, const char *path, struct auth_err *err);

static enum auth_rc load_subfolder(struct walk *walk, const char *path, const struct stat *status, struct auth_err *err)
{
    enum auth_rc rc = visit(walk, status);
    if (rc == AUTH_E_EXISTS || walk->depth == DEPTH_MAX) {
        if (rc == AUTH_E_EXISTS)
            mock_report_hint(walk->report, path, "a folder that was met before; loaded once");
        else
            mock_report_loss(walk->report, path, nothing, 0, "too deep a folder; left out");
        return AUTH_OK;
    }
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "out of memory");
    return load_folder(walk, path, err);
}

/* "PATH: why", as auth/core/file.h says it. */
static const char *without_path(const char *detail, const char *path)
{
    size_t n = strlen(path);
    return strncmp(detail, path, n) == 0 && strncmp(detail + n, ": ", 2) == 0 ? detail + n + 2 : detail;
}

/* No fixture: it says of others what data cannot say. */
static enum auth_rc load_access(struct walk *walk, const char *path, struct auth_err *err)
{
    struct auth_buf text;
    struct auth_err inner = {0};
    auth_buf_init(&text, ACCESS_FILE_MAX);
    enum auth_rc rc = auth_file_read(path, &text, &inner);
    if (rc == AUTH_OK)
        rc = mock_access_add(&walk->store->access, auth_buf_view(&text), &inner);
    auth_buf_clear(&text);
    if (rc == AUTH_E_NOMEM)
        return auth_err_no_memory(err);
    if (rc != AUTH_OK)
        mock_report_loss(walk->report, path, nothing, 0, without_path(inner.detail, path));
    return AUTH_OK;
}

/* What cannot be read is named and left out. */
static enum auth_rc load_member(struct walk *walk, const char *path, const char *name, struct auth_err *err)
{
    struct stat status;
    struct auth_err inner = {0};
    bool is_there = stat(path, &status) == 0;
    if (is_there && S_ISDIR(status.st_mode))
        return load_subfolder(walk, path, &status, err);
    if (strcmp(name, "access.json") == 0)
        return load_access(walk, path, err);
    if (!is_fixture_name(name)) {
        walk->report->ignored_files++;
        if (walk->ignored_count++ == 0)
            (void)snprintf(walk->first_ignored, sizeof walk->first_ignored, "%s", name);
        return AUTH_OK;
    }
    enum auth_rc rc = load_file(walk, path, &inner);
    if (rc == AUTH_E_IO || rc == AUTH_E_NOT_FOUND || rc == AUTH_E_TOO_BIG || rc == AUTH_E_SYNTAX) {
        mock_report_loss(walk->report, path, nothing, 0, without_path(inner.detail, path));
        return AUTH_OK;
    }
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "%s", inner.detail);
}

static enum auth_rc load_names(struct walk *walk, const char *path, char *const *names, size_t count,
                               struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    char full[PATH_N];
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        int n = snprintf(full, sizeof full, "%s/%s", path, names[i]);
        if (n > 0 && (size_t)n < sizeof full)
            rc = load_member(walk, full, names[i], err);
        else
            mock_report_loss(walk->report, path, nothing, 0, "too long a path below it; left out");
    }
    return rc;
}

static enum auth_rc load_folder(struct walk *walk, const char *path, struct auth_err *err)
{
    char **names = NULL;
    size_t count = 0;
    struct auth_err inner = {0};
    enum auth_rc rc = auth_file_names(path, &names, &count, &inner);
    if (rc == AUTH_E_IO && walk->depth > 0) {
        mock_report_loss(walk->report, path, nothing, 0, without_path(inner.detail, path));
        return AUTH_OK;
    }
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "%s", inner.detail);
    walk->depth++;
    rc = load_names(walk, path, names, count, err);
    walk->depth--;
    auth_file_names_free(names, count);
    return rc;
}

/* A path that gave nothing: an error when something in it was wrong, else told. */
static enum auth_rc tell_nothing(struct walk *walk, const char *path, size_t notes_before, struct auth_err *err)
{
    const struct mock_fhir_note *loss = mock_report_first_loss(walk->report, notes_before);
    struct auth_buf text;
    if (!loss && walk->ignored_count)
        mock_report_hint(
            walk->report, path,
            "no resource in it; %zu files whose names end in neither .json nor .ndjson, as %s, are ignored "
            "(behind them may stand .gz)",
            walk->ignored_count, walk->first_ignored);
    else if (!loss)
        mock_report_hint(walk->report, path, "no resource in it");
    walk->report->empty_paths++;
    if (!loss)
        return AUTH_OK;
    auth_buf_init(&text, AUTH_ERR_DETAIL_N);
    mock_report_write_note(loss, &text);
    enum auth_rc rc = auth_err_set(err, AUTH_E_SYNTAX, "%s", auth_buf_ok(&text) ? text.p : loss->what);
    auth_buf_clear(&text);
    return rc;
}

enum auth_rc mock_fhir_load_path(struct mock_fhir_store *store, const char *path, struct mock_fhir_report *report,
                                 struct auth_err *err)
{
    struct walk walk = {.store = store, .report = report};
    struct stat status;
    size_t before = store->count, notes_before = report->note_count;
    bool is_folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
    enum auth_rc rc = is_folder ? visit(&walk, &status) : load_file(&walk, path, err);
    if (is_folder && rc == AUTH_OK)
        rc = load_folder(&walk, path, err);
    if (!is_folder && rc == AUTH_E_SYNTAX) { /* no gzip: told as if it had stood in a folder */
        mock_report_loss(report, path, nothing, 0, without_path(err->detail, path));
        rc = AUTH_OK;
    }
    if (rc == AUTH_OK && store->count == before)
        rc = tell_nothing(&walk, path, notes_before, err);
    free(walk.visited);
    return auth_err_of_memory(err, rc);
}

/* ---- references ---- */

/* "Type/id", perhaps with a version behind it, of a resource that is not there; or a urn that no Bundle explained. */
static bool leads_nowhere(const struct mock_fhir_store *store, struct auth_view reference)
{
    struct auth_view rest = reference;
    if (auth_view_starts(reference, "urn:"))
        return true;
    struct auth_view type = auth_view_split(&rest, '/');
    struct auth_view id = auth_view_split(&rest, '/');
    bool is_local =
        type.n && type.p[0] >= 'A' && type.p[0] <= 'Z' && id.n && (rest.n == 0 || auth_view_starts(rest, "_history/"));
    return is_local && auth_view_find(type, '?') == type.n && !mock_fhir_store_find(store, type, id);
}

static void note_unresolved(const struct mock_fhir_store *store, const struct mock_resource *resource,
                            struct auth_view reference, size_t count, struct mock_fhir_report *report)
{
    struct auth_view type = mock_resource_type(store, resource), id = mock_resource_id(resource);
    if (!report->unresolved_references)
        (void)snprintf(report->first_unresolved, sizeof report->first_unresolved, "%.*s/%.*s names %.*s", (int)type.n,
                       type.p, (int)id.n, id.p, (int)(reference.n < 100 ? reference.n : 100), reference.p);
    report->unresolved_references += count;
}

/* By the texts. */
static void search_references(const struct mock_fhir_store *store, struct mock_fhir_report *report)
{
    for (size_t i = store->trusted_count; i < store->count; i++) {
        const struct mock_resource *resource = &store->items[i];
        struct auth_view reference, bytes = mock_resource_bytes(resource);
        size_t cursor = 0;
        if (mock_fhir_store_find(store, mock_resource_type(store, resource), mock_resource_id(resource)) != resource)
            continue; /* a later one hides it */
        while (mock_fhir_next_reference(bytes, &cursor, &reference)) {
            if (leads_nowhere(store, reference))
                note_unresolved(store, resource, reference, 1, report);
        }
    }
}

void mock_fhir_check_references(struct mock_fhir_store *store, struct mock_fhir_report *report)
{
    const struct mock_references *noted = &store->references;
    bool is_known = !noted->is_partial && store->shown_count == store->count;
    if (!is_known)
        search_references(store, report);
    for (size_t i = 0; is_known && i < noted->count; i++) {
        const struct mock_named_reference *named = &noted->items[i];
        if (leads_nowhere(store, named->text))
            note_unresolved(store, &store->items[named->resource], named->text, named->count, report);
    }
    mock_references_clear(&store->references);
}
