/* --help-switches. */
#ifndef MOCK_EPIC_CLI_SWITCHES_H
#define MOCK_EPIC_CLI_SWITCHES_H

#include <stdio.h>

/* Every switch and rule with its defaults and where those come from. */
void mock_switches_help(FILE *to);

#endif
