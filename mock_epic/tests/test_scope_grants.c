/* Scopes on the wire: what an app may be given, what a token request narrows, what a token then opens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support.h"

static const char condition_path[] = SUPPORT_FHIR_PATH "/Condition?patient=erXuFYUfucBZaryVksYEcMg3";

static const char mixed[] = "[\"system/Patient.rs\",\"system/Observation.r?category=http://x|laboratory\","
                            "\"system/Claim.cu\",\"system/Condition.read\",\"system/Patient.r\"]";

static void test_scope_text_is_epics(void **state)
{
    static const struct {
        const char *scopes;
        int version;
        const char *shown;
    } rows[] = {
        {mixed, 2,
         "system/Claim.cu system/Condition.r system/Condition.s system/Observation.r?category=http://x|laboratory "
         "system/Patient.r system/Patient.s"},
        {mixed, 1, "system/Claim.write system/Condition.read system/Observation.read system/Patient.read"},
        {"[\"system/*.cruds\"]", 2, "system/*.cud system/*.r system/*.s"},
        {"[\"system/*.cruds\"]", 1, "system/*.read system/*.write"},
        {"[]", 2, ""},
    };
    struct support support;
    (void)state;
    support_init(&support, "epic");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        support_put_app(&support, SUPPORT_CLIENT_ID, rows[i].scopes, rows[i].version);
        struct support_answer answer =
            support_ask(&support, "system/Nothing.r+nonsense"); /* ignored, as Epic's list says */
        assert_int_equal(answer.status, 200);
        char *scope = support_member(answer.body, "scope");
        assert_string_equal(scope, rows[i].shown);
        free(scope);
        support_answer_clear(&answer);
    }
    support_clear(&support);
}

static void test_scope_of_an_app_must_be_one(void **state)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"{\"client_id\":\"x\",\"certificate\":\"%s\",\"scopes\":[\"user/Patient.r\"]}", "user/Patient.r"},
        {"{\"client_id\":\"x\",\"certificate\":\"%s\",\"scopes\":[\"system/Patient.sr\"]}", "system/Patient.sr"},
        {"{\"client_id\":\"x\",\"certificate\":\"%s\",\"scope_version\":3}", "1 or 2"},
        {"{\"client_id\":\"x\",\"certificate\":\"%s\",\"scope_version\":0}", "1 or 2"},
    };
    struct support support;
    (void)state;
    support_init(&support, "epic");
    struct support_answer app = support_send(&support, "GET", "/mock/apps/" SUPPORT_CLIENT_ID, NULL, NULL, NULL);
    const char *pem = strstr(app.body, "\"certificate\":\"") + strlen("\"certificate\":\"");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf body;
        auth_buf_init(&body, 65536);
        struct auth_view rest = auth_view_from_string(rows[i].body), before = auth_view_split(&rest, '%');
        auth_buf_add_view(&body, before);
        auth_buf_add(&body, pem, strcspn(pem, "\""));
        auth_buf_add(&body, rest.p + 1, rest.n - 1);
        struct support_answer answer = support_send(&support, "POST", "/mock/apps", NULL, NULL, body.p);
        if (answer.status != 422 && answer.status != 400)
            fail_msg("%s: %d", rows[i].body, answer.status);
        assert_non_null(strstr(answer.body, rows[i].part));
        support_answer_clear(&answer);
        auth_buf_clear(&body);
    }
    support_answer_clear(&app);
    support_clear(&support);
}

static const struct {
    const char *profile, *asked;
    int status;
    const char *shown; /* the scopes, or the error */
    int read_patient, search_condition;
} narrow_rows[] = {
    {"smart", NULL, 400, "invalid_scope", 0, 0},
    {"smart", "", 400, "invalid_scope", 0, 0},
    {"smart", "system/Patient.r", 200, "system/Patient.r", 200, 403},
    {"smart", "system/Patient.s", 200, "system/Patient.s", 403, 403},
    {"smart", "system/Condition.rs", 200, "system/Condition.rs", 403, 200},
    {"smart", "system/Condition.cruds", 200, "system/Condition.rs", 403, 200},
    {"smart", "system/Condition.read", 200, "system/Condition.read", 403, 200},
    {"smart", "system/Claim.write", 400, "invalid_scope", 0, 0}, /* .cu without .d has no v1 word, see below */
    {"smart", "system/Patient.sr", 400, "invalid_scope", 0, 0},
    {"smart", "system/Patient.r+openid", 400, "invalid_scope", 0, 0},
    {"smart scope_unknown=ignore", "system/Patient.r+openid", 200, "system/Patient.r", 200, 403},
    {"smart", "system/Encounter.rs", 400, "invalid_scope", 0, 0},
    {"smart", "patient/Patient.r", 400, "invalid_scope", 0, 0},
    {"smart", "system/Encounter.rs+system/Patient.rs", 200, "system/Patient.rs", 200, 403},
    {"smart", "system/*.s", 200, "system/Condition.s system/Patient.s", 403, 200},
    {"smart", "system/*.rs", 200, "system/Condition.r system/Condition.s system/Patient.r system/Patient.s", 200, 200},
    {"smart", "system/*.read", 200, "system/Condition.read system/Patient.read", 200, 200},
    {"smart", "system/Patient.r?_id=1", 200, "system/Patient.r?_id=1", 200, 403},
    {"lenient", NULL, 200, "system/Condition.r system/Condition.s system/Patient.r system/Patient.s", 200, 200},
    {"lenient", "system/Patient.r+openid", 200, "system/Patient.r", 200, 403},
    {"lenient", "openid", 400, "invalid_scope", 0, 0},
    {"epic", "system/Patient.r", 200, "system/Condition.r system/Condition.s system/Patient.r system/Patient.s", 200,
     200},
    {"epic scope=narrow", "system/Patient.r", 200, "system/Patient.r", 200, 403},
    {"epic scope=require", NULL, 400, "invalid_scope", 0, 0},
};

static void test_scope_narrows_and_is_enforced(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof narrow_rows / sizeof *narrow_rows; i++) {
        struct support support;
        support_init(&support, narrow_rows[i].profile);
        support_put_app(&support, SUPPORT_CLIENT_ID, "[\"system/Patient.rs\",\"system/Condition.rs\"]", 2);
        struct support_answer answer = support_ask(&support, narrow_rows[i].asked);
        char *shown = support_member(answer.body, answer.status == 200 ? "scope" : "error");
        if (answer.status != narrow_rows[i].status || strcmp(shown, narrow_rows[i].shown) != 0)
            fail_msg("%s, %s: %s", narrow_rows[i].profile, narrow_rows[i].asked ? narrow_rows[i].asked : "no scope",
                     answer.body);
        if (answer.status == 200) {
            char *token = support_member(answer.body, "access_token");
            int read = support_get(&support, SUPPORT_PATIENT_PATH, token),
                search = support_get(&support, condition_path, token);
            if (read != narrow_rows[i].read_patient || search != narrow_rows[i].search_condition)
                fail_msg("%s, %s: read %d, search %d", narrow_rows[i].profile, narrow_rows[i].asked, read, search);
            free(token);
        }
        free(shown);
        support_answer_clear(&answer);
        support_clear(&support);
    }
}

/* The refusal says why, and no jti is burned by it. */
static void test_scope_refusal_names_the_word(void **state)
{
    struct support support;
    (void)state;
    support_init(&support, "smart");
    char *form = support_new_form("scope-again", SUPPORT_NOW_S + 60), body[8192];
    snprintf(body, sizeof body, "%s&scope=system/Patient.r+system/Patient.sr", form);
    struct support_answer answer = support_send(&support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, body);
    assert_int_equal(answer.status, 400);
    char *description = support_member(answer.body, "error_description");
    assert_non_null(strstr(description, "scope.value: 'system/Patient.sr': no scope of the form"));
    free(description);
    support_answer_clear(&answer);
    snprintf(body, sizeof body, "%s&scope=system/Patient.r+system/Patient.rs", form);
    answer = support_send(&support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, body);
    assert_int_equal(answer.status, 200);
    support_answer_clear(&answer);
    free(form);
    support_clear(&support);
}

/* The v1 word for writing stands only where all of it is granted. */
static void test_scope_v1_write(void **state)
{
    static const struct {
        const char *granted, *shown;
    } rows[] = {
        {"[\"system/Claim.cud\"]", "system/Claim.write"},
        {"[\"system/Claim.cu\"]", "system/Claim.cu"},
    };
    struct support support;
    (void)state;
    support_init(&support, "smart");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        support_put_app(&support, SUPPORT_CLIENT_ID, rows[i].granted, 2);
        struct support_answer answer = support_ask(&support, "system/Claim.write");
        char *shown = support_member(answer.body, "scope");
        assert_string_equal(shown, rows[i].shown);
        free(shown);
        support_answer_clear(&answer);
    }
    support_clear(&support);
}

static enum mock_store_walk measure(void *ctx, const struct mock_store_key *key, struct auth_view value,
                                    int64_t *until_s, struct auth_buf *replacement)
{
    size_t *most = ctx;
    (void)key;
    (void)until_s;
    (void)replacement;
    if (value.n > *most)
        *most = value.n;
    return MOCK_STORE_KEEP;
}

/* An entry of the memory store costs about 70 bytes beside its value: 300 a token leave room for 230. */
static void test_scope_of_a_full_grant_takes_no_memory(void **state)
{
    static const char *const asked[] = {NULL, "system/*.rs", "system/*.cruds"};
    (void)state;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        struct support support;
        size_t most = 0;
        support_init(&support, asked[i] ? "smart" : "epic");
        struct support_answer answer = support_ask(&support, asked[i]);
        assert_int_equal(answer.status, 200);
        struct mock_store *store = support.instance.store;
        assert_int_equal(store->ops->each(store, MOCK_STORE_TOKEN, measure, &most), AUTH_OK);
        assert_in_range(most, 1, 100);
        support_answer_clear(&answer);
        support_clear(&support);
    }
}

static void test_scope_survives_ageing_and_is_listed(void **state)
{
    struct support support;
    (void)state;
    support_init(&support, "smart");
    struct support_answer answer = support_ask(&support, "system/Patient.r");
    char *token = support_member(answer.body, "access_token");
    assert_int_equal(support_admin(&support, "POST", "/mock/tokens/age", "{\"seconds\":299}"), 200);
    assert_int_equal(support_get(&support, SUPPORT_PATIENT_PATH, token), 200);
    assert_int_equal(support_get(&support, condition_path, token), 403);
    struct support_answer list = support_send(&support, "GET", "/mock/tokens", NULL, NULL, NULL);
    assert_non_null(strstr(list.body, "\"scope\":\"system/Patient.r\""));
    support_answer_clear(&list);
    support_answer_clear(&answer);
    free(token);
    support_clear(&support);
}

/* Names that begin alike, one before and one behind all others, and what stands for every type. */
static void test_scope_is_found_among_others(void **state)
{
    static const char some[] = "system/Account.r system/Medication.r system/MedicationRequest.s "
                               "system/Observation.r?category=x|b system/Observation.r?category=x|a "
                               "system/Observation.s system/ValueSet.rs system/Zebra.rs";
    static const char all[] = "system/*.s system/Observation.r?category=x|a";
    static const struct {
        const char *list, *type;
        enum mock_interaction what;
        bool is_allowed;
        size_t categories;
    } rows[] = {
        {some, "Account", MOCK_READ, true, 0},       {some, "Account", MOCK_SEARCH, false, 0},
        {some, "AdverseEvent", MOCK_READ, false, 0}, {some, "Medication", MOCK_READ, true, 0},
        {some, "Medication", MOCK_SEARCH, false, 0}, {some, "MedicationRequest", MOCK_SEARCH, true, 0},
        {some, "Media", MOCK_READ, false, 0},        {some, "Observation", MOCK_READ, true, 2},
        {some, "Observation", MOCK_SEARCH, true, 0}, {some, "ValueSet", MOCK_READ, true, 0},
        {some, "Task", MOCK_READ, false, 0},         {all, "ValueSet", MOCK_SEARCH, true, 0},
        {all, "Account", MOCK_READ, false, 0},       {all, "Observation", MOCK_READ, true, 1},
        {all, "Observation", MOCK_SEARCH, true, 0},  {"", "Patient", MOCK_READ, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_scopes scopes;
        struct auth_view codes[4];
        const struct mock_fhir_type *type = &mock_fhir_types[mock_fhir_type_find(auth_view_from_string(rows[i].type))];
        assert_string_equal(type->name, rows[i].type);
        assert_int_equal(mock_scopes_parse(auth_view_from_string(rows[i].list), MOCK_SCOPES_V2, &scopes, NULL),
                         AUTH_OK);
        assert_int_equal(mock_scopes_allow(&scopes, type, rows[i].what), rows[i].is_allowed);
        assert_int_equal(mock_scopes_categories(&scopes, type, rows[i].what, codes, 4), rows[i].categories);
        mock_scopes_clear(&scopes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope_text_is_epics),
        cmocka_unit_test(test_scope_is_found_among_others),
        cmocka_unit_test(test_scope_of_an_app_must_be_one),
        cmocka_unit_test(test_scope_narrows_and_is_enforced),
        cmocka_unit_test(test_scope_refusal_names_the_word),
        cmocka_unit_test(test_scope_v1_write),
        cmocka_unit_test(test_scope_of_a_full_grant_takes_no_memory),
        cmocka_unit_test(test_scope_survives_ageing_and_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
