/* Every wait of the client on virtual time: pauses, the wait for another thread's request, expiry; many threads, hours of
 * them, no time at all, and the same again for the same seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"
#include "auth/core/tests/virtual.h"

/* A token endpoint in virtual time. Only one thread runs at a time, so its numbers need no lock. */
struct world {
    struct auth_http http; /* first: send() gets its address */
    struct virtual_env v;
    struct epic_auth *auth;
    int64_t takes_ms, lifetime_s;
    int busy; /* so many 503 first */
    int requests, under_way, most_at_once;
    char trace[8192];
    size_t n;
    int calls, failures, names;
    int64_t gave_up_ms;
};

static void note(struct world *world, const char *what, int64_t number)
{
    int n = snprintf(world->trace + world->n, sizeof world->trace - world->n, "%s %lld at %lld\n", what,
                     (long long)number, (long long)world->v.env.steady_ms(&world->v));
    world->n += world->n + (size_t)n < sizeof world->trace ? (size_t)n : 0;
}

static enum auth_rc answer(struct auth_http *http, const struct auth_http_request *request,
                           struct auth_http_response *response, struct auth_err *err)
{
    struct world *world = (struct world *)http;
    int number = ++world->requests;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 4096);
    auth_buf_init_secret(&response->body, 4096);
    world->most_at_once = ++world->under_way > world->most_at_once ? world->under_way : world->most_at_once;
    note(world, "request", number);
    world->v.env.sleep_ms(&world->v, world->takes_ms < request->timeout_ms ? world->takes_ms : request->timeout_ms);
    world->under_way--;
    if (world->takes_ms > request->timeout_ms)
        return auth_err_set(err, AUTH_E_TIMEOUT, "no answer in time");
    bool is_busy = number <= world->busy;
    response->status = is_busy ? 503 : 200;
    if (is_busy)
        auth_buf_add_string(&response->headers, "retry-after: 10\n");
    else
        auth_buf_addf(&response->body, "{\"access_token\":\"token-%d\",\"token_type\":\"Bearer\",\"expires_in\":%lld}",
                      number, (long long)world->lifetime_s);
    return AUTH_OK;
}

static void do_not_free(struct auth_http *http)
{
    (void)http;
}

static void begin(struct world *world, uint64_t seed)
{
    struct epic_auth_options options = {.size = sizeof options,
                                        .client_id = "me",
                                        .token_url = TOKEN_URL,
                                        .env_file = "",
                                        .private_key_path = EPIC_FIXTURES_DIR "/keys/p256_a.TESTKEY.pem"};
    struct epic_auth_error error;
    world->http = (struct auth_http){.send = answer, .free = do_not_free};
    virtual_init(&world->v, seed, 1790000000);
    if (auth_client_new(&options, &world->http, &world->v.env, &world->auth, &error) != EPIC_AUTH_OK)
        fail_msg("%s", error.message);
}

static void end(struct world *world)
{
    virtual_clear(&world->v);
    epic_auth_free(world->auth);
}

static bool ask(struct world *world)
{
    struct epic_auth_error error;
    char *token = NULL;
    bool ok = epic_auth_access_token(world->auth, &token, &error) == EPIC_AUTH_OK;
    epic_auth_string_free(token);
    world->calls++;
    world->failures += !ok;
    return ok;
}

static void test_pauses_and_expiry_take_no_time(void **state)
{
    struct world world = {.takes_ms = 100, .lifetime_s = 3600, .busy = 2};
    (void)state;
    begin(&world, 1);
    assert_true(ask(&world)); /* two 503 with Retry-After: 10 */
    assert_int_equal(world.requests, 3);
    assert_int_equal(world.v.env.steady_ms(&world.v), 20300);
    world.v.env.sleep_ms(&world.v, 3200000);
    assert_true(ask(&world)); /* soft margin not reached yet, jittered by at most 60 s */
    assert_int_equal(world.requests, 3);
    world.v.env.sleep_ms(&world.v, 100000);
    assert_true(ask(&world));
    assert_int_equal(world.requests, 4);
    end(&world);
}

static void ask_once(void *arg)
{
    struct world *world = arg;
    int64_t start_ms = world->v.env.steady_ms(&world->v);
    if (!ask(world))
        world->gave_up_ms = world->v.env.steady_ms(&world->v) - start_ms;
}

static void test_all_wait_for_one_request(void **state)
{
    struct world world = {.takes_ms = 29000, .lifetime_s = 3600};
    (void)state;
    begin(&world, 2);
    for (int i = 0; i < 8; i++)
        assert_int_equal(world.v.env.start(&world.v, ask_once, &world), AUTH_OK);
    virtual_finish(&world.v);
    assert_int_equal(world.calls, 8);
    assert_int_equal(world.failures, 0);
    assert_int_equal(world.requests, 1);
    assert_int_equal(world.v.env.steady_ms(&world.v), 29000);
    end(&world);
}

static void live(void *arg)
{
    struct world *world = arg;
    int name = world->names++;
    while (world->v.env.steady_ms(&world->v) < 2 * 3600 * 1000) {
        unsigned char pause;
        assert_int_equal(world->v.env.random(&world->v, &pause, 1), AUTH_OK);
        world->v.env.sleep_ms(&world->v, 10 * (int64_t)pause);
        if (!ask(world))
            note(world, "failure of", name);
    }
}

/* Eight threads for two hours with tokens of a minute: never a failure, never two requests at a time, and no more requests
 * than tokens are needed. */
static void test_two_hours_of_eight_threads(void **state)
{
    static struct world one, two;
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        for (int again = 0; again < 2; again++) {
            struct world *world = again ? &two : &one;
            *world = (struct world){.takes_ms = 500, .lifetime_s = 60};
            begin(world, seed);
            for (int i = 0; i < 8; i++)
                assert_int_equal(world->v.env.start(&world->v, live, world), AUTH_OK);
            virtual_finish(&world->v);
            assert_true(world->calls > 8 * 7200 / 3);
            assert_int_equal(world->failures, 0);
            assert_int_equal(world->most_at_once, 1);
            if (world->requests < 7200 / 60 || world->requests > 7200 / 40)
                fail_msg("%d requests", world->requests);
            end(world);
        }
        assert_string_equal(one.trace, two.trace);
        assert_int_equal(one.calls, two.calls);
        assert_int_equal(one.v.switches, two.v.switches);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pauses_and_expiry_take_no_time),
        cmocka_unit_test(test_all_wait_for_one_request),
        cmocka_unit_test(test_two_hours_of_eight_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
