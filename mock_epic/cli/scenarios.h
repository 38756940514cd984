/* `mock-epic scenarios`: what `run --scenario` can play, and what one of them says. */
#ifndef MOCK_EPIC_CLI_SCENARIOS_H
#define MOCK_EPIC_CLI_SCENARIOS_H

/* argv[0] is the command's name. Returns the exit status. */
int mock_scenarios(int argc, char **argv);

#endif
