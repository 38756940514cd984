/* Runs cases against a server, each with its control, and adds what came of them to the results. */
#ifndef CONFORMANCE_SUITE_RUN_H
#define CONFORMANCE_SUITE_RUN_H

#include "auth/core/opts.h"
#include "auth/report/results.h"
#include "conformance/suite/case.h"
#include "conformance/suite/exchange.h"

struct conf_run_options {
    const struct auth_opt_list *only;    /* globs of ids, areas and rules; none: all */
    const struct auth_opt_list *skip;    /* GLOB[=reason] */
    const struct auth_opt_list *require; /* globs of ids and areas, "all": what may not be left out */
    struct auth_view known_failures;     /* lines "ID [reason]" */
    size_t jobs;                         /* 1 to CONF_JOBS_MAX */
    const char *epic_version;            /* "2026-05": as which release the server behaves; NULL: the present one */
    const char *seed;                    /* what each jti follows from; NULL: random */
};

/* Run what is chosen. The order of the results is that of the cases, whatever the jobs.
 * out  is_unmet  something that was required did not get a result
 * rc   AUTH_E_NOMEM; what a case meets is its result */
AUTH_MUST_CHECK enum auth_rc conf_run(const struct conf_cases *cases, struct conf_target *target,
                                      const struct conf_run_options *options, struct auth_results *results,
                                      bool *is_unmet, struct auth_err *err);

#endif
