/* mock-epic: an Epic that fits in a CI job. The table of its commands. */
#include <stdio.h>

#include "auth/core/log.h"
#include "auth/core/program.h"
#include "auth/core/version.h"
#include "auth/jose/openssl.h"
#include "mock_epic/cli/calls.h"
#include "mock_epic/cli/check_data.h"
#include "mock_epic/cli/health.h"
#include "mock_epic/cli/journal_normalize.h"
#include "mock_epic/cli/run.h"
#include "mock_epic/cli/scenarios.h"
#include "mock_epic/cli/serve.h"
#include "mock_epic/cli/switches.h"
#include "mock_epic/start/process.h"

static int usage_error(const char *command, const char *message)
{
    auth_complain("mock-epic", command, "%s", message);
    fprintf(stderr, "Try 'mock-epic %s%s--help'.\n", command ? command : "", command ? " " : "");
    return MOCK_EXIT_USAGE;
}

/* ---- the two that serve ---- */

static void print_server_help(enum mock_server_command command)
{
    if (command == MOCK_SERVE)
        printf("Usage: mock-epic serve [OPTION...]\n\n"
               "Prints one JSON line with its URLs when ready, and runs until SIGTERM, SIGINT or\n"
               "SIGHUP.\n");
    else
        printf("Usage: mock-epic run [OPTION...] -- COMMAND [ARG...]\n\n"
               "Starts a mock on a free port, runs COMMAND with EPIC_TOKEN_URL,\n"
               "EPIC_FHIR_BASE_URL, EPIC_BACKEND_CLIENT_ID, EPIC_PRIVATE_KEY_PATH and\n"
               "MOCK_EPIC_URL set, explains on stderr what was refused, and exits as it did.\n");
    mock_options_help(command, stdout);
    printf("\nEach option is also a variable: --log-level is MOCK_EPIC_LOG_LEVEL.\n"
           "Exit status: 0 stopped on request, 2 wrong usage, 3 could not start;\n"
           "%s1 instead of 0 with --fail-on-refused%s.\n",
           command == MOCK_RUN ? "else that of COMMAND, " : "",
           command == MOCK_RUN ? "\nor a failed expectation; with --scenario by the verdict: 0 pass, 1 fail,\n"
                                 "0 not exercised (1 with --require)"
                               : "");
}

static int serve_or_run(enum mock_server_command command, struct mock_settings *settings, int argc, char **argv)
{
    if (settings->help)
        print_server_help(command);
    else if (settings->help_switches)
        mock_switches_help(stdout);
    else if (settings->version)
        printf("mock-epic %s\n", AUTH_VERSION);
    else if (command == MOCK_SERVE && argc > 1)
        return usage_error("serve", "it takes options only");
    else if (command == MOCK_RUN && argc < 2)
        return usage_error("run", "it needs a command: mock-epic run -- COMMAND");
    else if (!mock_signals_init())
        return MOCK_EXIT_CANNOT_START;
    else
        return command == MOCK_SERVE ? mock_serve(settings) : mock_run(settings, argv + 1);
    return 0;
}

static int server_command(enum mock_server_command command, int argc, char **argv)
{
    struct mock_settings settings;
    struct auth_err err = {0};
    int status;
    auth_openssl_ignore_settings();
    if (mock_options_parse(command, &settings, &argc, argv, &err) == AUTH_OK) {
        status = serve_or_run(command, &settings, argc, argv);
    } else {
        mock_ready_remove_left(settings.ready_file); /* nobody will be ready */
        status = usage_error(argv[0], err.detail);
    }
    mock_options_clear(&settings);
    return status;
}

static int serve(int argc, char **argv)
{
    return server_command(MOCK_SERVE, argc, argv);
}

static int run(int argc, char **argv)
{
    return server_command(MOCK_RUN, argc, argv);
}

/* ---- all of them ---- */

static const struct auth_command commands[] = {
    {"serve", serve, "a mock that runs until it is told to stop"},
    {"run", run, "a mock around one command: mock-epic run -- pytest"},
    {"health", mock_health, "ask whether a mock answers, or wait until it does"},
    {"clock", mock_calls, "show, move, freeze a mock's clock"},
    {"tokens", mock_calls, "list issued tokens, make them older, revoke them"},
    {"apps", mock_calls, "list, add, remove registered apps"},
    {"journal", mock_calls, "what was asked, and why it was answered so"},
    {"timeline", mock_calls, "a run as a picture, as text or as a page"},
    {"normalize", mock_journal_normalize, "a journal without what differs from run to run"},
    {"instances", mock_calls, "more Epics in one mock"},
    {"faults", mock_calls, "what goes wrong on purpose"},
    {"expectations", mock_calls, "what must have happened"},
    {"verdict", mock_calls, "whether it happened, and the entries that show it"},
    {"scenarios", mock_scenarios, "what run --scenario plays, and what one of them says"},
    {"snapshots", mock_calls, "keep how a mock is under a name, and bring it back"},
    {"check-data", mock_check_data, "what --fixtures would make of files, and what is wrong"},
    {"reset", mock_calls, "back to how it started, all or parts"},
    {.name = NULL},
};

int main(int argc, char **argv)
{
    static const struct auth_program program = {
        .name = "mock-epic",
        .commands = commands,
        .about = "An offline Epic for tests: token endpoint and FHIR R4, and an explanation of\n"
                 "every decision.\n\n",
        .notes = "'mock-epic COMMAND --help' tells more; 'mock-epic serve --help-switches' lists\n"
                 "every disputed point that you may decide otherwise. All but serve, run,\n"
                 "normalize, scenarios and check-data are calls to a mock that runs, at\n"
                 "MOCK_EPIC_URL.\n",
        .reach = AUTH_PROCESS_CORE_FILES, /* a core file would hold keys and tokens */
        .lost_status = MOCK_EXIT_CANNOT_START,
    };
    return auth_program_main(&program, argc, argv);
}
