/* `mock-epic health [--wait S] [URL]`: does a mock answer? For health checks of containers and for scripts that wait. */
#ifndef MOCK_EPIC_CLI_HEALTH_H
#define MOCK_EPIC_CLI_HEALTH_H

/* argv[0] is the command's name. Prints the body of the answer.
 * Returns 0: it answers; 1: not in time, and why is on stderr; 2: wrong usage */
int mock_health(int argc, char **argv);

#endif
