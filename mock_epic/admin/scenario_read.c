/* What of a scenario only the admin API can judge, and where in its file an error stands. */
#include "mock_epic/admin/scenario_read.h"

#include <stddef.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/admin/act.h"
#include "mock_epic/admin/scenario_files.h"

/* ---- checking ---- */

enum auth_rc mock_scenario_setup(const struct mock_scenario *scenario, struct mock_setup *setup, struct auth_err *err)
{
    struct auth_view text = auth_view_from_string("{}");
    if (scenario->setup && !auth_json_raw_member(auth_view_from_string(scenario->text), "setup", &text))
        return auth_err_set(err, AUTH_E_ARG, "setup: write the member's name without escapes");
    return mock_members_about(scenario->setup, err,
                              mock_setup_read(MOCK_SETUP_OF_SCENARIO, scenario->setup, text, setup, err));
}

static enum auth_rc check_apps(const struct mock_setup *setup, struct auth_err *err)
{
    struct auth_profile profile = *auth_profile_named("epic");
    struct mock_apps apps;
    enum auth_rc rc = mock_setup_profile(setup, &profile, err);
    if (rc == AUTH_OK)
        rc = mock_setup_check_app(setup, err);
    mock_apps_init(&apps);
    if (rc == AUTH_OK)
        rc = mock_setup_apps(setup, &profile, 0, &apps, err);
    mock_apps_clear(&apps);
    return rc;
}

static enum auth_rc check(const struct mock_scenario *scenario, struct auth_err *err)
{
    struct mock_setup setup;
    enum auth_rc rc = mock_scenario_setup(scenario, &setup, err);
    if (rc == AUTH_OK)
        rc = check_apps(&setup, err);
    return rc == AUTH_OK ? mock_act_check(scenario, err) : rc;
}

/* ---- reading ---- */

static enum auth_rc at(struct auth_err *err, const char *where, struct auth_json_place place, enum auth_rc rc,
                       const char *what)
{
    return auth_err_set(err, rc, "%s:%zu:%zu: %s", where, place.line, place.column, what);
}

enum auth_rc mock_scenario_read(const char *where, struct auth_view text, struct mock_scenario **out,
                                struct auth_err *err)
{
    struct auth_err inner = {0};
    struct mock_scenario *scenario = NULL;
    size_t stop = 0;
    *out = NULL;
    enum auth_rc rc = auth_json_check_at(text, &stop, &inner);
    if (rc != AUTH_OK)
        return at(err, where, auth_json_place_of(text, stop), rc, inner.detail);
    rc = mock_scenario_new(text, &scenario, &inner);
    if (rc == AUTH_OK)
        rc = check(scenario, &inner);
    if (rc == AUTH_OK) {
        *out = scenario;
        return rc;
    }
    struct auth_json_place place = {1, 1};
    if (scenario)
        place = auth_json_position(auth_view_from_string(scenario->text), scenario->doc, inner.node);
    mock_scenario_release(scenario);
    return at(err, where, place, rc, inner.detail[0] ? inner.detail : auth_rc_text(rc));
}

/* ---- those that are built in ---- */

static struct auth_view name_of(const struct auth_embedded_file *file)
{
    return auth_view_bytes(file->name, strlen(file->name) - strlen(".json"));
}

size_t mock_scenario_count(void)
{
    return mock_scenario_files_count;
}

struct auth_view mock_scenario_name_at(size_t i)
{
    return name_of(&mock_scenario_files[i]);
}

struct auth_view mock_scenario_text_at(size_t i)
{
    return auth_view_bytes(mock_scenario_files[i].data, mock_scenario_files[i].n);
}

static enum auth_rc refuse_name(struct auth_view name, struct auth_err *err)
{
    struct auth_view likely = {"", 0};
    size_t least = name.n / 3 + 1;
    for (size_t i = 0; i < mock_scenario_files_count; i++) {
        size_t distance = auth_text_distance(name, mock_scenario_name_at(i));
        if (distance < least) {
            least = distance;
            likely = mock_scenario_name_at(i);
        }
    }
    const char *mark = auth_text_cut(&name, MOCK_SCENARIO_NAME_MAX);
    return auth_err_set(err, AUTH_E_NOT_FOUND, "scenario %.*s%s is not built in%s%.*s%s", (int)name.n, name.p, mark,
                        likely.n ? "; did you mean " : "", (int)likely.n, likely.p,
                        likely.n ? "?" : "; `mock-epic scenarios` lists them, and a path contains a /");
}

enum auth_rc mock_scenario_named(struct auth_view name, struct mock_scenario **out, struct auth_err *err)
{
    for (size_t i = 0; i < mock_scenario_files_count; i++) {
        if (auth_view_equals_view(name, mock_scenario_name_at(i)))
            return mock_scenario_read(mock_scenario_files[i].name, mock_scenario_text_at(i), out, err);
    }
    return refuse_name(name, err);
}

/* ---- playing ---- */

enum auth_rc mock_scenario_begin(struct mock_scenario *scenario, struct mock_instance *instance, struct auth_err *err)
{
    struct mock_setup setup;
    enum auth_rc rc = mock_scenario_setup(scenario, &setup, err);
    mock_instance_end_faults(instance);
    uint64_t faults_before = mock_faults_last_id(&instance->faults);
    if (rc == AUTH_OK)
        rc = mock_setup_faults(&setup, instance, err);
    if (rc != AUTH_OK) {
        mock_scenario_release(scenario);
        return rc;
    }
    return mock_expectations_play(&instance->expectations, scenario, faults_before, err);
}
