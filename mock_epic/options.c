#include "mock_epic/options.h"

#include <string.h>

void mock_options_init(struct mock_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    settings->listen = "127.0.0.1:8423";
    settings->profile = "epic";
    settings->prefix = "/interconnect-fhir-oauth";
    settings->environment = "non-production";
    settings->log_format = "text";
    settings->log_level = "info";
    settings->threads = 2;
    settings->request_timeout_s = 30;
}

enum { OPTION_ROWS = 48 };

/* The table needs the addresses of one settings struct, so it is filled per call. */
static void fill_rows(struct mock_settings *s, struct auth_opt rows[OPTION_ROWS])
{
    const struct auth_opt table[] = {
        {.kind = AUTH_OPT_HEADING, .name = "", .help = "Server"},
        {"listen", 'l', AUTH_OPT_STRING, "ADDR:PORT", "where to listen (127.0.0.1:8423); port 0 picks a free one",
         &s->listen, 0, 0},
        {"ready-file", 0, AUTH_OPT_STRING, "FILE", "write the ready object here once the port answers", &s->ready_file,
         0, 0},
        {"public-url", 0, AUTH_OPT_STRING, "URL", "how clients reach the server, when not by the listen address",
         &s->public_url, 0, 0},
        {"prefix", 0, AUTH_OPT_STRING, "PATH", "first path segment (/interconnect-fhir-oauth)", &s->prefix, 0, 0},
        {"threads", 0, AUTH_OPT_INT, "N", "server threads (2)", &s->threads, 1, 64},
        {"request-timeout", 0, AUTH_OPT_INT, "S",
         "seconds for a request from its first byte to the last of its answer, and for a connection to idle (30)",
         &s->request_timeout_s, 1, 3600},
        {"tls", 0, AUTH_OPT_FLAG, NULL, "https, with a throw-away authority and certificate", &s->tls, 0, 0},
        {"tls-ca-file", 0, AUTH_OPT_STRING, "FILE",
         "write that authority's certificate here, for clients to trust; run makes and exports one by itself",
         &s->tls_ca_file, 0, 0},
        {"tls-cert", 0, AUTH_OPT_STRING, "FILE", "https, with this certificate, its chain behind it (PEM)",
         &s->tls_certificate, 0, 0},
        {"tls-key", 0, AUTH_OPT_STRING, "FILE", "and its private key (PEM)", &s->tls_key, 0, 0},
        {"admin-token-file", 0, AUTH_OPT_STRING, "FILE",
         "the admin API wants the token in this file, and then answers other hosts too", &s->admin_token_file, 0, 0},
        {"log", 0, AUTH_OPT_STRING, "text|json", "format of the log on stderr (text)", &s->log_format, 0, 0},
        {"log-level", 0, AUTH_OPT_STRING, "error|warn|info|debug", "how much to log (info)", &s->log_level, 0, 0},
        {.kind = AUTH_OPT_HEADING, .name = "", .help = "Apps"},
        {"client-id", 0, AUTH_OPT_STRING, "ID", "client id of the app whose key follows", &s->client_id, 0, 0},
        {"cert", 0, AUTH_OPT_STRING, "FILE", "its X.509 certificate (PEM), as uploaded to Epic", &s->certificate, 0, 0},
        {"jwks", 0, AUTH_OPT_STRING, "FILE", "or its JWK Set", &s->jwks, 0, 0},
        {"jwks-url", 0, AUTH_OPT_STRING, "URL", "or the URL of its JWK Set", &s->jwks_url, 0, 0},
        {"jwks-ca-file", 0, AUTH_OPT_STRING, "FILE", "CAs (PEM) trusted when fetching it, in place of the system's",
         &s->jwks_ca_file, 0, 0},
        {"app", 0, AUTH_OPT_LIST, "FILE", "an app as JSON, or a directory of them; repeatable", &s->apps, 0, 0},
        {.kind = AUTH_OPT_HEADING, .name = "", .help = "FHIR data"},
        {"fixtures", 'f', AUTH_OPT_LIST, "PATH", "resource, Bundle, NDJSON or directory; repeatable", &s->fixtures, 0,
         0},
        {"no-default-fixtures", 0, AUTH_OPT_FLAG, NULL, "without the built-in patients", &s->no_default_fixtures, 0, 0},
        {.kind = AUTH_OPT_HEADING, .name = "", .help = "Behaviour"},
        {"profile", 0, AUTH_OPT_STRING, "epic|smart|lenient", "whose rules count (epic)", &s->profile, 0, 0},
        {"switch", 0, AUTH_OPT_LIST, "NAME=VALUE", "decide one disputed point; see --help-switches", &s->switches, 0,
         0},
        {"aud", 0, AUTH_OPT_LIST, "URL", "accept this aud too, as a customer's administrator can allow", &s->audiences,
         0, 0},
        {"environment", 0, AUTH_OPT_STRING, "production|non-production", "what this server plays (non-production)",
         &s->environment, 0, 0},
        {"token-lifetime", 0, AUTH_OPT_INT, "S", "expires_in of tokens (epic 3600, smart 300)", &s->token_lifetime_s, 1,
         31 * 86400},
        {"real-token-lifetime", 0, AUTH_OPT_INT, "S", "when tokens really expire (as told)", &s->real_token_lifetime_s,
         1, 31 * 86400},
        {"clock-offset", 0, AUTH_OPT_INT, "S", "server clock relative to real time", &s->clock_offset_s,
         -100LL * 366 * 86400, 100LL * 366 * 86400},
        {"at", 0, AUTH_OPT_STRING, "RFC3339", "server clock at the start", &s->at, 0, 0},
        {"explain", 0, AUTH_OPT_FLAG, NULL, "put the first failure into error_description (Epic sends null)",
         &s->explain, 0, 0},
        {.kind = AUTH_OPT_HEADING, .name = "", .help = "Help"},
        {"help-switches", 0, AUTH_OPT_FLAG, NULL, "list every switch with its defaults", &s->help_switches, 0, 0},
        {"help", 'h', AUTH_OPT_FLAG, NULL, "this text", &s->help, 0, 0},
        {"version", 'V', AUTH_OPT_FLAG, NULL, "version", &s->version, 0, 0},
        {0},
    };
    _Static_assert(sizeof table / sizeof *table <= OPTION_ROWS, "OPTION_ROWS is too small");
    memcpy(rows, table, sizeof table);
}

enum auth_rc mock_options_parse(struct mock_settings *settings, int argc, char **argv, int *first_operand,
                                struct auth_err *err)
{
    struct auth_opt rows[OPTION_ROWS];
    fill_rows(settings, rows);
    return auth_opts_parse(argc, argv, rows, true, first_operand, err);
}

void mock_options_help(FILE *to, struct mock_settings *settings)
{
    struct auth_opt rows[OPTION_ROWS];
    fill_rows(settings, rows);
    auth_opts_help(to, rows);
}

void mock_options_help_switches(FILE *to)
{
    fprintf(to, "Switches (--switch NAME=VALUE). Defaults: epic, smart, lenient.\n\n");
    for (int i = 0; i < AUTH_SWITCH_COUNT; i++) {
        struct auth_switch_info info = auth_profile_switch_info((enum auth_switch)i);
        struct auth_buf defaults;
        auth_buf_init(&defaults, 256);
        for (int p = 0; p < 3; p++) {
            auth_buf_add_string(&defaults, p ? ", " : "");
            auth_profile_value_text((enum auth_switch)i, info.defaults[p], &defaults);
        }
        fprintf(to, "%s=%s\n    %s\n    defaults: %s; evidence: %s\n", info.name, info.values, info.decides, defaults.p,
                info.source);
        auth_buf_clear(&defaults);
    }
    fprintf(to, "\nEvery rule is a switch too: RULE=on|warn|off, e.g. --switch iat.window=off. Rules:\n");
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        fprintf(to, "    %-24s %s\n", auth_rules_info((enum auth_rule)i)->id,
                auth_rules_info((enum auth_rule)i)->demands);
}
