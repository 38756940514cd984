/* Certificates that are made, and those that are read. */
#include "mock_epic/server/tls.h"

#include <arpa/inet.h>
#include <string.h>

#include "auth/core/input.h"
#include "auth/jose/key.h"

enum { PEM_MAX = 256 * 1024, DAYS = 30 };

void mock_tls_init(struct mock_tls *tls)
{
    auth_buf_init(&tls->certificate, PEM_MAX);
    auth_buf_init_secret(&tls->key, PEM_MAX);
    auth_buf_init(&tls->authority, PEM_MAX);
}

void mock_tls_clear(struct mock_tls *tls)
{
    auth_buf_clear(&tls->certificate);
    auth_buf_clear(&tls->key);
    auth_buf_clear(&tls->authority);
}

/* ---- temporary ---- */

static bool is_address(const char *host)
{
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* P-256: made in well under a millisecond, and every client of today takes it. */
static enum auth_rc make_pair(const char *host, int64_t now_s, struct auth_key *authority, struct auth_key *server,
                              struct mock_tls *tls, struct auth_err *err)
{
    struct auth_cert_request request = {
        .common_name = "mock-epic throw-away authority",
        .not_before_s = now_s - 86400,
        .not_after_s = now_s + DAYS * 86400LL,
        .is_ca = true,
    };
    enum auth_rc rc = auth_key_write_cert(authority, &request, NULL, auth_view_from_string(""), &tls->authority, err);
    request.common_name = "mock-epic";
    request.is_ca = false;
    request.dns_name = host[0] && !is_address(host) ? host : "localhost";
    request.ip_address = is_address(host) ? host : NULL;
    if (rc == AUTH_OK)
        rc = auth_key_write_cert(server, &request, authority, auth_buf_view(&tls->authority), &tls->certificate, err);
    if (rc == AUTH_OK)
        rc = auth_key_write_private_pem(server, &tls->key, err);
    return rc;
}

enum auth_rc mock_tls_make(const char *host, int64_t now_s, struct mock_tls *tls, struct auth_err *err)
{
    struct auth_key *authority = NULL, *server = NULL;
    enum auth_rc rc = auth_key_generate_ec(AUTH_KEY_P256, &authority, err);
    if (rc == AUTH_OK)
        rc = auth_key_generate_ec(AUTH_KEY_P256, &server, err);
    if (rc == AUTH_OK)
        rc = make_pair(host, now_s, authority, server, tls, err);
    auth_key_free(server);
    auth_key_free(authority);
    return rc;
}

/* ---- given files ---- */

static enum auth_rc read_certificate(const char *path, struct mock_tls *tls, struct auth_key **out,
                                     struct auth_err *err)
{
    struct auth_err inner = {0};
    struct auth_buf pem;
    auth_buf_init_secret(&pem, PEM_MAX); /* a private key may be in it, although it should not */
    enum auth_rc rc = auth_input_read(path, &pem, err);
    if (rc == AUTH_OK) {
        rc = auth_key_from_chain(auth_buf_view(&pem), &tls->certificate, out, &inner);
        if (rc != AUTH_OK)
            auth_err_set(err, rc, "%s: %s", path, inner.detail);
    }
    auth_buf_clear(&pem);
    return rc;
}

static enum auth_rc read_key(const char *path, struct mock_tls *tls, struct auth_key **out, struct auth_err *err)
{
    struct auth_err inner = {0};
    struct auth_buf pem;
    auth_buf_init_secret(&pem, PEM_MAX);
    enum auth_rc rc = auth_input_read(path, &pem, err);
    if (rc == AUTH_OK) {
        rc = auth_key_from_private_pem(auth_buf_view(&pem), NULL, out, &inner);
        if (rc == AUTH_OK)
            rc = auth_key_write_private_pem(*out, &tls->key, &inner);
        if (rc != AUTH_OK)
            auth_err_set(err, rc, "%s: %s", path, inner.detail);
    }
    auth_buf_clear(&pem);
    return rc;
}

static void warn_of_validity(const char *path, const struct auth_cert_info *info, int64_t now_s,
                             const struct auth_log *log)
{
    if (info->not_after_s <= now_s)
        auth_log_write(log, AUTH_LOG_WARN, "%s: this certificate has expired; clients will refuse it", path);
    if (info->not_before_s > now_s)
        auth_log_write(log, AUTH_LOG_WARN, "%s: this certificate is not valid yet; clients will refuse it", path);
}

enum auth_rc mock_tls_load(const char *certificate_path, const char *key_path, int64_t now_s,
                           const struct auth_log *log, struct mock_tls *tls, struct auth_err *err)
{
    struct auth_key *certificate = NULL, *key = NULL;
    enum auth_rc rc = read_certificate(certificate_path, tls, &certificate, err);
    if (rc == AUTH_OK)
        rc = read_key(key_path, tls, &key, err);
    if (rc == AUTH_OK && !auth_key_equal(certificate, key))
        rc = auth_err_set(err, AUTH_E_KEY, "%s is not the key of the first certificate in %s", key_path,
                          certificate_path);
    if (rc == AUTH_OK && auth_key_weakness(key))
        rc = auth_err_set(err, AUTH_E_KEY, "%s: %s", key_path, auth_key_weakness(key));
    if (rc == AUTH_OK)
        warn_of_validity(certificate_path, auth_key_cert(certificate), now_s, log);
    auth_key_free(key);
    auth_key_free(certificate);
    return rc;
}
