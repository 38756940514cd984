/* /mock/apps: registered apps, and a JWT judged against them. */
#include "mock_epic/admin/handlers.h"

#include "mock_epic/oauth/token_endpoint.h"
#include "mock_epic/state/app_json.h"

const struct mock_admin_members mock_admin_app_members = {mock_app_members, MOCK_APP_MEMBERS};

void mock_admin_get_apps(struct mock_admin_call *call)
{
    mock_apps_write_all(&call->instance->apps, &call->w);
}

void mock_admin_get_app(struct mock_admin_call *call)
{
    struct mock_app *app = mock_apps_acquire(&call->instance->apps, call->id);
    if (!app) {
        mock_admin_fail(call, 404, "not_found", "no app of that client_id is registered");
        return;
    }
    mock_app_write(app, &call->w);
    mock_app_release(app);
}

static void register_app(struct mock_admin_call *call, enum mock_apps_put how)
{
    struct auth_err err = {0};
    struct mock_app *app = NULL;
    enum auth_rc rc = mock_app_parse(call->request->body, call->now_s, &app, &err);
    if (rc == AUTH_OK) {
        rc = mock_app_check(app, &call->instance->profile, &err);
        if (rc == AUTH_OK && how == MOCK_APPS_REPLACE && !auth_view_equals(call->id, app->client_id))
            rc = auth_err_set(&err, AUTH_E_ARG, "client_id in the body differs from the one in the path");
        if (rc != AUTH_OK)
            mock_app_release(app);
    }
    if (rc == AUTH_OK) {
        (void)mock_app_hold(app); /* one for the answer, one that the table takes */
        rc = mock_apps_put(&call->instance->apps, app, how, &err);
        if (rc == AUTH_OK) {
            mock_app_write(app, &call->w);
        } else if (rc == AUTH_E_EXISTS) {
            auth_err_set(&err, rc, "client_id %s is registered already; PUT /mock/apps/ID replaces it", app->client_id);
        }
        mock_app_release(app);
    }
    if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
}

void mock_admin_post_apps(struct mock_admin_call *call)
{
    register_app(call, MOCK_APPS_ADD);
}

void mock_admin_put_app(struct mock_admin_call *call)
{
    register_app(call, MOCK_APPS_REPLACE);
}

void mock_admin_delete_app(struct mock_admin_call *call)
{
    if (!mock_apps_remove(&call->instance->apps, call->id))
        mock_admin_fail(call, 404, "not_found", "no app of that client_id is registered");
}

/* ---- judging a JWT ---- */

void mock_admin_post_jwt_check(struct mock_admin_call *call)
{
    struct auth_report report;
    struct auth_view compact = auth_view_trim(call->request->body);
    enum auth_rc rc = mock_token_endpoint_check(call->instance, compact, call->wait, &report);
    call->must_wait = rc == AUTH_E_WAIT;
    if (call->must_wait)
        return;
    if (rc != AUTH_OK) {
        mock_admin_fail_rc(call, rc, NULL);
        return;
    }
    struct auth_outcome outcome = auth_rules_outcome(&report);
    auth_json_write_object(&call->w);
    auth_json_write_member_text(&call->w, "outcome", outcome.is_accepted ? "accepted" : "refused");
    auth_json_write_member_text(&call->w, "error", outcome.is_accepted ? NULL : auth_rules_error_text(outcome.error));
    auth_json_write_key(&call->w, "verdicts");
    auth_rules_write(&report, &call->w);
    auth_json_write_end_object(&call->w);
}
