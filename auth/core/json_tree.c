/* A text as a tree of values. One block of memory holds a copy of the strings, unescaped in place, and the first nodes; what
 * a big text needs beyond that comes in blocks that double. Nothing moves, and all of it is wiped when it goes. */
#include <stdlib.h>
#include <string.h>

#include "auth/core/json_private.h"

struct auth_json_node {
    struct auth_json_node *next, *first;
    const char *name; /* NULL: an element, or the root */
    const char *text; /* of a string, or a number as written; ends with a NUL, as names do */
    uint32_t name_n, text_n;
    enum auth_json_type type;
    bool is_true;
};

struct block {
    struct block *next;
    size_t count, size;
    struct auth_json_node *nodes; /* right behind this, or behind the tree */
};

struct auth_json {
    struct block *blocks; /* newest first; the last is part of this */
    char *bytes;          /* text_n + 1 */
    size_t text_n;
    struct block first;
};

/* ---- growing ---- */

static struct auth_json_node *new_node(struct auth_json *tree)
{
    struct block *block = tree->blocks;
    if (block->count == block->size) {
        size_t size = block->size * 2;
        block = malloc(sizeof *block + size * sizeof *block->nodes);
        if (!block)
            return NULL;
        *block = (struct block){.next = tree->blocks, .size = size, .nodes = (struct auth_json_node *)(block + 1)};
        tree->blocks = block;
    }
    struct auth_json_node *node = &block->nodes[block->count++];
    *node = (struct auth_json_node){.type = AUTH_JSON_NULL};
    return node;
}

struct auth_json_node *auth_json_tree_add(struct auth_json *tree, struct auth_json_node *parent,
                                          struct auth_json_node *last)
{
    struct auth_json_node *node = new_node(tree);
    *(last ? &last->next : &parent->first) = node;
    return node;
}

/* A string never gets longer by unescaping, and its closing quote leaves a byte for the NUL. */
char *auth_json_tree_bytes(struct auth_json *tree, size_t at)
{
    return tree->bytes + at;
}

void auth_json_tree_name(struct auth_json_node *node, char *bytes, size_t n)
{
    bytes[n] = '\0';
    node->name = bytes;
    node->name_n = (uint32_t)n;
}

void auth_json_tree_string(struct auth_json_node *node, char *bytes, size_t n)
{
    bytes[n] = '\0';
    node->text = bytes;
    node->text_n = (uint32_t)n;
}

void auth_json_tree_number(struct auth_json *tree, struct auth_json_node *node, size_t at, struct auth_view written)
{
    memcpy(tree->bytes + at, written.p, written.n);
    auth_json_tree_string(node, tree->bytes + at, written.n);
}

void auth_json_tree_type(struct auth_json_node *node, char first)
{
    switch (first) {
    case '{':
        node->type = AUTH_JSON_OBJECT;
        break;
    case '[':
        node->type = AUTH_JSON_ARRAY;
        break;
    case '"':
        node->type = AUTH_JSON_STRING;
        break;
    case 't':
    case 'f':
        node->type = AUTH_JSON_BOOL;
        node->is_true = first == 't';
        break;
    case 'n':
        break;
    default:
        node->type = AUTH_JSON_NUMBER;
    }
}

/* ---- life ---- */

static struct auth_json *new_tree(size_t text_n)
{
    /* a value takes some twenty bytes of text; a guess too low costs one allocation more */
    size_t size = text_n / 16 + 4, nodes_n = size * sizeof(struct auth_json_node);
    struct auth_json *tree = malloc(sizeof *tree + nodes_n + text_n + 1);
    if (!tree)
        return NULL;
    tree->first = (struct block){.size = size, .nodes = (struct auth_json_node *)(tree + 1)};
    tree->blocks = &tree->first;
    tree->bytes = (char *)tree->first.nodes + nodes_n;
    tree->text_n = text_n;
    return tree;
}

enum auth_rc auth_json_parse(struct auth_view text, struct auth_json **out, struct auth_err *err)
{
    if (text.n >= UINT32_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "JSON of %zu bytes; less than 4 GiB are read", text.n);
    struct auth_json *tree = new_tree(text.n);
    if (!tree)
        return auth_err_no_memory(err);
    enum auth_rc rc = auth_json_scan(text, tree, new_node(tree), err);
    if (rc == AUTH_OK)
        *out = tree;
    else
        auth_json_free(tree);
    return rc;
}

void auth_json_free(struct auth_json *tree)
{
    if (!tree)
        return;
    auth_wipe(tree->bytes, tree->text_n + 1);
    while (tree->blocks != &tree->first) {
        struct block *block = tree->blocks;
        tree->blocks = block->next;
        free(block);
    }
    free(tree);
}

/* ---- asking ---- */

const struct auth_json_node *auth_json_root(const struct auth_json *tree)
{
    return tree ? tree->first.nodes : NULL;
}

enum auth_json_type auth_json_type(const struct auth_json_node *node)
{
    return node ? node->type : AUTH_JSON_NONE;
}

const char *auth_json_type_text(enum auth_json_type type)
{
    static const char *const texts[] = {
        [AUTH_JSON_NONE] = "missing",     [AUTH_JSON_NULL] = "null",       [AUTH_JSON_BOOL] = "true or false",
        [AUTH_JSON_NUMBER] = "a number",  [AUTH_JSON_STRING] = "a string", [AUTH_JSON_ARRAY] = "an array",
        [AUTH_JSON_OBJECT] = "an object",
    };
    return texts[type];
}

const struct auth_json_node *auth_json_member(const struct auth_json_node *object, const char *name)
{
    if (auth_json_type(object) != AUTH_JSON_OBJECT)
        return NULL;
    size_t n = strlen(name);
    for (const struct auth_json_node *member = object->first; member; member = member->next) {
        if (member->name_n == n && memcmp(member->name, name, n) == 0)
            return member;
    }
    return NULL;
}

const struct auth_json_node *auth_json_first(const struct auth_json_node *container)
{
    return container ? container->first : NULL;
}

const struct auth_json_node *auth_json_next(const struct auth_json_node *node)
{
    return node ? node->next : NULL;
}

struct auth_view auth_json_name(const struct auth_json_node *node)
{
    return node ? auth_view_bytes(node->name, node->name_n) : auth_view_bytes(NULL, 0);
}

struct auth_view auth_json_string(const struct auth_json_node *node)
{
    return auth_json_type(node) == AUTH_JSON_STRING ? auth_view_bytes(node->text, node->text_n)
                                                    : auth_view_bytes(NULL, 0);
}

bool auth_json_double(const struct auth_json_node *node, double *value)
{
    if (auth_json_type(node) != AUTH_JSON_NUMBER)
        return false;
    *value = strtod(node->text, NULL);
    return true;
}

bool auth_json_int(const struct auth_json_node *node, int64_t *value)
{
    static const double max = 9007199254740991.0; /* 2^53 - 1 */
    enum { EXACT_N = 15 };                        /* digits that every double holds */
    double number;
    if (auth_json_type(node) == AUTH_JSON_NUMBER && node->text_n <= EXACT_N &&
        auth_view_int(auth_view_bytes(node->text, node->text_n), value))
        return true;
    if (!auth_json_double(node, &number) || !(number >= -max && number <= max))
        return false;
    int64_t integer = (int64_t)number;
    if ((double)integer < number || (double)integer > number)
        return false;
    *value = integer;
    return true;
}

bool auth_json_bool(const struct auth_json_node *node, bool *value)
{
    if (auth_json_type(node) != AUTH_JSON_BOOL)
        return false;
    *value = node->is_true;
    return true;
}

struct auth_view auth_json_member_string(const struct auth_json_node *object, const char *name)
{
    return auth_json_string(auth_json_member(object, name));
}
