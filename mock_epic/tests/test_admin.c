/* The admin API takes what it knows and refuses the rest: no misspelt, mistyped, empty or stray word of a request does
 * something else than was meant, and what is refused has changed nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/state/members.h"
#include "mock_epic/tests/support.h"

static char *get(struct support *support, const char *target)
{
    struct support_answer answer = support_send(support, "GET", target, NULL, NULL, NULL);
    assert_int_equal(answer.status, 200);
    return answer.body;
}

/* All that a call could have changed. The clock stands still; how far it is from real time does not. */
static char *state_of(struct support *support)
{
    static const char *const targets[] = {"/mock/apps", "/mock/tokens", "/mock/journal?limit=1000"};
    struct auth_buf all;
    auth_buf_init(&all, 1 << 22);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        char *text = get(support, targets[i]);
        auth_buf_add_string(&all, text);
        free(text);
    }
    auth_buf_add_int(&all, mock_clock_now_us(&support->instance.clock));
    char *text = auth_buf_take(&all, NULL);
    assert_non_null(text);
    return text;
}

/* The call is refused with 400, its message holds `part`, and nothing has changed. */
static void expect_refusal(struct support *support, const char *method, const char *target, const char *body,
                           const char *part)
{
    char *before = state_of(support);
    struct support_answer answer = support_send(support, method, target, NULL, NULL, body);
    if (answer.status != 400 || !strstr(answer.body, part))
        fail_msg("%s %s %s: %d %s (no %s)", method, target, body ? body : "", answer.status, answer.body, part);
    support_answer_clear(&answer);
    char *after = state_of(support);
    if (strcmp(before, after) != 0)
        fail_msg("%s %s %s: refused, and something changed", method, target, body ? body : "");
    free(before);
    free(after);
}

/* ---- one row for each member of each call ---- */

static const struct {
    const char *method, *target, *others; /* what must stand beside it, ending in a comma */
    const char *name, *good;              /* "client_id", and a value as JSON */
} members[] = {
    {"PUT", "/mock/clock", "", "now", "1790000000"},
    {"PUT", "/mock/clock", "", "now_rfc3339", "\"2026-09-21T14:13:20Z\""},
    {"PUT", "/mock/clock", "", "offset_s", "5"},
    {"PUT", "/mock/clock", "", "rate", "1.5"},
    {"PUT", "/mock/clock", "", "frozen", "true"},
    {"POST", "/mock/clock/advance", "", "seconds", "5"},
    {"POST", "/mock/tokens/age", "", "seconds", "5"},
    {"POST", "/mock/tokens/age", "\"seconds\":5,", "client_id", "\"x\""},
    {"POST", "/mock/tokens/revoke", "", "client_id", "\"x\""},
    {"POST", "/mock/tokens/revoke", "", "token", "\"x\""},
    {"POST", "/mock/reset", "", "what", "[\"jti\"]"},
    {"POST", "/mock/apps", "\"jwks_url\":\"http://127.0.0.1:1/\",", "client_id", "\"x\""},
    {"POST", "/mock/apps", "\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",", "name", "\"x\""},
    {"POST", "/mock/apps", "\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",", "scopes", "[]"},
    {"POST", "/mock/apps", "\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",", "scope_version", "1"},
    {"POST", "/mock/apps", "\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",", "environment",
     "\"production\""},
    {"POST", "/mock/apps", "\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",", "background_user", "true"},
    {"POST", "/mock/apps", "\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",", "synced_after_s", "5"},
    {"POST", "/mock/apps", "\"client_id\":\"x\",", "jwks_url", "\"http://127.0.0.1:1/\""},
};
enum { MEMBERS = sizeof members / sizeof *members };

static void row_body(char *body, size_t size, size_t row, const char *name, const char *value)
{
    int n = snprintf(body, size, "{%s\"%s\":%s}", members[row].others, name, value);
    assert_true(n > 0 && (size_t)n < size);
}

static void test_misspelt_members(void **state)
{
    char *token = support_token(*state), body[512], name[64], likely[96];
    for (size_t i = 0; i < MEMBERS; i++) {
        size_t n = strlen(members[i].name);
        snprintf(likely, sizeof likely, "did you mean \\\"%s\\\"", members[i].name);
        for (size_t cut = 0; cut < n; cut++) { /* a letter left out: clientid; and one doubled */
            snprintf(name, sizeof name, "%.*s%s", (int)cut, members[i].name, members[i].name + cut + 1);
            row_body(body, sizeof body, i, name, members[i].good);
            expect_refusal(*state, members[i].method, members[i].target, body, n > 4 ? likely : "unknown member");
            snprintf(name, sizeof name, "%.*s%s", (int)cut + 1, members[i].name, members[i].name + cut);
            row_body(body, sizeof body, i, name, members[i].good);
            expect_refusal(*state, members[i].method, members[i].target, body, "unknown member");
        }
        snprintf(name, sizeof name, "%s", members[i].name);
        name[0] = (char)(name[0] - 'a' + 'A'); /* names are exact */
        row_body(body, sizeof body, i, name, members[i].good);
        expect_refusal(*state, members[i].method, members[i].target, body, "unknown member");
        row_body(body, sizeof body, i, "", members[i].good);
        expect_refusal(*state, members[i].method, members[i].target, body, "unknown member");
    }
    expect_refusal(*state, "POST", "/mock/tokens/revoke", "{\"clientid\":\"x\"}",
                   "unknown member \\\"clientid\\\", did you mean \\\"client_id\\\"?; known: client_id, token");
    free(token);
}

static void test_wrong_types(void **state)
{
    static const char *const values[] = {"null", "true", "7.5",          "\"\"", "[]",
                                         "{}",   "[7]",  "[\"x\",null]", "-3",   "1e300"};
    char *token = support_token(*state), body[512], wanted[64];
    for (size_t i = 0; i < MEMBERS; i++) {
        snprintf(wanted, sizeof wanted, "\"%s: ", members[i].name);
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            bool is_string = members[i].good[0] == '"', is_array = members[i].good[0] == '[';
            bool is_bool = strcmp(members[i].good, "true") == 0, is_number = !is_string && !is_array && !is_bool;
            bool is_fitting =
                (is_bool && strcmp(values[j], "true") == 0) || /* what would be taken, or refused otherwise */
                (is_number && strchr("-7", values[j][0])) || strcmp(members[i].name, "what") == 0 ||
                (is_array && strcmp(values[j], "[]") == 0) ||
                (strcmp(members[i].name, "now_rfc3339") == 0 && strchr("-7", values[j][0])) ||
                (strcmp(values[j], "\"\"") == 0 && strstr("name jwks_url", members[i].name));
            if (is_fitting)
                continue;
            row_body(body, sizeof body, i, members[i].name, values[j]);
            expect_refusal(*state, members[i].method, members[i].target, body, wanted);
        }
        snprintf(body, sizeof body, "{%s\"%s\":%s,\"%s\":%s}", members[i].others, members[i].name, members[i].good,
                 members[i].name, members[i].good);
        expect_refusal(*state, members[i].method, members[i].target, body, members[i].name);
    }
    free(token);
}

static void test_bodies_that_are_no_object(void **state)
{
    static const char *const bodies[] = {"[]", "7", "null", "\"x\"", "{", "{}{}", "client_id=x"};
    char *token = support_token(*state);
    for (size_t i = 0; i < MEMBERS; i++) {
        for (size_t j = 0; j < sizeof bodies / sizeof *bodies; j++)
            expect_refusal(*state, members[i].method, members[i].target, bodies[j], "\"error\":\"bad_");
    }
    expect_refusal(*state, "PUT", "/mock/clock", NULL, "a JSON object is needed");
    expect_refusal(*state, "POST", "/mock/tokens/age", NULL, "a JSON object is needed");
    expect_refusal(*state, "POST", "/mock/tokens/age", "{}", "seconds: a whole number of seconds");
    free(token);
}

/* A script whose variable is unset, and a choice that says two things. */
static void test_nobody_is_not_everybody(void **state)
{
    char *token = support_token(*state);
    expect_refusal(*state, "POST", "/mock/tokens/revoke", "{\"client_id\":\"\"}", "client_id: a string of 1 to 128");
    expect_refusal(*state, "POST", "/mock/tokens/revoke", "{\"token\":\"\"}", "token: a string of 1 to 4096");
    expect_refusal(*state, "POST", "/mock/tokens/revoke", "{\"client_id\":null}", "client_id: ");
    expect_refusal(*state, "POST", "/mock/tokens/age", "{\"seconds\":1,\"client_id\":\"\"}", "client_id: ");
    expect_refusal(*state, "POST", "/mock/tokens/revoke", "{\"client_id\":\"a\",\"token\":\"b\"}", "not both");
    expect_refusal(*state, "POST", "/mock/reset", "{\"what\":[]}", "what: an array");
    expect_refusal(*state, "POST", "/mock/reset", "{\"what\":\"jti\"}", "what: an array");
    expect_refusal(*state, "POST", "/mock/reset", "{\"what\":[\"jti\",\"tokenz\"]}", "an array of journal");
    /* and what is everybody: {}, or no body at all */
    struct support_answer answer =
        support_send(*state, "POST", "/mock/tokens/revoke", NULL, NULL, "{\"client_id\":\"nobody\"}");
    assert_string_equal(answer.body, "{\"revoked\":0}\n");
    support_answer_clear(&answer);
    answer = support_send(*state, "POST", "/mock/tokens/revoke", NULL, NULL, "{}");
    assert_string_equal(answer.body, "{\"revoked\":1}\n");
    support_answer_clear(&answer);
    free(token);
    free(support_token(*state));
    answer = support_send(*state, "POST", "/mock/tokens/revoke", NULL, NULL, NULL);
    assert_string_equal(answer.body, "{\"revoked\":1}\n");
    support_answer_clear(&answer);
}

/* A parameter of no call, and a body on a call that takes none, would be taken for filters. */
static void test_stray_parameters_and_bodies(void **state)
{
    static const struct {
        const char *method, *target, *body, *part;
    } rows[] = {
        {"GET", "/mock/journal?clientid=x", NULL,
         "unknown parameter \\\"clientid\\\", did you mean \\\"client_id\\\"?"},
        {"GET", "/mock/journal?kind=token&limits=5", NULL, "known: kind, client_id, status, limit"},
        {"GET", "/mock/journal?kind=token&kind=fhir", NULL, "given twice"},
        {"GET", "/mock/journal?status=99", NULL, "status: 100 to 599"},
        {"GET", "/mock/journal?status=600", NULL, "status: 100 to 599"},
        {"GET", "/mock/journal?limit=-1", NULL, "limit: 0 to 1000"},
        {"GET", "/mock/tokens?kind=x", NULL, "known: client_id, limit"},
        {"GET", "/mock/tokens?limit=-1", NULL, "limit: a whole number"},
        {"GET", "/mock/clock?now=1", NULL, "known: none"},
        {"DELETE", "/mock/journal?kind=token", NULL, "unknown parameter"},
        {"POST", "/mock/tokens/revoke?client_id=x", "{}", "unknown parameter"},
        {"POST", "/mock/reset?what=jti", "", "unknown parameter"},
        {"DELETE", "/mock/journal", "{\"kind\":\"token\"}", "takes no body"},
        {"DELETE", "/mock/apps/" SUPPORT_CLIENT_ID, "{}", "takes no body"},
    };
    free(support_token(*state));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refusal(*state, rows[i].method, rows[i].target, rows[i].body, rows[i].part);
}

/* As long as a path may be: nothing of that name is there, and nothing else is wrong. */
static void test_the_longest_name(void **state)
{
    char target[8000];
    for (size_t i = 0; i < 2; i++) {
        int n = snprintf(target, sizeof target, "/mock/%s/", i ? "journal" : "apps");
        memset(target + n, 'x', sizeof target - (size_t)n - 1);
        target[sizeof target - 1] = '\0';
        struct support_answer answer = support_send(*state, "GET", target, NULL, NULL, NULL);
        assert_int_equal(answer.status, 404);
        support_answer_clear(&answer);
    }
}

static size_t listed(struct support *support, const char *target)
{
    struct auth_json *doc = NULL;
    size_t count = 0;
    char *text = get(support, target);
    assert_int_equal(auth_json_parse(auth_view_trim(auth_view_from_string(text)), &doc, NULL), AUTH_OK);
    for (const struct auth_json_node *node = auth_json_first(auth_json_root(doc)); node; node = auth_json_next(node))
        count++;
    auth_json_free(doc);
    free(text);
    return count;
}

static void test_listing_some_tokens(void **state)
{
    for (int i = 0; i < 5; i++)
        free(support_token(*state));
    assert_int_equal(listed(*state, "/mock/tokens"), 5);
    assert_int_equal(listed(*state, "/mock/tokens?limit=0"), 0);
    assert_int_equal(listed(*state, "/mock/tokens?limit=4"), 4);
    assert_int_equal(listed(*state, "/mock/tokens?limit=6"), 5);
    assert_int_equal(listed(*state, "/mock/tokens?client_id=" SUPPORT_CLIENT_ID), 5);
    assert_int_equal(listed(*state, "/mock/tokens?client_id=nobody"), 0);
}

/* A body that the server has not read, because DELETE takes none, still shows in the headers. */
static void test_a_body_that_was_not_read(void **state)
{
    static const struct {
        const char *name, *value;
        int status;
    } rows[] = {{"Content-Length", "2", 400}, {"Transfer-Encoding", "chunked", 400}, {"Content-Length", "0", 204}};
    struct support *support = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct mock_header headers[] = {
            {auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")},
            {auth_view_from_string(rows[i].name), auth_view_from_string(rows[i].value)},
        };
        struct mock_request request = {
            .method = auth_view_from_string("DELETE"),
            .path = auth_view_from_string("/mock/journal"),
            .headers = headers,
            .header_count = 2,
            .is_loopback_peer = true,
        };
        struct mock_response response;
        mock_response_init(&response);
        mock_dispatch(&support->instance, &request, &response);
        assert_int_equal(response.status, rows[i].status);
        mock_response_clear(&response);
    }
}

/* ---- what GET shows, PUT takes ---- */

static void test_answers_can_be_sent_back(void **state)
{
    static const char app_path[] = "/mock/apps/" SUPPORT_CLIENT_ID;
    char *app = get(*state, app_path), *clock = get(*state, "/mock/clock");
    assert_non_null(strstr(app, "thumbprint_sha1"));
    struct support_answer answer = support_send(*state, "PUT", app_path, NULL, NULL, app);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, app);
    support_answer_clear(&answer);
    assert_non_null(strstr(clock, "offset_s"));
    answer = support_send(*state, "PUT", "/mock/clock", NULL, NULL, clock);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"now_rfc3339\":\"2026-09-21T14:13:20Z\""));
    support_answer_clear(&answer);
    support_add_url_app(*state, "url", "http://127.0.0.1:1/jwks");
    free(app);
    app = get(*state, "/mock/apps/url");
    assert_non_null(strstr(app, "jwks_fetched"));
    answer = support_send(*state, "PUT", "/mock/apps/url", NULL, NULL, app);
    assert_int_equal(answer.status, 200);
    support_answer_clear(&answer);
    expect_refusal(*state, "PUT", "/mock/clock", "{\"now\":1790000000,\"now_rfc3339\":\"2026-09-21T14:13:21Z\"}",
                   "different times");
    free(app);
    free(clock);
}

/* ---- bounds of an app, each with its limit ---- */

static void test_bounds_of_an_app(void **state)
{
    static const struct {
        const char *before;
        size_t max;
        const char *after, *part;
    } rows[] = {
        {"{\"jwks_url\":\"http://127.0.0.1:1/\",\"client_id\":\"", MOCK_CLIENT_ID_MAX, "\"}",
         "1 to 128 bytes, not a string of 129"},
        {"{\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",\"name\":\"", MOCK_APP_NAME_MAX, "\"}",
         "name: a string of 0 to 256 bytes, not a string of 257"},
        {"{\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/", MOCK_APP_URL_MAX - 19, "\"}",
         "jwks_url: a string of 0 to 2048 bytes, not a string of 2049"},
    };
    static char text[4096];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t over = 0; over < 2; over++) {
            size_t n = rows[i].max + over;
            char *body = malloc(n + 1024);
            assert_non_null(body);
            memset(text, 'a', n);
            text[n] = '\0';
            snprintf(body, n + 1024, "%s%s%s", rows[i].before, text, rows[i].after);
            if (over) {
                expect_refusal(*state, "POST", "/mock/apps", body, rows[i].part);
            } else {
                struct support_answer answer = support_send(*state, "POST", "/mock/apps", NULL, NULL, body);
                if (answer.status != 201)
                    fail_msg("%s: %s", rows[i].part, answer.body);
                support_answer_clear(&answer);
                answer = support_send(*state, "POST", "/mock/reset", NULL, NULL, "{\"what\":[\"apps\"]}");
                support_answer_clear(&answer);
            }
            free(body);
        }
    }
}

static char *scopes_body(size_t count, size_t bytes_each)
{
    struct auth_buf body;
    auth_buf_init(&body, 1 << 21);
    auth_buf_add_string(&body, "{\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/\",\"scopes\":[");
    for (size_t i = 0; i < count; i++) {
        auth_buf_add_string(&body, i ? ",\"system/" : "\"system/");
        for (size_t j = 0; j < bytes_each - 9; j++)
            auth_buf_add_char(&body, 'A');
        auth_buf_add_string(&body, ".r\"");
    }
    auth_buf_add_string(&body, "]}");
    char *text = auth_buf_take(&body, NULL);
    assert_non_null(text);
    return text;
}

static void test_bounds_of_scopes(void **state)
{
    char *body = scopes_body(MOCK_APP_SCOPES_MAX, 15);
    struct support_answer answer = support_send(*state, "POST", "/mock/apps", NULL, NULL, body);
    assert_int_equal(answer.status, 201);
    support_answer_clear(&answer);
    free(body);
    body = scopes_body(MOCK_APP_SCOPES_MAX + 1, 10);
    expect_refusal(*state, "POST", "/mock/apps", body, "scopes: an array of at most 1000 strings");
    free(body);
    body = scopes_body(1000, 17);
    expect_refusal(*state, "POST", "/mock/apps", body, "scopes: at most 16384 bytes in all");
    free(body);
    /* as large as may be, in the form that is written longest */
    body = scopes_body(1000, 15);
    for (char *at = body; (at = strstr(at, "A.r\"")); at++)
        memcpy(at, ".rs\"", 4);
    answer = support_send(*state, "PUT", "/mock/apps/x", NULL, NULL, body);
    if (answer.status != 200)
        fail_msg("%d %s", answer.status, answer.body);
    support_answer_clear(&answer);
    free(body);
}

/* ---- bounds of all together ---- */

static int status_of_reset(struct support *support)
{
    struct support_answer answer = support_send(support, "POST", "/mock/reset", NULL, NULL, "{\"what\":[\"apps\"]}");
    int status = answer.status;
    support_answer_clear(&answer);
    return status;
}

static int register_url_app(struct support *support, const char *method, size_t number, char **message)
{
    char body[256], target[64];
    snprintf(body, sizeof body, "{\"client_id\":\"app-%zu\",\"jwks_url\":\"http://127.0.0.1:1/\",\"scopes\":[]}",
             number);
    snprintf(target, sizeof target, "/mock/apps/app-%zu", number);
    bool is_put = strcmp(method, "PUT") == 0;
    struct support_answer answer = support_send(support, method, is_put ? target : "/mock/apps", NULL, NULL, body);
    int status = answer.status;
    if (message)
        *message = answer.body;
    else
        free(answer.body);
    return status;
}

static void test_more_than_a_thousand_apps(void **state)
{
    enum { APPS = 2500 };
    struct support *support = *state;
    char *message = NULL, target[64];
    for (size_t i = 0; i < APPS; i++)
        assert_int_equal(register_url_app(support, "POST", i, NULL), 201);
    char *all = get(support, "/mock/apps");
    struct auth_json *doc = NULL;
    char *last = NULL;
    size_t count = 0;
    assert_int_equal(auth_json_parse(auth_view_trim(auth_view_from_string(all)), &doc, NULL), AUTH_OK);
    for (const struct auth_json_node *node = auth_json_first(auth_json_root(doc)); node; node = auth_json_next(node)) {
        char *id = auth_view_dup(auth_json_member_string(node, "client_id"));
        assert_true(id && (!last || strcmp(last, id) < 0)); /* sorted, none twice */
        free(last);
        last = id;
        count++;
    }
    assert_int_equal(count, APPS + 1);
    free(last);
    free(all);
    auth_json_free(doc);
    /* the bound is one of bytes: at it another is refused by name, a replacement of the same size is not */
    support->instance.apps.bytes_max = support->instance.apps.bytes;
    assert_int_equal(register_url_app(support, "POST", APPS, &message), 413);
    if (!strstr(message, "would take more than ") || !strstr(message, " KiB together"))
        fail_msg("%s", message);
    free(message);
    assert_int_equal(register_url_app(support, "POST", 7, NULL), 409);
    assert_int_equal(register_url_app(support, "PUT", 7, NULL), 200);
    for (size_t i = 0; i < APPS; i++) {
        snprintf(target, sizeof target, "/mock/apps/app-%zu", i);
        struct support_answer answer = support_send(support, "DELETE", target, NULL, NULL, NULL);
        assert_int_equal(answer.status, 204);
        support_answer_clear(&answer);
        if (i == 0) /* and room for one is room for one */
            assert_int_equal(register_url_app(support, "POST", 0, NULL), 201);
        if (i == 0)
            assert_int_equal(register_url_app(support, "POST", APPS + 5, NULL), 413);
    }
    assert_int_equal(support->instance.apps.table.count, 2);
    assert_int_equal(status_of_reset(support), 200);
    assert_int_equal(support->instance.apps.table.count, 1);
    free(support_token(support));
}

/* The store is full: 503, the reason in the journal, and the same assertion is good when there is room. */
static void test_a_full_store(void **state)
{
    struct support *support = *state;
    struct mock_store *store = support->instance.store;
    char *form = support_new_form("full", SUPPORT_NOW_S + 60), target[64];
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++) {
        size_t before = store->bytes_max[kind];
        store->bytes_max[kind] = store->ops->bytes(store, (enum mock_store_kind)kind);
        struct support_answer answer =
            support_send(support, "POST", SUPPORT_TOKEN_PATH, NULL, "application/x-www-form-urlencoded", form);
        assert_int_equal(answer.status, 503);
        assert_non_null(strstr(answer.body, "temporarily_unavailable"));
        snprintf(target, sizeof target, "/mock/journal/%s", answer.decision);
        char *entry = get(support, target);
        assert_non_null(strstr(entry, "the store holds"));
        assert_non_null(strstr(entry, "\"status\":503"));
        free(entry);
        support_answer_clear(&answer);
        store->bytes_max[kind] = before;
    }
    assert_int_equal(store->ops->count(store, MOCK_STORE_JTI), 0);
    struct support_answer answer =
        support_send(support, "POST", SUPPORT_TOKEN_PATH, NULL, "application/x-www-form-urlencoded", form);
    assert_int_equal(answer.status, 200);
    support_answer_clear(&answer);
    free(form);
}

/* An answer that would be too big names the limit; and the next one is as ever. */
static void test_answers_that_are_too_big(void **state)
{
    static const struct {
        const char *target;
        int status;
        const char *part;
    } rows[] = {
        {"/mock/apps", 500, "\"answer_too_big\",\"message\":\"the answer would be larger than 1000 bytes"},
        {SUPPORT_FHIR_PATH "/Observation?patient=eq081-VQEgP8drUUqCWzHfw3&category=vital-signs", 400,
         "would be larger than 1000 bytes"},
    };
    struct support *support = *state;
    char *token = support_token(support), authorization[256];
    snprintf(authorization, sizeof authorization, "Bearer %s", token);
    const struct mock_header headers[] = {
        {auth_view_from_string("Host"), auth_view_from_string("127.0.0.1:8423")},
        {auth_view_from_string("Authorization"), auth_view_from_string(authorization)},
    };
    for (size_t i = 0; i < 2 * (sizeof rows / sizeof *rows); i++) {
        struct auth_view query = auth_view_from_string(rows[i / 2].target);
        struct mock_request request = {
            .method = auth_view_from_string("GET"), .headers = headers, .header_count = 2, .is_loopback_peer = true};
        request.path = auth_view_split(&query, '?');
        request.query = query;
        struct mock_response response;
        struct auth_buf body;
        mock_response_init(&response);
        response.text.cap = i % 2 ? MOCK_RESPONSE_BODY_MAX : 1000;
        mock_dispatch(&support->instance, &request, &response);
        assert_false(response.is_spoiled);
        auth_buf_init(&body, 1 << 24);
        mock_response_body(&response, &body);
        assert_int_equal(response.status, i % 2 ? 200 : rows[i / 2].status);
        if (i % 2 == 0 && !strstr(body.p, rows[i / 2].part))
            fail_msg("%s: %s", rows[i / 2].target, body.p);
        auth_buf_clear(&body);
        mock_response_clear(&response);
    }
    free(token);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_misspelt_members),
        TEST(test_wrong_types),
        TEST(test_bodies_that_are_no_object),
        TEST(test_nobody_is_not_everybody),
        TEST(test_stray_parameters_and_bodies),
        TEST(test_the_longest_name),
        TEST(test_listing_some_tokens),
        TEST(test_a_body_that_was_not_read),
        TEST(test_answers_can_be_sent_back),
        TEST(test_bounds_of_an_app),
        TEST(test_bounds_of_scopes),
        TEST(test_more_than_a_thousand_apps),
        TEST(test_a_full_store),
        TEST(test_answers_that_are_too_big),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
