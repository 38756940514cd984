/* Many threads, one token endpoint that answers when the test lets it: who asks, who waits, who goes on with the old one.
 * Time is the test's; run under TSan as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "auth/client/tests/support.h"

enum { THREADS = 16 };

/* A token endpoint behind a gate. Tokens are numbered: "t1", "t2" ... */
struct gate {
    struct script script; /* clocks */
    struct auth_http http;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool is_open;
    int status;
    const char *lifetime;
    int arrived, answered;
};

static enum auth_rc pass_gate(struct auth_http *http, const struct auth_http_request *request,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct gate *gate = (struct gate *)(void *)((char *)http - offsetof(struct gate, http));
    (void)request;
    (void)err;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 1024);
    auth_buf_init_secret(&response->body, 1024);
    pthread_mutex_lock(&gate->lock);
    gate->arrived++;
    pthread_cond_broadcast(&gate->moved);
    while (!gate->is_open)
        pthread_cond_wait(&gate->moved, &gate->lock);
    gate->answered++;
    response->status = gate->status;
    if (gate->status == 200)
        auth_buf_addf(&response->body, "{\"access_token\":\"t%d\",\"token_type\":\"Bearer\",\"expires_in\":%s}",
                      gate->answered, gate->lifetime);
    else
        auth_buf_add_string(&response->body, REFUSAL);
    pthread_mutex_unlock(&gate->lock);
    return AUTH_OK;
}

static void do_not_free(struct auth_http *http)
{
    (void)http;
}

static struct epic_auth *gate_start(struct gate *gate, int64_t call_timeout_ms)
{
    struct epic_auth_options options = {.size = sizeof options, .call_timeout_ms = call_timeout_ms};
    memset(gate, 0, sizeof *gate);
    struct epic_auth *auth = script_start(&gate->script, NULL, 0, &options);
    gate->http = (struct auth_http){.send = pass_gate, .free = do_not_free};
    gate->is_open = true;
    gate->status = 200;
    gate->lifetime = "3600";
    pthread_mutex_init(&gate->lock, NULL);
    pthread_cond_init(&gate->moved, NULL);
    auth->http = &gate->http;
    return auth;
}

static void gate_end(struct gate *gate, struct epic_auth *auth)
{
    epic_auth_free(auth);
    pthread_cond_destroy(&gate->moved);
    pthread_mutex_destroy(&gate->lock);
}

static void set_open(struct gate *gate, bool is_open)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_open = is_open;
    pthread_cond_broadcast(&gate->moved);
    pthread_mutex_unlock(&gate->lock);
}

static void await_arrivals(struct gate *gate, int count)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->arrived < count)
        pthread_cond_wait(&gate->moved, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

/* ---- a crowd ---- */

struct asker {
    pthread_t thread;
    struct epic_auth *auth;
    enum epic_auth_rc rc;
    char token[16];
    char oauth_error[64];
};

static void *ask(void *ctx)
{
    struct asker *asker = ctx;
    struct epic_auth_error error;
    char *token = NULL;
    asker->rc = epic_auth_access_token(asker->auth, &token, &error);
    snprintf(asker->token, sizeof asker->token, "%s", token ? token : "");
    snprintf(asker->oauth_error, sizeof asker->oauth_error, "%s", error.oauth_error);
    epic_auth_string_free(token);
    return NULL;
}

static void send_crowd(struct asker *crowd, struct epic_auth *auth)
{
    for (int i = 0; i < THREADS; i++) {
        crowd[i].auth = auth;
        assert_int_equal(pthread_create(&crowd[i].thread, NULL, ask, &crowd[i]), 0);
    }
}

static void collect(struct asker *crowd)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(crowd[i].thread, NULL);
}

static void test_a_crowd_without_a_token_makes_one_request_and_shares_it(void **state)
{
    struct asker crowd[THREADS];
    struct gate gate;
    (void)state;
    struct epic_auth *auth = gate_start(&gate, 0);
    set_open(&gate, false);
    send_crowd(crowd, auth);
    await_arrivals(&gate, 1);
    (void)poll(NULL, 0, 30); /* time for others to arrive wrongly */
    set_open(&gate, true);
    collect(crowd);
    assert_int_equal(gate.arrived, 1);
    for (int i = 0; i < THREADS; i++)
        assert_string_equal(crowd[i].token, "t1");
    gate_end(&gate, auth);
}

static void test_a_crowd_shares_a_refusal(void **state)
{
    struct asker crowd[THREADS];
    struct gate gate;
    (void)state;
    struct epic_auth *auth = gate_start(&gate, 0);
    gate.status = 400;
    set_open(&gate, false);
    send_crowd(crowd, auth);
    await_arrivals(&gate, 1);
    (void)poll(NULL, 0, 30);
    set_open(&gate, true);
    collect(crowd);
    assert_int_equal(gate.arrived, 1);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(crowd[i].rc, EPIC_AUTH_E_OAUTH);
        assert_string_equal(crowd[i].oauth_error, "invalid_client");
    }
    gate_end(&gate, auth);
}

/* One thread is at the endpoint; the others must not even notice. */
static void test_a_stale_token_is_used_while_one_thread_renews_it(void **state)
{
    struct asker first, crowd[THREADS];
    struct gate gate;
    (void)state;
    struct epic_auth *auth = gate_start(&gate, 0);
    expect_token(auth, "t1");
    script_pass(&gate.script, 3400 * 1000);
    set_open(&gate, false);
    first.auth = auth;
    assert_int_equal(pthread_create(&first.thread, NULL, ask, &first), 0);
    await_arrivals(&gate, 2);
    send_crowd(crowd, auth);
    collect(crowd); /* returns although the gate is shut */
    for (int i = 0; i < THREADS; i++)
        assert_string_equal(crowd[i].token, "t1");
    set_open(&gate, true);
    pthread_join(first.thread, NULL);
    assert_string_equal(first.token, "t2");
    assert_int_equal(gate.arrived, 2);
    gate_end(&gate, auth);
}

/* Within the hard margin the old token may die on its way, so everybody waits for the new one. */
static void test_a_token_about_to_die_is_not_used_while_it_is_renewed(void **state)
{
    struct asker crowd[THREADS];
    struct gate gate;
    (void)state;
    struct epic_auth *auth = gate_start(&gate, 0);
    expect_token(auth, "t1");
    script_pass(&gate.script, 3541 * 1000);
    set_open(&gate, false);
    send_crowd(crowd, auth);
    await_arrivals(&gate, 2);
    (void)poll(NULL, 0, 30);
    set_open(&gate, true);
    collect(crowd);
    assert_int_equal(gate.arrived, 2);
    for (int i = 0; i < THREADS; i++)
        assert_string_equal(crowd[i].token, "t2");
    gate_end(&gate, auth);
}

static void test_who_waits_keeps_their_own_deadline(void **state)
{
    struct asker first;
    struct gate gate;
    struct epic_auth_error error;
    struct auth_taken taken = {.min_left_ms = 0};
    (void)state;
    struct epic_auth *auth = gate_start(&gate, 0);
    set_open(&gate, false);
    first.auth = auth;
    assert_int_equal(pthread_create(&first.thread, NULL, ask, &first), 0);
    await_arrivals(&gate, 1);
    script_pass(&gate.script, 50);
    int64_t now_ms = atomic_load(&gate.script.steady_ms);
    assert_int_equal(auth_cache_acquire(&auth->cache, now_ms, now_ms, &taken, &error), EPIC_AUTH_E_NETWORK);
    assert_null(taken.text);
    set_open(&gate, true);
    pthread_join(first.thread, NULL);
    assert_string_equal(first.token, "t1"); /* the other refresh was not disturbed */
    gate_end(&gate, auth);
}

/* Tokens that live so short that every call renews, read by everybody at once: the slots must never mix two tokens. */
static void *ask_often(void *ctx)
{
    struct asker *asker = ctx;
    for (int i = 0; i < 200; i++) {
        struct epic_auth_error error;
        char *token = NULL;
        asker->rc = epic_auth_access_token(asker->auth, &token, &error);
        if (asker->rc != EPIC_AUTH_OK || token[0] != 't' || strspn(token + 1, "0123456789") != strlen(token + 1)) {
            asker->rc = EPIC_AUTH_E_PROTOCOL;
            epic_auth_string_free(token);
            return NULL;
        }
        epic_auth_string_free(token);
        if (i % 8 == 0)
            epic_auth_token_drop(asker->auth);
    }
    return NULL;
}

static void test_readers_and_the_writer_never_meet_in_a_slot(void **state)
{
    struct asker crowd[THREADS];
    struct gate gate;
    (void)state;
    struct epic_auth *auth = gate_start(&gate, 0);
    for (int i = 0; i < THREADS; i++) {
        crowd[i].auth = auth;
        assert_int_equal(pthread_create(&crowd[i].thread, NULL, ask_often, &crowd[i]), 0);
    }
    collect(crowd);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(crowd[i].rc, EPIC_AUTH_OK);
    gate_end(&gate, auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_crowd_without_a_token_makes_one_request_and_shares_it),
        cmocka_unit_test(test_a_crowd_shares_a_refusal),
        cmocka_unit_test(test_a_stale_token_is_used_while_one_thread_renews_it),
        cmocka_unit_test(test_a_token_about_to_die_is_not_used_while_it_is_renewed),
        cmocka_unit_test(test_who_waits_keeps_their_own_deadline),
        cmocka_unit_test(test_readers_and_the_writer_never_meet_in_a_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
