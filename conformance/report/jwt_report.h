/* How `epic-conformance jwt` tells its verdicts: as a table for people, as JSON, or as results in the formats of auth/report. */
#ifndef CONFORMANCE_REPORT_JWT_REPORT_H
#define CONFORMANCE_REPORT_JWT_REPORT_H

#include "auth/report/formats.h"
#include "auth/rules/rules.h"
#include "conformance/report/output.h"

/* What can be wrong and is not seen from here. */
struct conf_other_cause {
    const char *id, *old, *cause, *fix; /* static; old: the id as it was before ids were named like those of rules */
};

/* By which time it was judged. */
enum conf_jwt_clock { CONF_JWT_NOW, CONF_JWT_ASKED, CONF_JWT_ANSWER, CONF_JWT_STARTED };

struct conf_jwt_report {
    const struct auth_report *report;
    const struct conf_other_cause *other_causes; /* what may still be wrong; empty when something failed */
    size_t other_cause_count;
    enum auth_oauth_error answer; /* what Epic said; AUTH_OAUTH_NONE: not told */
    bool all;                     /* the table lists passed rules too */
    enum conf_jwt_clock clock;
    int status;        /* of the captured answer; 0: none */
    bool is_good_then; /* too old, but good at then_s */
    int64_t then_s;
};

/* Append the report. */
void conf_jwt_report_table(const struct conf_jwt_report *r, struct conf_style style, struct auth_buf *out);
void conf_jwt_report_json(const struct conf_jwt_report *r, struct auth_buf *out);
/* Append it in a format that is neither. rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_jwt_report_results(const struct conf_jwt_report *r, enum auth_results_format format,
                                                     struct auth_buf *out);

#endif
