#include "auth/cli/cli.h"

#include <string.h>

int auth_cli_exit_of(enum epic_auth_rc rc)
{
    static const int statuses[] = {
        [EPIC_AUTH_OK] = AUTH_EXIT_OK,
        [EPIC_AUTH_E_CONFIG] = AUTH_EXIT_CONFIG,
        [EPIC_AUTH_E_NETWORK] = AUTH_EXIT_NETWORK,
        [EPIC_AUTH_E_OAUTH] = AUTH_EXIT_OAUTH,
        [EPIC_AUTH_E_DENIED] = AUTH_EXIT_DENIED,
        [EPIC_AUTH_E_NOT_FOUND] = AUTH_EXIT_NOT_FOUND,
        [EPIC_AUTH_E_FHIR] = AUTH_EXIT_FHIR,
        [EPIC_AUTH_E_THROTTLED] = AUTH_EXIT_THROTTLED,
        [EPIC_AUTH_E_PROTOCOL] = AUTH_EXIT_FHIR,
        [EPIC_AUTH_E_ORIGIN] = AUTH_EXIT_FHIR,
        [EPIC_AUTH_E_ARGUMENT] = AUTH_EXIT_USAGE,
        [EPIC_AUTH_E_NOMEM] = AUTH_EXIT_INTERNAL,
        [EPIC_AUTH_E_END] = AUTH_EXIT_OK,
    };
    return statuses[rc];
}

int auth_cli_parse(int argc, char **argv, const struct auth_opt *rows, const char *usage, const bool *help,
                   int *first_operand)
{
    struct auth_err err = {0};
    if (auth_opts_parse(argc, argv, rows, false, first_operand, &err) != AUTH_OK) {
        fprintf(stderr, "epic-auth %s: %s\nTry 'epic-auth %s --help'.\n", argv[0], err.detail, argv[0]);
        return AUTH_EXIT_USAGE;
    }
    if (!*help)
        return -1;
    printf("%s\n", usage);
    auth_opts_help(stdout, rows);
    return AUTH_EXIT_OK;
}

size_t auth_cli_common_rows(struct auth_cli_common *common, struct auth_opt *rows)
{
    struct epic_auth_options *o = &common->options;
    o->size = sizeof *o;
    const struct auth_opt table[AUTH_CLI_COMMON_ROWS + 1] = {
        {"client-id", 0, AUTH_OPT_STRING, "ID", "instead of EPIC_BACKEND_CLIENT_ID", &o->client_id, 0, 0},
        {"token-url", 0, AUTH_OPT_STRING, "URL", "instead of EPIC_TOKEN_URL", &o->token_url, 0, 0},
        {"fhir-base-url", 0, AUTH_OPT_STRING, "URL", "instead of EPIC_FHIR_BASE_URL", &o->fhir_base_url, 0, 0},
        {"private-key", 0, AUTH_OPT_STRING, "FILE", "instead of EPIC_PRIVATE_KEY_PATH", &o->private_key_path, 0, 0},
        {"key-id", 0, AUTH_OPT_STRING, "KID", "instead of EPIC_KEY_ID; '' sends no kid", &o->key_id, 0, 0},
        {"scopes", 0, AUTH_OPT_STRING, "LIST", "instead of EPIC_SCOPES", &o->scopes, 0, 0},
        {"ca-file", 0, AUTH_OPT_STRING, "FILE", "instead of EPIC_CA_FILE", &o->ca_file, 0, 0},
        {"env-file", 0, AUTH_OPT_STRING, "FILE", "instead of .env; '' reads none", &o->env_file, 0, 0},
        {"help", 'h', AUTH_OPT_FLAG, NULL, "this text", &common->help, 0, 0},
        {0},
    };
    memcpy(rows, table, sizeof table);
    return AUTH_CLI_COMMON_ROWS;
}
