/* `mock-epic clock|tokens|apps|journal|instances|reset`: the admin API from a shell. A table of calls says what each takes. */
#ifndef MOCK_EPIC_CLI_CALLS_H
#define MOCK_EPIC_CLI_CALLS_H

/* argv[0] is the command's name. Prints the answer's JSON on stdout.
 * Returns 0; 1: the mock refused, and why is on stderr; 2: wrong usage; 3: no mock answers */
int mock_calls(int argc, char **argv);

#endif
