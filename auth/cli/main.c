/* epic-auth: the client for Epic Backend Services on the command line. */
#include "auth/cli/cli.h"
#include "auth/core/program.h"

static const struct auth_command commands[] = {
    {"key", auth_cli_key, "make, inspect and compare keys, certificates and JWK Sets"},
    {"assertion", auth_cli_assertion, "print a signed client assertion, or decode one"},
    {"token", auth_cli_token, "print an access token"},
    {"get", auth_cli_get, "read one FHIR resource"},
    {"metadata", auth_cli_metadata, "print the CapabilityStatement"},
    {"search", auth_cli_search, "search, all pages"},
    {"observations", auth_cli_observations, "a patient's observations of a category, all pages"},
    {"test", auth_cli_test, "try the server: token, metadata, a patient, observations"},
    {"doctor", auth_cli_doctor, "look at settings, key and files without asking a server"},
    {"cache", auth_cli_cache, "show or empty the file that runs share their tokens in"},
    {"config", auth_cli_config, "show the settings and where they come from"},
    {"completion", auth_cli_completion, "print what makes bash, zsh or fish complete all this"},
    {"version", auth_cli_version, "print the version, with --json for programs"},
    {.name = NULL},
};

static const char notes[] = "Settings come from options, the environment, then .env: EPIC_BACKEND_CLIENT_ID,\n"
                            "EPIC_TOKEN_URL, EPIC_FHIR_BASE_URL, EPIC_PRIVATE_KEY_PATH; also\n"
                            "EPIC_PRIVATE_KEY_PEM, EPIC_KEY_ID, EPIC_JKU, EPIC_SCOPES, EPIC_CA_FILE and\n"
                            "others (epic-auth config show). 'epic-auth COMMAND --help' tells more.\n\n"
                            "Exit status: 0 ok, 2 usage, 3 setting or key, 4 network, 5 token refused,\n"
                            "6 FHIR denied, 7 not found, 8 other FHIR error, 9 server busy, 1 internal.\n";

int main(int argc, char **argv)
{
    static const struct auth_program program = {
        .name = "epic-auth",
        .commands = commands,
        .about = "",
        .notes = notes,
        .reach = AUTH_PROCESS_ALL_DUMPS, /* a core file would hold the private key */
        .lost_status = AUTH_EXIT_INTERNAL,
    };
    return auth_program_main(&program, argc, argv);
}
