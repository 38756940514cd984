/* The writer: members of an object are matched with its type's elements, sorted, and written one by one. */
#include "mock_epic/xml/xml.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/data/raw.h"
#include "mock_epic/xml/elements.h"

/* An element of an object: its value, and what the member with "_" before its name says of it. */
struct part {
    uint16_t element; /* index in mock_elements */
    struct auth_view value, beside;
};

struct writer {
    struct auth_buf *out;
    struct part *parts; /* of the open objects, outermost first */
    size_t count, size;
    bool is_unknown; /* a resource of a type that FHIR does not have */
    bool is_out_of_memory;
};

static void write_resource(struct writer *w, struct auth_view object, const char *root);

static const char *name_of(size_t element)
{
    return mock_element_names + mock_elements[element].name;
}

/* ---- types ---- */

/* Index of the type, or mock_element_type_count. */
static size_t find_type(struct auth_view name)
{
    size_t low = 0, high = mock_element_type_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *there = mock_element_names + mock_element_types[middle].name;
        int order = strncmp(there, name.p, name.n);
        if (order == 0 && there[name.n] == '\0')
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return mock_element_type_count;
}

/* The element of that name, looked for from `from` on: members mostly come in order. Or the end. */
static size_t find_element(const struct mock_element_type *type, size_t from, struct auth_view name)
{
    size_t first = type[0].first, end = type[1].first;
    for (size_t i = 0, at = from; i < end - first; i++, at++) {
        at = at >= end ? first : at;
        const char *there = name_of(at);
        if (name.n && there[0] == name.p[0] && strncmp(there, name.p, name.n) == 0 && there[name.n] == '\0')
            return at;
    }
    return end;
}

/* ---- text ---- */

static const char *entity_of(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return c < 0x20 ? "\xef\xbf\xbd" : NULL;
    }
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool is_no_character(const char c[4], size_t n)
{
    return n == 3 && memcmp(c, "\xef\xbf", 2) == 0 && (unsigned char)c[2] >= 0xbe;
}

/* What a byte of a string as written needs a look for: in text and attributes alike, or in attributes alone. */
enum { LOOK_ANYWHERE = 1, LOOK_IN_ATTRIBUTE = 2 };

static const unsigned char looks[256] = {
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,          1,          1,         1,         1,         1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, ['\\'] = 1, [0xef] = 1, ['&'] = 2, ['<'] = 2, ['>'] = 2, ['"'] = 2,
};

/* Bytes that need no such look, at the beginning. */
static size_t plain_n(struct auth_view written, unsigned which)
{
    size_t n = 0;
    while (n < written.n && !(looks[(unsigned char)written.p[n]] & which))
        n++;
    return n;
}

/* A string as written in JSON, as the value of an attribute. */
static void write_attribute_text(struct writer *w, struct auth_view written)
{
    char c[4];
    while (written.n) {
        size_t n = plain_n(written, LOOK_ANYWHERE | LOOK_IN_ATTRIBUTE);
        auth_buf_add(w->out, written.p, n);
        written = auth_view_from(written, n);
        if (!written.n)
            break;
        n = mock_raw_next(&written, c);
        const char *entity = n == 1 ? entity_of((unsigned char)c[0]) : NULL;
        if (entity || is_no_character(c, n))
            auth_buf_add_string(w->out, entity ? entity : "\xef\xbf\xbd");
        else
            auth_buf_add(w->out, c, n);
    }
}

static char *put(char *to, const char *bytes, size_t n)
{
    memcpy(to, bytes, n);
    return to + n;
}

/* What nearly all are, at once: ` name="value"`. */
static void write_plain_attribute(struct writer *w, const char *name, struct auth_view text)
{
    size_t name_n = strlen(name), n = name_n + text.n + sizeof " =\"\"" - 1;
    char *to = auth_buf_reserve(w->out, n);
    if (!to)
        return;
    *to++ = ' ';
    to = put(put(to, name, name_n), "=\"", 2);
    if (text.n)
        to = put(to, text.p, text.n);
    *to = '"';
    auth_buf_commit(w->out, n);
}

static void write_attribute(struct writer *w, const char *name, struct auth_view value)
{
    struct auth_view written;
    struct auth_view text = mock_raw_string(value, &written) ? written : value;
    if (plain_n(text, LOOK_ANYWHERE | LOOK_IN_ATTRIBUTE) == text.n) {
        write_plain_attribute(w, name, text);
        return;
    }
    auth_buf_add_char(w->out, ' ');
    auth_buf_add_string(w->out, name);
    auth_buf_add_string(w->out, "=\"");
    write_attribute_text(w, text);
    auth_buf_add_char(w->out, '"');
}

/* Narrative is XHTML already; only JSON's escapes go. */
static void write_xhtml(struct writer *w, struct auth_view value)
{
    char c[4];
    struct auth_view written;
    if (!mock_raw_string(value, &written))
        return;
    while (written.n) {
        size_t n = plain_n(written, LOOK_ANYWHERE);
        auth_buf_add(w->out, written.p, n);
        written = auth_view_from(written, n);
        if (!written.n)
            break;
        n = mock_raw_next(&written, c);
        bool is_bad = is_no_character(c, n) || (n == 1 && (unsigned char)c[0] < 0x20 && !strchr("\t\n\r", c[0]));
        auth_buf_add(w->out, is_bad ? "\xef\xbf\xbd" : c, is_bad ? 3 : n);
    }
}

/* ---- objects ---- */

static bool push(struct writer *w, struct part part)
{
    struct part *parts = auth_array_fit(w->parts, w->count, &w->size, sizeof *parts);
    if (!parts) {
        w->is_out_of_memory = true;
        return false;
    }
    w->parts = parts;
    w->parts[w->count++] = part;
    return true;
}

/* Put a member where its element stands in the order; the two of one name become one. */
static bool add_part(struct writer *w, size_t first, uint16_t element, struct auth_view value, bool is_beside)
{
    size_t at = w->count;
    while (at > first && w->parts[at - 1].element > element)
        at--;
    bool is_there = at > first && w->parts[at - 1].element == element;
    if (!is_there) {
        if (!push(w, (struct part){.element = element}))
            return false;
        memmove(&w->parts[at + 1], &w->parts[at], (w->count - 1 - at) * sizeof *w->parts);
        w->parts[at++] = (struct part){.element = element};
    }
    *(is_beside ? &w->parts[at - 1].beside : &w->parts[at - 1].value) = value;
    return true;
}

/* Push the parts of an object, in order. */
static bool push_parts(struct writer *w, const struct mock_element_type *type, struct auth_view object)
{
    struct auth_view name, value;
    char decoded[64];
    size_t cursor = 0, first = w->count, from = type[0].first;
    while (auth_json_raw_next_member(object, &cursor, &name, &value)) {
        if (memchr(name.p, '\\', name.n))
            name = auth_view_bytes(decoded, mock_raw_decode(name, decoded, sizeof decoded));
        bool is_beside = auth_view_starts(name, "_");
        size_t element = find_element(type, from, is_beside ? auth_view_from(name, 1) : name);
        if (element == type[1].first)
            continue;
        from = element;
        if (!add_part(w, first, (uint16_t)element, value, is_beside))
            return false;
    }
    return true;
}

static bool is_null(struct auth_view value)
{
    return value.n == 0 || auth_view_equals(value, "null");
}

static void write_element(struct writer *w, const char *name, int type, struct auth_view value,
                          struct auth_view beside);

/* One part: an array's items each, with the item beside it of the same number. */
static void write_part(struct writer *w, const struct part *part)
{
    const char *name = name_of(part->element);
    int type = mock_elements[part->element].type;
    struct auth_view values = part->value, besides = part->beside;
    bool is_array = (values.n && values.p[0] == '[') || (besides.n && besides.p[0] == '[');
    if (!is_array) {
        write_element(w, name, type, values, besides);
        return;
    }
    size_t value_cursor = 0, beside_cursor = 0;
    for (;;) {
        struct auth_view value = {NULL, 0}, beside = {NULL, 0};
        bool has_value = values.n && auth_json_raw_next(values, &value_cursor, &value);
        bool has_beside = besides.n && auth_json_raw_next(besides, &beside_cursor, &beside);
        if (!has_value)
            values.n = 0;
        if (!has_beside)
            besides.n = 0;
        if (!has_value && !has_beside)
            return;
        write_element(w, name, type, value, beside);
    }
}

/* Attributes of an element are its id, and an Extension's url. */
static bool is_attribute(const struct mock_element_type *type, const struct part *part)
{
    const char *name = name_of(part->element);
    bool is_extension = strcmp(mock_element_names + type->name, "Extension") == 0;
    return strcmp(name, "id") == 0 || (is_extension && strcmp(name, "url") == 0);
}

/* `</name>`, or `<name`: what stands before the name, and behind it. */
static void write_tag(struct writer *w, const char *before, const char *name, const char *behind)
{
    size_t before_n = strlen(before), name_n = strlen(name), behind_n = strlen(behind);
    char *to = auth_buf_reserve(w->out, before_n + name_n + behind_n);
    if (!to)
        return;
    (void)put(put(put(to, before, before_n), name, name_n), behind, behind_n);
    auth_buf_commit(w->out, before_n + name_n + behind_n);
}

/* Behind the element's name, up to its end tag. in: is_resource: its id is an element */
static void write_content(struct writer *w, const struct mock_element_type *type, struct auth_view object,
                          const char *name, bool is_resource)
{
    size_t first = w->count, children = 0;
    bool ok = push_parts(w, type, object);
    for (size_t i = first; ok && i < w->count; i++) {
        if (!is_resource && is_attribute(type, &w->parts[i]))
            write_attribute(w, name_of(w->parts[i].element), w->parts[i].value);
        else
            children++;
    }
    auth_buf_add_string(w->out, children ? ">" : "/>");
    for (size_t i = first; ok && i < w->count; i++) {
        struct part part = w->parts[i]; /* those of inner objects may move it */
        if (is_resource || !is_attribute(type, &part))
            write_part(w, &part);
    }
    w->count = first;
    if (children)
        write_tag(w, "</", name, ">");
}

static void write_extensions(struct writer *w, struct auth_view extensions)
{
    size_t type = find_type(auth_view_from_string("Element"));
    size_t first = mock_element_types[type].first;
    size_t extension = find_element(&mock_element_types[type], first, auth_view_from_string("extension"));
    write_part(w, &(struct part){.element = (uint16_t)extension, .value = extensions});
}

/* A primitive: its value is an attribute; its id and extensions stand beside it in JSON. */
static void write_primitive(struct writer *w, const char *name, struct auth_view value, struct auth_view beside)
{
    struct auth_view id = {NULL, 0}, extensions = {NULL, 0};
    if (beside.n) {
        id = mock_raw_member(beside, "id");
        extensions = mock_raw_member(beside, "extension");
    }
    if (id.n)
        write_attribute(w, "id", id);
    if (!is_null(value))
        write_attribute(w, "value", value);
    auth_buf_add_string(w->out, extensions.n ? ">" : "/>");
    if (!extensions.n)
        return;
    write_extensions(w, extensions);
    write_tag(w, "</", name, ">");
}

static void write_element(struct writer *w, const char *name, int type, struct auth_view value, struct auth_view beside)
{
    if ((is_null(value) && is_null(beside)) || w->is_out_of_memory || !auth_buf_ok(w->out))
        return;
    if (type == MOCK_ELEMENT_XHTML) {
        write_xhtml(w, value);
        return;
    }
    write_tag(w, "<", name, "");
    if (type == MOCK_ELEMENT_PRIMITIVE) {
        write_primitive(w, name, value, beside);
    } else if (type == MOCK_ELEMENT_RESOURCE) {
        auth_buf_add_char(w->out, '>');
        write_resource(w, value, "");
        write_tag(w, "</", name, ">");
    } else {
        write_content(w, &mock_element_types[type], value, name, false);
    }
}

static void write_resource(struct writer *w, struct auth_view object, const char *root)
{
    struct auth_view written;
    size_t type = mock_element_type_count;
    if (mock_raw_string(mock_raw_member(object, "resourceType"), &written))
        type = find_type(written);
    if (type == mock_element_type_count) {
        w->is_unknown = true;
        return;
    }
    const char *name = mock_element_names + mock_element_types[type].name;
    write_tag(w, "<", name, root);
    write_content(w, &mock_element_types[type], object, name, true);
}

enum auth_rc mock_xml_write(struct auth_view json, struct auth_buf *out)
{
    struct writer w = {.out = out};
    auth_buf_add_string(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    write_resource(&w, auth_view_trim(json), " xmlns=\"http://hl7.org/fhir\"");
    free(w.parts);
    if (w.is_out_of_memory || !auth_buf_ok(out))
        return AUTH_E_NOMEM;
    return w.is_unknown ? AUTH_E_SYNTAX : AUTH_OK;
}
