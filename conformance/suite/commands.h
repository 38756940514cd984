/* The subcommands of epic-conformance that run cases, and list them. */
#ifndef CONFORMANCE_SUITE_COMMANDS_H
#define CONFORMANCE_SUITE_COMMANDS_H

/* argv[0] is the subcommand's name. They return an enum conf_exit (conformance/report/output.h). */
int conf_server_main(int argc, char **argv);
int conf_cases_main(int argc, char **argv);

#endif
