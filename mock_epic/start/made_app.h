/* An app made for whoever has none: a key, its certificate, a client id. */
#ifndef MOCK_EPIC_START_MADE_APP_H
#define MOCK_EPIC_START_MADE_APP_H

#include "mock_epic/start/temporary.h"
#include "mock_epic/state/apps.h"

struct mock_made_app {
    const char *client_id;       /* static */
    const char *key_path;        /* PEM, 0600, borrowed from the temporary files */
    struct auth_buf certificate; /* PEM */
};

void mock_made_app_init(struct mock_made_app *made);
void mock_made_app_clear(struct mock_made_app *made);
/* io   temporary  gets the private key
 * rc   AUTH_E_IO, AUTH_E_NOMEM, AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc mock_made_app_make(struct mock_made_app *made, struct mock_temporary *temporary,
                                                struct auth_err *err);
/* What the server registers. out  app  caller passes it on or releases it */
AUTH_MUST_CHECK enum auth_rc mock_made_app_register(const struct mock_made_app *made, struct mock_app **app,
                                                    struct auth_err *err);

#endif
