/* The whole server without sockets: tokens, replay, expiry, FHIR, admin. */
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

static const char form_type[] = "application/x-www-form-urlencoded";
static const char patient_path[] = SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3";

/* Status of a request; the body is dropped. */
static int status_of(struct support *support, const char *method, const char *target, const char *bearer,
                     const char *type, const char *body)
{
    struct support_answer answer = support_send(support, method, target, bearer, type, body);
    int status = answer.status;
    support_answer_clear(&answer);
    return status;
}

static int post_form(struct support *support, const char *form)
{
    return status_of(support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
}

static int admin(struct support *support, const char *method, const char *target, const char *body)
{
    return status_of(support, method, target, NULL, "application/json", body);
}

static void expect_body(struct support *support, const char *method, const char *target, const char *bearer,
                        const char *body, const char *part)
{
    struct support_answer answer = support_send(support, method, target, bearer, NULL, body);
    if (!strstr(answer.body, part))
        fail_msg("%s %s: no %s in %s", method, target, part, answer.body);
    support_answer_clear(&answer);
}

/* ---- token endpoint ---- */

static void test_token_good_assertion_is_issued_as_epic_writes_it(void **state)
{
    char *form = support_form("y_plain");
    struct support_answer answer = support_send(*state, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
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
    struct support_answer answer = support_send(*state, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.body, "{\r\n  \"error\": \"invalid_client\",\r\n  \"error_description\": null\r\n}");
    char target[64];
    snprintf(target, sizeof target, "/mock/journal/%s", answer.decision);
    expect_body(*state, "GET", target, NULL, NULL, "\"rule\":\"aud.value\",\"claim\":\"aud\",\"result\":\"fail\"");
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
    assert_int_equal(admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":99}"), 200);
    assert_int_equal(post_form(*state, later), 400);
    assert_int_equal(admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":1000}"), 200);
    assert_int_equal(admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":-1010}"), 200);
    assert_int_equal(post_form(*state, later), 400); /* moved there and back: still remembered */
    assert_int_equal(admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":11}"), 200);
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
    expect_body(*state, "POST", "/mock/jwt/check", NULL, jwt, "\"outcome\":\"accepted\"");
    expect_body(*state, "POST", "/mock/jwt/check", NULL, jwt, "\"outcome\":\"accepted\"");
    assert_int_equal(post_form(*state, form), 200);
    expect_body(*state, "POST", "/mock/jwt/check", NULL, jwt,
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
    assert_int_equal(status_of(*state, "GET", patient_path, token, NULL, NULL), 200);
    assert_int_equal(admin(*state, "POST", "/mock/tokens/age", "{\"seconds\":3599}"), 200);
    assert_int_equal(status_of(*state, "GET", patient_path, token, NULL, NULL), 200);
    assert_int_equal(admin(*state, "POST", "/mock/tokens/age", "{\"seconds\":1}"), 200);
    assert_int_equal(status_of(*state, "GET", patient_path, token, NULL, NULL), 401);
    free(token);
}

static void test_bearer_wrong_tokens_get_epics_401(void **state)
{
    char *token = support_token(*state);
    struct support_answer answer = support_send(*state, "GET", patient_path, "nonsense", NULL, NULL);
    assert_int_equal(answer.status, 401);
    assert_string_equal(answer.body, "\"\"");
    support_answer_clear(&answer);
    assert_int_equal(status_of(*state, "GET", patient_path, NULL, NULL, NULL), 401);
    token[0] = token[0] == 'A' ? 'B' : 'A';
    assert_int_equal(status_of(*state, "GET", patient_path, token, NULL, NULL), 401);
    free(token);
}

static void test_bearer_revoked_token_is_dead(void **state)
{
    char *token = support_token(*state);
    assert_int_equal(admin(*state, "POST", "/mock/tokens/revoke", "{}"), 200);
    assert_int_equal(status_of(*state, "GET", patient_path, token, NULL, NULL), 401);
    free(token);
}

/* ---- FHIR ---- */

struct row {
    const char *name, *target;
    int status;
    const char *part;
};

/* Epic's members (O), and for anything but a live token of the asking app nothing but that it is not active. */
static void test_introspection(void **state)
{
    static const char target[] = "/interconnect-fhir-oauth/oauth2/introspect";
    struct support *support = *state;
    char *token = support_token(support), form[128];
    struct auth_json *doc = NULL;
    snprintf(form, sizeof form, "token=%s&token_type_hint=access_token", token);
    struct support_answer answer = support_send(support, "POST", target, token, form_type, form);
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

    answer = support_send(support, "POST", target, token, form_type, "token=never-issued");
    assert_string_equal(answer.body, "{\"active\":false}");
    support_answer_clear(&answer);
    answer = support_send(support, "POST", target, token, form_type, "a=1");
    assert_int_equal(answer.status, 400);
    support_answer_clear(&answer);
    answer = support_send(support, "GET", target, token, NULL, NULL);
    assert_int_equal(answer.status, 400);
    support_answer_clear(&answer);
    answer = support_send(support, "POST", target, NULL, form_type, form);
    assert_int_equal(answer.status, 401);
    support_answer_clear(&answer);
    free(token);
}

static void test_fhir_rows(void **state)
{
    static const struct row rows[] = {
        {"read", "/Patient/erXuFYUfucBZaryVksYEcMg3", 200, "\"id\":\"erXuFYUfucBZaryVksYEcMg3\""},
        {"unknown id", "/Patient/erXuFYUfucBZaryVksYEcMg4", 404, "59008"},
        {"unknown type", "/FakeType/1", 404, "<html>"},
        {"a type that cannot be searched", "/Provenance", 404, "<html>"},
        {"traversal", "/Patient/../Patient/erXuFYUfucBZaryVksYEcMg3", 404, "<html>"},
        {"escaped traversal", "/Patient/%2e%2e%2fetc", 404, "<html>"},
        {"dot segment", "/Patient/..", 404, "<html>"},
        {"history", "/Patient/erXuFYUfucBZaryVksYEcMg3/_history", 404, "<html>"},
        {"search by _id", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3", 200, "\"total\":1"},
        {"search by unknown _id", "/Patient?_id=nobody", 400, "59008"},
        {"patient without demographics", "/Patient", 400, "59159"},
        {"observations by category", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital-signs", 200,
         "\"total\":24"},
        {"by subject", "/Observation?subject=Patient/erXuFYUfucBZaryVksYEcMg3&category=laboratory", 200, "\"total\":6"},
        {"by system and code", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=http://loinc.org%7C8867-4", 200,
         "\"total\":3"},
        {"by code of another system", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=http://x%7C8867-4", 200,
         "\"total\":0"},
        {"two codes", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=8867-4,9279-1", 200, "\"total\":6"},
        {"category and code", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory&code=8867-4", 200,
         "\"total\":0"},
        {"observations without category", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3", 400, "59108"},
        {"observations without patient", "/Observation?category=laboratory", 400, "59159"},
        {"unknown category", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=symptom", 400, "59111"},
        {"two patients", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&subject=eq081-VQEgP8drUUqCWzHfw3", 400, "4112"},
        {"unknown patient", "/Condition?patient=nobody", 400, "59102"},
        {"nothing found", "/Condition?patient=egqBHVfQlt4Bw3XGXoxVxHg3", 200, "4101"},
        {"allergies without patient", "/AllergyIntolerance", 403, "4118"},
        {"_id only", "/Medication?patient=erXuFYUfucBZaryVksYEcMg3", 400, "Only an _ID search is allowed."},
        {"unknown parameter", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&foo=1", 200, "Unknown parameter: FOO."},
        {"modifier", "/Condition?patient:exact=erXuFYUfucBZaryVksYEcMg3", 400, "Unsupported modifier"},
        {"_count -1", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_count=-1", 400, "59102"},
        {"_count 0", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_count=0", 200, "\"total\":2"},
        {"bad escape", "/Condition?patient=%zz", 400, "59102"},
        {"foreign session", "/Condition?sessionID=1-00000000000000000000000000000000", 400, "4113"},
        {"_id twice in a list", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3,erXuFYUfucBZaryVksYEcMg3", 200, "\"total\":1"},
        {"two of _id", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3,eq081-VQEgP8drUUqCWzHfw3,erXuFYUfucBZaryVksYEcMg3", 200,
         "\"total\":2"},
        {"_id twice ANDed",
         "/Patient?_id=erXuFYUfucBZaryVksYEcMg3&_id=eq081-VQEgP8drUUqCWzHfw3,erXuFYUfucBZaryVksYEcMg3", 200,
         "\"total\":1"},
        {"_id twice, nothing in common", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3&_id=eq081-VQEgP8drUUqCWzHfw3", 200,
         "\"total\":0"},
        {"_id with empty values", "/Patient?_id=,erXuFYUfucBZaryVksYEcMg3,&_id=", 200, "\"total\":1"},
        {"_id of commas", "/Patient?_id=,,", 400, "59159"},
        {"_id, one unknown", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3,nobody", 400, "59008"},
        {"category, then empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital-signs&category=", 200,
         "\"total\":24"},
        {"category, after empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=&category=vital-signs", 200,
         "\"total\":24"},
        {"category twice in a list", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital-signs,vital-signs",
         200, "\"total\":24"},
        {"category with empty values", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=,vital-signs,", 200,
         "\"total\":24"},
        {"any category of a system",
         "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=http://terminology.hl7.org/CodeSystem/"
         "observation-category%7C&code=8867-4",
         200, "\"total\":3"},
        {"category only empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=", 400, "59108"},
        {"category of commas", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=,", 400, "59108"},
        {"category empty beside code", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=&code=8867-4", 200,
         "\"total\":3"},
        {"code, then empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=8867-4&code=", 200, "\"total\":3"},
        {"code twice in a list", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=8867-4,8867-4,", 200,
         "\"total\":3"},
        {"code only empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=", 400, "59108"},
        {"patient, then empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&patient=&subject=", 200, "\"total\":2"},
        {"patient only empty", "/Condition?patient=", 400, "59159"},
        {"_count empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_count=", 200, "\"total\":2"},
        {"_count, then empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_count=1&_count=", 200, "\"total\":1"},
        {"_summary empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_summary=", 200, "\"total\":2"},
        {"_format empty", "/Patient/erXuFYUfucBZaryVksYEcMg3?_format=", 200, "\"id\":\"erXuFYUfucBZaryVksYEcMg3"},
        {"sessionID empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&sessionID=", 200, "\"total\":2"},
        {"XML", "/Patient/erXuFYUfucBZaryVksYEcMg3?_format=xml", 406, "application/fhir+json"},
    };
    char *token = support_token(*state);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char target[512];
        snprintf(target, sizeof target, "%s%s", SUPPORT_FHIR_PATH, rows[i].target);
        struct support_answer answer = support_send(*state, "GET", target, token, NULL, NULL);
        if (answer.status != rows[i].status || !strstr(answer.body, rows[i].part))
            fail_msg("%s: %d %s", rows[i].name, answer.status, answer.body);
        support_answer_clear(&answer);
    }
    free(token);
}

/* An empty parameter says nothing, so nothing is said about it either. */
static void test_fhir_empty_parameters_are_no_unknown_ones(void **state)
{
    char *token = support_token(*state);
    struct support_answer answer = support_send(
        *state, "GET", SUPPORT_FHIR_PATH "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&subject=&patient=", token, NULL,
        NULL);
    assert_int_equal(answer.status, 200);
    assert_null(strstr(answer.body, "Unknown parameter"));
    support_answer_clear(&answer);
    free(token);
}

/* As many values as one list may have, and one more. */
static void test_fhir_long_lists_are_refused(void **state)
{
    static const char start[] = SUPPORT_FHIR_PATH "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=8867-4";
    char *token = support_token(*state);
    char target[2048];
    size_t n = sizeof start - 1;
    memcpy(target, start, n);
    for (int count = 1; count < 512; count++, n += 2)
        memcpy(target + n, ",x", 2);
    for (int more = 0; more < 2; more++, n += 2) {
        target[n] = '\0';
        struct support_answer answer = support_send(*state, "GET", target, token, NULL, NULL);
        assert_int_equal(answer.status, more ? 400 : 200);
        assert_non_null(strstr(answer.body, more ? "More than 512 values of code" : "\"total\":3"));
        support_answer_clear(&answer);
        memcpy(target + n, ",x", 2);
    }
    free(token);
}

static void test_fhir_negotiates_by_weight(void **state)
{
    static const struct {
        const char *accept;
        const char *type; /* NULL: 406 */
    } rows[] = {
        {"application/fhir+xml;q=1.0, application/fhir+json;q=1.0", "application/fhir+json; charset=utf-8"},
        {"application/fhir+xml, application/fhir+json;q=0.1", "application/fhir+json; charset=utf-8"},
        {"application/fhir+json;q=0, application/json", "application/json; charset=utf-8"},
        {"application/fhir+json;q=0, */*;q=0.1", "application/json+fhir; charset=utf-8"},
        {"application/json, application/fhir+json", "application/json; charset=utf-8"},
        {"application/json;q=0.5, application/fhir+json", "application/fhir+json; charset=utf-8"},
        {"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/fhir+json; charset=utf-8"},
        {"*/*", "application/fhir+json; charset=utf-8"},
        {"application/*", "application/fhir+json; charset=utf-8"},
        {"text/*", "application/json; charset=utf-8"},
        {"text/html", "application/fhir+json; charset=utf-8"},
        {"application/fhir+json;q=abc", "application/fhir+json; charset=utf-8"},
        {"application/fhir+xml;q=0", "application/fhir+json; charset=utf-8"},
        {"application/fhir+xml;q=abc", "application/fhir+json; charset=utf-8"},
        {"application/fhir+xml", NULL},
        {"application/fhir+xml;q=0.001", NULL},
        {"application/fhir+xml, application/fhir+json;q=0", NULL},
        {"application/fhir+json;q=0", NULL},
        {"*/*;q=0", NULL},
    };
    struct support *support = *state;
    char *token = support_token(support);
    char bearer[256];
    snprintf(bearer, sizeof bearer, "Bearer %s", token);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_header headers[] = {{auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")},
                                        {auth_view_from_string("Authorization"), auth_view_from_string(bearer)},
                                        {auth_view_from_string("Accept"), auth_view_from_string(rows[i].accept)}};
        struct mock_request request = {.method = auth_view_from_string("GET"),
                                       .path =
                                           auth_view_from_string(SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3"),
                                       .headers = headers,
                                       .header_count = 3,
                                       .is_loopback_peer = true};
        struct mock_response response;
        const char *type = NULL;
        mock_response_init(&response);
        mock_dispatch(&support->instance, &request, &response);
        for (size_t k = 0; k < response.header_count; k++) {
            if (strcmp(response.headers[k].name, "Content-Type") == 0)
                type = response.headers[k].value;
        }
        if (response.status != (rows[i].type ? 200 : 406) || !type || (rows[i].type && strcmp(type, rows[i].type) != 0))
            fail_msg("%s: %d %s", rows[i].accept, response.status, type ? type : "");
        mock_response_clear(&response);
    }
    free(token);
}

static void test_fhir_resource_comes_byte_for_byte(void **state)
{
    char *token = support_token(*state);
    struct support_answer answer =
        support_send(*state, "GET", SUPPORT_FHIR_PATH "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=4548-4",
                     token, NULL, NULL);
    assert_non_null(strstr(answer.body, "\"value\":5.10,"));
    support_answer_clear(&answer);
    free(token);
}

/* Follow next links and count the entries; each page is asked for twice and must be the same. */
static void test_fhir_pages_hold_every_match_once(void **state)
{
    char *token = support_token(*state);
    char target[512];
    int pages = 0, entries = 0;
    snprintf(target, sizeof target, "%s",
             SUPPORT_FHIR_PATH "/Observation?patient=eq081-VQEgP8drUUqCWzHfw3&category=vital-signs&_count=10");
    while (target[0]) {
        struct support_answer answer = support_send(*state, "GET", target, token, NULL, NULL);
        assert_int_equal(answer.status, 200);
        pages++;
        for (const char *at = answer.body; (at = strstr(at, "\"mode\":\"match\"")); at++)
            entries++;
        char *next = strstr(answer.body, "\"relation\":\"next\",\"url\":\"http://127.0.0.1:8423");
        target[0] = '\0';
        if (next) {
            next += strlen("\"relation\":\"next\",\"url\":\"http://127.0.0.1:8423");
            snprintf(target, sizeof target, "%.*s", (int)strcspn(next, "\""), next);
        }
        support_answer_clear(&answer);
    }
    assert_int_equal(entries, 72);
    assert_int_equal(pages, 8);
    free(token);
}

static void test_fhir_session_dies_after_600_s(void **state)
{
    char *token = support_token(*state);
    struct support_answer answer = support_send(
        *state, "GET", SUPPORT_FHIR_PATH "/Encounter?patient=eq081-VQEgP8drUUqCWzHfw3&_count=1", token, NULL, NULL);
    char *at = strstr(answer.body, "sessionID=");
    assert_non_null(at);
    char target[512];
    snprintf(target, sizeof target, SUPPORT_FHIR_PATH "/Encounter?%.*s", (int)strcspn(at, "\""), at);
    assert_int_equal(admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":599}"), 200);
    assert_int_equal(status_of(*state, "GET", target, token, NULL, NULL), 200);
    assert_int_equal(admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":1}"), 200);
    expect_body(*state, "GET", target, token, NULL, "4113");
    support_answer_clear(&answer);
    free(token);
}

static void test_fhir_missing_scope_is_an_empty_403(void **state)
{
    struct auth_buf json;
    auth_buf_init(&json, 65536);
    struct support_answer app = support_send(*state, "GET", "/mock/apps/" SUPPORT_CLIENT_ID, NULL, NULL, NULL);
    struct auth_json *doc = NULL;
    struct auth_json_writer w;
    assert_int_equal(auth_json_parse(auth_view_trim(auth_view_from_string(app.body)), &doc, NULL), AUTH_OK);
    auth_json_writer_init(&w, &json, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "client_id", SUPPORT_CLIENT_ID);
    auth_json_write_member(&w, "certificate", auth_json_member_string(auth_json_root(doc), "certificate"));
    auth_json_write_member_raw(&w, "scopes", auth_view_from_string("[\"system/Patient.r\"]"));
    auth_json_write_end_object(&w);
    assert_int_equal(admin(*state, "PUT", "/mock/apps/" SUPPORT_CLIENT_ID, json.p), 200);
    char *token = support_token(*state);
    assert_int_equal(status_of(*state, "GET", patient_path, token, NULL, NULL), 200);
    struct support_answer answer =
        support_send(*state, "GET", SUPPORT_FHIR_PATH "/Condition?patient=x", token, NULL, NULL);
    assert_int_equal(answer.status, 403);
    assert_string_equal(answer.body, "");
    support_answer_clear(&answer);
    support_answer_clear(&app);
    auth_json_free(doc);
    auth_buf_clear(&json);
    free(token);
}

static void test_metadata_and_smart_configuration_need_no_token(void **state)
{
    expect_body(*state, "GET", SUPPORT_FHIR_PATH "/metadata", NULL, NULL, "\"resourceType\":\"CapabilityStatement\"");
    expect_body(*state, "GET", SUPPORT_FHIR_PATH "/.well-known/smart-configuration", NULL, NULL,
                "\"token_endpoint\":\"http://127.0.0.1:8423" SUPPORT_TOKEN_PATH "\"");
}

/* ---- admin ---- */

static void test_admin_bad_keys_are_refused_with_their_reason(void **state)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"{\"client_id\":\"x\",\"certificate\":\"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\"}",
         "a bare public key"},
        {"{\"client_id\":\"x\",\"certificate\":\"\"}", "this is empty"},
        {"{\"client_id\":\"x\"}", "exactly one of"},
        {"{\"client_id\":\"x\",\"certificate\":\"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\"}",
         "cannot be decoded"},
        {"{\"client_id\":\"x\",\"jwks\":{\"keys\":[]}}", "no usable key"},
        {"{\"client_id\":\"x y\",\"jwks\":{\"keys\":[]}}", "without spaces"},
        {"{\"client_id\":\"x\",\"foo\":1}", "unknown member"},
        {"{\"client_id\":\"x\",\"client_id\":\"y\"}", "twice"},
        {"[]", "JSON object"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct support_answer answer = support_send(*state, "POST", "/mock/apps", NULL, NULL, rows[i].body);
        if (answer.status < 400 || answer.status > 422 || !strstr(answer.body, rows[i].part))
            fail_msg("%s: %d %s", rows[i].body, answer.status, answer.body);
        support_answer_clear(&answer);
    }
}

static void test_admin_rows(void **state)
{
    static const struct {
        const char *method, *target, *body;
        int status;
    } rows[] = {
        {"GET", "/mock/health", NULL, 200},
        {"POST", "/mock/health", NULL, 405},
        {"GET", "/mock/nothing", NULL, 404},
        {"GET", "/mock/apps", NULL, 200},
        {"GET", "/mock/apps/nobody", NULL, 404},
        {"DELETE", "/mock/apps/nobody", NULL, 404},
        {"GET", "/mock/tokens", NULL, 200},
        {"GET", "/mock/journal?kind=token&limit=5", NULL, 200},
        {"GET", "/mock/journal?kind=nonsense", NULL, 400},
        {"GET", "/mock/journal?limit=1001", NULL, 400},
        {"GET", "/mock/journal/0", NULL, 404},
        {"PUT", "/mock/clock", "{\"now\":1790000000,\"rate\":2,\"frozen\":false}", 200},
        {"PUT", "/mock/clock", "{\"now\":\"2026-13-01T00:00:00Z\"}", 400},
        {"PUT", "/mock/clock", "{\"rate\":-1}", 400},
        {"PUT", "/mock/clock", "{\"frozen\":1}", 400},
        {"PUT", "/mock/clock", "{\"now\":1,\"offset_s\":1}", 400},
        {"PUT", "/mock/clock", "nonsense", 400},
        {"POST", "/mock/clock/advance", "{\"seconds\":\"5\"}", 400},
        {"POST", "/mock/tokens/age", "{}", 400},
        {"POST", "/mock/reset", "{\"what\":[\"nonsense\"]}", 400},
        {"POST", "/mock/reset", "{\"what\":[\"jti\",\"clock\"]}", 200},
        {"POST", "/mock/reset", NULL, 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = admin(*state, rows[i].method, rows[i].target, rows[i].body);
        if (status != rows[i].status)
            fail_msg("%s %s %s: %d", rows[i].method, rows[i].target, rows[i].body ? rows[i].body : "", status);
    }
}

static struct mock_request call_from(struct mock_header headers[2], const char *path, const char *host,
                                     const char *origin, bool is_loopback)
{
    headers[0] = (struct mock_header){auth_view_from_string("Host"), auth_view_from_string(host)};
    headers[1] = (struct mock_header){auth_view_from_string("Origin"), auth_view_from_string(origin)};
    return (struct mock_request){.method = auth_view_from_string("GET"),
                                 .path = auth_view_from_string(path),
                                 .headers = headers,
                                 .header_count = origin ? 2 : 1,
                                 .is_loopback_peer = is_loopback};
}

static int dispatched(struct support *support, const struct mock_request *request, const char *part)
{
    struct mock_response response;
    struct auth_buf body;
    mock_response_init(&response);
    auth_buf_init(&body, 65536);
    mock_dispatch(&support->instance, request, &response);
    mock_response_body(&response, &body);
    if (part && !auth_view_contains(auth_buf_view(&body), part))
        fail_msg("no %s in %s", part, body.p ? body.p : "");
    int status = response.status;
    auth_buf_clear(&body);
    mock_response_clear(&response);
    return status;
}

static void test_admin_refuses_foreign_host_and_origin(void **state)
{
    static const struct {
        const char *host, *origin;
        bool is_loopback;
        int status;
    } rows[] = {
        {"127.0.0.1:8423", NULL, true, 200},
        {"[::1]:8423", NULL, true, 200},
        {"LocalHost", NULL, true, 200},
        {"127.0.0.2:1", NULL, true, 200},
        {"127.0.0.1:8423", "http://127.0.0.1:8423", true, 200},
        {"[::1]:8423", "http://[::1]:8423", true, 200},
        {"localhost", "http://localhost", true, 200},
        {"localhost:80", "http://LOCALHOST", true, 200},
        {"localhost", "https://localhost:443", true, 200},
        {"localhost:443", "http://localhost", true, 403},
        {"127.0.0.1:8423", "http://127.0.0.1:8424", true, 403},
        {"127.0.0.1:8423", "http://localhost:8423", true, 403},
        {"127.0.0.1:8423", "http://127.0.0.1:8423/", true, 403},
        {"127.0.0.1:8423", "http://127.0.0.1:8423@evil.example", true, 403},
        {"127.0.0.1:8423", "http://evil.example", true, 403},
        {"127.0.0.1:8423", "file://127.0.0.1:8423", true, 403},
        {"127.0.0.1:8423", "null", true, 403},
        {"rebound.example:8423", NULL, true, 403},
        {"127.0.0.1.example", NULL, true, 403},
        {"localhost.", NULL, true, 403},
        {"user@localhost", NULL, true, 403},
        {"localhost:65535", NULL, true, 200},
        {"localhost:65536", NULL, true, 403},
        {"localhost:8423:1", NULL, true, 403},
        {"localhost evil.example", NULL, true, 403},
        {"", NULL, true, 403},
        {"127.0.0.1:8423", NULL, false, 403},
    };
    struct mock_header headers[2];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_request request =
            call_from(headers, "/mock/clock", rows[i].host, rows[i].origin, rows[i].is_loopback);
        int status = dispatched(*state, &request, NULL);
        if (status != rows[i].status)
            fail_msg("%s %s: %d", rows[i].host, rows[i].origin ? rows[i].origin : "", status);
        /* whoever it is may ask whether the server is up, and learns no more */
        request.path = auth_view_from_string("/mock/health");
        assert_int_equal(dispatched(*state, &request, "{\"status\":\"ok\",\"version\":"), 200);
        request.method = auth_view_from_string("POST");
        assert_int_equal(dispatched(*state, &request, NULL), status == 200 ? 405 : 403);
    }
}

static void test_admin_token_opens_from_afar_and_is_named_as_it_is_given(void **state)
{
    struct support *support = *state;
    struct mock_header headers[3];
    struct mock_request request = call_from(headers, "/mock/clock", "mock.example", "https://page.example", false);
    assert_int_equal(dispatched(support, &request, "--admin-token-file FILE, or MOCK_EPIC_ADMIN_TOKEN"), 403);
    support->instance.options.admin_token = "sixteen-or-more-characters";
    assert_int_equal(dispatched(support, &request, "--admin-token-file, or in MOCK_EPIC_ADMIN_TOKEN"), 401);
    headers[2] = (struct mock_header){auth_view_from_string("Authorization"),
                                      auth_view_from_string("Bearer sixteen-or-more-characters")};
    request.header_count = 3;
    assert_int_equal(dispatched(support, &request, NULL), 200);
    headers[2].value = auth_view_from_string("Bearer sixteen-or-more-character");
    assert_int_equal(dispatched(support, &request, NULL), 401);
    request = call_from(headers, "/mock/clock", "127.0.0.1", NULL, true);
    assert_int_equal(dispatched(support, &request, NULL), 401);
    request.path = auth_view_from_string("/mock/health");
    assert_int_equal(dispatched(support, &request, NULL), 200);
    support->instance.options.admin_token = NULL;
}

static void test_journal_holds_no_secret(void **state)
{
    char *form = support_form("y_plain");
    char *signature = strrchr(form, '.') + 1;
    struct support_answer token = support_send(*state, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
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
        TEST(test_fhir_rows),
        TEST(test_fhir_empty_parameters_are_no_unknown_ones),
        TEST(test_fhir_long_lists_are_refused),
        TEST(test_fhir_negotiates_by_weight),
        TEST(test_fhir_resource_comes_byte_for_byte),
        TEST(test_fhir_pages_hold_every_match_once),
        TEST(test_fhir_session_dies_after_600_s),
        TEST(test_fhir_missing_scope_is_an_empty_403),
        TEST(test_metadata_and_smart_configuration_need_no_token),
        TEST(test_admin_bad_keys_are_refused_with_their_reason),
        TEST(test_admin_rows),
        TEST(test_admin_refuses_foreign_host_and_origin),
        TEST(test_admin_token_opens_from_afar_and_is_named_as_it_is_given),
        TEST(test_journal_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
