/* The tables of options of serve and run. */
#include "mock_epic/start/options.h"

#include <string.h>

#include "auth/core/time.h"
#include "mock_epic/state/random.h"

#define SET struct mock_settings

// clang-format off
#define SERVER_ROWS(listen_at, log_what)                                                                               \
    AUTH_OPT_HEADING("Server"),                                                                                        \
    {"listen", 'l', "ADDR:PORT", "where to listen; port 0 picks a free one",                                           \
     AUTH_OPT_STRING(SET, listen), .fallback = (listen_at), .also = "port address addr host bind"},                    \
    {"ready-file", 0, "FILE", "write the ready object here once the port answers", AUTH_OPT_STRING(SET, ready_file)},  \
    {"public-url", 0, "URL", "how clients reach the server, when not by the listen address",                           \
     AUTH_OPT_STRING(SET, public_url), .also = "url base-url"},                                                        \
    {"prefix", 0, "PATH", "first path segment", AUTH_OPT_STRING(SET, prefix),                                          \
     .fallback = "/interconnect-fhir-oauth", .may_be_empty = true},                                                    \
    {"threads", 0, "N", "server threads", AUTH_OPT_INT(SET, threads, 1, 64), .fallback = "2", .also = "workers"},      \
    {"request-timeout", 0, "S",                                                                                        \
     "seconds for a request from its first byte to the last of its answer, and for a connection to idle",              \
     AUTH_OPT_INT(SET, request_timeout_s, 1, 3600), .fallback = "30", .also = "timeout"},                              \
    {"tls", 0, NULL, "https, with a temporary CA and certificate", AUTH_OPT_FLAG(SET, tls), .also = "https ssl"},      \
    {"tls-ca-file", 0, "FILE",                                                                                         \
     "write that CA's certificate here, for clients to trust; run makes and exports one by itself",                    \
     AUTH_OPT_STRING(SET, tls_ca_file), .also = "ca-file"},                                                            \
    {"tls-cert", 0, "FILE", "https, with this certificate, its chain behind it (PEM)",                                 \
     AUTH_OPT_STRING(SET, tls_certificate)},                                                                           \
    {"tls-key", 0, "FILE", "and its private key (PEM)", AUTH_OPT_STRING(SET, tls_key), .also = "key"},                 \
    {"admin-token-file", 0, "FILE",                                                                                    \
     "the admin API wants the token in this file, or in MOCK_EPIC_ADMIN_TOKEN, and then answers other hosts too",      \
     AUTH_OPT_STRING(SET, admin_token_file), .also = "admin-token token"},                                             \
    {"log", 0, "text|json", "format of the log on stderr", AUTH_OPT_CHOICE(SET, log_format), .fallback = "text",       \
     .also = "log-format"},                                                                                            \
    {"log-level", 0, "error|warn|info|debug", "how much to log", AUTH_OPT_CHOICE(SET, log_level),                      \
     .fallback = (log_what), .also = "verbose level"}

#define APP_ROWS                                                                                                       \
    AUTH_OPT_HEADING("Apps"),                                                                                          \
    {"client-id", 0, "ID", "client id of the app whose key follows", AUTH_OPT_STRING(SET, client_id), .also = "id"},   \
    {"cert", 0, "FILE", "its X.509 certificate (PEM), as uploaded to Epic", AUTH_OPT_STRING(SET, certificate),         \
     .also = "certificate"},                                                                                           \
    {"jwks", 0, "FILE", "or its JWK Set", AUTH_OPT_STRING(SET, jwks)},                                                 \
    {"jwks-url", 0, "URL", "or the URL of its JWK Set", AUTH_OPT_STRING(SET, jwks_url), .also = "jku"},                \
    {"jwks-ca-file", 0, "FILE", "CAs (PEM) trusted when fetching it, in place of the system's",                        \
     AUTH_OPT_STRING(SET, jwks_ca_file)},                                                                              \
    {"app", 0, "FILE", "an app as JSON, or a directory of them; repeatable", AUTH_OPT_LIST(SET, apps), .also = "apps"}

#define DATA_ROWS                                                                                                      \
    AUTH_OPT_HEADING("FHIR data"),                                                                                     \
    {"fixtures", 'f', "PATH", "resource, array, Bundle, NDJSON, these by gzip, or a directory; @edge; repeatable",     \
     AUTH_OPT_LIST(SET, fixtures), .also = "data patients"},                                                           \
    {"no-default-fixtures", 0, NULL, "without the built-in patients", AUTH_OPT_FLAG(SET, no_default_fixtures)},        \
    {"strict", 0, NULL, "do not start when a resource is wrong; else it is left out and told",                         \
     AUTH_OPT_FLAG(SET, strict)}

#define BEHAVIOUR_ROWS                                                                                                 \
    AUTH_OPT_HEADING("Behaviour"),                                                                                     \
    {"profile", 0, "epic|smart|lenient", "whose rules count", AUTH_OPT_STRING(SET, profile), .fallback = "epic"},      \
    {"epic-version", 0, "YYYY-MM", "as which release of Epic it behaves (2026-05)", AUTH_OPT_STRING(SET, epic_version)},   \
    {"switch", 0, "NAME=VALUE", "decide one disputed point; see --help-switches", AUTH_OPT_LIST(SET, switches)},       \
    {"aud", 0, "URL", "accept this aud too, as a customer's administrator can allow", AUTH_OPT_LIST(SET, audiences),   \
     .also = "audience"},                                                                                              \
    {"environment", 0, "non-production|production", "what this server plays", AUTH_OPT_CHOICE(SET, environment),       \
     .fallback = "non-production", .also = "env"},                                                                     \
    {"token-lifetime", 0, "S", "expires_in of tokens (epic 3600, smart 300)",                                          \
     AUTH_OPT_INT(SET, token_lifetime_s, 1, 31 * 86400), .also = "expires-in lifetime"},                               \
    {"real-token-lifetime", 0, "S", "when tokens really expire (as told)",                                             \
     AUTH_OPT_INT(SET, real_token_lifetime_s, 0, 31 * 86400)},                                                         \
    {"clock-offset", 0, "S", "server clock relative to real time",                                                     \
     AUTH_OPT_INT(SET, clock_offset_s, -AUTH_TIME_STEP_MAX_S, AUTH_TIME_STEP_MAX_S), .also = "offset"},                \
    {"at", 0, "TIME", "server clock at the start: RFC 3339, epoch seconds or a Date header",                           \
     AUTH_OPT_TIME(SET, at_s), .also = "now date time clock"},                                                         \
    {"seed", 0, "N", "tokens, links and the chance of faults follow from it, so that a run can be repeated",           \
     AUTH_OPT_INT(SET, seed, 0, MOCK_SEED_MAX), .also = "random"},                                                     \
    {"explain", 0, NULL, "put the first failure into error_description (Epic sends null)",                             \
     AUTH_OPT_FLAG(SET, explain)},                                                                                     \
    {"fail-on-refused", 0, NULL, "exit with 1 instead of 0 when a token request was refused",                          \
     AUTH_OPT_FLAG(SET, fail_on_refused)}

#define HELP_ROWS                                                                                                      \
    AUTH_OPT_HEADING("Help"),                                                                                          \
    {"help-switches", 0, NULL, "list every switch with its defaults", AUTH_OPT_ASK(SET, help_switches),                \
     .also = "switches"},                                                                                              \
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(SET, help)},                                                         \
    {"version", 'V', NULL, "version", AUTH_OPT_ASK(SET, version)},                                                     \
    {.name = NULL}
// clang-format on

static const struct auth_opt serve_rows[] = {
    SERVER_ROWS("127.0.0.1:8423", "info"),
    {"env-file", 0, "FILE",
     "append NAME=VALUE lines to it, EPIC_TOKEN_URL and so on, of a ready-made app when you name none",
     AUTH_OPT_STRING(SET, env_file), .also = "github-env dotenv"},
    APP_ROWS,
    DATA_ROWS,
    BEHAVIOUR_ROWS,
    HELP_ROWS,
};

/* The command's output comes first: a quiet log, and any port. */
static const struct auth_opt run_rows[] = {
    SERVER_ROWS("127.0.0.1:0", "warn"),
    APP_ROWS,
    DATA_ROWS,
    BEHAVIOUR_ROWS,
    AUTH_OPT_HEADING("Command"),
    {"on", 0, "URL", "in an Epic of its own in the mock that runs there, which is removed at the end",
     AUTH_OPT_STRING(SET, on), .also = "instance server"},
    {"faketime", 0, "0|1|lib",
     "COMMAND sees the server's time of day, also when it is changed; lib: by libfaketime, which knows no rate",
     AUTH_OPT_CHOICE(SET, faketime), .alone = "1", .also = "fake-time clock time"},
    {"journal", 0, "FILE", "every journal entry, as it is written, as a line of JSON",
     AUTH_OPT_STRING(SET, journal_file), .also = "ndjson"},
    {"report", 0, "FILE.html", "what happened as a page: verdict, a picture of all tokens, every entry",
     AUTH_OPT_STRING(SET, report), .also = "html"},
    {"timeout", 0, "S", "end COMMAND after so many seconds (SIGTERM, 5 s later SIGKILL) and exit with 124",
     AUTH_OPT_INT(SET, timeout_s, 1, 31 * 86400)},
    AUTH_OPT_HEADING("Verdict"),
    {"scenario", 0, "NAME|PATH",
     "play this for COMMAND, and exit by what came: 0 pass, 1 fail; 'mock-epic scenarios' lists them",
     AUTH_OPT_STRING(SET, scenario), .also = "play"},
    {"scenarios", 0, "DIR", "where NAME.json is looked for before those that are built in",
     AUTH_OPT_STRING(SET, scenarios), .also = "scenario-dir"},
    {"expect", 0, "FILE", "expectations, as PUT /mock/expectations takes them; exit with 1 instead of 0 when one fails",
     AUTH_OPT_STRING(SET, expect), .also = "expectations"},
    {"require", 0, NULL, "exit with 1 also when what is tried was not exercised", AUTH_OPT_FLAG(SET, require)},
    {"junit", 0, "FILE", "write the verdict as JUnit XML", AUTH_OPT_STRING(SET, junit), .also = "xml"},
    {"tap", 0, "FILE", "write it as TAP", AUTH_OPT_STRING(SET, tap)},
    {"verdict", 0, "FILE", "write it as GET /mock/verdict shows it", AUTH_OPT_STRING(SET, verdict), .also = "json"},
    HELP_ROWS,
};

static const struct auth_opts tables[] = {
    [MOCK_SERVE] = {.rows = serve_rows, .stops_at_operand = true, .environment = "MOCK_EPIC_"},
    [MOCK_RUN] = {.rows = run_rows, .stops_at_operand = true, .environment = "MOCK_EPIC_"},
};

enum auth_rc mock_options_parse(enum mock_server_command command, struct mock_settings *settings, int *argc,
                                char **argv, struct auth_err *err)
{
    memset(settings, 0, sizeof *settings);
    settings->command = command;
    return auth_opts_parse(&tables[command], settings, &settings->given, argc, argv, err);
}

void mock_options_clear(struct mock_settings *settings)
{
    auth_opts_clear(&tables[settings->command], settings);
}

bool mock_options_given(const struct mock_settings *settings, const void *member)
{
    return auth_opts_is_given(&tables[settings->command], &settings->given, settings, member);
}

void mock_options_help(enum mock_server_command command, FILE *to)
{
    auth_opts_help(to, tables[command].rows);
}
