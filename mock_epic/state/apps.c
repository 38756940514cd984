/* Registered apps: the table of them, how one is made of its JSON or of options, how it is shown. */
#include "mock_epic/state/apps.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/state/members.h"

/* ---- the table ---- */

/* An app may be in several tables, so what is chained is not the app itself. */
struct slot {
    struct mock_node node; /* first */
    struct mock_app *app;
};

static uint64_t hash_of_id(struct auth_view id)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < id.n; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * 0x100000001b3U;
    return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct mock_node *node)
{
    return hash_of_id(auth_view_from_string(((const struct slot *)node)->app->client_id));
}

static struct mock_app *app_at(struct mock_node **link)
{
    return ((struct slot *)*link)->app;
}

void mock_apps_init(struct mock_apps *apps)
{
    memset(apps, 0, sizeof *apps);
    apps->bytes_max = MOCK_APPS_BYTES_MAX;
    pthread_mutex_init(&apps->lock, NULL);
}

void mock_apps_release(struct mock_app *app)
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

/* Drop every slot of a table that nobody else sees. */
static void clear_table(struct mock_table *table)
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct mock_node *node = *mock_table_bucket(table, i), *next; node; node = next) {
            next = node->next;
            mock_apps_release(((struct slot *)node)->app);
            free(node);
        }
    }
    mock_table_clear(table);
}

void mock_apps_clear(struct mock_apps *apps)
{
    clear_table(&apps->table);
    pthread_mutex_destroy(&apps->lock);
    memset(apps, 0, sizeof *apps);
}

/* The link to the app's slot, or to the NULL where it would be; NULL when nothing was ever added. The lock is held. */
static struct mock_node **find(const struct mock_apps *apps, struct auth_view client_id)
{
    if (apps->table.bucket_count == 0)
        return NULL;
    struct mock_node **link = mock_table_chain(&apps->table, hash_of_id(client_id));
    while (*link && !auth_view_equals(client_id, app_at(link)->client_id))
        link = &(*link)->next;
    return link;
}

struct mock_app *mock_apps_acquire(struct mock_apps *apps, struct auth_view client_id)
{
    struct mock_app *app = NULL;
    pthread_mutex_lock(&apps->lock);
    struct mock_node **link = find(apps, client_id);
    if (link && *link) {
        app = app_at(link);
        atomic_fetch_add(&app->references, 1);
    }
    pthread_mutex_unlock(&apps->lock);
    return app;
}

/* Takes the reference when it succeeds. */
static enum auth_rc add_slot(struct mock_table *table, struct mock_app *app)
{
    struct slot *slot = malloc(sizeof *slot);
    if (!slot || (table->bucket_count == 0 && mock_table_init(table, hash_of) != AUTH_OK)) {
        free(slot);
        return AUTH_E_NOMEM;
    }
    slot->app = app;
    mock_table_add(table, &slot->node);
    return AUTH_OK;
}

/* Put the app in; *gone is what to release in the end: the new one on failure, else the old one. The lock is held. */
static enum auth_rc put(struct mock_apps *apps, struct mock_app *app, enum mock_apps_put how, struct mock_app **gone)
{
    struct mock_node **link = find(apps, auth_view_from_string(app->client_id));
    struct mock_app *old = link && *link ? app_at(link) : NULL;
    size_t others = apps->bytes - (old ? old->bytes : 0);
    *gone = app;
    if (old && how == MOCK_APPS_ADD)
        return AUTH_E_EXISTS;
    if (app->bytes > apps->bytes_max - others)
        return AUTH_E_TOO_BIG;
    if (old)
        ((struct slot *)*link)->app = app;
    else if (add_slot(&apps->table, app) != AUTH_OK)
        return AUTH_E_NOMEM;
    apps->bytes = others + app->bytes;
    *gone = old;
    return AUTH_OK;
}

enum auth_rc mock_apps_put(struct mock_apps *apps, struct mock_app *app, enum mock_apps_put how, struct auth_err *err)
{
    struct mock_app *gone = NULL;
    pthread_mutex_lock(&apps->lock);
    enum auth_rc rc = put(apps, app, how, &gone);
    if (rc == AUTH_E_TOO_BIG)
        auth_err_set(err, rc, "the apps registered here would take more than %zu KiB together; remove some first",
                     apps->bytes_max / 1024);
    pthread_mutex_unlock(&apps->lock);
    mock_apps_release(gone);
    return rc;
}

bool mock_apps_remove(struct mock_apps *apps, struct auth_view client_id)
{
    struct mock_app *gone = NULL;
    struct mock_node *slot = NULL;
    pthread_mutex_lock(&apps->lock);
    struct mock_node **link = find(apps, client_id);
    if (link && *link) {
        slot = *link;
        gone = app_at(link);
        mock_table_remove(&apps->table, link);
        (void)mock_table_shrink(&apps->table, 2);
        apps->bytes -= gone->bytes;
    }
    pthread_mutex_unlock(&apps->lock);
    free(slot);
    mock_apps_release(gone);
    return gone != NULL;
}

/* ---- all of them ---- */

static int by_client_id(const void *a, const void *b)
{
    const struct mock_app *x = *(struct mock_app *const *)a, *y = *(struct mock_app *const *)b;
    return strcmp(x->client_id, y->client_id);
}

/* Every app with a reference, sorted, so that what is long is done outside the lock; release_all() it. NULL: no memory. */
static struct mock_app **hold_all(struct mock_apps *apps, size_t *count)
{
    pthread_mutex_lock(&apps->lock);
    struct mock_app **items = malloc((apps->table.count + 1) * sizeof *items);
    *count = 0;
    for (size_t i = 0; items && i < apps->table.bucket_count; i++) {
        for (struct mock_node **link = mock_table_bucket(&apps->table, i); *link; link = &(*link)->next) {
            items[*count] = app_at(link);
            atomic_fetch_add(&items[(*count)++]->references, 1);
        }
    }
    pthread_mutex_unlock(&apps->lock);
    if (items)
        qsort(items, *count, sizeof *items, by_client_id);
    return items;
}

static void release_all(struct mock_app **items, size_t count)
{
    for (size_t i = 0; items && i < count; i++)
        mock_apps_release(items[i]);
    free(items);
}

enum auth_rc mock_apps_copy(struct mock_apps *from, struct mock_apps *to)
{
    struct mock_table table = {0}, gone;
    size_t count = 0, bytes = 0;
    struct mock_app **items = hold_all(from, &count);
    enum auth_rc rc = items ? AUTH_OK : AUTH_E_NOMEM;
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        rc = add_slot(&table, items[i]);
        if (rc == AUTH_OK)
            atomic_fetch_add(&items[i]->references, 1);
        bytes += items[i]->bytes;
    }
    release_all(items, count);
    gone = table;
    if (rc == AUTH_OK) {
        pthread_mutex_lock(&to->lock);
        gone = to->table;
        to->table = table;
        to->bytes = bytes;
        pthread_mutex_unlock(&to->lock);
    }
    clear_table(&gone);
    return rc;
}

void mock_apps_forget_jwks(struct mock_apps *apps)
{
    pthread_mutex_lock(&apps->lock);
    for (size_t i = 0; i < apps->table.bucket_count; i++) {
        for (struct mock_node **link = mock_table_bucket(&apps->table, i); *link; link = &(*link)->next) {
            if (app_at(link)->fetched)
                mock_jwks_cache_forget(app_at(link)->fetched);
        }
    }
    pthread_mutex_unlock(&apps->lock);
}

/* ---- making one ---- */

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
    return app->certificate ? AUTH_OK : auth_err_set(err, AUTH_E_NOMEM, "out of memory");
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
    return app->jwks ? AUTH_OK : auth_err_set(err, AUTH_E_NOMEM, "out of memory");
}

enum auth_rc mock_apps_check(const struct mock_app *app, const struct auth_profile *profile, struct auth_err *err)
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
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
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
        return mock_scopes_all(version, &app->scopes) == AUTH_OK ? AUTH_OK
                                                                 : auth_err_set(err, AUTH_E_NOMEM, "out of memory");
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

enum auth_rc mock_apps_make(const struct mock_app_parts *parts, int64_t now_s, struct mock_app **out,
                            struct auth_err *err)
{
    struct mock_app *app = calloc(1, sizeof *app);
    if (!app)
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    atomic_init(&app->references, 1);
    app->is_production = parts->is_production;
    app->has_background_user = parts->has_background_user;
    app->synced_after_s = parts->synced_after_s;
    app->registered_s = now_s;
    enum auth_rc rc = check_client_id(parts->client_id, err);
    if (rc == AUTH_OK) {
        app->client_id = auth_view_dup(parts->client_id);
        app->name = auth_view_dup(parts->name);
        rc = app->client_id && app->name ? AUTH_OK : auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    }
    if (rc == AUTH_OK)
        rc = check_sizes(parts, err);
    if (rc == AUTH_OK)
        rc = take_keys(app, parts, err);
    if (rc == AUTH_OK)
        rc = take_scopes(app, parts->scopes, parts->scope_version == 1 ? MOCK_SCOPES_V1 : MOCK_SCOPES_V2, err);
    if (rc == AUTH_OK) {
        app->bytes = size_of(app);
        *out = app;
    } else {
        mock_apps_release(app);
    }
    return rc;
}

/* ---- JSON ---- */

/* An app's JSON as it is read; parts.scopes and the like are made of it. */
struct app_json {
    struct mock_app_parts parts;
    struct auth_view environment;
    const struct auth_json_node *jwks;
};

#define PART(name) offsetof(struct app_json, parts.name)
static const struct mock_member app_members[] = {
    {"client_id", MOCK_MEMBER_STRING, true, PART(client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
    {"name", MOCK_MEMBER_STRING, false, PART(name), 0, MOCK_APP_NAME_MAX, NULL},
    {"certificate", MOCK_MEMBER_STRING, false, PART(certificate), 0, MOCK_APP_KEY_MAX, NULL},
    {"jwks", MOCK_MEMBER_JSON, false, offsetof(struct app_json, jwks), 0, 0, "a JWK Set, an object or its text"},
    {"jwks_url", MOCK_MEMBER_STRING, false, PART(jwks_url), 0, MOCK_APP_URL_MAX, NULL},
    {"scopes", MOCK_MEMBER_STRINGS, false, PART(scopes), 0, MOCK_APP_SCOPES_MAX, NULL},
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
};
#undef PART

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

enum auth_rc mock_apps_parse(struct auth_view json, int64_t now_s, struct mock_app **out, struct auth_err *err)
{
    struct app_json app = {.parts.has_background_user = true};
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(json, &doc, err);
    if (rc == AUTH_OK)
        rc = mock_members_read(app_members, sizeof app_members / sizeof *app_members, auth_json_root(doc), &app, NULL,
                               err);
    if (rc == AUTH_OK)
        rc = read_environment(app.environment, &app.parts.is_production, err);
    if (rc == AUTH_OK)
        rc = read_jwks(app.jwks, json, &app.parts.jwks, err);
    if (rc == AUTH_OK)
        rc = mock_apps_make(&app.parts, now_s, out, err);
    auth_json_free(doc);
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

void mock_apps_write(const struct mock_app *app, struct auth_json_writer *w)
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

void mock_apps_write_all(struct mock_apps *apps, struct auth_json_writer *w)
{
    size_t count = 0;
    struct mock_app **items = hold_all(apps, &count);
    if (!items)
        w->out->is_spoiled = true;
    auth_json_write_array(w);
    for (size_t i = 0; items && i < count; i++)
        mock_apps_write(items[i], w);
    auth_json_write_end_array(w);
    release_all(items, count);
}
