/* Files about a run. */
#include "mock_epic/cli/run_records.h"

enum { PAGE_MAX_N = 64 * 1024 * 1024, VERDICT_MAX_N = 8 * 1024 * 1024 };

enum auth_rc mock_run_records_begin(struct mock_run_records *records, const struct mock_settings *settings,
                                    struct auth_err *err)
{
    struct auth_err inner = {0};
    mock_timeline_init(&records->timeline);
    records->report = settings->report;
    enum auth_rc rc = mock_journal_file_begin(&records->journal, settings->journal_file, &inner);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "--journal %s", inner.detail);
}

void mock_run_records_watch(struct mock_run_records *records, struct mock_instance *instance)
{
    if (records->journal.lines)
        mock_journal_watch(&instance->journal, mock_journal_file_see, &records->journal);
    if (records->report)
        mock_journal_watch(&instance->journal, mock_timeline_see, &records->timeline);
}

int mock_run_records_report(const struct mock_run_records *records, struct auth_view page, int status)
{
    struct auth_err err = {0};
    if (!records->report || auth_file_write(records->report, page, 0644, AUTH_FILE_REPLACE, &err) == AUTH_OK)
        return status;
    auth_complain("mock-epic", NULL, "--report %s", err.detail);
    return status == 0 ? MOCK_EXIT_CANNOT_START : status;
}

int mock_run_records_report_seen(struct mock_run_records *records, struct mock_instance *instance, int status)
{
    struct auth_buf page, verdict;
    struct auth_json_writer w;
    if (!records->report)
        return status;
    auth_buf_init(&page, PAGE_MAX_N);
    auth_buf_init(&verdict, VERDICT_MAX_N);
    auth_json_writer_init(&w, &verdict, AUTH_JSON_COMPACT);
    mock_expectations_write_verdict(&instance->expectations, &w);
    struct mock_timeline_about about = {
        .profile = instance->profile.name,
        .has_seed = instance->options.has_seed,
        .seed = instance->options.seed,
        .verdict = auth_buf_view(&verdict),
    };
    mock_timeline_write_page(&records->timeline, &about, &page);
    status = mock_run_records_report(records, auth_buf_view(&page), status);
    auth_buf_clear(&verdict);
    auth_buf_clear(&page);
    return status;
}

int mock_run_records_end(struct mock_run_records *records, int status)
{
    struct auth_err err = {0};
    mock_timeline_clear(&records->timeline);
    if (mock_journal_file_end(&records->journal, &err) == AUTH_OK)
        return status;
    auth_complain("mock-epic", NULL, "%s", err.detail);
    return status == 0 ? MOCK_EXIT_CANNOT_START : status;
}
