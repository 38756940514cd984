/* The certificate that a server shows, made or read, and the CA that clients are to trust. */
#include <string.h>

#include "auth/core/url.h"
#include "mock_epic/start/start.h"

bool mock_start_has_tls(const struct mock_settings *settings)
{
    return settings->tls || settings->tls_certificate;
}

/* The host part of a URL, without brackets. */
static void host_of(const char *url, char host[256])
{
    struct auth_url parts;
    host[0] = '\0';
    if (auth_url_parse(auth_view_from_string(url), &parts, NULL) == AUTH_OK && parts.host.n < 256) {
        memcpy(host, parts.host.p, parts.host.n);
        host[parts.host.n] = '\0';
    }
}

/* A FIFO's reader may come when the server runs already. */
enum auth_rc mock_start_offer_ca(struct mock_process *process, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    if (process->ca_file.name)
        rc = auth_file_offer(&process->ca_file, auth_buf_view(&process->ca), 0644, err);
    return rc == AUTH_E_WAIT ? AUTH_OK : rc;
}

enum auth_rc mock_start_tls(struct mock_process *process, const struct mock_settings *settings, struct mock_tls *tls,
                            struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx); /* real time: clients judge certificates by theirs */
    struct auth_err inner = {0};
    char host[256];
    if (!mock_start_has_tls(settings))
        return AUTH_OK;
    if (settings->tls_certificate)
        return mock_tls_load(settings->tls_certificate, settings->tls_key, now_s, &process->log, tls, err);
    host_of(process->url, host);
    enum auth_rc rc = mock_tls_make(host, now_s, tls, &inner);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "--tls: no certificate for %.100s: %s", host, inner.detail);
    auth_buf_add_view(&process->ca, auth_buf_view(&tls->authority));
    rc = auth_buf_check(&process->ca, err);
    if (rc == AUTH_OK)
        rc = mock_start_offer_ca(process, err);
    if (rc == AUTH_OK && !settings->tls_ca_file)
        auth_log_write(&process->log, AUTH_LOG_WARN,
                       "no client can trust the temporary CA yet; --tls-ca-file FILE writes it for your clients");
    return rc;
}
