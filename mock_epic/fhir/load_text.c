/* The shapes that resources come in, told by content. A text is read once, value by value. */
#include "mock_epic/fhir/load_text.h"

#include <stdlib.h>

#include "mock_epic/fhir/link.h"
#include "mock_epic/fhir/resource.h"

/* A value, and what was found while it was checked. */
static enum auth_rc add_value(struct mock_fhir_store *store, const struct mock_scan *scan, struct auth_err *err);

/* A value inside one that was checked. */
static enum auth_rc add_inner(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err)
{
    struct mock_scan scan;
    size_t end;
    enum auth_rc rc = mock_scan_next(text, &scan, &end, err);
    return rc == AUTH_OK ? add_value(store, &scan, err) : rc;
}

static enum auth_rc add_array(struct mock_fhir_store *store, struct auth_view text, struct auth_err *err)
{
    struct auth_view item;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && auth_json_raw_next(text, &cursor, &item))
        rc = add_inner(store, item, err);
    return rc;
}

/* The Bundle as it is to be read: with its own urns led to where they mean. */
static enum auth_rc link_bundle(struct mock_fhir_store *store, struct auth_view *text)
{
    char *linked = NULL;
    size_t n = 0, count = 0;
    enum auth_rc rc = mock_fhir_link_bundle(*text, &linked, &n, &count);
    if (rc == AUTH_OK && linked) {
        rc = mock_fhir_store_own(store, linked, 0);
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
        return auth_err_set(err, rc, "out of memory");
    if (!auth_json_raw_member(text, "entry", &entries))
        return AUTH_OK;
    while (rc == AUTH_OK && auth_json_raw_next(entries, &cursor, &entry)) {
        if (auth_json_raw_member(entry, "resource", &resource))
            rc = add_inner(store, resource, err);
    }
    return rc;
}

static enum auth_rc add_value(struct mock_fhir_store *store, const struct mock_scan *scan, struct auth_err *err)
{
    if (scan->value.p[0] == '[')
        return add_array(store, scan->value, err);
    bool is_bundle = auth_view_equals(mock_scan_member(scan, "resourceType"), "\"Bundle\"");
    return is_bundle ? add_bundle(store, scan->value, err) : mock_resource_add(store, scan, err);
}

/* After a value there is a line end, or nothing but blanks. */
static bool is_line_end(struct auth_view rest)
{
    struct auth_view line = auth_view_split(&rest, '\n');
    return auth_view_trim(line).n == 0;
}

/* NDJSON when the first line is a whole value and there are more; else one JSON text. */
static bool is_ndjson(struct auth_view text)
{
    struct auth_view rest = text;
    struct auth_view first = auth_view_split(&rest, '\n');
    return auth_view_trim(rest).n > 0 && auth_json_check(first, NULL) == AUTH_OK;
}

/* Where in the text it went wrong. The line of the value in NDJSON; a single text's errors count bytes. */
static enum auth_rc tell_where(struct auth_err *err, enum auth_rc rc, const char *name, struct auth_view text,
                               size_t at, const struct auth_err *inner)
{
    size_t line = 1;
    if (!is_ndjson(text)) {
        struct auth_err whole = {0};
        bool is_json = auth_json_check(text, &whole) == AUTH_OK;
        return auth_err_set(err, rc, "%s: %s", name, is_json ? inner->detail : whole.detail);
    }
    for (size_t i = 0; i < at; i++)
        line += text.p[i] == '\n';
    return auth_err_set(err, rc, "%s line %zu: %s", name, line, inner->detail);
}

enum auth_rc mock_fhir_load_text(struct mock_fhir_store *store, const char *name, struct auth_view text,
                                 struct auth_err *err)
{
    struct mock_scan scan;
    size_t at = 0, n = auth_view_trim(text).n;
    text = auth_view_bytes(n ? auth_view_trim(text).p : text.p, n);
    while (at < text.n) {
        struct auth_view rest = auth_view_from(text, at);
        struct auth_err inner = {0};
        size_t end;
        enum auth_rc rc = mock_scan_next(rest, &scan, &end, &inner);
        if (rc == AUTH_OK && !is_line_end(auth_view_from(rest, end)))
            rc =
                auth_json_check(auth_view_bytes(rest.p, end + auth_view_find(auth_view_from(rest, end), '\n')), &inner);
        if (rc == AUTH_OK)
            rc = add_value(store, &scan, &inner);
        if (rc != AUTH_OK) {
            size_t blanks = (size_t)(auth_view_trim(rest).p - rest.p);
            return tell_where(err, rc, name, text, at + blanks, &inner);
        }
        at += end;
        at += (size_t)(auth_view_trim(auth_view_from(text, at)).p - (text.p + at));
    }
    return AUTH_OK;
}

void mock_fhir_trust(struct mock_fhir_store *store)
{
    store->trusted_count = store->count;
}
