/* The calls under /mock through the whole server without sockets: what each answers, and who may call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support.h"

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
        int status = support_admin(*state, rows[i].method, rows[i].target, rows[i].body);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_admin_bad_keys_are_refused_with_their_reason),
        TEST(test_admin_rows),
        TEST(test_admin_refuses_foreign_host_and_origin),
        TEST(test_admin_token_opens_from_afar_and_is_named_as_it_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
