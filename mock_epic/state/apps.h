/* Registered apps: what Epic's app page holds. Keys are judged when they are registered, with a clear refusal.
 *
 * A struct mock_app is immutable and reference-counted: a request keeps the app it found while an administrator
 * replaces it. Threads safe. */
#ifndef MOCK_EPIC_STATE_APPS_H
#define MOCK_EPIC_STATE_APPS_H

#include <pthread.h>
#include <stdatomic.h>

#include "auth/jose/jwk_set.h"
#include "auth/rules/rules.h"
#include "mock_epic/epic/scopes.h"
#include "mock_epic/state/jwks_cache.h"
#include "mock_epic/store/table.h"

struct mock_app {
    atomic_uint references;
    char *client_id;
    char *name;
    enum auth_key_source key_source;
    char *certificate; /* PEM as uploaded, or NULL */
    char *jwks;        /* JWK Set as uploaded, or NULL */
    char *jwks_url;
    struct mock_jwks_cache *fetched; /* with jwks_url: the set behind it */
    struct auth_jwk_set keys;        /* of certificate and jwks */
    struct mock_scopes scopes;       /* what its selected APIs grant */
    bool is_production;
    bool has_background_user;
    int64_t registered_s;
    int64_t synced_after_s;
    size_t bytes; /* about what it takes, keys as OpenSSL holds them included */
};

/* Found by client_id at the same cost however many there are. */
struct mock_apps {
    pthread_mutex_t lock;
    struct mock_table table; /* empty until the first app comes */
    size_t bytes, bytes_max; /* MOCK_APPS_BYTES_MAX; tests set less */
};

/* What an app may hold, in bytes but for the number of scopes; whoever has more is told which limit it was. The first is what
 * all of them may hold together. */
enum {
    MOCK_APPS_BYTES_MAX = 256 * 1024 * 1024, /* some 10,000 with a key each */
    MOCK_CLIENT_ID_MAX = 128,
    MOCK_APP_NAME_MAX = 256,
    MOCK_APP_KEY_MAX = 64 * 1024, /* certificate or jwks */
    MOCK_APP_URL_MAX = 2048,
    MOCK_APP_SCOPES_MAX = 1000,
    MOCK_APP_SCOPES_BYTES_MAX = 16 * 1024,
    MOCK_APP_SYNC_MAX_S = 31 * 86400
};

void mock_apps_init(struct mock_apps *apps);
void mock_apps_clear(struct mock_apps *apps);

/* The app of that id with a reference for the caller, or NULL. */
struct mock_app *mock_apps_acquire(struct mock_apps *apps, struct auth_view client_id);
void mock_apps_release(struct mock_app *app); /* NULL is fine */

/* Make an app from its JSON, checking every member.
 * rc  AUTH_E_SYNTAX (not that shape); AUTH_E_KEY (bad key: detail says what it is and what to do) */
AUTH_MUST_CHECK enum auth_rc mock_apps_parse(struct auth_view json, int64_t now_s, struct mock_app **out,
                                             struct auth_err *err);
/* Make an app from parts, as the command line gives them. Exactly one of certificate, jwks, jwks_url. */
struct mock_app_parts {
    struct auth_view client_id, name;
    struct auth_view certificate, jwks, jwks_url; /* p is NULL where none was given; empty is something else */
    const struct auth_json_node *scopes;          /* array of strings; NULL: every API */
    int64_t scope_version;                        /* SMART 1 or 2: how the token response spells them; 0: 2 */
    bool is_production, has_background_user;
    int64_t synced_after_s;
};
AUTH_MUST_CHECK enum auth_rc mock_apps_make(const struct mock_app_parts *parts, int64_t now_s, struct mock_app **out,
                                            struct auth_err *err);

/* May it be registered where these rules count? rc AUTH_E_KEY: it holds an EC key itself, which Epic takes only by URL (E) */
AUTH_MUST_CHECK enum auth_rc mock_apps_check(const struct mock_app *app, const struct auth_profile *profile,
                                             struct auth_err *err);

enum mock_apps_put { MOCK_APPS_ADD, MOCK_APPS_REPLACE };
/* Takes the app in every case. rc AUTH_E_EXISTS (ADD), AUTH_E_NOT_FOUND never: REPLACE adds when absent;
 * AUTH_E_TOO_BIG (all together would take more than bytes_max; detail says so), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_apps_put(struct mock_apps *apps, struct mock_app *app, enum mock_apps_put how,
                                           struct auth_err *err);
bool mock_apps_remove(struct mock_apps *apps, struct auth_view client_id);
/* Make `to` hold exactly the apps of `from` (shared, not copied). rc AUTH_E_NOMEM: `to` is unchanged */
AUTH_MUST_CHECK enum auth_rc mock_apps_copy(struct mock_apps *from, struct mock_apps *to);
/* Forget every JWK Set that was fetched from a URL. */
void mock_apps_forget_jwks(struct mock_apps *apps);

/* Write one app: its JSON plus thumbprint_sha1, key type and size, warnings. No private key is ever held. */
void mock_apps_write(const struct mock_app *app, struct auth_json_writer *w);
/* Write all as an array, by client_id. */
void mock_apps_write_all(struct mock_apps *apps, struct auth_json_writer *w);

#endif
