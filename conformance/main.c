/* epic-conformance: judges JWTs, servers and clients. The table of its commands. */
#include <stdio.h>
#include <string.h>

#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/core/process.h"
#include "auth/core/version.h"
#include "conformance/client/commands.h"
#include "conformance/linter/commands.h"
#include "conformance/report/output.h"
#include "conformance/suite/commands.h"

static const struct {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"jwt", conf_jwt_main, "judge a client assertion, or a whole token request"},
    {"key", conf_key_main, "look at keys, certificates and JWK Sets, and which belong together"},
    {"server", conf_server_main, "run every case against a mock, or against a server that is there"},
    {"client", conf_client_main, "run a client in scenarios, and say what a right one does"},
    {"cases", conf_cases_main, "list the cases with what they try and their sources"},
    {"scenarios", conf_scenarios_main, "list the scenarios with what they try and their sources"},
    {"rules", conf_rules_main, "list the rules with what they demand and their sources"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *to)
{
    fprintf(to, "Usage: epic-conformance COMMAND [OPTION...]\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].help);
    fprintf(to, "\n'epic-conformance COMMAND --help' tells more.\n"
                "Exit status: 0 conformant, 1 findings, 2 wrong usage, 3 could not run.\nNot affiliated with Epic.\n");
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
        return CONF_USAGE;
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
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("epic-conformance %s\n", AUTH_VERSION);
        return 0;
    }
    auth_opts_no_command("epic-conformance", argv[1], name_of);
    return CONF_USAGE;
}

int main(int argc, char **argv)
{
    auth_process_start(AUTH_PROCESS_ALL_DUMPS); /* a core file would hold the assertion */
    return auth_process_finish("epic-conformance", run(argc, argv), CONF_CANNOT_RUN);
}
