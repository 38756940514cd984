/* The options of a report, --format, --output, --report, and what they ask for. */
#ifndef CONFORMANCE_REPORT_REPORTS_H
#define CONFORMANCE_REPORT_REPORTS_H

#include "auth/core/opts.h"
#include "auth/report/formats.h"

struct conf_reports {
    const char *output; /* NULL: standard output */
    struct auth_opt_list others;
    int format; /* enum auth_results_format */
    bool all;
};

/* Rows of a table of options: member is a struct conf_reports of the struct type. */
#define CONF_REPORT_ROWS(type, member)                                                                                 \
    AUTH_OPT_HEADING("The report"),                                                                                    \
        {"format",           'f', AUTH_RESULTS_FORMAT_NAMES, "how to print", AUTH_OPT_CHOICE(type, member.format),     \
         .fallback = "table"},                                                                                         \
        {"output", 'o', "FILE", "print into this file", AUTH_OPT_STRING(type, member.output)},                         \
        {"report", 0, "FORMAT=FILE", "write this one too", AUTH_OPT_LIST(type, member.others)},                        \
    {                                                                                                                  \
        "all", 'a', NULL, "the table lists the cases that passed, too", AUTH_OPT_FLAG(type, member.all)                \
    }

/* rc AUTH_E_ARG: a --report that cannot be */
AUTH_MUST_CHECK enum auth_rc conf_reports_check(const struct conf_reports *reports, struct auth_err *err);
/* rc AUTH_E_IO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_reports_write(const struct conf_reports *reports, const struct auth_results *results,
                                                struct auth_err *err);

#endif
