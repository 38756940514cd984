/* Waiting: the system's by its clock, and the tests' own that takes no time and does the same again for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/tests/virtual.h"

/* ---- the system ---- */

struct box {
    const struct auth_env *env;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int value;
};

static void box_init(struct box *box, const struct auth_env *env)
{
    *box = (struct box){.env = env};
    pthread_mutex_init(&box->lock, NULL);
    auth_env_cond_init(&box->changed);
}

static void box_clear(struct box *box)
{
    pthread_cond_destroy(&box->changed);
    pthread_mutex_destroy(&box->lock);
}

static void put(void *arg)
{
    struct box *box = arg;
    box->env->sleep_ms(box->env->ctx, 20);
    pthread_mutex_lock(&box->lock);
    box->value = 1;
    box->env->wake(box->env->ctx, &box->changed);
    pthread_mutex_unlock(&box->lock);
}

/* False: the deadline came first. */
static bool take(struct box *box, int64_t until_ms)
{
    const struct auth_env *env = box->env;
    pthread_mutex_lock(&box->lock);
    while (!box->value && (until_ms == AUTH_ENV_FOREVER || env->steady_ms(env->ctx) < until_ms))
        env->wait(env->ctx, &box->changed, &box->lock, until_ms);
    bool is_there = box->value != 0;
    pthread_mutex_unlock(&box->lock);
    return is_there;
}

static void test_the_system_waits_and_wakes(void **state)
{
    const struct auth_env *env = auth_env_system();
    struct box box;
    (void)state;
    box_init(&box, env);
    int64_t start_ms = env->steady_ms(NULL);
    assert_false(take(&box, start_ms + 30));
    assert_true(env->steady_ms(NULL) - start_ms >= 30); /* not early */
    assert_false(take(&box, start_ms));                 /* long past: at once */
    assert_int_equal(env->start(NULL, put, &box), AUTH_OK);
    assert_true(take(&box, AUTH_ENV_FOREVER));
    box.value = 0;
    assert_int_equal(env->start(NULL, put, &box), AUTH_OK);
    assert_true(take(&box, start_ms + 600000)); /* woken, not timed out */
    box_clear(&box);
}

/* ---- virtual time ---- */

static void test_time_jumps_to_the_next_deadline(void **state)
{
    struct virtual_env v;
    struct box box;
    (void)state;
    virtual_init(&v, 1, 1790000000);
    box_init(&box, &v.env);
    assert_false(take(&box, 3600000));
    assert_int_equal(v.env.steady_ms(&v), 3600000);
    assert_int_equal(v.env.wall_s(&v), 1790003600);
    v.env.sleep_ms(&v, 86400000);
    assert_int_equal(v.env.steady_ms(&v), 90000000);
    assert_int_equal(v.env.start(&v, put, &box), AUTH_OK);
    assert_true(take(&box, AUTH_ENV_FOREVER));
    assert_int_equal(v.env.steady_ms(&v), 90000020);
    virtual_clear(&v);
    box_clear(&box);
}

enum { RUNNERS = 8, STEPS = 20 };

struct race {
    struct virtual_env v;
    struct box box;
    char trace[RUNNERS * STEPS * 16];
    size_t n;
    int next_name;
};

static void run(void *arg)
{
    struct race *race = arg;
    const struct auth_env *env = &race->v.env;
    pthread_mutex_lock(&race->box.lock);
    int name = race->next_name++;
    pthread_mutex_unlock(&race->box.lock);
    for (int i = 0; i < STEPS; i++) {
        unsigned char pause;
        assert_int_equal(env->random(env->ctx, &pause, 1), AUTH_OK);
        if (pause % 4 == 0)
            (void)take(&race->box, env->steady_ms(env->ctx) + pause % 7);
        else
            env->sleep_ms(env->ctx, pause % 7);
        pthread_mutex_lock(&race->box.lock);
        race->n += (size_t)snprintf(race->trace + race->n, sizeof race->trace - race->n, "%d@%lld ", name,
                                    (long long)env->steady_ms(env->ctx));
        env->wake(env->ctx, &race->box.changed);
        pthread_mutex_unlock(&race->box.lock);
    }
}

static void race_once(struct race *race, uint64_t seed)
{
    memset(race, 0, sizeof *race);
    virtual_init(&race->v, seed, 0);
    box_init(&race->box, &race->v.env);
    for (int i = 0; i < RUNNERS; i++)
        assert_int_equal(race->v.env.start(&race->v, run, race), AUTH_OK);
    virtual_finish(&race->v);
    virtual_clear(&race->v);
    box_clear(&race->box);
}

static void test_a_seed_gives_the_same_again(void **state)
{
    static struct race one, two;
    int different = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        race_once(&one, seed);
        race_once(&two, seed);
        assert_string_equal(one.trace, two.trace);
        race_once(&two, seed + 1000);
        different += strcmp(one.trace, two.trace) != 0;
    }
    assert_true(different > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_system_waits_and_wakes),
        cmocka_unit_test(test_time_jumps_to_the_next_deadline),
        cmocka_unit_test(test_a_seed_gives_the_same_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
