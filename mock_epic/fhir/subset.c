/* Members picked out of the text by their names, and by what FHIR's definitions say of them. */
#include "mock_epic/fhir/subset.h"

#include <string.h>

#include "mock_epic/data/raw.h"
#include "mock_epic/xml/elements.h"
#include "mock_epic/xml/xml.h"

/* ---- what is wanted ---- */

static const char *take_names(struct mock_subset *subset, struct auth_view list)
{
    while (list.n) {
        struct auth_view name = auth_view_split(&list, ',');
        if (name.n && subset->name_count == MOCK_SUBSET_NAMES_MAX)
            return "More elements than are looked at";
        if (name.n)
            subset->names[subset->name_count++] = name;
    }
    return NULL;
}

static const struct {
    const char *value;
    enum mock_subset_kind kind;
} summaries[] = {{"true", MOCK_SUBSET_SUMMARY},
                 {"text", MOCK_SUBSET_TEXT},
                 {"data", MOCK_SUBSET_DATA},
                 {"false", MOCK_SUBSET_WHOLE}};

const char *mock_subset_take(struct mock_subset *subset, const struct auth_form_field *field)
{
    enum mock_subset_kind kind = MOCK_SUBSET_NAMED;
    bool is_summary = auth_view_equals(field->name, "_summary"), is_known = !is_summary;
    for (size_t i = 0; is_summary && i < sizeof summaries / sizeof *summaries; i++) {
        if (auth_view_equals(field->value, summaries[i].value)) {
            kind = summaries[i].kind;
            is_known = true;
        }
    }
    if (!is_known)
        return "true, text, data or false is wanted, or of a search count";
    if (kind == MOCK_SUBSET_WHOLE)
        return NULL;
    if (subset->kind != MOCK_SUBSET_WHOLE)
        return "Not together with another _summary or _elements";
    const char *why = kind == MOCK_SUBSET_NAMED || kind == MOCK_SUBSET_TEXT ? take_names(subset, field->value) : NULL;
    subset->kind = kind == MOCK_SUBSET_NAMED && subset->name_count == 0 ? MOCK_SUBSET_WHOLE : kind; /* of commas only */
    return why;
}

const char *mock_subset_of(const struct auth_form *params, struct mock_subset *subset,
                           const struct auth_form_field **wrong)
{
    const char *why = NULL;
    *subset = (struct mock_subset){.kind = MOCK_SUBSET_WHOLE};
    for (size_t i = 0; i < params->count && !why; i++) {
        *wrong = &params->fields[i];
        bool is_ours = auth_view_equals((*wrong)->name, "_summary") || auth_view_equals((*wrong)->name, "_elements");
        if (is_ours && (*wrong)->value.n)
            why = mock_subset_take(subset, *wrong);
    }
    return why;
}

/* ---- members ---- */

/* Of an object of a type: what stands in the table of its members, one after the other. */
struct lookup {
    size_t type;
    uint16_t from, end;
};

static struct lookup begin_lookup(size_t type)
{
    return (struct lookup){type, mock_element_types[type].first, mock_element_types[type + 1].first};
}

/* "_status" is looked up as status. True: *element is it. */
static bool look_up(struct lookup *lookup, struct auth_view member, uint16_t *element)
{
    *element = mock_element_find(lookup->type, lookup->from, auth_view_from(member, auth_view_starts(member, "_")));
    if (*element == lookup->end)
        return false;
    lookup->from = *element;
    return true;
}

static void add_member(struct auth_buf *out, struct auth_view name, struct auth_view value)
{
    bool is_first = !auth_buf_ok(out) || out->p[out->n - 1] == '{';
    auth_buf_add_string(out, is_first ? "\"" : ",\"");
    auth_buf_add_view(out, name);
    auth_buf_add_string(out, "\":");
    auth_buf_add_view(out, value);
}

/* The resource's own meta with one tag more. */
static void add_meta(struct auth_buf *out, struct auth_view meta)
{
    static const char subsetted[] =
        "{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}";
    struct auth_view name, value, tags = auth_view_from_string("");
    size_t cursor = 0;
    add_member(out, auth_view_from_string("meta"), auth_view_from_string("{"));
    while (auth_json_raw_next_member(meta, &cursor, &name, &value)) {
        if (auth_view_equals(name, "tag"))
            tags = value;
        else
            add_member(out, name, value);
    }
    add_member(out, auth_view_from_string("tag"), auth_view_from_string("["));
    for (cursor = 0; auth_json_raw_next(tags, &cursor, &value);) {
        auth_buf_add_view(out, value);
        auth_buf_add_char(out, ',');
    }
    auth_buf_add_string(out, subsetted);
    auth_buf_add_string(out, "]}");
}

/* ---- summaries ---- */

static bool has_summary(size_t type)
{
    for (uint16_t i = mock_element_types[type].first; i < mock_element_types[type + 1].first; i++) {
        if (mock_element_mark(i) & MOCK_MARK_SUMMARY)
            return true;
    }
    return false;
}

static bool add_summary(struct auth_buf *out, uint16_t element, struct auth_view value);

/* One that is marked; of what is mandatory the whole, where nothing in it is of a summary. False: nothing of it. */
static bool add_summary_member(struct auth_buf *out, struct auth_view name, uint16_t element, struct auth_view value)
{
    size_t before = out->n;
    add_member(out, name, (struct auth_view){NULL, 0});
    if (add_summary(out, element, value))
        return true;
    out->n = before;
    if (mock_element_mark(element) & MOCK_MARK_MANDATORY)
        add_member(out, name, value);
    return out->n > before;
}

/* An object's members of the summary. False: it has none, and what was written of it is to be taken back. */
static bool add_summary_members(struct auth_buf *out, size_t type, struct auth_view object)
{
    struct lookup lookup = begin_lookup(type);
    struct auth_view name, value;
    size_t cursor = 0;
    uint16_t element;
    bool has_any = false;
    auth_buf_add_char(out, '{');
    while (auth_buf_ok(out) && auth_json_raw_next_member(object, &cursor, &name, &value)) {
        if (look_up(&lookup, name, &element) && mock_element_mark(element))
            has_any = add_summary_member(out, name, element, value) || has_any;
    }
    auth_buf_add_char(out, '}');
    return has_any;
}

static bool add_summary_items(struct auth_buf *out, uint16_t element, struct auth_view array)
{
    struct auth_view item;
    size_t cursor = 0, count = 0;
    auth_buf_add_char(out, '[');
    while (auth_buf_ok(out) && auth_json_raw_next(array, &cursor, &item)) {
        size_t before = out->n;
        auth_buf_add_string(out, count ? "," : "");
        if (add_summary(out, element, item))
            count++;
        else
            out->n = before;
    }
    auth_buf_add_char(out, ']');
    return count > 0;
}

/* A value without what is of no summary. An extension, of which nothing is marked, comes whole where it is wanted at all. */
static bool add_summary(struct auth_buf *out, uint16_t element, struct auth_view value)
{
    int type = mock_elements[element].type;
    bool is_cut = type >= 0 && has_summary((size_t)type) && value.n;
    if (is_cut && value.p[0] == '[')
        return add_summary_items(out, element, value);
    if (is_cut && value.p[0] == '{')
        return add_summary_members(out, (size_t)type, value);
    auth_buf_add_view(out, value);
    return true;
}

/* ---- resources ---- */

/* "value" is also valueQuantity; "_status" goes with status. */
static bool is_it(struct auth_view member, struct auth_view name)
{
    member = auth_view_from(member, auth_view_starts(member, "_"));
    if (!name.n || member.n < name.n || memcmp(member.p, name.p, name.n) != 0)
        return false;
    return member.n == name.n || (member.p[name.n] >= 'A' && member.p[name.n] <= 'Z');
}

static bool is_named(const struct mock_subset *subset, struct auth_view member)
{
    for (size_t i = 0; i < subset->name_count; i++) {
        if (is_it(member, subset->names[i]))
            return true;
    }
    return false;
}

/* One at the top, other than meta. */
static void add_wanted(struct auth_buf *out, const struct mock_subset *subset, struct lookup *lookup,
                       struct auth_view name, struct auth_view value)
{
    uint16_t element;
    unsigned mark = look_up(lookup, name, &element) ? mock_element_mark(element) : 0;
    bool is_mandatory = mark & MOCK_MARK_MANDATORY, is_text = auth_view_equals(name, "text");
    if (subset->kind == MOCK_SUBSET_SUMMARY && mark)
        (void)add_summary_member(out, name, element, value);
    else if (subset->kind == MOCK_SUBSET_DATA ? !is_text : is_mandatory || is_named(subset, name))
        add_member(out, name, value);
}

void mock_subset_write(struct auth_view resource, const struct mock_subset *subset, struct auth_buf *out)
{
    struct auth_view name, value;
    size_t cursor = 0, type = mock_xml_type(resource);
    bool has_meta = false;
    if (type == mock_element_type_count) { /* nobody knows what to leave out */
        auth_buf_add_view(out, resource);
        return;
    }
    struct lookup lookup = begin_lookup(type);
    auth_buf_add_char(out, '{');
    while (auth_buf_ok(out) && auth_json_raw_next_member(resource, &cursor, &name, &value)) {
        bool is_head = auth_view_equals(name, "resourceType") || auth_view_equals(name, "id");
        if (!has_meta && !is_head) { /* where it stands in FHIR's order */
            add_meta(out, mock_raw_member(resource, "meta"));
            has_meta = true;
        }
        if (is_head)
            add_member(out, name, value);
        else if (!auth_view_equals(name, "meta"))
            add_wanted(out, subset, &lookup, name, value);
    }
    if (auth_buf_ok(out) && !has_meta)
        add_meta(out, mock_raw_member(resource, "meta"));
    auth_buf_add_char(out, '}');
}
