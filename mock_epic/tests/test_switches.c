/* Whatever is switched: no crash, no 5xx, no token without a signature that somebody else's code finds valid (unless the
 * user switched that very rule), no refusal without a rule, and the linter's judge says what the server does.
 *
 * Every rule and every switch with every value, in every profile, and then pairs and more of them by chance, each against
 * requests that are honest or broken in one to three ways (hostile.h). What is signed is known by OpenSSL alone (forge.h).
 *
 * environment: SWITCH_COMBINATIONS (2000) drawn by chance, SWITCH_SEED (1), SWITCH_PAIRS (0; 1: every pair of rules) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/form.h"
#include "mock_epic/tests/hostile.h"

enum { NOW_S = SUPPORT_NOW_S, TEXT_N = 64 * 1024, SETTINGS_MAX = 4, SHOWN_MAX = 20 };

/* ---- the bench ---- */

struct bench {
    struct hostile_world world;
    struct hostile_request request;
    struct auth_profile profile, lint_profile; /* as switched; and as the linter begins */
    char settings[256];
    struct auth_report report; /* of this code, in process, on the same request */
    unsigned number, accepted, refused, unsigned_accepted, wrong;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    hostile_world_init(&b->world);
    hostile_request_init(&b->request);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    hostile_world_clear(&b->world);
    hostile_request_clear(&b->request);
    free(b);
    return 0;
}

static void complain(struct bench *b, const struct hostile *a, const char *what)
{
    struct auth_buf text;
    if (b->wrong++ >= SHOWN_MAX)
        return;
    auth_buf_init(&text, TEXT_N);
    hostile_describe(a, &text);
    print_error("%s: %s; %s\n", b->settings, what, text.p);
    auth_buf_clear(&text);
}

/* ---- the same request in process ---- */

/* What is known about the app: by the server, or as the linter takes it, to which all that only a server knows is well. */
static struct auth_client_facts facts_of(struct bench *b, const struct hostile *a, const struct mock_app *registered,
                                         bool is_linter, const char *url)
{
    static const struct auth_jwk_set none;
    const struct hostile_app *app = &hostile_apps[a->app];
    return (struct auth_client_facts){
        .is_known = is_linter || !app->is_nobody,
        .client_id = auth_view_from_string(app->client_id),
        .usable_from_s = is_linter || !app->synced_after_s ? INT64_MIN : INT64_MAX,
        .is_production = app->is_production,
        .has_background_user = is_linter || !app->has_no_user,
        .key_source = app->source,
        .jwks_url = auth_view_from_string(url),
        .keys = app->file ? &b->world.sets[a->app] : &none,
        .scopes = registered ? registered->scopes.items : NULL,
        .scope_count = registered ? registered->scopes.count : 0,
    };
}

enum judged {
    BY_SERVER,
    BY_LINTER,
    BARE
}; /* BARE: the JWT alone, with the server's facts, as POST /mock/jwt/check does */

static struct auth_outcome judge(struct bench *b, const struct hostile *a, enum judged how, struct auth_report *report)
{
    char url[128];
    struct auth_form form;
    struct auth_err err = {0};
    struct auth_jwt jwt;
    struct auth_view aud = auth_view_from_string(HOSTILE_AUD);
    hostile_url(&hostile_apps[a->app], url);
    enum auth_rc rc = auth_form_parse(auth_buf_view(&b->request.body), &form, &err);
    struct auth_request_facts request = {
        .method = auth_view_from_string(b->request.method),
        .query = auth_buf_view(&b->request.query),
        .content_type = auth_view_from_string(b->request.content_type),
        .authorization = auth_buf_view(&b->request.authorization),
        .form = &form,
        .form_rc = rc,
        .form_detail = auth_view_from_string(err.detail),
    };
    struct mock_app *registered =
        mock_apps_acquire(&b->world.support.instance.apps, auth_view_from_string(hostile_apps[a->app].client_id));
    struct auth_client_facts client = facts_of(b, a, registered, how == BY_LINTER, url);
    struct auth_rules_input input = {
        .profile = how == BY_LINTER ? &b->lint_profile : &b->profile,
        .now_s = NOW_S,
        .request = how == BARE ? NULL : &request,
        .jwt = &jwt,
        .client = &client,
        .audiences = &aud,
        .audience_count = 1,
    };
    struct auth_view compact =
        how == BARE ? auth_buf_view(&b->request.jwt) : auth_form_value(&form, "client_assertion");
    assert_int_equal(auth_jwt_read(compact, &jwt), AUTH_OK);
    assert_int_equal(auth_rules_check(&input, report), AUTH_OK);
    mock_app_release(registered);
    auth_jwt_clear(&jwt);
    auth_form_clear(&form);
    return auth_rules_outcome(report);
}

/* Rules that only a server can judge. */
static bool is_servers_own(enum auth_rule rule)
{
    return rule == AUTH_RULE_CLIENT_KNOWN || rule == AUTH_RULE_CLIENT_SYNCED || rule == AUTH_RULE_CLIENT_ENVIRONMENT ||
           rule == AUTH_RULE_CLIENT_BACKGROUND_USER || rule == AUTH_RULE_JTI_REPLAY;
}

/* ---- what must hold ---- */

/* Who is blocked waits for a rule that failed; who lacks a result names a rule that is switched. */
static const char *wrong_verdict(const struct auth_report *report)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_verdict *verdict = &report->verdicts[i];
        if (verdict->result == AUTH_BLOCKED && report->verdicts[verdict->blocked_by].result != AUTH_FAIL)
            return "blocked by a rule that did not fail";
        if (verdict->result == AUTH_FAIL && verdict->causes[0] == AUTH_CAUSE_RESULT_MISSING &&
            report->profile->modes[verdict->blocked_by] == AUTH_MODE_ON)
            return "lacks the result of a rule that is on";
    }
    return NULL;
}

/* Who is told that a thing is absent is not told that it may be. */
static void check_absent(struct bench *b, const struct hostile *a)
{
    static const char *const forbidden[] = {"if present", "if sent", "where one is sent", "optional", "leave it out"};
    struct auth_buf actual, wanted;
    auth_buf_init(&actual, TEXT_N);
    auth_buf_init(&wanted, TEXT_N);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (b->report.verdicts[i].result != AUTH_FAIL)
            continue;
        auth_buf_reset(&actual);
        auth_buf_reset(&wanted);
        auth_rules_actual(&b->report, (enum auth_rule)i, &actual);
        auth_rules_expected(&b->report, (enum auth_rule)i, &wanted);
        auth_buf_add_string(&wanted, "; ");
        auth_rules_fix(&b->report, (enum auth_rule)i, &wanted);
        for (size_t f = 0; f < sizeof forbidden / sizeof *forbidden; f++) {
            if (auth_view_starts(auth_buf_view(&actual), "absent") &&
                auth_view_contains(auth_buf_view(&wanted), forbidden[f]))
                complain(b, a, wanted.p);
        }
    }
    auth_buf_clear(&wanted);
    auth_buf_clear(&actual);
}

/* What the server kept of the decision: JSON, and in it a rule that failed. */
static void check_journal(struct bench *b, const struct hostile *a)
{
    struct auth_buf text;
    struct auth_json_writer w;
    struct auth_json *doc = NULL;
    bool has_failed = false;
    auth_buf_init(&text, 16 * TEXT_N);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    assert_int_equal(mock_journal_write_one(&b->world.support.instance.journal, b->world.decision, &w), AUTH_OK);
    assert_int_equal(auth_json_parse(auth_buf_view(&text), &doc, NULL), AUTH_OK);
    const struct auth_json_node *verdicts = auth_json_member(auth_json_root(doc), "verdicts");
    for (const struct auth_json_node *node = auth_json_first(verdicts); node; node = auth_json_next(node))
        has_failed = has_failed || auth_view_equals(auth_json_member_string(node, "result"), "fail");
    if (!has_failed)
        complain(b, a, "refused, and no rule failed in the journal");
    auth_json_free(doc);
    auth_buf_clear(&text);
}

static bool is_known_error(struct auth_view error)
{
    for (int i = AUTH_OAUTH_NONE + 1; i <= AUTH_OAUTH_INVALID_SCOPE; i++) {
        if (auth_view_equals(error, auth_rules_error_text((enum auth_oauth_error)i)))
            return true;
    }
    return false;
}

static void check_refusal(struct bench *b, const struct hostile *a, int status, struct auth_view error)
{
    b->refused++;
    if (status != 400 && status != 401)
        complain(b, a, "neither a token nor a refusal");
    if (!is_known_error(error))
        complain(b, a, "an error that OAuth does not know");
    if (b->refused % 4 == 0) /* it costs more than judging */
        check_journal(b, a);
}

static void check_token(struct bench *b, const struct hostile *a, struct auth_view token)
{
    struct auth_form form;
    struct mock_store *store = b->world.support.instance.store;
    b->accepted++;
    /* every request is to be the first with its jti */
    assert_int_equal(store->ops->clear(store, MOCK_STORE_JTI), AUTH_OK);
    if (!token.n)
        complain(b, a, "200, and no token");
    if (b->profile.modes[AUTH_RULE_SIGNATURE] != AUTH_MODE_ON)
        return;
    enum auth_rc rc = auth_form_parse(auth_buf_view(&b->request.body), &form, NULL);
    if (rc != AUTH_OK || !forge_verifies(b->world.keys[a->app], b->world.key_counts[a->app],
                                         auth_form_value(&form, "client_assertion"))) {
        b->unsigned_accepted++;
        complain(b, a, "A TOKEN FOR AN UNSIGNED JWT");
    }
    auth_form_clear(&form);
}

/* Both judges in process: the server must do what the one with its facts says, and the linter, where it can know, too. */
static void check_judges(struct bench *b, const struct hostile *a, int status, struct auth_view error)
{
    struct auth_report report;
    struct auth_outcome bare = judge(b, a, BARE, &report), linter = judge(b, a, BY_LINTER, &report);
    struct auth_outcome server = judge(b, a, BY_SERVER, &b->report);
    const char *wrong = wrong_verdict(&b->report);
    if (wrong)
        complain(b, a, wrong);
    if (!server.is_accepted && b->report.verdicts[server.because].result != AUTH_FAIL)
        complain(b, a, "refused without a rule");
    if (bare.is_accepted && b->profile.modes[AUTH_RULE_SIGNATURE] == AUTH_MODE_ON &&
        !forge_verifies(b->world.keys[a->app], b->world.key_counts[a->app], auth_buf_view(&b->request.jwt)))
        complain(b, a, "the bare JWT is accepted, and unsigned");
    check_absent(b, a);
    if (!hostile_names_its_app(a)) /* then they are asked about another app than the server is */
        return;
    if (server.is_accepted != (status == 200) ||
        (status != 200 && !auth_view_equals(error, auth_rules_error_text(server.error))))
        complain(b, a, "the server does not do what its judge says");
    if (server.is_accepted && !linter.is_accepted)
        complain(b, a, "the linter refuses what gets a token");
    if (!server.is_accepted && !is_servers_own(server.because) &&
        (linter.is_accepted || linter.because != server.because || linter.error != server.error))
        complain(b, a, "the linter does not refuse it, or for another reason");
}

static int attempt(struct bench *b, const struct hostile *a)
{
    struct auth_buf text;
    struct auth_json *doc = NULL;
    auth_buf_init(&text, TEXT_N);
    hostile_write(&b->request, a, a->is_by_stranger ? b->world.stranger : b->world.keys[a->app][0]);
    b->world.support.instance.options.explain = ++b->number % 2;
    int status = hostile_send(&b->world, &b->request, &text);
    assert_int_equal(auth_json_parse(auth_view_trim(auth_buf_view(&text)), &doc, NULL), AUTH_OK);
    const struct auth_json_node *root = auth_json_root(doc);
    struct auth_view error = auth_json_member_string(root, "error");
    if (status == 200)
        check_token(b, a, auth_json_member_string(root, "access_token"));
    else
        check_refusal(b, a, status, error);
    check_judges(b, a, status, error);
    auth_json_free(doc);
    auth_buf_clear(&text);
    return status;
}

/* ---- settings ---- */

/* As conformance/linter/jwt.c begins: what only a server knows is off, then the user's switches. */
static void begin(struct bench *b, const char *profile)
{
    b->profile = *auth_profile_named(profile);
    b->lint_profile = b->profile;
    for (int rule = 0; rule < AUTH_RULE_COUNT; rule++) {
        if (is_servers_own((enum auth_rule)rule) && rule != AUTH_RULE_JTI_REPLAY)
            b->lint_profile.modes[rule] = AUTH_MODE_OFF;
    }
    snprintf(b->settings, sizeof b->settings, "%s", profile);
}

static void apply(struct bench *b, const char *setting)
{
    size_t used = strlen(b->settings);
    assert_int_equal(auth_profile_set(&b->profile, setting, NULL), AUTH_OK);
    assert_int_equal(auth_profile_set(&b->lint_profile, setting, NULL), AUTH_OK);
    snprintf(b->settings + used, sizeof b->settings - used, " %s", setting);
}

static void finish(struct bench *b)
{
    b->world.support.instance.profile = b->profile;
}

static const char *const profiles[] = {"epic", "smart", "lenient"};

/* All settings that there are, "name=value", of rules and switches; a number is tried at both ends and where it stands. */
struct setting {
    char text[64];
};
static struct setting all[512];
static unsigned all_count, rule_settings; /* those of rules come first */

static void add_setting(const char *name, struct auth_view value)
{
    assert_true(all_count < sizeof all / sizeof *all);
    snprintf(all[all_count++].text, sizeof all->text, "%s=%.*s", name, (int)value.n, value.p);
}

static void collect_settings(void)
{
    for (int rule = 0; rule < AUTH_RULE_COUNT; rule++) {
        static const char *const modes[] = {"warn", "off"};
        for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
            add_setting(auth_rules_info((enum auth_rule)rule)->id, auth_view_from_string(modes[i]));
    }
    rule_settings = all_count;
    for (int i = 0; i < AUTH_SWITCH_COUNT; i++) {
        struct auth_switch_info info = auth_profile_switch_info((enum auth_switch)i);
        struct auth_view rest = auth_view_from_string(info.values);
        const char *dots = strstr(info.values, "..");
        if (dots) {
            add_setting(info.name, auth_view_bytes(info.values, (size_t)(dots - info.values)));
            add_setting(info.name, auth_view_from_string(dots + 2));
        }
        while (!dots && rest.n)
            add_setting(info.name, auth_view_split(&rest, '|'));
    }
}

/* ---- chance ---- */

static uint64_t seed;

static unsigned number_of(const char *variable, unsigned otherwise)
{
    int64_t number;
    const char *text = getenv(variable);
    return auth_view_int(auth_view_from_string(text), &number) && number > 0 ? (unsigned)number : otherwise;
}

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

/* Broken in as many ways, which may meet in one part. */
static struct hostile broken(unsigned ways)
{
    struct hostile a = {.app = below(2) ? HOSTILE_SET : HOSTILE_URL_256};
    for (unsigned i = 0; i < ways; i++) {
        unsigned part = below(HOSTILE_PARTS + 2);
        if (part < HOSTILE_PARTS)
            *hostile_part(&a, part) = below(hostile_ways(part));
        else if (part == HOSTILE_PARTS)
            a.is_by_stranger = true;
        else
            a.is_header_padded = true;
    }
    return a;
}

/* ---- tests ---- */

static void test_sound_requests_get_tokens(void **state)
{
    struct bench *b = *state;
    for (unsigned i = 0; i < HOSTILE_APPS; i++) {
        const struct hostile_app *app = &hostile_apps[i];
        bool is_good = app->file && !app->is_nobody && !app->has_no_user && !app->is_production &&
                       !app->synced_after_s && strcmp(app->client_id, "url-weak") != 0;
        begin(b, "epic");
        finish(b);
        if ((attempt(b, &(struct hostile){.app = i}) == 200) != is_good)
            fail_msg("%s", app->client_id);
    }
    assert_int_equal(b->wrong, 0);
}

/* Each way of being broken, alone: only what the rules allow by themselves gets a token. */
static void test_each_fault_without_switches(void **state)
{
    struct bench *b = *state;
    for (unsigned p = 0; p < 3 * HOSTILE_PARTS; p++) {
        begin(b, profiles[p / HOSTILE_PARTS]);
        finish(b);
        for (unsigned i = 0; i < hostile_ways(p % HOSTILE_PARTS); i++) {
            struct hostile a = {0};
            *hostile_part(&a, p % HOSTILE_PARTS) = i;
            (void)attempt(b, &a);
            if (p >= HOSTILE_PARTS)
                continue;
            a.is_by_stranger = true;
            assert_int_not_equal(attempt(b, &a), 200);
            a.is_by_stranger = false;
            a.is_header_padded = true;
            assert_int_not_equal(attempt(b, &a), 200);
        }
    }
    assert_int_equal(b->wrong, 0);
}

/* The forgeries that one switch once let pass, and their like. */
static const struct hostile forgeries[] = {
    {0},
    {.signature = FORGE_JUNK},
    {.signature = FORGE_JUNK, .is_header_padded = true},
    {.signature = FORGE_PADDED, .is_by_stranger = true},
    {.signature = FORGE_EMPTY, .header = 1},
    {.signature = FORGE_JUNK, .header = 2},
    {.signature = FORGE_HMAC, .header = 3},
    {.signature = FORGE_JUNK, .header = 16, .app = HOSTILE_URL},
    {.signature = FORGE_JUNK, .header = 34},
    {.signature = FORGE_NO_PART},
    {.is_by_stranger = true},
    {.signature = FORGE_JUNK, .app = HOSTILE_URL_DEAD},
    {.app = HOSTILE_NOBODY},
    {.form = HOSTILE_ESCAPE_FIRST},
    {.form = HOSTILE_NO_ASSERTION},
    {.form = HOSTILE_SCOPE_LONG},
    {.form = HOSTILE_SCOPE_OUT},
    {.payload = 2, .signature = FORGE_JUNK},
    {.claim = 22},
    {.claim = 51},
};

/* Rules against every forgery, other switches against some. */
static void test_every_switch_alone(void **state)
{
    enum { FORGERIES = sizeof forgeries / sizeof *forgeries, SOME = 4 };
    struct bench *b = *state;
    for (unsigned p = 0; p < 3; p++) {
        for (unsigned i = 0; i < all_count; i++) {
            begin(b, profiles[p]);
            apply(b, all[i].text);
            finish(b);
            for (unsigned f = 0; f < (i < rule_settings ? FORGERIES : SOME); f++)
                (void)attempt(b, &forgeries[i < rule_settings ? f : below(FORGERIES)]);
            struct hostile a = broken(1 + below(2));
            (void)attempt(b, &a);
        }
    }
    print_message("%u settings in 3 profiles: %u accepted, %u refused; %u unsigned accepted\n", all_count, b->accepted,
                  b->refused, b->unsigned_accepted);
    assert_int_equal(b->wrong, 0);
}

static bool is_needed(unsigned setting)
{
    enum auth_rule rule = (enum auth_rule)(setting / 2);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_rule_info *info = auth_rules_info((enum auth_rule)i);
        if (info->needs[0] == rule || info->needs[1] == rule)
            return true;
    }
    return false;
}

/* Every pair of rules that others wait for, off or to warn, against some forgeries; with SWITCH_PAIRS every pair of rules,
 * in every profile, against all. */
static void test_every_pair_of_rules(void **state)
{
    enum { FORGERIES = sizeof forgeries / sizeof *forgeries, SOME = 4 };
    struct bench *b = *state;
    bool is_all = number_of("SWITCH_PAIRS", 0) > 0;
    unsigned pairs = 0;
    for (unsigned i = 0; i < (is_all ? 3 : 1) * rule_settings * rule_settings; i++) {
        unsigned first = i / rule_settings % rule_settings, second = i % rule_settings;
        if (first / 2 >= second / 2 || (!is_all && !(is_needed(first) && is_needed(second))))
            continue;
        begin(b, profiles[i / (rule_settings * rule_settings)]);
        apply(b, all[first].text);
        apply(b, all[second].text);
        finish(b);
        pairs++;
        for (unsigned f = 0; f < (is_all ? FORGERIES : SOME); f++)
            (void)attempt(b, &forgeries[is_all ? f : below(FORGERIES)]);
    }
    print_message("%u pairs: %u accepted, %u refused; %u unsigned accepted\n", pairs, b->accepted, b->refused,
                  b->unsigned_accepted);
    assert_true(pairs > 100);
    assert_int_equal(b->wrong, 0);
}

/* Rules off or to warn by pairs: half of the pairs drawn are of two rules. */
static const char *draw(unsigned n)
{
    return all[below(n % 2 ? all_count : rule_settings)].text;
}

static void test_switches_together(void **state)
{
    struct bench *b = *state;
    unsigned combinations = number_of("SWITCH_COMBINATIONS", 2000);
    for (unsigned i = 0; i < combinations; i++) {
        unsigned count = 2 + (below(4) == 0 ? below(SETTINGS_MAX - 1) : 0);
        begin(b, profiles[below(3)]);
        for (unsigned s = 0; s < count; s++)
            apply(b, draw(i));
        finish(b);
        struct hostile honest = {.app = below(5)}, worse = broken(1 + below(3));
        (void)attempt(b, &honest);
        (void)attempt(b, &forgeries[below(sizeof forgeries / sizeof *forgeries)]);
        (void)attempt(b, &worse);
    }
    print_message("%u combinations: %u accepted, %u refused; %u unsigned accepted\n", combinations, b->accepted,
                  b->refused, b->unsigned_accepted);
    assert_true(b->accepted > combinations / 10);
    assert_int_equal(b->wrong, 0);
}

int main(void)
{
    seed = 88172645463325252ULL + number_of("SWITCH_SEED", 1);
    collect_settings();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sound_requests_get_tokens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_fault_without_switches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_switch_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_pair_of_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_switches_together, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
