/* /mock/instances: more Epics in this process, each with the state of its own. */
#include "mock_epic/admin/handlers.h"

#include "mock_epic/admin/scenario_read.h"
#include "mock_epic/instance/instances.h"

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

/* What is made, and of what. */
struct wish {
    struct mock_setup setup;          /* of the body */
    struct mock_scenario *scenario;   /* NULL: none */
    struct mock_setup scenario_setup; /* of it; what the body says counts before it */
    struct auth_profile profile;
    struct mock_apps apps;
    bool has_apps;
};

static enum auth_rc read_scenario(struct wish *wish, struct auth_err *err)
{
    const struct auth_json_node *node = wish->setup.scenario;
    struct auth_view text = auth_json_string(node);
    enum auth_rc rc = AUTH_OK;
    if (!node)
        return AUTH_OK;
    if (auth_json_type(node) == AUTH_JSON_STRING)
        rc = mock_scenario_named(text, &wish->scenario, err);
    else if (!auth_json_raw_member(wish->setup.text, "scenario", &text))
        rc = auth_err_set(err, AUTH_E_ARG, "scenario: write the member's name without escapes");
    else
        rc = mock_scenario_read("scenario", text, &wish->scenario, err);
    if (rc == AUTH_OK && wish->scenario->rotates_keys)
        rc = auth_err_set(err, AUTH_E_ARG, "scenario: it rotates a key, which only `mock-epic run` without --on has");
    return rc == AUTH_OK ? mock_scenario_setup(wish->scenario, &wish->scenario_setup, err) : rc;
}

static enum auth_rc read_apps(struct wish *wish, int64_t now_s, struct auth_err *err)
{
    const struct mock_setup *setup = wish->setup.apps ? &wish->setup : &wish->scenario_setup;
    wish->has_apps = setup->apps != NULL;
    return mock_setup_apps(setup, &wish->profile, now_s, &wish->apps, err);
}

static enum auth_rc furnish(void *ctx, struct mock_instance *made, struct auth_err *err)
{
    const struct wish *wish = ctx;
    enum auth_rc rc = AUTH_OK;
    if (wish->scenario) {
        rc = mock_setup_furnish(&wish->scenario_setup, made, err);
        if (rc == AUTH_OK)
            rc = mock_scenario_begin(mock_scenario_hold(wish->scenario), made, err);
    }
    if (rc == AUTH_OK)
        rc = mock_setup_furnish(&wish->setup, made, err);
    return rc == AUTH_OK ? mock_setup_faults(&wish->setup, made, err) : rc;
}

static enum auth_rc make(struct mock_admin_call *call, struct wish *wish, struct auth_err *err)
{
    struct mock_instance *made = NULL;
    struct mock_instance_wish wanted = {
        .name = wish->setup.name, .profile = &wish->profile, .furnish = furnish, .ctx = wish};
    enum auth_rc rc = read_scenario(wish, err);
    wish->profile = call->instance->profile;
    if (rc == AUTH_OK)
        rc = mock_setup_profile(&wish->scenario_setup, &wish->profile, err);
    if (rc == AUTH_OK)
        rc = mock_setup_profile(&wish->setup, &wish->profile, err);
    if (rc == AUTH_OK)
        rc = read_apps(wish, wish->setup.has_at ? wish->setup.at_s : call->now_s, err);
    wanted.apps = wish->has_apps ? &wish->apps : NULL;
    wanted.seed = wish->setup.has_seed            ? &wish->setup.seed
                  : wish->scenario_setup.has_seed ? &wish->scenario_setup.seed
                                                  : NULL;
    if (rc == AUTH_OK)
        rc = mock_instances_make(call->instance->instances, &wanted, &made, err);
    if (rc == AUTH_OK)
        write_instance(made, &call->w);
    mock_instances_release(made);
    return rc;
}

void mock_admin_post_instances(struct mock_admin_call *call)
{
    struct wish wish = {.scenario = NULL};
    struct auth_err err = {0};
    if (!has_instances(call))
        return;
    mock_apps_init(&wish.apps);
    enum auth_rc rc = mock_setup_read(MOCK_SETUP_OF_INSTANCE, call->body, call->request->body, &wish.setup, &err);
    if (rc == AUTH_OK)
        rc = make(call, &wish, &err);
    if (rc == AUTH_E_SYNTAX)
        mock_admin_fail(call, 400, "bad_value", err.detail);
    else if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
    mock_scenario_release(wish.scenario);
    mock_apps_clear(&wish.apps);
}
