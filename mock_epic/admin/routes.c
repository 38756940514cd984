/* The calls below /mock, one row each: who answers it, what it takes, what it is for. */
#include "mock_epic/admin/routes.h"

#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/admin/handlers.h"

static const struct mock_admin_route routes[] = {
    {"GET", "/mock", .status = 200, .about = "this index, as JSON, or as a page for who asks for text/html",
     .handle = mock_admin_get_index},
    {"GET", "/mock/openapi.json", .status = 200, .about = "the same calls as OpenAPI 3.1",
     .handle = mock_admin_get_openapi},
    {"GET", "/mock/health", .takes_any_parameter = true, .status = 200,
     .about = "is it up, and what time does it think it is", .handle = mock_admin_get_health},
    {"GET", "/mock/data", .status = 200, .about = "the FHIR data that was loaded, by type, and what was left out",
     .handle = mock_admin_get_data},
    {"POST", "/mock/resources", MOCK_ADMIN_TEXT, .status = 201,
     .about = "FHIR data of one's own: a resource, an array, a Bundle or NDJSON, all of it right",
     .example = "{\"resourceType\":\"Patient\",\"id\":\"mine\"}", .handle = mock_admin_post_resources},
    {"DELETE", "/mock/resources", .status = 204, .about = "forget what was posted",
     .handle = mock_admin_delete_resources},
    {"GET", "/mock/access", .status = 200, .about = "what data cannot say: who was merged, what is not to be seen",
     .handle = mock_admin_get_access},
    {"PUT", "/mock/access", MOCK_ADMIN_OWN_JSON, .status = 200,
     .about = "let these rows count, in place of those that were loaded",
     .example = "[{\"type\":\"Patient\",\"id\":\"erXuFYUfucBZaryVksYEcMg3\",\"answer\":\"4131\"}]",
     .handle = mock_admin_put_access},
    {"GET", "/mock/apps", .status = 200, .about = "all registered apps", .handle = mock_admin_get_apps},
    {"POST", "/mock/apps", MOCK_ADMIN_OWN_JSON, &mock_admin_app_members, .status = 201, .about = "register an app",
     .example = "{\"client_id\":\"my-app\",\"jwks_url\":\"http://127.0.0.1:8000/jwks.json\"}",
     .handle = mock_admin_post_apps},
    {"GET", "/mock/apps/{client_id}", .status = 200, .about = "one app, its keys and what to know about them",
     .handle = mock_admin_get_app},
    {"PUT", "/mock/apps/{client_id}", MOCK_ADMIN_OWN_JSON, &mock_admin_app_members, .status = 200,
     .about = "register an app, or replace it",
     .example = "{\"client_id\":\"my-app\",\"jwks_url\":\"http://127.0.0.1:8000/jwks.json\"}",
     .handle = mock_admin_put_app},
    {"DELETE", "/mock/apps/{client_id}", .status = 204, .about = "remove an app", .handle = mock_admin_delete_app},
    {"GET", "/mock/jwks/{client_id}", .status = 200,
     .about = "the public keys of an app as a JWK Set, for everybody: a jwks_url to register",
     .handle = mock_admin_get_jwks},
    {"PUT", "/mock/jwks/{client_id}", MOCK_ADMIN_TEXT, .status = 200,
     .about = "publish another set there, as a client that rotates its keys does", .example = "{\"keys\":[]}",
     .handle = mock_admin_put_jwks},
    {"DELETE", "/mock/jwks/{client_id}", .status = 204, .about = "publish what the app is registered with again",
     .handle = mock_admin_delete_jwks},
    {"GET", "/mock/clock", .status = 200, .about = "the server clock", .handle = mock_admin_get_clock},
    {"PUT", "/mock/clock", MOCK_ADMIN_JSON, &mock_admin_clock_members, .status = 200,
     .about = "set, shift, freeze, speed up the server clock",
     .example = "{\"now\":\"2026-09-21T14:13:20Z\",\"frozen\":true}", .handle = mock_admin_put_clock},
    {"POST", "/mock/clock/advance", MOCK_ADMIN_JSON, &mock_admin_advance_members, .status = 200,
     .about = "move the server clock by so many seconds", .example = "{\"seconds\":3600}",
     .handle = mock_admin_post_clock_advance},
    {"GET", "/mock/tokens", .parameters = &mock_admin_tokens_parameters, .status = 200,
     .about = "issued tokens, without their secrets", .handle = mock_admin_get_tokens},
    {"POST", "/mock/tokens/age", MOCK_ADMIN_JSON, &mock_admin_age_members, .status = 200,
     .about = "make issued tokens older, without touching a clock", .example = "{\"seconds\":3600}",
     .handle = mock_admin_post_tokens_age},
    {"POST", "/mock/tokens/revoke", MOCK_ADMIN_MAYBE_JSON, &mock_admin_revoke_members, .status = 200,
     .about = "revoke tokens: one, an app's, or all", .example = "{\"client_id\":\"my-app\"}",
     .handle = mock_admin_post_tokens_revoke},
    {"GET", "/mock/journal", .parameters = &mock_admin_journal_parameters, .status = 200,
     .about = "what was asked and why it was answered so, newest first", .handle = mock_admin_get_journal},
    {"DELETE", "/mock/journal", .status = 204, .is_quiet = true, .about = "forget all entries",
     .handle = mock_admin_delete_journal},
    {"GET", "/mock/journal/{id}", .status = 200, .about = "one entry, named by X-Mock-Epic-Decision",
     .handle = mock_admin_get_journal_entry},
    {"POST", "/mock/jwt/check", MOCK_ADMIN_TEXT, .status = 200, .is_quiet = true,
     .about = "judge a JWT; its jti may still be used afterwards", .handle = mock_admin_post_jwt_check},
    {"GET", "/mock/instances", .status = 200, .about = "the Epics of this process, but for the main one",
     .handle = mock_admin_get_instances},
    {"POST", "/mock/instances", MOCK_ADMIN_MAYBE_JSON, &mock_admin_instance_members, .status = 201,
     .about = "make one more Epic, below /i/NAME", .example = "{\"name\":\"worker-1\",\"profile\":\"smart\"}",
     .handle = mock_admin_post_instances},
    {"GET", "/mock/instances/{name}", .status = 200, .about = "where one is, and what it counted",
     .handle = mock_admin_get_instance},
    {"DELETE", "/mock/instances/{name}", .status = 204, .about = "drop one with all that it knows",
     .handle = mock_admin_delete_instance},
    {"GET", "/mock/faults", .status = 200, .about = "what goes wrong on purpose, and how often it did",
     .handle = mock_admin_get_faults},
    {"POST", "/mock/faults", MOCK_ADMIN_OWN_JSON, &mock_admin_fault_members, .status = 201,
     .about = "let requests that match be answered wrongly",
     .example = "{\"match\":{\"route\":\"token\",\"nth\":2},\"action\":{\"status\":503}}",
     .handle = mock_admin_post_faults},
    {"DELETE", "/mock/faults", .status = 204, .about = "end all faults, and what they delay",
     .handle = mock_admin_delete_faults},
    {"DELETE", "/mock/faults/{id}", .status = 204, .about = "end one", .handle = mock_admin_delete_fault},
    {"GET", "/mock/expectations", .status = 200, .about = "what must have happened",
     .handle = mock_admin_get_expectations},
    {"PUT", "/mock/expectations", MOCK_ADMIN_OWN_JSON, .status = 200, .is_quiet = true,
     .about = "expect this, an array, from now on, in place of what was expected",
     .example = "[{\"count\":{\"kind\":\"token\",\"outcome\":\"issued\"},\"max\":1}]",
     .handle = mock_admin_put_expectations},
    {"GET", "/mock/verdict", .status = 200, .about = "whether it happened, and the entries that show it",
     .handle = mock_admin_get_verdict},
    {"GET", "/mock/timeline", .parameters = &mock_admin_timeline_parameters, .status = 200,
     .about = "the run as a picture: text, or a page for who asks for text/html or format=html",
     .handle = mock_admin_get_timeline},
    {"POST", "/mock/snapshot", MOCK_ADMIN_JSON, &mock_admin_snapshot_members, .status = 201,
     .about = "keep clock, apps, tokens, jti, faults and posted data under a name", .example = "{\"name\":\"begun\"}",
     .handle = mock_admin_post_snapshot},
    {"POST", "/mock/restore", MOCK_ADMIN_JSON, &mock_admin_snapshot_members, .status = 200,
     .about = "bring that back; the journal goes on", .example = "{\"name\":\"begun\"}",
     .handle = mock_admin_post_restore},
    {"GET", "/mock/snapshots", .status = 200, .about = "what was kept", .handle = mock_admin_get_snapshots},
    {"DELETE", "/mock/snapshots/{name}", .status = 204, .is_quiet = true, .about = "forget one",
     .handle = mock_admin_delete_snapshot},
    {"POST", "/mock/reset", MOCK_ADMIN_MAYBE_JSON, &mock_admin_reset_members, .status = 200,
     .about = "back to how the server started, as a whole or in parts", .example = "{\"what\":[\"tokens\",\"jti\"]}",
     .handle = mock_admin_post_reset},
};

const struct mock_admin_route *mock_admin_routes(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}

static bool matches(const struct mock_admin_route *route, struct auth_view path, struct auth_view *id)
{
    size_t n = strcspn(route->path, "{");
    if (route->path[n] == '\0')
        return auth_view_equals(path, route->path);
    if (path.n <= n || memcmp(path.p, route->path, n) != 0)
        return false;
    *id = auth_view_from(path, n);
    return auth_view_find(*id, '/') == id->n;
}

const struct mock_admin_route *mock_admin_route_find(struct auth_view method, struct auth_view path,
                                                     struct auth_view *id, bool *path_is_known)
{
    if (auth_view_equals(method, "HEAD"))
        method = auth_view_from_string("GET");
    *path_is_known = false;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!matches(&routes[i], path, id))
            continue;
        *path_is_known = true;
        if (auth_view_equals(method, routes[i].method))
            return &routes[i];
    }
    return NULL;
}

void mock_admin_routes_methods(struct auth_view path, struct auth_buf *out)
{
    struct auth_view id;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!matches(&routes[i], path, &id))
            continue;
        auth_buf_addf(out, "%s%s", out->n ? ", " : "", routes[i].method);
        auth_buf_add_string(out, strcmp(routes[i].method, "GET") == 0 ? ", HEAD" : "");
    }
}

const char *mock_admin_routes_likely(struct auth_view path)
{
    const char *best = NULL;
    size_t least = path.n / 4 + 1;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        size_t distance = auth_text_distance(path, auth_view_from_string(routes[i].path));
        if (distance < least) {
            least = distance;
            best = routes[i].path;
        }
    }
    return best;
}
