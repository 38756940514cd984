/* An app and a place for the CA, for those who brought none. */
#include "mock_epic/start/provision.h"

#include <stddef.h>

/* As many keys as its steps can ask for, but for those that are done again and again. */
static size_t spares(const struct mock_played *played)
{
    size_t count = 0;
    for (size_t i = 0; played->scenario && i < played->scenario->step_count; i++) {
        for (const struct auth_json_node *node = auth_json_first(played->scenario->steps[i].actions); node;
             node = auth_json_next(node))
            count += auth_json_member(node, "rotate_key") != NULL;
    }
    return count;
}

enum auth_rc mock_provision_make(struct mock_provision *provision, struct mock_settings *settings, struct auth_err *err)
{
    bool wants_app = !settings->client_id && settings->apps.count == 0;
    enum auth_rc rc = AUTH_OK;
    *provision = (struct mock_provision){.client_id = settings->client_id};
    mock_temporary_init(&provision->temporary);
    mock_made_app_init(&provision->made);
    rc = mock_played_load(&provision->played, settings->scenario, settings->scenarios, err);
    if (rc == AUTH_OK && provision->played.scenario && provision->played.scenario->rotates_keys && !wants_app)
        rc = auth_err_set(err, AUTH_E_ARG, "--scenario %s rotates the key of an app that run makes; name none",
                          settings->scenario);
    if (rc == AUTH_OK && wants_app)
        rc = mock_made_app_make(&provision->made, &provision->temporary, spares(&provision->played), err);
    provision->has_made_app = wants_app;
    if (wants_app) {
        provision->client_id = provision->made.client_id;
        provision->key_path = provision->made.key_path;
    }
    if (rc == AUTH_OK && settings->tls && !settings->tls_ca_file)
        rc = mock_temporary_path(&provision->temporary, "ca.pem", &settings->tls_ca_file, err);
    return rc;
}

bool mock_provision_has_jwks_url(const struct mock_provision *provision)
{
    return provision->has_made_app && mock_setup_has_jwks_url(&provision->played.setup);
}

enum auth_rc mock_provision_app(const struct mock_provision *provision, const char *origin, struct mock_app **app,
                                struct auth_err *err)
{
    *app = NULL;
    return provision->has_made_app
               ? mock_made_app_register(&provision->made, &provision->played.setup, origin, app, err)
               : AUTH_OK;
}

void mock_provision_clear(struct mock_provision *provision)
{
    mock_played_clear(&provision->played);
    mock_made_app_clear(&provision->made);
    mock_temporary_remove(&provision->temporary);
}
