/* Rows read strictly: a member that is misspelt would grant what it was to refuse. */
#include "mock_epic/data/access.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *number;
    enum mock_outcome outcome;
} answers[] = {{"4103", MOCK_OUTCOME_4103}, {"4107", MOCK_OUTCOME_4107},   {"4118", MOCK_OUTCOME_4118},
               {"4131", MOCK_OUTCOME_4131}, {"59203", MOCK_OUTCOME_59203}, {"59205", MOCK_OUTCOME_59205_READ}};

void mock_access_clear(struct mock_access *access)
{
    for (size_t i = 0; i < access->doc_count; i++)
        auth_json_free(access->docs[i]);
    free(access->docs);
    free(access->rows);
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
        return (row->has_answer = read_answer(value, row)) ? NULL : "answer is 4103, 4107, 4118, 4131, 59203 or 59205";
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
    if (rc == AUTH_OK) {
        access->docs[access->doc_count++] = doc;
        return AUTH_OK;
    }
    access->count = before;
    auth_json_free(doc);
    return rc;
}

const struct mock_access_row *mock_access_find(const struct mock_access *access, struct auth_view type,
                                               struct auth_view id)
{
    for (size_t i = access ? access->count : 0; i-- > 0;) {
        const struct mock_access_row *row = &access->rows[i];
        if (auth_view_equals_view(row->id, id) && auth_view_equals_view(row->type, type))
            return row;
    }
    return NULL;
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
