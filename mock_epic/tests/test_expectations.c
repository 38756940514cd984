/* Expectations: each kind passes, fails and is not exercised where it should, by what has come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/evidence/expectations.h"
#include "mock_epic/tests/support.h"

static struct mock_journal journal;
static struct mock_expectations expectations;
static int64_t now_s;

static int set_up(void **state)
{
    (void)state;
    now_s = SUPPORT_NOW_S;
    mock_expectations_init(&expectations);
    if (mock_journal_init(&journal, 100) != AUTH_OK)
        return 1;
    mock_journal_watch(&journal, mock_expectations_watch, &expectations);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_journal_clear(&journal);
    mock_expectations_clear(&expectations);
    return 0;
}

static void expect(const char *json)
{
    struct auth_err err = {0};
    if (mock_expectations_set(&expectations, auth_view_from_string(json), &err) != AUTH_OK)
        fail_msg("%s: %s", json, err.detail);
}

static void happens(enum mock_route route, const char *method, const char *target, const char *client, int status)
{
    struct mock_journal_event event = {
        .kind = route == MOCK_ROUTE_FHIR ? MOCK_JOURNAL_FHIR : MOCK_JOURNAL_OTHER,
        .route = route,
        .time_us = now_s * 1000000,
        .real_us = now_s * 1000000,
        .method = auth_view_from_string(method),
        .target = auth_view_from_string(target),
        .client_id = auth_view_from_string(client),
        .status = status,
    };
    mock_journal_add(&journal, mock_journal_reserve(&journal), &event);
}

static void expect_verdict(const char *verdict, const char *part)
{
    struct auth_buf text;
    struct auth_json_writer w;
    char wanted[64];
    auth_buf_init(&text, 1 << 20);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    mock_expectations_write_verdict(&expectations, &w);
    snprintf(wanted, sizeof wanted, "{\"verdict\":\"%s\",", verdict);
    if (!text.p || strncmp(text.p, wanted, strlen(wanted)) != 0 || !strstr(text.p, part))
        fail_msg("%s %s: %s", verdict, part, text.p ? text.p : "");
    auth_buf_clear(&text);
}

static void test_count(void **state)
{
    (void)state;
    expect_verdict("not_exercised", "\"results\":[]");
    expect(
        "[{\"count\":{\"kind\":\"fhir\",\"path\":\"Patient/*\"},\"min\":2,\"max\":3,\"because\":\"two or three\",\"right\":\"reads "
        "twice\"}]");
    expect_verdict("fail", "\"because\":\"two or three\",\"result\":\"fail\",\"entries\":[],\"right\":\"reads twice\"");
    happens(MOCK_ROUTE_FHIR, "GET", "/x/Patient/a?b=c", "c", 200);
    happens(MOCK_ROUTE_FHIR, "GET", "/x/Observation/a", "c", 200);
    expect_verdict("fail", "\"entries\":[1]");
    happens(MOCK_ROUTE_FHIR, "GET", "/x/Patient/a", "c", 200);
    expect_verdict("pass", "\"entries\":[1,3]");
    happens(MOCK_ROUTE_FHIR, "GET", "/x/Patient/b", "c", 401);
    expect_verdict("pass", "\"entries\":[1,3,4]");
    happens(MOCK_ROUTE_FHIR, "GET", "/x/Patient/b", "c", 401);
    expect_verdict("fail", "\"entries\":[5]");
    mock_expectations_empty(&expectations);
    expect_verdict("not_exercised", "\"results\":[]");
}

static void test_never(void **state)
{
    (void)state;
    expect("[{\"never\":{\"status\":401,\"client_id\":\"c\"}}]");
    happens(MOCK_ROUTE_FHIR, "GET", "/x", "c", 400);
    happens(MOCK_ROUTE_FHIR, "GET", "/x", "d", 401);
    expect_verdict("pass", "\"entries\":[]");
    happens(MOCK_ROUTE_FHIR, "GET", "/x", "c", 401);
    expect_verdict("fail", "\"entries\":[3]");
}

static void test_order(void **state)
{
    static const char order[] = "[{\"order\":[{\"route\":\"discovery\"},{\"route\":\"fhir\"}],\"within_s\":5}]";
    (void)state;
    expect(order);
    expect_verdict("not_exercised", "\"result\":\"not_exercised\"");
    happens(MOCK_ROUTE_DISCOVERY, "GET", "/d", "", 200);
    expect_verdict("fail", "\"entries\":[1]");
    now_s += 5;
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("pass", "\"entries\":[1,2]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("pass", "\"entries\":[1,2]");
    expect(order); /* anew */
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("fail", "\"entries\":[4]");
    expect(order);
    happens(MOCK_ROUTE_DISCOVERY, "GET", "/d", "", 200);
    now_s += 6;
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("fail", "\"entries\":[5,6]");
}

static void test_follow(void **state)
{
    (void)state;
    expect("[{\"follow\":[{\"status\":401},{\"route\":\"discovery\"}]}]");
    expect_verdict("pass", "\"entries\":[]"); /* nothing had to be followed */
    happens(MOCK_ROUTE_DISCOVERY, "GET", "/d", "", 200);
    expect_verdict("pass", "\"entries\":[]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 401);
    expect_verdict("fail", "\"entries\":[2]");
    expect_verdict("fail", "\"expected\":\"status 401, then discovery\"");
    happens(MOCK_ROUTE_DISCOVERY, "GET", "/d", "", 200);
    expect_verdict("pass", "\"entries\":[2,3]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 401); /* the first one counts */
    expect_verdict("pass", "\"entries\":[2,3]");
}

static void test_follow_same_url(void **state)
{
    (void)state;
    expect("[{\"follow\":[{\"status\":401},{\"status\":200}],\"same_url\":true}]");
    expect_verdict("pass", "\"entries\":[]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=1", "", 401);
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=2", "", 200); /* another one */
    expect_verdict("fail", "\"expected\":\"status 401, then status 200 of the same URL\"");
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=2", "", 401); /* the first one counts */
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=2", "", 200);
    expect_verdict("fail", "\"entries\":[1]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=1", "", 200);
    expect_verdict("pass", "\"entries\":[1,5]");
    expect("[{\"follow\":[{\"status\":401},{\"status\":200}],\"same_url\":false}]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=1", "", 401);
    happens(MOCK_ROUTE_FHIR, "GET", "/f?a=2", "", 200);
    expect_verdict("pass", "\"entries\":[6,7]");
}

static void test_pause(void **state)
{
    static const char pause[] = "[{\"pause\":[{\"status\":429},{\"route\":\"fhir\"}],\"at_least_ms\":2000}]";
    (void)state;
    expect(pause);
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("pass", "\"entries\":[]");
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 429);
    expect_verdict("pass", "\"entries\":[2]"); /* nobody has to come again */
    happens(MOCK_ROUTE_DISCOVERY, "GET", "/d", "", 200);
    expect_verdict("pass", "\"expected\":\"status 429, then for 2000 ms no fhir\"");
    now_s += 2;
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 429); /* in time, and another beginning */
    expect_verdict("pass", "\"entries\":[4]");
    now_s += 1;
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("fail", "\"entries\":[4,5]");
    now_s += 9;
    happens(MOCK_ROUTE_FHIR, "GET", "/f", "", 200);
    expect_verdict("fail", "\"entries\":[4,5]");
}

static void test_foreign_and_fault(void **state)
{
    static const char *const own = "http://127.0.0.1:80/i/a";
    struct mock_journal_event event = {.method = auth_view_from_string("GET"),
                                       .authority = auth_view_from_string("127.0.0.1:80")};
    (void)state;
    journal.public_url = &own;
    expect("[{\"count\":{\"foreign\":true},\"min\":0,\"max\":0},{\"count\":{\"foreign\":false}},"
           "{\"count\":{\"fault\":false}},{\"never\":{\"fault\":true}}]");
    mock_journal_add(&journal, mock_journal_reserve(&journal), &event);
    expect_verdict("pass", "\"entries\":[1]");
    event.fault = 3;
    mock_journal_add(&journal, mock_journal_reserve(&journal), &event);
    expect_verdict("fail", "\"expected\":\"never with a fault\"");
    expect("[{\"never\":{\"foreign\":true}}]");
    event.authority = auth_view_from_string("localhost:80");
    mock_journal_add(&journal, mock_journal_reserve(&journal), &event);
    expect_verdict("fail", "\"expected\":\"never elsewhere\"");
}

static void test_each(void **state)
{
    static const struct {
        const char *where;
        bool holds; /* of an entry with status 200, method GET, error null, faults [] */
    } rows[] = {
        {"{\"status\":{\"equals\":200}}", true},
        {"{\"status\":{\"equals\":201}}", false},
        {"{\"status\":{\"equals\":\"200\"}}", false},
        {"{\"status\":{\"at_most\":200}}", true},
        {"{\"status\":{\"at_most\":199.5}}", false},
        {"{\"status\":{\"at_least\":200}}", true},
        {"{\"status\":{\"at_least\":200.5}}", false},
        {"{\"status\":{\"at_least\":100,\"at_most\":300}}", true},
        {"{\"method\":{\"equals\":\"GET\"}}", true},
        {"{\"method\":{\"at_most\":5}}", false},
        {"{\"error\":{\"present\":false}}", true},
        {"{\"error\":{\"present\":true}}", false},
        {"{\"error\":{\"equals\":null}}", true},
        {"{\"nothing.at.all\":{\"present\":false}}", true},
        {"{\"nothing\":{\"equals\":null}}", false},
        {"{\"faults.0\":{\"present\":false}}", true},
        {"{\"id\":{\"distinct\":true}}", true},
        {"{\"status\":{\"equals\":200},\"method\":{\"equals\":\"PUT\"}}", false},
    };
    char json[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(json, sizeof json, "[{\"each\":{\"method\":\"GET\"},\"where\":%s}]", rows[i].where);
        expect(json);
        happens(MOCK_ROUTE_FHIR, "POST", "/x", "", 201);
        expect_verdict("not_exercised", "\"entries\":[]");
        happens(MOCK_ROUTE_FHIR, "GET", "/x", "", 200);
        expect_verdict(rows[i].holds ? "pass" : "fail", rows[i].holds ? "\"result\":\"pass\"" : "\"result\":\"fail\"");
    }
    expect("[{\"each\":{\"method\":\"GET\"},\"where\":{\"client_id\":{\"distinct\":true}}}]");
    happens(MOCK_ROUTE_FHIR, "GET", "/x", "a", 200);
    happens(MOCK_ROUTE_FHIR, "GET", "/x", "b", 200);
    expect_verdict("pass", "");
    happens(MOCK_ROUTE_FHIR, "GET", "/x", "a", 200);
    expect_verdict("fail", "");
}

static void test_what_is_none(void **state)
{
    static const struct {
        const char *json, *part;
    } rows[] = {
        {"{}", "an array of expectations"},
        {"[{}]", "expectation 1: exactly one of"},
        {"[{\"never\":{}},{\"count\":{},\"never\":{}}]", "expectation 2: exactly one of"},
        {"[{\"never\":{},\"min\":1}]", "exactly one of"},
        {"[{\"count\":{},\"within_s\":1}]", "exactly one of"},
        {"[{\"count\":{},\"min\":2,\"max\":1}]", "min is greater"},
        {"[{\"count\":{\"knd\":\"token\"}}]", "did you mean \"kind\""},
        {"[{\"count\":{\"kind\":\"tokens\"}}]", "kind: token"},
        {"[{\"count\":{\"outcome\":\"yes\"}}]", "outcome: "},
        {"[{\"order\":[{}]}]", "order, follow, pause: an array of two"},
        {"[{\"order\":[{},{},{}]}]", "order, follow, pause: an array of two"},
        {"[{\"follow\":{}}]", "follow, pause: an array of two"},
        {"[{\"pause\":[{},{}]}]", "exactly one of"},
        {"[{\"follow\":[{},{}],\"at_least_ms\":1}]", "exactly one of"},
        {"[{\"order\":[{},{}],\"same_url\":true}]", "exactly one of"},
        {"[{\"follow\":[{},{}],\"same_url\":1}]", "same_url: "},
        {"[{\"never\":{\"foreign\":1}}]", "foreign: "},
        {"[{\"each\":{}}]", "where: "},
        {"[{\"each\":{},\"where\":{\"a\":{}}}]", "where: "},
        {"[{\"each\":{},\"where\":{\"a\":{\"like\":1}}}]", "where: "},
        {"[{\"each\":{},\"where\":{\"a\":{\"at_most\":\"1\"}}}]", "where: "},
        {"[{\"each\":{},\"where\":{\"a\":{\"equals\":[]}}}]", "where: "},
        {"[7]", "a JSON object is needed"},
    };
    (void)state;
    expect("[{\"never\":{\"status\":500}}]");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_err err = {0};
        enum auth_rc rc = mock_expectations_set(&expectations, auth_view_from_string(rows[i].json), &err);
        if (rc == AUTH_OK || !strstr(err.detail, rows[i].part))
            fail_msg("%s: %s", rows[i].json, err.detail);
    }
    expect_verdict("pass", "\"pass\""); /* what was expected before still is */
}

/* More than the ring holds: nothing is missed. */
static void *keep_happening(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 1000; i++)
        happens(MOCK_ROUTE_FHIR, "GET", "/x", "c", 200);
    return NULL;
}

static void test_nothing_is_missed(void **state)
{
    pthread_t threads[4];
    (void)state;
    expect("[{\"count\":{\"client_id\":\"c\"},\"min\":4000,\"max\":4000}]");
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_happening, NULL), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    expect_verdict("pass", "\"pass\"");
}

/* With a server: assertions whose jti differ, and one that is sent twice. */
static void test_with_a_server(void **state)
{
    struct support *support = *state;
    char *form = support_new_form("same", SUPPORT_NOW_S + 60);
    assert_int_equal(
        support_admin(
            support, "PUT", "/mock/expectations",
            "[{\"each\":{\"kind\":\"token\"},\"where\":{\"jwt.claims.jti\":{\"distinct\":true}},\"because\":\"a jti "
            "is used once\",\"right\":\"makes a new assertion for each request\"},"
            "{\"count\":{\"kind\":\"token\",\"outcome\":\"issued\"},\"max\":1}]"),
        200);
    support_expect(support, "GET", "/mock/verdict", NULL, NULL, "{\"verdict\":\"not_exercised\"");
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form), 200);
    support_expect(support, "GET", "/mock/verdict", NULL, NULL, "{\"verdict\":\"pass\"");
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form), 400);
    support_expect(
        support, "GET", "/mock/verdict", NULL, NULL,
        "{\"verdict\":\"fail\",\"results\":[{\"because\":\"a jti is used once\",\"result\":\"fail\",\"entries\":[2],"
        "\"right\":\"makes a new assertion for each request\",\"expected\":\"each token\",\"lines\":[\"2  ");
    support_expect(support, "GET", "/mock/expectations", NULL, NULL, "\"outcome\":\"issued\"");
    assert_int_equal(support_admin(support, "POST", "/mock/reset", "{\"what\":[\"expectations\"]}"), 200);
    support_expect(support, "GET", "/mock/verdict", NULL, NULL, "{\"verdict\":\"not_exercised\",\"results\":[]}");
    free(form);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_count),
        TEST(test_never),
        TEST(test_order),
        TEST(test_follow),
        TEST(test_follow_same_url),
        TEST(test_pause),
        TEST(test_foreign_and_fault),
        TEST(test_each),
        TEST(test_what_is_none),
        TEST(test_nothing_is_missed),
        cmocka_unit_test_setup_teardown(test_with_a_server, support_set_up, support_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
