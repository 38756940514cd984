#include "mock_epic/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/fhir_types.h"

/* SMART v1 words and what they mean in v2 letters. */
static unsigned letters_of_word(struct auth_view word)
{
    if (auth_view_is(word, "read"))
        return MOCK_READ | MOCK_SEARCH;
    if (auth_view_is(word, "write"))
        return MOCK_CREATE | MOCK_UPDATE | MOCK_DELETE;
    if (auth_view_is(word, "search"))
        return MOCK_SEARCH; /* Epic's own word in its v1 list (E) */
    if (auth_view_is(word, "*"))
        return MOCK_CREATE | MOCK_READ | MOCK_UPDATE | MOCK_DELETE | MOCK_SEARCH;
    return 0;
}

/* "cruds" in this order, at least one; 0 when it is not. */
static unsigned letters_of(struct auth_view text)
{
    static const char order[] = "cruds";
    unsigned letters = 0;
    size_t next = 0;
    for (size_t i = 0; i < text.n; i++) {
        const char *found = text.p[i] ? strchr(order + next, text.p[i]) : NULL;
        if (!found)
            return 0;
        letters |= 1U << (found - order);
        next = (size_t)(found - order) + 1;
    }
    return letters;
}

static bool is_type_name(struct auth_view type)
{
    if (auth_view_is(type, "*"))
        return true;
    for (size_t i = 0; i < type.n; i++) {
        char c = type.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return type.n > 0;
}

static bool read_scope(struct auth_view text, struct mock_scope *scope)
{
    struct auth_view rest = text;
    if (!auth_view_is(auth_view_cut(&rest, '/'), "system"))
        return false;
    struct auth_view filter = rest;
    rest = auth_view_cut(&filter, '?');
    struct auth_view letters = rest;
    scope->text = text;
    scope->type = auth_view_cut(&letters, '.');
    scope->letters = letters_of_word(letters);
    if (!scope->letters)
        scope->letters = letters_of(letters);
    return is_type_name(scope->type) && scope->letters;
}

static size_t word_count(struct auth_view list)
{
    size_t count = 0;
    while (list.n)
        count += auth_view_cut(&list, ' ').n > 0;
    return count;
}

static char *json_of(struct auth_view text)
{
    struct auth_buf out;
    struct auth_jsonw w;
    auth_buf_init(&out, text.n * 6 + 16);
    auth_jsonw_init(&w, &out, AUTH_JSON_COMPACT);
    auth_jsonw_string(&w, text);
    char *json = auth_buf_take(&out, NULL);
    auth_buf_clear(&out);
    return json;
}

enum auth_rc mock_scopes_parse(struct auth_view list, struct mock_scopes *out, struct auth_err *err)
{
    struct mock_scopes scopes = {0};
    size_t count = word_count(list);
    scopes.text = auth_view_dup(list);
    scopes.items = calloc(count ? count : 1, sizeof *scopes.items);
    scopes.views = calloc(count ? count : 1, sizeof *scopes.views);
    memset(out, 0, sizeof *out);
    if (!scopes.text || !scopes.items || !scopes.views) {
        mock_scopes_clear(&scopes);
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory, or a NUL byte in a scope");
    }
    scopes.text_n = list.n;
    struct auth_view rest = auth_view_bytes(scopes.text, list.n);
    while (rest.n) {
        struct auth_view word = auth_view_cut(&rest, ' ');
        if (word.n == 0)
            continue;
        if (!read_scope(word, &scopes.items[scopes.count])) {
            auth_err_set(err, AUTH_E_SYNTAX, "scope \"%.*s\": write system/TYPE.LETTERS, e.g. system/Patient.r",
                         (int)(word.n < 80 ? word.n : 80), word.p);
            mock_scopes_clear(&scopes);
            return AUTH_E_SYNTAX;
        }
        scopes.views[scopes.count++] = word;
    }
    scopes.json = json_of(list);
    if (!scopes.json) {
        mock_scopes_clear(&scopes);
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    }
    *out = scopes;
    return AUTH_OK;
}

enum auth_rc mock_scopes_all(struct mock_scopes *out)
{
    struct auth_buf list;
    auth_buf_init(&list, 64 * 1024);
    for (size_t i = 0; i < mock_fhir_type_count; i++) {
        const struct mock_fhir_type *type = &mock_fhir_types[i];
        auth_buf_addf(&list, "%ssystem/%s.r", list.n ? " " : "", type->name);
        if (type->minimum != MOCK_MINIMUM_NO_SEARCH)
            auth_buf_addf(&list, " system/%s.s", type->name);
    }
    enum auth_rc rc = auth_buf_check(&list, NULL);
    if (rc == AUTH_OK)
        rc = mock_scopes_parse(auth_buf_view(&list), out, NULL);
    auth_buf_clear(&list);
    return rc;
}

void mock_scopes_clear(struct mock_scopes *scopes)
{
    free(scopes->text);
    free(scopes->json);
    free(scopes->items);
    free(scopes->views);
    memset(scopes, 0, sizeof *scopes);
}

bool mock_scopes_allow(const struct mock_scopes *scopes, struct auth_view type, enum mock_interaction what)
{
    for (size_t i = 0; i < scopes->count; i++) {
        const struct mock_scope *scope = &scopes->items[i];
        if ((scope->letters & (unsigned)what) && (auth_view_is(scope->type, "*") || auth_view_equal(scope->type, type)))
            return true;
    }
    return false;
}
