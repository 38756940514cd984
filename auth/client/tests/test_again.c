/* Whatever went wrong, the same call can be made again: every public function after every kind of failure, and with every
 * pointer that may not be NULL being NULL. Run it under ASan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"

#define ENTRY(id) "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"" id "\"}}"
#define BUNDLE                                                                                                         \
    "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"?p=2\"}],\"entry\":[" ENTRY("a") "]}"
#define LAST "{\"resourceType\":\"Bundle\",\"entry\":[" ENTRY("b") "]}"

/* What a request can meet. */
static const struct step failures[] = {
    {.rc = AUTH_E_NETWORK},
    {.rc = AUTH_E_TIMEOUT, .takes_ms = 30000},
    {.rc = AUTH_E_TLS},
    {.rc = AUTH_E_TOO_BIG},
    {.rc = AUTH_E_PROTOCOL},
    {.rc = AUTH_E_NOMEM},
    {.status = 200, .body = ""},
    {.status = 200, .body = "<html>"},
    {.status = 200, .body = "{\"resourceType\":\"Bundle\""},
    {.status = 200, .body = "\xef\xbb\xbf{}"},
    {.status = 200, .body = "[[[[[[[[[["},
    {.status = 200, .body = "{\"access_token\":\"x y\",\"token_type\":\"Bearer\"}"},
    {.status = 200, .body = OUTCOME("exception")},
    {.status = 204, .body = ""},
    {.status = 302, .body = "", .header = "location: /x\n"},
    {.status = 400, .body = OUTCOME("invalid")},
    {.status = 400, .body = REFUSAL, .date_s = 1790000500},
    {.status = 401, .body = ""},
    {.status = 403, .body = "", .header = "www-authenticate: Bearer error=\"invalid_token\"\n"},
    {.status = 404, .body = "<html>"},
    {.status = 429, .body = REFUSAL, .header = "retry-after: 77\n"},
    {.status = 500, .body = "\"\""},
    {.status = 503, .body = "", .header = "retry-after: 99999999999999999999\n"},
};
enum { FAILURES = sizeof failures / sizeof *failures };

/* A server that answers every request with the failure while is_down, and well afterwards. */
struct server {
    struct auth_http http;
    struct script script;
    const struct step *failure;
    bool is_token_down, is_fhir_down;
    int requests;
};

static const char *body_for(const char *url)
{
    return strcmp(url, TOKEN_URL) == 0 ? TOKEN("t", "3600")
           : strstr(url, "/metadata")  ? "{\"resourceType\":\"CapabilityStatement\"}"
           : strstr(url, "?p=2")       ? LAST
           : strstr(url, "/Patient/")  ? PATIENT
                                       : BUNDLE;
}

static enum auth_rc serve(struct auth_http *http, const struct auth_http_request *request,
                          struct auth_http_response *response, struct auth_err *err)
{
    struct server *server = (struct server *)http;
    bool is_token = strcmp(request->url, TOKEN_URL) == 0;
    bool is_down = is_token ? server->is_token_down : server->is_fhir_down;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 65536);
    auth_buf_init_secret(&response->body, 65536);
    server->requests++;
    script_pass(&server->script, is_down ? server->failure->takes_ms : 1);
    if (is_down && server->failure->rc != AUTH_OK)
        return auth_err_set(err, server->failure->rc, "as ordered");
    response->status = is_down ? server->failure->status : 200;
    response->date_s = is_down ? server->failure->date_s : 0;
    auth_buf_add_string(&response->headers, is_down && server->failure->header ? server->failure->header : "");
    auth_buf_add_string(&response->body, is_down ? server->failure->body : body_for(request->url));
    return AUTH_OK;
}

static void do_not_free(struct auth_http *http)
{
    (void)http;
}

static struct epic_auth *start(struct server *server)
{
    struct epic_auth_options options = {.size = sizeof options,
                                        .client_id = "me",
                                        .token_url = TOKEN_URL,
                                        .fhir_base_url = BASE,
                                        .env_file = "",
                                        .private_key_path = EPIC_FIXTURES_DIR "/keys/p256_a.TESTKEY.pem"};
    struct epic_auth *auth = NULL;
    struct epic_auth *unused = script_start(&server->script, NULL, 0, &options); /* for its clocks */
    server->http = (struct auth_http){.send = serve, .free = do_not_free};
    if (auth_client_new(&options, &server->http, &server->script.env, &auth, NULL) != EPIC_AUTH_OK)
        fail_msg("no handle");
    epic_auth_free(unused);
    return auth;
}

/* ---- the calls ---- */

enum call { CALL_TOKEN, CALL_GET, CALL_PATH, CALL_NEXT, CALL_PAGE, CALLS };

static enum epic_auth_rc make(enum call call, struct epic_auth *auth, struct epic_auth_search *search, char **text,
                              struct epic_auth_error *error)
{
    switch (call) {
    case CALL_TOKEN:
        return epic_auth_access_token(auth, text, error);
    case CALL_GET:
        return epic_auth_fhir_get(auth, "Patient", "p", text, error);
    case CALL_PATH:
        return epic_auth_fhir_get_path(auth, "metadata", text, error);
    case CALL_NEXT:
        return epic_auth_search_next(search, text, error);
    default:
        return epic_auth_search_page(search, text, error);
    }
}

/* A failed call: its outputs are as promised, and the small functions can be used. */
static void look_around(struct epic_auth *auth, const struct epic_auth_search *search, enum epic_auth_rc rc,
                        const struct epic_auth_error *error)
{
    size_t count;
    assert_int_equal(error->rc, rc);
    assert_true(error->message[0] || rc == EPIC_AUTH_E_END);
    assert_non_null(epic_auth_search_issues(search, &count));
    assert_string_equal(epic_auth_search_mode(search), "");
    assert_true(epic_auth_token_lifetime(auth) >= -1);
    FILE *to = tmpfile();
    assert_non_null(to);
    epic_auth_error_print(to, error);
    assert_true(ftell(to) > 0);
    fclose(to);
}

static void expect_again(enum call call, const struct step *failure, bool is_token_down, bool after_a_page)
{
    struct server server = {.failure = failure};
    struct epic_auth *auth = start(&server);
    struct epic_auth_search *search = NULL;
    struct epic_auth_error error;
    char *text = NULL;
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", NULL, 0, &search, &error), EPIC_AUTH_OK);
    if (after_a_page) {
        assert_int_equal(make(call, auth, search, &text, &error), EPIC_AUTH_OK);
        epic_auth_string_free(text);
        epic_auth_token_drop(auth);
    }
    server.is_token_down = is_token_down;
    server.is_fhir_down = !is_token_down;
    for (int i = 0; i < 3; i++) {
        text = (char *)&server; /* to be overwritten */
        enum epic_auth_rc rc = make(call, auth, search, &text, &error);
        if (rc == EPIC_AUTH_OK || rc == EPIC_AUTH_E_END || text)
            fail_msg("call %d, failure %d: %s", call, (int)(failure - failures), epic_auth_rc_text(rc));
        look_around(auth, search, rc, &error);
        script_pass(&server.script, 200000); /* beyond all that is remembered */
    }
    server.is_token_down = server.is_fhir_down = false;
    assert_int_equal(make(call, auth, search, &text, &error), EPIC_AUTH_OK);
    const char *wanted = after_a_page ? LAST : BUNDLE;
    if (call == CALL_PAGE)
        assert_string_equal(text, wanted);
    if (call == CALL_NEXT)
        assert_non_null(strstr(text, after_a_page ? "\"b\"" : "\"a\""));
    epic_auth_string_free(text);
    epic_auth_search_free(search);
    epic_auth_free(auth);
}

static void test_every_call_after_every_failure(void **state)
{
    (void)state;
    for (int call = 0; call < CALLS; call++) {
        for (int i = 0; i < FAILURES; i++) {
            for (int after_a_page = 0; after_a_page <= 1; after_a_page++) {
                expect_again((enum call)call, &failures[i], true, after_a_page);
                if (call != CALL_TOKEN)
                    expect_again((enum call)call, &failures[i], false, after_a_page);
            }
        }
    }
}

static void test_no_null_is_followed(void **state)
{
    struct server server = {.failure = failures};
    struct epic_auth *auth = start(&server);
    struct epic_auth_search *search = NULL;
    struct epic_auth_error error;
    char *text = (char *)&server;
    (void)state;
    assert_int_equal(epic_auth_new(NULL, NULL, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_new(NULL, NULL, NULL), EPIC_AUTH_E_ARGUMENT);
    for (int call = 0; call < CALLS; call++) {
        text = (char *)&server;
        if (call < CALL_NEXT)
            assert_int_equal(make((enum call)call, NULL, NULL, &text, &error), EPIC_AUTH_E_ARGUMENT);
        assert_int_equal(make((enum call)call, auth, NULL, NULL, &error), EPIC_AUTH_E_ARGUMENT);
        assert_int_equal(error.rc, EPIC_AUTH_E_ARGUMENT);
        assert_true(error.message[0]);
        assert_int_equal(make((enum call)call, auth, NULL, NULL, NULL), EPIC_AUTH_E_ARGUMENT);
        assert_int_equal(make((enum call)call, NULL, NULL, NULL, NULL), EPIC_AUTH_E_ARGUMENT);
    }
    assert_int_equal(epic_auth_search_next(NULL, &text, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_search_page(NULL, &text, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_get(auth, NULL, "x", &text, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_null(text);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", NULL, &text, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_get_path(auth, NULL, &text, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(NULL, "Patient", NULL, 0, &search, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", NULL, 0, NULL, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(auth, NULL, NULL, 0, &search, &error), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_fhir_search(auth, "Patient", NULL, 1, &search, &error), EPIC_AUTH_E_ARGUMENT);
    assert_null(search);
    assert_int_equal(epic_auth_patient_observations(auth, NULL, NULL, &search, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_patient_observations(NULL, "p", NULL, &search, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_patient_observations(auth, "p", NULL, NULL, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_assertion(NULL, &text, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_assertion(auth, NULL, NULL), EPIC_AUTH_E_ARGUMENT);
    assert_int_equal(epic_auth_token_lifetime(NULL), -1);
    epic_auth_token_drop(NULL);
    assert_null(epic_auth_search_issues(NULL, NULL));
    assert_string_equal(epic_auth_search_mode(NULL), "");
    epic_auth_search_free(NULL);
    epic_auth_string_free(NULL);
    epic_auth_error_print(stderr, NULL);
    epic_auth_error_print(NULL, &error);
    assert_int_equal(server.requests, 0);
    epic_auth_free(auth);
    epic_auth_free(NULL);
}

static void test_any_number_has_a_text(void **state)
{
    (void)state;
    assert_string_equal(epic_auth_rc_text((enum epic_auth_rc)99), "an unknown code");
    assert_string_equal(epic_auth_rc_text((enum epic_auth_rc) - 1), "an unknown code");
    assert_string_equal(epic_auth_rc_text((enum epic_auth_rc)(EPIC_AUTH_E_END + 1)), "an unknown code");
    assert_string_equal(epic_auth_rc_text(EPIC_AUTH_E_END), "no more");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_call_after_every_failure),
        cmocka_unit_test(test_no_null_is_followed),
        cmocka_unit_test(test_any_number_has_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
