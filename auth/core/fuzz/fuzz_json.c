/* JSON: what is accepted must mean the same to everybody who reads it again.
 *   - minified, it is accepted still, and minifying that changes nothing
 *   - walking the raw text finds exactly the members and elements of the tree, in the same order
 *   - every string of the tree, written by our writer, is read back as the same bytes */
#include <string.h>

#include "auth/core/fuzz/must.h"
#include "auth/core/json.h"
#include "auth/core/text.h"

enum { TEXT_MAX = 1 << 22 };

static void check_minified(struct auth_view text)
{
    struct auth_buf once, twice;
    auth_buf_init(&once, TEXT_MAX);
    auth_buf_init(&twice, TEXT_MAX);
    auth_json_raw_minify(&once, text);
    MUST(auth_buf_ok(&once) && once.n <= text.n);
    MUST(auth_json_check(auth_buf_view(&once), NULL) == AUTH_OK);
    auth_json_raw_minify(&twice, auth_buf_view(&once));
    MUST(auth_view_equals_view(auth_buf_view(&once), auth_buf_view(&twice)));
    auth_buf_clear(&once);
    auth_buf_clear(&twice);
}

static void check_string(struct auth_view value)
{
    struct auth_buf text;
    struct auth_json_writer w;
    struct auth_json *doc = NULL;
    MUST(auth_text_is_utf8(value));
    auth_buf_init(&text, TEXT_MAX);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    auth_json_write_string(&w, value);
    MUST(auth_json_parse(auth_buf_view(&text), &doc, NULL) == AUTH_OK);
    MUST(auth_view_equals_view(auth_json_string(auth_json_root(doc)), value));
    auth_json_free(doc);
    auth_buf_clear(&text);
}

static void check_node(const struct auth_json_node *node, struct auth_view raw);

/* The raw walk and the tree must agree on how many there are, and one by one. */
static void check_children(const struct auth_json_node *node, struct auth_view raw, bool is_object)
{
    size_t cursor = 0;
    struct auth_view name = {NULL, 0}, value;
    const struct auth_json_node *child = auth_json_first(node);
    while (is_object ? auth_json_raw_next_member(raw, &cursor, &name, &value)
                     : auth_json_raw_next(raw, &cursor, &value)) {
        MUST(child);
        if (is_object && auth_view_find(name, '\\') == name.n)
            MUST(auth_view_equals_view(name, auth_json_name(child)));
        check_node(child, value);
        child = auth_json_next(child);
    }
    MUST(!child);
}

static void check_node(const struct auth_json_node *node, struct auth_view raw)
{
    int64_t integer;
    double number;
    bool truth;
    enum auth_json_type type = auth_json_type(node);
    MUST(type != AUTH_JSON_NONE && auth_json_check(raw, NULL) == AUTH_OK);
    if (type == AUTH_JSON_STRING)
        check_string(auth_json_string(node));
    if (type == AUTH_JSON_ARRAY || type == AUTH_JSON_OBJECT)
        check_children(node, raw, type == AUTH_JSON_OBJECT);
    MUST(auth_json_double(node, &number) == (type == AUTH_JSON_NUMBER));
    MUST(auth_json_bool(node, &truth) == (type == AUTH_JSON_BOOL));
    if (auth_json_int(node, &integer))
        MUST((double)integer == number);
}

/* Each member is found by its name: names are unique and compared exactly. */
static void check_members(const struct auth_json_node *root)
{
    for (const struct auth_json_node *node = auth_json_first(root); node; node = auth_json_next(node)) {
        char *name = auth_json_type(root) == AUTH_JSON_OBJECT ? auth_view_dup(auth_json_name(node)) : NULL;
        if (name)
            MUST(auth_json_member(root, name) == node);
        free(name);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view text = auth_view_bytes(data, n);
    struct auth_json *doc = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = auth_json_check(text, &err);
    MUST((rc == AUTH_OK) == (err.detail[0] == '\0'));
    MUST(auth_json_parse(text, &doc, NULL) == rc);
    if (rc == AUTH_OK) {
        check_node(auth_json_root(doc), auth_view_trim(text));
        check_members(auth_json_root(doc));
        check_minified(text);
    }
    auth_json_free(doc);
    return 0;
}
