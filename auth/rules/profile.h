/* Profiles are data: which rules are on, and the value of every disputed or unknown choice.
 *
 * Whatever the evidence leaves open is one named switch with a default per profile, so nothing is invented in code.
 * `epic` is what Epic does, `smart` is SMART App Launch 2.2 strictly, `lenient` warns where `epic` refuses the
 * disputed points. A profile is a plain value: copy it, set switches, then treat it as constant.
 * Read next: auth/rules/rules.h. */
#ifndef AUTH_RULES_PROFILE_H
#define AUTH_RULES_PROFILE_H

#include "auth/core/buf.h"
#include "auth/rules/rule_table.h"

enum auth_rule_mode { AUTH_MODE_ON, AUTH_MODE_WARN, AUTH_MODE_OFF };

/* The switch list is in auth/rules/switch_list.h:
 * X(NAME, "name", "choice|choice|..." or "MIN..MAX", epic, smart, lenient, what it decides, source) */
#include "auth/rules/switch_list.h"

enum auth_switch {
#define X(name, ...) AUTH_SWITCH_##name,
    AUTH_SWITCH_LIST(X)
#undef X
        AUTH_SWITCH_COUNT
};

/* Choices that code names: the place of a word in its row of switch_list.h. */
enum { AUTH_ALGORITHMS_EPIC, AUTH_ALGORITHMS_SMART, AUTH_ALGORITHMS_ALL };
enum { AUTH_OPTIONAL, AUTH_REQUIRED }; /* typ, kid */
enum { AUTH_RFC7523BIS_REFUSE, AUTH_RFC7523BIS_ACCEPT, AUTH_RFC7523BIS_REQUIRE };
enum { AUTH_SINGLE_JWK_REFUSE, AUTH_SINGLE_JWK_WARN, AUTH_SINGLE_JWK_ACCEPT };
enum { AUTH_KEY_CHOICE_TRY, AUTH_KEY_CHOICE_EXACT };
enum { AUTH_STATIC_KEYS_ACCEPT, AUTH_STATIC_KEYS_WARN, AUTH_STATIC_KEYS_REFUSE };
enum { AUTH_JTI_CHARSET_ANY, AUTH_JTI_CHARSET_VISIBLE, AUTH_JTI_CHARSET_UNRESERVED };
enum { AUTH_REPLAY_SCOPE_CLIENT, AUTH_REPLAY_SCOPE_GLOBAL };
enum { AUTH_SCOPE_EFFECT_IGNORE, AUTH_SCOPE_EFFECT_REQUIRE, AUTH_SCOPE_EFFECT_NARROW };

struct auth_profile {
    const char *name;
    enum auth_rule_mode modes[AUTH_RULE_COUNT];
    int64_t values[AUTH_SWITCH_COUNT]; /* a number, or the index of the choice */
};

/* The profile of that name, constant; NULL when there is none. Names: epic, smart, lenient. */
const struct auth_profile *auth_profile_named(const char *name);

/* Set "NAME=VALUE": a switch, or a rule id with on|warn|off.
 * rc  AUTH_E_NOT_FOUND; AUTH_E_RANGE (detail lists what is allowed) */
AUTH_MUST_CHECK enum auth_rc auth_profile_set(struct auth_profile *profile, const char *assignment,
                                              struct auth_err *err);

/* One switch as documentation. All pointers static. */
struct auth_switch_info {
    const char *name;
    const char *values;  /* "accept|refuse" or "0..86400" */
    int64_t defaults[3]; /* epic, smart, lenient */
    const char *decides;
    const char *source;
};
struct auth_switch_info auth_profile_switch_info(enum auth_switch which);
/* Append a value of that switch as text: the choice's name, or the number. */
void auth_profile_value_text(enum auth_switch which, int64_t value, struct auth_buf *out);

#endif
