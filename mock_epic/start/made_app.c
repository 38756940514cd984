/* A key, a certificate and a client id for whoever has none. */
#include "mock_epic/start/made_app.h"

#include "auth/core/env.h"
#include "auth/jose/key.h"

enum { VALID_DAYS = 30, KEY_BITS = 2048, PEM_MAX_N = 16 * 1024 };

static const char name[] = "made by mock-epic";

void mock_made_app_init(struct mock_made_app *made)
{
    *made = (struct mock_made_app){.client_id = "00000000-0000-4000-8000-mock00000001"};
    auth_buf_init(&made->certificate, PEM_MAX_N);
}

void mock_made_app_clear(struct mock_made_app *made)
{
    auth_buf_clear(&made->certificate);
}

static enum auth_rc write_key(struct mock_made_app *made, struct mock_temporary *temporary, const struct auth_key *key,
                              struct auth_err *err)
{
    struct auth_buf pem;
    auth_buf_init_secret(&pem, PEM_MAX_N);
    enum auth_rc rc = auth_key_write_private_pem(key, &pem, err);
    if (rc == AUTH_OK)
        rc = mock_temporary_write(temporary, "private_key.pem", auth_buf_view(&pem), 0600, &made->key_path, err);
    auth_buf_clear(&pem);
    return rc;
}

enum auth_rc mock_made_app_make(struct mock_made_app *made, struct mock_temporary *temporary, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_cert_request request = {
        .common_name = name,
        .not_before_s = now_s - 3600,
        .not_after_s = now_s + VALID_DAYS * 86400LL,
    };
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_generate_rsa(KEY_BITS, &key, err);
    if (rc == AUTH_OK)
        rc = auth_key_write_cert(key, &request, NULL, auth_view_from_string(""), &made->certificate, err);
    if (rc == AUTH_OK)
        rc = write_key(made, temporary, key, err);
    auth_key_free(key);
    return rc;
}

enum auth_rc mock_made_app_register(const struct mock_made_app *made, struct mock_app **app, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(made->client_id),
        .name = auth_view_from_string(name),
        .certificate = auth_buf_view(&made->certificate),
        .has_background_user = true,
    };
    return mock_app_make(&parts, env->wall_s(env->ctx), app, err);
}
