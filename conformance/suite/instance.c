/* Instances are made and dropped by the admin API. */
#include "conformance/suite/instance.h"

#include <string.h>

#include "conformance/suite/target.h"

enum { TEXT_MAX_N = 256 * 1024 };

/* ---- the app ---- */

static bool is_absent(const struct auth_json_node *node)
{
    return auth_view_equals(auth_json_string(node), "<absent>");
}

/* Where its key is, unless the case says where. */
static enum auth_rc write_key(struct conf_values *values, const struct auth_json_node *setup,
                              struct auth_json_writer *w, struct auth_err *err)
{
    static const char *const names[] = {"certificate", "jwks", "jwks_url"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (auth_json_member(auth_json_member(setup, "app"), names[i]))
            return AUTH_OK;
    }
    if (auth_json_member(setup, "jwks")) {
        auth_json_write_member(w, "jwks_url", values->jwks_url);
        return AUTH_OK;
    }
    auth_json_write_key(w, "jwks");
    auth_json_write_object(w);
    auth_json_write_key(w, "keys");
    auth_json_write_array(w);
    enum auth_rc rc = auth_key_write_jwk(values->own, NULL, "RS384", w, err);
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    return rc;
}

static enum auth_rc write_app(struct conf_values *values, const struct auth_json_node *setup,
                              struct auth_json_writer *w, struct auth_err *err)
{
    const struct auth_json_node *app = auth_json_member(setup, "app");
    auth_json_write_key(w, "apps");
    auth_json_write_array(w);
    auth_json_write_object(w);
    if (!auth_json_member(app, "client_id"))
        auth_json_write_member(w, "client_id", values->client_id);
    enum auth_rc rc = write_key(values, setup, w, err);
    for (const struct auth_json_node *m = auth_json_first(app); m && rc == AUTH_OK; m = auth_json_next(m)) {
        if (!is_absent(m))
            rc = conf_values_write_member(values, m, w, err);
    }
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
    return rc;
}

/* ---- calls ---- */

/* What the server that was started was told by its options, another has to be told for each. */
static void write_told(const struct conf_target_options *told, const struct auth_json_node *setup,
                       struct auth_json_writer *w)
{
    int64_t seed;
    if (!auth_json_member(setup, "profile"))
        auth_json_write_member_text(w, "profile", told->profile);
    if (told->seed && !auth_json_member(setup, "seed") && auth_view_int(auth_view_from_string(told->seed), &seed))
        auth_json_write_member_int(w, "seed", seed);
}

/* Those of the options, then those of the case. */
static enum auth_rc write_switches(struct conf_values *values, const struct conf_target_options *told,
                                   const struct auth_json_node *setup, struct auth_json_writer *w, struct auth_err *err)
{
    struct auth_buf text;
    enum auth_rc rc = AUTH_OK;
    auth_buf_init(&text, TEXT_MAX_N);
    auth_json_write_key(w, "switches");
    auth_json_write_array(w);
    if (told && told->epic_version) {
        auth_buf_addf(&text, "epic_version=%s", told->epic_version);
        auth_json_write_string(w, auth_buf_view(&text));
    }
    for (size_t i = 0; told && told->switches && i < told->switches->count; i++)
        auth_json_write_string(w, auth_view_from_string(told->switches->items[i]));
    for (const struct auth_json_node *s = auth_json_first(auth_json_member(setup, "switches")); s && rc == AUTH_OK;
         s = auth_json_next(s)) {
        auth_buf_reset(&text);
        auth_buf_add_view(&text, auth_json_name(s));
        auth_buf_add_char(&text, '=');
        rc = conf_values_expand(values, auth_json_string(s), &text, err);
        auth_json_write_string(w, auth_buf_view(&text));
    }
    auth_json_write_end_array(w);
    auth_buf_clear(&text);
    return rc;
}

static bool is_own_member(struct auth_view name)
{
    return auth_view_equals(name, "app") || auth_view_equals(name, "jwks") || auth_view_equals(name, "switches");
}

static enum auth_rc write_instance(struct conf_values *values, const struct conf_target_options *told,
                                   const struct auth_json_node *setup, struct auth_view name, struct auth_buf *out,
                                   struct auth_err *err)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    if (name.n)
        auth_json_write_member(&w, "name", name);
    if (told)
        write_told(told, setup, &w);
    enum auth_rc rc = write_switches(values, told, setup, &w, err);
    for (const struct auth_json_node *m = auth_json_first(setup); m && rc == AUTH_OK; m = auth_json_next(m)) {
        if (!is_own_member(auth_json_name(m)))
            rc = conf_values_write_member(values, m, &w, err);
    }
    bool has_app = auth_json_member(setup, "app") || auth_json_member(setup, "jwks");
    if (rc == AUTH_OK && (has_app || (told && !auth_json_member(setup, "apps"))))
        rc = write_app(values, setup, &w, err);
    auth_json_write_end_object(&w);
    return rc == AUTH_OK ? auth_buf_check(out, err) : rc;
}

/* What stands in for the app's own web server: a fault that answers with the set. */
static enum auth_rc serve_set(struct conf_values *values, const struct auth_json_node *set,
                              struct conf_target *instance, struct auth_err *err)
{
    struct auth_buf text, call;
    struct auth_json_writer w;
    auth_buf_init(&text, TEXT_MAX_N);
    auth_buf_init(&call, 2 * TEXT_MAX_N);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    enum auth_rc rc = auth_json_type(set) == AUTH_JSON_STRING
                          ? conf_values_expand(values, auth_json_string(set), &text, err)
                          : conf_values_write(values, set, &w, err);
    auth_json_writer_init(&w, &call, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_raw(&w, "match", auth_view_from_string("{\"path\":\"*/jwks.json\"}"));
    auth_json_write_key(&w, "action");
    auth_json_write_object(&w);
    auth_json_write_member_int(&w, "status", 200);
    auth_json_write_member_raw(&w, "headers", auth_view_from_string("{\"Content-Type\":\"application/json\"}"));
    auth_json_write_member(&w, "body", auth_buf_view(&text));
    auth_json_write_end_object(&w);
    auth_json_write_end_object(&w);
    if (rc == AUTH_OK)
        rc = conf_target_call(instance, "POST", "faults", auth_buf_view(&call), NULL, err);
    auth_buf_clear(&text);
    auth_buf_clear(&call);
    return rc;
}

/* Its own URLs, and the rest of the target's. */
static void copy(const struct conf_target *target, struct conf_target *instance)
{
    *instance = *target;
    struct auth_buf *const own[] = {&instance->token_url, &instance->fhir,  &instance->admin,
                                    &instance->origin,    &instance->token, &instance->jwks_url};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        auth_buf_init_secret(own[i], TEXT_MAX_N);
}

enum auth_rc conf_instance_open(struct conf_target *target, const struct auth_json_node *setup, struct auth_view name,
                                struct conf_target *instance, struct auth_err *err)
{
    struct auth_buf body, answer;
    auth_buf_init(&body, TEXT_MAX_N);
    auth_buf_init(&answer, TEXT_MAX_N);
    copy(target, instance);
    auth_buf_addf(&instance->jwks_url, "%s/i/%.*s/jwks.json", target->origin.p, (int)name.n, name.p);
    struct conf_values values = conf_exchange_values(instance, auth_view_from_string(""), NULL);
    enum auth_rc rc = write_instance(&values, target->told, setup, name, &body, err);
    if (rc == AUTH_OK)
        rc = conf_target_call_server(target, "POST", "instances", auth_buf_view(&body), &answer, err);
    if (rc == AUTH_OK)
        rc = conf_target_take_urls(auth_buf_view(&answer), instance, err);
    if (rc == AUTH_OK)
        rc = conf_target_freeze(instance, err);
    if (rc == AUTH_OK && auth_json_member(setup, "jwks"))
        rc = serve_set(&values, auth_json_member(setup, "jwks"), instance, err);
    auth_buf_clear(&body);
    auth_buf_clear(&answer);
    return rc;
}

static void drop(struct conf_target *instance)
{
    struct auth_view url = auth_buf_view(&instance->admin);
    struct auth_buf path;
    auth_buf_init(&path, TEXT_MAX_N);
    size_t at = auth_view_find_text(url, "/i/");
    if (at < url.n) {
        struct auth_view rest = auth_view_from(url, at + strlen("/i/"));
        struct auth_view name = auth_view_split(&rest, '/');
        auth_buf_addf(&path, "instances/%.*s", (int)name.n, name.p);
        (void)!conf_target_call_server(instance, "DELETE", path.p ? path.p : "", auth_view_from_string(""), NULL, NULL);
    }
    auth_buf_clear(&path);
}

void conf_instance_close(struct conf_target *instance)
{
    drop(instance);
    struct auth_buf *const own[] = {&instance->token_url, &instance->fhir,  &instance->admin,
                                    &instance->origin,    &instance->token, &instance->jwks_url};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        auth_buf_clear(own[i]);
}
