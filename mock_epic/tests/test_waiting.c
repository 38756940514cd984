/* Requests that wait for a JWK Set, and the threads that fetch it, on virtual time: seconds of waiting take none, and a seed
 * gives the same order again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/tests/virtual.h"
#include "mock_epic/tests/support.h"

enum { ASKERS = 8, FETCH_MS = 5000, STEP_MS = 1500 };

struct world {
    struct auth_http http; /* first: send() gets its address */
    struct virtual_env v;
    struct support support;
    int fetches, names;
    char *forms[ASKERS];
    int status[ASKERS];
    int64_t answered_ms[ASKERS];
    char trace[2048];
    size_t n;
};

static void note(struct world *world, const char *what, int number)
{
    int n = snprintf(world->trace + world->n, sizeof world->trace - world->n, "%s %d at %lld\n", what, number,
                     (long long)world->v.env.steady_ms(&world->v));
    world->n += world->n + (size_t)n < sizeof world->trace ? (size_t)n : 0;
}

static enum auth_rc serve_set(struct auth_http *http, const struct auth_http_request *request,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct world *world = (struct world *)http;
    struct auth_buf text;
    (void)err;
    note(world, "fetch", ++world->fetches);
    world->v.env.sleep_ms(&world->v, FETCH_MS);
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 4096);
    auth_buf_init(&response->body, request->body_max);
    support_read_fixture("keys/ab.jwks.json", &text);
    auth_buf_add_view(&response->body, auth_buf_view(&text));
    auth_buf_clear(&text);
    response->status = 200;
    return AUTH_OK;
}

static void do_not_free(struct auth_http *http)
{
    (void)http;
}

static void ask(void *arg)
{
    struct world *world = arg;
    int name = world->names++;
    world->v.env.sleep_ms(&world->v, (int64_t)name * STEP_MS);
    struct support_answer answer = support_send(&world->support, "POST", SUPPORT_TOKEN_PATH, NULL,
                                                "application/x-www-form-urlencoded", world->forms[name]);
    world->status[name] = answer.status;
    world->answered_ms[name] = world->v.env.steady_ms(&world->v);
    note(world, "answer", name);
    support_answer_clear(&answer);
}

static void play(struct world *world, uint64_t seed)
{
    memset(world, 0, sizeof *world);
    world->http = (struct auth_http){.send = serve_set, .free = do_not_free};
    virtual_init(&world->v, seed, SUPPORT_NOW_S);
    support_init_with(&world->support, "epic", &world->http, &world->v.env);
    support_add_url_app(&world->support, "url-app", "https://jwks.example.org/keys.json");
    for (int i = 0; i < ASKERS; i++) {
        world->forms[i] =
            support_signed_form("url-app", "rsa2048_a", "{\"alg\":\"RS384\",\"kid\":\"key-a\"}", SUPPORT_NOW_S + 100);
        assert_int_equal(world->v.env.start(&world->v, ask, world), AUTH_OK);
    }
    virtual_finish(&world->v);
    support_clear(&world->support);
    virtual_clear(&world->v);
    for (int i = 0; i < ASKERS; i++)
        free(world->forms[i]);
}

static void test_who_comes_during_a_fetch_waits_for_its_end(void **state)
{
    static struct world world;
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        play(&world, seed);
        assert_int_equal(world.fetches, 1);
        for (int i = 0; i < ASKERS; i++) {
            int64_t came_ms = (int64_t)i * STEP_MS;
            assert_int_equal(world.status[i], 200);
            assert_int_equal(world.answered_ms[i], came_ms < FETCH_MS ? FETCH_MS : came_ms);
        }
    }
}

static void test_a_seed_gives_the_same_order(void **state)
{
    static struct world one, two;
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        play(&one, seed);
        play(&two, seed);
        assert_string_equal(one.trace, two.trace);
        assert_int_equal(one.v.switches, two.v.switches);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_comes_during_a_fetch_waits_for_its_end),
        cmocka_unit_test(test_a_seed_gives_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
