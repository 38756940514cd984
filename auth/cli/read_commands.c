/* epic-auth get, metadata, search and observations: what is read from the FHIR server. */
#include <stdlib.h>
#include <string.h>

#include "auth/cli/cli.h"
#include "auth/core/form.h"
#include "auth/core/json.h"

enum { PARAMS_MAX = 64 };

/* Of the commands that have no option of their own. */
struct plain_settings {
    struct auth_cli_common common;
};
static const struct auth_opt plain_rows[] = {AUTH_CLI_COMMON_ROWS(struct plain_settings)};

/* ---- get, metadata ---- */

/* TYPE/ID/_history/VERSION, Group/ID/$export and other paths below the base: each segment escaped, '$' and ',' as they are. */
static char *escape_path(const char *path)
{
    struct auth_buf out;
    struct auth_view rest = auth_view_from_string(path);
    auth_buf_init(&out, 1024 * 1024);
    for (bool is_first = true; rest.p; is_first = false) {
        struct auth_view segment = auth_view_split(&rest, '/');
        auth_buf_add_string(&out, is_first ? "" : "/");
        if (auth_view_starts(segment, "$")) {
            auth_buf_add_char(&out, '$');
            segment = auth_view_from(segment, 1);
        }
        auth_form_escape(&out, segment);
    }
    char *text = auth_buf_ok(&out) ? auth_buf_take(&out, NULL) : NULL;
    auth_buf_clear(&out);
    return text;
}

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
    int status = auth_cli_parse(&argc, argv, plain_rows, &settings,
                                "Usage: epic-auth get [OPTION...] TYPE/ID\n"
                                "       epic-auth get [OPTION...] TYPE/ID/_history/VERSION\n"
                                "       epic-auth get [OPTION...] PATH         below the FHIR base\n\n"
                                "Reads one resource and prints its bytes as they came.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    char *slash = argc == 2 ? strchr(argv[1], '/') : NULL;
    if (!slash || slash == argv[1] || !slash[1])
        return auth_cli_usage_error("get", "one TYPE/ID is needed, e.g. Patient/erXuFYUfucBZaryVksYEcMg3");
    if (strchr(slash + 1, '/')) {
        char *path = escape_path(argv[1]);
        status = AUTH_EXIT_INTERNAL;
        if (path)
            status = read_and_print("get", &settings.common, path, NULL);
        else
            auth_cli_say("get", "out of memory");
        free(path);
        return status;
    }
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
        epic_auth_search_limit(search, (size_t)settings->max_pages);
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
                                              {"max-pages", 0, "N", "stop after N pages",
                                               AUTH_OPT_INT(struct search_settings, max_pages, 1, 100000),
                                               .fallback = "100000", .also = "pages limit"},
                                              AUTH_CLI_COMMON_ROWS(struct search_settings)};

/* 'Observation?patient=ID&category=laboratory': a query as it stands in a URL, escaped, in front of the other parameters. */
static int search_with_query(struct search_settings *settings, const char *type, const char *query,
                             const struct epic_auth_param *more, size_t more_count)
{
    struct auth_form form;
    struct auth_err err = {0};
    struct epic_auth_param params[2 * PARAMS_MAX];
    char *texts[2 * PARAMS_MAX] = {NULL}; /* names and values, which a form has without NULs behind them */
    int status = AUTH_EXIT_USAGE;
    size_t count = 0, done = 0;
    bool ok = auth_form_parse(auth_view_from_string(query), &form, &err) == AUTH_OK;
    for (; ok && count < form.count; count++) {
        texts[done++] = auth_view_dup(form.fields[count].name);
        texts[done++] = auth_view_dup(form.fields[count].value);
        params[count] = (struct epic_auth_param){texts[done - 2], texts[done - 1]};
        ok = texts[done - 2] && texts[done - 1];
    }
    for (size_t i = 0; ok && i < more_count; i++)
        params[count++] = more[i];
    if (ok)
        status = run_search("search", settings, type, params, count);
    else
        auth_cli_say("search", "the query behind '?': %s", err.detail[0] ? err.detail : "out of memory");
    for (size_t i = 0; i < done; i++)
        free(texts[i]);
    auth_form_clear(&form);
    return status;
}

int auth_cli_search(int argc, char **argv)
{
    struct search_settings settings = {.as_bundles = false};
    struct epic_auth_param params[PARAMS_MAX];
    size_t count = 0;
    int status = auth_cli_parse(&argc, argv, search_rows, &settings,
                                "Usage: epic-auth search [OPTION...] TYPE NAME=VALUE...\n"
                                "       epic-auth search [OPTION...] 'TYPE?NAME=VALUE&...'\n\n"
                                "Searches and prints every resource of every page, one a line (NDJSON): matches,\n"
                                "and what _include and _revinclude brought along.\n",
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
    char *query = strchr(argv[1], '?');
    if (query) {
        *query++ = '\0';
        return search_with_query(&settings, argv[1], query, params, count);
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
