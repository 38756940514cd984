/* The scripted web and the clock behind the tests of JWK Set URLs. */
#include "mock_epic/tests/support_jwks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char app_url[] = "https://jwks.example.org/keys.json";

/* ---- the web ---- */

static enum auth_rc web_send(struct auth_http *base, const struct auth_http_request *request,
                             struct auth_http_response *response, struct auth_err *err)
{
    struct web *web = (struct web *)base;
    struct auth_buf text;
    char path[256];
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 4096);
    auth_buf_init(&response->body, request->body_max);
    pthread_mutex_lock(&web->lock);
    web->sent++;
    pthread_cond_broadcast(&web->changed);
    while (web->is_held)
        pthread_cond_wait(&web->changed, &web->lock);
    enum auth_rc rc = web->rc;
    response->status = web->status;
    auth_buf_add_string(&response->headers, web->headers);
    if (web->fixture) {
        snprintf(path, sizeof path, "keys/%s", web->fixture);
        support_read_fixture(path, &text);
        auth_buf_add_view(&response->body, auth_buf_view(&text));
        auth_buf_clear(&text);
    } else {
        auth_buf_add_string(&response->body, web->body);
    }
    pthread_mutex_unlock(&web->lock);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "jwks.example.org: scripted trouble");
}

static void web_free(struct auth_http *base)
{
    (void)base; /* part of the stage */
}

void web_serve(struct web *web, const char *fixture, const char *headers)
{
    pthread_mutex_lock(&web->lock);
    web->rc = AUTH_OK;
    web->status = 200;
    web->fixture = fixture;
    web->headers = headers;
    pthread_mutex_unlock(&web->lock);
}

void web_answer(struct web *web, int status, const char *body, const char *headers)
{
    web_serve(web, NULL, headers);
    web->status = status;
    web->body = body;
}

void web_fail(struct web *web, enum auth_rc rc)
{
    web_answer(web, 0, "", "");
    web->rc = rc;
}

int web_sent(struct web *web)
{
    pthread_mutex_lock(&web->lock);
    int sent = web->sent;
    pthread_mutex_unlock(&web->lock);
    return sent;
}

/* ---- the stage ---- */

static int64_t stage_steady_ms(void *ctx)
{
    struct web *web = ctx;
    pthread_mutex_lock(&web->lock);
    int64_t now_ms = web->now_ms;
    pthread_mutex_unlock(&web->lock);
    return now_ms;
}

static int64_t stage_wall_us(void *ctx)
{
    (void)ctx;
    return (int64_t)SUPPORT_NOW_S * 1000000;
}

static enum auth_rc stage_random(void *ctx, void *bytes, size_t n)
{
    const struct auth_env *system = auth_env_system();
    (void)ctx;
    return system->random(system->ctx, bytes, n);
}

struct stage *stage_new(const char *profile)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    stage->web.base = (struct auth_http){.send = web_send, .free = web_free};
    pthread_mutex_init(&stage->web.lock, NULL);
    pthread_cond_init(&stage->web.changed, NULL);
    stage->web.now_ms = 1000000;
    stage->env = *auth_env_system();
    stage->env.wall_us = stage_wall_us;
    stage->env.steady_ms = stage_steady_ms;
    stage->env.random = stage_random;
    stage->env.ctx = &stage->web;
    web_serve(&stage->web, "ab.jwks.json", "");
    support_init_with(&stage->support, profile, &stage->web.base, &stage->env);
    support_add_url_app(&stage->support, STAGE_APP_ID, app_url);
    return stage;
}

int stage_set_up(void **state)
{
    *state = stage_new("epic");
    return 0;
}

int stage_tear_down(void **state)
{
    struct stage *stage = *state;
    support_clear(&stage->support);
    pthread_cond_destroy(&stage->web.changed);
    pthread_mutex_destroy(&stage->web.lock);
    free(stage);
    return 0;
}

void stage_advance(struct stage *stage, int64_t seconds)
{
    assert_true(mock_clock_advance(&stage->support.instance.clock, seconds));
}

int ask(struct stage *stage, const char *key, const char *kid, char decision[32])
{
    char header[128];
    const char *alg = strncmp(key, "p256", 4) == 0 ? "ES256" : strncmp(key, "p384", 4) == 0 ? "ES384" : "RS384";
    snprintf(header, sizeof header, kid[0] ? "{\"alg\":\"%s\",\"kid\":\"%s\"}" : "{\"alg\":\"%s\"}", alg, kid);
    char *form = support_signed_form(STAGE_APP_ID, key, header, mock_clock_now_s(&stage->support.instance.clock) + 200);
    struct support_answer answer =
        support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, SUPPORT_FORM_TYPE, form);
    int status = answer.status;
    if (decision)
        memcpy(decision, answer.decision, 32);
    support_answer_clear(&answer);
    free(form);
    return status;
}

int ask_a(struct stage *stage)
{
    return ask(stage, "rsa2048_a", "key-a", NULL);
}

void expect_in(struct stage *stage, const char *target, const char *part)
{
    struct support_answer answer = support_send(&stage->support, "GET", target, NULL, NULL, NULL);
    if (!strstr(answer.body, part))
        fail_msg("GET %s: no %s in %s", target, part, answer.body);
    support_answer_clear(&answer);
}

void expect_refused(struct stage *stage, const char *key, const char *kid, const char *words)
{
    char decision[32], target[64];
    assert_int_equal(ask(stage, key, kid, decision), 400);
    snprintf(target, sizeof target, "/mock/journal/%s", decision);
    expect_in(stage, target, words);
}
