/* The three profiles, their switches, and how "NAME=VALUE" changes one. */
#include "auth/rules/profile.h"

#include <string.h>

#define X(name, id, values, epic, smart, lenient, ...) [AUTH_SWITCH_##name] = epic,
static const struct auth_profile epic = {.name = "epic", .values = {AUTH_SWITCH_LIST(X)}};
#undef X

#define X(name, id, values, epic, smart, lenient, ...) [AUTH_SWITCH_##name] = smart,
static const struct auth_profile smart = {
    .name = "smart",
    .values = {AUTH_SWITCH_LIST(X)},
    /* SMART and the RFCs leave iat and nbf free but for "not before" */
    .modes = {[AUTH_RULE_IAT_PAST] = AUTH_MODE_OFF,
              [AUTH_RULE_IAT_WINDOW] = AUTH_MODE_OFF,
              [AUTH_RULE_NBF_WINDOW] = AUTH_MODE_OFF,
              [AUTH_RULE_JTI_LENGTH] = AUTH_MODE_OFF},
};
#undef X

#define X(name, id, values, epic, smart, lenient, ...) [AUTH_SWITCH_##name] = lenient,
static const struct auth_profile lenient = {
    .name = "lenient",
    .values = {AUTH_SWITCH_LIST(X)},
    /* what other servers let pass; never what decides whether the sender holds the key */
    .modes = {[AUTH_RULE_HEADER_TYP] = AUTH_MODE_WARN,
              [AUTH_RULE_HEADER_KID] = AUTH_MODE_WARN,
              [AUTH_RULE_EXP_WINDOW] = AUTH_MODE_WARN,
              [AUTH_RULE_NBF_TYPE] = AUTH_MODE_WARN,
              [AUTH_RULE_NBF_PAST] = AUTH_MODE_WARN,
              [AUTH_RULE_NBF_WINDOW] = AUTH_MODE_WARN,
              [AUTH_RULE_IAT_TYPE] = AUTH_MODE_WARN,
              [AUTH_RULE_IAT_PAST] = AUTH_MODE_WARN,
              [AUTH_RULE_IAT_WINDOW] = AUTH_MODE_WARN,
              [AUTH_RULE_JTI_LENGTH] = AUTH_MODE_WARN},
};
#undef X

#define X(name, id, values, epic, smart, lenient, decides, source)                                                     \
    {id, values, {epic, smart, lenient}, decides, source},
static const struct auth_switch_info infos[] = {AUTH_SWITCH_LIST(X)};
#undef X

const struct auth_profile *auth_profile_named(const char *name)
{
    static const struct auth_profile *const all[] = {&epic, &smart, &lenient};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    }
    return NULL;
}

struct auth_switch_info auth_profile_switch_info(enum auth_switch which)
{
    return infos[which];
}

/* The n-th name of "a|b|c"; the empty view beyond the last. */
static struct auth_view choice(const char *values, int64_t n)
{
    struct auth_view rest = auth_view_from_string(values);
    while (n-- > 0)
        (void)auth_view_split(&rest, '|');
    return auth_view_split(&rest, '|');
}

static bool is_number(const char *values)
{
    return strstr(values, "..") != NULL;
}

void auth_profile_value_text(enum auth_switch which, int64_t value, struct auth_buf *out)
{
    if (is_number(infos[which].values))
        auth_buf_add_int(out, value);
    else
        auth_buf_add_view(out, choice(infos[which].values, value));
}

static bool read_value(const char *values, struct auth_view text, int64_t *value)
{
    if (is_number(values)) {
        struct auth_view low = auth_view_from_string(values), high = auth_view_from_string(strstr(values, "..") + 2);
        int64_t min = 0, max = 0;
        low.n = auth_view_find(low, '.');
        if (!auth_view_int(low, &min) || !auth_view_int(high, &max)) // GCOVR_EXCL_BR_LINE: constants of ours
            return false;                                            // GCOVR_EXCL_LINE
        return auth_view_int(text, value) && *value >= min && *value <= max;
    }
    for (int64_t i = 0; choice(values, i).n; i++) {
        if (auth_view_equals_view(choice(values, i), text)) {
            *value = i;
            return true;
        }
    }
    return false;
}

static enum auth_rc set_mode(struct auth_profile *profile, enum auth_rule rule, struct auth_view text,
                             struct auth_err *err)
{
    static const char *const names[] = {[AUTH_MODE_ON] = "on", [AUTH_MODE_WARN] = "warn", [AUTH_MODE_OFF] = "off"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (auth_view_equals(text, names[i])) {
            profile->modes[rule] = (enum auth_rule_mode)i;
            return AUTH_OK;
        }
    }
    return auth_err_set(err, AUTH_E_RANGE, "%s: on, warn or off", auth_rules_info(rule)->id);
}

enum auth_rc auth_profile_set(struct auth_profile *profile, const char *assignment, struct auth_err *err)
{
    struct auth_view value = auth_view_from_string(assignment);
    struct auth_view name = auth_view_split(&value, '=');
    enum auth_rule rule = auth_rules_find(name);
    if (rule != AUTH_RULE_NONE)
        return set_mode(profile, rule, value, err);
    for (int i = 0; i < AUTH_SWITCH_COUNT; i++) {
        if (!auth_view_equals(name, infos[i].name))
            continue;
        int64_t number;
        if (read_value(infos[i].values, value, &number)) {
            profile->values[i] = number;
            return AUTH_OK;
        }
        return auth_err_set(err, AUTH_E_RANGE, "%s: one of %s", infos[i].name, infos[i].values);
    }
    return auth_err_set(err, AUTH_E_NOT_FOUND, "no switch or rule \"%.40s\"; --help-switches lists them", assignment);
}
