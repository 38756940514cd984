/* The FHIR data that a server starts with, and what is told of reading it. */
#include "mock_epic/cli/start.h"

static void tell_report(const struct auth_log *log, const struct mock_fhir_report *report)
{
    size_t told = report->note_count < MOCK_FHIR_NOTES_MAX ? report->note_count : MOCK_FHIR_NOTES_MAX;
    for (size_t i = 0; i < told; i++)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: %s", report->notes[i]);
    if (report->note_count > told)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: and %zu more like these", report->note_count - told);
    auth_log_write(log, AUTH_LOG_INFO, "%zu FHIR resources, %zu KiB%s", report->resources, report->bytes / 1024,
                   report->replaced ? " (later files replaced earlier resources)" : "");
    if (report->linked_references)
        auth_log_write(log, AUTH_LOG_INFO, "%zu references in Bundles were led from urn: to their resources",
                       report->linked_references);
    if (report->unresolved_references)
        auth_log_write(log, AUTH_LOG_WARN, "fixtures: %zu references name resources that are not loaded, e.g. %s",
                       report->unresolved_references, report->first_unresolved);
}

enum auth_rc mock_start_fixtures(const struct mock_settings *settings, const struct auth_log *log,
                                 struct mock_fhir **out, struct auth_err *err)
{
    struct mock_fhir *fhir = NULL;
    struct mock_fhir_report report = {0};
    enum auth_rc rc = mock_fhir_new(&fhir);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "out of memory");
    if (!settings->no_default_fixtures)
        rc = mock_fhir_load_core(fhir, &report, err);
    for (size_t i = 0; i < settings->fixtures.count && rc == AUTH_OK; i++)
        rc = mock_fhir_load(fhir, settings->fixtures.items[i], &report, err);
    if (rc == AUTH_OK)
        rc = mock_fhir_seal(fhir, &report, err);
    if (rc != AUTH_OK) {
        mock_fhir_release(fhir);
        return rc;
    }
    tell_report(log, &report);
    if (report.resources == 0 && settings->fixtures.count) {
        mock_fhir_release(fhir);
        return auth_err_set(err, AUTH_E_CONFIG, "--fixtures: %s",
                            report.note_count ? report.notes[0] : "no resource was loaded");
    }
    *out = fhir;
    return AUTH_OK;
}
