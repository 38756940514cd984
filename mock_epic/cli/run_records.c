/* Files about a run. */
#include "mock_epic/cli/run_records.h"

enum auth_rc mock_run_records_begin(struct mock_run_records *records, const struct mock_settings *settings,
                                    struct auth_err *err)
{
    struct auth_err inner = {0};
    enum auth_rc rc = mock_journal_file_begin(&records->journal, settings->journal_file, &inner);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "--journal %s", inner.detail);
}

void mock_run_records_watch(struct mock_run_records *records, struct mock_instance *instance)
{
    if (records->journal.lines)
        mock_journal_watch(&instance->journal, mock_journal_file_see, &records->journal);
}

int mock_run_records_end(struct mock_run_records *records, int status)
{
    struct auth_err err = {0};
    if (mock_journal_file_end(&records->journal, &err) == AUTH_OK)
        return status;
    auth_complain("mock-epic", NULL, "%s", err.detail);
    return status == 0 ? MOCK_EXIT_CANNOT_START : status;
}
