/* GET /mock/openapi.json: the table of calls as OpenAPI 3.1. */
#include "mock_epic/admin/handlers.h"

#include <string.h>

#include "auth/core/version.h"
#include "mock_epic/admin/routes.h"

/* ---- what a member takes, as JSON Schema ---- */

static void write_range(struct auth_json_writer *w, const char *least, const char *most,
                        const struct mock_member *member)
{
    enum { EXACT_IN_JSON_BITS = 53 };
    const int64_t exact = (int64_t)1 << EXACT_IN_JSON_BITS;
    if (member->min > -exact)
        auth_json_write_member_int(w, least, member->min);
    if (member->max < exact)
        auth_json_write_member_int(w, most, member->max);
}

static void write_types(struct auth_json_writer *w, const char *one, const char *other)
{
    auth_json_write_key(w, "type");
    auth_json_write_array(w);
    auth_json_write_string(w, auth_view_from_string(one));
    auth_json_write_string(w, auth_view_from_string(other));
    auth_json_write_end_array(w);
}

static void write_type(struct auth_json_writer *w, const struct mock_member *member)
{
    switch (member->type) {
    case MOCK_MEMBER_STRING:
        auth_json_write_member_text(w, "type", "string");
        write_range(w, "minLength", "maxLength", member);
        break;
    case MOCK_MEMBER_INT:
        auth_json_write_member_text(w, "type", "integer");
        write_range(w, "minimum", "maximum", member);
        break;
    case MOCK_MEMBER_NUMBER:
        auth_json_write_member_text(w, "type", "number");
        write_range(w, "minimum", "maximum", member);
        break;
    case MOCK_MEMBER_BOOL:
        auth_json_write_member_text(w, "type", "boolean");
        break;
    case MOCK_MEMBER_TIME:
        write_types(w, "integer", "string");
        break;
    case MOCK_MEMBER_STRINGS:
        auth_json_write_member_text(w, "type", "array");
        auth_json_write_member_raw(w, "items", auth_view_from_string("{\"type\":\"string\"}"));
        auth_json_write_member_int(w, "maxItems", member->max);
        break;
    case MOCK_MEMBER_JSON:
        write_types(w, "object", "string");
        break;
    case MOCK_MEMBER_SHOWN:
        auth_json_write_member_bool(w, "readOnly", true);
        break;
    case MOCK_MEMBER_ANY:
        break;
    }
}

static void write_schema(struct auth_json_writer *w, const struct mock_member *member)
{
    auth_json_write_object(w);
    write_type(w, member);
    if (member->meaning)
        auth_json_write_member_text(w, "description", member->meaning);
    auth_json_write_end_object(w);
}

static void write_required(struct auth_json_writer *w, const struct mock_admin_members *members)
{
    bool has_one = false;
    for (size_t i = 0; i < members->count; i++)
        has_one = has_one || members->rows[i].is_required;
    if (!has_one)
        return;
    auth_json_write_key(w, "required");
    auth_json_write_array(w);
    for (size_t i = 0; i < members->count; i++) {
        if (members->rows[i].is_required)
            auth_json_write_string(w, auth_view_from_string(members->rows[i].name));
    }
    auth_json_write_end_array(w);
}

/* A member that is not there is refused. */
static void write_object_schema(struct auth_json_writer *w, const struct mock_admin_members *members)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "type", "object");
    auth_json_write_member_bool(w, "additionalProperties", false);
    write_required(w, members);
    auth_json_write_key(w, "properties");
    auth_json_write_object(w);
    for (size_t i = 0; i < members->count; i++) {
        auth_json_write_key(w, members->rows[i].name);
        write_schema(w, &members->rows[i]);
    }
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
}

/* ---- a call ---- */

static void write_parameter(struct auth_json_writer *w, const char *in, struct auth_view name, bool is_required,
                            const struct mock_member *member)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "name", name);
    auth_json_write_member_text(w, "in", in);
    auth_json_write_member_bool(w, "required", is_required);
    auth_json_write_key(w, "schema");
    if (member)
        write_schema(w, member);
    else
        auth_json_write_raw(w, auth_view_from_string("{\"type\":\"string\"}"));
    auth_json_write_end_object(w);
}

static void write_parameters(struct auth_json_writer *w, const struct mock_admin_route *route)
{
    size_t at = strcspn(route->path, "{"), n = strlen(route->path);
    const struct mock_admin_members *query = route->parameters;
    if (at == n && !query)
        return;
    auth_json_write_key(w, "parameters");
    auth_json_write_array(w);
    if (at < n)
        write_parameter(w, "path", auth_view_bytes(route->path + at + 1, n - at - 2), true, NULL);
    for (size_t i = 0; query && i < query->count; i++)
        write_parameter(w, "query", auth_view_from_string(query->rows[i].name), false, &query->rows[i]);
    auth_json_write_end_array(w);
}

static void write_body(struct auth_json_writer *w, const struct mock_admin_route *route)
{
    if (route->body == MOCK_ADMIN_NO_BODY)
        return;
    auth_json_write_key(w, "requestBody");
    auth_json_write_object(w);
    auth_json_write_member_bool(w, "required", route->body != MOCK_ADMIN_MAYBE_JSON);
    auth_json_write_key(w, "content");
    auth_json_write_object(w);
    auth_json_write_key(w, route->body == MOCK_ADMIN_TEXT ? "text/plain" : "application/json");
    auth_json_write_object(w);
    auth_json_write_key(w, "schema");
    if (route->members)
        write_object_schema(w, route->members);
    else
        auth_json_write_raw(w, auth_view_from_string(route->body == MOCK_ADMIN_TEXT
                                                         ? "{\"type\":\"string\"}"
                                                         : "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"));
    if (route->example)
        auth_json_write_member_raw(w, "example", auth_view_from_string(route->example));
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
}

/* "post_mock_tokens_age": the method and the words of the path. */
static void write_operation_id(struct auth_json_writer *w, const struct mock_admin_route *route)
{
    struct auth_buf id;
    auth_buf_init(&id, 128);
    for (const char *c = route->method; *c; c++)
        auth_buf_add_char(&id, (char)(*c - 'A' + 'a'));
    for (const char *c = route->path; *c; c++) {
        if (*c != '{' && *c != '}')
            auth_buf_add_char(&id, *c == '/' || *c == '.' ? '_' : *c);
    }
    auth_json_write_member_buf(w, "operationId", &id);
    auth_buf_clear(&id);
}

static void write_responses(struct auth_json_writer *w, const struct mock_admin_route *route)
{
    const char status[] = {(char)('0' + route->status / 100), (char)('0' + route->status / 10 % 10),
                           (char)('0' + route->status % 10), '\0'};
    auth_json_write_key(w, "responses");
    auth_json_write_object(w);
    auth_json_write_key(w, status);
    if (route->status == 204)
        auth_json_write_raw(w, auth_view_from_string("{\"description\":\"done\"}"));
    else
        auth_json_write_raw(w,
                            auth_view_from_string("{\"description\":\"done\",\"content\":{\"application/json\":{}}}"));
    auth_json_write_member_raw(w, "default", auth_view_from_string("{\"$ref\":\"#/components/responses/Refused\"}"));
    auth_json_write_end_object(w);
}

static void write_operation(struct auth_json_writer *w, const struct mock_admin_route *route)
{
    static const char *const names[][2] = {{"GET", "get"}, {"POST", "post"}, {"PUT", "put"}, {"DELETE", "delete"}};
    size_t i = 0;
    while (strcmp(names[i][0], route->method) != 0)
        i++;
    auth_json_write_key(w, names[i][1]);
    auth_json_write_object(w);
    write_operation_id(w, route);
    auth_json_write_member_text(w, "summary", route->about);
    write_parameters(w, route);
    write_body(w, route);
    write_responses(w, route);
    auth_json_write_end_object(w);
}

/* ---- the document ---- */

/* Rows of one path stand together in the table. */
static void write_paths(struct auth_json_writer *w)
{
    size_t count;
    const struct mock_admin_route *routes = mock_admin_routes(&count);
    auth_json_write_key(w, "paths");
    auth_json_write_object(w);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(routes[i].path, routes[i - 1].path) != 0) {
            auth_json_write_key(w, routes[i].path);
            auth_json_write_object(w);
        }
        write_operation(w, &routes[i]);
        if (i + 1 == count || strcmp(routes[i].path, routes[i + 1].path) != 0)
            auth_json_write_end_object(w);
    }
    auth_json_write_end_object(w);
}

static const char components[] =
    "{\"responses\":{\"Refused\":{\"description\":\"refused, and why\",\"content\":{\"application/json\":{\"schema\":"
    "{\"type\":\"object\",\"required\":[\"error\",\"message\"],\"properties\":{\"error\":{\"type\":\"string\"},"
    "\"message\":{\"type\":\"string\"}}}}}}},"
    "\"securitySchemes\":{\"adminToken\":{\"type\":\"http\",\"scheme\":\"bearer\","
    "\"description\":\"only where the server was started with one\"}}}";

void mock_admin_get_openapi(struct mock_admin_call *call)
{
    struct auth_json_writer *w = &call->w;
    auth_json_write_object(w);
    auth_json_write_member_text(w, "openapi", "3.1.0");
    auth_json_write_key(w, "info");
    auth_json_write_object(w);
    auth_json_write_member_text(w, "title", "mock-epic: what steers it");
    auth_json_write_member_text(w, "version", AUTH_VERSION);
    auth_json_write_end_object(w);
    auth_json_write_key(w, "servers");
    auth_json_write_array(w);
    auth_json_write_object(w);
    auth_json_write_member_text(w, "url", call->instance->public_url);
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
    auth_json_write_member_raw(w, "security", auth_view_from_string("[{},{\"adminToken\":[]}]"));
    write_paths(w);
    auth_json_write_member_raw(w, "components", auth_view_from_string(components));
    auth_json_write_end_object(w);
}
