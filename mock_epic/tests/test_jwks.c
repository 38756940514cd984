/* JWK Set URLs, when a set is fetched and how long it is kept; rotation; many requests at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/tests/support_jwks.h"

/* ---- how long a set is kept ---- */

static void test_jwks_is_fetched_for_the_first_request_only(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(web_sent(&stage->web), 0); /* registering dials nothing */
    expect_in(stage, "/mock/apps/url-app",
              "\"jwks_fetched\":{\"fetched_at\":null,\"fresh_until\":null,\"keys\":[],\"problem\":null}");
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(ask(stage, "rsa2048_b", "key-b", NULL), 200);
    assert_int_equal(ask(stage, "rsa2048_b", "", NULL), 200);
    assert_int_equal(web_sent(&stage->web), 1);
    expect_in(stage, "/mock/apps/url-app",
              "\"jwks_fetched\":{\"fetched_at\":1790000000,\"fresh_until\":1790104400,\"keys\":[{\"kid\":\"key-a\","
              "\"key_type\":\"RSA\",\"key_bits\":2048},{\"kid\":\"key-b\"");
    expect_in(stage, "/mock/journal?kind=jwks", "\"target\":\"https://jwks.example.org/keys.json\"");
    expect_in(stage, "/mock/journal?kind=jwks", "\"client_id\":\"url-app\",\"status\":200,\"error\":null");
}

/* Kept for keep_s seconds and not one more. */
static void check_kept(struct stage *stage, const char *headers, int64_t keep_s)
{
    int before = web_sent(&stage->web);
    web_serve(&stage->web, "ab.jwks.json", headers);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), before + 1);
    stage_advance(stage, keep_s - 1);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), before + 1);
    stage_advance(stage, 1);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), before + 2);
    stage_advance(stage, DAY_29H_S); /* stale for whatever comes next */
}

static void test_jwks_cache_control_shortens_but_never_lengthens_29_hours(void **state)
{
    struct stage *stage = *state;
    check_kept(stage, "", DAY_29H_S);
    check_kept(stage, "cache-control: public, max-age=60\n", 60);
    check_kept(stage, "cache-control: max-age = 1\n", 1);
    check_kept(stage, "cache-control: max-age=104399\n", DAY_29H_S - 1);
    check_kept(stage, "cache-control: max-age=104401\n", DAY_29H_S);
    check_kept(stage, "cache-control: max-age=99999999999999999999\n", DAY_29H_S);
    check_kept(stage, "cache-control: max-age=soon\n", DAY_29H_S);
}

static void test_jwks_no_store_is_fetched_for_each_request(void **state)
{
    struct stage *stage = *state;
    static const char *const headers[] = {"cache-control: no-store\n", "cache-control: No-Cache\n",
                                          "cache-control: max-age=0\n", "cache-control: max-age=600, no-store\n",
                                          "cache-control: max-age=-5\n"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        web_serve(&stage->web, "ab.jwks.json", headers[i]);
        mock_apps_forget_jwks(&stage->support.instance.apps);
        int before = web_sent(&stage->web);
        assert_int_equal(ask_a(stage), 200);
        assert_int_equal(ask_a(stage), 200);
        assert_int_equal(web_sent(&stage->web), before + 2);
    }
}

static void test_jwks_clock_moved_before_the_fetch_makes_it_stale(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    stage_advance(stage, -1);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2);
}

static void test_jwks_reset_forgets_the_set(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    struct support_answer answer =
        support_send(&stage->support, "POST", "/mock/reset", NULL, "application/json", "{\"what\":[\"jwks\"]}");
    assert_int_equal(answer.status, 200);
    support_answer_clear(&answer);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2);
}

/* ---- one fetch for a JWT that does not verify ---- */

static void test_jwks_that_does_not_verify_is_fetched_once_more(void **state)
{
    struct stage *stage = *state;
    web_serve(&stage->web, "rsa2048_a.jwks.json", "");
    assert_int_equal(ask(stage, "rsa2048_a", "", NULL), 200);
    assert_int_equal(ask(stage, "rsa2048_b", "", NULL), 400); /* looked again, and it still does not verify */
    assert_int_equal(web_sent(&stage->web), 2);
    web_serve(&stage->web, "ab.jwks.json", "");
    assert_int_equal(ask(stage, "rsa2048_b", "key-b", NULL), 200); /* the new key is found at once */
    assert_int_equal(web_sent(&stage->web), 3);
}

static void test_jwks_cold_and_not_verified_is_one_fetch_not_two(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask(stage, "rsa3072_a", "", NULL), 400);
    assert_int_equal(web_sent(&stage->web), 1);
    assert_int_equal(ask(stage, "rsa3072_a", "key-z", NULL), 400);
    assert_int_equal(web_sent(&stage->web), 2);
}

static void test_jwks_other_failures_fetch_nothing(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    char *late = support_signed_form(STAGE_APP_ID, "rsa2048_a", "{\"alg\":\"RS384\",\"kid\":\"key-a\"}", SUPPORT_NOW_S);
    struct support_answer answer =
        support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, late);
    assert_int_equal(answer.status, 400);
    support_answer_clear(&answer);
    free(late);
    assert_int_equal(web_sent(&stage->web), 1);
}

static void test_jwks_check_of_a_bare_jwt_fetches_too(void **state)
{
    struct stage *stage = *state;
    char *form = support_signed_form(STAGE_APP_ID, "rsa2048_a", "{\"alg\":\"RS384\"}", SUPPORT_NOW_S + 100);
    const char *jwt = strstr(form, "client_assertion=") + strlen("client_assertion=");
    struct support_answer answer = support_send(&stage->support, "POST", "/mock/jwt/check", NULL, NULL, jwt);
    assert_non_null(strstr(answer.body, "\"outcome\":\"accepted\""));
    assert_int_equal(web_sent(&stage->web), 1);
    support_answer_clear(&answer);
    free(form);
}

/* ---- rotation ---- */

static void test_jwks_rotation_with_overlap_never_fails(void **state)
{
    struct stage *stage = *state;
    web_serve(&stage->web, "rsa2048_a.jwks.json", "");
    assert_int_equal(ask(stage, "rsa2048_a", "", NULL), 200);
    web_serve(&stage->web, "ab.jwks.json", ""); /* old and new */
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(ask(stage, "rsa2048_b", "key-b", NULL), 200);
    web_serve(&stage->web, "p256_a.jwks.json", ""); /* both gone */
    stage_advance(stage, DAY_29H_S);
    assert_int_equal(ask(stage, "p256_a", "", NULL), 200);
    expect_refused(stage, "rsa2048_b", "key-b", "no registered key is of the type that alg needs");
}

static void test_jwks_removed_and_replaced_keys_are_told_apart(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    struct auth_buf set;
    support_read_fixture("keys/ab.jwks.json", &set);
    /* key-a renamed away: its kid is not in the set any more */
    char *renamed = auth_view_dup(auth_buf_view(&set));
    memcpy(strstr(renamed, "\"key-a\""), "\"key-x\"", 7);
    web_answer(&stage->web, 200, renamed, "");
    assert_int_equal(ask_a(stage), 200); /* the kept set still has it */
    stage_advance(stage, DAY_29H_S);
    expect_refused(stage, "rsa2048_a", "key-a", "the JWK Set held this kid until it changed");
    expect_refused(stage, "rsa2048_a", "key-q", "no key of the registered set has this kid");
    /* and back, with the kids swapped: each kid now names the other key */
    memcpy(strstr(renamed, "\"key-x\""), "\"key-b\"", 7);
    memcpy(strstr(strstr(renamed, "\"key-b\"") + 7, "\"key-b\""), "\"key-a\"", 7);
    mock_apps_forget_jwks(&stage->support.instance.apps);
    web_serve(&stage->web, "ab.jwks.json", "");
    assert_int_equal(ask_a(stage), 200);
    web_answer(&stage->web, 200, renamed, "");
    stage_advance(stage, DAY_29H_S);
    expect_refused(stage, "rsa2048_a", "key-a", "made with the key that had this kid before");
    expect_refused(stage, "rsa3072_a", "key-a", "the signature has 384 bytes");
    assert_int_equal(ask(stage, "rsa2048_a", "key-b", NULL), 200);
    free(renamed);
    auth_buf_clear(&set);
}

/* ---- many at once ---- */

struct asker {
    struct stage *stage;
    int status;
};

static void *ask_in_thread(void *ctx)
{
    struct asker *asker = ctx;
    asker->status = ask_a(asker->stage);
    return NULL;
}

static void test_jwks_requests_that_wait_share_one_fetch(void **state)
{
    enum { ASKERS = 16 };
    struct stage *stage = *state;
    struct asker askers[ASKERS];
    pthread_t threads[ASKERS];
    stage->web.is_held = true;
    for (int i = 0; i < ASKERS; i++) {
        askers[i] = (struct asker){.stage = stage};
        assert_int_equal(pthread_create(&threads[i], NULL, ask_in_thread, &askers[i]), 0);
    }
    pthread_mutex_lock(&stage->web.lock);
    while (stage->web.sent == 0)
        pthread_cond_wait(&stage->web.changed, &stage->web.lock);
    pthread_mutex_unlock(&stage->web.lock);
    /* while they wait, another app is served */
    char *form = support_signed_form(SUPPORT_CLIENT_ID, "rsa2048_a", "{\"alg\":\"RS384\"}", SUPPORT_NOW_S + 100);
    struct support_answer answer =
        support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    assert_int_equal(answer.status, 200);
    support_answer_clear(&answer);
    free(form);
    pthread_mutex_lock(&stage->web.lock);
    stage->web.is_held = false;
    pthread_cond_broadcast(&stage->web.changed);
    pthread_mutex_unlock(&stage->web.lock);
    for (int i = 0; i < ASKERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(askers[i].status, 200);
    }
    assert_int_equal(web_sent(&stage->web), 1);
}

static void test_jwks_stopping_ends_all_waiting(void **state)
{
    struct stage *stage = *state;
    mock_jwks_fetcher_stop(stage->support.instance.fetcher);
    expect_refused(stage, "rsa2048_a", "key-a", "the server is stopping");
    assert_int_equal(web_sent(&stage->web), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_set_up, stage_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_jwks_is_fetched_for_the_first_request_only),
        TEST(test_jwks_cache_control_shortens_but_never_lengthens_29_hours),
        TEST(test_jwks_no_store_is_fetched_for_each_request),
        TEST(test_jwks_clock_moved_before_the_fetch_makes_it_stale),
        TEST(test_jwks_reset_forgets_the_set),
        TEST(test_jwks_that_does_not_verify_is_fetched_once_more),
        TEST(test_jwks_cold_and_not_verified_is_one_fetch_not_two),
        TEST(test_jwks_other_failures_fetch_nothing),
        TEST(test_jwks_check_of_a_bare_jwt_fetches_too),
        TEST(test_jwks_rotation_with_overlap_never_fails),
        TEST(test_jwks_removed_and_replaced_keys_are_told_apart),
        TEST(test_jwks_requests_that_wait_share_one_fetch),
        TEST(test_jwks_stopping_ends_all_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
