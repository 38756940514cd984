/* The registered key, from a file or a URL. */
#include "conformance/linter/keys.h"

#include <string.h>

#include "auth/core/input.h"
#include "auth/jwks/jwks_fetch.h"

enum { FILE_MAX_N = 1024 * 1024 };

void conf_keys_clear(struct conf_keys *keys)
{
    auth_jwk_set_clear(&keys->set);
    auth_buf_clear(&keys->warnings);
    memset(keys, 0, sizeof *keys);
}

/* ---- files ---- */

static enum auth_rc parse_certificate(struct auth_view text, struct auth_jwk_set *set, struct auth_err *err)
{
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_from_cert(text, &key, err);
    return rc == AUTH_OK ? auth_jwk_set_of_key(key, set) : rc;
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
    enum auth_rc rc = auth_input_read(path, &text, err);
    if (rc == AUTH_OK) {
        rc = is_certificate ? parse_certificate(auth_buf_view(&text), &keys->set, &keys->problem)
                            : auth_jwk_set_parse(auth_buf_view(&text), &keys->set, &keys->problem);
        if (is_certificate)
            auth_key_repairs(auth_buf_view(&text), &keys->warnings);
        if (is_finding(rc))
            rc = AUTH_OK;
    }
    auth_buf_clear(&text);
    return rc;
}

static void note_useless(struct conf_keys *keys)
{
    if (!keys->problem.detail[0] && auth_jwk_set_usable(&keys->set) == 0)
        auth_err_set(&keys->problem, AUTH_E_KEY, "no key of the JWK Set can be used: %s",
                     auth_jwk_set_problem(&keys->set));
}

/* ---- the URL ---- */

/* As auth_jwks_fetch(), through a proxy where the environment names one. */
static enum auth_rc fetch(const char *url, const char *ca_file, struct auth_jwk_set *set, struct auth_err *err)
{
    struct auth_http *http = NULL;
    struct auth_jwks_answer answer;
    enum auth_rc rc = auth_jwks_check_url(auth_view_from_string(url), err);
    if (rc != AUTH_OK)
        return rc;
    rc = auth_jwks_http_new(ca_file, AUTH_REACH_ANYWHERE, NULL, &http, err);
    if (rc != AUTH_OK)
        return rc;
    rc = auth_jwks_fetch(http, url, false, &answer, err);
    *set = answer.keys;
    auth_http_free(http);
    return rc;
}

enum auth_rc conf_keys_load(const struct conf_keys_options *options, struct conf_keys *keys, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    memset(keys, 0, sizeof *keys);
    auth_buf_init(&keys->warnings, FILE_MAX_N);
    if (!!options->certificate == (options->jwks || options->jwks_url))
        return auth_err_set(err, AUTH_E_ARG, "give the registered key: --cert, --jwks or --jwks-url");
    if (options->certificate)
        keys->source = AUTH_KEYS_CERT;
    else
        keys->source = options->jwks_url ? AUTH_KEYS_JWKS_URL : AUTH_KEYS_JWKS;
    if (options->certificate || options->jwks)
        rc = load_file(options->certificate ? options->certificate : options->jwks, options->certificate != NULL, keys,
                       err);
    else if ((rc = fetch(options->jwks_url, options->ca_file, &keys->set, &keys->problem)) == AUTH_E_CONFIG)
        auth_err_set(err, rc, "%s", keys->problem.detail); /* our own CA file: not the URL's fault */
    else
        rc = AUTH_OK;
    if (rc == AUTH_OK)
        note_useless(keys);
    auth_jwk_set_warnings(&keys->set, &keys->warnings);
    return rc == AUTH_OK ? auth_buf_check(&keys->warnings, err) : rc;
}
