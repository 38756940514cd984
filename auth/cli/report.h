/* What a command found out step by step: a table for a person, or one JSON object. */
#ifndef AUTH_CLI_REPORT_H
#define AUTH_CLI_REPORT_H

#include "auth/auth.h"
#include "auth/core/buf.h"

enum auth_report_result { AUTH_REPORT_OK, AUTH_REPORT_NOTE, AUTH_REPORT_FAILED, AUTH_REPORT_SKIPPED };

enum { AUTH_REPORT_STEPS_MAX = 16 };

struct auth_report_step {
    const char *name; /* static */
    enum auth_report_result result;
    int64_t ms;                   /* -1: nothing that takes time */
    struct auth_buf said;         /* what was found, in one line */
    struct auth_buf advice;       /* what to do, a line each; empty: nothing */
    struct epic_auth_error error; /* of a step that failed so; rc OK: none */
};

struct auth_report {
    const char *command; /* static */
    struct auth_report_step steps[AUTH_REPORT_STEPS_MAX];
    size_t count;
};

/* Begin a step; its texts are empty and its result is OK. */
struct auth_report_step *auth_report_add(struct auth_report *report, const char *name);
/* Write the report to stdout; returns the exit status of the first step that failed, or 0. */
int auth_report_print(const struct auth_report *report, bool as_json);
void auth_report_clear(struct auth_report *report);

#endif
