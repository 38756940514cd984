/* `mock-epic check-data`: what --fixtures would make of files, without a server. */
#ifndef MOCK_EPIC_CLI_CHECK_DATA_H
#define MOCK_EPIC_CLI_CHECK_DATA_H

/* in   argv[0]  the subcommand
 * Returns the exit status: 0 everything was taken; 1 something was left out, or with --strict led nowhere; 2 usage; 3 nothing could
 * be loaded of a path */
int mock_check_data(int argc, char **argv);

#endif
