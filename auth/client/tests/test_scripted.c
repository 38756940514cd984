/* The client against answers that no honest server gives: a scripted transport in place of the network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/client.h"

#define TOKEN_URL "https://epic.example/oauth2/token"
#define BASE "https://epic.example/api/FHIR/R4"
#define TOKEN(text, life) "{\"access_token\":\"" text "\",\"token_type\":\"Bearer\",\"expires_in\":" life "}"

struct step {
    const char *url; /* what must be asked */
    int status;
    const char *body, *header; /* header: "name: value\n" */
};

struct script {
    struct auth_http http;
    const struct step *steps;
    size_t count, at;
    char bearer[8][64]; /* the Authorization header of each request */
    char assertion[2][4096];
};

static enum auth_rc play(struct auth_http *http, const struct auth_http_request *request,
                         struct auth_http_response *response, struct auth_err *err)
{
    struct script *script = (struct script *)http;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 65536);
    auth_buf_init_secret(&response->body, request->body_max ? request->body_max : 1024 * 1024);
    if (script->at == script->count)
        return auth_err_set(err, AUTH_E_NETWORK, "one request too many: %s", request->url);
    const struct step *step = &script->steps[script->at];
    if (strcmp(step->url, request->url) != 0)
        return auth_err_set(err, AUTH_E_NETWORK, "asked for %s instead of %s", request->url, step->url);
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, "Authorization") == 0)
            snprintf(script->bearer[script->at % 8], 64, "%.*s", (int)request->headers[i].value.n,
                     request->headers[i].value.p);
    }
    if (request->body.n)
        snprintf(script->assertion[script->at % 2], 4096, "%.*s", (int)request->body.n, request->body.p);
    script->at++;
    response->status = step->status;
    auth_buf_add_string(&response->headers, step->header ? step->header : "");
    auth_buf_add_string(&response->body, step->body);
    return AUTH_OK;
}

static void keep(struct auth_http *http)
{
    (void)http; /* it lives on the test's stack */
}

static struct epic_auth *start(struct script *script, const struct step *steps, size_t count)
{
    static const struct epic_auth_options options = {
        .size = sizeof options,
        .client_id = "me",
        .token_url = TOKEN_URL,
        .fhir_base_url = BASE,
        .private_key_path = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem",
        .env_file = "",
    };
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    memset(script, 0, sizeof *script);
    script->http = (struct auth_http){.send = play, .free = keep};
    script->steps = steps;
    script->count = count;
    if (auth_client_new(&options, &script->http, NULL, &auth, &error) != EPIC_AUTH_OK)
        fail_msg("%s", error.message);
    return auth;
}

#define START(script, steps) start(script, steps, sizeof(steps) / sizeof *(steps))

/* ---- the token answer ---- */

static void test_token_answers(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum epic_auth_rc rc;
    } rows[] = {
        {200, TOKEN("t", "3600"), EPIC_AUTH_OK},
        {200, "{\"access_token\":\"t\",\"token_type\":\"bEaReR\",\"expires_in\":300}", EPIC_AUTH_OK},
        {200, TOKEN("t\\r\\nX: y", "3600"), EPIC_AUTH_E_PROTOCOL},
        {200, TOKEN("", "3600"), EPIC_AUTH_E_PROTOCOL},
        {200, "{\"access_token\":7,\"token_type\":\"Bearer\",\"expires_in\":300}", EPIC_AUTH_E_PROTOCOL},
        {200, "{\"access_token\":\"t\",\"token_type\":\"mac\",\"expires_in\":300}", EPIC_AUTH_E_PROTOCOL},
        {200, "<html>log in</html>", EPIC_AUTH_E_PROTOCOL},
        {200, "{\"access_token\":\"t\",\"access_token\":\"u\",\"token_type\":\"Bearer\",\"expires_in\":300}",
         EPIC_AUTH_E_PROTOCOL},
        {302, "", EPIC_AUTH_E_PROTOCOL},
        {307, "", EPIC_AUTH_E_PROTOCOL},
        {400, "{\"error\":\"invalid_client\",\"error_description\":null}", EPIC_AUTH_E_OAUTH},
        {401, "{\"error\":\"invalid_client\",\"error_description\":\"because\"}", EPIC_AUTH_E_OAUTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct step steps[] = {{TOKEN_URL, rows[i].status, rows[i].body, "location: https://evil.example/\n"}};
        struct script script;
        struct epic_auth_error error;
        struct epic_auth *auth = START(&script, steps);
        char *token = NULL;
        enum epic_auth_rc rc = epic_auth_access_token(auth, &token, &error);
        if (rc != rows[i].rc || (rc == EPIC_AUTH_OK) != (token != NULL) || script.at != 1)
            fail_msg("row %zu: %s, \"%s\", %zu requests", i, epic_auth_rc_text(rc), error.message, script.at);
        epic_auth_string_free(token);
        epic_auth_free(auth);
    }
}

static void test_a_busy_server_is_asked_again_with_another_assertion(void **state)
{
    static const struct step steps[] = {
        {TOKEN_URL, 503, "busy", NULL},
        {TOKEN_URL, 200, TOKEN("t", "3600"), NULL},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *token = NULL;
    (void)state;
    assert_int_equal(epic_auth_access_token(auth, &token, &error), EPIC_AUTH_OK);
    assert_int_equal(script.at, 2);
    assert_string_not_equal(script.assertion[0], script.assertion[1]);
    epic_auth_string_free(token);
    epic_auth_free(auth);
}

/* ---- reads ---- */

static void test_one_replay_after_a_401_and_no_more(void **state)
{
    static const struct step steps[] = {
        {TOKEN_URL, 200, TOKEN("one", "3600"), NULL}, {BASE "/Patient/p", 401, "\"\"", NULL},
        {TOKEN_URL, 200, TOKEN("two", "3600"), NULL}, {BASE "/Patient/p", 200, "{}", NULL},
        {BASE "/Patient/p", 401, "\"\"", NULL},       {TOKEN_URL, 200, TOKEN("three", "3600"), NULL},
        {BASE "/Patient/p", 401, "\"\"", NULL},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_OK);
    epic_auth_string_free(json);
    assert_int_equal(script.at, 4);
    assert_string_equal(script.bearer[1], "Bearer one");
    assert_string_equal(script.bearer[3], "Bearer two");
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_DENIED);
    assert_int_equal(script.at, 7);
    epic_auth_free(auth);
}

static void test_ids_are_escaped_into_one_segment(void **state)
{
    static const struct step steps[] = {
        {TOKEN_URL, 200, TOKEN("t", "3600"), NULL},
        {BASE "/Patient/a%2F..%2Fb%3Fc", 404, "{}", NULL},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    enum epic_auth_rc rc = epic_auth_fhir_get(auth, "Patient", "a/../b?c", &json, &error);
    assert_true(rc == EPIC_AUTH_E_ARGUMENT || (rc == EPIC_AUTH_E_NOT_FOUND && script.at == 2));
    epic_auth_free(auth);
}

static void test_no_token_leaves_for_another_origin(void **state)
{
    static const char *const links[] = {
        "https://evil.example/api/FHIR/R4?page=2",
        "http://epic.example/api/FHIR/R4?page=2",
        "https://epic.example:444/x",
        "//evil.example/x",
        "https://epic.example@evil.example/x",
        "https://epic.example.evil.example/x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char bundle[512];
        snprintf(
            bundle, sizeof bundle,
            "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"%s\"}],\"entry\":[{\"search\":"
            "{\"mode\":\"match\"},\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p\"}}]}",
            links[i]);
        const struct step steps[] = {
            {TOKEN_URL, 200, TOKEN("t", "3600"), NULL},
            {BASE "/Patient?family=x", 200, bundle, NULL},
        };
        const struct epic_auth_param params[] = {{"family", "x"}};
        struct script script;
        struct epic_auth_error error;
        struct epic_auth_search *search = NULL;
        struct epic_auth *auth = START(&script, steps);
        char *json = NULL;
        assert_int_equal(epic_auth_fhir_search(auth, "Patient", params, 1, &search, &error), EPIC_AUTH_OK);
        assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_OK);
        epic_auth_string_free(json);
        enum epic_auth_rc rc = epic_auth_search_next(search, &json, &error);
        if (rc != EPIC_AUTH_E_ORIGIN && rc != EPIC_AUTH_E_PROTOCOL)
            fail_msg("%s: %s, \"%s\"", links[i], epic_auth_rc_text(rc), error.message);
        assert_int_equal(script.at, 2);
        epic_auth_search_free(search);
        epic_auth_free(auth);
    }
}

static void test_issues_of_an_error_are_all_carried(void **state)
{
    static const struct step steps[] = {
        {TOKEN_URL, 200, TOKEN("t", "3600"), NULL},
        {BASE "/Patient/p", 400,
         "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"fatal\",\"code\":\"invalid\",\"details\":"
         "{\"coding\":[{\"code\":\"59108\"}],\"text\":\"first\"}},{\"severity\":\"warning\",\"code\":\"processing\","
         "\"diagnostics\":\"second\"}]}",
         NULL},
    };
    struct script script;
    struct epic_auth_error error;
    struct epic_auth *auth = START(&script, steps);
    char *json = NULL;
    (void)state;
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "p", &json, &error), EPIC_AUTH_E_FHIR);
    assert_int_equal(error.http_status, 400);
    assert_int_equal(error.issue_count, 2);
    assert_string_equal(error.issues[0].coding, "59108");
    assert_string_equal(error.issues[0].text, "first");
    assert_string_equal(error.issues[1].diagnostics, "second");
    epic_auth_free(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_token_answers),
        cmocka_unit_test(test_a_busy_server_is_asked_again_with_another_assertion),
        cmocka_unit_test(test_one_replay_after_a_401_and_no_more),
        cmocka_unit_test(test_ids_are_escaped_into_one_segment),
        cmocka_unit_test(test_no_token_leaves_for_another_origin),
        cmocka_unit_test(test_issues_of_an_error_are_all_carried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
