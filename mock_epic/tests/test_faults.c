/* Faults: which request each acts on, what it makes of an answer, and what it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/admin/fault_read.h"
#include "mock_epic/faults/gzip.h"
#include "mock_epic/tests/support.h"

static struct mock_faults faults;

static int set_up(void **state)
{
    (void)state;
    mock_faults_init(&faults, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_faults_clear(&faults);
    return 0;
}

static struct mock_fault *read_fault(const char *json)
{
    struct mock_fault *fault = NULL;
    struct auth_err err = {0};
    if (mock_fault_read(auth_view_from_string(json), &fault, &err) != AUTH_OK)
        fail_msg("%s: %s", json, err.detail);
    return fault;
}

static void add(const char *json)
{
    assert_int_equal(mock_faults_add(&faults, read_fault(json), NULL), AUTH_OK);
}

/* The id of the fault that acts; 0: none. */
static uint64_t due(enum mock_route route, const char *method, const char *path, const char *client)
{
    struct mock_fault_facts facts = {route, auth_view_from_string(method), auth_view_from_string(path),
                                     auth_view_from_string(client)};
    struct mock_fault *fault = mock_faults_due(&faults, &facts);
    uint64_t id = fault ? fault->id : 0;
    mock_fault_release(fault);
    return id;
}

/* ---- matching ---- */

static void test_what_fits(void **state)
{
    static const struct {
        const char *match;
        bool fits; /* GET /p/api/FHIR/R4/Patient/a of client c */
    } rows[] = {
        {"{}", true},
        {"{\"route\":\"fhir\"}", true},
        {"{\"route\":\"token\"}", false},
        {"{\"method\":\"GET\"}", true},
        {"{\"method\":\"get\"}", false},
        {"{\"client_id\":\"c\"}", true},
        {"{\"client_id\":\"cc\"}", false},
        {"{\"client_id\":\"C\"}", false},
        {"{\"path\":\"/p/api/FHIR/R4/Patient/a\"}", true},
        {"{\"path\":\"/p/api/FHIR/R4/Patient/ab\"}", false},
        {"{\"path\":\"/p/api/FHIR/R4/Patient/\"}", false},
        {"{\"path\":\"/p/*\"}", true},
        {"{\"path\":\"/*/Patient/*\"}", true},
        {"{\"path\":\"/*/Patient\"}", false},
        {"{\"path\":\"Patient/a\"}", true},
        {"{\"path\":\"Patient/*\"}", true},
        {"{\"path\":\"atient/a\"}", false},
        {"{\"path\":\"a\"}", true},
        {"{\"path\":\"*a*a*a*\"}", true},
        {"{\"path\":\"*a*a*a*b\"}", false},
        {"{\"route\":\"fhir\",\"method\":\"GET\",\"path\":\"Patient/a\",\"client_id\":\"c\"}", true},
        {"{\"route\":\"fhir\",\"method\":\"POST\",\"path\":\"Patient/a\",\"client_id\":\"c\"}", false},
    };
    char json[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(json, sizeof json, "{\"match\":%s,\"action\":{\"status\":503}}", rows[i].match);
        add(json);
        uint64_t id = due(MOCK_ROUTE_FHIR, "GET", "/p/api/FHIR/R4/Patient/a", "c");
        if ((id == i + 1) != rows[i].fits)
            fail_msg("%s: %llu", rows[i].match, (unsigned long long)id);
        mock_fault_release(mock_faults_take_any(&faults));
        assert_int_equal(due(MOCK_ROUTE_FHIR, "GET", "/p/api/FHIR/R4/Patient/a", "c"), 0);
    }
}

/* Counted from 1, of the requests that fit. */
static void test_which_of_them(void **state)
{
    static const struct {
        const char *match, *acts; /* on requests 1 to 9 */
    } rows[] = {
        {"{}", "111111111"},
        {"{\"nth\":1}", "100000000"},
        {"{\"nth\":3}", "001000000"},
        {"{\"every\":1}", "111111111"},
        {"{\"every\":4}", "000100010"},
        {"{\"times\":2}", "110000000"},
        {"{\"every\":2,\"times\":2}", "010100000"},
        {"{\"nth\":4,\"every\":2}", "000100000"},
        {"{\"nth\":4,\"every\":3}", "000000000"},
        {"{\"probability\":0}", "000000000"},
        {"{\"probability\":1}", "111111111"},
    };
    char json[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(json, sizeof json, "{\"match\":%s,\"action\":{\"status\":503}}", rows[i].match);
        add(json);
        for (int n = 0; n < 9; n++) {
            if ((due(MOCK_ROUTE_TOKEN, "POST", "/t", "") != 0) != (rows[i].acts[n] == '1'))
                fail_msg("%s: request %d", rows[i].match, n + 1);
        }
        mock_fault_release(mock_faults_take_any(&faults));
    }
}

static void test_the_first_due_one_acts_and_all_count(void **state)
{
    (void)state;
    add("{\"match\":{\"route\":\"token\",\"nth\":2},\"action\":{\"status\":500}}");
    add("{\"match\":{\"client_id\":\"c\"},\"action\":{\"status\":501}}");
    add("{\"match\":{\"every\":2},\"action\":{\"status\":502}}");
    assert_int_equal(due(MOCK_ROUTE_TOKEN, "POST", "/t", "c"), 2);
    assert_int_equal(due(MOCK_ROUTE_TOKEN, "POST", "/t", "c"), 1);
    assert_int_equal(due(MOCK_ROUTE_TOKEN, "POST", "/t", "d"), 0); /* the third counts 3 */
    assert_int_equal(due(MOCK_ROUTE_TOKEN, "POST", "/t", "d"), 3);
    assert_int_equal(due(MOCK_ROUTE_ADMIN, "GET", "/mock/faults", ""), 0);
    assert_true(mock_faults_need_client(&faults, MOCK_ROUTE_TOKEN));
    mock_fault_release(mock_faults_take(&faults, 2));
    assert_false(mock_faults_need_client(&faults, MOCK_ROUTE_TOKEN));
    assert_null(mock_faults_take(&faults, 2));
}

/* A run can be repeated, and a share is a share. */
static void test_chance(void **state)
{
    char first[2001], again[2001];
    int hits = 0;
    (void)state;
    for (int round = 0; round < 2; round++) {
        struct mock_faults mine;
        char *said = round ? again : first;
        mock_faults_init(&mine, 42);
        assert_int_equal(
            mock_faults_add(&mine, read_fault("{\"match\":{\"probability\":0.3},\"action\":{\"status\":503}}"), NULL),
            AUTH_OK);
        for (int i = 0; i < 2000; i++) {
            struct mock_fault_facts facts = {.route = MOCK_ROUTE_FHIR};
            struct mock_fault *fault = mock_faults_due(&mine, &facts);
            said[i] = fault ? '1' : '0';
            hits += fault != NULL && !round;
            mock_fault_release(fault);
        }
        said[2000] = '\0';
        mock_faults_clear(&mine);
    }
    assert_string_equal(first, again);
    assert_in_range(hits, 500, 700);
}

static void *count_requests(void *ctx)
{
    uint64_t *acted = ctx;
    for (int i = 0; i < 2000; i++)
        *acted += due(MOCK_ROUTE_FHIR, "GET", "/x", i % 2 ? "c" : "d") != 0;
    return NULL;
}

/* Of many threads each N-th request is hit, and no more than `times`; faults come and go meanwhile. */
static void test_threads(void **state)
{
    pthread_t threads[4];
    uint64_t acted[4] = {0};
    (void)state;
    add("{\"match\":{\"every\":10,\"times\":700},\"action\":{\"status\":503}}");
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_requests, &acted[i]), 0);
    for (int i = 0; i < 200; i++) {
        add("{\"match\":{\"client_id\":\"c\",\"probability\":0},\"action\":{\"status\":503}}");
        mock_fault_release(mock_faults_take(&faults, (uint64_t)i + 2));
    }
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(acted[0] + acted[1] + acted[2] + acted[3], 700);
}

/* ---- what becomes of an answer ---- */

static void alter(const char *action, const char *body, struct mock_response *response, struct auth_buf *text)
{
    char json[1024];
    snprintf(json, sizeof json, "{\"action\":%s}", action);
    struct mock_fault *fault = read_fault(json);
    mock_response_init(response);
    auth_buf_init(text, 1 << 20);
    mock_response_header(response, "Content-Type", "application/json");
    mock_response_add_text(response, auth_view_from_string(body));
    mock_fault_alter(fault, auth_view_from_string("http://here/x"), response);
    mock_response_body(response, text);
    assert_false(response->is_spoiled);
    mock_fault_release(fault); /* nothing of it is needed any more */
}

static void test_fields(void **state)
{
    static const struct {
        const char *action, *before, *after;
    } rows[] = {
        {"{\"set_field\":{\"a\":\"x\"}}", "{\"a\":1,\"b\":1.0}", "{\"a\":\"x\",\"b\":1.0}"},
        {"{\"set_field\":{\"c\":[1.50]}}", "{\"a\":1}", "{\"a\":1,\"c\":[1.50]}"},
        {"{\"set_field\":{\"c\":null}}", "{}", "{\"c\":null}"},
        {"{\"drop_field\":[\"a\"]}", "{\"a\":1,\"b\":1.0}", "{\"b\":1.0}"},
        {"{\"drop_field\":[\"b\"]}", "{\"a\":1,\"b\":{\"b\":2}}", "{\"a\":1}"},
        {"{\"drop_field\":[\"a\",\"b\"]}", "{\"a\":1,\"b\":2}", "{}"},
        {"{\"drop_field\":[\"x\"]}", "{\"a\":1}", "{\"a\":1}"},
        {"{\"drop_field\":[\"a\"],\"set_field\":{\"b\":3}}", "{\"a\":1,\"b\":2}", "{\"b\":3}"},
        {"{\"set_field\":{\"expires_in\":\"3600\"}}", "{\r\n  \"access_token\": \"t\",\r\n  \"expires_in\": 3600\r\n}",
         "{\r\n  \"access_token\": \"t\",\r\n  \"expires_in\": \"3600\"\r\n}"},
        {"{\"drop_field\":[\"expires_in\"]}", "{\r\n  \"access_token\": \"t\",\r\n  \"expires_in\": 3600\r\n}",
         "{\r\n  \"access_token\": \"t\"\r\n}"},
        {"{\"set_field\":{\"a\":1}}", "[1]", "[1]"},
        {"{\"set_field\":{\"a\":1}}", "<html>", "<html>"},
        {"{\"set_field\":{\"a\":1}}", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_response response;
        struct auth_buf text;
        alter(rows[i].action, rows[i].before, &response, &text);
        assert_string_equal(text.n ? text.p : "", rows[i].after);
        assert_int_equal(response.status, 200);
        auth_buf_clear(&text);
        mock_response_clear(&response);
    }
}

static const char *header_of(const struct mock_response *response, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < response->header_count; i++) {
        if (strcmp(response->headers[i].name, name) == 0) {
            assert_null(value); /* once */
            value = response->headers[i].value;
        }
    }
    return value ? value : "";
}

/* The page was http://here/x. */
static void test_next_links(void **state)
{
    static const char bundle[] = "{\"a\":\"next\",\"link\":[{\"relation\":\"self\",\"url\":\"http://here/x\"},"
                                 "{\"url\":\"http://here:80/f/Obs?s=1/2\",\"relation\":\"next\"}],\"entry\":[]}";
    static const char last[] = "{\"link\":[{\"relation\":\"self\",\"url\":\"http://here/x\"}]}";
    static const struct {
        const char *how, *before, *part;
    } rows[] = {
        {"foreign", bundle, "{\"url\":\"http://127.0.0.1:80/f/Obs?s=1/2\",\"relation\":\"next\"}],\"entry\":[]}"},
        {"relative", bundle, "{\"url\":\"Obs?s=1/2\",\"relation\""},
        {"rooted", bundle, "{\"url\":\"/f/Obs?s=1/2\",\"relation\""},
        {"query", bundle, "{\"url\":\"?_at=2026-01-01T00:00:00Z&s=1/2\",\"relation\""},
        {"capitals", bundle, "{\"url\":\"HTTP://here:80/f/Obs?s=1/2\",\"relation\""},
        {"blank", bundle, "{\"url\":\"http://here:80/f/Obs?s=1/2&_note=page two\",\"relation\""},
        {"long", bundle, "{\"url\":\"http://here:80/f/Obs?s=1/2&_pad=xxxx"},
        {"self", bundle, "{\"url\":\"http://here/x\",\"relation\":\"next\"}],\"entry\":[]}"},
        {"self", last, "{\"link\":[{\"relation\":\"next\",\"url\":\"http://here/x\"},{\"relation\":\"self\""},
        {"foreign", last, last},
        {"self", "{\"link\":[]}", "{\"link\":[]}"},
        {"self", "{\"link\":7}", "{\"link\":7}"},
        {"self", "{\"a\":1}", "{\"a\":1}"},
        {"self", "<Bundle/>", "<Bundle/>"},
        {"relative", "{\"link\":[{\"relation\":\"next\",\"url\":\"odd\"}]}", "\"url\":\"odd\""},
        {"relative", "{\"link\":[{\"relation\":\"next\",\"url\":7},null,[]]}", "\"url\":"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char action[64];
        struct mock_response response;
        struct auth_buf text;
        snprintf(action, sizeof action, "{\"next_link\":\"%s\"}", rows[i].how);
        alter(action, rows[i].before, &response, &text);
        if (!strstr(text.p, rows[i].part))
            fail_msg("%s: no %s in %s", rows[i].how, rows[i].part, text.p);
        auth_buf_clear(&text);
        mock_response_clear(&response);
    }
}

static void test_retry_dates(void **state)
{
    static const struct {
        const char *action, *date, *after;
    } rows[] = {
        {"{\"retry_after_date\":{\"in_s\":2}}", "Mon, 23 Nov 2026 18:00:00 GMT", "Mon, 23 Nov 2026 18:00:02 GMT"},
        {"{\"retry_after_date\":{\"in_s\":2,\"form\":\"rfc850\"}}", "Sun, 06 Nov 1994 23:59:59 GMT",
         "Monday, 07-Nov-94 00:00:01 GMT"},
        {"{\"retry_after_date\":{\"in_s\":-1,\"form\":\"asctime\"}}", "Sun, 06 Nov 1994 08:49:38 GMT",
         "Sun Nov  6 08:49:37 1994"},
        {"{\"retry_after_date\":{\"in_s\":0,\"form\":\"asctime\"}}", "Wed, 16 Nov 1994 08:49:38 GMT",
         "Wed Nov 16 08:49:38 1994"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[128];
        struct mock_response response;
        snprintf(json, sizeof json, "{\"action\":%s}", rows[i].action);
        struct mock_fault *fault = read_fault(json);
        assert_false(mock_fault_replaces(fault));
        mock_response_init(&response);
        mock_response_header(&response, "Date", rows[i].date);
        mock_fault_alter(fault, auth_view_from_string("http://here/x"), &response);
        assert_string_equal(header_of(&response, "Retry-After"), rows[i].after);
        mock_response_clear(&response);
        mock_response_init(&response);
        mock_fault_alter(fault, auth_view_from_string("http://here/x"), &response); /* by no Date */
        assert_string_equal(header_of(&response, "Retry-After"), "");
        mock_response_clear(&response);
        mock_fault_release(fault);
    }
}

static void test_answers(void **state)
{
    static const struct {
        const char *action, *body;
        int status;
        const char *header, *value;
    } rows[] = {
        {"{\"status\":503}", "{}", 503, "Content-Type", "application/json"},
        {"{\"status\":429,\"headers\":{\"Retry-After\":\"7\"}}", "{}", 429, "Retry-After", "7"},
        {"{\"headers\":{\"content-type\":\"text/x\"}}", "{}", 200, "content-type", "text/x"},
        {"{\"headers\":{\"Content-Type\":\"\"}}", "{}", 200, "Content-Type", ""},
        {"{\"body\":\"<p>\"}", "<p>", 200, "Content-Type", "text/html; charset=utf-8"},
        {"{\"body\":\" [1]\"}", " [1]", 200, "Content-Type", "application/json"},
        {"{\"body\":\"\"}", "", 200, "Content-Type", "application/json"},
        {"{\"pad_to\":5}", "{}   ", 200, "Location", ""},
        {"{\"pad_to\":1}", "{}", 200, "Location", ""},
        {"{\"redirect\":{\"to\":\"same\"}}", "{}", 307, "Location", "http://here/x"},
        {"{\"redirect\":{\"to\":\"foreign\",\"status\":301}}", "{}", 301, "Location", "http://127.0.0.1/x"},
        {"{\"redirect\":{\"to\":\"http://a/b\",\"status\":308}}", "{}", 308, "Location", "http://a/b"},
        {"{\"gzip\":true}", NULL, 200, "Content-Encoding", "gzip"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_response response;
        struct auth_buf text;
        alter(rows[i].action, "{}", &response, &text);
        assert_int_equal(response.status, rows[i].status);
        assert_string_equal(header_of(&response, rows[i].header), rows[i].value);
        if (rows[i].body)
            assert_string_equal(text.n ? text.p : "", rows[i].body);
        auth_buf_clear(&text);
        mock_response_clear(&response);
    }
}

static void test_what_is_no_fault(void **state)
{
    static const struct {
        const char *json, *part;
    } rows[] = {
        {"{}", "action: "},
        {"[]", "a JSON object is needed"},
        {"{\"action\":{}}", "at least one"},
        {"{\"action\":{\"statu\":503}}", "did you mean \"status\"?"},
        {"{\"action\":{\"status\":199}}", "status: a whole number from 200 to 599"},
        {"{\"action\":{\"status\":600}}", "status: "},
        {"{\"match\":{\"route\":\"tokens\"},\"action\":{\"status\":503}}", "route: token, introspect"},
        {"{\"match\":{\"route\":\"admin\"},\"action\":{\"status\":503}}", "the admin API is not disturbed"},
        {"{\"match\":{\"nth\":0},\"action\":{\"status\":503}}", "nth: "},
        {"{\"match\":{\"probability\":1.01},\"action\":{\"status\":503}}", "probability: "},
        {"{\"match\":[],\"action\":{\"status\":503}}", "a JSON object is needed"},
        {"{\"action\":{\"headers\":{\"Content-Length\":\"5\"}}}", "Content-Length cannot be set"},
        {"{\"action\":{\"headers\":{\"X\":\"a\\r\\nY: b\"}}}", "X cannot be set"},
        {"{\"action\":{\"headers\":{\"X Y\":\"a\"}}}", "X Y cannot be set"},
        {"{\"action\":{\"headers\":{\"\":\"a\"}}}", "cannot be set"},
        {"{\"action\":{\"headers\":{\"X\":5}}}", "X cannot be set"},
        {"{\"action\":{\"headers\":\"X: y\"}}", "headers: {"},
        {"{\"action\":{\"reset\":\"after\"}}", "reset: \"before\""},
        {"{\"action\":{\"reset\":-1}}", "reset: "},
        {"{\"action\":{\"reset\":1,\"truncate\":1}}", "exclude each other"},
        {"{\"action\":{\"truncate\":0,\"wrong_content_length\":1}}", "exclude each other"},
        {"{\"action\":{\"drip\":{\"bytes\":0,\"every_ms\":1}}}", "drip: bytes"},
        {"{\"action\":{\"drip\":{\"bytes\":1}}}", "drip: every_ms"},
        {"{\"action\":{\"drip\":5}}", "drip: "},
        {"{\"action\":{\"redirect\":{\"to\":\"same\",\"status\":200}}}", "redirect: status"},
        {"{\"action\":{\"redirect\":{}}}", "redirect: to"},
        {"{\"action\":{\"redirect\":{\"to\":\"http://a\\r\\nX: y\"}}}", "redirect: "},
        {"{\"action\":{\"set_field\":{}}}", "set_field: "},
        {"{\"action\":{\"next_link\":\"away\"}}", "next_link: foreign, relative"},
        {"{\"action\":{\"retry_after_date\":{\"form\":\"imf\"}}}", "retry_after_date: in_s"},
        {"{\"action\":{\"retry_after_date\":{\"in_s\":1,\"form\":\"iso\"}}}", "form is imf, rfc850 or asctime"},
        {"{\"action\":{\"set_field\":[]}}", "set_field: "},
        {"{\"action\":{\"drop_field\":\"a\"}}", "drop_field: "},
        {"{\"action\":{\"delay_ms\":3600001}}", "delay_ms: "},
        {"{\"action\":{\"status\":503},\"actions\":{}}", "unknown member"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_fault *fault = NULL;
        struct auth_err err = {0};
        enum auth_rc rc = mock_fault_read(auth_view_from_string(rows[i].json), &fault, &err);
        if (rc == AUTH_OK || !strstr(err.detail, rows[i].part))
            fail_msg("%s: %s", rows[i].json, err.detail);
    }
}

/* ---- with a server ---- */

static void test_a_replaced_token_request_leaves_nothing(void **state)
{
    struct support *support = *state;
    char *form = support_new_form("faulty", SUPPORT_NOW_S + 60);
    assert_int_equal(support_admin(support, "POST", "/mock/faults",
                                   "{\"match\":{\"route\":\"token\",\"times\":2,\"client_id\":\"" SUPPORT_CLIENT_ID
                                   "\"},\"action\":{\"status\":503,\"headers\":{\"Retry-After\":\"1\"}}}"),
                     201);
    for (int i = 0; i < 2; i++)
        assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form), 503);
    support_expect(support, "GET", "/mock/tokens", NULL, NULL, "[]");
    support_expect(support, "GET", "/mock/journal?kind=token&limit=1", NULL, NULL,
                   "\"status\":503,\"error\":null,\"note\":\"fault 1 answered, not Epic\"");
    support_expect(support, "GET", "/mock/journal?kind=token&limit=1", NULL, NULL, "\"faults\":[1]");
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form), 200);
    support_expect(support, "GET", "/mock/faults", NULL, NULL, "\"count\":3,\"hits\":2");
    free(form);
}

static void test_a_changed_token_answer_is_epics(void **state)
{
    struct support *support = *state;
    char *form = support_new_form("changed", SUPPORT_NOW_S + 60);
    assert_int_equal(
        support_admin(support, "POST", "/mock/faults",
                      "{\"match\":{\"route\":\"token\"},\"action\":{\"set_field\":{\"expires_in\":\"3600\"}}}"),
        201);
    struct support_answer answer = support_send(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    assert_int_equal(answer.status, 200);
    assert_non_null(
        strstr(answer.body, "\",\r\n  \"token_type\": \"Bearer\",\r\n  \"expires_in\": \"3600\",\r\n  \"scope\": \""));
    char *token = support_member(answer.body, "access_token");
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 200);
    support_expect(support, "GET", "/mock/journal?kind=token&limit=1", NULL, NULL,
                   "\"faults\":[1],\"outcome\":\"issued\"");
    free(token);
    support_answer_clear(&answer);
    free(form);
}

/* By the token that came, even where it has expired. */
static void test_a_client_is_known_by_its_token(void **state)
{
    struct support *support = *state;
    char *token = support_token(support);
    assert_int_equal(support_admin(support, "POST", "/mock/faults",
                                   "{\"match\":{\"route\":\"fhir\",\"client_id\":\"" SUPPORT_CLIENT_ID
                                   "\",\"every\":2},\"action\":{\"status\":500}}"),
                     201);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 200);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, NULL), 401);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 500);
    assert_int_equal(support_admin(support, "DELETE", "/mock/faults/1", NULL), 204);
    assert_int_equal(support_admin(support, "DELETE", "/mock/faults/1", NULL), 404);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 200);
    free(token);
}

static void *end_faults(void *ctx)
{
    const struct auth_env *env = auth_env_system();
    env->sleep_ms(env->ctx, 50);
    assert_int_equal(support_admin(ctx, "POST", "/mock/reset", "{\"what\":[\"faults\"]}"), 200);
    return NULL;
}

static void test_a_delay_ends_with_its_fault(void **state)
{
    struct support *support = *state;
    const struct auth_env *env = auth_env_system();
    pthread_t thread;
    assert_int_equal(support_admin(support, "POST", "/mock/faults", "{\"action\":{\"delay_ms\":60}}"), 201);
    int64_t start_ms = env->steady_ms(env->ctx);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, NULL), 401);
    assert_true(env->steady_ms(env->ctx) >= start_ms + 60);
    assert_int_equal(support_admin(support, "DELETE", "/mock/faults", NULL), 204);
    assert_int_equal(support_admin(support, "POST", "/mock/faults", "{\"action\":{\"delay_ms\":3600000}}"), 201);
    assert_int_equal(pthread_create(&thread, NULL, end_faults, support), 0);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, NULL), 401); /* or this test takes an hour */
    assert_int_equal(pthread_join(thread, NULL), 0);
    support_expect(support, "GET", "/mock/faults", NULL, NULL, "[]");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define SERVED(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_fits),
        TEST(test_which_of_them),
        TEST(test_the_first_due_one_acts_and_all_count),
        TEST(test_chance),
        TEST(test_threads),
        TEST(test_fields),
        TEST(test_answers),
        TEST(test_next_links),
        TEST(test_retry_dates),
        TEST(test_what_is_no_fault),
        SERVED(test_a_replaced_token_request_leaves_nothing),
        SERVED(test_a_changed_token_answer_is_epics),
        SERVED(test_a_client_is_known_by_its_token),
        SERVED(test_a_delay_ends_with_its_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
