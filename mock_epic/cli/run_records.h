/* What run leaves behind of what happened: --journal and --report. */
#ifndef MOCK_EPIC_CLI_RUN_RECORDS_H
#define MOCK_EPIC_CLI_RUN_RECORDS_H

#include "mock_epic/evidence/journal_file.h"
#include "mock_epic/evidence/timeline.h"
#include "mock_epic/start/process.h"

struct mock_run_records {
    struct mock_journal_file journal;
    const char *report; /* where the page goes; NULL: nowhere */
    struct mock_timeline timeline;
};

/* Open what has to be there before the command is started.
 * rc   AUTH_E_IO, AUTH_E_NOT_FOUND, AUTH_E_NOMEM. End them in every case; they stay where they are until the server has stopped */
AUTH_MUST_CHECK enum auth_rc mock_run_records_begin(struct mock_run_records *records,
                                                    const struct mock_settings *settings, struct auth_err *err);
/* See the entries of a server of our own. */
void mock_run_records_watch(struct mock_run_records *records, struct mock_instance *instance);
/* Write the page, while the server is still there.
 * Returns status; 3 for 0 when it could not be written, with a line on stderr */
AUTH_MUST_CHECK int mock_run_records_report(const struct mock_run_records *records, struct auth_view page, int status);
/* The same of the entries that were seen, with the verdict of that instance. */
AUTH_MUST_CHECK int mock_run_records_report_seen(struct mock_run_records *records, struct mock_instance *instance,
                                                 int status);
/* Close.
 * Returns status; 3 for 0 when something is missing, with a line on stderr */
AUTH_MUST_CHECK int mock_run_records_end(struct mock_run_records *records, int status);

#endif
