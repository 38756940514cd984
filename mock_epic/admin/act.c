/* From a step that is due to calls that were answered. */
#include "mock_epic/admin/act.h"

#include <stddef.h>
#include <string.h>

#include "mock_epic/admin/api.h"
#include "mock_epic/admin/fault_read.h"
#include "mock_epic/admin/routes.h"
#include "mock_epic/evidence/expectation.h"

/* ---- what an action is ---- */

struct action {
    const struct auth_json_node *node; /* the member: its name is the call, its value the body */
    struct auth_view method, path, body;
    bool is_rotation, keeps_old;
};

struct rotation_json {
    bool keeps_old;
};
static const struct mock_member rotation_members[] = {
    {"keep_old", MOCK_MEMBER_BOOL, false, offsetof(struct rotation_json, keeps_old), 0, 0, NULL},
};

static enum auth_rc read_rotation(struct action *action, struct auth_err *err)
{
    struct rotation_json json = {false};
    enum auth_rc rc = mock_members_read_as("rotate_key", rotation_members, 1, action->node, &json, NULL, err);
    action->is_rotation = true;
    action->keeps_old = json.keeps_old;
    return rc;
}

/* in  body  as it is written in the file */
static enum auth_rc read_action(const struct auth_json_node *node, struct auth_view body, struct action *action,
                                struct auth_err *err)
{
    *action = (struct action){.node = node, .path = auth_json_name(node), .body = body};
    if (auth_view_equals(action->path, "rotate_key"))
        return read_rotation(action, err);
    action->method = auth_view_split(&action->path, ' ');
    return AUTH_OK;
}

/* The k-th element of an array that was parsed. */
static struct auth_view element(struct auth_view array, size_t k)
{
    struct auth_view value = auth_view_from_string("");
    size_t cursor = 0;
    for (size_t i = 0; i <= k && auth_json_raw_next(array, &cursor, &value); i++)
        continue;
    return value;
}

/* The bodies as they are written: those of the step's actions, an array. */
static struct auth_view actions_text(const struct mock_scenario *scenario, size_t step)
{
    struct auth_view steps = auth_view_from_string(""), actions = auth_view_from_string("");
    (void)auth_json_raw_member(auth_view_from_string(scenario->text), "steps", &steps);
    (void)auth_json_raw_member(element(steps, step), "do", &actions);
    return actions;
}

static struct auth_view body_text(struct auth_view action)
{
    struct auth_view name, body = auth_view_from_string("");
    size_t cursor = 0;
    (void)auth_json_raw_next_member(action, &cursor, &name, &body);
    return body;
}

/* ---- checking ---- */

/* {} and null are no body. */
static bool is_nothing(const struct auth_json_node *body)
{
    enum auth_json_type type = auth_json_type(body);
    return type == AUTH_JSON_NULL || (type == AUTH_JSON_OBJECT && !auth_json_first(body));
}

static enum auth_rc check_expectations(const struct auth_json_node *array, struct auth_err *err)
{
    enum auth_rc rc = auth_json_type(array) == AUTH_JSON_ARRAY
                          ? AUTH_OK
                          : auth_err_set(err, AUTH_E_ARG, "an array of expectations is needed");
    for (const struct auth_json_node *node = auth_json_first(array); node && rc == AUTH_OK;
         node = auth_json_next(node)) {
        struct mock_expectation expectation;
        rc = mock_members_about(node, err, mock_expectation_read(node, &expectation, err));
        mock_expectation_clear(&expectation);
    }
    return rc;
}

static enum auth_rc check_body(const struct mock_admin_route *route, const struct action *action, struct auth_err *err)
{
    const struct auth_json_node *body = is_nothing(action->node) ? NULL : action->node;
    if (route->body == MOCK_ADMIN_NO_BODY && body)
        return auth_err_set(err, AUTH_E_ARG, "%s %s takes no body: write {}", route->method, route->path);
    if (route->body == MOCK_ADMIN_TEXT || route->body == MOCK_ADMIN_NO_BODY)
        return AUTH_OK;
    if (strcmp(route->path, "/mock/expectations") == 0)
        return check_expectations(action->node, err);
    if (strcmp(route->path, "/mock/faults") == 0)
        return mock_fault_check(action->node, action->body, err);
    return mock_members_read(route->members->rows, route->members->count, body, NULL, NULL, err);
}

static enum auth_rc check_action(const struct action *action, struct auth_err *err)
{
    struct auth_view id;
    bool path_is_known = false;
    const struct mock_admin_route *route = mock_admin_route_find(action->method, action->path, &id, &path_is_known);
    if (action->is_rotation)
        return AUTH_OK;
    if (!route || auth_view_equals(action->method, "GET") || auth_view_equals(action->method, "HEAD") ||
        auth_view_starts(action->path, "/mock/instances"))
        return auth_err_set(err, AUTH_E_ARG,
                            "%.*s is no action: rotate_key, or an admin call that changes this Epic, e.g. "
                            "\"POST /mock/tokens/age\"",
                            (int)(auth_json_name(action->node).n < 60 ? auth_json_name(action->node).n : 60),
                            auth_json_name(action->node).p);
    return check_body(route, action, err);
}

enum auth_rc mock_act_check(const struct mock_scenario *scenario, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < scenario->step_count && rc == AUTH_OK; i++) {
        struct auth_view texts = actions_text(scenario, i), text;
        size_t cursor = 0;
        for (const struct auth_json_node *node = auth_json_first(scenario->steps[i].actions);
             node && rc == AUTH_OK && auth_json_raw_next(texts, &cursor, &text); node = auth_json_next(node)) {
            struct action action;
            rc = read_action(auth_json_first(node), body_text(text), &action, err);
            if (rc == AUTH_OK)
                rc = check_action(&action, err);
            rc = mock_members_about(auth_json_first(node), err, rc);
        }
    }
    return rc;
}

/* ---- doing ---- */

/* problem, here and below: the first that was met */
static void rotate(struct mock_instance *instance, const struct action *action, struct auth_err *problem)
{
    struct auth_err err = {0};
    enum auth_rc rc = instance->rotator.rotate
                          ? instance->rotator.rotate(instance->rotator.ctx, action->keeps_old, &err)
                          : auth_err_set(&err, AUTH_E_ARG, "nobody here has the key");
    if (rc != AUTH_OK)
        auth_err_set(problem, rc, "rotate_key: %s", err.detail);
}

static void call(struct mock_instance *instance, const struct action *action, unsigned step, struct auth_err *problem)
{
    const struct auth_env *env = instance->options.env;
    struct mock_request request = {.method = action->method,
                                   .path = action->path,
                                   .body = is_nothing(action->node) ? auth_view_from_string("") : action->body,
                                   .is_loopback_peer = true};
    struct mock_wait wait = {.instance = instance,
                             .route = MOCK_ROUTE_ADMIN,
                             .received_us = mock_clock_now_us(&instance->clock),
                             .started_us = env->wall_us(env->ctx),
                             .step = step};
    struct mock_response response;
    mock_response_init(&response);
    enum auth_rc rc = mock_admin_handle(instance, &request, action->path, &wait, &response);
    if (rc != AUTH_OK || response.status >= 400)
        auth_err_set(problem, AUTH_E_HTTP, "%.*s: %d, %s", (int)auth_json_name(action->node).n,
                     auth_json_name(action->node).p, response.status, response.reason);
    mock_response_clear(&response);
}

static void do_step(struct mock_instance *instance, const struct mock_scenario *scenario, unsigned step)
{
    struct auth_view texts = actions_text(scenario, step - 1), text;
    size_t cursor = 0;
    struct auth_err problem = {0};
    for (const struct auth_json_node *node = auth_json_first(scenario->steps[step - 1].actions);
         node && auth_json_raw_next(texts, &cursor, &text); node = auth_json_next(node)) {
        struct action action;
        if (read_action(auth_json_first(node), body_text(text), &action, NULL) != AUTH_OK)
            continue; /* it was checked before */
        if (action.is_rotation)
            rotate(instance, &action, &problem);
        else
            call(instance, &action, step, &problem);
    }
    mock_expectations_done(&instance->expectations, step, problem.rc != AUTH_OK ? problem.detail : NULL);
}

void mock_act(struct mock_instance *instance)
{
    struct mock_scenario *scenario = NULL;
    unsigned step;
    if (!mock_expectations_are_due(&instance->expectations))
        return;
    pthread_mutex_lock(&instance->act_lock);
    while ((step = mock_expectations_due_step(&instance->expectations, &scenario)) != 0) {
        do_step(instance, scenario, step);
        mock_scenario_release(scenario);
    }
    pthread_mutex_unlock(&instance->act_lock);
}
