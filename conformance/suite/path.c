/* Walks a document, one part of the path after the other. */
#include "conformance/suite/path.h"

static int64_t count_of(const struct auth_json_node *array)
{
    int64_t count = 0;
    for (const struct auth_json_node *e = auth_json_first(array); e; e = auth_json_next(e))
        count++;
    return count;
}

static const struct auth_json_node *element(const struct auth_json_node *array, int64_t index)
{
    const struct auth_json_node *e = auth_json_first(array);
    for (index += index < 0 ? count_of(array) : 0; e && index > 0; index--)
        e = auth_json_next(e);
    return index < 0 ? NULL : e;
}

static const struct auth_json_node *member(const struct auth_json_node *object, struct auth_view name)
{
    const struct auth_json_node *m = auth_json_first(object);
    while (m && !auth_view_equals_view(auth_json_name(m), name))
        m = auth_json_next(m);
    return m;
}

/* The first element with a member of that name and value. */
static const struct auth_json_node *chosen(const struct auth_json_node *array, struct auth_view condition)
{
    struct auth_view value = condition, name = auth_view_split(&value, '=');
    const struct auth_json_node *e = auth_json_first(array);
    while (e && !auth_view_equals_view(auth_json_string(member(e, name)), value))
        e = auth_json_next(e);
    return e;
}

/* Up to the next dot that stands in no brackets. */
static struct auth_view next_part(struct auth_view *path)
{
    size_t n = 0;
    for (bool is_inside = false; n < path->n && (is_inside || path->p[n] != '.'); n++)
        is_inside = path->p[n] == '[' || (is_inside && path->p[n] != ']');
    struct auth_view part = auth_view_bytes(path->p, n);
    *path = auth_view_from(*path, n < path->n ? n + 1 : n);
    return part;
}

const struct auth_json_node *conf_path_find(const struct auth_json_node *root, struct auth_view path, int64_t *count)
{
    const struct auth_json_node *node = root;
    *count = -1;
    while (path.n && node) {
        struct auth_view condition = next_part(&path), name = auth_view_split(&condition, '[');
        int64_t index;
        if (auth_view_equals(name, "#")) {
            *count = count_of(node);
            return NULL;
        }
        if (auth_json_type(node) == AUTH_JSON_ARRAY)
            node = auth_view_int(name, &index) ? element(node, index) : NULL;
        else
            node = member(node, name);
        if (auth_view_ends(condition, "]"))
            node = chosen(node, auth_view_bytes(condition.p, condition.n - 1));
    }
    return node;
}

bool conf_path_text(const struct auth_json_node *root, struct auth_view path, struct auth_buf *text)
{
    int64_t number;
    const struct auth_json_node *node = conf_path_find(root, path, &number);
    if (auth_json_type(node) == AUTH_JSON_STRING)
        auth_buf_add_view(text, auth_json_string(node));
    else if (number >= 0 || auth_json_int(node, &number))
        auth_buf_add_int(text, number);
    else
        return false;
    return auth_buf_ok(text);
}
