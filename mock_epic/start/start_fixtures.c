/* The FHIR data that a server starts with, and what is told of reading it. */
#include "mock_epic/start/start.h"

enum { NOTES_TOLD = 10 };

static void tell_notes(const struct auth_log *log, const struct mock_fhir_report *report)
{
    struct auth_buf text;
    size_t told = report->note_count < NOTES_TOLD ? report->note_count : NOTES_TOLD;
    size_t untold = report->note_count - told + report->untold;
    auth_buf_init(&text, 8192);
    for (size_t i = 0; i < told; i++) {
        auth_buf_reset(&text);
        mock_report_write_note(&report->notes[i], &text);
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: %s", auth_buf_ok(&text) ? text.p : report->notes[i].what);
    }
    auth_buf_clear(&text);
    if (untold)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: and %zu more like these; GET /mock/data lists them", untold);
}

static void tell_report(const struct auth_log *log, const struct mock_fhir_report *report)
{
    tell_notes(log, report);
    auth_log_write(log, AUTH_LOG_INFO, "%zu FHIR resources, %zu KiB%s", report->resources, report->bytes / 1024,
                   report->replaced ? " (later files replaced earlier resources)" : "");
    if (report->linked_references)
        auth_log_write(log, AUTH_LOG_INFO, "%zu references (urn:, fullUrl, conditional) were led to their resources",
                       report->linked_references);
    if (report->unresolved_references)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: %zu references name resources that are not loaded, e.g. %s",
                       report->unresolved_references, report->first_unresolved);
}

static enum auth_rc load(const struct mock_settings *settings, struct mock_fhir *fhir, struct auth_err *err)
{
    enum auth_rc rc = settings->no_default_fixtures ? AUTH_OK : mock_fhir_load(fhir, "@core", err);
    for (size_t i = 0; i < settings->fixtures.count && rc == AUTH_OK; i++)
        rc = mock_fhir_load(fhir, settings->fixtures.items[i], err);
    return rc == AUTH_OK ? mock_fhir_seal(fhir, err) : rc;
}

/* Whether it will do. */
static enum auth_rc judge(const struct mock_settings *settings, const struct mock_fhir_report *report,
                          struct auth_err *err)
{
    const struct mock_fhir_note *loss = mock_report_first_loss(report, 0);
    if (settings->strict && loss)
        return auth_err_set(err, AUTH_E_CONFIG, "--strict: %zu left out, the first %s:%zu:%zu: %s", report->left_out,
                            loss->file, loss->line, loss->column, loss->what);
    if (report->resources == 0 && settings->fixtures.count)
        return auth_err_set(err, AUTH_E_CONFIG, "--fixtures: %s: %s",
                            report->note_count ? report->notes[0].file : settings->fixtures.items[0],
                            report->note_count ? report->notes[0].what : "no resource was loaded");
    return AUTH_OK;
}

enum auth_rc mock_start_fixtures(const struct mock_settings *settings, const struct auth_log *log,
                                 struct mock_fhir **out, struct auth_err *err)
{
    struct mock_fhir *fhir = NULL;
    enum auth_rc rc = mock_fhir_new(&fhir);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "out of memory");
    rc = load(settings, fhir, err);
    if (rc == AUTH_OK) {
        tell_report(log, mock_fhir_report(fhir));
        rc = judge(settings, mock_fhir_report(fhir), err);
    }
    if (rc == AUTH_OK)
        *out = fhir;
    else
        mock_fhir_release(fhir);
    return rc;
}
