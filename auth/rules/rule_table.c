/* The rules as data, made from their lists. */
#include "auth/rules/rule_table.h"

#include "auth/rules/example_list.h"

#define X(name, id, claim, error, need_a, need_b, demands, fix, source)                                                \
    {id, claim, AUTH_OAUTH_##error, {AUTH_RULE_##need_a, AUTH_RULE_##need_b}, demands, fix, source},
static const struct auth_rule_info infos[AUTH_RULE_COUNT] = {AUTH_RULE_LIST(X)};
#undef X

const struct auth_rule_info *auth_rules_info(enum auth_rule rule)
{
    return &infos[rule];
}

#define X(name, accepted, rejected, accepted_file, rejected_file)                                                      \
    [AUTH_RULE_##name] = {accepted, rejected, accepted_file, rejected_file},
static const struct auth_rule_example examples[AUTH_RULE_COUNT] = {AUTH_EXAMPLE_LIST(X)};
#undef X

const struct auth_rule_example *auth_rules_example(enum auth_rule rule)
{
    return &examples[rule];
}

enum auth_rule auth_rules_find(struct auth_view id)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (auth_view_equals(id, infos[i].id))
            return (enum auth_rule)i;
    }
    return AUTH_RULE_NONE;
}
