/* An app from its parts: its keys judged, its sizes bounded. */
#include "mock_epic/state/app.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"

struct mock_app *mock_app_hold(struct mock_app *app)
{
    atomic_fetch_add(&app->references, 1);
    return app;
}

void mock_app_release(struct mock_app *app)
{
    if (!app || atomic_fetch_sub(&app->references, 1) > 1)
        return;
    free(app->client_id);
    free(app->name);
    free(app->certificate);
    free(app->jwks);
    free(app->jwks_url);
    mock_jwks_cache_release(app->fetched);
    auth_jwk_set_clear(&app->keys);
    mock_scopes_clear(&app->scopes);
    free(app);
}

/* A client id goes into logs, JSON and store keys: printable ASCII without spaces keeps it harmless everywhere. */
static enum auth_rc check_client_id(struct auth_view id, struct auth_err *err)
{
    if (id.n == 0 || id.n > MOCK_CLIENT_ID_MAX)
        return auth_err_set(err, AUTH_E_SYNTAX, "client_id: 1 to %d characters are needed", MOCK_CLIENT_ID_MAX);
    for (size_t i = 0; i < id.n; i++) {
        if (id.p[i] <= 0x20 || id.p[i] >= 0x7f)
            return auth_err_set(err, AUTH_E_SYNTAX, "client_id: printable ASCII without spaces only");
    }
    return AUTH_OK;
}

static enum auth_rc check_static_key(const struct auth_key *key, const char *what, struct auth_err *err)
{
    const char *weakness = auth_key_weakness(key);
    if (weakness)
        return auth_err_set(
            err, AUTH_E_KEY,
            "%s: %s; make a new key: 'openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "
            "key.pem'",
            what, weakness);
    return AUTH_OK;
}

static enum auth_rc take_certificate(struct mock_app *app, struct auth_view pem, struct auth_err *err)
{
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_from_cert(pem, &key, err);
    if (rc == AUTH_OK)
        rc = auth_jwk_set_of_key(key, &app->keys);
    if (rc == AUTH_OK)
        rc = check_static_key(key, "certificate", err);
    if (rc != AUTH_OK)
        return rc;
    app->key_source = AUTH_KEYS_CERT;
    app->certificate = auth_view_dup(pem);
    return app->certificate ? AUTH_OK : auth_err_no_memory(err);
}

/* What to do with something that is no JWK Set; empty when that is plain. */
static const char *jwks_hint(struct auth_view text)
{
    switch (auth_key_sniff(text)) {
    case AUTH_KEY_FORMAT_CERTIFICATE:
        return "; register it as \"certificate\" (--cert)";
    case AUTH_KEY_FORMAT_PRIVATE:
    case AUTH_KEY_FORMAT_ENCRYPTED:
        return "; keep this file secret, and make the set of its public part with 'epic-auth key jwks KEY'";
    case AUTH_KEY_FORMAT_PUBLIC:
        return "; make the set from the private key with 'epic-auth key jwks KEY'";
    default:
        return auth_view_starts(auth_view_trim(text), "http") ? "; register it as \"jwks_url\" (--jwks-url)" : "";
    }
}

/* Which key of the app is meant: "jwks, key 2 "kid"" or "certificate". */
static void name_key(const struct auth_jwk_set_entry *entry, size_t number, bool is_certificate, struct auth_buf *what)
{
    auth_buf_init(what, 256);
    if (is_certificate)
        auth_buf_add_string(what, "certificate");
    else
        auth_buf_addf(what, "jwks, key %zu", number);
    if (entry->kid) {
        auth_buf_add_string(what, " \"");
        auth_text_escape(what, auth_jwk_set_kid(entry), 40);
        auth_buf_add_char(what, '"');
    }
}

static enum auth_rc check_static_entry(const struct auth_jwk_set_entry *entry, size_t number, struct auth_err *err)
{
    struct auth_buf what;
    if (!entry->key)
        return AUTH_OK;
    name_key(entry, number, false, &what);
    enum auth_rc rc = check_static_key(entry->key, what.p ? what.p : "jwks", err);
    auth_buf_clear(&what);
    return rc;
}

static enum auth_rc take_jwks(struct mock_app *app, struct auth_view jwks, struct auth_err *err)
{
    struct auth_err inner = {0};
    enum auth_rc rc = auth_jwk_set_parse(jwks, &app->keys, &inner);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "%s%s", inner.detail, jwks_hint(jwks));
    if (auth_jwk_set_usable(&app->keys) == 0)
        return auth_err_set(err, AUTH_E_KEY, "jwks: no usable key in the set: %s", auth_jwk_set_problem(&app->keys));
    for (size_t i = 0; i < app->keys.count && rc == AUTH_OK; i++)
        rc = check_static_entry(&app->keys.entries[i], i + 1, err);
    if (rc != AUTH_OK)
        return rc;
    app->key_source = AUTH_KEYS_JWKS;
    app->jwks = auth_view_dup(jwks);
    return app->jwks ? AUTH_OK : auth_err_no_memory(err);
}

enum auth_rc mock_app_check(const struct mock_app *app, const struct auth_profile *profile, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    if (profile->values[AUTH_SWITCH_ALGORITHMS] != AUTH_ALGORITHMS_EPIC)
        return AUTH_OK;
    for (size_t i = 0; i < app->keys.count && rc == AUTH_OK; i++) {
        const struct auth_key *key = app->keys.entries[i].key;
        struct auth_buf what;
        if (!key || auth_key_type(key) == AUTH_KEY_RSA)
            continue;
        name_key(&app->keys.entries[i], i + 1, app->key_source == AUTH_KEYS_CERT, &what);
        rc = auth_err_set(err, AUTH_E_KEY,
                          "%s: %s key; Epic takes EC keys only through a JWK Set URL, so upload an RSA key",
                          what.p ? what.p : "", auth_key_type_text(key));
        auth_buf_clear(&what);
    }
    return rc;
}

static enum auth_rc take_jwks_url(struct mock_app *app, struct auth_view url, struct auth_err *err)
{
    enum auth_rc rc = auth_jwks_check_url(url, err);
    if (rc != AUTH_OK)
        return rc;
    app->key_source = AUTH_KEYS_JWKS_URL;
    app->jwks_url = auth_view_dup(url);
    if (!app->jwks_url || mock_jwks_cache_new(app->jwks_url, app->client_id, &app->fetched) != AUTH_OK)
        return auth_err_no_memory(err);
    return AUTH_OK;
}

/* Also from the command line and from files: what an app holds is bounded, and so is what all of them hold. */
static enum auth_rc check_sizes(const struct mock_app_parts *parts, struct auth_err *err)
{
    const struct {
        const char *name;
        struct auth_view text;
        size_t max;
    } rows[] = {
        {"name", parts->name, MOCK_APP_NAME_MAX},
        {"certificate", parts->certificate, MOCK_APP_KEY_MAX},
        {"jwks", parts->jwks, MOCK_APP_KEY_MAX},
        {"jwks_url", parts->jwks_url, MOCK_APP_URL_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].text.n > rows[i].max)
            return auth_err_set(err, AUTH_E_SYNTAX, "%s: at most %zu bytes, not %zu", rows[i].name, rows[i].max,
                                rows[i].text.n);
    }
    return AUTH_OK;
}

static enum auth_rc take_keys(struct mock_app *app, const struct mock_app_parts *parts, struct auth_err *err)
{
    int given = (parts->certificate.p != NULL) + (parts->jwks.p != NULL) + (parts->jwks_url.p != NULL);
    if (given != 1)
        return auth_err_set(err, AUTH_E_SYNTAX, "exactly one of certificate (PEM), jwks and jwks_url is needed, not %d",
                            given);
    if (parts->certificate.p)
        return take_certificate(app, parts->certificate, err);
    if (parts->jwks.p)
        return take_jwks(app, parts->jwks, err);
    return take_jwks_url(app, parts->jwks_url, err);
}

static enum auth_rc refuse_scopes(struct auth_buf *list, struct auth_err *err)
{
    auth_buf_clear(list);
    return auth_err_set(err, AUTH_E_SYNTAX, "scopes: at most %d bytes in all", MOCK_APP_SCOPES_BYTES_MAX);
}

static enum auth_rc take_scopes(struct mock_app *app, const struct auth_json_node *scopes,
                                enum mock_scopes_version version, struct auth_err *err)
{
    if (!scopes)
        return mock_scopes_all(version, &app->scopes) == AUTH_OK ? AUTH_OK : auth_err_no_memory(err);
    struct auth_buf list;
    size_t total = 0;
    auth_buf_init(&list, 2 * MOCK_APP_SCOPES_BYTES_MAX);
    for (const struct auth_json_node *node = auth_json_first(scopes); node; node = auth_json_next(node)) {
        total += auth_json_string(node).n + 1;
        if (total > MOCK_APP_SCOPES_BYTES_MAX)
            return refuse_scopes(&list, err);
        auth_buf_add_char(&list, ' ');
        auth_buf_add_view(&list, auth_json_string(node));
    }
    enum auth_rc rc = auth_buf_check(&list, err);
    if (rc == AUTH_OK)
        rc = mock_scopes_parse(auth_view_trim(auth_buf_view(&list)), version, &app->scopes, err);
    auth_buf_clear(&list);
    return rc;
}

static size_t text_size(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

static size_t size_of(const struct mock_app *app)
{
    enum { KEY_BYTES = 20 * 1024 }; /* measured */
    return sizeof *app + text_size(app->client_id) + text_size(app->name) + text_size(app->certificate) +
           text_size(app->jwks) + text_size(app->jwks_url) + text_size(app->scopes.text) + text_size(app->scopes.json) +
           app->scopes.count * sizeof *app->scopes.items + (app->keys.count + (app->fetched != NULL)) * KEY_BYTES;
}

enum auth_rc mock_app_make(const struct mock_app_parts *parts, int64_t now_s, struct mock_app **out,
                           struct auth_err *err)
{
    struct mock_app *app = calloc(1, sizeof *app);
    if (!app)
        return auth_err_no_memory(err);
    atomic_init(&app->references, 1);
    app->is_production = parts->is_production;
    app->has_background_user = parts->has_background_user;
    app->synced_after_s = parts->synced_after_s;
    app->registered_s = now_s;
    enum auth_rc rc = check_client_id(parts->client_id, err);
    if (rc == AUTH_OK) {
        app->client_id = auth_view_dup(parts->client_id);
        app->name = auth_view_dup(parts->name);
        rc = app->client_id && app->name ? AUTH_OK : auth_err_no_memory(err);
    }
    if (rc == AUTH_OK)
        rc = check_sizes(parts, err);
    if (rc == AUTH_OK)
        rc = take_keys(app, parts, err);
    if (rc == AUTH_OK)
        rc = take_scopes(app, parts->scopes, (enum mock_scopes_version)parts->scope_version, err);
    if (rc == AUTH_OK)
        rc = mock_subtype_grants_read(parts->subtypes, &app->subtypes, err);
    if (rc == AUTH_OK) {
        app->bytes = size_of(app);
        *out = app;
    } else {
        mock_app_release(app);
    }
    return rc;
}

enum auth_rc mock_app_own(struct mock_app *app, int64_t now_s, struct mock_app **out)
{
    if (!app->fetched && app->synced_after_s == 0) {
        *out = mock_app_hold(app);
        return AUTH_OK;
    }
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(app->client_id),
        .name = auth_view_from_string(app->name),
        .certificate = auth_view_from_string(app->certificate),
        .jwks = auth_view_from_string(app->jwks),
        .jwks_url = auth_view_from_string(app->jwks_url),
        .scope_version = (int64_t)app->scopes.version,
        .is_production = app->is_production,
        .has_background_user = app->has_background_user,
        .synced_after_s = app->synced_after_s,
    };
    struct mock_app *own = NULL;
    enum auth_rc rc = mock_app_make(&parts, now_s, &own, NULL);
    if (!own)
        return rc;
    own->subtypes = app->subtypes;
    mock_scopes_clear(&own->scopes);
    rc = mock_scopes_parse(auth_view_from_string(app->scopes.text), app->scopes.version, &own->scopes, NULL);
    if (rc == AUTH_OK)
        *out = own;
    else
        mock_app_release(own);
    return rc;
}
