/* The rules as data: what rule_list.h and example_list.h say of each. Static and constant; any thread. */
#ifndef AUTH_RULES_RULE_TABLE_H
#define AUTH_RULES_RULE_TABLE_H

#include "auth/core/buf.h"
#include "auth/rules/rule_list.h"

enum auth_rule {
#define X(name, ...) AUTH_RULE_##name,
    AUTH_RULE_LIST(X)
#undef X
        AUTH_RULE_COUNT,
    AUTH_RULE_NONE = AUTH_RULE_COUNT
};

enum auth_oauth_error {
    AUTH_OAUTH_NONE,
    AUTH_OAUTH_INVALID_REQUEST,
    AUTH_OAUTH_INVALID_CLIENT,
    AUTH_OAUTH_INVALID_GRANT,
    AUTH_OAUTH_UNAUTHORIZED_CLIENT,
    AUTH_OAUTH_UNSUPPORTED_GRANT_TYPE,
    AUTH_OAUTH_INVALID_SCOPE
};

/* One row of the rule table; all pointers static. */
struct auth_rule_info {
    const char *id;
    const char *claim;
    enum auth_oauth_error error;
    enum auth_rule needs[2]; /* AUTH_RULE_NONE when unused */
    const char *demands;
    const char *fix;
    const char *source;
};
const struct auth_rule_info *auth_rules_info(enum auth_rule rule);

/* A value that the rule accepts and the nearest that it rejects, with the files of fixtures/jwt that prove them; static. */
struct auth_rule_example {
    const char *accepted, *rejected;
    const char *accepted_file, *rejected_file; /* names without ".json" */
};
const struct auth_rule_example *auth_rules_example(enum auth_rule rule);
enum auth_rule auth_rules_find(struct auth_view id); /* AUTH_RULE_NONE when unknown */

#endif
