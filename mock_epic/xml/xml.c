/* The writer goes once through the text and writes what it meets. XML wants another order than JSON's now and then: each object knows
 * where in the output its elements stand, and puts them in order at its end. */
#include "mock_epic/xml/xml.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/data/raw.h"
#include "mock_epic/xml/elements.h"
#include "mock_epic/xml/xhtml.h"

/* An element that was written, and what of: its value, and what the member with "_" before its name says of it. */
struct part {
    uint16_t place;       /* in the order of its object */
    size_t start, end;    /* in the output */
    size_t value, beside; /* where they begin in the text; 0: there is none */
};

struct writer {
    struct auth_view text;
    size_t at; /* in text */
    struct auth_buf *out;
    struct part *parts; /* of the open objects, outermost first */
    size_t count, size;
    struct auth_buf scratch;
    bool is_out_of_memory;
};

/* One that is being written. */
struct object {
    size_t first; /* of its parts */
    uint16_t last_place;
    bool is_tag_closed, is_in_order;
    bool has_beside;
};

static void write_nested_resource(struct writer *w, struct auth_view name);
static void write_value(struct writer *w, uint16_t element);

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

/* A string as written in JSON, without its escapes. */
static void decode(struct auth_buf *out, struct auth_view written)
{
    char c[4];
    while (written.n) {
        size_t n = plain_n(written, LOOK_ANYWHERE);
        auth_buf_add(out, written.p, n);
        written = auth_view_from(written, n);
        if (!written.n)
            break;
        n = mock_raw_next(&written, c);
        bool is_bad = is_no_character(c, n) || (n == 1 && (unsigned char)c[0] < 0x20 && !strchr("\t\n\r", c[0]));
        auth_buf_add(out, is_bad ? "\xef\xbf\xbd" : c, is_bad ? 3 : n);
    }
}

/* Narrative is XHTML already. What is none is shown as the text that it is, or the whole answer were no XML. */
static void write_xhtml(struct writer *w, struct auth_view value)
{
    struct auth_view written;
    if (!mock_raw_string(value, &written))
        return;
    auth_buf_reset(&w->scratch);
    decode(&w->scratch, written);
    w->is_out_of_memory = w->is_out_of_memory || !auth_buf_ok(&w->scratch);
    if (mock_xhtml_is_sound(auth_buf_view(&w->scratch))) {
        auth_buf_add_view(w->out, auth_buf_view(&w->scratch));
        return;
    }
    auth_buf_add_string(w->out, "<div xmlns=\"" MOCK_XHTML_NAMESPACE "\">");
    write_attribute_text(w, written);
    auth_buf_add_string(w->out, "</div>");
}

/* ---- tags ---- */

static char *put(char *to, struct auth_view text)
{
    memcpy(to, text.p, text.n);
    return to + text.n;
}

/* `</name>`, or `<name`: what stands before the name, and behind it. */
static void write_tag(struct writer *w, const char *before, struct auth_view name, const char *behind)
{
    struct auth_view head = auth_view_from_string(before), end = auth_view_from_string(behind);
    size_t n = head.n + name.n + end.n;
    char *to = auth_buf_reserve(w->out, n);
    if (!to)
        return;
    (void)put(put(put(to, head), name), end);
    auth_buf_commit(w->out, n);
}

static bool is_plain(struct auth_view text)
{
    return plain_n(text, LOOK_ANYWHERE | LOOK_IN_ATTRIBUTE) == text.n;
}

/* What stands between a value's quotation marks, or the whole. */
static struct auth_view text_of(struct auth_view value)
{
    struct auth_view written;
    return mock_raw_string(value, &written) ? written : value;
}

/* ` name="text"` */
static void write_attribute(struct writer *w, struct auth_view name, struct auth_view value)
{
    struct auth_view text = text_of(value);
    write_tag(w, " ", name, "=\"");
    if (is_plain(text))
        auth_buf_add_view(w->out, text);
    else
        write_attribute_text(w, text);
    auth_buf_add_char(w->out, '"');
}

/* What nearly all elements are, at once: `<name value="text" />`. */
static void write_plain_element(struct writer *w, struct auth_view name, struct auth_view text)
{
    static const char before_text[] = " value=\"", behind_text[] = "\" />";
    size_t n = 1 + name.n + sizeof before_text - 1 + text.n + sizeof behind_text - 1;
    char *to = auth_buf_reserve(w->out, n);
    if (!to)
        return;
    *to++ = '<';
    to = put(put(to, name), auth_view_bytes(before_text, sizeof before_text - 1));
    to = text.n ? put(to, text) : to;
    memcpy(to, behind_text, sizeof behind_text - 1);
    auth_buf_commit(w->out, n);
}

/* ---- values ---- */

static bool is_null(struct auth_view value)
{
    return value.n == 0 || auth_view_equals(value, "null");
}

/* Of an id or extension of a primitive: its value, or the empty view. */
static struct auth_view beside_member(struct auth_view beside, const char *name)
{
    struct auth_view value = mock_raw_member(beside, name);
    return is_null(value) ? (struct auth_view){NULL, 0} : value;
}

/* A primitive with what stands beside it: its value is an attribute, and so is its id. */
static void write_primitive(struct writer *w, struct auth_view name, struct auth_view value, struct auth_view beside)
{
    struct auth_view id = beside_member(beside, "id"), extensions = beside_member(beside, "extension");
    if (is_null(value) && is_null(beside))
        return;
    write_tag(w, "<", name, "");
    if (id.n)
        write_attribute(w, auth_view_from_string("id"), id);
    if (!is_null(value))
        write_attribute(w, auth_view_from_string("value"), value);
    auth_buf_add_string(w->out, extensions.n ? ">" : " />");
    if (!extensions.n)
        return;
    size_t type = mock_element_type_find(auth_view_from_string("Element"));
    size_t at = w->at;
    w->at = (size_t)(extensions.p - w->text.p);
    write_value(w, mock_element_find(type, mock_element_types[type].first, auth_view_from_string("extension")));
    w->at = at;
    write_tag(w, "</", name, ">");
}

/* Two arrays are one element for each place. */
static void write_primitives(struct writer *w, struct auth_view name, struct auth_view values, struct auth_view besides)
{
    size_t value_at = 0, beside_at = 0;
    bool has_value, has_beside;
    if ((values.n == 0 || values.p[0] != '[') && (besides.n == 0 || besides.p[0] != '[')) {
        write_primitive(w, name, values, besides);
        return;
    }
    do {
        struct auth_view value = {NULL, 0}, beside = {NULL, 0};
        has_value = auth_json_raw_next(values, &value_at, &value);
        has_beside = auth_json_raw_next(besides, &beside_at, &beside);
        write_primitive(w, name, value, beside);
    } while (has_value || has_beside);
}

static void write_object(struct writer *w, size_t type, struct auth_view name);

/* What stands at w->at, and is no array, as one element. */
static void write_one(struct writer *w, uint16_t element)
{
    struct auth_view name = mock_element_name(element), value;
    int type = mock_elements[element].type;
    if (type < MOCK_ELEMENT_PRIMITIVE && type != MOCK_ELEMENT_RESOURCE) {
        value = auth_json_raw_value(w->text, &w->at);
        if (type == MOCK_ELEMENT_XHTML)
            write_xhtml(w, value);
        else if (!is_null(value))
            write_attribute(w, name, value);
    } else if (type == MOCK_ELEMENT_PRIMITIVE) {
        value = auth_json_raw_value(w->text, &w->at);
        struct auth_view text = text_of(value);
        if (is_plain(text) && !is_null(value))
            write_plain_element(w, name, text);
        else
            write_primitive(w, name, value, (struct auth_view){NULL, 0});
    } else if (w->text.p[w->at] == 'n') {
        (void)auth_json_raw_value(w->text, &w->at);
    } else if (type == MOCK_ELEMENT_RESOURCE) {
        write_nested_resource(w, name);
    } else {
        write_tag(w, "<", name, "");
        write_object(w, (size_t)type, name);
    }
}

/* What stands at w->at; an array's items each. */
static void write_value(struct writer *w, uint16_t element)
{
    if (!auth_json_raw_enter(w->text, &w->at, '[')) {
        write_one(w, element);
        return;
    }
    while (auth_buf_ok(w->out) && !w->is_out_of_memory && auth_json_raw_item(w->text, &w->at))
        write_one(w, element);
}

/* ---- objects ---- */

/* Attributes stand before the end of the start tag, and this before all others. */
enum { TAG_END = 0x7fff, BEHIND_TAG = 0x8000 };

static uint16_t place_of(uint16_t element)
{
    return (uint16_t)(mock_elements[element].type == MOCK_ELEMENT_ATTRIBUTE ? element : element + BEHIND_TAG);
}

/* The next part of the object, which begins here; NULL: no memory. */
static struct part *begin_part(struct writer *w, struct object *o, uint16_t place)
{
    struct part *parts = auth_array_fit(w->parts, w->count, &w->size, sizeof *parts);
    if (!parts) {
        w->is_out_of_memory = true;
        return NULL;
    }
    w->parts = parts;
    o->is_in_order = o->is_in_order && place > o->last_place;
    o->last_place = place;
    parts[w->count] = (struct part){.place = place, .start = w->out->n, .end = w->out->n};
    return &parts[w->count++];
}

/* Where the object has that already: there is one at most. */
static struct part *find_part(const struct writer *w, const struct object *o, uint16_t place)
{
    for (size_t i = o->first; i < w->count; i++) {
        if (w->parts[i].place == place)
            return &w->parts[i];
    }
    return NULL;
}

static struct auth_view value_at(const struct writer *w, size_t at)
{
    return at ? auth_json_raw_value(w->text, &at) : (struct auth_view){NULL, 0};
}

/* Of a primitive the member that says more about it, or the other one when that was there before: both are one element, and what was
 * written of the one before goes. */
static void write_pair(struct writer *w, struct object *o, uint16_t element, bool is_beside)
{
    size_t here = w->at;
    struct part *before = find_part(w, o, place_of(element)), pair = {0};
    if (before) {
        pair = *before;
        *before = w->parts[--w->count];
        o->is_in_order = false;
    }
    *(is_beside ? &pair.beside : &pair.value) = here;
    struct part *part = begin_part(w, o, place_of(element));
    (void)auth_json_raw_value(w->text, &w->at);
    if (!part)
        return;
    part->value = pair.value;
    part->beside = pair.beside;
    size_t number = w->count - 1;
    write_primitives(w, mock_element_name(element), value_at(w, pair.value), value_at(w, pair.beside));
    w->parts[number].end = w->out->n;
}

static void close_start_tag(struct writer *w, struct object *o)
{
    struct part *part = begin_part(w, o, TAG_END);
    if (!part)
        return;
    auth_buf_add_char(w->out, '>');
    part->end = w->out->n;
    o->is_tag_closed = true;
}

/* The member at whose value the reading stands. */
static void write_member(struct writer *w, struct object *o, uint16_t element, bool is_beside)
{
    int type = mock_elements[element].type;
    if (is_beside && type != MOCK_ELEMENT_PRIMITIVE) {
        (void)auth_json_raw_value(w->text, &w->at);
        return;
    }
    if (type != MOCK_ELEMENT_ATTRIBUTE && !o->is_tag_closed)
        close_start_tag(w, o);
    o->has_beside = o->has_beside || is_beside;
    if (is_beside || (o->has_beside && type == MOCK_ELEMENT_PRIMITIVE)) {
        write_pair(w, o, element, is_beside);
        return;
    }
    struct part *part = begin_part(w, o, place_of(element));
    if (!part)
        return;
    size_t number = w->count - 1;
    part->value = w->at;
    write_value(w, element);
    w->parts[number].end = w->out->n;
}

/* What was written of the object's parts, anew in their order. */
static void put_in_order(struct writer *w, const struct object *o, size_t start)
{
    for (size_t i = o->first + 1; i < w->count; i++) {
        struct part part = w->parts[i];
        size_t to = i;
        for (; to > o->first && w->parts[to - 1].place > part.place; to--)
            w->parts[to] = w->parts[to - 1];
        w->parts[to] = part;
    }
    auth_buf_reset(&w->scratch);
    for (size_t i = o->first; i < w->count; i++)
        auth_buf_add(&w->scratch, w->out->p + w->parts[i].start, w->parts[i].end - w->parts[i].start);
    w->is_out_of_memory = w->is_out_of_memory || !auth_buf_ok(&w->scratch);
    w->out->n = start;
    auth_buf_add_view(w->out, auth_buf_view(&w->scratch));
}

/* Behind an element's name, up to its end. */
static void write_object(struct writer *w, size_t type, struct auth_view name)
{
    struct object o = {.first = w->count, .is_in_order = true};
    uint16_t from = mock_element_types[type].first, end = mock_element_types[type + 1].first;
    size_t start = w->out->n;
    struct auth_view member;
    char decoded[64];
    bool is_object = auth_json_raw_enter(w->text, &w->at, '{');
    if (!is_object)
        (void)auth_json_raw_value(w->text, &w->at);
    while (is_object && auth_buf_ok(w->out) && !w->is_out_of_memory && auth_json_raw_name(w->text, &w->at, &member)) {
        if (member.n && memchr(member.p, '\\', member.n))
            member = auth_view_bytes(decoded, mock_raw_decode(member, decoded, sizeof decoded));
        bool is_beside = member.n && member.p[0] == '_';
        uint16_t element = mock_element_find(type, from, auth_view_from(member, is_beside));
        if (element == end) {
            (void)auth_json_raw_value(w->text, &w->at);
            continue;
        }
        from = element;
        write_member(w, &o, element, is_beside);
    }
    if (!o.is_in_order && auth_buf_ok(w->out))
        put_in_order(w, &o, start);
    w->count = o.first;
    if (o.is_tag_closed)
        write_tag(w, "</", name, ">");
    else
        auth_buf_add_string(w->out, " />");
}

size_t mock_xml_type(struct auth_view resource)
{
    char name[64];
    struct auth_view written;
    if (!mock_raw_string(mock_raw_member(resource, "resourceType"), &written))
        return mock_element_type_count;
    return mock_element_type_find(auth_view_bytes(name, mock_raw_decode(written, name, sizeof name)));
}

static void write_resource(struct writer *w, size_t type, const char *root)
{
    struct auth_view name = mock_element_type_name(type);
    write_tag(w, "<", name, root);
    write_object(w, type, name);
}

/* In another one. What FHIR does not know is left out, here as everywhere. */
static void write_nested_resource(struct writer *w, struct auth_view name)
{
    size_t type = mock_xml_type(auth_view_from(w->text, w->at));
    if (type == mock_element_type_count) {
        (void)auth_json_raw_value(w->text, &w->at);
        return;
    }
    write_tag(w, "<", name, ">");
    write_resource(w, type, "");
    write_tag(w, "</", name, ">");
}

enum auth_rc mock_xml_write(struct auth_view json, struct auth_buf *out)
{
    struct writer w = {.text = auth_view_trim(json), .out = out};
    size_t type = mock_xml_type(w.text);
    if (type == mock_element_type_count)
        return AUTH_E_SYNTAX;
    auth_buf_init(&w.scratch, SIZE_MAX / 2);
    write_resource(&w, type, " xmlns=\"http://hl7.org/fhir\"");
    free(w.parts);
    auth_buf_clear(&w.scratch);
    return w.is_out_of_memory || !auth_buf_ok(out) ? AUTH_E_NOMEM : AUTH_OK;
}
