/* Does an answer hold what a case expects of it? */
#ifndef CONFORMANCE_SUITE_EXPECT_H
#define CONFORMANCE_SUITE_EXPECT_H

#include "auth/net/http.h"
#include "conformance/suite/values.h"

/* What an expectation is held against, and what is said about it. */
struct conf_expectation {
    const struct auth_json_node *expect; /* see conformance/README.md for its members */
    const struct auth_http_response *response;
    const struct auth_json_node *body; /* of the response, when that is JSON; else NULL */
    struct conf_values *values;        /* for {{names}} */
    struct auth_buf *expected;         /* appended: what was expected, in words */
    struct auth_buf *actual;           /* appended: the first thing that was not; the answer in short when all was */
};

/* Whether all that `expect` says holds. */
bool conf_expect_holds(const struct auth_json_node *expect, const struct auth_http_response *response,
                       struct conf_values *values, struct auth_buf *expected, struct auth_buf *actual);
/* Was the request accepted, as far as its status says? */
bool conf_expect_is_accepted(const struct auth_http_response *response);

/* ---- for expect_fhir.c ---- */

/* The parts that know FHIR: outcome, issues, entry, entries, total. */
bool conf_expect_fhir_holds(const struct conf_expectation *e);
/* "<absent>" and null: there is none; "<any>": there is one; with * anywhere (but alone) a pattern; else the text itself.
 * in   own  empty when absent */
bool conf_expect_text_holds(const struct conf_expectation *e, const struct auth_json_node *wanted,
                            struct auth_view own);
/* Tell what was wanted, and when it is not so what there was. Returns holds. */
bool conf_expect_tell(const struct conf_expectation *e, const char *what, struct auth_view wanted, bool holds,
                      struct auth_view own);

#endif
