/* /mock/reset: back to how the server started, as a whole or in parts. */
#include "mock_epic/admin/handlers.h"
#include "mock_epic/admin/scenario_read.h"

static enum auth_rc reset_journal(struct mock_instance *instance)
{
    mock_journal_empty(&instance->journal);
    return AUTH_OK;
}

static enum auth_rc reset_tokens(struct mock_instance *instance)
{
    return instance->store->ops->clear(instance->store, MOCK_STORE_TOKEN);
}

static enum auth_rc reset_jti(struct mock_instance *instance)
{
    return instance->store->ops->clear(instance->store, MOCK_STORE_JTI);
}

static enum auth_rc reset_clock(struct mock_instance *instance)
{
    mock_instance_reset_clock(instance);
    return AUTH_OK;
}

static enum auth_rc reset_writes(struct mock_instance *instance)
{
    mock_instance_forget_posted(instance);
    mock_instance_set_access(instance, NULL);
    return AUTH_OK;
}

static enum auth_rc reset_apps(struct mock_instance *instance)
{
    return mock_instance_reset_apps(instance);
}

static enum auth_rc reset_jwks(struct mock_instance *instance)
{
    mock_apps_forget_jwks(&instance->apps);
    return AUTH_OK;
}

/* Faults, steps and expectations of a scenario belong together. *is_played: there is one. */
static enum auth_rc begin_scenario_anew(struct mock_instance *instance, bool *is_played)
{
    struct mock_scenario *scenario = mock_expectations_scenario(&instance->expectations);
    *is_played = scenario != NULL;
    return scenario ? mock_scenario_begin(scenario, instance, NULL) : AUTH_OK;
}

static enum auth_rc reset_faults(struct mock_instance *instance)
{
    bool is_played;
    enum auth_rc rc = begin_scenario_anew(instance, &is_played);
    if (!is_played)
        mock_instance_end_faults(instance);
    return rc;
}

static enum auth_rc reset_sessions(struct mock_instance *instance)
{
    mock_sessions_empty(&instance->sessions);
    return AUTH_OK;
}

static enum auth_rc reset_expectations(struct mock_instance *instance)
{
    bool is_played;
    mock_expectations_empty(&instance->expectations);
    return begin_scenario_anew(instance, &is_played);
}

static const struct {
    const char *name;
    enum auth_rc (*reset)(struct mock_instance *instance);
} resets[] = {
    {"journal", reset_journal},   {"tokens", reset_tokens},
    {"jti", reset_jti},           {"clock", reset_clock},
    {"writes", reset_writes},     {"apps", reset_apps},
    {"jwks", reset_jwks},         {"faults", reset_faults},
    {"sessions", reset_sessions}, {"expectations", reset_expectations},
};
enum { RESETS = sizeof resets / sizeof *resets, JOURNAL_BIT = 1, TOKENS_BIT = 2 };

/* Which of `resets` the body names, as a bit set; 0 when it names an unknown one. */
static unsigned wanted_resets(const struct auth_json_node *what)
{
    unsigned wanted = 0;
    if (!what)
        return (1U << RESETS) - 1;
    for (const struct auth_json_node *node = auth_json_first(what); node; node = auth_json_next(node)) {
        unsigned bit = 0;
        for (unsigned i = 0; i < RESETS; i++)
            bit |= auth_view_equals(auth_json_string(node), resets[i].name) ? 1U << i : 0;
        if (!bit)
            return 0;
        wanted |= bit;
    }
    return wanted;
}

#define RESET_LIST                                                                                                     \
    "an array of journal, tokens, jti, clock, writes, apps, jwks, faults, sessions, expectations; or leave it out"
static const struct mock_member reset_members[] = {
    {"what", MOCK_MEMBER_STRINGS, false, 0, 0, RESETS, RESET_LIST},
};
const struct mock_admin_members mock_admin_reset_members = MOCK_ADMIN_MEMBERS(reset_members);

void mock_admin_post_reset(struct mock_admin_call *call)
{
    const struct auth_json_node *what = NULL;
    if (!mock_admin_read(call, &what, NULL))
        return;
    unsigned wanted = wanted_resets(what);
    if (!wanted) {
        mock_admin_fail(call, 400, "bad_value", "what: " RESET_LIST);
        return;
    }
    enum auth_rc rc = AUTH_OK;
    for (unsigned i = 0; i < RESETS && rc == AUTH_OK; i++)
        rc = wanted & 1U << i ? resets[i].reset(call->instance) : AUTH_OK;
    if (rc != AUTH_OK) { /* some may be done; asking again does the rest */
        mock_admin_fail_rc(call, rc, NULL);
        return;
    }
    call->is_quiet = wanted & JOURNAL_BIT;
    call->change.kind = wanted & TOKENS_BIT ? MOCK_CHANGE_REVOKED : MOCK_CHANGE_NONE;
    auth_json_write_object(&call->w);
    auth_json_write_key(&call->w, "reset");
    auth_json_write_array(&call->w);
    for (unsigned i = 0; i < RESETS; i++) {
        if (wanted & 1U << i)
            auth_json_write_string(&call->w, auth_view_from_string(resets[i].name));
    }
    auth_json_write_end_array(&call->w);
    auth_json_write_end_object(&call->w);
}
