/* Keys and certificates for whoever has none, and how they are registered. */
#include "mock_epic/start/made_app.h"

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/jose/key.h"
#include "mock_epic/state/app_json.h"

enum { VALID_DAYS = 30, KEY_BITS = 2048, PEM_MAX_N = 16 * 1024, JSON_MAX_N = 64 * 1024 };

static const char name[] = "made by mock-epic";

void mock_made_app_init(struct mock_made_app *made)
{
    *made = (struct mock_made_app){.client_id = "00000000-0000-4000-8000-mock00000001"};
    auth_buf_init(&made->current.certificate, PEM_MAX_N);
}

static void clear_key(struct mock_made_key *one)
{
    auth_key_free(one->key);
    one->key = NULL;
    auth_buf_clear(&one->certificate);
}

void mock_made_app_clear(struct mock_made_app *made)
{
    clear_key(&made->current);
    for (size_t i = 0; i < made->spare_count; i++)
        clear_key(&made->spares[i]);
    made->spare_count = 0;
}

/* ---- making ---- */

static enum auth_rc make_key(struct mock_made_key *one, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_cert_request request = {
        .common_name = name,
        .not_before_s = now_s - 3600,
        .not_after_s = now_s + VALID_DAYS * 86400LL,
    };
    *one = (struct mock_made_key){.key = NULL};
    auth_buf_init(&one->certificate, PEM_MAX_N);
    enum auth_rc rc = auth_key_generate_rsa(KEY_BITS, &one->key, err);
    if (rc == AUTH_OK)
        rc = auth_key_write_cert(one->key, &request, NULL, auth_view_from_string(""), &one->certificate, err);
    if (rc != AUTH_OK)
        clear_key(one);
    return rc;
}

static enum auth_rc write_pem(const struct auth_key *key, struct auth_buf *pem, struct auth_err *err)
{
    auth_buf_init_secret(pem, PEM_MAX_N);
    return auth_key_write_private_pem(key, pem, err);
}

enum auth_rc mock_made_app_make(struct mock_made_app *made, struct mock_temporary *temporary, size_t spares,
                                struct auth_err *err)
{
    struct auth_buf pem;
    enum auth_rc rc = make_key(&made->current, err);
    if (rc != AUTH_OK)
        return rc;
    rc = write_pem(made->current.key, &pem, err);
    if (rc == AUTH_OK)
        rc = mock_temporary_write(temporary, "private_key.pem", auth_buf_view(&pem), 0600, &made->key_path, err);
    auth_buf_clear(&pem);
    for (size_t i = 0; i < spares && i < MOCK_SPARE_KEYS_MAX && rc == AUTH_OK; i++) {
        rc = make_key(&made->spares[i], err);
        made->spare_count += rc == AUTH_OK;
    }
    return rc;
}

/* ---- registering ---- */

/* {"keys":[...]} of one key or two */
static enum auth_rc write_set(const struct auth_key *first, const struct auth_key *second, struct auth_json_writer *w,
                              struct auth_err *err)
{
    auth_json_write_object(w);
    auth_json_write_key(w, "keys");
    auth_json_write_array(w);
    enum auth_rc rc = auth_key_write_jwk(first, NULL, NULL, w, err);
    if (rc == AUTH_OK && second)
        rc = auth_key_write_jwk(second, NULL, NULL, w, err);
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
    return rc;
}

enum auth_rc mock_made_app_write_set(const struct mock_made_app *made, struct auth_buf *out, struct auth_err *err)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    enum auth_rc rc = write_set(made->current.key, NULL, &w, err);
    return rc == AUTH_OK ? auth_buf_check(out, err) : rc;
}

/* How the key is registered: by its certificate, beside an old key in a set, or by a URL. */
static enum auth_rc write_key(const struct mock_made_app *made, const struct auth_key *old, const char *origin,
                              struct auth_json_writer *w, struct auth_err *err)
{
    struct auth_buf url;
    if (origin) {
        auth_buf_init(&url, JSON_MAX_N);
        auth_buf_addf(&url, "%s/mock/jwks/%s", origin, made->client_id);
        auth_json_write_member_buf(w, "jwks_url", &url);
        auth_buf_clear(&url);
        return AUTH_OK;
    }
    if (!old) {
        auth_json_write_member_buf(w, "certificate", &made->current.certificate);
        return AUTH_OK;
    }
    auth_json_write_key(w, "jwks");
    return write_set(made->current.key, old, w, err);
}

/* in  old, origin  as write_key(); setup: NULL for a set that is only served */
static enum auth_rc make_app(const struct mock_made_app *made, const struct mock_setup *setup,
                             const struct auth_key *old, const char *origin, struct mock_app **app,
                             struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    const struct mock_setup plain = {.app = NULL};
    struct auth_buf json;
    struct auth_json_writer w;
    auth_buf_init(&json, JSON_MAX_N);
    auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "client_id", made->client_id);
    auth_json_write_member_text(&w, "name", name);
    enum auth_rc rc = write_key(made, old, origin, &w, err);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&json, err); /* what setup says goes on with it */
    if (rc == AUTH_OK)
        rc = mock_setup_app(setup ? setup : &plain, auth_buf_view(&json), env->wall_s(env->ctx), app, err);
    auth_buf_clear(&json);
    return rc;
}

enum auth_rc mock_made_app_register(const struct mock_made_app *made, const struct mock_setup *setup,
                                    const char *origin, struct mock_app **app, struct auth_err *err)
{
    bool has_url = mock_setup_has_jwks_url(setup);
    if (has_url && !origin)
        return auth_err_set(err, AUTH_E_CONFIG,
                            "--scenario: it needs a JWK Set URL, and where it would be is not known");
    return make_app(made, setup, NULL, has_url ? origin : NULL, app, err);
}

/* ---- serving and rotating ---- */

static enum auth_rc publish(const struct mock_made_app *made, const struct auth_key *old,
                            struct mock_instance *instance, struct auth_err *err)
{
    struct mock_app *app = NULL;
    enum auth_rc rc = make_app(made, NULL, old, NULL, &app, err);
    return rc == AUTH_OK ? mock_apps_put(&instance->published, app, MOCK_APPS_REPLACE, err) : rc;
}

enum auth_rc mock_made_app_publish(const struct mock_made_app *made, struct mock_instance *instance,
                                   struct auth_err *err)
{
    return publish(made, NULL, instance, err);
}

/* The next key becomes the current one. */
static enum auth_rc step_on(struct mock_made_app *made, struct mock_made_key *old, struct auth_err *err)
{
    struct mock_made_key next;
    if (made->spare_count) {
        next = made->spares[--made->spare_count];
    } else {
        enum auth_rc rc = make_key(&next, err);
        if (rc != AUTH_OK)
            return rc;
    }
    *old = made->current;
    made->current = next;
    return AUTH_OK;
}

enum auth_rc mock_made_app_rotate(struct mock_made_app *made, const struct mock_setup *setup,
                                  struct mock_instance *instance, bool keep_old, struct auth_err *err)
{
    struct mock_made_key old;
    struct mock_app *app = NULL;
    struct auth_buf pem;
    enum auth_rc rc = step_on(made, &old, err);
    if (rc != AUTH_OK)
        return rc;
    const struct auth_key *kept = keep_old ? old.key : NULL;
    if (mock_setup_has_jwks_url(setup)) {
        rc = publish(made, kept, instance, err);
    } else {
        rc = make_app(made, setup, kept, NULL, &app, err);
        if (rc == AUTH_OK)
            rc = mock_apps_put(&instance->apps, app, MOCK_APPS_REPLACE, err);
    }
    clear_key(&old);
    if (rc != AUTH_OK)
        return rc;
    rc = write_pem(made->current.key, &pem, err);
    if (rc == AUTH_OK)
        rc = auth_file_write(made->key_path, auth_buf_view(&pem), 0600, AUTH_FILE_REPLACE, err);
    auth_buf_clear(&pem);
    return rc;
}
