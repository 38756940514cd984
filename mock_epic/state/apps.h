/* The table of registered apps. Threads safe. */
#ifndef MOCK_EPIC_STATE_APPS_H
#define MOCK_EPIC_STATE_APPS_H

#include <pthread.h>

#include "mock_epic/state/app.h"
#include "mock_epic/store/table.h"

enum { MOCK_APPS_BYTES_MAX = 256 * 1024 * 1024 }; /* of all apps together: some 10,000 with a key each */

/* Found by client_id at the same cost however many there are. */
struct mock_apps {
    pthread_mutex_t lock;
    struct mock_table table; /* empty until the first app comes */
    size_t bytes, bytes_max; /* MOCK_APPS_BYTES_MAX; tests set less */
};

void mock_apps_init(struct mock_apps *apps);
void mock_apps_clear(struct mock_apps *apps);

/* The app of that id with a reference for the caller, or NULL. */
struct mock_app *mock_apps_acquire(struct mock_apps *apps, struct auth_view client_id);

enum mock_apps_put { MOCK_APPS_ADD, MOCK_APPS_REPLACE };
/* Takes the app in every case; REPLACE adds where there is none of that id.
 * rc  AUTH_E_EXISTS (ADD); AUTH_E_TOO_BIG (all together would take more than bytes_max; detail says so), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_apps_put(struct mock_apps *apps, struct mock_app *app, enum mock_apps_put how,
                                           struct auth_err *err);
bool mock_apps_remove(struct mock_apps *apps, struct auth_view client_id);
/* Make `to` hold exactly the apps of `from` (shared, not copied). rc AUTH_E_NOMEM: `to` is unchanged */
AUTH_MUST_CHECK enum auth_rc mock_apps_copy(struct mock_apps *from, struct mock_apps *to);
/* The same for another instance, each by mock_app_own(). */
AUTH_MUST_CHECK enum auth_rc mock_apps_copy_own(struct mock_apps *from, struct mock_apps *to, int64_t now_s);
/* Forget every JWK Set that was fetched from a URL. */
void mock_apps_forget_jwks(struct mock_apps *apps);
/* Write all as an array, by client_id. */
void mock_apps_write_all(struct mock_apps *apps, struct auth_json_writer *w);

#endif
