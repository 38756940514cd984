/* mock-epic: an Epic that fits in a CI job. Subcommands: serve, run. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "auth/core/process.h"
#include "auth/core/version.h"
#include "mock_epic/cli/ready.h"
#include "mock_epic/cli/run.h"
#include "mock_epic/cli/signals.h"

enum { EXIT_USAGE = 2, EXIT_CANNOT_START = 3 };

static int usage_error(const char *message)
{
    auth_complain("mock-epic", NULL, "%s", message);
    fprintf(stderr, "Try 'mock-epic --help'.\n");
    return EXIT_USAGE;
}

static void print_help(void)
{
    printf("Usage: mock-epic serve [OPTION...]\n"
           "       mock-epic run [OPTION...] -- COMMAND [ARG...]\n\n"
           "An offline Epic for tests: token endpoint, FHIR R4, and the reason behind every verdict.\n"
           "serve  prints one JSON line when ready and runs until SIGTERM, SIGINT or SIGHUP\n"
           "run    starts a mock on a free port, runs COMMAND with EPIC_TOKEN_URL, EPIC_FHIR_BASE_URL,\n"
           "       EPIC_BACKEND_CLIENT_ID, EPIC_PRIVATE_KEY_PATH and MOCK_EPIC_URL set, and exits as it did\n");
    mock_options_help(stdout);
    printf("\nExit status: 0 stopped on request; 2 wrong usage; 3 could not start; run: that of COMMAND;\n"
           "1 instead of 0 with --fail-on-refused.\n"
           "Not affiliated with Epic.\n");
}

/* The signal that ended it. */
static int serve_until_signal(struct mock_process *process, struct mock_ready *ready)
{
    int number;
    do {
        number = mock_signals_wait(MOCK_PROCESS_TICK_MS).number;
        mock_process_tick(process);
        mock_ready_tick(ready, &process->log);
    } while (!mock_signals_is_end(number));
    auth_log_write(&process->log, AUTH_LOG_INFO, "stopping");
    return number;
}

static int complain(enum auth_rc rc, const struct auth_err *err)
{
    auth_complain("mock-epic", NULL, "%s", err->detail[0] ? err->detail : auth_rc_text(rc));
    return rc == AUTH_E_ARG ? EXIT_USAGE : EXIT_CANNOT_START;
}

static int serve(const struct mock_settings *settings, struct mock_ready *ready, int *ended_by)
{
    struct mock_process process;
    struct auth_err err = {0};
    int status = 0;
    enum auth_rc rc = mock_process_start(&process, settings, NULL, MOCK_ACCOUNT_BRIEF, &err);
    if (rc != AUTH_OK)
        return complain(rc, &err);
    mock_process_ready(&process, settings, &ready->text);
    rc = mock_ready_announce(ready, &err);
    if (rc == AUTH_OK) {
        *ended_by = serve_until_signal(&process, ready);
        status = mock_process_sum_up(&process, settings, AUTH_LOG_INFO, status);
    } else {
        auth_log_write(&process.log, AUTH_LOG_ERROR, "%s", err.detail);
        status = EXIT_CANNOT_START;
    }
    mock_process_stop(&process);
    return status;
}

static int serve_command(const struct mock_settings *settings)
{
    struct mock_ready ready;
    int ended_by = 0;
    mock_ready_init(&ready, settings->ready_file, MOCK_READY_SAID);
    int status = serve(settings, &ready, &ended_by);
    mock_ready_withdraw(&ready);
    bool is_request = ended_by == SIGTERM || ended_by == SIGINT || ended_by == SIGHUP;
    if (ended_by && !is_request)
        auth_process_end_by_signal(ended_by);
    return status;
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
        mock_options_help_switches(stdout);
    else if (settings->version)
        printf("mock-epic %s\n", AUTH_VERSION);
    else if (!is_serve && !is_run)
        return usage_error("serve or run?");
    else if (is_serve && argc > 1)
        return usage_error("serve takes options only");
    else if (is_run && argc < 2)
        return usage_error("run needs a command: mock-epic run -- COMMAND");
    else if (!mock_signals_init())
        return EXIT_CANNOT_START;
    else
        return is_serve ? serve_command(settings) : mock_run(settings, argv + 1);
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
    return auth_process_finish("mock-epic", run_program(argc, argv), EXIT_CANNOT_START);
}
