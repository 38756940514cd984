/* Results in every format that people and CI read. Each is a file of this folder; all of them write the same values. */
#ifndef AUTH_REPORT_FORMATS_H
#define AUTH_REPORT_FORMATS_H

#include "auth/report/results.h"

enum auth_results_format {
    AUTH_RESULTS_TABLE, /* for people */
    AUTH_RESULTS_TAP,   /* Test Anything Protocol 14 */
    AUTH_RESULTS_TAP13, /* the same for readers that know no newer one */
    AUTH_RESULTS_JUNIT, /* JUnit XML, as Jenkins, GitLab and GitHub's actions read it */
    AUTH_RESULTS_JSON,  /* an object of our own, with all that is known */
    AUTH_RESULTS_CTRF,  /* Common Test Report Format, ctrf.io */
    AUTH_RESULTS_SARIF, /* SARIF 2.1.0, as code scanning reads it */
    AUTH_RESULTS_HTML,  /* a page of its own: no script, nothing fetched */
    AUTH_RESULTS_FORMATS
};
/* Names joined by '|', as an option's argument: "table|tap|tap13|junit|json|ctrf|sarif|html". */
#define AUTH_RESULTS_FORMAT_NAMES "table|tap|tap13|junit|json|ctrf|sarif|html"
/* False when there is no such format. */
AUTH_MUST_CHECK bool auth_results_format_named(struct auth_view name, enum auth_results_format *format);

/* How a table looks. All zero: plain, one line for each text however long it is. */
struct auth_results_style {
    bool has_colours;
    bool shows_all; /* also the cases that passed */
    unsigned width; /* columns of the terminal; 0: lines are not broken */
};

/* Append the report. Errors spoil the buffer. Only the table looks at style. */
void auth_results_write(const struct auth_results *results, enum auth_results_format format,
                        struct auth_results_style style, struct auth_buf *out);

/* ---- the writers ---- */

void auth_results_write_table(const struct auth_results *results, struct auth_results_style style,
                              struct auth_buf *out);
void auth_results_write_tap(const struct auth_results *results, int version, struct auth_buf *out);
void auth_results_write_junit(const struct auth_results *results, struct auth_buf *out);
void auth_results_write_json(const struct auth_results *results, struct auth_buf *out);
void auth_results_write_ctrf(const struct auth_results *results, struct auth_buf *out);
void auth_results_write_sarif(const struct auth_results *results, struct auth_buf *out);
void auth_results_write_html(const struct auth_results *results, struct auth_buf *out);

#endif
