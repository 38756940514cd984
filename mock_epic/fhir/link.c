/* Finding references, and replacing those that a Bundle explains itself. */
#include "mock_epic/fhir/link.h"

#include <stdlib.h>
#include <string.h>

/* ---- finding ---- */

static const char label[] = "\"reference\"";
enum { LABEL_N = sizeof label - 1 };

/* By its rarest letter: memchr() is many times as fast as any loop of ours. */
static size_t find_label(struct auth_view text, size_t at)
{
    enum { RARE_AT = 3 };
    while (at + LABEL_N <= text.n) {
        size_t left = text.n - LABEL_N - at + 1;
        const char *rare = memchr(text.p + at + RARE_AT, label[RARE_AT], left);
        if (!rare)
            break;
        at = (size_t)(rare - text.p) - RARE_AT;
        if (memcmp(text.p + at, label, LABEL_N) == 0)
            return at;
        at++;
    }
    return text.n;
}

static size_t after_blanks(struct auth_view text, size_t at)
{
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r' || text.p[at] == '\n'))
        at++;
    return at;
}

/* The string behind a label at `at`, without its quotation marks; false when a label is a value, or its value no string. */
static bool string_behind(struct auth_view text, size_t at, struct auth_view *value)
{
    at = after_blanks(text, at + LABEL_N);
    if (at >= text.n || text.p[at] != ':')
        return false;
    at = after_blanks(text, at + 1);
    if (at >= text.n || text.p[at] != '"')
        return false;
    size_t end = at + 1;
    while (end < text.n && text.p[end] != '"')
        end += text.p[end] == '\\' ? 2 : 1;
    *value = auth_view_bytes(text.p + at + 1, end - at - 1);
    return end < text.n;
}

bool mock_fhir_next_reference(struct auth_view text, size_t *cursor, struct auth_view *reference)
{
    for (size_t at = *cursor; (at = find_label(text, at)) < text.n; at += LABEL_N) {
        if (string_behind(text, at, reference)) {
            *cursor = (size_t)(reference->p - text.p) + reference->n;
            return true;
        }
    }
    return false;
}

/* ---- linking ---- */

struct link {
    struct auth_view urn, type, id;
};

struct links {
    struct link *items; /* sorted by urn */
    size_t count, size;
};

static int compare_views(struct auth_view a, struct auth_view b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_urn(const void *a, const void *b)
{
    return compare_views(((const struct link *)a)->urn, ((const struct link *)b)->urn);
}

/* A string as written, without its quotation marks; empty for anything else, and for one with escapes. */
static struct auth_view plain_string(struct auth_view object, const char *name)
{
    struct auth_view value;
    if (!auth_json_raw_member(object, name, &value) || value.n < 2 || value.p[0] != '"' ||
        auth_view_find(value, '\\') < value.n)
        return auth_view_from_string("");
    return auth_view_bytes(value.p + 1, value.n - 2);
}

static bool add_link(struct links *links, struct auth_view entry)
{
    struct auth_view resource = {NULL, 0};
    struct link link = {.urn = plain_string(entry, "fullUrl")};
    if (!auth_view_starts(link.urn, "urn:") || !auth_json_raw_member(entry, "resource", &resource))
        return true;
    link.type = plain_string(resource, "resourceType");
    link.id = plain_string(resource, "id");
    if (link.type.n == 0 || link.id.n == 0)
        return true;
    if (links->count == links->size) {
        size_t size = links->size ? links->size * 2 : 64;
        struct link *grown = realloc(links->items, size * sizeof *grown);
        if (!grown)
            return false;
        links->items = grown;
        links->size = size;
    }
    links->items[links->count++] = link;
    return true;
}

static bool read_links(struct auth_view bundle, struct links *links)
{
    struct auth_view entries, entry;
    size_t cursor = 0;
    if (!auth_json_raw_member(bundle, "entry", &entries))
        return true;
    while (auth_json_raw_next(entries, &cursor, &entry)) {
        if (!add_link(links, entry))
            return false;
    }
    if (links->count)
        qsort(links->items, links->count, sizeof *links->items, by_urn);
    return true;
}

static const struct link *find_link(const struct links *links, struct auth_view urn)
{
    const struct link wanted = {.urn = urn};
    return auth_view_starts(urn, "urn:") ? bsearch(&wanted, links->items, links->count, sizeof wanted, by_urn) : NULL;
}

static void write_linked(struct auth_view bundle, const struct links *links, struct auth_buf *out, size_t *count)
{
    struct auth_view reference;
    size_t cursor = 0, done = 0;
    while (mock_fhir_next_reference(bundle, &cursor, &reference)) {
        const struct link *link = find_link(links, reference);
        size_t at = (size_t)(reference.p - bundle.p);
        if (!link)
            continue;
        auth_buf_add(out, bundle.p + done, at - done);
        auth_buf_add_view(out, link->type);
        auth_buf_add_char(out, '/');
        auth_buf_add_view(out, link->id);
        done = at + reference.n;
        ++*count;
    }
    auth_buf_add(out, bundle.p + done, bundle.n - done);
}

enum auth_rc mock_fhir_link_bundle(struct auth_view bundle, char **linked, size_t *n, size_t *count)
{
    struct links links = {0};
    struct auth_buf out;
    enum auth_rc rc = read_links(bundle, &links) ? AUTH_OK : AUTH_E_NOMEM;
    *linked = NULL;
    *count = 0;
    auth_buf_init(&out, SIZE_MAX / 2);
    if (rc == AUTH_OK && links.count)
        write_linked(bundle, &links, &out, count);
    if (rc == AUTH_OK && *count) {
        *linked = auth_buf_take(&out, n);
        rc = *linked ? AUTH_OK : AUTH_E_NOMEM;
    }
    auth_buf_clear(&out);
    free(links.items);
    return rc;
}
