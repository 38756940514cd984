/* What a client of the mock needs and its user did not bring: an app with its key, and a place for the CA's certificate. Made
 * for run and for serve --env-file, and taken away again. */
#ifndef MOCK_EPIC_START_PROVISION_H
#define MOCK_EPIC_START_PROVISION_H

#include "mock_epic/start/made_app.h"
#include "mock_epic/start/options.h"

struct mock_provision {
    struct mock_temporary temporary;
    struct mock_made_app made;
    struct mock_app *registered; /* until the server takes it */
    const char *client_id;       /* NULL: which of several it is, is the user's to say */
    const char *key_path;        /* NULL: the app is the user's, who has its key */
};

/* io   settings  tls_ca_file is filled in when --tls was given alone
 * rc   AUTH_E_IO, AUTH_E_NOMEM, AUTH_E_CRYPTO. Clear in every case */
AUTH_MUST_CHECK enum auth_rc mock_provision_make(struct mock_provision *provision, struct mock_settings *settings,
                                                 struct auth_err *err);
/* What the server is to register, once: it is the caller's from then on. NULL: nothing. */
struct mock_app *mock_provision_take(struct mock_provision *provision);
/* Remove the files. */
void mock_provision_clear(struct mock_provision *provision);

#endif
