/* JWK Set URLs: what is said when a set cannot be fetched, and which keys of a set count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support_jwks.h"

/* ---- when a set cannot be fetched ---- */

static void test_jwks_failures_are_named(void **state)
{
    static const struct {
        enum auth_rc rc;
        int status;
        const char *body, *headers, *error, *words;
    } rows[] = {
        {AUTH_E_TLS, 0, "", "", "tls", "the JWK Set URL"},
        {AUTH_E_TIMEOUT, 0, "", "", "timeout", "the JWK Set URL"},
        {AUTH_E_TOO_BIG, 0, "", "", "too_big", "the JWK Set URL"},
        {AUTH_E_NETWORK, 0, "", "", "network", "the JWK Set URL"},
        {AUTH_E_ORIGIN, 0, "", "", "blocked", "the JWK Set URL"},
        {AUTH_OK, 302, "", "location: https://x.example/\\u001b[31m\n", "redirect",
         "redirects (302) to https://x.example/"},
        {AUTH_OK, 401, "", "", "login", "wants a login"},
        {AUTH_OK, 403, "", "", "login", "wants a login"},
        {AUTH_OK, 404, "", "", "status", "nothing at the JWK Set URL (404)"},
        {AUTH_OK, 204, "", "", "status", "answers with status 204"},
        {AUTH_OK, 200, "<!DOCTYPE html><html></html>", "", "html", "gives an HTML page"},
        {AUTH_OK, 200, "", "", "not_a_jwks", "a JWK Set, {\\\"keys\\\":[...]}, is needed"},
        {AUTH_OK, 200, "{\"keys\":{}}", "", "not_a_jwks", "in a JWK Set it is an array"},
        {AUTH_OK, 200, "{\"keys\":[]}", "", "no_key", "it is empty"},
        {AUTH_OK, 200, "\x1f\x8b\x08", "content-encoding: gzip\n", "content_encoding", "Content-Encoding gzip"},
        {AUTH_OK, 200, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "", "not_a_jwks", "private or secret key"},
    };
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char part[64];
        if (rows[i].rc == AUTH_OK)
            web_answer(&stage->web, rows[i].status, rows[i].body, rows[i].headers);
        else
            web_fail(&stage->web, rows[i].rc);
        mock_apps_forget_jwks(&stage->support.instance.apps);
        expect_refused(stage, "rsa2048_a", "key-a", rows[i].words);
        snprintf(part, sizeof part, "\"status\":%d,\"error\":\"%s\"", rows[i].status, rows[i].error);
        expect_in(stage, "/mock/journal?kind=jwks&limit=1", part);
        expect_in(stage, "/mock/journal?kind=token&limit=1",
                  "\"rule\":\"key.source\",\"claim\":\"signature\",\"result\":\"fail\"");
    }
}

/* A set in which `count` keys of the one kid stand before the one that signed. */
static void web_serve_crowd(struct stage *stage, int count, struct auth_buf *set)
{
    struct auth_buf text;
    auth_buf_init(&text, 65536);
    auth_buf_reset(set);
    support_read_fixture("keys/ab.jwks.json", &text);
    char *first = strchr(strchr(text.p, '['), '{'), *second = strchr(first, '}') + 1;
    memcpy(strstr(second, "key-b"), "key-a", 5);
    auth_buf_add_string(set, "{\"keys\":[");
    for (int i = 0; i < count; i++) {
        auth_buf_add(set, first, (size_t)(second - first));
        auth_buf_add_char(set, ',');
    }
    auth_buf_add_string(set, strchr(second, '{'));
    web_answer(&stage->web, 200, set->p, "");
    mock_apps_forget_jwks(&stage->support.instance.apps);
    auth_buf_clear(&text);
}

static void test_jwks_more_keys_of_one_kid_than_are_tried(void **state)
{
    struct stage *stage = *state;
    struct auth_buf set; /* the web borrows it */
    auth_buf_init(&set, 65536);
    web_serve_crowd(stage, 7, &set);
    assert_int_equal(ask(stage, "rsa2048_b", "key-a", NULL), 200);
    web_serve_crowd(stage, 8, &set);
    expect_refused(stage, "rsa2048_b", "key-a", "not among the first 8 that fit");
    expect_refused(stage, "rsa2048_b", "", "not among the first 8 that fit");
    assert_int_equal(ask_a(stage), 200);
    auth_buf_clear(&set);
}

static void test_jwks_after_a_failure_rests_a_second(void **state)
{
    struct stage *stage = *state;
    web_fail(&stage->web, AUTH_E_NETWORK);
    assert_int_equal(ask_a(stage), 400);
    web_serve(&stage->web, "ab.jwks.json", "");
    stage->web.now_ms += 999;
    expect_refused(stage, "rsa2048_a", "key-a", "the JWK Set URL");
    assert_int_equal(web_sent(&stage->web), 1);
    stage->web.now_ms += 1;
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2);
}

static void test_jwks_fresh_set_survives_a_failed_look_for_a_new_key(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    web_fail(&stage->web, AUTH_E_NETWORK);
    assert_int_equal(ask(stage, "rsa3072_a", "key-z", NULL), 400);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2);
}

static void test_jwks_stale_set_counts_by_switch_only(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    web_fail(&stage->web, AUTH_E_NETWORK);
    stage_advance(stage, DAY_29H_S);
    assert_int_equal(ask_a(stage), 400);
    assert_int_equal(auth_profile_set(&stage->support.instance.profile, "jwks_stale=use", NULL), AUTH_OK);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2); /* resting; the stale one counts */
    stage->web.now_ms += 1000;
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 3); /* tried again first */
}

static void test_jwks_content_type_counts_by_switch_only(void **state)
{
    struct stage *epic = *state;
    web_serve(&epic->web, "ab.jwks.json", "content-type: text/plain\n");
    assert_int_equal(ask_a(epic), 200);
    struct stage *smart = stage_new("smart"); /* jwks_content_type=json */
    void *smart_state = smart;
    assert_int_equal(auth_profile_set(&smart->support.instance.profile, "scope=ignore", NULL), AUTH_OK);
    assert_int_equal(auth_profile_set(&smart->support.instance.profile, "typ=optional", NULL), AUTH_OK);
    web_serve(&smart->web, "ab.jwks.json", "content-type: text/plain\n");
    expect_refused(smart, "rsa2048_a", "key-a", "serve application/json");
    smart->web.now_ms += 1000;
    web_serve(&smart->web, "ab.jwks.json", "content-type: application/JSON; charset=utf-8\n");
    assert_int_equal(ask_a(smart), 200);
    stage_tear_down(&smart_state);
}

/* ---- which keys ---- */

static void test_jwks_url_honours_kid_and_takes_ec_keys(void **state)
{
    struct stage *stage = *state;
    expect_refused(stage, "rsa2048_a", "key-b", "\"rule\":\"signature\",\"claim\":\"signature\",\"result\":\"fail\"");
    assert_int_equal(ask_a(stage), 200);
    web_serve(&stage->web, "p256_a.jwks.json", "");
    assert_int_equal(ask(stage, "p256_a", "", NULL), 200);
    web_serve(&stage->web, "p384_a.jwks.json", "");
    assert_int_equal(ask(stage, "p384_a", "", NULL), 200);
    expect_refused(stage, "p256_a", "", "no registered key is of the type that alg needs");
}

static void test_jwks_oddities_are_warned_of(void **state)
{
    struct stage *stage = *state;
    web_serve(&stage->web, "dup_kid.jwks.json", "");
    assert_int_equal(ask_a(stage), 200);
    expect_in(stage, "/mock/apps/url-app", "key 2 (kid \\\"key-a\\\") has kid and kty of key 1");
}

static void test_jwks_jku_other_than_registered_is_refused_and_not_dialled(void **state)
{
    struct stage *stage = *state;
    static const struct {
        const char *jku;
        int status;
    } rows[] = {
        {"https://jwks.example.org/keys.json", 200},      {"https://jwks.example.org/keys.json/", 400},
        {"https://JWKS.example.org/keys.json", 400},      {"https://jwks.example.org/keys.json?", 400},
        {"https://evil.example.org/keys.json", 400},      {"http://jwks.example.org/keys.json", 400},
        {"http://169.254.169.254/latest/meta-data", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"RS384\",\"kid\":\"key-a\",\"jku\":\"%s\"}", rows[i].jku);
        char *form = support_signed_form(STAGE_APP_ID, "rsa2048_a", header, SUPPORT_NOW_S + 100);
        struct support_answer answer =
            support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
        assert_int_equal(answer.status, rows[i].status);
        support_answer_clear(&answer);
        free(form);
    }
    assert_int_equal(web_sent(&stage->web), 1);
}

static void test_jwks_url_that_epic_would_not_take_is_refused_at_registration(void **state)
{
    static const struct {
        const char *url, *words;
    } rows[] = {
        {"http://jwks.example.org/keys.json", "Epic wants TLS"},
        {"ftp://jwks.example.org/keys.json", ""},
        {"https://user:pw@jwks.example.org/keys.json", ""},
        {"https://jwks.example.org/keys.json#a", "fragment"},
        {"jwks.example.org/keys.json", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_app *app = NULL;
        struct auth_err err = {0};
        struct mock_app_parts parts = {.client_id = auth_view_from_string("x"),
                                       .jwks_url = auth_view_from_string(rows[i].url)};
        assert_int_equal(mock_app_make(&parts, 0, &app, &err), AUTH_E_SYNTAX);
        assert_non_null(strstr(err.detail, rows[i].words));
    }
}

/* ---- static keys ---- */

static void test_static_key_is_warned_of_accepted_or_refused_by_switch(void **state)
{
    static const struct {
        const char *value;
        int status;
        const char *result;
    } rows[] = {
        {"static_keys=warn", 200, "warn"}, {"static_keys=accept", 200, "pass"}, {"static_keys=refuse", 400, "fail"}};
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char part[96];
        char *form = support_signed_form(SUPPORT_CLIENT_ID, "rsa2048_a", "{\"alg\":\"RS384\"}", SUPPORT_NOW_S + 100);
        assert_int_equal(auth_profile_set(&stage->support.instance.profile, rows[i].value, NULL), AUTH_OK);
        struct support_answer answer =
            support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
        assert_int_equal(answer.status, rows[i].status);
        snprintf(part, sizeof part, "\"rule\":\"key.source\",\"claim\":\"signature\",\"result\":\"%s\"",
                 rows[i].result);
        expect_in(stage, "/mock/journal?kind=token&limit=1", part);
        if (strcmp(rows[i].result, "pass") != 0)
            expect_in(stage, "/mock/journal?kind=token&limit=1", "since February 2026");
        support_answer_clear(&answer);
        free(form);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_jwks_failures_are_named),
        TEST(test_jwks_more_keys_of_one_kid_than_are_tried),
        TEST(test_jwks_after_a_failure_rests_a_second),
        TEST(test_jwks_fresh_set_survives_a_failed_look_for_a_new_key),
        TEST(test_jwks_stale_set_counts_by_switch_only),
        TEST(test_jwks_content_type_counts_by_switch_only),
        TEST(test_jwks_url_honours_kid_and_takes_ec_keys),
        TEST(test_jwks_oddities_are_warned_of),
        TEST(test_jwks_jku_other_than_registered_is_refused_and_not_dialled),
        TEST(test_jwks_url_that_epic_would_not_take_is_refused_at_registration),
        TEST(test_static_key_is_warned_of_accepted_or_refused_by_switch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
