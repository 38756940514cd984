/* The subcommands of epic-conformance that judge what they are given, without running anything: a file each. */
#ifndef CONFORMANCE_LINTER_COMMANDS_H
#define CONFORMANCE_LINTER_COMMANDS_H

/* argv[0] is the subcommand's name. They return an enum conf_exit (conformance/report/output.h). */
int conf_jwt_main(int argc, char **argv);
int conf_key_main(int argc, char **argv);
int conf_rules_main(int argc, char **argv);

#endif
