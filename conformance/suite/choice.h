/* What of a list a user chose, by globs of its names. */
#ifndef CONFORMANCE_SUITE_CHOICE_H
#define CONFORMANCE_SUITE_CHOICE_H

#include "auth/core/opts.h"
#include "auth/report/results.h"

/* Whether one of the globs, GLOB or GLOB=REASON, fits one of the names.
 * out  reason  what stands behind the '='; empty where nothing does. Unchanged when none fits */
bool conf_choice_lists(const struct auth_opt_list *globs, const struct auth_view *names, size_t count,
                       struct auth_view *reason);
/* The same of the lines of a file, "GLOB reason"; those that begin with # are remarks. */
bool conf_choice_knows(struct auth_view lines, const struct auth_view *names, size_t count, struct auth_view *reason);
/* Whether it is required ("all", or by a glob) and says nothing: skipped, blocked or not exercised. */
bool conf_choice_misses(const struct auth_opt_list *require, const struct auth_view *names, size_t count,
                        enum auth_case_result result);

#endif
