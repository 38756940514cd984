/* Scopes of an app as a list, as text and as JSON. */
#include "mock_epic/epic/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"

enum { LIST_MAX = 64 * 1024, WRITING = MOCK_CREATE | MOCK_UPDATE | MOCK_DELETE };

static size_t word_count(struct auth_view list)
{
    size_t count = 0;
    while (list.n)
        count += auth_view_split(&list, ' ').n > 0;
    return count;
}

/* ---- Epic's form: one entry for reading, one for searching, one for all writing ---- */

static void add_entry(struct auth_buf *out, const struct auth_scope *scope, unsigned letters)
{
    char text[AUTH_SCOPE_LETTERS_N + 1];
    if (!letters)
        return;
    auth_buf_add_view(out, scope->context);
    auth_buf_add_char(out, '/');
    auth_buf_add_view(out, scope->type);
    auth_buf_add_char(out, '.');
    auth_buf_add_view(out, auth_scope_letters_text(letters, text));
    auth_buf_add_char(out, ' ');
}

static enum auth_rc split_entries(struct auth_view list, struct auth_buf *out, struct auth_err *err)
{
    struct auth_scope scope;
    while (list.n) {
        struct auth_view word = auth_view_split(&list, ' ');
        if (word.n == 0)
            continue;
        if (!auth_scope_read(word, &scope) || !auth_view_equals(scope.context, "system")) {
            const char *mark = auth_text_cut(&word, 80);
            return auth_err_set(
                err, AUTH_E_SYNTAX,
                "scope \"%.*s%s\": write system/TYPE.LETTERS, e.g. system/Patient.r, or system/TYPE.read", (int)word.n,
                word.p, mark);
        }
        if (scope.filter.n) {
            auth_buf_add_view(out, word);
            auth_buf_add_char(out, ' ');
            continue;
        }
        add_entry(out, &scope, scope.letters & MOCK_READ);
        add_entry(out, &scope, scope.letters & MOCK_SEARCH);
        add_entry(out, &scope, scope.letters & WRITING);
    }
    return auth_buf_check(out, err);
}

static int by_text(const void *a, const void *b)
{
    const struct auth_view *x = a, *y = b;
    int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

/* Sort the words of a list and drop what is there twice. */
static enum auth_rc sort_entries(struct auth_view list, struct auth_buf *out, struct auth_err *err)
{
    size_t count = 0;
    struct auth_view *words = calloc(word_count(list) + 1, sizeof *words);
    if (!words)
        return auth_err_no_memory(err);
    while (list.n) {
        words[count] = auth_view_split(&list, ' ');
        count += words[count].n > 0;
    }
    if (count)
        qsort(words, count, sizeof *words, by_text);
    for (size_t i = 0; i < count; i++) {
        if (i && auth_view_equals_view(words[i], words[i - 1]))
            continue;
        auth_buf_add_string(out, out->n ? " " : "");
        auth_buf_add_view(out, words[i]);
    }
    free(words);
    return auth_buf_check(out, err);
}

/* ---- how it is shown ---- */

/* Epic's v1 list has one word for reading and searching, and one for writing; filters have no spelling there. */
static void write_v1(const struct mock_scopes *scopes, struct auth_buf *out)
{
    for (size_t i = 0; i < scopes->count;) {
        const struct auth_scope *first = &scopes->items[i];
        unsigned letters = 0;
        for (; i < scopes->count && auth_view_equals_view(scopes->items[i].type, first->type); i++)
            letters |= scopes->items[i].letters;
        for (int writes = 0; writes < 2; writes++) {
            if (letters & (writes ? WRITING : MOCK_READ | MOCK_SEARCH))
                auth_buf_addf(out, "%ssystem/%.*s.%s", out->n ? " " : "", (int)first->type.n, first->type.p,
                              writes ? "write" : "read");
        }
    }
}

static enum auth_rc make_json(struct mock_scopes *scopes, struct auth_err *err)
{
    struct auth_buf shown, json;
    struct auth_json_writer w;
    auth_buf_init(&shown, LIST_MAX);
    auth_buf_init(&json, 2 * LIST_MAX);
    if (scopes->version == MOCK_SCOPES_V1)
        write_v1(scopes, &shown);
    else
        auth_buf_add_string(&shown, scopes->text);
    auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
    auth_json_write_string(&w, auth_buf_view(&shown));
    enum auth_rc rc = auth_buf_check(&shown, err);
    scopes->json = rc == AUTH_OK ? auth_buf_take(&json, NULL) : NULL;
    auth_buf_clear(&shown);
    auth_buf_clear(&json);
    return scopes->json ? AUTH_OK : auth_err_set(err, AUTH_E_NOMEM, "out of memory, or too many scopes");
}

void mock_scopes_write(const struct mock_scopes *scopes, enum mock_scopes_version unsaid, struct auth_json_writer *w)
{
    struct auth_buf shown;
    if (scopes->version != MOCK_SCOPES_UNSAID || unsaid != MOCK_SCOPES_V1) {
        auth_json_write_member_raw(w, "scope", auth_view_from_string(scopes->json));
        return;
    }
    auth_buf_init(&shown, LIST_MAX);
    write_v1(scopes, &shown);
    auth_json_write_member_buf(w, "scope", &shown);
    auth_buf_clear(&shown);
}

static const struct auth_view any_type = {"*", 1};

/* What a request asks of scopes is worked out once, when they are read. */
static void allow(struct mock_scopes *scopes, const struct auth_scope *scope)
{
    size_t own = mock_fhir_type_find(scope->type);
    bool is_any = auth_view_equals_view(scope->type, any_type);
    for (size_t i = is_any ? 0 : own; i < (is_any ? mock_fhir_type_count : own + (own < mock_fhir_type_count)); i++)
        scopes->allowed[i] |= (unsigned char)scope->letters;
    scopes->is_narrowed = scopes->is_narrowed || scope->filter.n;
}

static enum auth_rc make_items(struct mock_scopes *scopes, struct auth_err *err)
{
    struct auth_view rest = auth_view_from_string(scopes->text);
    scopes->items = calloc(word_count(rest) + 1, sizeof *scopes->items);
    if (!scopes->items)
        return auth_err_no_memory(err);
    while (rest.n) {
        struct auth_scope *scope = &scopes->items[scopes->count++];
        if (!auth_scope_read(auth_view_split(&rest, ' '), scope))
            return auth_err_set(err, AUTH_E_INTERNAL, "a scope that was read before cannot be read again");
        allow(scopes, scope);
    }
    return AUTH_OK;
}

enum auth_rc mock_scopes_parse(struct auth_view list, enum mock_scopes_version version, struct mock_scopes *out,
                               struct auth_err *err)
{
    struct auth_buf split, sorted;
    auth_buf_init(&split, LIST_MAX);
    auth_buf_init(&sorted, LIST_MAX);
    *out = (struct mock_scopes){.version = version};
    enum auth_rc rc = split_entries(list, &split, err);
    if (rc == AUTH_OK)
        rc = sort_entries(auth_buf_view(&split), &sorted, err);
    if (rc == AUTH_OK) {
        out->text = auth_buf_take(&sorted, NULL);
        rc = out->text ? make_items(out, err) : auth_err_no_memory(err);
    }
    if (rc == AUTH_OK)
        rc = make_json(out, err);
    if (rc != AUTH_OK)
        mock_scopes_clear(out);
    auth_buf_clear(&split);
    auth_buf_clear(&sorted);
    return rc;
}

enum auth_rc mock_scopes_all(enum mock_scopes_version version, struct mock_scopes *out)
{
    struct auth_buf list;
    auth_buf_init(&list, LIST_MAX);
    for (size_t i = 0; i < mock_fhir_type_count; i++) {
        const struct mock_fhir_type *type = &mock_fhir_types[i];
        auth_buf_addf(&list, "system/%s.%s ", type->name, type->can & MOCK_CAN_SEARCH ? "rs" : "r");
    }
    enum auth_rc rc = auth_buf_check(&list, NULL);
    if (rc == AUTH_OK)
        rc = mock_scopes_parse(auth_buf_view(&list), version, out, NULL);
    auth_buf_clear(&list);
    return rc;
}

void mock_scopes_clear(struct mock_scopes *scopes)
{
    free(scopes->text);
    free(scopes->json);
    free(scopes->items);
    memset(scopes, 0, sizeof *scopes);
}

/* ---- asking ---- */

static bool is_of_type(const struct mock_scopes *scopes, size_t at, struct auth_view type)
{
    return at < scopes->count && auth_view_equals_view(scopes->items[at].type, type);
}

/* Where the entries of a type are, if there are any: sorted by their text they are sorted by type, since the point behind it
 * comes before all that a type is made of. Those for all types, "*", are the first. */
static size_t first_of(const struct mock_scopes *scopes, struct auth_view type)
{
    size_t low = 0, high = scopes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_text(&scopes->items[middle].type, &type) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool mock_scopes_allow(const struct mock_scopes *scopes, const struct mock_fhir_type *type, enum mock_interaction what)
{
    return scopes->allowed[type - mock_fhir_types] & (unsigned)what;
}

/* The code at the end of "category=system|code". */
static struct auth_view code_of(struct auth_view filter)
{
    static const char name[] = "category=";
    if (!auth_view_starts(filter, name))
        return auth_view_from_string("");
    struct auth_view rest = auth_view_from(filter, sizeof name - 1), code = rest;
    while (rest.n) {
        (void)auth_view_split(&rest, '|');
        code = rest.n ? rest : code;
    }
    return code;
}

/* Add the categories of the type's entries from `at` on. False: one of them has no filter, so the whole type is granted. */
static bool add_categories(const struct mock_scopes *scopes, size_t at, struct auth_view type,
                           enum mock_interaction what, struct auth_view *codes, size_t room, size_t *count)
{
    for (; is_of_type(scopes, at, type); at++) {
        const struct auth_scope *scope = &scopes->items[at];
        if (!(scope->letters & (unsigned)what))
            continue;
        if (!scope->filter.n)
            return false;
        if (*count < room)
            codes[(*count)++] = code_of(scope->filter);
    }
    return true;
}

size_t mock_scopes_categories(const struct mock_scopes *scopes, const struct mock_fhir_type *type,
                              enum mock_interaction what, struct auth_view *codes, size_t room)
{
    size_t count = 0;
    struct auth_view name = auth_view_from_string(type->name);
    if (!scopes->is_narrowed)
        return 0;
    bool is_narrowed = add_categories(scopes, 0, any_type, what, codes, room, &count) &&
                       add_categories(scopes, first_of(scopes, name), name, what, codes, room, &count);
    return is_narrowed ? count : 0;
}
