/* Rows read strictly: a member that is misspelt would grant what it was to refuse. */
#include "mock_epic/data/access.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "mock_epic/data/text_hash.h"

static const struct {
    const char *number;
    enum mock_outcome outcome;
} answers[] = {{"4103", MOCK_OUTCOME_4103},       {"4107", MOCK_OUTCOME_4107}, {"4118", MOCK_OUTCOME_4118},
               {"4130", MOCK_OUTCOME_4130},       {"4131", MOCK_OUTCOME_4131}, {"59203", MOCK_OUTCOME_59203},
               {"59205", MOCK_OUTCOME_59205_READ}};

void mock_access_clear(struct mock_access *access)
{
    for (size_t i = 0; i < access->doc_count; i++)
        auth_json_free(access->docs[i]);
    free(access->docs);
    free(access->rows);
    free(access->slots);
    memset(access, 0, sizeof *access);
}

static bool read_answer(struct auth_view number, struct mock_access_row *row)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (auth_view_equals(number, answers[i].number)) {
            row->answer = answers[i].outcome;
            return true;
        }
    }
    return false;
}

/* What is wrong with a row, or NULL. */
static const char *read_member(const struct auth_json_node *member, struct mock_access_row *row)
{
    struct auth_view name = auth_json_name(member), value = auth_json_string(member);
    bool shown;
    if (auth_view_equals(name, "search"))
        return (row->is_hidden = auth_json_bool(member, &shown) && !shown) ? NULL : "search can only be false";
    if (auth_json_type(member) != AUTH_JSON_STRING)
        return "all members but search are strings";
    if (auth_view_equals(name, "type"))
        row->type = value;
    else if (auth_view_equals(name, "id"))
        row->id = value;
    else if (auth_view_equals(name, "to"))
        row->to = value;
    else if (auth_view_equals(name, "subtype"))
        row->subtype = value;
    else if (auth_view_equals(name, "answer"))
        return (row->has_answer = read_answer(value, row)) ? NULL
                                                           : "answer is 4103, 4107, 4118, 4130, 4131, 59203 or 59205";
    else
        return "a member that is not type, id, answer, to, subtype or search";
    return NULL;
}

static const char *read_row(const struct auth_json_node *object, struct mock_access_row *row)
{
    const char *what = auth_json_type(object) == AUTH_JSON_OBJECT ? NULL : "it is no object";
    *row = (struct mock_access_row){.has_answer = false};
    for (const struct auth_json_node *member = auth_json_first(object); member && !what;
         member = auth_json_next(member))
        what = read_member(member, row);
    if (!what && (!row->type.n || !row->id.n))
        what = "type and id are needed";
    if (!what && row->has_answer && row->answer == MOCK_OUTCOME_4107 && !row->to.n)
        what = "4107 needs to, the patient that it was merged into";
    return what;
}

static enum auth_rc add_row(struct mock_access *access, const struct mock_access_row *row)
{
    if (access->count == MOCK_ACCESS_MAX)
        return AUTH_E_TOO_BIG;
    struct mock_access_row *rows = auth_array_fit(access->rows, access->count, &access->size, sizeof *rows);
    if (!rows)
        return AUTH_E_NOMEM;
    access->rows = rows;
    access->rows[access->count++] = *row;
    return AUTH_OK;
}

static enum auth_rc add_rows(struct mock_access *access, const struct auth_json_node *array, struct auth_err *err)
{
    size_t number = 1;
    if (auth_json_type(array) != AUTH_JSON_ARRAY)
        return auth_err_set(err, AUTH_E_SYNTAX, "access.json is an array of rows");
    for (const struct auth_json_node *item = auth_json_first(array); item; item = auth_json_next(item), number++) {
        struct mock_access_row row;
        const char *what = read_row(item, &row);
        if (what)
            return auth_err_set(err, AUTH_E_SYNTAX, "row %zu: %s", number, what);
        enum auth_rc rc = add_row(access, &row);
        if (rc != AUTH_OK)
            return auth_err_set(err, rc, rc == AUTH_E_NOMEM ? "out of memory" : "too many rows");
    }
    return AUTH_OK;
}

/* ---- finding ---- */

/* The slot of a resource, or the empty one where it would be. */
static uint32_t *slot_of(const struct mock_access *access, uint32_t *slots, size_t size, struct auth_view type,
                         struct auth_view id)
{
    size_t at = (size_t)mock_text_hash(mock_text_hash(MOCK_TEXT_HASH_START, type), id) & (size - 1);
    for (; slots[at]; at = (at + 1) & (size - 1)) {
        const struct mock_access_row *row = &access->rows[slots[at] - 1];
        if (auth_view_equals_view(row->id, id) && auth_view_equals_view(row->type, type))
            break;
    }
    return &slots[at];
}

/* Of all rows anew: they are few, and seldom more. */
static bool index_rows(struct mock_access *access)
{
    static atomic_ullong last_version;
    size_t size = 16;
    while (size < access->count * 2)
        size *= 2;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < access->count; i++)
        *slot_of(access, slots, size, access->rows[i].type, access->rows[i].id) = (uint32_t)i + 1;
    free(access->slots);
    access->slots = slots;
    access->slots_size = size;
    access->version = atomic_fetch_add(&last_version, 1) + 1;
    return true;
}

enum auth_rc mock_access_add(struct mock_access *access, struct auth_view json, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    size_t before = access->count;
    struct auth_json **docs = realloc(access->docs, (access->doc_count + 1) * sizeof(struct auth_json *));
    if (!docs)
        return auth_err_no_memory(err);
    access->docs = docs;
    enum auth_rc rc = auth_json_parse(auth_view_trim(json), &doc, err);
    if (rc == AUTH_OK)
        rc = add_rows(access, auth_json_root(doc), err);
    if (rc == AUTH_OK && !index_rows(access))
        rc = auth_err_no_memory(err);
    if (rc == AUTH_OK) {
        access->docs[access->doc_count++] = doc;
        return AUTH_OK;
    }
    access->count = before;
    auth_json_free(doc);
    return rc;
}

enum auth_rc mock_access_copy(const struct mock_access *from, struct mock_access *to)
{
    if (!from->count)
        return AUTH_OK;
    to->rows = malloc(from->count * sizeof *to->rows);
    if (!to->rows)
        return AUTH_E_NOMEM;
    memcpy(to->rows, from->rows, from->count * sizeof *to->rows);
    to->count = to->size = from->count;
    return index_rows(to) ? AUTH_OK : AUTH_E_NOMEM;
}

const struct mock_access_row *mock_access_find(const struct mock_access *access, struct auth_view type,
                                               struct auth_view id)
{
    if (!access || !access->slots)
        return NULL;
    uint32_t number = *slot_of(access, access->slots, access->slots_size, type, id);
    return number ? &access->rows[number - 1] : NULL;
}

static void write_row(const struct mock_access_row *row, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "type", row->type);
    auth_json_write_member(w, "id", row->id);
    for (size_t i = 0; row->has_answer && i < sizeof answers / sizeof *answers; i++) {
        if (answers[i].outcome == row->answer)
            auth_json_write_member_text(w, "answer", answers[i].number);
    }
    if (row->to.n)
        auth_json_write_member(w, "to", row->to);
    if (row->subtype.n)
        auth_json_write_member(w, "subtype", row->subtype);
    if (row->is_hidden)
        auth_json_write_member_bool(w, "search", false);
    auth_json_write_end_object(w);
}

void mock_access_write(const struct mock_access *access, struct auth_json_writer *w)
{
    auth_json_write_array(w);
    for (size_t i = 0; i < access->count; i++)
        write_row(&access->rows[i], w);
    auth_json_write_end_array(w);
}

/* ---- an instance's own ---- */

struct mock_access_set {
    atomic_uint references;
    struct mock_access access;
};

enum auth_rc mock_access_set_new(struct auth_view json, struct mock_access_set **out, struct auth_err *err)
{
    struct mock_access_set *set = calloc(1, sizeof *set);
    if (!set)
        return auth_err_no_memory(err);
    atomic_init(&set->references, 1);
    enum auth_rc rc = mock_access_add(&set->access, json, err);
    if (rc == AUTH_OK)
        *out = set;
    else
        mock_access_set_release(set);
    return rc;
}

struct mock_access_set *mock_access_set_hold(struct mock_access_set *set)
{
    if (set)
        atomic_fetch_add(&set->references, 1);
    return set;
}

void mock_access_set_release(struct mock_access_set *set)
{
    if (!set || atomic_fetch_sub(&set->references, 1) > 1)
        return;
    mock_access_clear(&set->access);
    free(set);
}

const struct mock_access *mock_access_of(const struct mock_access_set *set)
{
    return &set->access;
}
