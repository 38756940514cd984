/* The subcommands of epic-conformance that try a client. */
#ifndef CONFORMANCE_CLIENT_COMMANDS_H
#define CONFORMANCE_CLIENT_COMMANDS_H

/* argv[0] is the subcommand's name. They return an enum conf_exit (conformance/report/output.h). */
int conf_client_main(int argc, char **argv);
int conf_scenarios_main(int argc, char **argv);
int conf_snapshot_main(int argc, char **argv);

#endif
