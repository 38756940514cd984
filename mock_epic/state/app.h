/* A registered app: what Epic's app page holds. Keys are judged when it is made, with a clear refusal.
 *
 * Immutable and reference-counted: a request keeps the app it found while an administrator replaces it. Threads safe.
 * Read next: mock_epic/state/apps.h (the table of them), app_json.h (as JSON). */
#ifndef MOCK_EPIC_STATE_APP_H
#define MOCK_EPIC_STATE_APP_H

#include <stdatomic.h>

#include "auth/jose/jwk_set.h"
#include "auth/rules/rules.h"
#include "mock_epic/epic/scopes.h"
#include "mock_epic/epic/subtypes.h"
#include "mock_epic/state/jwks_cache.h"

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
    struct mock_subtype_grants subtypes;
    bool is_production;
    bool has_background_user;
    int64_t registered_s;
    int64_t synced_after_s;
    size_t bytes; /* about what it takes, keys as OpenSSL holds them included */
};

/* What an app may hold, in bytes but for the number of scopes; whoever has more is told which limit it was. */
enum {
    MOCK_CLIENT_ID_MAX = 128,
    MOCK_APP_NAME_MAX = 256,
    MOCK_APP_KEY_MAX = 64 * 1024, /* certificate or jwks */
    MOCK_APP_URL_MAX = 2048,
    MOCK_APP_SCOPES_MAX = 1000,
    MOCK_APP_SCOPES_BYTES_MAX = 16 * 1024,
    MOCK_APP_SYNC_MAX_S = 31 * 86400
};

/* Its parts, as the command line gives them; borrowed. Exactly one of certificate, jwks, jwks_url. */
struct mock_app_parts {
    struct auth_view client_id, name;
    struct auth_view certificate, jwks, jwks_url; /* p is NULL where none was given; empty is something else */
    const struct auth_json_node *scopes;          /* array of strings; NULL: every API */
    const struct auth_json_node *subtypes;        /* an object; NULL: the usual ones */
    int64_t scope_version; /* SMART 1 or 2: how the token response spells them; 0: as the profile does */
    bool is_production, has_background_user;
    int64_t synced_after_s;
};
/* rc  AUTH_E_SYNTAX (a part is not as it should be), AUTH_E_KEY (bad key: detail says what it is and what to do), AUTH_E_NOMEM
 * out *out  with one reference, the caller's */
AUTH_MUST_CHECK enum auth_rc mock_app_make(const struct mock_app_parts *parts, int64_t now_s, struct mock_app **out,
                                           struct auth_err *err);
struct mock_app *mock_app_hold(struct mock_app *app); /* one more reference, for the caller */
void mock_app_release(struct mock_app *app);          /* NULL is fine */

/* The app for another instance, where it is registered now: itself, or with a JWK Set URL or a delay a copy with its own.
 * out  *out  with a reference for the caller
 * rc   AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_app_own(struct mock_app *app, int64_t now_s, struct mock_app **out);

/* May it be registered where these rules count? rc AUTH_E_KEY: it holds an EC key itself, which Epic takes only by URL (E) */
AUTH_MUST_CHECK enum auth_rc mock_app_check(const struct mock_app *app, const struct auth_profile *profile,
                                            struct auth_err *err);

#endif
