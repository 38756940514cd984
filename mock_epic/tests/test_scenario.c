/* Scenarios: read strictly, with line and column; steps done when they should be, before the answer leaves; the verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/admin/scenario_read.h"
#include "mock_epic/instance/instances.h"
#include "mock_epic/tests/support.h"

/* A scenario around its setup, steps and expectations. */
#define SCENARIO(setup, steps, expect)                                                                                 \
    "{\"name\":\"a\",\"about\":\"b\",\"source\":\"R c\",\"setup\":" setup ",\"steps\":" steps ",\"expect\":" expect "}"
#define COUNT_TOKENS "[{\"count\":{\"kind\":\"token\"},\"because\":\"b\",\"right\":\"r\"}]"
#define AGE "[{\"POST /mock/tokens/age\":{\"seconds\":3600}}]"

/* ---- reading ---- */

static enum auth_rc read_text(const char *text, struct auth_err *err)
{
    struct mock_scenario *scenario = NULL;
    enum auth_rc rc = mock_scenario_read("f", auth_view_from_string(text), &scenario, err);
    assert_true((rc == AUTH_OK) == (scenario != NULL));
    mock_scenario_release(scenario);
    return rc;
}

static void takes(const char *text)
{
    struct auth_err err = {0};
    if (read_text(text, &err) != AUTH_OK)
        fail_msg("%s: %s", text, err.detail);
}

static void refuses(const char *text, const char *beginning, const char *part)
{
    struct auth_err err = {0};
    if (read_text(text, &err) == AUTH_OK || strncmp(err.detail, beginning, strlen(beginning)) != 0 ||
        !strstr(err.detail, part))
        fail_msg("%s: %s, wanted %s ... %s", text, err.detail, beginning, part);
}

static void test_what_is_taken(void **state)
{
    (void)state;
    takes(SCENARIO("{}", "[]", COUNT_TOKENS));
    takes(" " SCENARIO("{\"copies\":100}", "[]", COUNT_TOKENS) "\n");
    takes(SCENARIO(
        "{\"profile\":\"smart\",\"switches\":{\"kid\":\"optional\"},\"clock\":{\"offset_s\":-90,\"frozen\":true},"
        "\"token_lifetime_s\":1,\"real_token_lifetime_s\":0,\"seed\":7,"
        "\"faults\":[{\"match\":{\"route\":\"token\"},\"action\":{\"set_field\":{\"expires_in\":\"3600\"}}}],"
        "\"app\":{\"key\":\"jwks_url\",\"scopes\":[\"system/Patient.r\"],\"synced_after_s\":1}}",
        "[{\"when\":{},\"do\":" AGE "},{\"when\":{\"kind\":\"fhir\"},\"every\":2,\"times\":3,\"do\":"
        "[{\"rotate_key\":{\"keep_old\":true}},{\"DELETE /mock/faults\":{}},{\"POST /mock/reset\":{\"what\":[\"jti\"]}},"
        "{\"PUT /mock/clock\":{\"frozen\":false}},{\"POST /mock/faults\":{\"action\":{\"status\":503}}}]}]",
        "[{\"never\":{},\"after_step\":2,\"because\":\"b\",\"right\":\"r\"}]"));
    takes(
        "{\"$schema\":\"x\",\"name\":\"a-0\",\"about\":\"b\",\"source\":\"c\",\"drive\":[\"token\"],\"expect\":" COUNT_TOKENS
        "}");
}

/* Where it is wrong, by line and column, in each part and at each depth. */
static void test_what_is_refused(void **state)
{
    (void)state;
    refuses("", "f:1:1: ", "");
    refuses("[]", "f:1:1: ", "object");
    refuses("{\"name\":\"a\",}", "f:1:13: ", "");
    refuses("{\n  \"name\": \"a\",\n  \"abuot\": \"b\"\n}", "f:3:3: ", "\"abuot\", did you mean \"about\"?");
    refuses("{\"name\":\"a\",\"about\":\"b\",\"source\":\"c\"}", "f:1:1: ", "expect: ");
    refuses("{\"name\":\"A\",\"about\":\"b\",\"source\":\"c\",\"expect\":" COUNT_TOKENS "}", "f:1:2: ", "name: ");
    refuses(SCENARIO("{}", "[]", "[]"), "f:1:", "at least one");
    refuses(SCENARIO("{\"copies\":0}", "[]", COUNT_TOKENS), "f:1:49: ", "from 1 to 100");
    refuses(SCENARIO("{\"copies\":101}", "[]", COUNT_TOKENS), "f:1:49: ", "from 1 to 100");
    refuses(SCENARIO("{\n\"name\":\"x\"}", "[]", COUNT_TOKENS), "f:2:1: ", "unknown member \"name\"");
    refuses(SCENARIO("{\"real_token_lifetime_s\":-1}", "[]", COUNT_TOKENS), "f:1:49: ", "real_token_lifetime_s");
    refuses(SCENARIO("{\"clock\":{\n \"offset\":1}}", "[]", COUNT_TOKENS),
            "f:2:2: ", "\"offset\", did you mean \"offset_s\"?");
    refuses(SCENARIO("{\"clock\":{},\"at\":1}", "[]", COUNT_TOKENS), "f:1:49: ", "at and clock");
    refuses(
        SCENARIO("{\"faults\":[{\"match\":{\n\"rout\":\"token\"},\"action\":{\"status\":503}}]}", "[]", COUNT_TOKENS),
        "f:2:1: ", "\"route\"?");
    refuses(SCENARIO("{\"faults\":[{\"action\":{\"drip\":{\"bytes\":1,\n\"every\":1}}}]}", "[]", COUNT_TOKENS),
            "f:2:1: ", "drip: unknown member \"every\"");
    refuses(SCENARIO("{\"switches\":{\n\"kid\":\"perhaps\"}}", "[]", COUNT_TOKENS), "f:2:1: ", "kid");
    refuses(SCENARIO("{\"app\":{\n\"key\":\"pem\"}}", "[]", COUNT_TOKENS), "f:2:1: ", "certificate or jwks_url");
    refuses(SCENARIO("{\"app\":{\n\"scpes\":[]}}", "[]", COUNT_TOKENS), "f:2:1: ", "\"scopes\"?; known: key, scopes");
    refuses(SCENARIO("{}", "[{\"do\":" AGE "}]", COUNT_TOKENS), "f:1:60: ", "when");
    refuses(SCENARIO("{}", "[{\"when\":{},\n\"do\":5}]", COUNT_TOKENS), "f:2:1: ", "an array of actions");
    refuses(SCENARIO("{}", "[{\"when\":{\"kind\":\"tokn\"},\"do\":" AGE "}]", COUNT_TOKENS), "f:1:61: ", "kind: ");
    refuses(SCENARIO("{}", "[{\"when\":{},\"nth\":0,\"do\":" AGE "}]", COUNT_TOKENS), "f:1:71: ", "nth");
    refuses(SCENARIO("{}", "[{\"when\":{},\"times\":2,\"do\":" AGE "}]", COUNT_TOKENS), "f:1:60: ", "every");
    refuses(SCENARIO("{}", "[{\"when\":{},\"do\":[{\n\"POST /mock/tokens/aged\":{}}]}]", COUNT_TOKENS),
            "f:2:1: ", "no action");
    refuses(SCENARIO("{}", "[{\"when\":{},\"do\":[{\n\"GET /mock/clock\":{}}]}]", COUNT_TOKENS),
            "f:2:1: ", "no action");
    refuses(SCENARIO("{}", "[{\"when\":{},\"do\":[{\"DELETE /mock/instances/x\":{}}]}]", COUNT_TOKENS),
            "f:1:", "no action");
    refuses(SCENARIO("{}", "[{\"when\":{},\"do\":[{\"DELETE /mock/faults\":{\"a\":1}}]}]", COUNT_TOKENS),
            "f:1:", "no body");
    refuses(SCENARIO("{}", "[{\"when\":{},\"do\":[{\"POST /mock/tokens/age\":{\n\"second\":1}}]}]", COUNT_TOKENS),
            "f:2:1: ", "seconds");
    refuses(SCENARIO("{}", "[{\"when\":{},\"do\":[{\"rotate_key\":{\n\"keep\":true}}]}]", COUNT_TOKENS),
            "f:2:1: ", "keep_old");
    refuses(SCENARIO("{}", "[]", "[{\"count\":{},\"because\":\"b\"}]"), "f:1:", "right");
    refuses(SCENARIO("{}", "[]", "[{\"count\":{},\n\"mni\":1,\"because\":\"b\",\"right\":\"r\"}]"),
            "f:2:1: ", "\"min\"?");
    refuses(SCENARIO("{}", "[]", "[{\"count\":{},\"after_step\":1,\"because\":\"b\",\"right\":\"r\"}]"),
            "f:1:", "no such step");
}

/* The bytes of a set_field, which takes whatever it is given; 0 when none is there. */
static size_t free_object(struct auth_view file, size_t at)
{
    static const char before[] = "\"set_field\": ";
    size_t n = sizeof before - 1, end = at;
    int depth = 0;
    if (at < n || memcmp(file.p + at - n, before, n) != 0)
        return 0;
    do {
        depth += file.p[end] == '{';
        depth -= file.p[end++] == '}';
    } while (depth && end < file.n);
    return end - at;
}

/* Every object of every scenario that is built in, with a member that nobody knows: refused, and where that stands. Where
 * anything may be named (headers, where, switches), another reason will do. */
static void test_unknown_members_everywhere(void **state)
{
    struct auth_buf text;
    char place[64];
    size_t tried = 0;
    (void)state;
    auth_buf_init(&text, MOCK_SCENARIO_FILE_MAX);
    assert_true(mock_scenario_count() > 0);
    for (size_t i = 0; i < mock_scenario_count(); i++) {
        struct auth_view file = mock_scenario_text_at(i);
        for (size_t at = 0; at < file.n; at++) {
            struct auth_err err = {0};
            at += free_object(file, at);
            if (at >= file.n || file.p[at] != '{')
                continue;
            bool is_empty = file.p[at + 1] == '}';
            auth_buf_reset(&text);
            auth_buf_add_view(&text, auth_view_bytes(file.p, at + 1));
            auth_buf_addf(&text, "\"unheard_of\":[]%s", is_empty ? "" : ",");
            auth_buf_add_view(&text, auth_view_from(file, at + 1));
            if (auth_json_check(auth_buf_view(&text), NULL) != AUTH_OK)
                continue; /* a brace in a string */
            struct auth_json_place where = auth_json_place_of(file, at + 1);
            snprintf(place, sizeof place, "f:%zu:%zu: ", where.line, where.column);
            bool is_taken = read_text(text.p, &err) == AUTH_OK;
            if (is_taken ||
                (strstr(err.detail, "unknown member \"unheard_of\"") && strncmp(err.detail, place, strlen(place)) != 0))
                fail_msg("%.*s at %zu: %s, wanted %s", (int)mock_scenario_name_at(i).n, mock_scenario_name_at(i).p, at,
                         err.detail, place);
            tried++;
        }
    }
    assert_true(tried > 10);
    auth_buf_clear(&text);
}

/* Bytes changed, left out and doubled at random: never a crash, and what is refused is refused with a place. */
static void test_damaged_files(void **state)
{
    uint32_t random = 1;
    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        struct auth_view file = mock_scenario_text_at(i % mock_scenario_count());
        char *copy = malloc(file.n + 1);
        struct auth_err err = {0};
        assert_non_null(copy);
        memcpy(copy, file.p, file.n);
        copy[file.n] = '\0';
        for (int change = 0; change < 3; change++) {
            random = random * 1664525U + 1013904223U;
            size_t at = (random >> 8) % file.n, other = (random >> 4) % file.n;
            copy[at] = change == 0 ? copy[other] : change == 1 ? "{}[]\",:0x"[random >> 29] : copy[at];
        }
        if (read_text(copy, &err) != AUTH_OK) {
            assert_memory_equal(err.detail, "f:", 2);
            assert_true(strchr("123456789", err.detail[2]) != NULL);
        }
        free(copy);
    }
}

/* Each is built in under its own name, and can be read. */
static void test_what_is_built_in(void **state)
{
    struct auth_err err = {0};
    struct mock_scenario *scenario = NULL;
    (void)state;
    for (size_t i = 0; i < mock_scenario_count(); i++) {
        struct auth_err why = {0};
        if (mock_scenario_named(mock_scenario_name_at(i), &scenario, &why) != AUTH_OK)
            fail_msg("%s", why.detail);
        assert_true(auth_view_equals_view(scenario->name, mock_scenario_name_at(i)));
        mock_scenario_release(scenario);
    }
    assert_int_equal(mock_scenario_named(auth_view_from_string("clock-ahead-90"), &scenario, &err), AUTH_E_NOT_FOUND);
    assert_non_null(strstr(err.detail, "did you mean clock-ahead-90s?"));
}

/* ---- steps ---- */

static void play(struct support *support, const char *text)
{
    struct auth_err err = {0};
    struct mock_scenario *scenario = NULL;
    if (mock_scenario_read("f", auth_view_from_string(text), &scenario, &err) != AUTH_OK ||
        mock_scenario_begin(scenario, &support->instance, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
}

static void expect_verdict(struct support *support, const char *part)
{
    support_expect(support, "GET", "/mock/verdict", NULL, NULL, part);
}

/* The action is complete when the answer is there, whatever comes next. */
static void test_a_step_is_done_with_the_answer(void **state)
{
    struct support *support = *state;
    char *token = support_token(support);
    play(
        support,
        SCENARIO(
            "{}", "[{\"when\":{\"kind\":\"fhir\",\"status\":200},\"do\":" AGE "}]",
            "[{\"count\":{\"kind\":\"fhir\",\"status\":401},\"min\":1,\"max\":1,\"after_step\":1,\"because\":\"b\",\"right\":"
            "\"gets a new one\"}]"));
    expect_verdict(support, "{\"verdict\":\"not_exercised\",\"scenario\":\"a\",\"steps\":[{\"done\":0,\"entries\":[]}],"
                            "\"missing\":\"the client asked nothing\"");
    assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/Patient/none", token), 404);
    expect_verdict(support, "\"missing\":\"step 1 did not come: fhir status 200\"");
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 200);
    expect_verdict(support,
                   "{\"verdict\":\"fail\",\"scenario\":\"a\",\"steps\":[{\"done\":1,\"entries\":[3]}],\"results\"");
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 401);
    expect_verdict(support, "{\"verdict\":\"pass\"");
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 401);
    expect_verdict(support, "{\"verdict\":\"fail\"");
    support_expect(support, "GET", "/mock/journal?kind=admin", NULL, NULL, "\"faults\":[],\"step\":1");
    free(token);
}

static void test_order_nth_every_times(void **state)
{
    struct support *support = *state;
    play(support, SCENARIO("{}",
                           "[{\"when\":{\"route\":\"metadata\"},\"every\":2,\"times\":2,\"do\":" AGE "},"
                           "{\"when\":{\"route\":\"discovery\"},\"nth\":2,\"do\":" AGE "},"
                           "{\"when\":{\"route\":\"discovery\"},\"do\":" AGE "},"
                           "{\"when\":{\"route\":\"token\"},\"optional\":true,\"do\":" AGE "},"
                           "{\"when\":{\"kind\":\"admin\"},\"do\":" AGE "}]",
                           "[{\"never\":{\"route\":\"fhir\"},\"because\":\"b\",\"right\":\"r\"}]"));
    for (int i = 0; i < 7; i++)
        assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/metadata", NULL), 200);
    expect_verdict(support, "\"steps\":[{\"done\":2,\"entries\":[2,5]},{\"done\":0");
    for (int i = 0; i < 2; i++)
        assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/.well-known/smart-configuration", NULL), 200);
    expect_verdict(support, "{\"done\":1,\"entries\":[11]},{\"done\":0");
    /* what a step did itself does not start the last one */
    assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/.well-known/smart-configuration", NULL), 200);
    expect_verdict(
        support, "{\"done\":1,\"entries\":[11]},{\"done\":1,\"entries\":[13]},{\"done\":0,\"entries\":[]},{\"done\":0");
    expect_verdict(support, "{\"verdict\":\"not_exercised\"");
    assert_int_equal(support_admin(support, "POST", "/mock/clock/advance", "{\"seconds\":1}"), 200);
    expect_verdict(support, "{\"verdict\":\"pass\"");
}

/* A fault of the setup that never acted is a point that nobody came to; the second scenario of an instance counts its own. */
static void test_faults_of_the_setup(void **state)
{
    static const char text[] =
        SCENARIO("{\"faults\":[{\"match\":{\"route\":\"metadata\",\"nth\":2},\"action\":{\"status\":503}}]}", "[]",
                 "[{\"count\":{\"route\":\"metadata\"},\"max\":2,\"because\":\"b\",\"right\":\"r\"}]");
    struct support *support = *state;
    for (int round = 0; round < 2; round++) {
        if (round == 0)
            play(support, text);
        else
            assert_int_equal(support_admin(support, "POST", "/mock/reset", NULL), 200);
        assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/metadata", NULL), 200);
        expect_verdict(support, "\"missing\":\"fault 1 of the setup never acted\"");
        assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/metadata", NULL), 503);
        expect_verdict(support, "{\"verdict\":\"pass\"");
        assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/metadata", NULL), 200);
        expect_verdict(support, "{\"verdict\":\"fail\"");
    }
}

/* An action that cannot be done is no verdict on the client, and is told. */
static void test_an_action_that_fails(void **state)
{
    struct support *support = *state;
    play(support,
         SCENARIO("{}", "[{\"when\":{},\"do\":[{\"DELETE /mock/faults/7\":{}},{\"rotate_key\":{}}]}]", COUNT_TOKENS));
    assert_int_equal(support_get(support, SUPPORT_FHIR_PATH "/metadata", NULL), 200);
    expect_verdict(support, "\"problem\":\"step 1: DELETE /mock/faults/7: 404, no fault has that id");
}

/* What comes from a token that expired at birth, and what the clock says. */
static void test_an_instance_with_a_scenario(void **state)
{
    struct support *support = *state;
    struct mock_instances instances;
    mock_instances_init(&instances, &support->instance);
    assert_int_equal(support_admin(support, "POST", "/mock/instances",
                                   "{\"name\":\"w\",\"scenario\":\"clock-ahead-90s\",\"token_lifetime_s\":60,"
                                   "\"real_token_lifetime_s\":0}"),
                     201);
    support_expect(support, "GET", "/i/w/mock/clock", NULL, NULL, "\"offset_s\":");
    support_expect(support, "GET", "/i/w/mock/verdict", NULL, NULL, "\"scenario\":\"clock-ahead-90s\"");
    assert_int_equal(support_admin(support, "POST", "/mock/instances", "{\"name\":\"v\",\"scenario\":\"none\"}"), 404);
    assert_int_equal(support_admin(support, "POST", "/mock/instances", "{\"name\":\"v\",\"scenario\":{\"nam\":\"a\"}}"),
                     400);
    support_expect(support, "POST", "/mock/instances", NULL, "{\"name\":\"v\",\"scenario\":{\n\"nam\":\"a\"}}",
                   "scenario:2:1: unknown member");
    mock_instances_clear(&instances);
}

/* A step that fires in one thread while others ask: whoever has its answer finds it done. */
enum { THREADS = 4, ROUNDS = 200 };

static void *ask_often(void *ctx)
{
    struct support *support = ctx;
    for (int i = 0; i < ROUNDS; i++)
        (void)support_get(support, SUPPORT_FHIR_PATH "/metadata", NULL);
    return NULL;
}

static void test_steps_of_many_threads(void **state)
{
    struct support *support = *state;
    pthread_t threads[THREADS];
    char part[64];
    play(
        support,
        SCENARIO(
            "{}",
            "[{\"when\":{\"route\":\"metadata\"},\"every\":3,\"do\":[{\"POST /mock/clock/advance\":{\"seconds\":1}}]}]",
            "[{\"count\":{\"kind\":\"admin\"},\"because\":\"b\",\"right\":\"r\"}]"));
    int64_t before = mock_clock_now_s(&support->instance.clock);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, support), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(mock_clock_now_s(&support->instance.clock) - before, THREADS * ROUNDS / 3);
    snprintf(part, sizeof part, "\"steps\":[{\"done\":%d,", THREADS * ROUNDS / 3);
    expect_verdict(support, part);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_taken),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_unknown_members_everywhere),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_what_is_built_in),
        TEST(test_a_step_is_done_with_the_answer),
        TEST(test_order_nth_every_times),
        TEST(test_faults_of_the_setup),
        TEST(test_an_action_that_fails),
        TEST(test_an_instance_with_a_scenario),
        TEST(test_steps_of_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
