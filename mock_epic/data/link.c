/* Finding references, and replacing those that a Bundle explains itself. */
#include "mock_epic/data/link.h"

#include <stdlib.h>
#include <string.h>

/* ---- finding ---- */

/* The name of a member as it is written, and how far into it each byte last stands, its closing quotation mark left out;
 * 0: nowhere. */
struct label {
    const char *text;
    size_t n;
    unsigned char last[256];
};

static const struct label label_reference = {
    "\"reference\"", 11, {['"'] = 1, ['r'] = 6, ['f'] = 4, ['n'] = 8, ['c'] = 9, ['e'] = 10}};
static const struct label label_url = {"\"url\"", 5, {['"'] = 1, ['u'] = 2, ['r'] = 3, ['l'] = 4}};

/* Looks at the byte where the label would end, and goes on by as much as that says (Horspool 1980): mostly by all of it. */
static size_t find_label(const struct label *label, struct auth_view text, size_t at)
{
    while (at + label->n <= text.n) {
        unsigned char end = (unsigned char)text.p[at + label->n - 1];
        if (end == '"' && memcmp(text.p + at, label->text, label->n) == 0)
            return at;
        at += label->n - label->last[end];
    }
    return text.n;
}

static size_t after_blanks(struct auth_view text, size_t at)
{
    while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r' || text.p[at] == '\n'))
        at++;
    return at;
}

/* The string behind a label that ends at `at`, without its quotation marks; false when a label is a value, or its value no
 * string. */
static bool string_behind(struct auth_view text, size_t at, struct auth_view *value)
{
    at = after_blanks(text, at);
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

static bool next_string(const struct label *label, struct auth_view text, size_t *cursor, struct auth_view *value)
{
    for (size_t at = *cursor; (at = find_label(label, text, at)) < text.n; at += label->n) {
        if (string_behind(text, at + label->n, value)) {
            *cursor = (size_t)(value->p - text.p) + value->n;
            return true;
        }
    }
    return false;
}

bool mock_fhir_next_reference(struct auth_view text, size_t *cursor, struct auth_view *reference)
{
    return next_string(&label_reference, text, cursor, reference);
}

/* ---- what entries are called ---- */

static int compare_views(struct auth_view a, struct auth_view b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static int by_url(const void *a, const void *b)
{
    return compare_views(((const struct mock_link *)a)->url, ((const struct mock_link *)b)->url);
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

/* What stands behind the last of a separator, or all. */
static struct auth_view behind_last(struct auth_view text, char separator)
{
    for (size_t at; (at = auth_view_find(text, separator)) < text.n;)
        text = auth_view_from(text, at + 1);
    return text;
}

/* The id in the url of a PUT: "Patient/p", perhaps with a query. */
static struct auth_view id_of_put(struct auth_view entry)
{
    struct auth_view request = {NULL, 0};
    (void)auth_json_raw_member(entry, "request", &request);
    struct auth_view url = plain_string(request, "url");
    bool is_put = auth_view_equals(plain_string(request, "method"), "PUT");
    return is_put && auth_view_find(url, '?') == url.n ? behind_last(url, '/') : auth_view_from_string("");
}

struct auth_view mock_entry_id(struct auth_view entry, struct auth_view resource)
{
    struct auth_view id = plain_string(resource, "id"), url = plain_string(entry, "fullUrl"), member;
    if (id.n == 0 && auth_json_raw_member(resource, "id", &member))
        return id; /* it has one, and it is no plain string: not ours to replace */
    if (id.n == 0)
        id = id_of_put(entry);
    return id.n ? id : behind_last(url, auth_view_starts(url, "urn:") ? ':' : '/');
}

static bool add_link(struct mock_links *links, struct auth_view entry)
{
    struct auth_view resource = {NULL, 0};
    struct mock_link link = {.url = plain_string(entry, "fullUrl")};
    if (link.url.n == 0 || !auth_json_raw_member(entry, "resource", &resource))
        return true;
    link.type = plain_string(resource, "resourceType");
    link.id = mock_entry_id(entry, resource);
    if (link.type.n == 0 || link.id.n == 0)
        return true;
    struct mock_link *grown = auth_array_fit(links->items, links->count, &links->size, sizeof *grown);
    if (!grown)
        return false;
    links->items = grown;
    links->items[links->count++] = link;
    links->has_binary = links->has_binary || auth_view_equals(link.type, "Binary");
    return true;
}

enum auth_rc mock_links_read(struct auth_view bundle, struct mock_links *links)
{
    struct auth_view entries, entry;
    size_t cursor = 0;
    if (!auth_json_raw_member(bundle, "entry", &entries))
        return AUTH_OK;
    while (auth_json_raw_next(entries, &cursor, &entry)) {
        if (!add_link(links, entry))
            return AUTH_E_NOMEM;
    }
    if (links->count)
        qsort(links->items, links->count, sizeof *links->items, by_url);
    return AUTH_OK;
}

/* ---- writing resources anew ---- */

static const struct mock_link *find_link(const struct mock_links *links, struct auth_view url)
{
    const struct mock_link wanted = {.url = url};
    return links->count ? bsearch(&wanted, links->items, links->count, sizeof wanted, by_url) : NULL;
}

/* The next place in a resource where a link is to be followed. */
struct change {
    size_t at, n;
    const struct mock_link *link;
};

static bool next_change(const struct mock_links *links, const struct label *label, struct auth_view text, size_t from,
                        struct change *change)
{
    struct auth_view value;
    while (next_string(label, text, &from, &value)) {
        change->link = find_link(links, value);
        change->at = (size_t)(value.p - text.p);
        change->n = value.n;
        if (change->link)
            return true;
    }
    return false;
}

/* Of references and, where there are Binaries, of attachments, whichever comes first. */
static bool first_change(const struct mock_links *links, struct auth_view text, size_t from, struct change *change)
{
    struct change url;
    bool has_reference = next_change(links, &label_reference, text, from, change);
    bool has_url = links->has_binary && next_change(links, &label_url, text, from, &url);
    if (has_url && (!has_reference || url.at < change->at))
        *change = url;
    return has_reference || has_url;
}

/* Where an id belongs that a resource has not: behind its brace. */
static size_t write_id(struct auth_view resource, struct auth_view id, struct auth_buf *out)
{
    size_t at = after_blanks(resource, 1);
    auth_buf_add_string(out, "{\"id\":\"");
    auth_buf_add_view(out, id);
    auth_buf_add_string(out, at < resource.n && resource.p[at] == '}' ? "\"" : "\",");
    return 1;
}

void mock_links_write(const struct mock_links *links, struct auth_view resource, struct auth_view id,
                      struct auth_buf *out, size_t *count)
{
    struct change change;
    struct auth_view own;
    size_t done = 0;
    bool has_change = first_change(links, resource, 0, &change);
    bool is_nameless = id.n && !auth_json_raw_member(resource, "id", &own);
    if (!has_change && !is_nameless)
        return;
    if (is_nameless)
        done = write_id(resource, id, out);
    for (; has_change; has_change = first_change(links, resource, done, &change)) {
        auth_buf_add(out, resource.p + done, change.at - done);
        auth_buf_add_view(out, change.link->type);
        auth_buf_add_char(out, '/');
        auth_buf_add_view(out, change.link->id);
        done = change.at + change.n;
        ++*count;
    }
    auth_buf_add(out, resource.p + done, resource.n - done);
}
