/* The commands get, metadata, search, observations, assertion and config. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/cli/cli.h"
#include "auth/cli/token_format.h"
#include "auth/client/config.h"
#include "auth/core/b64u.h"
#include "auth/core/file.h"
#include "auth/core/json.h"
#include "auth/core/redact.h"
#include "auth/jose/jws.h"

enum { PARAMS_MAX = 64 };

/* Of the commands that have no option of their own. */
struct plain_settings {
    struct auth_cli_common common;
};
static const struct auth_opt plain_rows[] = {AUTH_CLI_COMMON_ROWS(struct plain_settings)};

/* ---- assertion ---- */

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
    enum auth_rc rc =
        strcmp(path, "-") == 0 ? auth_file_read_fd(STDIN_FILENO, &text, &err) : auth_file_read(path, &text, &err);
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

/* ---- get, metadata ---- */

static int read_and_print(const char *command, struct auth_cli_common *common, const char *type, const char *id)
{
    struct epic_auth_error error;
    struct epic_auth *auth = NULL;
    char *json = NULL;
    int status = AUTH_EXIT_OK;
    enum epic_auth_rc rc = auth_cli_open(common, &auth, &error);
    if (rc == EPIC_AUTH_OK)
        rc =
            id ? epic_auth_fhir_get(auth, type, id, &json, &error) : epic_auth_fhir_get_path(auth, type, &json, &error);
    if (rc == EPIC_AUTH_OK)
        (void)auth_cli_print(json);
    else
        status = auth_cli_complain(command, common, &error);
    epic_auth_string_free(json);
    epic_auth_free(auth);
    return status;
}

int auth_cli_get(int argc, char **argv)
{
    struct plain_settings settings = {.common = {.help = false}};
    int status = auth_cli_parse(
        &argc, argv, plain_rows, &settings,
        "Usage: epic-auth get [OPTION...] TYPE/ID\n\nReads one resource and prints its bytes as they came.\n",
        &settings.common.help);
    if (status >= 0)
        return status;
    char *slash = argc == 2 ? strchr(argv[1], '/') : NULL;
    if (!slash || slash == argv[1] || !slash[1])
        return auth_cli_usage_error("get", "one TYPE/ID is needed, e.g. Patient/erXuFYUfucBZaryVksYEcMg3");
    *slash = '\0';
    return read_and_print("get", &settings.common, argv[1], slash + 1);
}

int auth_cli_metadata(int argc, char **argv)
{
    struct plain_settings settings = {.common = {.help = false}};
    int status = auth_cli_parse(&argc, argv, plain_rows, &settings,
                                "Usage: epic-auth metadata [OPTION...]\n\nPrints the server's CapabilityStatement.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    return argc > 1 ? auth_cli_usage_error("metadata", "no operands, please")
                    : read_and_print("metadata", &settings.common, "metadata", NULL);
}

/* ---- search, observations ---- */

struct search_settings {
    struct auth_cli_common common;
    bool as_bundles;
    int64_t max_pages;
    const char *category;
};

static enum epic_auth_rc print_bundles(struct epic_auth_search *search, const struct search_settings *settings,
                                       struct epic_auth_error *error)
{
    enum epic_auth_rc rc = EPIC_AUTH_OK;
    bool is_gone = false;
    char *text;
    for (int64_t page = 0; rc == EPIC_AUTH_OK && !is_gone && page < settings->max_pages; page++) {
        rc = epic_auth_search_page(search, &text, error);
        if (rc == EPIC_AUTH_OK)
            is_gone = !auth_cli_print(text);
        epic_auth_string_free(text);
    }
    return rc;
}

/* A resource of an indented Bundle, too, is one line. */
static bool print_line(const char *json)
{
    struct auth_buf line;
    auth_buf_init_secret(&line, strlen(json) + 1);
    auth_json_raw_minify(&line, auth_view_from_string(json));
    bool ok = auth_buf_ok(&line) && auth_cli_print(line.p);
    auth_buf_clear(&line);
    return ok;
}

static enum epic_auth_rc print_resources(struct epic_auth_search *search, struct epic_auth_error *error)
{
    enum epic_auth_rc rc;
    bool is_gone = false;
    char *text;
    do {
        rc = epic_auth_search_next(search, &text, error);
        if (rc == EPIC_AUTH_OK)
            is_gone = !print_line(text);
        epic_auth_string_free(text);
    } while (rc == EPIC_AUTH_OK && !is_gone);
    return rc;
}

/* What the server remarked inside good pages, for the person at the terminal. */
static void print_remarks(const char *command, const struct epic_auth_search *search)
{
    size_t count;
    const struct epic_auth_issue *issues = epic_auth_search_issues(search, &count);
    for (size_t i = 0; i < count; i++) {
        const struct epic_auth_issue *issue = &issues[i];
        const char *name = issue->coding[0] ? issue->coding : issue->code[0] ? issue->code : "something";
        bool has_text = issue->text[0], has_diagnostics = issue->diagnostics[0];
        auth_cli_say(command, "server remarks %s%s%s%s%s", name, has_text || has_diagnostics ? ": " : "", issue->text,
                     has_text && has_diagnostics ? "; " : "", issue->diagnostics);
    }
}

static int run_search(const char *command, struct search_settings *settings, const char *type,
                      const struct epic_auth_param *params, size_t count)
{
    struct epic_auth_error error;
    struct epic_auth *auth = NULL;
    struct epic_auth_search *search = NULL;
    enum epic_auth_rc rc = auth_cli_open(&settings->common, &auth, &error);
    if (rc == EPIC_AUTH_OK)
        rc = epic_auth_fhir_search(auth, type, params, count, &search, &error);
    if (rc == EPIC_AUTH_OK)
        rc = settings->as_bundles ? print_bundles(search, settings, &error) : print_resources(search, &error);
    if (search)
        print_remarks(command, search);
    int status = rc == EPIC_AUTH_OK || rc == EPIC_AUTH_E_END ? AUTH_EXIT_OK
                                                             : auth_cli_complain(command, &settings->common, &error);
    epic_auth_search_free(search);
    epic_auth_free(auth);
    return status;
}

static const struct auth_opt search_rows[] = {{"bundle", 'b', NULL, "print whole pages instead of one resource a line",
                                               AUTH_OPT_FLAG(struct search_settings, as_bundles)},
                                              {"max-pages", 0, "N", "with --bundle: stop after N pages",
                                               AUTH_OPT_INT(struct search_settings, max_pages, 1, 100000),
                                               .fallback = "100000", .also = "pages limit"},
                                              AUTH_CLI_COMMON_ROWS(struct search_settings)};

int auth_cli_search(int argc, char **argv)
{
    struct search_settings settings = {.as_bundles = false};
    struct epic_auth_param params[PARAMS_MAX];
    size_t count = 0;
    int status = auth_cli_parse(&argc, argv, search_rows, &settings,
                                "Usage: epic-auth search [OPTION...] TYPE NAME=VALUE...\n\n"
                                "Searches and prints every resource of every page, one a line (NDJSON): matches, and\n"
                                "what _include and _revinclude brought along.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    if (argc < 2 || argc - 2 > PARAMS_MAX)
        return auth_cli_usage_error("search", "a TYPE and up to 64 NAME=VALUE are needed");
    for (int i = 2; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals || equals == argv[i])
            return auth_cli_usage_error("search", "parameters are written NAME=VALUE");
        *equals = '\0';
        params[count++] = (struct epic_auth_param){argv[i], equals + 1};
    }
    return run_search("search", &settings, argv[1], params, count);
}

static const struct auth_opt observations_rows[] = {{"category", 'c', "CODE",
                                                     "e.g. vital-signs, laboratory (Epic wants one)",
                                                     AUTH_OPT_STRING(struct search_settings, category)},
                                                    AUTH_CLI_COMMON_ROWS(struct search_settings)};

int auth_cli_observations(int argc, char **argv)
{
    struct search_settings settings = {.as_bundles = false};
    int status = auth_cli_parse(&argc, argv, observations_rows, &settings,
                                "Usage: epic-auth observations [OPTION...] PATIENT\n\n"
                                "Prints all observations of a patient in a category, one a line (NDJSON).\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    if (argc != 2)
        return auth_cli_usage_error("observations", "one patient id is needed");
    const struct epic_auth_param params[] = {{"patient", argv[1]}, {"category", settings.category}};
    return run_search("observations", &settings, "Observation", params, settings.category ? 2 : 1);
}

/* ---- config ---- */

/* A secret is named by what everybody may know of it. */
static void print_secret(const char *name, const char *pem, const char *origin)
{
    struct auth_key *key = NULL;
    if (auth_key_from_private_pem(auth_view_from_string(pem), NULL, &key, NULL) == AUTH_OK)
        printf("%s=[a key with the thumbprint %s]  # %s\n", name, auth_key_thumbprint(key), origin);
    else
        printf("%s=[not a usable key]  # %s\n", name, origin);
    auth_key_free(key);
}

/* A value, less what in it is a secret that stands in the wrong place: a key for its path, a password in a URL. */
static void add_harmless(struct auth_buf *out, const char *value)
{
    const char *scheme = strstr(value, "://"), *user = scheme ? scheme + 3 : value;
    size_t n = scheme ? strcspn(user, "/?#") : 0;
    while (n && user[n - 1] != '@')
        n--;
    if (auth_config_is_key_text(value)) {
        auth_buf_add_string(out, "[the text of a key]");
        return;
    }
    auth_buf_add(out, value, (size_t)(user - value));
    auth_buf_add_string(out, n ? "[redacted]@" : "");
    auth_redact(out, auth_view_from_string(user + n), NULL);
}

/* Fit for a shell, and for a terminal: what is no plain word is quoted, control bytes are shown as \\xNN. */
static void print_setting(const char *name, const char *value, const char *origin)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@%+=,";
    struct auth_buf shown, quoted;
    auth_buf_init(&shown, 256 * 1024);
    auth_buf_init(&quoted, 1024 * 1024);
    add_harmless(&shown, value);
    if (!auth_buf_ok(&shown) || (shown.p && shown.p[strspn(shown.p, plain)]))
        auth_cli_quote_shell(&quoted, auth_buf_view(&shown));
    else
        auth_buf_add_view(&quoted, auth_buf_view(&shown));
    printf("%s=%s  # %s\n", name, auth_buf_ok(&quoted) && quoted.p ? quoted.p : "", origin);
    auth_buf_clear(&quoted);
    auth_buf_clear(&shown);
}

static void print_config(const struct auth_config *config)
{
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        const char *name = auth_config_name((enum auth_setting)i), *value = config->values[i];
        if (value && auth_config_is_secret((enum auth_setting)i))
            print_secret(name, value, config->origins[i]);
        else if (value)
            print_setting(name, value, config->origins[i]);
    }
}

int auth_cli_config(int argc, char **argv)
{
    struct plain_settings settings = {.common = {.help = false}};
    struct auth_config config;
    struct auth_err err = {0};
    int status =
        auth_cli_parse(&argc, argv, plain_rows, &settings,
                       "Usage: epic-auth config [OPTION...] show\n\n"
                       "Prints every setting that is in force and where it came from. Secrets are not shown.\n",
                       &settings.common.help);
    if (status >= 0)
        return status;
    if (argc != 2 || strcmp(argv[1], "show") != 0)
        return auth_cli_usage_error("config", "show is the one thing to do");
    if (auth_config_load(&settings.common.options, &config, &err) != AUTH_OK) {
        auth_cli_say("config", "%s", err.detail);
        return AUTH_EXIT_CONFIG;
    }
    if (config.remark[0])
        auth_cli_say("config", "%s", config.remark);
    print_config(&config);
    auth_config_clear(&config);
    return AUTH_EXIT_OK;
}
