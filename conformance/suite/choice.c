/* --only, --skip, --require, --known-failures. */
#include "conformance/suite/choice.h"

#include <string.h>

#include "conformance/suite/case.h"

static bool fits(struct auth_view glob, const struct auth_view *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (conf_case_matches(glob, names[i]))
            return true;
    }
    return false;
}

bool conf_choice_lists(const struct auth_opt_list *globs, const struct auth_view *names, size_t count,
                       struct auth_view *reason)
{
    for (size_t i = 0; i < globs->count; i++) {
        struct auth_view rest = auth_view_from_string(globs->items[i]);
        struct auth_view glob = auth_view_split(&rest, '=');
        if (fits(glob, names, count)) {
            *reason = rest;
            return true;
        }
    }
    return false;
}

bool conf_choice_knows(struct auth_view lines, const struct auth_view *names, size_t count, struct auth_view *reason)
{
    while (lines.n) {
        struct auth_view rest = auth_view_trim(auth_view_split(&lines, '\n'));
        struct auth_view glob = auth_view_split(&rest, ' ');
        if (glob.n && glob.p[0] != '#' && fits(glob, names, count)) {
            *reason = auth_view_trim(rest);
            return true;
        }
    }
    return false;
}

bool conf_choice_misses(const struct auth_opt_list *require, const struct auth_view *names, size_t count,
                        enum auth_case_result result)
{
    struct auth_view reason;
    bool says_nothing = result == AUTH_CASE_SKIP || result == AUTH_CASE_BLOCKED || result == AUTH_CASE_NOT_EXERCISED;
    for (size_t i = 0; i < require->count; i++) {
        if (strcmp(require->items[i], "all") == 0)
            return says_nothing;
    }
    return says_nothing && conf_choice_lists(require, names, count, &reason);
}
