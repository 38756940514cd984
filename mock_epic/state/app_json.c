/* An app as JSON: read by a table of its members, written with what to know about its keys. */
#include "mock_epic/state/app_json.h"

#include <stddef.h>

/* An app's JSON as it is read; parts.scopes and the like are made of it. */
struct app_json {
    struct mock_app_parts parts;
    struct auth_view environment;
    const struct auth_json_node *jwks;
};

#define PART(name) offsetof(struct app_json, parts.name)
const struct mock_member mock_app_members[] = {
    {"client_id", MOCK_MEMBER_STRING, true, PART(client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
    {"name", MOCK_MEMBER_STRING, false, PART(name), 0, MOCK_APP_NAME_MAX, NULL},
    {"certificate", MOCK_MEMBER_STRING, false, PART(certificate), 0, MOCK_APP_KEY_MAX, NULL},
    {"jwks", MOCK_MEMBER_JSON, false, offsetof(struct app_json, jwks), 0, 0, "a JWK Set, an object or its text"},
    {"jwks_url", MOCK_MEMBER_STRING, false, PART(jwks_url), 0, MOCK_APP_URL_MAX, NULL},
    {"scopes", MOCK_MEMBER_STRINGS, false, PART(scopes), 0, MOCK_APP_SCOPES_MAX, NULL},
    {"subtypes", MOCK_MEMBER_JSON, false, PART(subtypes), 0, 0,
     "an object: of a type the sub-types that are granted, {\"Observation\":[\"Labs\"]}"},
    {"scope_version", MOCK_MEMBER_INT, false, PART(scope_version), 1, 2,
     "1 or 2, the SMART version of the app's scopes"},
    {"environment", MOCK_MEMBER_STRING, false, offsetof(struct app_json, environment), 1, 20,
     "\"production\" or \"non-production\""},
    {"background_user", MOCK_MEMBER_BOOL, false, PART(has_background_user), 0, 0, NULL},
    {"synced_after_s", MOCK_MEMBER_INT, false, PART(synced_after_s), 0, MOCK_APP_SYNC_MAX_S, NULL},
    {"thumbprint_sha1", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"key_type", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"key_bits", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"jwks_fetched", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"warnings", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"$schema", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};
#undef PART
_Static_assert(sizeof mock_app_members / sizeof *mock_app_members == MOCK_APP_MEMBERS, "as the header says");

static enum auth_rc read_environment(struct auth_view text, bool *is_production, struct auth_err *err)
{
    *is_production = auth_view_equals(text, "production");
    if (*is_production || text.p == NULL || auth_view_equals(text, "non-production"))
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_SYNTAX, "environment: \"production\" or \"non-production\"");
}

/* jwks may be the set itself or its text. */
static enum auth_rc read_jwks(const struct auth_json_node *node, struct auth_view json, struct auth_view *jwks,
                              struct auth_err *err)
{
    if (!node)
        return AUTH_OK;
    if (auth_json_type(node) == AUTH_JSON_STRING)
        *jwks = auth_json_string(node);
    else if (!auth_json_raw_member(json, "jwks", jwks))
        return auth_err_set(err, AUTH_E_SYNTAX, "jwks: write the member's name without escapes");
    return AUTH_OK;
}

enum auth_rc mock_app_parse(struct auth_view json, int64_t now_s, struct mock_app **out, struct auth_err *err)
{
    struct app_json app = {.parts.has_background_user = true};
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(json, &doc, err);
    if (rc == AUTH_OK)
        rc = mock_members_read(mock_app_members, MOCK_APP_MEMBERS, auth_json_root(doc), &app, NULL, err);
    if (rc == AUTH_OK)
        rc = read_environment(app.environment, &app.parts.is_production, err);
    if (rc == AUTH_OK)
        rc = read_jwks(app.jwks, json, &app.parts.jwks, err);
    if (rc == AUTH_OK)
        rc = mock_app_make(&app.parts, now_s, out, err);
    auth_json_free(doc);
    if (err)
        err->node = NULL; /* it was of doc */
    return rc;
}

/* What a person should know about the keys, although Epic says nothing of it (E: of a certificate only the key is kept). */
static void write_warnings(const struct mock_app *app, const struct auth_cert_info *cert, struct auth_json_writer *w)
{
    struct auth_buf lines;
    auth_buf_init(&lines, 256 * 1024);
    if (app->certificate)
        auth_key_repairs(auth_view_from_string(app->certificate), &lines);
    auth_jwk_set_warnings(&app->keys, &lines);
    if (app->fetched)
        mock_jwks_cache_warnings(app->fetched, &lines);
    auth_json_write_key(w, "warnings");
    auth_json_write_array(w);
    w->out->is_spoiled = w->out->is_spoiled || !auth_buf_ok(&lines);
    for (struct auth_view rest = auth_buf_view(&lines); rest.n;)
        auth_json_write_string(w, auth_view_split(&rest, '\n'));
    auth_buf_clear(&lines);
    if (cert && cert->not_after_s <= app->registered_s)
        auth_json_write_string(
            w, auth_view_from_string("the certificate has expired by this server's clock; Epic does not mind, other "
                                     "servers may"));
    if (cert && cert->not_before_s > app->registered_s)
        auth_json_write_string(
            w, auth_view_from_string("the certificate is not valid yet by this server's clock; Epic does not mind, "
                                     "other servers may"));
    if (app->key_source != AUTH_KEYS_JWKS_URL)
        auth_json_write_string(
            w, auth_view_from_string("Epic is retiring uploaded keys (sandbox: February 2026); plan for a JWK Set "
                                     "URL"));
    auth_json_write_end_array(w);
}

void mock_app_write(const struct mock_app *app, struct auth_json_writer *w)
{
    const struct auth_key *key = app->keys.count ? app->keys.entries[0].key : NULL;
    const struct auth_cert_info *cert = key ? auth_key_cert(key) : NULL;
    auth_json_write_object(w);
    auth_json_write_member_text(w, "client_id", app->client_id);
    auth_json_write_member_text(w, "name", app->name);
    if (app->certificate)
        auth_json_write_member_text(w, "certificate", app->certificate);
    if (app->jwks)
        auth_json_write_member_raw(w, "jwks", auth_view_from_string(app->jwks));
    if (app->jwks_url)
        auth_json_write_member_text(w, "jwks_url", app->jwks_url);
    auth_json_write_key(w, "scopes");
    auth_json_write_array(w);
    for (size_t i = 0; i < app->scopes.count; i++)
        auth_json_write_string(w, app->scopes.items[i].text);
    auth_json_write_end_array(w);
    if (mock_subtype_grants_say(&app->subtypes)) {
        auth_json_write_key(w, "subtypes");
        mock_subtype_grants_write(&app->subtypes, w);
    }
    if (app->scopes.version != MOCK_SCOPES_UNSAID)
        auth_json_write_member_int(w, "scope_version", (int64_t)app->scopes.version);
    auth_json_write_member_text(w, "environment", app->is_production ? "production" : "non-production");
    auth_json_write_member_bool(w, "background_user", app->has_background_user);
    auth_json_write_member_int(w, "synced_after_s", app->synced_after_s);
    if (cert)
        auth_json_write_member_text(w, "thumbprint_sha1", cert->sha1);
    if (key) {
        auth_json_write_member_text(w, "key_type", auth_key_type_text(key));
        auth_json_write_member_int(w, "key_bits", (int64_t)auth_key_bits(key));
    }
    if (app->fetched) {
        auth_json_write_key(w, "jwks_fetched");
        mock_jwks_cache_write(app->fetched, w);
    }
    write_warnings(app, cert, w);
    auth_json_write_end_object(w);
}
