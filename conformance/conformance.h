/* epic-conformance: one file per subcommand; main.c holds the table of them. */
#ifndef CONFORMANCE_CONFORMANCE_H
#define CONFORMANCE_CONFORMANCE_H

enum conf_exit { CONF_CONFORMANT = 0, CONF_FINDINGS = 1, CONF_USAGE = 2, CONF_CANNOT_RUN = 3 };

/* argv[0] is the subcommand's name. They return an enum conf_exit. */
int conf_jwt_main(int argc, char **argv);
int conf_key_main(int argc, char **argv);
int conf_rules_main(int argc, char **argv);

#endif
