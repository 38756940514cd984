/* A checked text as a tree of values: cJSON's, which nobody else sees. */
#include <string.h>

#include <cjson/cJSON.h>

#include "auth/core/json.h"

/* struct auth_json and struct auth_json_node are cJSON nodes that nobody else can look into. */
static const cJSON *node_of(const struct auth_json_node *node)
{
    return (const cJSON *)(const void *)node;
}

static const struct auth_json_node *wrap(const cJSON *node)
{
    return (const struct auth_json_node *)(const void *)node;
}

enum auth_rc auth_json_parse(struct auth_view text, struct auth_json **out, struct auth_err *err)
{
    enum auth_rc rc = auth_json_check(text, err);
    if (rc != AUTH_OK)
        return rc;
    cJSON *root = cJSON_ParseWithLength(text.p, text.n);
    if (!root)
        return auth_err_no_memory(err); /* the text is known to be JSON */
    *out = (struct auth_json *)(void *)root;
    return AUTH_OK;
}

void auth_json_free(struct auth_json *doc)
{
    cJSON_Delete((cJSON *)(void *)doc);
}

const struct auth_json_node *auth_json_root(const struct auth_json *doc)
{
    return (const struct auth_json_node *)(const void *)doc;
}

enum auth_json_type auth_json_type(const struct auth_json_node *node)
{
    if (!node)
        return AUTH_JSON_NONE;
    switch (node_of(node)->type & 0xff) {
    case cJSON_NULL:
        return AUTH_JSON_NULL;
    case cJSON_Number:
        return AUTH_JSON_NUMBER;
    case cJSON_String:
        return AUTH_JSON_STRING;
    case cJSON_Array:
        return AUTH_JSON_ARRAY;
    case cJSON_Object:
        return AUTH_JSON_OBJECT;
    default:
        return AUTH_JSON_BOOL;
    }
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
    /* cJSON's own look-up would compare every name whole, through two calls each */
    for (const cJSON *member = node_of(object)->child; member; member = member->next) {
        if (member->string[0] == name[0] && strcmp(member->string, name) == 0)
            return wrap(member);
    }
    return NULL;
}

const struct auth_json_node *auth_json_first(const struct auth_json_node *container)
{
    enum auth_json_type type = auth_json_type(container);
    return type == AUTH_JSON_ARRAY || type == AUTH_JSON_OBJECT ? wrap(node_of(container)->child) : NULL;
}

const struct auth_json_node *auth_json_next(const struct auth_json_node *node)
{
    return node ? wrap(node_of(node)->next) : NULL;
}

struct auth_view auth_json_name(const struct auth_json_node *node)
{
    return auth_view_from_string(node ? node_of(node)->string : NULL);
}

struct auth_view auth_json_string(const struct auth_json_node *node)
{
    return auth_view_from_string(auth_json_type(node) == AUTH_JSON_STRING ? node_of(node)->valuestring : NULL);
}

bool auth_json_double(const struct auth_json_node *node, double *value)
{
    if (auth_json_type(node) != AUTH_JSON_NUMBER)
        return false;
    *value = node_of(node)->valuedouble;
    return true;
}

bool auth_json_int(const struct auth_json_node *node, int64_t *value)
{
    static const double max = 9007199254740991.0; /* 2^53 - 1 */
    double number;
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
    *value = cJSON_IsTrue(node_of(node));
    return true;
}

struct auth_view auth_json_member_string(const struct auth_json_node *object, const char *name)
{
    return auth_json_string(auth_json_member(object, name));
}
