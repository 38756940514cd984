/* Where a report goes and how it looks: standard output or a file, colours on a terminal only. */
#ifndef CONFORMANCE_REPORT_OUTPUT_H
#define CONFORMANCE_REPORT_OUTPUT_H

#include "auth/rules/rules.h"

/* How every subcommand ends. */
enum conf_exit { CONF_CONFORMANT = 0, CONF_FINDINGS = 1, CONF_USAGE = 2, CONF_CANNOT_RUN = 3 };

/* How a report looks: on a terminal with colours, unless NO_COLOR is set, and no wider than it; plain elsewhere. */
struct conf_style {
    bool has_colours;
    unsigned width; /* columns to break lines at; 0: not at all, for what is no terminal */
};
struct conf_style conf_output_style(const char *path);
const char *conf_output_on(struct conf_style style, enum auth_result result);
const char *conf_output_off(struct conf_style style);

/* Write the report to the file, or to standard output when path is NULL.
 * rc  AUTH_E_NOMEM (the text is spoiled); AUTH_E_IO */
AUTH_MUST_CHECK enum auth_rc conf_output_write(const struct auth_buf *text, const char *path, struct auth_err *err);

#endif
