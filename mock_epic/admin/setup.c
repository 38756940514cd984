/* The members of a setup, and what becomes of them. */
#include "mock_epic/admin/setup.h"

#include <stddef.h>
#include <stdlib.h>

#include "mock_epic/admin/fault_read.h"
#include "mock_epic/admin/handlers.h"
#include "mock_epic/instance/instances.h"
#include "mock_epic/state/app_json.h"

enum { LIFETIME_MAX_S = 31 * 86400, APP_MAX_N = 256 * 1024 };

/* ---- reading ---- */

/* The bits of what was given, in both tables. */
enum shared_member { PROFILE, AT, SEED, SWITCHES, APPS, CLOCK, FAULTS, LIFETIME, REAL_LIFETIME, SHARED_MEMBERS };

#define SETUP(member) offsetof(struct mock_setup, member)
#define SHARED_ROWS                                                                                                    \
    [PROFILE] = {"profile", MOCK_MEMBER_STRING, false, SETUP(profile), 1, 16, "epic, smart or lenient"},               \
    [AT] = {"at", MOCK_MEMBER_TIME, false, SETUP(at_s), 0, 0, NULL},                                                   \
    [SEED] = {"seed",                                                                                                  \
              MOCK_MEMBER_INT,                                                                                         \
              false,                                                                                                   \
              SETUP(seed),                                                                                             \
              0,                                                                                                       \
              MOCK_SEED_MAX,                                                                                           \
              "0 to 2^53 - 1, what tokens, links and the chance of faults follow from"},                               \
    [SWITCHES] = {"switches",                                                                                          \
                  MOCK_MEMBER_ANY,                                                                                     \
                  false,                                                                                               \
                  SETUP(switches),                                                                                     \
                  0,                                                                                                   \
                  0,                                                                                                   \
                  "{\"NAME\":\"VALUE\"} or [\"NAME=VALUE\"], as --help-switches lists them"},                          \
    [APPS] = {"apps", MOCK_MEMBER_ANY, false, SETUP(apps), 0, 0, "an array of apps, as POST /mock/apps takes them"},   \
    [CLOCK] = {"clock", MOCK_MEMBER_ANY, false, SETUP(clock), 0, 0, "an object, as PUT /mock/clock takes it"},         \
    [FAULTS] = {"faults",                                                                                              \
                MOCK_MEMBER_ANY,                                                                                       \
                false,                                                                                                 \
                SETUP(faults),                                                                                         \
                0,                                                                                                     \
                0,                                                                                                     \
                "an array of faults, as POST /mock/faults takes them"},                                                \
    [LIFETIME] = {"token_lifetime_s", MOCK_MEMBER_INT, false, SETUP(token_lifetime_s), 1, LIFETIME_MAX_S, NULL},       \
    [REAL_LIFETIME] = {                                                                                                \
        "real_token_lifetime_s", MOCK_MEMBER_INT, false, SETUP(real_token_lifetime_s), 0, LIFETIME_MAX_S, NULL}

static const struct mock_member instance_members[] = {
    SHARED_ROWS,
    {"name", MOCK_MEMBER_STRING, false, SETUP(name), 1, MOCK_INSTANCE_NAME_MAX,
     "1 to 64 of letters, digits and . _ ~ -"},
    {"scenario", MOCK_MEMBER_ANY, false, SETUP(scenario), 0, 0, "the name of a scenario, or what its file holds"},
    {"url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"token_url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"fhir_base_url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"admin_url", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"counts", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};
const struct mock_admin_members mock_admin_instance_members = MOCK_ADMIN_MEMBERS(instance_members);

static const struct mock_member scenario_members[] = {
    SHARED_ROWS,
    {"app", MOCK_MEMBER_ANY, false, SETUP(app), 0, 0, NULL},
    {"copies", MOCK_MEMBER_INT, false, SETUP(copies), 1, MOCK_SETUP_COPIES_MAX, NULL},
};
static const struct mock_admin_members mock_setup_scenario_members = MOCK_ADMIN_MEMBERS(scenario_members);

static enum auth_rc refuse(enum shared_member member, const struct auth_json_node *node, struct auth_err *err)
{
    const struct mock_member *row = &instance_members[member];
    struct auth_buf meaning;
    auth_buf_init(&meaning, AUTH_ERR_DETAIL_N);
    mock_members_describe(row, &meaning);
    struct auth_view view = auth_buf_view(&meaning);
    (void)auth_err_set(err, AUTH_E_ARG, "%s: %.*s", row->name, (int)view.n, view.p);
    auth_buf_clear(&meaning);
    return mock_members_about(node, err, AUTH_E_ARG);
}

/* By trying it on a clock of nobody's. */
static enum auth_rc check_clock(const struct auth_json_node *node, struct auth_err *err)
{
    struct mock_clock clock;
    mock_clock_init(&clock, auth_env_system());
    enum auth_rc rc = mock_admin_change_clock(&clock, node, err);
    mock_clock_clear(&clock);
    return mock_members_about(node, err, rc);
}

static enum auth_rc check_faults(const struct mock_setup *setup, struct auth_err *err)
{
    struct auth_view array, json;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    if (auth_json_type(setup->faults) != AUTH_JSON_ARRAY || !auth_json_raw_member(setup->text, "faults", &array))
        return refuse(FAULTS, setup->faults, err);
    for (const struct auth_json_node *node = auth_json_first(setup->faults);
         node && rc == AUTH_OK && auth_json_raw_next(array, &cursor, &json); node = auth_json_next(node))
        rc = mock_members_about(node, err, mock_fault_check(node, json, err));
    return rc;
}

static enum auth_rc check(const struct mock_setup *setup, struct auth_err *err)
{
    struct auth_profile profile = *auth_profile_named("epic");
    enum auth_rc rc = mock_setup_profile(setup, &profile, err);
    if (rc == AUTH_OK && setup->clock)
        rc = check_clock(setup->clock, err);
    if (rc == AUTH_OK && setup->clock && setup->has_at)
        rc = mock_members_about(setup->clock, err, auth_err_set(err, AUTH_E_ARG, "at and clock both set the time"));
    if (rc == AUTH_OK && setup->faults)
        rc = check_faults(setup, err);
    return rc;
}

enum auth_rc mock_setup_read(enum mock_setup_of whose, const struct auth_json_node *node, struct auth_view text,
                             struct mock_setup *setup, struct auth_err *err)
{
    const struct mock_admin_members *members =
        whose == MOCK_SETUP_OF_INSTANCE ? &mock_admin_instance_members : &mock_setup_scenario_members;
    uint32_t given = 0;
    *setup = (struct mock_setup){.text = auth_view_trim(text), .copies = 1};
    enum auth_rc rc = mock_members_read(members->rows, members->count, node, setup, &given, err);
    setup->has_at = given & 1U << AT;
    setup->has_seed = given & 1U << SEED;
    setup->has_real_token_lifetime = given & 1U << REAL_LIFETIME;
    return rc == AUTH_OK ? check(setup, err) : rc;
}

/* ---- profile ---- */

/* NAME=VALUE, of {"NAME":"VALUE"} or ["NAME=VALUE"]. */
static enum auth_rc set_switch(struct auth_profile *profile, struct auth_view name, const struct auth_json_node *value,
                               struct auth_err *err)
{
    struct auth_buf text;
    int64_t number;
    bool truth;
    auth_buf_init(&text, 512);
    if (name.n) {
        auth_buf_add_view(&text, name);
        auth_buf_add_char(&text, '=');
    }
    if (auth_json_int(value, &number))
        auth_buf_add_int(&text, number);
    else if (auth_json_bool(value, &truth))
        auth_buf_add_string(&text, truth ? "on" : "off");
    else
        auth_buf_add_view(&text, auth_json_string(value));
    enum auth_rc rc = auth_buf_ok(&text) ? AUTH_OK : auth_err_set(err, AUTH_E_ARG, "switches: a value is too long");
    if (rc == AUTH_OK && auth_profile_set(profile, text.n ? text.p : "", err) != AUTH_OK)
        rc = AUTH_E_ARG;
    auth_buf_clear(&text);
    return mock_members_about(value, err, rc);
}

enum auth_rc mock_setup_profile(const struct mock_setup *setup, struct auth_profile *profile, struct auth_err *err)
{
    enum auth_json_type type = auth_json_type(setup->switches);
    enum auth_rc rc = AUTH_OK;
    if (setup->profile.n) {
        char *name = auth_view_dup(setup->profile);
        const struct auth_profile *named = name ? auth_profile_named(name) : NULL;
        free(name);
        if (!named)
            return auth_err_set(err, AUTH_E_ARG, "profile: epic, smart or lenient");
        *profile = *named;
    }
    if (setup->switches && type != AUTH_JSON_OBJECT && type != AUTH_JSON_ARRAY)
        return refuse(SWITCHES, setup->switches, err);
    for (const struct auth_json_node *node = auth_json_first(setup->switches); node && rc == AUTH_OK;
         node = auth_json_next(node))
        rc = set_switch(profile, auth_json_name(node), node, err);
    return rc;
}

/* ---- apps ---- */

static enum auth_rc add_app(struct mock_apps *apps, struct auth_view json, int64_t now_s,
                            const struct auth_profile *profile, struct auth_err *err)
{
    struct mock_app *app = NULL;
    enum auth_rc rc = mock_app_parse(json, now_s, &app, err);
    if (rc != AUTH_OK)
        return rc;
    rc = mock_app_check(app, profile, err);
    if (rc != AUTH_OK) {
        mock_app_release(app);
        return rc;
    }
    struct auth_buf id;
    auth_buf_init(&id, MOCK_CLIENT_ID_MAX);
    auth_buf_add_string(&id, app->client_id);
    rc = mock_apps_put(apps, app, MOCK_APPS_ADD, err);
    if (rc == AUTH_E_EXISTS)
        auth_err_set(err, AUTH_E_ARG, "apps: client_id %s is given twice", id.n ? id.p : "");
    auth_buf_clear(&id);
    return rc == AUTH_E_EXISTS ? AUTH_E_ARG : rc;
}

enum auth_rc mock_setup_apps(const struct mock_setup *setup, const struct auth_profile *profile, int64_t now_s,
                             struct mock_apps *apps, struct auth_err *err)
{
    struct auth_view array, json;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    if (!setup->apps)
        return AUTH_OK;
    if (!auth_json_raw_member(setup->text, "apps", &array) || array.n == 0 || array.p[0] != '[')
        return refuse(APPS, setup->apps, err);
    for (const struct auth_json_node *node = auth_json_first(setup->apps);
         node && rc == AUTH_OK && auth_json_raw_next(array, &cursor, &json); node = auth_json_next(node)) {
        rc = mock_members_read(mock_app_members, MOCK_APP_MEMBERS, node, NULL, NULL, err); /* knows where */
        if (rc == AUTH_OK)
            rc = mock_members_about(node, err, add_app(apps, json, now_s, profile, err));
    }
    return rc;
}

/* ---- the rest ---- */

enum auth_rc mock_setup_furnish(const struct mock_setup *setup, struct mock_instance *instance, struct auth_err *err)
{
    struct mock_options *options = &instance->options;
    if (setup->token_lifetime_s)
        options->token_lifetime_s = setup->token_lifetime_s;
    if (setup->has_real_token_lifetime) {
        options->real_token_lifetime_s = setup->real_token_lifetime_s;
        options->is_token_born_expired = setup->real_token_lifetime_s == 0;
    }
    if (setup->has_at && !mock_clock_set(&instance->clock, setup->at_s))
        return refuse(AT, NULL, err);
    return setup->clock ? mock_admin_change_clock(&instance->clock, setup->clock, err) : AUTH_OK;
}

enum auth_rc mock_setup_faults(const struct mock_setup *setup, struct mock_instance *instance, struct auth_err *err)
{
    struct auth_view array, json;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    if (!setup->faults || !auth_json_raw_member(setup->text, "faults", &array))
        return AUTH_OK;
    while (rc == AUTH_OK && auth_json_raw_next(array, &cursor, &json)) {
        struct mock_fault *fault = NULL;
        rc = mock_fault_read(json, &fault, err);
        if (rc == AUTH_OK)
            rc = mock_faults_add(&instance->faults, fault, err);
    }
    return rc;
}

/* ---- the app that run makes ---- */

enum { OWN_MEMBERS = 5 };
/* What run knows itself comes first in the table of an app. */
static const char *app_member_name(const void *members, size_t i)
{
    return i ? ((const struct mock_member *)members)[i + OWN_MEMBERS - 1].name : "key";
}

static enum auth_rc check_app_member(const struct auth_json_node *member, struct auth_err *err)
{
    size_t count = 1;
    while (mock_app_members[OWN_MEMBERS + count - 1].type != MOCK_MEMBER_SHOWN)
        count++;
    for (size_t i = 0; i < count; i++) {
        if (auth_view_equals(auth_json_name(member), app_member_name(mock_app_members, i)))
            return AUTH_OK;
    }
    return mock_members_about(
        member, err,
        mock_members_unknown("member", auth_json_name(member), app_member_name, mock_app_members, count, err));
}

enum auth_rc mock_setup_check_app(const struct mock_setup *setup, struct auth_err *err)
{
    static const char made[] = "{\"client_id\":\"a\",\"jwks_url\":\"http://127.0.0.1:1/jwks\""; /* any key will do */
    const struct auth_json_node *key = auth_json_member(setup->app, "key");
    struct mock_app *app = NULL;
    enum auth_rc rc = AUTH_OK;
    if (setup->app && auth_json_type(setup->app) != AUTH_JSON_OBJECT)
        rc = mock_members_about(setup->app, err, auth_err_set(err, AUTH_E_ARG, "app: an object"));
    for (const struct auth_json_node *member = auth_json_first(setup->app); member && rc == AUTH_OK;
         member = auth_json_next(member))
        rc = check_app_member(member, err);
    if (rc == AUTH_OK && key && !mock_setup_has_jwks_url(setup) &&
        !auth_view_equals(auth_json_string(key), "certificate"))
        rc = mock_members_about(key, err, auth_err_set(err, AUTH_E_ARG, "key: certificate or jwks_url"));
    if (rc == AUTH_OK)
        rc = mock_members_about(setup->app, err, mock_setup_app(setup, auth_view_from_string(made), 0, &app, err));
    mock_app_release(app);
    return rc;
}

bool mock_setup_has_jwks_url(const struct mock_setup *setup)
{
    return auth_view_equals(auth_json_member_string(setup->app, "key"), "jwks_url");
}

enum auth_rc mock_setup_app(const struct mock_setup *setup, struct auth_view made, int64_t now_s, struct mock_app **app,
                            struct auth_err *err)
{
    struct auth_buf json;
    struct auth_view object = auth_view_from_string(""), name, value;
    size_t cursor = 0;
    auth_buf_init(&json, APP_MAX_N);
    auth_buf_add_view(&json, made);
    if (setup->app && !auth_json_raw_member(setup->text, "app", &object))
        return auth_err_set(err, AUTH_E_ARG, "app: write the member's name without escapes");
    while (auth_json_raw_next_member(object, &cursor, &name, &value)) {
        if (auth_json_raw_means(name, "key"))
            continue;
        auth_buf_add_string(&json, ",\"");
        auth_buf_add_view(&json, name);
        auth_buf_add_string(&json, "\":");
        auth_buf_add_view(&json, value);
    }
    auth_buf_add_char(&json, '}');
    enum auth_rc rc = auth_buf_check(&json, err);
    if (rc == AUTH_OK)
        rc = mock_app_parse(auth_buf_view(&json), now_s, app, err);
    auth_buf_clear(&json);
    return rc;
}
