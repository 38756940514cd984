/* The members of a scenario file as tables. */
#include "mock_epic/evidence/scenario.h"

#include <stddef.h>
#include <stdlib.h>

#include "mock_epic/evidence/expectation.h"
#include "mock_epic/state/members.h"

enum { ABOUT_MAX = 1000, COUNT_MAX = 1000000000 };

#define ROWS(rows) rows, sizeof(rows) / sizeof *(rows)

/* ---- a step ---- */

struct step_json {
    const struct auth_json_node *when, *actions;
    int64_t nth, every, times;
    bool is_optional;
};

#define STEP(member) offsetof(struct step_json, member)
static const struct mock_member step_members[] = {
    {"when", MOCK_MEMBER_ANY, true, STEP(when), 0, 0,
     "which entry of the journal is awaited, e.g. {\"kind\":\"token\"}"},
    {"do", MOCK_MEMBER_ANY, true, STEP(actions), 0, 0, "an array of actions, e.g. [{\"POST /mock/tokens/revoke\":{}}]"},
    {"nth", MOCK_MEMBER_INT, false, STEP(nth), 1, COUNT_MAX, NULL},
    {"every", MOCK_MEMBER_INT, false, STEP(every), 1, COUNT_MAX, NULL},
    {"times", MOCK_MEMBER_INT, false, STEP(times), 1, COUNT_MAX, NULL},
    {"optional", MOCK_MEMBER_BOOL, false, STEP(is_optional), 0, 0, NULL},
};

static enum auth_rc about(const struct auth_json_node *node, struct auth_err *err, const char *what)
{
    return mock_members_about(node, err, auth_err_set(err, AUTH_E_ARG, "%s", what));
}

static enum auth_rc read_actions(struct mock_scenario *scenario, const struct auth_json_node *actions,
                                 struct auth_err *err)
{
    size_t count = 0;
    if (auth_json_type(actions) != AUTH_JSON_ARRAY)
        return about(actions, err, "do: an array of actions, e.g. [{\"POST /mock/tokens/revoke\":{}}]");
    for (const struct auth_json_node *action = auth_json_first(actions); action; action = auth_json_next(action)) {
        const struct auth_json_node *call = auth_json_first(action);
        if (++count > MOCK_SCENARIO_ACTIONS_MAX)
            return about(action, err, "do: a step does 100 things at most");
        if (auth_json_type(action) != AUTH_JSON_OBJECT || !call || auth_json_next(call))
            return about(action, err,
                         "do: an action is an object of one member, e.g. {\"POST /mock/tokens/revoke\":{}}");
        scenario->rotates_keys = scenario->rotates_keys || auth_view_equals(auth_json_name(call), "rotate_key");
    }
    return AUTH_OK;
}

static enum auth_rc read_step(struct mock_scenario *scenario, const struct auth_json_node *node,
                              struct mock_scenario_step *step, struct auth_err *err)
{
    struct step_json json = {.nth = 0};
    enum auth_rc rc = mock_members_read(ROWS(step_members), node, &json, NULL, err);
    if (rc == AUTH_OK)
        rc = mock_members_about(json.when, err, mock_entry_match_read(json.when, &step->when, err));
    if (rc == AUTH_OK)
        rc = read_actions(scenario, json.actions, err);
    step->nth = json.nth ? json.nth : json.every ? json.every : 1;
    step->every = json.every;
    step->times = json.times;
    step->is_optional = json.is_optional || json.every;
    step->actions = json.actions;
    if (rc == AUTH_OK && json.times > 1 && !json.every)
        rc = about(node, err, "times goes with every");
    return rc;
}

static enum auth_rc read_steps(struct mock_scenario *scenario, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    size_t count = 0;
    if (!scenario->steps_node)
        return AUTH_OK;
    if (auth_json_type(scenario->steps_node) != AUTH_JSON_ARRAY)
        return about(scenario->steps_node, err, "steps: an array of steps");
    for (const struct auth_json_node *node = auth_json_first(scenario->steps_node); node; node = auth_json_next(node))
        count++;
    if (count > MOCK_SCENARIO_STEPS_MAX)
        return about(scenario->steps_node, err, "steps: at most 100");
    scenario->steps = calloc(count + 1, sizeof *scenario->steps);
    if (!scenario->steps)
        return auth_err_no_memory(err);
    for (const struct auth_json_node *node = auth_json_first(scenario->steps_node); node && rc == AUTH_OK;
         node = auth_json_next(node))
        rc = mock_members_about(node, err, read_step(scenario, node, &scenario->steps[scenario->step_count++], err));
    return rc;
}

/* ---- what is expected ---- */

static enum auth_rc read_expectation(const struct mock_scenario *scenario, const struct auth_json_node *node,
                                     struct auth_err *err)
{
    struct mock_expectation expectation;
    enum auth_rc rc = mock_expectation_read(node, &expectation, err);
    if (rc == AUTH_OK && (expectation.because.n == 0 || expectation.right.n == 0))
        rc = about(node, err, "because and right are needed: what is expected, and what a right client does");
    if (rc == AUTH_OK && expectation.after_step > (int64_t)scenario->step_count)
        rc = about(node, err, "after_step: there is no such step");
    mock_expectation_clear(&expectation);
    return mock_members_about(node, err, rc);
}

static enum auth_rc read_expect(const struct mock_scenario *scenario, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    size_t count = 0;
    if (auth_json_type(scenario->expect) != AUTH_JSON_ARRAY || !auth_json_first(scenario->expect))
        return about(scenario->expect, err, "expect: an array of expectations, at least one");
    for (const struct auth_json_node *node = auth_json_first(scenario->expect); node && rc == AUTH_OK;
         node = auth_json_next(node)) {
        if (++count > MOCK_EXPECTATIONS_MAX)
            return about(node, err, "expect: at most 200");
        rc = read_expectation(scenario, node, err);
    }
    return rc;
}

/* ---- the whole ---- */

#define FILE_MEMBER(member) offsetof(struct mock_scenario, member)
static const struct mock_member file_members[] = {
    {"name", MOCK_MEMBER_STRING, true, FILE_MEMBER(name), 1, MOCK_SCENARIO_NAME_MAX, NULL},
    {"about", MOCK_MEMBER_STRING, true, FILE_MEMBER(about), 1, ABOUT_MAX, NULL},
    {"source", MOCK_MEMBER_STRING, true, FILE_MEMBER(source), 1, ABOUT_MAX, NULL},
    {"setup", MOCK_MEMBER_ANY, false, FILE_MEMBER(setup), 0, 0, NULL},
    {"drive", MOCK_MEMBER_STRINGS, false, FILE_MEMBER(drive), 0, MOCK_SCENARIO_DRIVE_MAX, NULL},
    {"steps", MOCK_MEMBER_ANY, false, FILE_MEMBER(steps_node), 0, 0, NULL},
    {"expect", MOCK_MEMBER_ANY, true, FILE_MEMBER(expect), 0, 0, "an array of expectations"},
    {"$schema", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};

/* It becomes a word of the command line and of reports. */
static bool is_name(struct auth_view name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0)))
            return false;
    }
    return true;
}

static enum auth_rc fill(struct mock_scenario *scenario, struct auth_err *err)
{
    const struct auth_json_node *root = auth_json_root(scenario->doc);
    enum auth_rc rc = mock_members_read(ROWS(file_members), root, scenario, NULL, err);
    if (rc == AUTH_OK && !is_name(scenario->name))
        rc = about(auth_json_member(root, "name"), err, "name: small letters, digits and hyphens");
    if (rc == AUTH_OK)
        rc = read_steps(scenario, err);
    return rc == AUTH_OK ? read_expect(scenario, err) : rc;
}

enum auth_rc mock_scenario_new(struct auth_view text, struct mock_scenario **out, struct auth_err *err)
{
    struct mock_scenario *scenario = calloc(1, sizeof *scenario);
    *out = NULL;
    if (!scenario)
        return auth_err_no_memory(err);
    atomic_init(&scenario->references, 1);
    scenario->text = auth_view_dup(text);
    enum auth_rc rc = scenario->text ? auth_json_parse(auth_view_from_string(scenario->text), &scenario->doc, err)
                                     : auth_err_set(err, AUTH_E_SYNTAX, "no JSON text");
    if (rc != AUTH_OK) {
        mock_scenario_release(scenario);
        return rc;
    }
    *out = scenario;
    return fill(scenario, err);
}

struct mock_scenario *mock_scenario_hold(struct mock_scenario *scenario)
{
    atomic_fetch_add(&scenario->references, 1);
    return scenario;
}

void mock_scenario_release(struct mock_scenario *scenario)
{
    if (!scenario || atomic_fetch_sub(&scenario->references, 1) > 1)
        return;
    free(scenario->steps);
    auth_json_free(scenario->doc);
    free(scenario->text);
    free(scenario);
}
