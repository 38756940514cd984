/* epic-auth assertion: a signed client assertion, or what one says. */
#include <string.h>
#include <unistd.h>

#include "auth/cli/cli.h"
#include "auth/core/b64u.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
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
    bool is_decode;
};

static const struct auth_opt assertion_rows[] = {{"decode", 'd', NULL, "show header and claims instead of the JWT",
                                                  AUTH_OPT_FLAG(struct assertion_settings, is_decode)},
                                                 AUTH_CLI_COMMON_ROWS(struct assertion_settings)};

int auth_cli_assertion(int argc, char **argv)
{
    struct assertion_settings settings = {.is_decode = false};
    struct epic_auth_error error;
    struct epic_auth *auth = NULL;
    char *jwt = NULL;
    int status =
        auth_cli_parse(&argc, argv, assertion_rows, &settings,
                       "Usage: epic-auth assertion [OPTION...] [--decode [FILE|-]]\n\n"
                       "Prints a new signed client assertion, good for 240 s and for one use. --decode shows its\n"
                       "header and claims, or those of the JWT in FILE.\n",
                       &settings.common.help);
    if (status >= 0)
        return status;
    if (argc > 1 && !settings.is_decode)
        return auth_cli_usage_error("assertion", "FILE goes with --decode");
    if (argc > 1)
        return decode_file(argv[1]);
    if (auth_cli_open(&settings.common, &auth, &error) != EPIC_AUTH_OK ||
        epic_auth_assertion(auth, &jwt, &error) != EPIC_AUTH_OK) {
        status = auth_cli_complain("assertion", &settings.common, &error);
    } else if (settings.is_decode) {
        status = decode(auth_view_from_string(jwt));
    } else {
        (void)auth_cli_print(jwt);
        status = AUTH_EXIT_OK;
    }
    epic_auth_string_free(jwt);
    epic_auth_free(auth);
    return status;
}
