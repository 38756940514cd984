/* The lines of --env-file, and which values can be written without quotes. */
#include "mock_epic/start/env_file.h"

#include <string.h>

#include "auth/core/file.h"

enum { LINES_MAX_N = 64 * 1024 };

/* What means itself to a shell, to docker, and to every reader of .env files. */
static bool is_plain(const char *value)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+,=-";
    return value[strspn(value, plain)] == '\0';
}

enum auth_rc mock_env_file_append(const struct mock_process *process, const struct mock_settings *settings,
                                  const struct mock_provision *provision, struct auth_err *err)
{
    const struct {
        const char *name, *value;
    } lines[] = {
        {"EPIC_BACKEND_CLIENT_ID", provision->client_id},
        {"EPIC_TOKEN_URL", process->instance.token_url},
        {"EPIC_FHIR_BASE_URL", process->instance.fhir_url},
        {"EPIC_PRIVATE_KEY_PATH", provision->key_path},
        {"EPIC_CA_FILE", settings->tls ? settings->tls_ca_file : NULL},
        {"MOCK_EPIC_URL", process->instance.public_url},
    };
    struct auth_buf text;
    enum auth_rc rc = AUTH_OK;
    auth_buf_init(&text, LINES_MAX_N);
    for (size_t i = 0; i < sizeof lines / sizeof *lines && rc == AUTH_OK; i++) {
        if (lines[i].value && !is_plain(lines[i].value))
            rc =
                auth_err_set(err, AUTH_E_CONFIG,
                             "--env-file: the value of %s would need quotes, which its readers do not agree on: %.200s",
                             lines[i].name, lines[i].value);
        else if (lines[i].value)
            auth_buf_addf(&text, "%s=%s\n", lines[i].name, lines[i].value);
    }
    if (rc == AUTH_OK)
        rc = auth_buf_check(&text, err);
    if (rc == AUTH_OK)
        rc = auth_file_append(settings->env_file, auth_buf_view(&text), 0644, err);
    auth_buf_clear(&text);
    return rc;
}
