/* Faults on JWK Sets, both ways: those that this server fetches, before they are judged, and those that it serves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support_jwks.h"

static int call(struct stage *stage, const char *method, const char *target, const char *body)
{
    return support_status(&stage->support, method, target, NULL, body ? "application/json" : NULL, body);
}

static void disturb(struct stage *stage, const char *match, const char *action)
{
    char json[512];
    snprintf(json, sizeof json, "{\"match\":{\"route\":\"jwks\"%s},\"action\":%s}", match, action);
    assert_int_equal(call(stage, "POST", "/mock/faults", json), 201);
}

/* Of each: what the request's verdict or the fetch's entry says, and whether the web was asked. */
static void test_jwks_fault_acts_on_what_is_fetched(void **state)
{
    static const struct {
        const char *action, *error, *words;
        bool is_asked;
    } rows[] = {
        {"{\"status\":503}", "status", "answers with status 503", false},
        {"{\"status\":401}", "login", "wants a login (401)", false},
        {"{\"body\":\"<html><body>no</body></html>\"}", "html", "gives an HTML page", false},
        {"{\"body\":\"{}\"}", "not_a_jwks", "the JWK Set URL: ", false},
        {"{\"redirect\":{\"to\":\"foreign\"}}", "redirect", "redirects (307) to https://127.0.0.1/keys.json", false},
        {"{\"redirect\":{\"status\":302,\"to\":\"same\"}}", "redirect", "(302) to https://jwks.example.org/keys.json",
         false},
        {"{\"reset\":\"before\"}", "network", "the connection was reset", false},
        {"{\"reset\":10}", "network", "the connection was reset", true},
        {"{\"truncate\":10}", "network", "closed before the answer was whole", true},
        {"{\"wrong_content_length\":1}", "network", "closed before the answer was whole", true},
        {"{\"wrong_content_length\":-5}", "not_a_jwks", "the JWK Set URL: ", true},
        {"{\"gzip\":true}", "content_encoding", "Content-Encoding gzip", true},
        {"{\"pad_to\":70000}", "too_big", "it sent more than 65536 bytes", true},
        {"{\"set_field\":{\"keys\":[]}}", "no_key", "no key of the JWK Set can be used", true},
        {"{\"drop_field\":[\"keys\"]}", "not_a_jwks", "the JWK Set URL: ", true},
    };
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char error[64];
        int before = web_sent(&stage->web);
        call(stage, "POST", "/mock/reset", "{\"what\":[\"jwks\",\"journal\",\"faults\"]}");
        disturb(stage, "", rows[i].action);
        expect_refused(stage, "rsa2048_a", "key-a", rows[i].words);
        assert_int_equal(web_sent(&stage->web), before + rows[i].is_asked);
        snprintf(error, sizeof error, "\"error\":\"%s\"", rows[i].error);
        expect_in(stage, "/mock/journal?kind=jwks", error);
        snprintf(error, sizeof error, "\"faults\":[%zu]", i + 1);
        expect_in(stage, "/mock/journal?kind=jwks", error);
    }
    call(stage, "POST", "/mock/reset", "{\"what\":[\"jwks\",\"faults\"]}");
    assert_int_equal(ask_a(stage), 200);
    expect_in(stage, "/mock/journal?kind=jwks&limit=1", "\"faults\":[]");
}

/* What a fault leaves whole is used; and it chooses by count, path and client, as everywhere. */
static void test_jwks_fault_chooses(void **state)
{
    static const struct {
        const char *match;
        int status;
    } rows[] = {
        {"", 400},
        {",\"nth\":2", 200},
        {",\"method\":\"GET\"", 400},
        {",\"method\":\"POST\"", 200},
        {",\"path\":\"/keys.json\"", 400},
        {",\"path\":\"/keys.jso\"", 200},
        {",\"client_id\":\"url-app\"", 400},
        {",\"client_id\":\"another\"", 200},
    };
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        call(stage, "POST", "/mock/reset", "{\"what\":[\"jwks\",\"faults\"]}");
        disturb(stage, rows[i].match, "{\"status\":500}");
        assert_int_equal(ask_a(stage), rows[i].status);
    }
    call(stage, "POST", "/mock/reset", "{\"what\":[\"jwks\",\"faults\"]}");
    disturb(stage, "", "{\"headers\":{\"Cache-Control\":\"max-age=60\"}}");
    assert_int_equal(ask_a(stage), 200);
    expect_in(stage, "/mock/apps/url-app", "\"fresh_until\":1790000060");
}

/* ---- sets of this server ---- */

static void expect_set(struct stage *stage, const char *id, int status, const char *part)
{
    char target[128];
    snprintf(target, sizeof target, "/mock/jwks/%s", id);
    struct support_answer answer = support_send(&stage->support, "GET", target, NULL, NULL, NULL);
    assert_int_equal(answer.status, status);
    if (!strstr(answer.body, part))
        fail_msg("%s: no %s in %s", target, part, answer.body);
    support_answer_clear(&answer);
}

static void test_jwks_of_an_app_is_served(void **state)
{
    struct stage *stage = *state;
    struct auth_buf set;
    expect_set(stage, SUPPORT_CLIENT_ID, 200, "{\"keys\":[{\"kty\":\"RSA\"");
    expect_set(stage, "nobody", 404, "no app of that client_id");
    expect_set(stage, STAGE_APP_ID, 404, "the app has a JWK Set URL");
    support_read_fixture("keys/ab.jwks.json", &set);
    assert_int_equal(call(stage, "PUT", "/mock/jwks/" STAGE_APP_ID, set.p), 200);
    expect_set(stage, STAGE_APP_ID, 200, "\"key-b\"");
    expect_in(stage, "/mock/journal?kind=admin&limit=1", "\"note\":\"2 keys published\"");
    expect_in(stage, "/mock/journal?kind=jwks&limit=1", "\"client_id\":\"url-app\",\"status\":200");
    assert_int_equal(call(stage, "PUT", "/mock/jwks/" SUPPORT_CLIENT_ID, set.p), 200);
    expect_set(stage, SUPPORT_CLIENT_ID, 200, "\"key-b\"");
    assert_int_equal(call(stage, "DELETE", "/mock/jwks/" SUPPORT_CLIENT_ID, NULL), 204);
    assert_int_equal(call(stage, "DELETE", "/mock/jwks/" SUPPORT_CLIENT_ID, NULL), 404);
    expect_set(stage, SUPPORT_CLIENT_ID, 200, "\"kty\":\"RSA\"");
    assert_int_equal(call(stage, "POST", "/mock/reset", "{\"what\":[\"apps\"]}"), 200);
    expect_set(stage, STAGE_APP_ID, 404, "\"");
    assert_int_equal(call(stage, "PUT", "/mock/jwks/x", "{\"keys\":[]}"), 422);
    assert_int_equal(call(stage, "PUT", "/mock/jwks/x", "no set"), 422);
    assert_int_equal(call(stage, "POST", "/mock/jwks/x", "{}"), 405);
    auth_buf_clear(&set);
}

static void test_jwks_fault_acts_on_what_is_served(void **state)
{
    struct stage *stage = *state;
    disturb(stage, ",\"client_id\":\"another\"", "{\"status\":500}");
    expect_set(stage, SUPPORT_CLIENT_ID, 200, "\"keys\"");
    disturb(stage, ",\"client_id\":\"" SUPPORT_CLIENT_ID "\"", "{\"status\":503,\"body\":\"down\"}");
    expect_set(stage, SUPPORT_CLIENT_ID, 503, "down");
    expect_in(stage, "/mock/journal?kind=jwks&limit=1", "\"status\":503");
    expect_in(stage, "/mock/journal?kind=jwks&limit=1", "\"faults\":[2]");
    assert_int_equal(call(stage, "DELETE", "/mock/faults", NULL), 204);
    expect_set(stage, SUPPORT_CLIENT_ID, 200, "\"keys\"");
}

/* A HEAD is one, and says nothing of a body; whatever else stands there is the admin API's. */
static void test_jwks_paths_beside_it(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(call(stage, "HEAD", "/mock/jwks/" SUPPORT_CLIENT_ID, NULL), 200);
    assert_int_equal(call(stage, "GET", "/mock/jwks", NULL), 404);
    assert_int_equal(call(stage, "GET", "/mock/jwks/", NULL), 404);
    assert_int_equal(call(stage, "GET", "/mock/jwks/a/b", NULL), 404);
    assert_int_equal(call(stage, "GET", "/mock/jwksx", NULL), 404);
    disturb(stage, "", "{\"status\":503}");
    assert_int_equal(call(stage, "PUT", "/mock/jwks/x", "no set"), 422);
    assert_int_equal(call(stage, "GET", "/mock/jwks/x", NULL), 503);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_jwks_fault_acts_on_what_is_fetched),
        TEST(test_jwks_fault_chooses),
        TEST(test_jwks_of_an_app_is_served),
        TEST(test_jwks_fault_acts_on_what_is_served),
        TEST(test_jwks_paths_beside_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
