/* An app made for whoever has none: a key, its certificate, a client id. And another key in the place of the first. */
#ifndef MOCK_EPIC_START_MADE_APP_H
#define MOCK_EPIC_START_MADE_APP_H

#include "mock_epic/admin/setup.h"
#include "mock_epic/start/temporary.h"

enum { MOCK_SPARE_KEYS_MAX = 16 };

struct mock_made_key {
    struct auth_key *key;
    struct auth_buf certificate; /* PEM */
};

struct mock_made_app {
    const char *client_id; /* static */
    const char *key_path;  /* PEM, 0600, borrowed from the temporary files */
    struct mock_made_key current;
    struct mock_made_key spares[MOCK_SPARE_KEYS_MAX]; /* made beforehand, since it takes a while */
    size_t spare_count;
};

void mock_made_app_init(struct mock_made_app *made);
void mock_made_app_clear(struct mock_made_app *made);
/* io   temporary  gets the private key
 * in   spares     how many keys are made for later
 * rc   AUTH_E_IO, AUTH_E_NOMEM, AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc mock_made_app_make(struct mock_made_app *made, struct mock_temporary *temporary,
                                                size_t spares, struct auth_err *err);
/* What the server registers.
 * in   setup   how
 *      origin  of the mock, where it serves JWK Sets; NULL: not known yet
 * out  app     caller passes it on or releases it
 * rc   AUTH_E_NOMEM; AUTH_E_CONFIG: setup wants a JWK Set URL, and the origin is not known */
AUTH_MUST_CHECK enum auth_rc mock_made_app_register(const struct mock_made_app *made, const struct mock_setup *setup,
                                                    const char *origin, struct mock_app **app, struct auth_err *err);
/* Append its public key as a JWK Set. rc AUTH_E_NOMEM, AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc mock_made_app_write_set(const struct mock_made_app *made, struct auth_buf *out,
                                                     struct auth_err *err);
/* Let the mock serve the public key at /mock/jwks/CLIENT_ID. */
AUTH_MUST_CHECK enum auth_rc mock_made_app_publish(const struct mock_made_app *made, struct mock_instance *instance,
                                                   struct auth_err *err);
/* Put another key into what is registered or served, then into the file, by rename.
 * in   keep_old  the old one stays registered beside it
 * rc   AUTH_E_IO, AUTH_E_NOMEM, AUTH_E_CRYPTO; AUTH_E_TOO_BIG (of all apps) */
AUTH_MUST_CHECK enum auth_rc mock_made_app_rotate(struct mock_made_app *made, const struct mock_setup *setup,
                                                  struct mock_instance *instance, bool keep_old, struct auth_err *err);

#endif
