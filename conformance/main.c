/* epic-conformance: judges JWTs, servers and clients. The table of its commands. */
#include "auth/core/program.h"
#include "conformance/client/commands.h"
#include "conformance/linter/commands.h"
#include "conformance/report/output.h"
#include "conformance/suite/commands.h"

static const struct auth_command commands[] = {
    {"jwt", conf_jwt_main, "judge a client assertion, or a whole token request"},
    {"key", conf_key_main, "look at keys, certificates and JWK Sets, and which belong together"},
    {"server", conf_server_main, "run every case against a mock, or against a server that is there"},
    {"client", conf_client_main, "run a client in scenarios, and say what a right one does"},
    {"snapshot", conf_snapshot_main, "keep what a client does, and compare it with what it does now"},
    {"cases", conf_cases_main, "list the cases with what they try and their sources"},
    {"scenarios", conf_scenarios_main, "list the scenarios with what they try and their sources"},
    {"rules", conf_rules_main, "list the rules with what they demand and their sources"},
    {.name = NULL},
};

int main(int argc, char **argv)
{
    static const struct auth_program program = {
        .name = "epic-conformance",
        .commands = commands,
        .about = "",
        .notes = "'epic-conformance COMMAND --help' tells more.\n"
                 "Exit status: 0 conformant, 1 findings, 2 wrong usage, 3 could not run.\n",
        .reach = AUTH_PROCESS_ALL_DUMPS, /* a core file would hold the assertion */
        .lost_status = CONF_CANNOT_RUN,
    };
    return auth_program_main(&program, argc, argv);
}
