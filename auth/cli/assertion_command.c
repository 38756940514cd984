/* epic-auth assertion: a signed client assertion, or what one says. */
#include <string.h>
#include <unistd.h>

#include "auth/cli/cli.h"
#include "auth/client/token.h"
#include "auth/core/b64u.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
#include "auth/core/url.h"
#include "auth/jose/jws.h"

static bool print_part(struct auth_view part, const char *name)
{
    struct auth_buf bytes;
    struct auth_err err = {0};
    auth_buf_init(&bytes, 64 * 1024);
    bool ok = auth_b64u_decode(part, &bytes, &err) == AUTH_OK;
    if (ok && auth_json_check(auth_buf_view(&bytes), &err) == AUTH_OK)
        printf("\"%s\":%s", name, bytes.p);
    else
        auth_cli_say("assertion", "%s: %s", name, err.detail);
    auth_buf_clear(&bytes);
    return ok && err.rc == AUTH_OK;
}

/* Header and claims as one JSON object; the signature is left out, so what is printed cannot be used. */
static int decode(struct auth_view jwt)
{
    struct auth_jws jws;
    struct auth_err err = {0};
    if (auth_jws_split(auth_view_trim(jwt), &jws, &err) != AUTH_OK) {
        auth_cli_say("assertion", "no JWT: %s", err.detail);
        return AUTH_EXIT_CONFIG;
    }
    putchar('{');
    bool ok = print_part(jws.header, "header");
    putchar(',');
    ok = print_part(jws.payload, "claims") && ok;
    puts("}");
    return ok ? AUTH_EXIT_OK : AUTH_EXIT_CONFIG;
}

static int decode_file(const char *path)
{
    struct auth_buf text;
    struct auth_err err = {0};
    auth_buf_init_secret(&text, 64 * 1024);
    enum auth_rc rc = auth_input_read(path, &text, &err);
    int status = AUTH_EXIT_CONFIG;
    if (rc == AUTH_OK)
        status = decode(auth_buf_view(&text));
    else
        auth_cli_say("assertion", "%s", err.detail);
    auth_buf_clear(&text);
    return status;
}

struct assertion_settings {
    struct auth_cli_common common;
    bool is_decode, is_dry_run;
};

static const struct auth_opt assertion_rows[] = {{"decode", 'd', NULL, "show header and claims instead of the JWT",
                                                  AUTH_OPT_FLAG(struct assertion_settings, is_decode)},
                                                 {"dry-run", 'n', NULL,
                                                  "print the whole token request instead, and send nothing",
                                                  AUTH_OPT_FLAG(struct assertion_settings, is_dry_run)},
                                                 AUTH_CLI_COMMON_ROWS(struct assertion_settings)};

/* The token request as it would be sent, for somebody who judges requests. */
static enum epic_auth_rc print_request(const struct epic_auth *auth, struct epic_auth_error *error)
{
    const char *token_url = auth->config.values[AUTH_SET_TOKEN_URL];
    struct auth_url url;
    struct auth_buf form, text;
    struct auth_err err = {0};
    auth_buf_init_secret(&form, 64 * 1024);
    auth_buf_init_secret(&text, 128 * 1024);
    enum auth_rc rc = auth_url_parse(auth_view_from_string(token_url), &url, &err);
    if (rc == AUTH_OK)
        rc = auth_token_form(auth, 0, &form, &err);
    if (rc == AUTH_OK) {
        struct auth_url_parts parts;
        (void)auth_url_split(auth_view_from_string(token_url), &parts);
        auth_buf_addf(&text, "POST %.*s HTTP/1.1\r\nHost: %.*s", (int)url.path.n, url.path.p, (int)parts.host.n,
                      parts.host.p);
        if (parts.port.n)
            auth_buf_addf(&text, ":%.*s", (int)parts.port.n, parts.port.p);
        auth_buf_addf(&text,
                      "\r\nContent-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      form.n);
        auth_buf_add_view(&text, auth_buf_view(&form));
        rc = auth_buf_check(&text, &err);
    }
    if (rc == AUTH_OK)
        (void)auth_cli_print(text.p);
    auth_buf_clear(&text);
    auth_buf_clear(&form);
    return rc == AUTH_OK ? EPIC_AUTH_OK : auth_error_from(&auth->voice, error, rc, &err);
}

static int print_assertion(struct epic_auth *auth, const struct assertion_settings *settings,
                           struct epic_auth_error *error)
{
    char *jwt = NULL;
    int status = AUTH_EXIT_OK;
    if (epic_auth_assertion(auth, &jwt, error) != EPIC_AUTH_OK)
        return auth_cli_complain("assertion", &settings->common, error);
    if (settings->is_decode)
        status = decode(auth_view_from_string(jwt));
    else
        (void)auth_cli_print(jwt);
    epic_auth_string_free(jwt);
    return status;
}

int auth_cli_assertion(int argc, char **argv)
{
    struct assertion_settings settings = {.is_decode = false};
    struct epic_auth_error error;
    struct epic_auth *auth = NULL;
    int status = auth_cli_parse(&argc, argv, assertion_rows, &settings,
                                "Usage: epic-auth assertion [OPTION...] [--decode [FILE|-] | --dry-run]\n\n"
                                "Prints a new signed client assertion, good for 240 s and for one use. --decode\n"
                                "shows its header and claims, or those of the JWT in FILE. --dry-run prints the\n"
                                "token request with it, which epic-conformance jwt judges.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    if (argc > 1 && !settings.is_decode)
        return auth_cli_usage_error("assertion", "FILE goes with --decode");
    if (settings.is_decode && settings.is_dry_run)
        return auth_cli_usage_error("assertion", "--decode or --dry-run, not both");
    if (argc > 1)
        return decode_file(argv[1]);
    enum epic_auth_rc rc = auth_cli_open(&settings.common, &auth, &error);
    if (rc == EPIC_AUTH_OK && settings.is_dry_run)
        rc = print_request(auth, &error);
    else if (rc == EPIC_AUTH_OK)
        status = print_assertion(auth, &settings, &error);
    if (rc != EPIC_AUTH_OK)
        status = auth_cli_complain("assertion", &settings.common, &error);
    epic_auth_free(auth);
    return status < 0 ? AUTH_EXIT_OK : status;
}
