/* Snapshots: whatever is done after one was taken, it comes back; while requests are on their way, too; and what is kept is
 * bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/instance/snapshot.h"
#include "mock_epic/state/tokens.h"
#include "mock_epic/tests/support.h"

enum { ROUNDS = 25, STEPS_MAX = 12, PARTS_MAX = 4096 };

static uint64_t seed = 88172645463325252U;

static unsigned chance(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

static char *body_of(struct support *support, const char *target)
{
    struct support_answer answer = support_send(support, "GET", target, NULL, NULL, NULL);
    if (answer.status != 200)
        fail_msg("%s: %d", target, answer.status);
    char *body = strdup(answer.body);
    support_answer_clear(&answer);
    return body;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Tokens are listed in no order: the same pieces make the same list. */
static char *sorted(char *list)
{
    static char *parts[PARTS_MAX];
    size_t count = 0, n = strlen(list) + 2;
    char *rest = NULL, *out = calloc(1, n);
    for (char *part = strtok_r(list, "{}", &rest); part && count < PARTS_MAX; part = strtok_r(NULL, "{}", &rest))
        parts[count++] = part;
    qsort(parts, count, sizeof *parts, by_text);
    for (size_t i = 0; out && i < count; i++)
        strncat(out, parts[i], n - strlen(out) - 1);
    free(list);
    return out;
}

static const char *const shown[] = {"/mock/apps",   "/mock/tokens", "/mock/clock",
                                    "/mock/faults", "/mock/access", "/mock/data"};
enum { SHOWN = sizeof shown / sizeof *shown };

/* How far a clock that stands is from real time grows by itself. */
static char *without_offset(char *body)
{
    char *at = strstr(body, "\"offset_s\":"), *end = at ? strchr(at, ',') : NULL;
    if (end)
        memmove(at, end, strlen(end) + 1);
    return body;
}

static void look(struct support *support, char *seen[SHOWN])
{
    for (size_t i = 0; i < SHOWN; i++)
        seen[i] = sorted(without_offset(body_of(support, shown[i])));
}

static void expect_same(char *before[SHOWN], char *after[SHOWN], int round)
{
    for (size_t i = 0; i < SHOWN; i++) {
        if (strcmp(before[i], after[i]) != 0)
            fail_msg("round %d, %s:\n%s\n%s", round, shown[i], before[i], after[i]);
        free(before[i]);
        free(after[i]);
    }
}

/* ---- what may happen meanwhile ---- */

static const struct {
    const char *method, *target, *body;
} calls[] = {
    {"POST", "/mock/faults", "{\"match\":{\"route\":\"fhir\",\"every\":2},\"action\":{\"status\":503}}"},
    {"POST", "/mock/faults",
     "{\"match\":{\"route\":\"token\",\"probability\":0.5},\"action\":{\"set_field\":{\"a\":1}}}"},
    {"DELETE", "/mock/faults", NULL},
    {"DELETE", "/mock/faults/1", NULL},
    {"PUT", "/mock/apps/x", "{\"client_id\":\"x\",\"jwks_url\":\"http://127.0.0.1:1/j\"}"},
    {"DELETE", "/mock/apps/x", NULL},
    {"DELETE", "/mock/apps/" SUPPORT_CLIENT_ID, NULL},
    {"POST", "/mock/tokens/age", "{\"seconds\":1000}"},
    {"POST", "/mock/tokens/age", "{\"seconds\":-50,\"client_id\":\"" SUPPORT_CLIENT_ID "\"}"},
    {"POST", "/mock/tokens/revoke", NULL},
    {"POST", "/mock/clock/advance", "{\"seconds\":777}"},
    {"PUT", "/mock/clock", "{\"now\":1790000000,\"rate\":2}"},
    {"PUT", "/mock/clock", "{\"now\":1800000000,\"frozen\":true}"},
    {"POST", "/mock/resources", "{\"resourceType\":\"Patient\",\"id\":\"mine\"}"},
    {"POST", "/mock/resources", "{\"resourceType\":\"Patient\",\"id\":\"yours\"}"},
    {"DELETE", "/mock/resources", NULL},
    {"PUT", "/mock/access", "[{\"type\":\"Patient\",\"id\":\"mine\",\"answer\":\"4103\"}]"},
    {"POST", "/mock/reset", "{\"what\":[\"tokens\",\"jti\"]}"},
    {"POST", "/mock/reset", "{\"what\":[\"apps\",\"faults\",\"clock\",\"writes\"]}"},
    {"POST", "/mock/reset", NULL},
};

static void do_something(struct support *support)
{
    enum { CALLS = sizeof calls / sizeof *calls };
    unsigned which = chance(CALLS + 8);
    if (which < CALLS) {
        (void)support_admin(support, calls[which].method, calls[which].target, calls[which].body);
        return;
    }
    char jti[32];
    (void)snprintf(jti, sizeof jti, "j%u", chance(20)); /* now and then one that was used */
    char *form = support_new_form(jti, SUPPORT_NOW_S + 200);
    (void)support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    (void)support_get(support, SUPPORT_PATIENT_PATH, "no-such-token");
    free(form);
}

static void do_some(struct support *support)
{
    for (unsigned i = chance(STEPS_MAX); i > 0; i--)
        do_something(support);
}

/* The clock stands whenever one is taken, so that it shows the same later. */
static void test_snapshot_comes_back_whatever_happens(void **state)
{
    struct support *support = *state;
    char *before[SHOWN], *after[SHOWN];
    for (int round = 0; round < ROUNDS; round++) {
        do_some(support);
        assert_int_equal(support_admin(support, "PUT", "/mock/clock", "{\"frozen\":true}"), 200);
        assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"a\"}"), 201);
        look(support, before);
        do_some(support);
        assert_int_equal(support_admin(support, "POST", "/mock/restore", "{\"name\":\"a\"}"), 200);
        look(support, after);
        expect_same(before, after, round);
        if (chance(2)) { /* and a second time */
            look(support, before);
            do_some(support);
            assert_int_equal(support_admin(support, "POST", "/mock/restore", "{\"name\":\"a\"}"), 200);
            look(support, after);
            expect_same(before, after, round);
        }
    }
}

static void test_snapshot_knows_tokens_and_jti(void **state)
{
    struct support *support = *state;
    char *used = support_new_form("used", SUPPORT_NOW_S + 200), *later = support_new_form("later", SUPPORT_NOW_S + 200);
    char *old = support_token(support);
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, used), 200);
    assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"s\"}"), 201);
    char *fresh = support_token(support);
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, later), 200);
    assert_int_equal(support_admin(support, "POST", "/mock/tokens/revoke", NULL), 200);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, old), 401);
    assert_int_equal(support_admin(support, "POST", "/mock/restore", "{\"name\":\"s\"}"), 200);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, old), 200);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, fresh), 401);
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, used), 400);
    assert_int_equal(support_status(support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, later), 200);
    support_expect(support, "GET", "/mock/journal?limit=2", NULL, NULL, "\"token\":\"t5\""); /* numbers go on */
    support_expect(support, "GET", "/mock/journal?kind=admin", NULL, NULL, "\"change\":\"restored\"");
    free(used);
    free(later);
    free(old);
    free(fresh);
}

static void test_snapshot_counts_of_faults_come_back(void **state)
{
    struct support *support = *state;
    char *token = support_token(support);
    const char *fault = "{\"match\":{\"route\":\"fhir\",\"nth\":2},\"action\":{\"status\":503}}";
    assert_int_equal(support_admin(support, "POST", "/mock/faults", fault), 201);
    assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 200);
    assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"s\"}"), 201);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 503);
        assert_int_equal(support_get(support, SUPPORT_PATIENT_PATH, token), 200);
        assert_int_equal(support_admin(support, "DELETE", "/mock/faults", NULL), 204);
        assert_int_equal(support_admin(support, "POST", "/mock/faults", fault), 201); /* ids go on: 2 */
        assert_int_equal(support_admin(support, "POST", "/mock/restore", "{\"name\":\"s\"}"), 200);
    }
    support_expect(support, "GET", "/mock/faults", NULL, NULL, "\"id\":1");
    free(token);
}

static void test_snapshot_names_what_is_wrong(void **state)
{
    static const struct {
        const char *method, *target, *body;
        int status;
    } rows[] = {
        {"POST", "/mock/snapshot", NULL, 400},
        {"POST", "/mock/snapshot", "{}", 400},
        {"POST", "/mock/snapshot", "{\"name\":\"\"}", 400},
        {"POST", "/mock/snapshot", "{\"name\":\"a b\"}", 400},
        {"POST", "/mock/snapshot", "{\"name\":\"a/b\"}", 400},
        {"POST", "/mock/snapshot", "{\"name\":1}", 400},
        {"POST", "/mock/snapshot", "{\"name\":\"a\",\"b\":1}", 400},
        {"POST", "/mock/restore", "{\"name\":\"never\"}", 404},
        {"POST", "/mock/restore", "{}", 400},
        {"DELETE", "/mock/snapshots/never", NULL, 404},
        {"GET", "/mock/snapshot", NULL, 405},
    };
    struct support *support = *state;
    char body[160], name[80];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = support_admin(support, rows[i].method, rows[i].target, rows[i].body);
        if (status != rows[i].status)
            fail_msg("%s %s %s: %d", rows[i].method, rows[i].target, rows[i].body ? rows[i].body : "", status);
    }
    for (size_t n = MOCK_SNAPSHOT_NAME_MAX; n <= MOCK_SNAPSHOT_NAME_MAX + 1; n++) {
        memset(name, 'n', n);
        name[n] = '\0';
        (void)snprintf(body, sizeof body, "{\"name\":\"%s\"}", name);
        assert_int_equal(support_admin(support, "POST", "/mock/snapshot", body),
                         n > MOCK_SNAPSHOT_NAME_MAX ? 400 : 201);
    }
    for (int i = 2; i <= MOCK_SNAPSHOTS_MAX + 1; i++) {
        (void)snprintf(body, sizeof body, "{\"name\":\"s%d\"}", i);
        assert_int_equal(support_admin(support, "POST", "/mock/snapshot", body), i > MOCK_SNAPSHOTS_MAX ? 413 : 201);
    }
    assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"s2\"}"), 201); /* in its own place */
    assert_int_equal(support_admin(support, "DELETE", "/mock/snapshots/s3", NULL), 204);
    assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"new\"}"), 201);
    support_expect(support, "POST", "/mock/restore", NULL, "{\"name\":\"s3\"}",
                   "no snapshot has that name; there are n");
    support_expect(support, "GET", "/mock/snapshots", NULL, NULL, "{\"name\":\"s2\",\"now\":1790000000,\"apps\":1,");
}

static void test_snapshot_is_bounded(void **state)
{
    struct support *support = *state;
    struct mock_instance *instance = &support->instance;
    struct auth_err err = {0};
    char text[32], client[MOCK_TOKEN_CLIENT_ID_MAX + 1];
    memset(client, 'c', sizeof client);
    for (int i = 0; i < 400000; i++) {
        struct mock_token_grant grant = {.number = 1,
                                         .client_id = auth_view_bytes(client, MOCK_TOKEN_CLIENT_ID_MAX),
                                         .issued_s = SUPPORT_NOW_S,
                                         .expires_s = SUPPORT_NOW_S + 100};
        (void)snprintf(text, sizeof text, "token %d", i);
        if (mock_tokens_put(instance->store, auth_view_from_string(text), &grant) != AUTH_OK)
            fail_msg("token %d", i);
    }
    assert_int_equal(mock_instance_save(instance, auth_view_from_string("big"), &err), AUTH_E_TOO_BIG);
    assert_non_null(strstr(err.detail, "64 MiB"));
    assert_true(instance->snapshots.bytes == 0);
    assert_int_equal(support_admin(support, "POST", "/mock/reset", "{\"what\":[\"tokens\"]}"), 200);
    assert_int_equal(mock_instance_save(instance, auth_view_from_string("small"), &err), AUTH_OK);
}

/* ---- requests on their way ---- */

enum { ASKERS = 3, RESTORES = 150 };

struct asker {
    pthread_t thread;
    struct support *support;
    const char *token;
    atomic_bool *is_over;
    int number, failed;
};

static void *ask(void *arg)
{
    struct asker *asker = arg;
    for (int i = 0; !atomic_load(asker->is_over); i++) {
        char jti[48];
        (void)snprintf(jti, sizeof jti, "asker %d %d", asker->number, i);
        char *form = support_new_form(jti, SUPPORT_NOW_S + 200);
        int status = support_status(asker->support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
        asker->failed += status != 200;
        free(form);
        asker->failed += support_get(asker->support, SUPPORT_PATIENT_PATH, asker->token) != 200;
        asker->failed += support_get(asker->support, "/mock/tokens?limit=5", NULL) != 200;
    }
    return NULL;
}

/* Whoever asks meanwhile sees the app, and the token that is in every snapshot. */
static void test_snapshot_restores_while_requests_are_answered(void **state)
{
    struct support *support = *state;
    struct asker askers[ASKERS];
    atomic_bool is_over;
    char *token = support_token(support);
    atomic_init(&is_over, false);
    assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"s\"}"), 201);
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = (struct asker){.support = support, .token = token, .is_over = &is_over, .number = i};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask, &askers[i]), 0);
    }
    for (int i = 0; i < RESTORES; i++) {
        assert_int_equal(support_admin(support, "POST", "/mock/restore", "{\"name\":\"s\"}"), 200);
        if (i % 3 == 0)
            assert_int_equal(support_admin(support, "POST", "/mock/snapshot", "{\"name\":\"s\"}"), 201);
        if (i % 10 == 0)
            assert_int_equal(support_admin(support, "POST", "/mock/reset", "{\"what\":[\"jti\"]}"), 200);
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < ASKERS; i++) {
        pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].failed, 0);
    }
    free(token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_snapshot_comes_back_whatever_happens, support_set_up, support_tear_down),
        cmocka_unit_test_setup_teardown(test_snapshot_knows_tokens_and_jti, support_set_up, support_tear_down),
        cmocka_unit_test_setup_teardown(test_snapshot_counts_of_faults_come_back, support_set_up, support_tear_down),
        cmocka_unit_test_setup_teardown(test_snapshot_names_what_is_wrong, support_set_up, support_tear_down),
        cmocka_unit_test_setup_teardown(test_snapshot_is_bounded, support_set_up, support_tear_down),
        cmocka_unit_test_setup_teardown(test_snapshot_restores_while_requests_are_answered, support_set_up,
                                        support_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
