/* The apps that a server starts with: of --client-id, of --app, and one that the caller made. */
#include "auth/core/file.h"
#include "auth/core/input.h"
#include "mock_epic/start/start.h"
#include "mock_epic/state/app_json.h"

enum { KEY_FILE_MAX = 1024 * 1024 };

static enum auth_rc add_app(const struct mock_app_place *place, struct mock_app *app, struct auth_err *err)
{
    struct auth_buf name;
    auth_buf_init(&name, 256);
    auth_buf_add_string(&name, app->client_id);
    enum auth_rc rc = mock_apps_put(place->apps, app, MOCK_APPS_ADD, err);
    if (rc == AUTH_E_EXISTS)
        auth_err_set(err, AUTH_E_CONFIG, "client id %s is given twice", name.p);
    auth_buf_clear(&name);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "an app could not be added: %s", auth_rc_text(rc));
}

/* rc is how making it went; the app is released when it may not be registered here. */
static enum auth_rc check_app(const struct mock_app_place *place, struct mock_app **app, enum auth_rc rc,
                              struct auth_err *err)
{
    if (rc != AUTH_OK)
        return rc;
    rc = mock_app_check(*app, place->profile, err);
    if (rc != AUTH_OK) {
        mock_app_release(*app);
        *app = NULL;
    }
    return rc;
}

/* Say which file an error is about. */
static enum auth_rc in_file(struct auth_err *err, const char *path, enum auth_rc rc, const struct auth_err *inner)
{
    return auth_err_set(err, rc, "%s: %s", path, inner->detail[0] ? inner->detail : auth_rc_text(rc));
}

/* How a file is read: one that was named, or one that was found in a directory. */
typedef enum auth_rc read_file(const char *path, struct auth_buf *out, struct auth_err *err);

static enum auth_rc add_app_file(const struct mock_app_place *place, const char *path, read_file *read,
                                 struct auth_err *err)
{
    struct auth_buf json;
    struct auth_err inner = {0};
    struct mock_app *app = NULL;
    auth_buf_init(&json, MOCK_ADMIN_BODY_MAX);
    enum auth_rc rc = read(path, &json, err);
    if (rc == AUTH_OK) {
        rc = mock_app_parse(auth_buf_view(&json), place->now_s, &app, &inner);
        rc = check_app(place, &app, rc, &inner);
        rc = rc == AUTH_OK ? add_app(place, app, err) : in_file(err, path, rc, &inner);
    }
    auth_buf_clear(&json);
    return rc;
}

static enum auth_rc add_app_path(const struct mock_app_place *place, const char *path, struct auth_err *err)
{
    if (!auth_file_is_directory(path))
        return add_app_file(place, path, auth_input_read, err);
    char **names = NULL;
    size_t count = 0, apps = 0;
    enum auth_rc rc = auth_file_names(path, &names, &count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        if (!auth_view_ends(auth_view_from_string(names[i]), ".json"))
            continue;
        apps++;
        struct auth_buf full;
        auth_buf_init(&full, 4096);
        auth_buf_addf(&full, "%s/%s", path, names[i]);
        rc = auth_buf_check(&full, err);
        if (rc == AUTH_OK)
            rc = add_app_file(place, full.p, auth_file_read, err);
        auth_buf_clear(&full);
    }
    auth_file_names_free(names, count);
    if (rc == AUTH_OK && apps == 0)
        auth_log_write(place->log, AUTH_LOG_WARN, "--app %s: no app in it; none of its %zu names ends in .json", path,
                       count);
    return rc;
}

/* The app given by --client-id with --cert, --jwks or --jwks-url. */
static enum auth_rc add_app_of_options(const struct mock_app_place *place, const struct mock_settings *settings,
                                       struct auth_err *err)
{
    const char *path = settings->certificate ? settings->certificate : settings->jwks;
    if (!settings->client_id && !path && !settings->jwks_url)
        return AUTH_OK;
    if (!settings->client_id || (!!settings->certificate + !!settings->jwks + !!settings->jwks_url) != 1)
        return auth_err_set(err, AUTH_E_ARG, "--client-id goes with exactly one of --cert, --jwks and --jwks-url");
    struct auth_buf text;
    struct auth_err inner = {0};
    struct mock_app *app = NULL;
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(settings->client_id),
        .name = auth_view_from_string("command line"),
        .jwks_url = auth_view_from_string(settings->jwks_url),
        .has_background_user = true,
        .is_production = settings->environment == MOCK_PRODUCTION,
    };
    auth_buf_init(&text, KEY_FILE_MAX);
    enum auth_rc rc = path ? auth_input_read(path, &text, err) : AUTH_OK;
    if (path)
        *(settings->certificate ? &parts.certificate : &parts.jwks) =
            text.n ? auth_buf_view(&text) : auth_view_from_string("");
    if (rc == AUTH_OK) {
        rc = mock_app_make(&parts, place->now_s, &app, &inner);
        rc = check_app(place, &app, rc, &inner);
        rc = rc == AUTH_OK ? add_app(place, app, err) : in_file(err, path ? path : settings->jwks_url, rc, &inner);
    }
    auth_buf_clear(&text);
    return rc;
}

enum auth_rc mock_start_apps(const struct mock_app_place *place, const struct mock_settings *settings,
                             struct mock_app *extra, struct auth_err *err)
{
    enum auth_rc rc = extra ? add_app(place, extra, err) : AUTH_OK;
    if (rc == AUTH_OK)
        rc = add_app_of_options(place, settings, err);
    for (size_t i = 0; i < settings->apps.count && rc == AUTH_OK; i++)
        rc = add_app_path(place, settings->apps.items[i], err);
    return rc;
}
