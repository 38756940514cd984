/* What the admin API says of itself, what it says to who misses it, and waiting for the journal. */
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

struct answer {
    int status;
    char body[256 * 1024];
    char type[80];
};

static struct answer answer;

/* Ask with up to two headers. */
static int ask(struct support *support, const char *method, const char *path, const char *const headers[][2],
               size_t count, const char *body)
{
    struct mock_header all[4] = {{auth_view_from_string("Host"), auth_view_from_string("localhost")}};
    struct auth_view query = auth_view_from_string(path);
    struct mock_response response;
    struct auth_buf text;
    for (size_t i = 0; i < count; i++) {
        all[i + 1].name = auth_view_from_string(headers[i][0]);
        all[i + 1].value = auth_view_from_string(headers[i][1]);
    }
    struct mock_request request = {
        .method = auth_view_from_string(method),
        .path = auth_view_split(&query, '?'),
        .headers = all,
        .header_count = count + 1,
        .body = auth_view_from_string(body),
        .is_loopback_peer = true,
    };
    request.query = query;
    mock_response_init(&response);
    auth_buf_init(&text, sizeof answer.body - 1);
    mock_dispatch(&support->instance, &request, &response);
    mock_response_body(&response, &text);
    assert_true(auth_buf_ok(&text));
    answer.status = response.status;
    answer.type[0] = '\0';
    for (size_t i = 0; i < response.header_count; i++) {
        if (strcmp(response.headers[i].name, "Content-Type") == 0)
            snprintf(answer.type, sizeof answer.type, "%s", response.headers[i].value);
    }
    memcpy(answer.body, text.n ? text.p : "", text.n + 1);
    auth_buf_clear(&text);
    mock_response_clear(&response);
    return answer.status;
}

static void expect_part(const char *part)
{
    if (!strstr(answer.body, part))
        fail_msg("no %s in %d %s", part, answer.status, answer.body);
}

static void test_who_asks_gets_what_he_reads(void **state)
{
    static const struct {
        const char *accept;
        bool is_page;
    } rows[] = {
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
        {"text/html", true},
        {"*/*", false},
        {"application/json", false},
        {"application/json, text/html;q=0.9", false},
        {"application/json;q=0.5, text/html;q=0.6", true},
        {"text/html;q=0", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const headers[][2] = {{"Accept", rows[i].accept}};
        assert_int_equal(ask(*state, "GET", i % 2 ? "/mock" : "/mock/", headers, 1, NULL), 200);
        assert_string_equal(answer.type, rows[i].is_page ? "text/html; charset=utf-8" : "application/json");
        expect_part(rows[i].is_page ? "<td>Camila Maria Lopez</td><td>1987-09-12</td>"
                                    : "\"name\":\"Camila Maria Lopez\",\"birthDate\":\"1987-09-12\"");
        expect_part("http://127.0.0.1:8423/interconnect-fhir-oauth/oauth2/token");
        expect_part("/mock/clock/advance");
    }
}

/* Nothing that somebody named becomes markup. */
static void test_a_page_is_text(void **state)
{
    struct support *support = *state;
    const char *const headers[][2] = {{"Accept", "text/html"}};
    assert_int_equal(mock_instance_set_public_url(&support->instance, "http://<b>\"&\"</b>"), AUTH_OK);
    assert_int_equal(ask(support, "GET", "/mock", headers, 1, NULL), 200);
    expect_part("http://&lt;b&gt;&quot;&amp;&quot;&lt;/b&gt;/interconnect-fhir-oauth");
    assert_null(strstr(answer.body, "<b>"));
}

static void test_the_document_is_json_and_complete(void **state)
{
    struct auth_json *doc = NULL;
    assert_int_equal(ask(*state, "GET", "/mock/openapi.json", NULL, 0, NULL), 200);
    assert_int_equal(auth_json_parse(auth_view_from_string(answer.body), &doc, NULL), AUTH_OK);
    assert_non_null(auth_json_member(auth_json_member(auth_json_root(doc), "paths"), "/mock/apps/{client_id}"));
    auth_json_free(doc);
    expect_part("\"operationId\":\"post_mock_tokens_age\"");
    expect_part("{\"name\":\"client_id\",\"in\":\"path\",\"required\":true,");
    expect_part("\"seconds\":{\"type\":\"integer\",\"description\":\"a whole number of seconds, e.g. ");
}

static void test_what_is_no_call(void **state)
{
    static const struct {
        const char *method, *path, *type, *encoding, *body;
        int status;
        const char *part;
    } rows[] = {
        {"GET", "/mock/clok", "", "", NULL, 404, "did you mean /mock/clock? GET /mock lists them"},
        {"GET", "/mock/elsewhere", "", "", NULL, 404, "no such admin call; GET /mock lists them"},
        {"GET", "/mock/apps/a/b", "", "", NULL, 404, "no such admin call"},
        {"POST", "/mock/clock", "", "", "{}", 405, "/mock/clock takes GET, HEAD, PUT, not POST"},
        {"PATCH", "/mock/apps/x", "", "", "{}", 405, "takes GET, HEAD, PUT, DELETE, not PATCH"},
        {"OPTIONS", "/mock/clock", "", "", NULL, 405, "takes GET, HEAD, PUT"},
        {"POST", "/mock/clock/advance", "application/x-www-form-urlencoded", "", "seconds=5", 415,
         "send a JSON object"},
        {"POST", "/mock/clock/advance", "application/x-www-form-urlencoded", "", "{\"seconds\":5}", 200, "now"},
        {"POST", "/mock/clock/advance", "multipart/form-data; boundary=x", "", "--x", 415, "multipart/form-data"},
        {"POST", "/mock/clock/advance", "application/json", "", "seconds=5", 400, "bad_json"},
        {"POST", "/mock/clock/advance", "application/json", "gzip", "{\"seconds\":5}", 415, "Content-Encoding gzip"},
        {"POST", "/mock/clock/advance", "application/json", "Identity", "{\"seconds\":5}", 200, "now"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const headers[][2] = {{"Content-Type", rows[i].type}, {"Content-Encoding", rows[i].encoding}};
        assert_int_equal(ask(*state, rows[i].method, rows[i].path, headers, rows[i].encoding[0] ? 2 : 1, rows[i].body),
                         rows[i].status);
        expect_part(rows[i].part);
    }
}

/* The name that the user gave the server is no foreign one; ports may be mapped. */
static void test_the_public_host(void **state)
{
    static const struct {
        const char *public_url, *host;
        int status;
    } rows[] = {
        {"http://mock-epic:8778", "mock-epic:8778", 200}, {"http://mock-epic:8778", "Mock-Epic:8778", 200},
        {"http://mock-epic:8778", "mock-epic:8779", 200}, {"http://mock-epic:8778", "mock-epics", 403},
        {"http://mock-epic:8778", "127.0.0.1:8423", 200}, {"http://mock-epic:8778", "mock-epic.evil:8778", 403},
        {"http://mock-epic", "mock-epic", 200},           {"https://mock-epic/base", "mock-epic", 200},
        {"https://mock-epic", "epic:443", 403},           {"https://mock-epic", "mock-epic:443", 200},
    };
    struct support *support = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_header host = {auth_view_from_string("Host"), auth_view_from_string(rows[i].host)};
        struct mock_request request = {.method = auth_view_from_string("GET"),
                                       .path = auth_view_from_string("/mock/clock"),
                                       .headers = &host,
                                       .header_count = 1,
                                       .is_loopback_peer = true};
        struct mock_response response;
        assert_int_equal(mock_instance_set_public_url(&support->instance, rows[i].public_url), AUTH_OK);
        mock_response_init(&response);
        mock_dispatch(&support->instance, &request, &response);
        if (response.status != rows[i].status)
            fail_msg("%s at %s: %d", rows[i].host, rows[i].public_url, response.status);
        request.is_loopback_peer = false;
        mock_response_reset(&response);
        mock_dispatch(&support->instance, &request, &response);
        assert_int_equal(response.status, 403);
        mock_response_clear(&response);
    }
}

/* ---- the journal ---- */

static void *advance_later(void *ctx)
{
    const struct auth_env *env = auth_env_system();
    env->sleep_ms(env->ctx, 30);
    assert_int_equal(support_admin(ctx, "POST", "/mock/reset", "{\"what\":[\"jwks\"]}"), 200); /* not asked for */
    env->sleep_ms(env->ctx, 30);
    assert_int_equal(support_get(ctx, SUPPORT_PATIENT_PATH, NULL), 401);
    return NULL;
}

static void test_waiting_for_an_entry(void **state)
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, advance_later, *state), 0);
    assert_int_equal(ask(*state, "GET", "/mock/journal?kind=fhir&wait_s=60", NULL, 0, NULL), 200);
    expect_part("\"id\":2,");
    expect_part("\"route\":\"fhir\"");
    expect_part("\"authority\":\"127.0.0.1:8423\"");
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(ask(*state, "GET", "/mock/journal?after=0&wait_s=60", NULL, 0, NULL), 200);
    assert_true(strstr(answer.body, "\"id\":1,") < strstr(answer.body, "\"id\":2,"));
    assert_int_equal(ask(*state, "GET", "/mock/journal?after=2&wait_s=1", NULL, 0, NULL), 200);
    assert_string_equal(answer.body, "[]\n");
    assert_int_equal(ask(*state, "GET", "/mock/journal?wait_s=61", NULL, 0, NULL), 400);
    assert_int_equal(ask(*state, "GET", "/mock/journal?after=-1", NULL, 0, NULL), 400);
}

/* What was changed, and nothing else. */
static void test_changes_are_told(void **state)
{
    assert_int_equal(ask(*state, "POST", "/mock/clock/advance", NULL, 0, "{\"seconds\":60}"), 200);
    assert_int_equal(ask(*state, "POST", "/mock/tokens/age", NULL, 0, "{\"seconds\":60}"), 200);
    assert_int_equal(ask(*state, "POST", "/mock/tokens/age", NULL, 0, "{\"second\":60}"), 400);
    assert_int_equal(ask(*state, "POST", "/mock/jwt/check", NULL, 0, "x"), 200);
    assert_int_equal(ask(*state, "GET", "/mock/journal?kind=admin", NULL, 0, NULL), 200);
    expect_part("[{\"id\":2,");
    expect_part("\"note\":\"0 tokens aged\"");
    expect_part("\"note\":\"the clock went from 1790000000 to 1790000060, and stands still\"");
    assert_int_equal(ask(*state, "POST", "/mock/reset", NULL, 0, NULL), 200);
    assert_int_equal(ask(*state, "GET", "/mock/journal", NULL, 0, NULL), 200);
    assert_string_equal(answer.body, "[]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_asks_gets_what_he_reads),
        TEST(test_a_page_is_text),
        TEST(test_the_document_is_json_and_complete),
        TEST(test_what_is_no_call),
        TEST(test_the_public_host),
        TEST(test_waiting_for_an_entry),
        TEST(test_changes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
