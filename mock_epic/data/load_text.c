/* The shapes that resources come in, told by content. A text is read once, value by value; what is wrong is noted and passed
 * over, so that one bad resource costs no good one. */
#include "mock_epic/data/load_text.h"

#include <stdlib.h>

#include "auth/core/text.h"
#include "mock_epic/data/link.h"
#include "mock_epic/data/repeat.h"
#include "mock_epic/data/resource.h"
#include "mock_epic/epic/types.h"

enum { NESTED_MAX = 8, REPEAT_BYTES_MAX = 1024 * 1024 * 1024 };

struct loading {
    struct mock_fhir_store *store;
    struct mock_fhir_report *report;
    const char *file;
    struct auth_view text;
    size_t origin;   /* where in the text the value begins that is being taken apart */
    unsigned nested; /* arrays and Bundles inside one another */
};

/* ---- what is wrong ---- */

/* Something that was read at p, if that is in the text, else in what was made from the value at hand. */
static void lose(struct loading *loading, const char *p, const char *what)
{
    const char *start = loading->text.p;
    size_t at = p >= start && p <= start + loading->text.n ? (size_t)(p - start) : loading->origin;
    mock_report_loss(loading->report, loading->file, loading->text, at, what);
}

/* JSON that is none. The place says what the message's count of bytes would. */
static void lose_json(struct loading *loading, struct auth_view text, const struct auth_err *why)
{
    size_t at = 0;
    struct auth_err cut = *why;
    if (auth_json_check_at(text, &at, NULL) == AUTH_OK)
        at = 0;
    cut.detail[auth_view_find_text(auth_view_from_string(cut.detail), " at byte ")] = '\0';
    lose(loading, text.p + at, cut.detail);
}

/* ---- values ---- */

static enum auth_rc add_value(struct loading *loading, const struct mock_scan *scan, struct auth_err *err);
static enum auth_rc add_container(struct loading *loading, struct auth_view text, struct auth_err *err);

static bool is_bundle(struct auth_view text)
{
    struct auth_view type;
    return auth_json_raw_member(text, "resourceType", &type) && auth_view_equals(type, "\"Bundle\"");
}

/* A text that is no JSON to us may be a container in which only one resource is wrong: a name that occurs twice, say. */
static bool is_readable_container(struct auth_view text)
{
    text = auth_view_trim(text);
    return text.n && (text.p[0] == '[' || text.p[0] == '{') && auth_json_check_grammar(text, NULL) == AUTH_OK &&
           (text.p[0] == '[' || is_bundle(text));
}

/* Take what a text holds, or note why not. */
static enum auth_rc add_text(struct loading *loading, struct auth_view text, struct auth_err *err)
{
    struct mock_scan scan;
    struct auth_err inner = {0};
    size_t end;
    enum auth_rc rc = mock_scan_next(text, &scan, &end, &inner);
    if (rc == AUTH_OK)
        return add_value(loading, &scan, err);
    if (rc == AUTH_E_NOMEM)
        return auth_err_no_memory(err);
    if (is_readable_container(text))
        return add_container(loading, auth_view_trim(text), err);
    lose_json(loading, text, &inner);
    return AUTH_OK;
}

/* The first of a type that Epic does not have may be a slip of the pen. */
static void hint_type(const struct loading *loading, struct auth_view type)
{
    const char *mark = auth_text_cut(&type, 40);
    mock_report_hint(
        loading->report, loading->file,
        "%.*s%s: Epic has no type of that name (capitals count); it is loaded, and nothing is answered of it",
        (int)type.n, type.p, mark);
}

static enum auth_rc add_resource(struct loading *loading, const struct mock_scan *scan, struct auth_err *err)
{
    struct auth_err inner = {0};
    const struct mock_fhir_store *store = loading->store;
    size_t types = store->type_count;
    enum auth_rc rc = mock_resource_add(loading->store, scan, &inner);
    if (rc == AUTH_OK && store->type_count > types && store->type_count > mock_fhir_type_count)
        hint_type(loading, store->types[store->type_count - 1]);
    if (rc != AUTH_E_SYNTAX)
        return rc == AUTH_OK ? rc : auth_err_set(err, rc, "%s: %s", loading->file, inner.detail);
    lose(loading, scan->value.p, inner.detail);
    return AUTH_OK;
}

static enum auth_rc add_array(struct loading *loading, struct auth_view text, struct auth_err *err)
{
    struct auth_view item;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && auth_json_raw_next(text, &cursor, &item))
        rc = add_text(loading, item, err);
    return rc;
}

/* The copies of a template; the store keeps them. */
static enum auth_rc add_repeated(struct loading *loading, struct auth_view object, struct auth_err *err)
{
    struct auth_buf copies;
    struct auth_err inner = {0};
    size_t n = 0;
    auth_buf_init(&copies, REPEAT_BYTES_MAX);
    enum auth_rc rc = mock_repeat(object, &copies, &inner);
    char *lines = rc == AUTH_OK ? auth_buf_take(&copies, &n) : NULL;
    auth_buf_clear(&copies);
    if (rc == AUTH_E_NOMEM || (rc == AUTH_OK && !lines))
        return auth_err_no_memory(err);
    if (rc != AUTH_OK) {
        lose(loading, object.p, inner.detail);
        return AUTH_OK;
    }
    if (mock_fhir_store_own(loading->store, lines, 0) != AUTH_OK)
        return auth_err_no_memory(err);
    struct auth_view rest = auth_view_bytes(lines, n);
    while (rc == AUTH_OK && rest.n)
        rc = add_text(loading, auth_view_split(&rest, '\n'), err);
    return rc;
}

/* ---- Bundles ---- */

/* Said by a server beside the matches of a search, or of what it did; no data. */
static bool is_outcome(struct auth_view resource)
{
    struct auth_view type, id;
    return auth_json_raw_member(resource, "resourceType", &type) && auth_view_equals(type, "\"OperationOutcome\"") &&
           !auth_json_raw_member(resource, "id", &id);
}

/* Keep a copy of a resource, in which its references are led and it has an id. */
static enum auth_rc add_copy(struct loading *loading, struct auth_view resource, char *copy, size_t n,
                             struct auth_err *err)
{
    size_t outer = loading->origin;
    if (!copy || mock_fhir_store_own(loading->store, copy, 0) != AUTH_OK)
        return auth_err_no_memory(err);
    if (resource.p >= loading->text.p && resource.p <= loading->text.p + loading->text.n)
        loading->origin = (size_t)(resource.p - loading->text.p);
    enum auth_rc rc = add_text(loading, auth_view_bytes(copy, n), err);
    loading->origin = outer;
    return rc;
}

static enum auth_rc add_entry(struct loading *loading, const struct mock_links *links, struct auth_view entry,
                              struct auth_err *err)
{
    struct auth_view resource;
    struct mock_scan scan;
    struct auth_buf written;
    size_t n = 0;
    if (!auth_json_raw_member(entry, "resource", &resource) || is_outcome(resource))
        return AUTH_OK;
    if (resource.p[0] != '{' || mock_scan_next(resource, &scan, &n, NULL) != AUTH_OK)
        return add_text(loading, resource, err);
    auth_buf_init(&written, SIZE_MAX / 2);
    mock_links_write(links, resource, mock_entry_id(entry, resource), &written, &loading->report->linked_references);
    if (written.n == 0 && auth_buf_ok(&written))
        return add_value(loading, &scan, err);
    char *copy = auth_buf_take(&written, &n);
    auth_buf_clear(&written);
    return add_copy(loading, resource, copy, n, err);
}

static enum auth_rc add_bundle(struct loading *loading, struct auth_view text, struct auth_err *err)
{
    struct auth_view entries, entry;
    struct mock_links links = {0};
    size_t cursor = 0;
    enum auth_rc rc = mock_links_read(text, &links);
    if (rc != AUTH_OK)
        rc = auth_err_no_memory(err);
    bool has_entries = auth_json_raw_member(text, "entry", &entries);
    while (rc == AUTH_OK && has_entries && auth_json_raw_next(entries, &cursor, &entry))
        rc = add_entry(loading, &links, entry, err);
    free(links.items);
    return rc;
}

/* ---- containers ---- */

static enum auth_rc add_container(struct loading *loading, struct auth_view text, struct auth_err *err)
{
    if (loading->nested == NESTED_MAX) {
        lose(loading, text.p, "arrays or Bundles in one another, too deep");
        return AUTH_OK;
    }
    loading->nested++;
    enum auth_rc rc = text.p[0] == '[' ? add_array(loading, text, err) : add_bundle(loading, text, err);
    loading->nested--;
    return rc;
}

static enum auth_rc add_value(struct loading *loading, const struct mock_scan *scan, struct auth_err *err)
{
    if (scan->value.p[0] == '[' || auth_view_equals(mock_scan_member(scan, "resourceType"), "\"Bundle\""))
        return add_container(loading, scan->value, err);
    if (mock_scan_member(scan, "repeat").n && mock_is_repeat(scan->value))
        return add_repeated(loading, scan->value, err);
    return add_resource(loading, scan, err);
}

/* ---- the whole text ---- */

static size_t after_blanks(struct auth_view text, size_t at)
{
    return at + (size_t)(auth_view_trim(auth_view_from(text, at)).p - (text.p + at));
}

/* After a value there is a line end, or nothing but blanks. */
static bool is_line_end(struct auth_view rest)
{
    struct auth_view line = auth_view_split(&rest, '\n');
    return auth_view_trim(line).n == 0;
}

/* Whether each line is a value: the second begins as one. The lines of a value that was printed over several do not. */
static bool is_lines(struct auth_view text)
{
    struct auth_view rest = auth_view_trim(text);
    (void)auth_view_split(&rest, '\n');
    return auth_view_starts(auth_view_trim(rest), "{") && auth_view_starts(auth_view_trim(text), "{");
}

/* Behind a value that is wrong: at the next line that begins as one. */
static size_t next_line(struct auth_view text, size_t at)
{
    size_t line = auth_view_find_text(auth_view_from(text, at), "\n{");
    return is_lines(text) && line < text.n - at ? at + line : text.n;
}

/* A value that is wrong, and ends at `end` if its brackets are right. *at: where to go on. */
static enum auth_rc pass_over(struct loading *loading, struct auth_view rest, size_t end, size_t *at,
                              const struct auth_err *why, struct auth_err *err)
{
    struct auth_view value = auth_view_bytes(rest.p, end);
    if (is_readable_container(value)) {
        *at += end;
        return add_container(loading, auth_view_trim(value), err);
    }
    if (is_lines(loading->text)) /* a bracket that is missing in one is not to be found in another */
        value = auth_view_bytes(rest.p, auth_view_find(rest, '\n'));
    *at = next_line(loading->text, *at);
    lose_json(loading, value, why);
    return AUTH_OK;
}

/* One value and what is behind it in its line. *at: where to go on. */
static enum auth_rc add_next(struct loading *loading, size_t *at, struct auth_err *err)
{
    struct mock_scan scan;
    struct auth_err inner = {0};
    struct auth_view rest = auth_view_from(loading->text, *at);
    size_t end;
    enum auth_rc rc = mock_scan_next(rest, &scan, &end, &inner);
    loading->origin = *at;
    if (rc == AUTH_E_NOMEM)
        return auth_err_no_memory(err);
    if (rc != AUTH_OK)
        return pass_over(loading, rest, end, at, &inner, err);
    if (is_line_end(auth_view_from(rest, end))) {
        *at += end;
        return add_value(loading, &scan, err);
    }
    lose(loading, rest.p + end, "JSON: something after the end of the value");
    *at = next_line(loading->text, *at);
    return AUTH_OK;
}

enum auth_rc mock_fhir_load_text(struct mock_fhir_store *store, struct mock_fhir_report *report, const char *file,
                                 struct auth_view text, struct auth_err *err)
{
    struct loading loading = {.store = store, .report = report, .file = file, .text = text};
    enum auth_rc rc = AUTH_OK;
    for (size_t at = text.n ? after_blanks(text, 0) : 0; rc == AUTH_OK && at < text.n; at = after_blanks(text, at))
        rc = add_next(&loading, &at, err);
    return rc;
}

void mock_fhir_trust(struct mock_fhir_store *store)
{
    store->trusted_count = store->count;
    mock_references_clear(&store->references);
}
