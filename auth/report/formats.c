/* Which writer a format has. */
#include "auth/report/formats.h"

bool auth_results_format_named(struct auth_view name, enum auth_results_format *format)
{
    struct auth_view rest = auth_view_from_string(AUTH_RESULTS_FORMAT_NAMES);
    for (int i = 0; rest.n; i++) {
        if (auth_view_equals_view(auth_view_split(&rest, '|'), name)) {
            *format = (enum auth_results_format)i;
            return true;
        }
    }
    return false;
}

void auth_results_write(const struct auth_results *results, enum auth_results_format format,
                        struct auth_results_style style, struct auth_buf *out)
{
    switch (format) {
    case AUTH_RESULTS_TAP:
        auth_results_write_tap(results, 14, out);
        break;
    case AUTH_RESULTS_TAP13:
        auth_results_write_tap(results, 13, out);
        break;
    case AUTH_RESULTS_JUNIT:
        auth_results_write_junit(results, out);
        break;
    case AUTH_RESULTS_JSON:
        auth_results_write_json(results, out);
        break;
    case AUTH_RESULTS_CTRF:
        auth_results_write_ctrf(results, out);
        break;
    case AUTH_RESULTS_SARIF:
        auth_results_write_sarif(results, out);
        break;
    case AUTH_RESULTS_HTML:
        auth_results_write_html(results, out);
        break;
    default:
        auth_results_write_table(results, style, out);
        break;
    }
}
