/* A journal from a file or a pipe, made comparable. */
#include "mock_epic/cli/journal_normalize.h"

#include <stdio.h>

#include "auth/core/input.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "mock_epic/evidence/normalize.h"
#include "mock_epic/start/process.h"

enum { NO_JOURNAL = 1, JOURNAL_MAX_N = 256 * 1024 * 1024 };

struct normalize_settings {
    bool help;
};

static const struct auth_opt rows[] = {
    AUTH_OPT_HEADING("Help"),
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct normalize_settings, help)},
    {.name = NULL},
};
static const struct auth_opts table = {rows, false, NULL};

static void print_help(void)
{
    printf("Usage: mock-epic normalize FILE\n\n"
           "Prints the journal in FILE (- is standard input), as run --journal writes it or\n"
           "mock-epic journal prints it, a line for each entry in order of id, without what\n"
           "differs from run to run: times, ports, jti and the key of a run. So two runs of\n"
           "one client can be compared with diff.\n\n"
           "  PORT      the port of a URL      jti-1  a jti, by its first appearance\n"
           "  iat+300   exp and nbf            now, ahead, behind  iat, by 14 seconds\n"
           "  T, # s    times and seconds in words    KEY   kid and x5t of a header\n"
           "  INSTANCE  a name made up by the server  LINK  the end of a link to a page\n\n"
           "Of verdicts that passed, rule and result are left.\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 done, 1 no journal, 2 wrong usage, 3 it cannot be read.\n");
}

static int normalize(const char *path)
{
    struct auth_buf journal, out;
    struct auth_err err = {0};
    int status = 0;
    auth_buf_init(&journal, JOURNAL_MAX_N);
    auth_buf_init(&out, JOURNAL_MAX_N);
    if (auth_input_read(path, &journal, &err) != AUTH_OK)
        status = MOCK_EXIT_CANNOT_START;
    else if (mock_normalize(auth_buf_view(&journal), &out, &err) != AUTH_OK)
        status = NO_JOURNAL;
    else
        (void)fwrite(out.n ? out.p : "", 1, out.n, stdout);
    if (status)
        auth_complain("mock-epic", "normalize", "%s", err.detail);
    auth_buf_clear(&journal);
    auth_buf_clear(&out);
    return status;
}

int mock_journal_normalize(int argc, char **argv)
{
    struct normalize_settings settings = {0};
    struct auth_err err = {0};
    if (auth_opts_parse(&table, &settings, NULL, &argc, argv, &err) == AUTH_OK && settings.help) {
        print_help();
        return 0;
    }
    if (!err.detail[0] && argc != 2)
        auth_err_set(&err, AUTH_E_ARG, "it takes one file, or - for standard input");
    if (!err.detail[0])
        return normalize(argv[1]);
    auth_complain("mock-epic", "normalize", "%s", err.detail);
    return MOCK_EXIT_USAGE;
}
