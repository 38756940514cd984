/* `mock-epic normalize`: a journal without what differs from run to run. */
#ifndef MOCK_EPIC_CLI_JOURNAL_NORMALIZE_H
#define MOCK_EPIC_CLI_JOURNAL_NORMALIZE_H

/* in   argv[0]  the subcommand
 * Returns the exit status: 0 done; 1 no journal; 2 usage; 3 it cannot be read */
int mock_journal_normalize(int argc, char **argv);

#endif
