/* mock-epic: an Epic that fits in a CI job. Subcommands: serve, run. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "auth/core/version.h"
#include "mock_epic/run.h"
#include "mock_epic/signals.h"

enum { EXIT_USAGE = 2, EXIT_CANNOT_START = 3, TICK_MS = 250, SWEEP_TICKS = 40 };

static int usage_error(const char *message)
{
    fprintf(stderr, "mock-epic: %s\nTry 'mock-epic --help'.\n", message);
    return EXIT_USAGE;
}

static void print_help(struct mock_settings *settings)
{
    printf("Usage: mock-epic serve [OPTION...]\n"
           "       mock-epic run [OPTION...] -- COMMAND [ARG...]\n\n"
           "An offline Epic for tests: token endpoint, FHIR R4, and the reason behind every verdict.\n"
           "serve  prints one JSON line when ready and runs until SIGTERM or SIGINT\n"
           "run    starts a mock on a free port, runs COMMAND with EPIC_TOKEN_URL, EPIC_FHIR_BASE_URL,\n"
           "       EPIC_BACKEND_CLIENT_ID, EPIC_PRIVATE_KEY_PATH and MOCK_EPIC_URL set, and exits as it did\n\n");
    mock_options_help(stdout, settings);
    printf("\nExit status: 0 stopped on request; 2 wrong usage; 3 could not start; run: that of COMMAND.\n"
           "Not affiliated with Epic.\n");
}

static bool announce(const struct mock_instance *instance, const struct mock_settings *settings, struct auth_err *err)
{
    struct auth_buf ready;
    auth_buf_init(&ready, 8192);
    mock_instance_ready(instance, settings, &ready);
    bool ok = auth_buf_ok(&ready);
    if (ok && settings->ready_file)
        ok = auth_file_write(settings->ready_file, auth_buf_view(&ready), 0644, AUTH_FILE_REPLACE, err) == AUTH_OK;
    if (ok) {
        fputs(ready.p, stdout);
        fflush(stdout);
    }
    auth_buf_clear(&ready);
    return ok;
}

static void serve_until_signal(struct mock_instance *instance)
{
    int number = 0;
    for (unsigned tick = 1; number != SIGTERM && number != SIGINT; tick++) {
        number = mock_signals_wait(TICK_MS);
        mock_server_tick(instance->server);
        if (tick % SWEEP_TICKS == 0)
            mock_epic_sweep(&instance->mock);
    }
    auth_log_write(&instance->log, AUTH_LOG_INFO, "stopping");
}

/* A refusal is one log line; the journal has the whole story. */
static void log_refusal(void *ctx, const struct auth_report *report, uint64_t journal_id)
{
    const struct auth_log *log = ctx;
    struct auth_buf text;
    auth_buf_init(&text, 4096);
    auth_rules_summary(report, auth_rules_failed(report), &text);
    auth_log_write(log, AUTH_LOG_INFO, "token request %llu refused: %s", (unsigned long long)journal_id,
                   text.p ? text.p : "");
    auth_buf_clear(&text);
}

static int serve(const struct mock_settings *settings)
{
    struct mock_instance instance;
    struct auth_err err = {0};
    enum auth_rc rc = mock_instance_start(&instance, settings, NULL, log_refusal, &err);
    if (rc != AUTH_OK) {
        fprintf(stderr, "mock-epic: %s\n", err.detail[0] ? err.detail : auth_rc_text(rc));
        return rc == AUTH_E_ARG ? EXIT_USAGE : EXIT_CANNOT_START;
    }
    int status = 0;
    if (announce(&instance, settings, &err)) {
        serve_until_signal(&instance);
    } else {
        fprintf(stderr, "mock-epic: %s\n", err.detail);
        status = EXIT_CANNOT_START;
    }
    mock_instance_stop(&instance);
    if (settings->ready_file)
        (void)unlink(settings->ready_file);
    return status;
}

int main(int argc, char **argv)
{
    struct mock_settings settings;
    struct auth_err err = {0};
    int first = 0;
    mock_options_init(&settings);
    if (argc < 2)
        return usage_error("serve or run?");
    bool is_serve = strcmp(argv[1], "serve") == 0;
    bool is_run = strcmp(argv[1], "run") == 0;
    if (!is_serve && !is_run && argv[1][0] != '-')
        return usage_error("the subcommands are serve and run");
    int skip = is_serve || is_run ? 1 : 0;
    if (mock_options_parse(&settings, argc - skip, argv + skip, &first, &err) != AUTH_OK)
        return usage_error(err.detail);
    first += skip;
    if (settings.help)
        print_help(&settings);
    else if (settings.help_switches)
        mock_options_help_switches(stdout);
    else if (settings.version)
        printf("mock-epic %s\n", AUTH_VERSION);
    else if (!is_serve && !is_run)
        return usage_error("serve or run?");
    else if (is_serve && first < argc)
        return usage_error("serve takes options only");
    else if (is_run && first >= argc)
        return usage_error("run needs a command: mock-epic run -- COMMAND");
    else if (!mock_signals_init())
        return EXIT_CANNOT_START;
    else
        return is_serve ? serve(&settings) : mock_run(&settings, argv + first);
    return 0;
}
