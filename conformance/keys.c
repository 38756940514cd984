#include "conformance/keys.h"

#include <string.h>

#include "auth/core/file.h"
#include "auth/core/version.h"
#include "auth/net/http.h"

enum { FILE_MAX_N = 1024 * 1024, FETCH_MS = 10000 };

void conf_keys_clear(struct conf_keys *keys)
{
    auth_keyset_clear(&keys->set);
    memset(keys, 0, sizeof *keys);
}

/* ---- files ---- */

static enum auth_rc parse_certificate(struct auth_view text, struct auth_keyset *set, struct auth_err *err)
{
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_from_cert(text, &key, err);
    if (rc == AUTH_OK && (rc = auth_keyset_of_key(key, NULL, set)) != AUTH_OK)
        auth_key_free(key);
    return rc;
}

static bool is_finding(enum auth_rc rc)
{
    return rc == AUTH_E_KEY || rc == AUTH_E_SYNTAX || rc == AUTH_E_ALG || rc == AUTH_E_DUPLICATE ||
           rc == AUTH_E_RANGE || rc == AUTH_E_TOO_BIG;
}

static enum auth_rc load_file(const char *path, bool is_certificate, struct conf_keys *keys, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init_secret(&text, FILE_MAX_N); /* it may turn out to be a private key */
    enum auth_rc rc = auth_file_read(path, &text, err);
    if (rc == AUTH_OK) {
        rc = is_certificate ? parse_certificate(auth_buf_view(&text), &keys->set, &keys->problem)
                            : auth_keyset_parse(auth_buf_view(&text), &keys->set, &keys->problem);
        if (is_finding(rc))
            rc = AUTH_OK;
    }
    auth_buf_clear(&text);
    return rc;
}

/* A set whose every entry is of no use: the first reason says most. */
static void note_ignored(struct conf_keys *keys)
{
    if (keys->problem.detail[0] || auth_keyset_usable(&keys->set) > 0)
        return;
    for (size_t i = 0; i < keys->set.count; i++) {
        if (keys->set.entries[i].ignored) {
            auth_err_set(&keys->problem, AUTH_E_KEY, "no key of the JWK Set can be used: %s",
                         keys->set.entries[i].ignored);
            return;
        }
    }
    auth_err_set(&keys->problem, AUTH_E_KEY, "the JWK Set holds no key for signatures");
}

/* ---- the URL ---- */

static enum auth_rc refuse_status(const struct auth_http_response *response, struct auth_err *err)
{
    struct auth_view to = auth_http_response_header(response, "location");
    int status = response->status;
    if (status >= 300 && status < 400)
        return auth_err_set(err, AUTH_E_HTTP,
                            "the JWK Set URL redirects (%d) to %.*s; register the URL that answers itself", status,
                            (int)(to.n < 120 ? to.n : 120), to.n ? to.p : "");
    if (status == 401 || status == 403)
        return auth_err_set(err, AUTH_E_HTTP, "the JWK Set URL wants a login (%d); serve it to everybody", status);
    if (status == 404 || status == 410)
        return auth_err_set(err, AUTH_E_HTTP, "there is nothing at the JWK Set URL (%d)", status);
    return auth_err_set(err, AUTH_E_HTTP, "the JWK Set URL answers with status %d", status);
}

static enum auth_rc parse_answer(const struct auth_http_response *response, struct auth_keyset *set,
                                 struct auth_err *err)
{
    struct auth_view body = auth_buf_view(&response->body);
    struct auth_err inner = {0};
    if (response->status != 200)
        return refuse_status(response, err);
    if (auth_key_sniff(body) == AUTH_KEY_FORMAT_HTML)
        return auth_err_set(
            err, AUTH_E_SYNTAX,
            "the JWK Set URL gives an HTML page; register the URL of the file itself (\"raw\"), not of a page "
            "that shows it or wants a login");
    enum auth_rc rc = auth_keyset_parse(body, set, &inner);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "the JWK Set URL: %s", inner.detail);
}

/* curl's own words are for clients; here the other side must mend it. */
static enum auth_rc explain_failure(enum auth_rc rc, const struct auth_err *inner, struct auth_err *err)
{
    if (rc == AUTH_E_TLS) {
        struct auth_view reason = auth_view_of(inner->detail);
        reason = auth_view_cut(&reason, ';'); /* what follows is how a client would trust it */
        return auth_err_set(err, rc, "the JWK Set URL: %.*s; Epic trusts public certificate authorities only",
                            (int)reason.n, reason.p);
    }
    if (rc == AUTH_E_ORIGIN)
        return auth_err_set(err, rc, "the JWK Set URL is plain http; Epic wants TLS");
    if (rc == AUTH_E_TIMEOUT)
        return auth_err_set(err, rc, "the JWK Set URL did not answer within %d s", FETCH_MS / 1000);
    return auth_err_set(err, rc, "the JWK Set URL: %.250s", inner->detail);
}

enum auth_rc conf_keys_fetch(const char *url, const char *ca_file, struct auth_keyset *set, struct auth_err *err)
{
    const struct auth_http_header accept = {"Accept", auth_view_of("application/json")};
    const struct auth_http_request request = {.method = "GET",
                                              .url = url,
                                              .headers = &accept,
                                              .header_count = 1,
                                              .timeout_ms = FETCH_MS,
                                              .body_max = CONF_JWKS_MAX_N};
    const struct auth_http_options options = {.ca_file = ca_file, .user_agent = "epic-conformance/" AUTH_VERSION};
    struct auth_http *http = NULL;
    struct auth_http_response response;
    struct auth_err inner = {0};
    enum auth_rc rc = auth_http_new(&options, &http, err);
    if (rc != AUTH_OK)
        return rc;
    rc = http->send(http, &request, &response, &inner);
    rc = rc == AUTH_OK ? parse_answer(&response, set, err) : explain_failure(rc, &inner, err);
    auth_http_response_clear(&response);
    auth_http_free(http);
    return rc;
}

enum auth_rc conf_keys_load(const struct conf_keys_options *options, struct conf_keys *keys, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    memset(keys, 0, sizeof *keys);
    if (!!options->certificate == (options->jwks || options->jwks_url))
        return auth_err_set(err, AUTH_E_ARG, "give the registered key: --cert, --jwks or --jwks-url");
    if (options->certificate)
        keys->source = AUTH_KEYS_CERT;
    else
        keys->source = options->jwks_url ? AUTH_KEYS_JWKS_URL : AUTH_KEYS_JWKS;
    if (options->certificate || options->jwks)
        rc = load_file(options->certificate ? options->certificate : options->jwks, options->certificate != NULL, keys,
                       err);
    else if ((rc = conf_keys_fetch(options->jwks_url, options->ca_file, &keys->set, &keys->problem)) == AUTH_E_CONFIG)
        auth_err_set(err, rc, "%s", keys->problem.detail); /* our own CA file: not the URL's fault */
    else
        rc = AUTH_OK;
    if (rc == AUTH_OK)
        note_ignored(keys);
    return rc;
}
