/* One case tried at one server: control, steps, request, and what came of it. */
#ifndef CONFORMANCE_SUITE_TRY_H
#define CONFORMANCE_SUITE_TRY_H

#include "auth/report/results.h"
#include "conformance/suite/case.h"
#include "conformance/suite/exchange.h"

/* What came of one case. */
struct conf_outcome {
    bool is_chosen;
    enum auth_case_result result;
    struct auth_buf because, expected, actual, decision;
    int64_t took_us;
};

/* Where the case's request goes: "token", "fhir", ... */
struct auth_view conf_try_place(const struct conf_case *one);
/* A case that needs the mock's admin API is tried in an instance of its own.
 * io  target   a worker's own: its token and its clock are refreshed
 * in  seed     what its jti follows from; NULL: random
 * out outcome  result and texts */
void conf_try(struct conf_target *target, const struct conf_case *one, const char *seed, struct conf_outcome *outcome);

#endif
