/* Many Epics in one process: nothing of one is seen in another, and they come and go while requests run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/instance/instances.h"
#include "mock_epic/tests/support.h"

#define PATIENT "/interconnect-fhir-oauth/api/FHIR/R4/Patient/erXuFYUfucBZaryVksYEcMg3"
enum { THREADS = 4, ROUNDS = 150, NAMES = 6 };

static struct support support;
static struct mock_instances instances;

static int set_up(void **state)
{
    (void)state;
    support_init(&support, "epic");
    mock_instances_init(&instances, &support.instance);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_instances_clear(&instances);
    support_clear(&support);
    return 0;
}

/* The status of a call; part, when not NULL, must be in the body. */
static int call(const char *method, const char *target, const char *bearer, const char *body, const char *part)
{
    struct support_answer answer = support_send(&support, method, target, bearer, NULL, body);
    int status = answer.status;
    if (part && !strstr(answer.body, part))
        fail_msg("%s %s: %d %s (no %s)", method, target, answer.status, answer.body, part);
    support_answer_clear(&answer);
    return status;
}

static int make(const char *name)
{
    char body[128];
    snprintf(body, sizeof body, "{\"name\":\"%s\"}", name);
    return call("POST", "/mock/instances", NULL, body, NULL);
}

/* A token of an instance, or of the main one; free() it. NULL when it was refused. */
static char *token_of(const char *prefix)
{
    char target[200], claims[400];
    static atomic_int number;
    struct auth_json *doc = NULL;
    snprintf(target, sizeof target, "%s" SUPPORT_TOKEN_PATH, prefix);
    snprintf(claims, sizeof claims, "instances-%d", atomic_fetch_add(&number, 1));
    char *form = support_new_form_for(target, claims, SUPPORT_NOW_S + 60);
    struct support_answer answer =
        support_send(&support, "POST", target, NULL, "application/x-www-form-urlencoded", form);
    char *token = NULL;
    if (answer.status == 200) {
        assert_int_equal(auth_json_parse(auth_view_from_string(answer.body), &doc, NULL), AUTH_OK);
        token = auth_view_dup(auth_json_member_string(auth_json_root(doc), "access_token"));
        auth_json_free(doc);
    }
    support_answer_clear(&answer);
    free(form);
    return token;
}

static void test_each_knows_its_own(void **state)
{
    (void)state;
    assert_int_equal(make("a"), 201);
    assert_int_equal(make("b"), 201);
    assert_int_equal(make("a"), 409);
    char *of_a = token_of("/i/a"), *of_main = token_of("");
    assert_non_null(of_a);
    assert_non_null(of_main);
    assert_int_equal(call("GET", "/i/a" PATIENT, of_a, NULL, "Patient"), 200);
    assert_int_equal(call("GET", "/i/b" PATIENT, of_a, NULL, NULL), 401);
    assert_int_equal(call("GET", PATIENT, of_a, NULL, NULL), 401);
    assert_int_equal(call("GET", "/i/a" PATIENT, of_main, NULL, NULL), 401);
    assert_int_equal(call("GET", PATIENT, of_main, NULL, "Patient"), 200);
    (void)call("GET", "/i/b/mock/journal?kind=fhir&limit=1", NULL, NULL, "the token was issued by instance a");
    (void)call("GET", "/mock/journal?kind=fhir&status=401&limit=1", NULL, NULL, "issued by instance a");
    (void)call("GET", "/i/a/mock/journal?kind=fhir&status=401&limit=1", NULL, NULL, "issued by the main instance");
    (void)call("GET", "/i/b/mock/tokens", NULL, NULL, "[]");
    (void)call("GET", "/i/a/mock/tokens", NULL, NULL, "\"token\":\"t1\"");
    free(of_a);
    free(of_main);
}

/* The clock, an app and a reset of one are nothing to the others. */
static void test_steering_one(void **state)
{
    (void)state;
    assert_int_equal(make("a"), 201);
    assert_int_equal(call("POST", "/i/a/mock/clock/advance", NULL, "{\"seconds\":3600}", NULL), 200);
    (void)call("GET", "/i/a/mock/clock", NULL, NULL, "\"now\":1790003600");
    (void)call("GET", "/mock/clock", NULL, NULL, "\"now\":1790000000");
    assert_int_equal(call("DELETE", "/i/a/mock/apps/" SUPPORT_CLIENT_ID, NULL, NULL, NULL), 204);
    assert_null(token_of("/i/a"));
    char *token = token_of("");
    assert_non_null(token);
    free(token);
    assert_int_equal(call("POST", "/i/a/mock/reset", NULL, NULL, NULL), 200);
    (void)call("GET", "/i/a/mock/clock", NULL, NULL, "\"now\":1790000000");
    (void)call("GET", "/i/a/mock/apps", NULL, NULL, SUPPORT_CLIENT_ID);
    (void)call("GET", "/mock/journal?kind=token", NULL, NULL, "\"issued\"");
}

static void test_wishes(void **state)
{
    (void)state;
    assert_int_equal(call("POST", "/mock/instances", NULL,
                          "{\"name\":\"s\",\"profile\":\"smart\",\"at\":\"2030-01-01T00:00:00Z\",\"switches\":"
                          "{\"jti_scope\":\"global\"},\"apps\":[]}",
                          "/i/s/interconnect-fhir-oauth/oauth2/token"),
                     201);
    (void)call("GET", "/i/s/mock/health", NULL, NULL, "\"profile\":\"smart\",\"now\":1893456000");
    (void)call("GET", "/i/s/mock/apps", NULL, NULL, "[]");
    (void)call("POST", "/mock/instances", NULL, NULL, "\"name\":\"i1\"");
    (void)call("POST", "/mock/instances", NULL, "{\"switches\":[\"jti_scope=global\"]}", "\"name\":\"i2\"");
    (void)call("GET", "/i/i1/mock/apps", NULL, NULL, SUPPORT_CLIENT_ID);
    assert_int_equal(call("GET", "/mock/instances/s", NULL, NULL, "\"counts\":{\"requests\":2,"), 200);
    assert_int_equal(call("GET", "/i/s/mock/instances", NULL, NULL, NULL), 404);
    assert_int_equal(call("DELETE", "/mock/instances/s", NULL, NULL, NULL), 204);
    assert_int_equal(call("DELETE", "/mock/instances/s", NULL, NULL, NULL), 404);
    assert_int_equal(call("GET", "/i/s/mock/health", NULL, NULL, NULL), 404);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *body, *part;
    } rows[] = {
        {"{\"name\":\"\"}", "name: "},
        {"{\"name\":\".\"}", "neither"},
        {"{\"name\":\"..\"}", "neither"},
        {"{\"name\":\"a/b\"}", "neither"},
        {"{\"name\":\"a b\"}", "neither"},
        {"{\"name\":\"\xc3\xa9\"}", "neither"},
        {"{\"profile\":\"epik\"}", "profile: epic, smart or lenient"},
        {"{\"switches\":{\"nope\":\"1\"}}", "nope"},
        {"{\"switches\":7}", "switches: "},
        {"{\"at\":\"yesterday\"}", "at: "},
        {"{\"apps\":{}}", "apps: an array"},
        {"{\"apps\":[{\"client_id\":\"x\"}]}", "exactly one of certificate"},
        {"{\"scenaro\":\"x\"}", "unknown member"},
        {"[]", "a JSON object is needed"},
    };
    char name[80];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(call("POST", "/mock/instances", NULL, rows[i].body, rows[i].part), 400);
    (void)call("GET", "/mock/instances", NULL, NULL, "[]");
    memset(name, 'x', sizeof name);
    name[65] = '\0';
    assert_int_equal(make(name), 400);
    name[64] = '\0';
    assert_int_equal(make(name), 201);
    assert_int_equal(make("..."), 201);
    assert_int_equal(make("A-Z_a.z~9"), 201);
    assert_int_equal(call("GET", "/i/.../mock/health", NULL, NULL, NULL), 200);
}

/* Whatever the order, an answer is that of an instance that was there or that there is none. */
static void *come_and_go(void *ctx)
{
    unsigned random = (unsigned)(uintptr_t)ctx * 2654435761U;
    char target[200], name[8];
    for (int i = 0; i < ROUNDS; i++) {
        random = random * 1103515245U + 12345U;
        snprintf(name, sizeof name, "n%u", random >> 16 & (NAMES - 1));
        switch (random >> 24 & 3) {
        case 0:
            (void)make(name);
            break;
        case 1:
            snprintf(target, sizeof target, "/mock/instances/%s", name);
            (void)call("DELETE", target, NULL, NULL, NULL);
            break;
        case 2:
            snprintf(target, sizeof target, "/i/%s", name);
            free(token_of(target));
            break;
        default:
            snprintf(target, sizeof target, "/i/%s" PATIENT, name);
            (void)call("GET", target, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL, NULL);
            (void)call("GET", "/mock/instances", NULL, NULL, "[");
            mock_instances_sweep(&instances);
        }
    }
    return NULL;
}

static void test_coming_and_going(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < NAMES; i++) {
        char target[64];
        snprintf(target, sizeof target, "/mock/instances/n%d", i);
        (void)call("DELETE", target, NULL, NULL, NULL);
    }
    assert_int_equal(instances.table.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_each_knows_its_own), TEST(test_steering_one),     TEST(test_wishes),
        TEST(test_what_is_refused),    TEST(test_coming_and_going),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
