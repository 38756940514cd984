/* Every file of fixtures/jwt is one test: it must fail exactly the rules that it names, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/rules/rules.h"

enum { VECTORS_MAX = 512 };

static const char directory[] = EPIC_FIXTURES_DIR "/jwt";

static void read_file(const char *path, struct auth_buf *out)
{
    struct auth_err err = {0};
    auth_buf_init(out, 1024 * 1024);
    if (auth_file_read(path, out, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
}

static void load_keys(struct auth_view name, struct auth_jwk_set *keys)
{
    char path[512];
    struct auth_buf text;
    struct auth_err err = {0};
    struct auth_key *key = NULL;
    memset(keys, 0, sizeof *keys);
    if (name.n == 0)
        return;
    snprintf(path, sizeof path, "%s/keys/%.*s", EPIC_FIXTURES_DIR, (int)name.n, name.p);
    read_file(path, &text);
    enum auth_rc rc;
    if (auth_view_ends(name, ".pem")) {
        rc = auth_key_from_cert(auth_buf_view(&text), &key, &err);
        if (rc == AUTH_OK)
            rc = auth_jwk_set_of_key(key, keys);
    } else {
        rc = auth_jwk_set_parse(auth_buf_view(&text), keys, &err);
    }
    auth_buf_clear(&text);
    if (rc != AUTH_OK)
        fail_msg("%s: %s", path, err.detail);
}

static enum auth_key_source source_of(struct auth_view name)
{
    if (auth_view_equals(name, "cert"))
        return AUTH_KEYS_CERT;
    if (auth_view_equals(name, "jwks"))
        return AUTH_KEYS_JWKS;
    return auth_view_equals(name, "jwks_url") ? AUTH_KEYS_JWKS_URL : AUTH_KEYS_NONE;
}

static bool flag(const struct auth_json_node *object, const char *name)
{
    bool value = false;
    assert_true(auth_json_bool(auth_json_member(object, name), &value));
    return value;
}

static bool is_expected(const struct auth_json_node *fail, const char *rule)
{
    for (const struct auth_json_node *node = auth_json_first(fail); node; node = auth_json_next(node)) {
        if (auth_view_equals(auth_json_string(node), rule))
            return true;
    }
    return false;
}

/* The client as the mock would find it: by iss, else by sub. */
static struct auth_client_facts client_of(const struct auth_json_node *facts, const struct auth_jwt *jwt,
                                          const struct auth_jwk_set *keys, const struct auth_scope *scope,
                                          int64_t now_s)
{
    struct auth_view id = auth_json_member_string(facts, "client_id");
    return (struct auth_client_facts){
        .is_known = auth_view_equals_view(auth_jwt_claim_view(jwt, "iss"), id) ||
                    auth_view_equals_view(auth_jwt_claim_view(jwt, "sub"), id),
        .client_id = id,
        .usable_from_s = flag(facts, "synced") ? now_s : now_s + 1,
        .is_production = auth_view_equals(auth_json_member_string(facts, "environment"), "production"),
        .has_background_user = flag(facts, "background_user"),
        .key_source = source_of(auth_json_member_string(facts, "key_source")),
        .jwks_url = auth_json_member_string(facts, "jwks_url"),
        .keys = keys,
        .scopes = scope,
        .scope_count = 1,
    };
}

struct vector {
    struct auth_json *doc;
    struct auth_form form;
    struct auth_request_facts request;
    struct auth_jwt jwt;
    struct auth_jwk_set keys;
};

/* expect.causes, when it is there, is what the first failed rule must say, in that order and no more. */
static void check_causes(const struct auth_json_node *expect, const struct auth_report *report)
{
    const struct auth_json_node *cause = auth_json_first(auth_json_member(expect, "causes"));
    if (!cause)
        return;
    const struct auth_verdict *verdict = &report->verdicts[auth_rules_outcome(report).because];
    for (int i = 0; i < AUTH_CAUSES_MAX; i++, cause = auth_json_next(cause)) {
        const struct auth_cause_info *info = auth_rules_cause((enum auth_cause)verdict->causes[i]);
        struct auth_view wanted = cause ? auth_json_string(cause) : auth_view_from_string("NONE");
        if (!auth_view_equals(wanted, info->id) && !auth_view_equals(wanted, info->name))
            fail_msg("cause %d is %s", i, info->id);
    }
}

/* What is accepted warns of exactly the rules of expect.warn: a warning too many is as bad as one that is missing. */
static void check_warnings(const struct auth_json_node *expect, const struct auth_report *report)
{
    const struct auth_json_node *warn = auth_json_member(expect, "warn");
    if (!auth_rules_outcome(report).is_accepted)
        return;
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const char *id = auth_rules_info((enum auth_rule)i)->id;
        bool warned = report->verdicts[i].result == AUTH_WARN;
        if (warned != is_expected(warn, id))
            fail_msg("%s %s", id, warned ? "warns" : "does not warn");
    }
}

static void check_report(const struct auth_json_node *root, const struct auth_report *report)
{
    const struct auth_json_node *expect = auth_json_member(root, "expect");
    const struct auth_json_node *fail = auth_json_member(expect, "fail");
    struct auth_view error = auth_json_member_string(expect, "oauth_error");
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const char *id = auth_rules_info((enum auth_rule)i)->id;
        bool failed = report->verdicts[i].result == AUTH_FAIL;
        if (failed != is_expected(fail, id)) {
            struct auth_buf text;
            auth_buf_init(&text, 4096);
            auth_rules_summary(report, (enum auth_rule)i, &text);
            fail_msg("%s is %s: %s", id, auth_rules_result_text((enum auth_result)report->verdicts[i].result), text.p);
        }
    }
    check_warnings(expect, report);
    check_causes(expect, report);
    struct auth_outcome outcome = auth_rules_outcome(report);
    assert_true(auth_view_equals(error, outcome.is_accepted ? "" : auth_rules_error_text(outcome.error)));
}

/* All verdicts must be printable: nothing spoils, nothing untrusted comes out raw. */
static void check_texts(const struct auth_report *report)
{
    struct auth_buf out;
    struct auth_json_writer w;
    auth_buf_init(&out, 1024 * 1024);
    auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
    auth_rules_write(report, &w);
    assert_true(auth_buf_ok(&out));
    assert_int_equal(auth_json_check(auth_buf_view(&out), NULL), AUTH_OK);
    auth_buf_clear(&out);
}

static void judge(const struct auth_json_node *root, struct vector *v, struct auth_report *report)
{
    struct auth_report again;
    struct auth_err err = {0};
    const struct auth_json_node *facts = auth_json_member(root, "client");
    const struct auth_json_node *request = auth_json_member(root, "request");
    struct auth_view url = auth_json_member_string(root, "token_url");
    struct auth_scope scope;
    struct auth_view compact = auth_json_member_string(root, "compact");
    char *profile = auth_view_dup(auth_json_member_string(root, "profile"));
    int64_t now_s = 0;
    assert_true(auth_json_int(auth_json_member(root, "now_s"), &now_s));
    bool has_request = auth_json_type(request) == AUTH_JSON_OBJECT;
    if (has_request) {
        enum auth_rc rc = auth_form_parse(auth_json_member_string(request, "body"), &v->form, &err);
        v->request = (struct auth_request_facts){
            .method = auth_json_member_string(request, "method"),
            .query = auth_json_member_string(request, "query"),
            .content_type = auth_json_member_string(request, "content_type"),
            .authorization = auth_json_member_string(request, "authorization"),
            .form = &v->form,
            .form_rc = rc,
            .form_detail = auth_view_from_string(err.detail),
        };
        compact = auth_form_value(&v->form, "client_assertion");
    }
    assert_int_equal(auth_jwt_read(compact, &v->jwt), AUTH_OK);
    load_keys(auth_json_member_string(facts, "keys"), &v->keys);
    assert_true(auth_scope_read(auth_json_string(auth_json_first(auth_json_member(facts, "scopes"))), &scope));
    struct auth_client_facts client = client_of(facts, &v->jwt, &v->keys, &scope, now_s);
    struct auth_rules_input input = {
        .profile = auth_profile_named(profile),
        .now_s = now_s,
        .request = has_request ? &v->request : NULL,
        .jwt = &v->jwt,
        .client = &client,
        .audiences = &url,
        .audience_count = 1,
    };
    assert_int_equal(auth_rules_check(&input, report), AUTH_OK);
    assert_int_equal(auth_rules_check(&input, &again), AUTH_OK);
    assert_memory_equal(report->verdicts, again.verdicts, sizeof report->verdicts);
    if (auth_rules_outcome(report).is_accepted)
        auth_rules_set_replay(report, flag(root, "replayed"), now_s + 240);
    free(profile);
}

static void clear(struct vector *v)
{
    auth_jwk_set_clear(&v->keys);
    auth_jwt_clear(&v->jwt);
    auth_form_clear(&v->form);
    auth_json_free(v->doc);
}

static void test_vector(void **state)
{
    const char *name = *state;
    char path[512];
    struct auth_buf text;
    struct auth_err err = {0};
    struct auth_report report;
    struct vector v;
    memset(&v, 0, sizeof v);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    read_file(path, &text);
    if (auth_json_parse(auth_buf_view(&text), &v.doc, &err) != AUTH_OK)
        fail_msg("%s: %s", name, err.detail);
    const struct auth_json_node *fail = auth_json_member(auth_json_member(auth_json_root(v.doc), "expect"), "fail");
    assert_int_equal(auth_json_first(fail) == NULL, strncmp(name, "y_", 2) == 0);
    judge(auth_json_root(v.doc), &v, &report);
    check_report(auth_json_root(v.doc), &report);
    check_texts(&report);
    clear(&v);
    auth_buf_clear(&text);
}

/* ---- examples ---- */

/* The verdict that the file `name` gets from a rule, and how many rules it fails. */
static enum auth_result judge_file(const char *name, enum auth_rule rule, size_t *failed)
{
    char path[512];
    struct auth_buf text;
    struct auth_report report;
    struct vector v;
    memset(&v, 0, sizeof v);
    snprintf(path, sizeof path, "%s/%s.json", directory, name);
    read_file(path, &text);
    assert_int_equal(auth_json_parse(auth_buf_view(&text), &v.doc, NULL), AUTH_OK);
    judge(auth_json_root(v.doc), &v, &report);
    *failed = auth_rules_count(&report, AUTH_FAIL);
    clear(&v);
    auth_buf_clear(&text);
    return (enum auth_result)report.verdicts[rule].result;
}

/* What the rule page says a rule accepts is accepted by it, and its neighbour is rejected by it and nothing else. */
static void test_every_rule_has_an_example_that_holds(void **state)
{
    (void)state;
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        enum auth_rule rule = (enum auth_rule)i;
        const struct auth_rule_example *example = auth_rules_example(rule);
        size_t failed = 0;
        if (!example->accepted)
            fail_msg("no example of %s", auth_rules_info(rule)->id);
        enum auth_result result = judge_file(example->accepted_file, rule, &failed);
        if (failed != 0 || (result != AUTH_PASS && result != AUTH_WARN))
            fail_msg("%s: %s is %s", auth_rules_info(rule)->id, example->accepted_file, auth_rules_result_text(result));
        result = judge_file(example->rejected_file, rule, &failed);
        if (failed != 1 || result != AUTH_FAIL)
            fail_msg("%s: %s is %s", auth_rules_info(rule)->id, example->rejected_file, auth_rules_result_text(result));
    }
}

/* For each rule there is a file that fails it alone. */
static void test_every_rule_has_a_vector(void **state)
{
    bool covered[AUTH_RULE_COUNT] = {false};
    char **names = *state;
    for (; *names; names++) {
        char path[512];
        struct auth_buf text;
        struct auth_json *doc = NULL;
        snprintf(path, sizeof path, "%s/%s", directory, *names);
        read_file(path, &text);
        assert_int_equal(auth_json_parse(auth_buf_view(&text), &doc, NULL), AUTH_OK);
        const struct auth_json_node *first =
            auth_json_first(auth_json_member(auth_json_member(auth_json_root(doc), "expect"), "fail"));
        enum auth_rule rule = auth_rules_find(auth_json_string(first));
        if (rule != AUTH_RULE_NONE && !auth_json_next(first))
            covered[rule] = true;
        auth_json_free(doc);
        auth_buf_clear(&text);
    }
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (!covered[i])
            fail_msg("no vector fails %s alone", auth_rules_info((enum auth_rule)i)->id);
    }
}

int main(void)
{
    static struct CMUnitTest tests[VECTORS_MAX];
    static char *list[VECTORS_MAX];
    char **names = NULL;
    size_t count = 0;
    if (auth_file_names(directory, &names, &count, NULL) != AUTH_OK || count == 0 || count + 2 > VECTORS_MAX)
        return 1;
    for (size_t i = 0; i < count; i++) {
        list[i] = names[i];
        tests[i] = (struct CMUnitTest){names[i], test_vector, NULL, NULL, names[i]};
    }
    tests[count] = (struct CMUnitTest){"every rule has a vector", test_every_rule_has_a_vector, NULL, NULL, list};
    tests[count + 1] = (struct CMUnitTest){"every rule has an example that holds",
                                           test_every_rule_has_an_example_that_holds, NULL, NULL, NULL};
    int failed = _cmocka_run_group_tests("vectors", tests, count + 2, NULL, NULL);
    auth_file_names_free(names, count);
    return failed ? 1 : 0;
}
