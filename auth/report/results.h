/* What a run of checks came to: what was run, and a result for each case.
 *
 * Whoever checks something (mock-epic run, epic-conformance) adds its cases in the order in which they should be read; every
 * format that CI knows is then written from the same values (auth/report/formats.h), so that no two reports differ in what
 * they say. All texts are copied, and may be untrusted: each format makes them safe in its own way. Not thread safe. */
#ifndef AUTH_REPORT_RESULTS_H
#define AUTH_REPORT_RESULTS_H

#include "auth/core/buf.h"

enum auth_case_result {
    AUTH_CASE_PASS,
    AUTH_CASE_FAIL,
    AUTH_CASE_WARN,          /* good enough today, likely to bite */
    AUTH_CASE_SKIP,          /* not asked for, or not possible here; because says why */
    AUTH_CASE_BLOCKED,       /* says nothing, for something that it builds on failed */
    AUTH_CASE_NOT_EXERCISED, /* what it looks at did not happen */
    AUTH_CASE_ERROR,         /* the check itself did not work */
    AUTH_CASE_RESULTS
};
const char *auth_case_result_text(enum auth_case_result result); /* "pass" ... "not_exercised"; static */

enum { AUTH_CASE_EVIDENCE_MAX = 16 };

/* One case. Every text may be empty, except id. */
struct auth_case {
    struct auth_view id;    /* unique in the run */
    struct auth_view group; /* what it is counted with; empty: the tool's name */
    enum auth_case_result result;
    struct auth_view because, expected, actual, fix, source;
    struct auth_view again;                            /* a command that runs this case alone */
    struct auth_view evidence[AUTH_CASE_EVIDENCE_MAX]; /* ids of journal entries */
    size_t evidence_count;
    int64_t took_us; /* -1: not measured */
};

/* What was run. Texts may be NULL where there is nothing to say; borrowed, and must outlive the results. */
struct auth_results_about {
    const char *tool, *version, *command, *profile, *epic_version, *target;
    const char *seed;
    int64_t date_s; /* epoch seconds */
};

struct auth_results;

enum auth_results_outcome {
    AUTH_RESULTS_CONFORMANT,
    AUTH_RESULTS_FINDINGS,  /* something failed */
    AUTH_RESULTS_INCOMPLETE /* nothing failed, but a case is blocked or did not work */
};

/* out: caller frees with auth_results_free(). rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_results_new(const struct auth_results_about *about, struct auth_results **out);
void auth_results_free(struct auth_results *results); /* NULL is nothing to free */
/* rc  AUTH_E_NOMEM; then the results stay as they were */
AUTH_MUST_CHECK enum auth_rc auth_results_add(struct auth_results *results, const struct auth_case *one);

const struct auth_results_about *auth_results_about(const struct auth_results *results);
size_t auth_results_count(const struct auth_results *results);
/* The case added as number i, from 0; borrowed until the next one is added. */
struct auth_case auth_results_get(const struct auth_results *results, size_t i);
size_t auth_results_count_of(const struct auth_results *results, enum auth_case_result result);
enum auth_results_outcome auth_results_outcome(const struct auth_results *results);
const char *auth_results_outcome_text(enum auth_results_outcome outcome); /* "conformant", "findings", "incomplete" */
/* Groups in the order of their first case, numbered from 0. */
size_t auth_results_groups(const struct auth_results *results);
struct auth_view auth_results_group(const struct auth_results *results, size_t group);
bool auth_results_is_in(const struct auth_results *results, size_t i, size_t group);

#endif
