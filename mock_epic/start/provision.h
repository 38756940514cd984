/* What a client of the mock needs and its user did not bring: an app with its key, and a place for the CA's certificate. Made
 * for run and for serve --env-file, and taken away again. */
#ifndef MOCK_EPIC_START_PROVISION_H
#define MOCK_EPIC_START_PROVISION_H

#include "mock_epic/start/made_app.h"
#include "mock_epic/start/options.h"
#include "mock_epic/start/played.h"

struct mock_provision {
    struct mock_temporary temporary;
    struct mock_made_app made;
    bool has_made_app;
    struct mock_played played;
    const char *client_id; /* NULL: which of several it is, is the user's to say */
    const char *key_path;  /* NULL: the app is the user's, who has its key */
};

/* Clear in every case.
 * io   settings  tls_ca_file is filled in when --tls was given alone
 * rc   AUTH_E_IO, AUTH_E_NOMEM, AUTH_E_CRYPTO; AUTH_E_ARG (the scenario) */
AUTH_MUST_CHECK enum auth_rc mock_provision_make(struct mock_provision *provision, struct mock_settings *settings,
                                                 struct auth_err *err);
/* Whether what is to be registered is the URL of a set that the mock serves. */
bool mock_provision_has_jwks_url(const struct mock_provision *provision);
/* What the server is to register.
 * in   origin  of the mock, where it serves JWK Sets; NULL: not known yet
 * out  *app    NULL: nothing; the caller's
 * rc   AUTH_E_NOMEM; AUTH_E_CONFIG: a scenario wants a JWK Set URL, and the origin is not known */
AUTH_MUST_CHECK enum auth_rc mock_provision_app(const struct mock_provision *provision, const char *origin,
                                                struct mock_app **app, struct auth_err *err);
/* Remove the files. */
void mock_provision_clear(struct mock_provision *provision);

#endif
