/* An app and a place for the CA, for those who brought none. */
#include "mock_epic/start/provision.h"

#include <stddef.h>

enum auth_rc mock_provision_make(struct mock_provision *provision, struct mock_settings *settings, struct auth_err *err)
{
    bool wants_app = !settings->client_id && settings->apps.count == 0;
    enum auth_rc rc = AUTH_OK;
    *provision = (struct mock_provision){.client_id = settings->client_id};
    mock_temporary_init(&provision->temporary);
    mock_made_app_init(&provision->made);
    if (wants_app)
        rc = mock_made_app_make(&provision->made, &provision->temporary, err);
    if (wants_app && rc == AUTH_OK)
        rc = mock_made_app_register(&provision->made, &provision->registered, err);
    if (wants_app) {
        provision->client_id = provision->made.client_id;
        provision->key_path = provision->made.key_path;
    }
    if (rc == AUTH_OK && settings->tls && !settings->tls_ca_file)
        rc = mock_temporary_path(&provision->temporary, "ca.pem", &settings->tls_ca_file, err);
    return rc;
}

struct mock_app *mock_provision_take(struct mock_provision *provision)
{
    struct mock_app *app = provision->registered;
    provision->registered = NULL;
    return app;
}

void mock_provision_clear(struct mock_provision *provision)
{
    mock_app_release(provision->registered);
    mock_made_app_clear(&provision->made);
    mock_temporary_remove(&provision->temporary);
}
