/* Does an answer hold what a case expects of it? */
#ifndef CONFORMANCE_SUITE_EXPECT_H
#define CONFORMANCE_SUITE_EXPECT_H

#include "auth/core/json.h"
#include "auth/net/http.h"

/* in   expect    status, error, headers, outcome, entries, total, contains; see conformance/README.md
 * out  expected  appended: what was expected, in words
 *      actual    appended: the first thing that was not; the answer in short when all was
 * Returns whether all was. */
bool conf_expect_holds(const struct auth_json_node *expect, const struct auth_http_response *response,
                       struct auth_buf *expected, struct auth_buf *actual);
/* Was the request accepted, as far as its status says? */
bool conf_expect_is_accepted(const struct auth_http_response *response);

#endif
