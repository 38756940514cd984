/* Requests that wait for a time: resumed once, in order, not before, and early when what they wait for happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/http/wait.h"

enum { MANY = 1000, THREADS = 4 };

static struct mock_waiters waiters;

struct counted {
    struct mock_wait wait; /* first */
    atomic_int resumed;
    int64_t at_ms;
};

static int64_t now_ms(void)
{
    const struct auth_env *env = auth_env_system();
    return env->steady_ms(env->ctx);
}

static void count(struct mock_wait *wait)
{
    struct counted *counted = (struct counted *)wait;
    counted->at_ms = now_ms();
    atomic_fetch_add(&counted->resumed, 1);
}

static int set_up(void **state)
{
    (void)state;
    mock_waiters_init(&waiters, auth_env_system());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mock_waiters_clear(&waiters);
    return 0;
}

static void add(struct counted *counted, int64_t in_ms, const void *cause)
{
    memset(counted, 0, sizeof *counted);
    counted->wait = (struct mock_wait){.resume = count, .until_ms = now_ms() + in_ms, .cause = cause};
    mock_waiters_add(&waiters, &counted->wait);
}

static void await(struct counted *counted)
{
    const struct auth_env *env = auth_env_system();
    while (atomic_load(&counted->resumed) == 0)
        env->sleep_ms(env->ctx, 1);
}

static void test_each_at_its_time(void **state)
{
    static const int64_t in_ms[] = {40, 0, 20, -5, 60, 20};
    struct counted counted[sizeof in_ms / sizeof *in_ms];
    (void)state;
    for (size_t i = 0; i < sizeof in_ms / sizeof *in_ms; i++)
        add(&counted[i], in_ms[i], NULL);
    for (size_t i = 0; i < sizeof in_ms / sizeof *in_ms; i++) {
        await(&counted[i]);
        assert_true(counted[i].at_ms >= counted[i].wait.until_ms);
    }
    for (size_t i = 0; i < sizeof in_ms / sizeof *in_ms; i++)
        assert_int_equal(atomic_load(&counted[i].resumed), 1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The clock that is waited by shows whole milliseconds; begun between two of them, a wait is not that much shorter. */
static void test_none_is_too_short(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        struct counted counted = {.wait = {.resume = count}};
        int64_t start_ns = now_ns();
        mock_wait_for(&counted.wait, auth_env_system(), 2);
        mock_waiters_add(&waiters, &counted.wait);
        await(&counted);
        assert_true(now_ns() - start_ns >= 2000000);
    }
}

static void test_a_cause_ends_its_own(void **state)
{
    static int cause, other;
    struct counted mine, yours, nobodys;
    (void)state;
    add(&mine, 3600000, &cause);
    add(&yours, 3600000, &other);
    add(&nobodys, 3600000, NULL);
    mock_waiters_wake(&waiters, &cause);
    await(&mine);
    assert_int_equal(atomic_load(&yours.resumed) + atomic_load(&nobodys.resumed), 0);
    mock_waiters_stop(&waiters);
    await(&yours);
    await(&nobodys);
    add(&mine, 3600000, NULL); /* who comes after the stop does not wait */
    await(&mine);
}

struct crowd {
    struct counted counted[MANY];
    int number;
};

static void *keep_adding(void *ctx)
{
    struct crowd *crowd = ctx;
    for (int i = 0; i < MANY; i++)
        add(&crowd->counted[i], i % 3 ? 3600000 : i % 50, crowd);
    mock_waiters_wake(&waiters, crowd);
    return NULL;
}

static void test_many_threads(void **state)
{
    static struct crowd crowds[THREADS];
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, keep_adding, &crowds[i]), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < THREADS * MANY; i++)
        await(&crowds[i / MANY].counted[i % MANY]);
    for (int i = 0; i < THREADS * MANY; i++)
        assert_int_equal(atomic_load(&crowds[i / MANY].counted[i % MANY].resumed), 1);
    assert_null(waiters.first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_at_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_none_is_too_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_cause_ends_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_threads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
