/* /mock/jwks/CLIENT_ID: the public keys of an app at a URL, as its own web server would have them. */
#include "mock_epic/admin/handlers.h"

/* What was put there, or else what the app is registered with. */
static struct mock_app *acquire(struct mock_admin_call *call)
{
    struct mock_app *app = mock_apps_acquire(&call->instance->published, call->id);
    return app ? app : mock_apps_acquire(&call->instance->apps, call->id);
}

static enum auth_rc write_keys(const struct auth_jwk_set *keys, struct auth_json_writer *w, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    auth_json_write_object(w);
    auth_json_write_key(w, "keys");
    auth_json_write_array(w);
    for (size_t i = 0; i < keys->count && rc == AUTH_OK; i++) {
        if (keys->entries[i].key)
            rc = auth_key_write_jwk(keys->entries[i].key, NULL, NULL, w, err);
    }
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    return rc;
}

void mock_admin_get_jwks(struct mock_admin_call *call)
{
    struct auth_err err = {0};
    struct mock_app *app = acquire(call);
    enum auth_rc rc = AUTH_OK;
    if (!app || (!app->jwks && app->keys.count == 0)) {
        mock_admin_fail(call, 404, "not_found",
                        app ? "the app has a JWK Set URL; PUT its set here, if this is to be the URL"
                            : "no app of that client_id is registered, and no set was put here for it");
    } else if (app->jwks) { /* byte for byte: kid, and whatever else it has */
        auth_buf_add_string(&call->response->text, app->jwks);
    } else {
        rc = write_keys(&app->keys, &call->w, &err);
    }
    if (rc != AUTH_OK)
        mock_admin_fail_rc(call, rc, &err);
    mock_app_release(app);
}

void mock_admin_put_jwks(struct mock_admin_call *call)
{
    struct auth_err err = {0};
    struct mock_app *app = NULL;
    struct mock_app_parts parts = {
        .client_id = call->id, .name = call->id, .jwks = auth_view_trim(call->request->body)};
    enum auth_rc rc = mock_app_make(&parts, call->now_s, &app, &err);
    size_t keys = rc == AUTH_OK ? app->keys.count : 0;
    if (rc == AUTH_OK)
        rc = mock_apps_put(&call->instance->published, app, MOCK_APPS_REPLACE, &err);
    if (rc != AUTH_OK) {
        mock_admin_fail_rc(call, rc, &err);
        return;
    }
    mock_admin_note(call, "%zu key%s published", keys, keys == 1 ? "" : "s");
    auth_json_write_object(&call->w);
    auth_json_write_member(&call->w, "client_id", call->id);
    auth_json_write_member_int(&call->w, "keys", (int64_t)keys);
    auth_json_write_end_object(&call->w);
}

void mock_admin_delete_jwks(struct mock_admin_call *call)
{
    if (!mock_apps_remove(&call->instance->published, call->id))
        mock_admin_fail(call, 404, "not_found", "no set was put here");
}
