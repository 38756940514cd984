/* epic-auth: the client for Epic Backend Services on the command line. */
#include <stdio.h>
#include <string.h>

#include "auth/cli/cli.h"
#include "auth/core/log.h"
#include "auth/core/process.h"

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *help;
} commands[] = {
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
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *to)
{
    fprintf(to, "Usage: epic-auth COMMAND [OPTION...]\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-13s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\nSettings come from options, the environment, then .env: EPIC_BACKEND_CLIENT_ID,\n"
                "EPIC_TOKEN_URL, EPIC_FHIR_BASE_URL, EPIC_PRIVATE_KEY_PATH; also\n"
                "EPIC_PRIVATE_KEY_PEM, EPIC_KEY_ID, EPIC_JKU, EPIC_SCOPES, EPIC_CA_FILE and\n"
                "others (epic-auth config show). 'epic-auth COMMAND --help' tells more.\n\n"
                "Exit status: 0 ok, 2 usage, 3 setting or key, 4 network, 5 token refused,\n"
                "6 FHIR denied, 7 not found, 8 other FHIR error, 9 server busy, 1 internal.\n"
                "Not affiliated with Epic.\n");
}

static const char *name_of(size_t i)
{
    return i < COMMANDS ? commands[i].name : NULL;
}

static int run(int argc, char **argv)
{
    static char help_option[] = "--help";
    if (argc < 2) {
        print_help(stderr);
        return AUTH_EXIT_USAGE;
    }
    if (argc > 2 && strcmp(argv[1], "help") == 0) { /* help COMMAND is COMMAND --help */
        argv[1] = argv[2];
        argv[2] = help_option;
        argc = 3;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].main(argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return AUTH_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("epic-auth %s\n", epic_auth_version());
        return AUTH_EXIT_OK;
    }
    auth_opts_no_command("epic-auth", argv[1], name_of);
    return AUTH_EXIT_USAGE;
}

int main(int argc, char **argv)
{
    auth_process_start(AUTH_PROCESS_ALL_DUMPS); /* a core file would hold the private key */
    return auth_process_finish("epic-auth", run(argc, argv), AUTH_EXIT_INTERNAL);
}
