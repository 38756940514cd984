/* The cache by itself, on a source that is no handle: all it knows of where tokens come from is one function. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/cache.h"

struct spring {
    int asked;
    int64_t deadline_ms;
    int attempts;
    enum epic_auth_rc rc;
};

static enum epic_auth_rc give(void *ctx, const struct auth_token_wanted *wanted, struct auth_token *token,
                              struct epic_auth_error *error)
{
    struct spring *spring = ctx;
    spring->asked++;
    spring->attempts = wanted->attempts;
    spring->deadline_ms = wanted->deadline_ms;
    memset(error, 0, sizeof *error);
    error->rc = spring->rc;
    if (spring->rc != EPIC_AUTH_OK)
        return spring->rc;
    token->text = auth_view_dup(auth_view_from_string(spring->asked == 1 ? "one" : "two"));
    token->lifetime_s = 300;
    return token->text ? EPIC_AUTH_OK : EPIC_AUTH_E_NOMEM;
}

static enum epic_auth_rc take_long(struct auth_cache *cache, int64_t min_left_s, const char *want)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_ms = env->steady_ms(env->ctx);
    struct epic_auth_error error;
    struct auth_taken taken = {.min_left_ms = min_left_s * 1000};
    enum epic_auth_rc rc = auth_cache_acquire(cache, now_ms, now_ms + 9000, &taken, &error);
    if (rc != EPIC_AUTH_OK)
        assert_null(taken.text);
    else
        assert_string_equal(taken.text, want);
    epic_auth_string_free(taken.text);
    return rc;
}

static enum epic_auth_rc take(struct auth_cache *cache, const char *want)
{
    return take_long(cache, 0, want);
}

/* 300 s are given: who wants a little less gets what is there, who wants more makes the source be asked, once. */
static void test_a_token_that_lives_too_short_is_renewed_first(void **state)
{
    struct spring spring = {.rc = EPIC_AUTH_OK};
    struct auth_cache cache;
    (void)state;
    auth_cache_init(&cache, &(struct auth_token_source){give, &spring, auth_env_system()});
    assert_int_equal(take(&cache, "one"), EPIC_AUTH_OK);
    assert_int_equal(take_long(&cache, 200, "one"), EPIC_AUTH_OK);
    assert_int_equal(take_long(&cache, 301, "two"), EPIC_AUTH_OK); /* as long as it can be had */
    assert_int_equal(spring.asked, 2);
    spring.rc = EPIC_AUTH_E_OAUTH;
    assert_int_equal(take_long(&cache, 301, "two"), EPIC_AUTH_OK); /* better than none */
    assert_int_equal(spring.asked, 3);
    auth_cache_clear(&cache);
}

static void test_any_source_is_asked_once_per_token(void **state)
{
    struct spring spring = {.rc = EPIC_AUTH_OK};
    struct auth_cache cache;
    (void)state;
    auth_cache_init(&cache, &(struct auth_token_source){give, &spring, auth_env_system()});
    const struct auth_env *env = auth_env_system();
    int64_t now_ms = env->steady_ms(env->ctx);
    assert_int_equal(auth_cache_left_ms(&cache, now_ms), -1);
    assert_int_equal(take(&cache, "one"), EPIC_AUTH_OK);
    assert_true(spring.deadline_ms >= now_ms + 9000);
    assert_true(spring.attempts > 1);
    assert_int_equal(take(&cache, "one"), EPIC_AUTH_OK);
    assert_int_equal(spring.asked, 1);
    auth_cache_drop(&cache, 0);
    assert_int_equal(take(&cache, "two"), EPIC_AUTH_OK);
    assert_int_equal(spring.asked, 2);
    auth_cache_clear(&cache);
}

static void test_a_sources_refusal_is_remembered(void **state)
{
    struct spring spring = {.rc = EPIC_AUTH_E_OAUTH};
    struct auth_cache cache;
    (void)state;
    auth_cache_init(&cache, &(struct auth_token_source){give, &spring, auth_env_system()});
    assert_int_equal(take(&cache, NULL), EPIC_AUTH_E_OAUTH);
    assert_int_equal(take(&cache, NULL), EPIC_AUTH_E_OAUTH);
    assert_int_equal(spring.asked, 1);
    auth_cache_clear(&cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_source_is_asked_once_per_token),
        cmocka_unit_test(test_a_token_that_lives_too_short_is_renewed_first),
        cmocka_unit_test(test_a_sources_refusal_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
