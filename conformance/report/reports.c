/* One run's results in all the formats that were asked for. */
#include "conformance/report/reports.h"

#include "conformance/report/output.h"

enum { REPORT_MAX_N = 256 * 1024 * 1024 };

static enum auth_rc write_one(const struct auth_results *results, enum auth_results_format format, const char *path,
                              bool shows_all, struct auth_err *err)
{
    struct auth_buf out;
    struct conf_style own = conf_output_style(path);
    const struct auth_results_style style = {
        .has_colours = own.has_colours, .width = own.width, .shows_all = shows_all};
    auth_buf_init(&out, REPORT_MAX_N);
    auth_results_write(results, format, style, &out);
    enum auth_rc rc = conf_output_write(&out, path, err);
    auth_buf_clear(&out);
    return rc;
}

/* FORMAT=FILE */
static enum auth_rc read_report(const char *text, enum auth_results_format *format, const char **path,
                                struct auth_err *err)
{
    struct auth_view rest = auth_view_from_string(text);
    struct auth_view name = auth_view_split(&rest, '=');
    *path = rest.p;
    if (rest.n && auth_results_format_named(name, format))
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_ARG, "--report: FORMAT=FILE, with one of %s", AUTH_RESULTS_FORMAT_NAMES);
}

enum auth_rc conf_reports_check(const struct conf_reports *reports, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < reports->others.count && rc == AUTH_OK; i++) {
        enum auth_results_format format;
        const char *path;
        rc = read_report(reports->others.items[i], &format, &path, err);
    }
    return rc;
}

enum auth_rc conf_reports_write(const struct conf_reports *reports, const struct auth_results *results,
                                struct auth_err *err)
{
    enum auth_rc rc = write_one(results, (enum auth_results_format)reports->format, reports->output, reports->all, err);
    for (size_t i = 0; i < reports->others.count && rc == AUTH_OK; i++) {
        enum auth_results_format format = AUTH_RESULTS_TABLE;
        const char *path = NULL;
        rc = read_report(reports->others.items[i], &format, &path, err);
        if (rc == AUTH_OK)
            rc = write_one(results, format, path, reports->all, err);
    }
    return rc;
}
