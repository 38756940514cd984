/* The whole server without sockets: tokens, replay, expiry, introspection, and what needs no token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/tests/support.h"

static int post_form(struct support *support, const char *form)
{
    return support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
}

/* ---- token endpoint ---- */

static void test_token_good_assertion_is_issued_as_epic_writes_it(void **state)
{
    char *form = support_form("y_plain");
    struct support_answer answer = support_send(*state, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    assert_int_equal(answer.status, 200);
    assert_memory_equal(answer.body, "{\r\n  \"access_token\": \"", 22);
    assert_non_null(strstr(
        answer.body, "\",\r\n  \"token_type\": \"Bearer\",\r\n  \"expires_in\": 3600,\r\n  \"scope\": \"system/"));
    support_answer_clear(&answer);
    free(form);
}

static void test_token_refusal_is_epics_byte_for_byte(void **state)
{
    char *form = support_form("n_aud_trailing_slash");
    struct support_answer answer = support_send(*state, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.body, "{\r\n  \"error\": \"invalid_client\",\r\n  \"error_description\": null\r\n}");
    char target[64];
    snprintf(target, sizeof target, "/mock/journal/%s", answer.decision);
    support_expect(*state, "GET", target, NULL, NULL, "\"rule\":\"aud.value\",\"claim\":\"aud\",\"result\":\"fail\"");
    support_answer_clear(&answer);
    free(form);
}

static void test_token_replay_is_refused_until_exp_and_when_the_clock_goes_back(void **state)
{
    char *form = support_new_form("again", SUPPORT_NOW_S + 100);
    char *later = support_new_form("again", SUPPORT_NOW_S + 250);
    assert_int_equal(post_form(*state, form), 200);
    assert_int_equal(post_form(*state, form), 400);
    assert_int_equal(post_form(*state, later), 400); /* the same jti in another assertion */
    assert_int_equal(support_admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":99}"), 200);
    assert_int_equal(post_form(*state, later), 400);
    assert_int_equal(support_admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":1000}"), 200);
    assert_int_equal(support_admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":-1010}"), 200);
    assert_int_equal(post_form(*state, later), 400); /* moved there and back: still remembered */
    assert_int_equal(support_admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":11}"), 200);
    assert_int_equal(post_form(*state, later), 200); /* at exp of the first the jti is free again */
    free(later);
    free(form);
}

static void test_token_refused_request_burns_no_jti(void **state)
{
    char *bad = support_new_form("spare", SUPPORT_NOW_S + 301);
    char *good = support_new_form("spare", SUPPORT_NOW_S + 300);
    assert_int_equal(post_form(*state, bad), 400);
    assert_int_equal(post_form(*state, good), 200);
    free(good);
    free(bad);
}

static void test_token_check_burns_no_jti(void **state)
{
    char *form = support_form("y_plain");
    char *jwt = strstr(form, "client_assertion=") + strlen("client_assertion=");
    support_expect(*state, "POST", "/mock/jwt/check", NULL, jwt, "\"outcome\":\"accepted\"");
    support_expect(*state, "POST", "/mock/jwt/check", NULL, jwt, "\"outcome\":\"accepted\"");
    assert_int_equal(post_form(*state, form), 200);
    support_expect(*state, "POST", "/mock/jwt/check", NULL, jwt,
                   "\"rule\":\"jti.replay\",\"claim\":\"jti\",\"result\":\"fail\"");
    free(form);
}

struct racer {
    struct support *support;
    const char *form;
    int status;
};

static void *race(void *ctx)
{
    struct racer *racer = ctx;
    racer->status = post_form(racer->support, racer->form);
    return NULL;
}

static void test_token_64_parallel_posts_of_one_assertion_give_one_token(void **state)
{
    enum { ROUNDS = 20, RACERS = 64 };
    for (int round = 0; round < ROUNDS; round++) {
        struct racer racers[RACERS];
        pthread_t threads[RACERS];
        char jti[32];
        int issued = 0;
        snprintf(jti, sizeof jti, "race-%d", round);
        char *form = support_new_form(jti, SUPPORT_NOW_S + 60);
        for (int i = 0; i < RACERS; i++) {
            racers[i] = (struct racer){*state, form, 0};
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        for (int i = 0; i < RACERS; i++) {
            pthread_join(threads[i], NULL);
            issued += racers[i].status == 200;
        }
        assert_int_equal(issued, 1);
        free(form);
    }
}

/* ---- bearer ---- */

static void test_bearer_token_works_until_its_last_second(void **state)
{
    char *token = support_token(*state);
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, token, NULL, NULL), 200);
    assert_int_equal(support_admin(*state, "POST", "/mock/tokens/age", "{\"seconds\":3599}"), 200);
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, token, NULL, NULL), 200);
    assert_int_equal(support_admin(*state, "POST", "/mock/tokens/age", "{\"seconds\":1}"), 200);
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, token, NULL, NULL), 401);
    free(token);
}

static void test_bearer_wrong_tokens_get_epics_401(void **state)
{
    char *token = support_token(*state);
    struct support_answer answer = support_send(*state, "GET", SUPPORT_PATIENT_PATH, "nonsense", NULL, NULL);
    assert_int_equal(answer.status, 401);
    assert_string_equal(answer.body, "\"\"");
    support_answer_clear(&answer);
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, NULL, NULL, NULL), 401);
    token[0] = token[0] == 'A' ? 'B' : 'A';
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, token, NULL, NULL), 401);
    free(token);
}

static void test_bearer_revoked_token_is_dead(void **state)
{
    char *token = support_token(*state);
    assert_int_equal(support_admin(*state, "POST", "/mock/tokens/revoke", "{}"), 200);
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, token, NULL, NULL), 401);
    free(token);
}

/* ---- introspection, metadata, the journal ---- */

/* Epic's members (O), and for anything but a live token of the asking app nothing but that it is not active. */
static void test_introspection(void **state)
{
    static const char target[] = "/interconnect-fhir-oauth/oauth2/introspect";
    struct support *support = *state;
    char *token = support_token(support), form[128];
    struct auth_json *doc = NULL;
    snprintf(form, sizeof form, "token=%s&token_type_hint=access_token", token);
    struct support_answer answer = support_send(support, "POST", target, token, SUPPORT_FORM_TYPE, form);
    assert_int_equal(answer.status, 200);
    assert_int_equal(auth_json_parse(auth_view_from_string(answer.body), &doc, NULL), AUTH_OK);
    const struct auth_json_node *root = auth_json_root(doc);
    bool is_active = false;
    int64_t exp_s = 0;
    assert_true(auth_json_bool(auth_json_member(root, "active"), &is_active) && is_active);
    assert_true(auth_json_int(auth_json_member(root, "exp"), &exp_s) && exp_s == SUPPORT_NOW_S + 3600);
    assert_true(auth_view_equals(auth_json_member_string(root, "client_id"), SUPPORT_CLIENT_ID));
    assert_true(
        auth_view_equals(auth_json_member_string(root, "iss"), "http://127.0.0.1:8423/interconnect-fhir-oauth/oauth2"));
    assert_int_equal(auth_json_member_string(root, "jti").n, 32);
    assert_null(strstr(answer.body, token));
    auth_json_free(doc);
    support_answer_clear(&answer);

    answer = support_send(support, "POST", target, token, SUPPORT_FORM_TYPE, "token=never-issued");
    assert_string_equal(answer.body, "{\"active\":false}");
    support_answer_clear(&answer);
    answer = support_send(support, "POST", target, token, SUPPORT_FORM_TYPE, "a=1");
    assert_int_equal(answer.status, 400);
    support_answer_clear(&answer);
    answer = support_send(support, "GET", target, token, NULL, NULL);
    assert_int_equal(answer.status, 400);
    support_answer_clear(&answer);
    answer = support_send(support, "POST", target, NULL, SUPPORT_FORM_TYPE, form);
    assert_int_equal(answer.status, 401);
    support_answer_clear(&answer);
    free(token);
}

static void test_metadata_and_smart_configuration_need_no_token(void **state)
{
    support_expect(*state, "GET", SUPPORT_FHIR_PATH "/metadata", NULL, NULL,
                   "\"resourceType\":\"CapabilityStatement\"");
    support_expect(*state, "GET", SUPPORT_FHIR_PATH "/.well-known/smart-configuration", NULL, NULL,
                   "\"token_endpoint\":\"http://127.0.0.1:8423" SUPPORT_TOKEN_PATH "\"");
}

static void test_journal_holds_no_secret(void **state)
{
    char *form = support_form("y_plain");
    char *signature = strrchr(form, '.') + 1;
    struct support_answer token = support_send(*state, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    struct support_answer journal = support_send(*state, "GET", "/mock/journal", NULL, NULL, NULL);
    struct support_answer tokens = support_send(*state, "GET", "/mock/tokens", NULL, NULL, NULL);
    char secret[44];
    snprintf(secret, sizeof secret, "%s", token.body + 22);
    assert_int_equal(strlen(secret), 43);
    assert_null(strstr(journal.body, secret));
    assert_null(strstr(tokens.body, secret));
    assert_null(strstr(journal.body, signature));
    assert_non_null(strstr(journal.body, "\"outcome\":\"issued\""));
    support_answer_clear(&tokens);
    support_answer_clear(&journal);
    support_answer_clear(&token);
    free(form);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_token_good_assertion_is_issued_as_epic_writes_it),
        TEST(test_token_refusal_is_epics_byte_for_byte),
        TEST(test_token_replay_is_refused_until_exp_and_when_the_clock_goes_back),
        TEST(test_token_refused_request_burns_no_jti),
        TEST(test_token_check_burns_no_jti),
        TEST(test_token_64_parallel_posts_of_one_assertion_give_one_token),
        TEST(test_bearer_token_works_until_its_last_second),
        TEST(test_bearer_wrong_tokens_get_epics_401),
        TEST(test_bearer_revoked_token_is_dead),
        TEST(test_introspection),
        TEST(test_metadata_and_smart_configuration_need_no_token),
        TEST(test_journal_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
