/* /mock/instances: more Epics in this process, each with the state of its own. */
#include "mock_epic/admin/handlers.h"

#include <stddef.h>
#include <stdlib.h>

#include "auth/core/text.h"
#include "mock_epic/instance/instances.h"
#include "mock_epic/state/app_json.h"

/* The body as it is read. */
struct wish {
    struct auth_view name, profile;
    int64_t at_s, seed;
    const struct auth_json_node *switches, *apps;
};

enum wish_member { WISH_NAME, WISH_PROFILE, WISH_AT, WISH_SEED, WISH_SWITCHES, WISH_APPS };

#define WISH(member) offsetof(struct wish, member)
static const struct mock_member wish_members[] = {
    [WISH_NAME] = {"name", MOCK_MEMBER_STRING, false, WISH(name), 1, MOCK_INSTANCE_NAME_MAX,
                   "1 to 64 of letters, digits and . _ ~ -"},
    [WISH_PROFILE] = {"profile", MOCK_MEMBER_STRING, false, WISH(profile), 1, 16, "epic, smart or lenient"},
    [WISH_AT] = {"at", MOCK_MEMBER_TIME, false, WISH(at_s), 0, 0, NULL},
    [WISH_SEED] = {"seed", MOCK_MEMBER_INT, false, WISH(seed), 0, MOCK_SEED_MAX,
                   "0 to 2^53 - 1, what tokens, links and the chance of faults follow from"},
    [WISH_SWITCHES] = {"switches", MOCK_MEMBER_ANY, false, WISH(switches), 0, 0,
                       "{\"NAME\":\"VALUE\"} or [\"NAME=VALUE\"], as --help-switches lists them"},
    [WISH_APPS] = {"apps", MOCK_MEMBER_ANY, false, WISH(apps), 0, 0, "an array of apps, as POST /mock/apps takes them"},
    {"url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"token_url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"fhir_base_url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"admin_url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"counts", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};
const struct mock_admin_members mock_admin_instance_members = MOCK_ADMIN_MEMBERS(wish_members);

/* ---- showing ---- */

static void write_count(struct auth_json_writer *w, const char *name, atomic_ullong *count)
{
    auth_json_write_member_int(w, name, (int64_t)atomic_load_explicit(count, memory_order_relaxed));
}

static void write_instance(struct mock_instance *instance, struct auth_json_writer *w)
{
    struct mock_account *account = &instance->account;
    auth_json_write_object(w);
    auth_json_write_member_text(w, "name", instance->name);
    mock_instance_write_urls(instance, w);
    auth_json_write_member_text(w, "profile", instance->profile.name);
    if (instance->options.has_seed)
        auth_json_write_member_int(w, "seed", instance->options.seed);
    auth_json_write_key(w, "counts");
    auth_json_write_object(w);
    write_count(w, "requests", &account->requests);
    write_count(w, "issued", &account->issued);
    write_count(w, "refused", &account->refused);
    write_count(w, "refused_tokens", &account->refused_tokens);
    write_count(w, "warnings", &account->warnings);
    auth_json_write_end_object(w);
    auth_json_write_end_object(w);
}

/* An instance has no others of its own. */
static bool has_instances(struct mock_admin_call *call)
{
    if (call->instance->instances && !call->instance->name)
        return true;
    mock_admin_fail(call, 404, "not_found", "an instance holds no others; ask the server, without /i/NAME");
    return false;
}

static void fail_unknown(struct mock_admin_call *call)
{
    mock_admin_fail(call, 404, "not_found", "no instance has that name");
}

void mock_admin_get_instances(struct mock_admin_call *call)
{
    size_t count = 0;
    if (!has_instances(call))
        return;
    struct mock_instance **all = mock_instances_hold_all(call->instance->instances, &count);
    call->w.out->is_spoiled = call->w.out->is_spoiled || !all;
    auth_json_write_array(&call->w);
    for (size_t i = 0; all && i < count; i++)
        write_instance(all[i], &call->w);
    auth_json_write_end_array(&call->w);
    mock_instances_release_all(all, count);
}

void mock_admin_get_instance(struct mock_admin_call *call)
{
    if (!has_instances(call))
        return;
    struct mock_instance *instance = mock_instances_acquire(call->instance->instances, call->id);
    if (instance)
        write_instance(instance, &call->w);
    else
        fail_unknown(call);
    mock_instances_release(instance);
}

void mock_admin_delete_instance(struct mock_admin_call *call)
{
    if (has_instances(call) && !mock_instances_remove(call->instance->instances, call->id))
        fail_unknown(call);
}

/* ---- making ---- */

/* NAME=VALUE, of {"NAME":"VALUE"} or ["NAME=VALUE"]. */
static enum auth_rc set_switch(struct auth_profile *profile, struct auth_view name, const struct auth_json_node *value,
                               struct auth_err *err)
{
    struct auth_buf text;
    int64_t number;
    bool truth;
    auth_buf_init(&text, 512);
    if (name.n) {
        auth_buf_add_view(&text, name);
        auth_buf_add_char(&text, '=');
    }
    if (auth_json_int(value, &number))
        auth_buf_add_int(&text, number);
    else if (auth_json_bool(value, &truth))
        auth_buf_add_string(&text, truth ? "on" : "off");
    else
        auth_buf_add_view(&text, auth_json_string(value));
    enum auth_rc rc = auth_buf_ok(&text) ? AUTH_OK : auth_err_set(err, AUTH_E_ARG, "switches: a value is too long");
    if (rc == AUTH_OK && auth_profile_set(profile, text.n ? text.p : "", err) != AUTH_OK)
        rc = AUTH_E_ARG;
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc read_profile(const struct mock_admin_call *call, const struct wish *wish,
                                 struct auth_profile *profile, struct auth_err *err)
{
    enum auth_json_type type = auth_json_type(wish->switches);
    enum auth_rc rc = AUTH_OK;
    *profile = call->instance->profile;
    if (wish->profile.n) {
        char *name = auth_view_dup(wish->profile);
        const struct auth_profile *named = name ? auth_profile_named(name) : NULL;
        free(name);
        if (!named)
            return auth_err_set(err, AUTH_E_ARG, "profile: epic, smart or lenient");
        *profile = *named;
    }
    if (wish->switches && type != AUTH_JSON_OBJECT && type != AUTH_JSON_ARRAY)
        return auth_err_set(err, AUTH_E_ARG, "switches: %s", wish_members[WISH_SWITCHES].meaning);
    for (const struct auth_json_node *node = auth_json_first(wish->switches); node && rc == AUTH_OK;
         node = auth_json_next(node))
        rc = set_switch(profile, auth_json_name(node), node, err);
    return rc;
}

static enum auth_rc add_app(struct mock_apps *apps, struct auth_view json, int64_t now_s,
                            const struct auth_profile *profile, struct auth_err *err)
{
    struct mock_app *app = NULL;
    enum auth_rc rc = mock_app_parse(json, now_s, &app, err);
    if (rc != AUTH_OK)
        return rc;
    rc = mock_app_check(app, profile, err);
    if (rc != AUTH_OK) {
        mock_app_release(app);
        return rc;
    }
    struct auth_buf id;
    auth_buf_init(&id, MOCK_CLIENT_ID_MAX);
    auth_buf_add_string(&id, app->client_id);
    rc = mock_apps_put(apps, app, MOCK_APPS_ADD, err);
    if (rc == AUTH_E_EXISTS)
        auth_err_set(err, AUTH_E_ARG, "apps: client_id %s is given twice", id.n ? id.p : "");
    auth_buf_clear(&id);
    return rc == AUTH_E_EXISTS ? AUTH_E_ARG : rc;
}

/* Each app is read from its own text. */
static enum auth_rc read_apps(const struct mock_admin_call *call, const struct auth_profile *profile, int64_t now_s,
                              struct mock_apps *apps, struct auth_err *err)
{
    struct auth_view array, json;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    if (!auth_json_raw_member(auth_view_trim(call->request->body), "apps", &array) || array.n == 0 || array.p[0] != '[')
        return auth_err_set(err, AUTH_E_ARG, "apps: %s", wish_members[WISH_APPS].meaning);
    while (rc == AUTH_OK && auth_json_raw_next(array, &cursor, &json))
        rc = add_app(apps, json, now_s, profile, err);
    return rc;
}

static enum auth_rc make(struct mock_admin_call *call, const struct wish *wish, uint32_t given, struct auth_err *err)
{
    struct auth_profile profile;
    struct mock_apps apps;
    struct mock_instance *made = NULL;
    bool has_at = given & 1U << WISH_AT;
    struct mock_instance_wish wanted = {
        .name = wish->name,
        .profile = &profile,
        .at_s = has_at ? &wish->at_s : NULL,
        .seed = given & 1U << WISH_SEED ? &wish->seed : NULL,
    };
    enum auth_rc rc = read_profile(call, wish, &profile, err);
    if (rc != AUTH_OK)
        return rc;
    mock_apps_init(&apps);
    if (wish->apps) {
        rc = read_apps(call, &profile, has_at ? wish->at_s : call->now_s, &apps, err);
        wanted.apps = &apps;
    }
    if (rc == AUTH_OK)
        rc = mock_instances_make(call->instance->instances, &wanted, &made, err);
    if (rc == AUTH_OK)
        write_instance(made, &call->w);
    mock_instances_release(made);
    mock_apps_clear(&apps);
    return rc;
}

void mock_admin_post_instances(struct mock_admin_call *call)
{
    struct wish wish = {.switches = NULL};
    struct auth_err err = {0};
    uint32_t given = 0;
    if (!has_instances(call) || !mock_admin_read(call, &wish, &given))
        return;
    enum auth_rc rc = make(call, &wish, given, &err);
    if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
}
