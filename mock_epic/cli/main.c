/* mock-epic: an Epic that fits in a CI job. Subcommands: serve, run. */
#include <stdio.h>
#include <string.h>

#include "auth/core/process.h"
#include "auth/core/version.h"
#include "mock_epic/cli/process.h"
#include "mock_epic/cli/run.h"
#include "mock_epic/cli/serve.h"
#include "mock_epic/cli/switches.h"

static int usage_error(const char *message)
{
    auth_complain("mock-epic", NULL, "%s", message);
    fprintf(stderr, "Try 'mock-epic --help'.\n");
    return MOCK_EXIT_USAGE;
}

static void print_help(void)
{
    printf("Usage: mock-epic serve [OPTION...]\n"
           "       mock-epic run [OPTION...] -- COMMAND [ARG...]\n\n"
           "An offline Epic for tests: token endpoint and FHIR R4, and an explanation of every decision.\n"
           "serve  prints one JSON line when ready and runs until SIGTERM, SIGINT or SIGHUP\n"
           "run    starts a mock on a free port, runs COMMAND with EPIC_TOKEN_URL, EPIC_FHIR_BASE_URL,\n"
           "       EPIC_BACKEND_CLIENT_ID, EPIC_PRIVATE_KEY_PATH and MOCK_EPIC_URL set, and exits as it did\n");
    mock_options_help(stdout);
    printf("\nExit status: 0 stopped on request; 2 wrong usage; 3 could not start; run: that of COMMAND;\n"
           "1 instead of 0 with --fail-on-refused.\n"
           "Not affiliated with Epic.\n");
}

/* argv[0] is the subcommand, or the program's name when there is none. */
static int start(struct mock_settings *settings, int argc, char **argv)
{
    bool is_serve = strcmp(argv[0], "serve") == 0, is_run = strcmp(argv[0], "run") == 0;
    struct auth_err err = {0};
    if (mock_options_parse(settings, &argc, argv, &err) != AUTH_OK) {
        mock_ready_remove_left(settings->ready_file); /* nobody will be ready */
        return usage_error(err.detail);
    }
    if (settings->help)
        print_help();
    else if (settings->help_switches)
        mock_switches_help(stdout);
    else if (settings->version)
        printf("mock-epic %s\n", AUTH_VERSION);
    else if (!is_serve && !is_run)
        return usage_error("serve or run?");
    else if (is_serve && argc > 1)
        return usage_error("serve takes options only");
    else if (is_run && argc < 2)
        return usage_error("run needs a command: mock-epic run -- COMMAND");
    else if (!mock_signals_init())
        return MOCK_EXIT_CANNOT_START;
    else
        return is_serve ? mock_serve(settings) : mock_run(settings, argv + 1);
    return 0;
}

static int run_program(int argc, char **argv)
{
    struct mock_settings settings;
    if (argc < 2)
        return usage_error("serve or run?");
    if (strcmp(argv[1], "help") == 0) {
        print_help();
        return 0;
    }
    bool has_subcommand = argv[1][0] != '-';
    if (has_subcommand && strcmp(argv[1], "serve") != 0 && strcmp(argv[1], "run") != 0)
        return usage_error("the subcommands are serve, run and help");
    int status = start(&settings, argc - has_subcommand, argv + has_subcommand);
    mock_options_clear(&settings);
    return status;
}

int main(int argc, char **argv)
{
    auth_process_start(AUTH_PROCESS_CORE_FILES); /* a core file would hold keys and tokens */
    return auth_process_finish("mock-epic", run_program(argc, argv), MOCK_EXIT_CANNOT_START);
}
