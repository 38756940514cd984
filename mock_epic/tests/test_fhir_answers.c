/* FHIR through the whole server without sockets: reads, searches, negotiation, pages, scopes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support.h"

struct row {
    const char *name, *target;
    int status;
    const char *part;
};

static const struct row fhir_rows[] = {
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
    {"_id twice ANDed", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3&_id=eq081-VQEgP8drUUqCWzHfw3,erXuFYUfucBZaryVksYEcMg3",
     200, "\"total\":1"},
    {"_id twice, nothing in common", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3&_id=eq081-VQEgP8drUUqCWzHfw3", 200,
     "\"total\":0"},
    {"_id with empty values", "/Patient?_id=,erXuFYUfucBZaryVksYEcMg3,&_id=", 200, "\"total\":1"},
    {"_id of commas", "/Patient?_id=,,", 400, "59159"},
    {"_id, one unknown", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3,nobody", 400, "59008"},
    {"category, then empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital-signs&category=", 200,
     "\"total\":24"},
    {"category, after empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=&category=vital-signs", 200,
     "\"total\":24"},
    {"category twice in a list", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=vital-signs,vital-signs", 200,
     "\"total\":24"},
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
    {"code twice in a list", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=8867-4,8867-4,", 200, "\"total\":3"},
    {"code only empty", "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&code=", 400, "59108"},
    {"patient, then empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&patient=&subject=", 200, "\"total\":2"},
    {"patient only empty", "/Condition?patient=", 400, "59159"},
    {"_count empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_count=", 200, "\"total\":2"},
    {"_count, then empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_count=1&_count=", 200, "\"total\":1"},
    {"_summary empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&_summary=", 200, "\"total\":2"},
    {"_format empty", "/Patient/erXuFYUfucBZaryVksYEcMg3?_format=", 200, "\"id\":\"erXuFYUfucBZaryVksYEcMg3"},
    {"sessionID empty", "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&sessionID=", 200, "\"total\":2"},
    {"XML", "/Patient/erXuFYUfucBZaryVksYEcMg3?_format=xml", 200,
     "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"erX"},
    {"XML of a Bundle", "/Patient?_id=erXuFYUfucBZaryVksYEcMg3&_format=xml", 200, "<resource><Patient><id value="},
    {"XML of an outcome", "/Patient/nobody?_format=application/fhir%2Bxml", 404, "<code value=\"59008\" />"},
    {"an operation is an id", "/Patient/$export", 404, "Invalid FHIR ID provided"},
    {"a page that is HTML", "/MedicationStatement?patient=x", 404, "<title>404 - File or directory not found.</title>"},
};

static void test_fhir_rows(void **state)
{
    char *token = support_token(*state);
    for (size_t i = 0; i < sizeof fhir_rows / sizeof *fhir_rows; i++) {
        char target[512];
        snprintf(target, sizeof target, "%s%s", SUPPORT_FHIR_PATH, fhir_rows[i].target);
        struct support_answer answer = support_send(*state, "GET", target, token, NULL, NULL);
        if (answer.status != fhir_rows[i].status || !strstr(answer.body, fhir_rows[i].part))
            fail_msg("%s: %d %s", fhir_rows[i].name, answer.status, answer.body);
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

static const struct {
    const char *accept;
    const char *type; /* NULL: the default */
} accept_rows[] = {
    {"application/fhir+xml;q=1.0, application/fhir+json;q=1.0", "application/fhir+xml; charset=utf-8"},
    {"application/fhir+xml, application/fhir+json;q=0.1", "application/fhir+xml; charset=utf-8"},
    {"application/fhir+json;q=0, application/json", "application/json; charset=utf-8"},
    {"application/fhir+json;q=0, */*;q=0.1", "application/xml; charset=utf-8"},
    {"application/json, application/fhir+json", "application/json; charset=utf-8"},
    {"application/json;q=0.5, application/fhir+json", "application/fhir+json; charset=utf-8"},
    {"application/json+fhir", "application/json+fhir; charset=utf-8"},
    {"APPLICATION/FHIR+JSON", "application/fhir+json; charset=utf-8"},
    {"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", "application/xml; charset=utf-8"},
    {"text/xml", "application/xml; charset=utf-8"},
    {"text/json", "application/json; charset=utf-8"},
    {"*/*", NULL},
    {"application/*", NULL},
    {"text/*", NULL},
    {"text/html", NULL},
    {"", NULL},
    {"nonsense", NULL},
    {"application/fhir+json;q=abc", NULL},
    {"application/fhir+xml;q=0", "application/fhir+json; charset=utf-8"},
    {"application/fhir+xml;q=abc", NULL},
    {"application/fhir+xml", "application/fhir+xml; charset=utf-8"},
    {"application/fhir+xml;q=0.001", "application/fhir+xml; charset=utf-8"},
    {"application/fhir+xml, application/fhir+json;q=0", "application/fhir+xml; charset=utf-8"},
    {"application/fhir+json;q=0", "application/xml; charset=utf-8"},
    {"application/fhir+json;q=0, application/fhir+xml;q=0", NULL},
    {"*/*;q=0", NULL},
};

/* The Content-Type of a read, and whether its body is of that kind. */
static void expect_type(struct support *support, const char *bearer, const char *accept, const char *wanted)
{
    struct mock_header headers[] = {{auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")},
                                    {auth_view_from_string("Authorization"), auth_view_from_string(bearer)},
                                    {auth_view_from_string("Accept"), auth_view_from_string(accept)}};
    struct mock_request request = {.method = auth_view_from_string("GET"),
                                   .path = auth_view_from_string(SUPPORT_PATIENT_PATH),
                                   .headers = headers,
                                   .header_count = 3,
                                   .is_loopback_peer = true};
    struct mock_response response;
    struct auth_buf body;
    const char *type = "";
    auth_buf_init(&body, 1 << 20);
    mock_response_init(&response);
    mock_dispatch(&support->instance, &request, &response);
    mock_response_body(&response, &body);
    for (size_t k = 0; k < response.header_count; k++) {
        if (strcmp(response.headers[k].name, "Content-Type") == 0)
            type = response.headers[k].value;
    }
    if (response.status != 200 || strcmp(type, wanted) != 0)
        fail_msg("%s: %d %s", accept, response.status, type);
    assert_int_equal(body.p[0], strstr(wanted, "xml") ? '<' : '{');
    auth_buf_clear(&body);
    mock_response_clear(&response);
}

static void test_fhir_negotiates_by_weight(void **state)
{
    static const char *const defaults[] = {"application/xml; charset=utf-8", "application/fhir+json; charset=utf-8"};
    struct support *support = *state;
    char *token = support_token(support);
    char bearer[256], weighed[256];
    snprintf(bearer, sizeof bearer, "Bearer %s", token);
    for (int is_json = 0; is_json < 2; is_json++) {
        support->instance.profile.values[AUTH_SWITCH_DEFAULT_FORMAT] = is_json;
        for (size_t i = 0; i < sizeof accept_rows / sizeof *accept_rows; i++) {
            const char *type = accept_rows[i].type;
            expect_type(support, bearer, accept_rows[i].accept, type ? type : defaults[is_json]);
            if (strpbrk(accept_rows[i].accept, ";,") || !accept_rows[i].accept[0])
                continue;
            snprintf(weighed, sizeof weighed, "%s;q=0.9", accept_rows[i].accept); /* the same of one alone */
            expect_type(support, bearer, weighed, type ? type : defaults[is_json]);
        }
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
             SUPPORT_FHIR_PATH "/Observation?patient=eq081-VQEgP8drUUqCWzHfw3&category=vital-signs&_count=100");
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
    assert_int_equal(entries, 1056);
    assert_int_equal(pages, 11);
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
    assert_int_equal(support_admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":599}"), 200);
    assert_int_equal(support_status(*state, "GET", target, token, NULL, NULL), 200);
    assert_int_equal(support_admin(*state, "POST", "/mock/clock/advance", "{\"seconds\":1}"), 200);
    support_expect(*state, "GET", target, token, NULL, "4113");
    support_answer_clear(&answer);
    free(token);
}

/* What became of a search's parameters is in the journal, and why it was refused. */
static void test_fhir_searches_in_the_journal(void **state)
{
    static const char *const targets[] = {
        "/Condition?patient=erXuFYUfucBZaryVksYEcMg3&severity=x&_sort=y&category=problem-list-item",
        "/Condition?code=x",
        "/Condition?sessionID=1-00",
    };
    static const char *const parts[] = {
        "\"native\":[\"patient\",\"category\"],\"post\":[\"severity\"],\"ignored\":[{\"name\":\"_sort\",",
        "\"required_params\":false,",
        "\"note\":\"4113: the link is unknown",
    };
    char *token = support_token(*state);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char target[512];
        snprintf(target, sizeof target, "%s%s", SUPPORT_FHIR_PATH, targets[i]);
        (void)support_status(*state, "GET", target, token, NULL, NULL);
        struct support_answer answer = support_send(*state, "GET", "/mock/journal?kind=fhir&limit=1", NULL, NULL, NULL);
        if (!strstr(answer.body, parts[i]))
            fail_msg("%s: %s", targets[i], answer.body);
        support_answer_clear(&answer);
    }
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
    assert_int_equal(support_admin(*state, "PUT", "/mock/apps/" SUPPORT_CLIENT_ID, json.p), 200);
    char *token = support_token(*state);
    assert_int_equal(support_status(*state, "GET", SUPPORT_PATIENT_PATH, token, NULL, NULL), 200);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fhir_rows),
        TEST(test_fhir_empty_parameters_are_no_unknown_ones),
        TEST(test_fhir_long_lists_are_refused),
        TEST(test_fhir_negotiates_by_weight),
        TEST(test_fhir_resource_comes_byte_for_byte),
        TEST(test_fhir_pages_hold_every_match_once),
        TEST(test_fhir_session_dies_after_600_s),
        TEST(test_fhir_searches_in_the_journal),
        TEST(test_fhir_missing_scope_is_an_empty_403),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
