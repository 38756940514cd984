/* JWK Set URLs with a scripted web and a clock that tests turn: when a set is fetched, how long it is kept, what is said
 * when it cannot be. Every answer of the script is counted, so a fetch too many shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "mock_epic/tests/support.h"

static const char form_type[] = "application/x-www-form-urlencoded";
static const char app_id[] = "url-app";
static const char app_url[] = "https://jwks.example.org/keys.json";

enum { DAY_29H_S = 29 * 3600 };

/* ---- the web ---- */

struct web {
    struct auth_http base;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int sent;       /* requests so far */
    bool is_held;   /* answers wait until it is false */
    int64_t now_ms; /* steady clock */
    /* the next answers */
    enum auth_rc rc;
    int status;
    const char *fixture; /* body: a file of fixtures/keys */
    const char *body;    /* or this */
    const char *headers; /* lower-case lines */
};

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

static void web_serve(struct web *web, const char *fixture, const char *headers)
{
    pthread_mutex_lock(&web->lock);
    web->rc = AUTH_OK;
    web->status = 200;
    web->fixture = fixture;
    web->headers = headers;
    pthread_mutex_unlock(&web->lock);
}

static void web_answer(struct web *web, int status, const char *body, const char *headers)
{
    web_serve(web, NULL, headers);
    web->status = status;
    web->body = body;
}

static void web_fail(struct web *web, enum auth_rc rc)
{
    web_answer(web, 0, "", "");
    web->rc = rc;
}

static int web_sent(struct web *web)
{
    pthread_mutex_lock(&web->lock);
    int sent = web->sent;
    pthread_mutex_unlock(&web->lock);
    return sent;
}

/* ---- the stage ---- */

struct stage {
    struct support support;
    struct web web;
    struct auth_env env;
};

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

static struct stage *stage_new(const char *profile)
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
    support_add_url_app(&stage->support, app_id, app_url);
    return stage;
}

static int set_up(void **state)
{
    *state = stage_new("epic");
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    support_clear(&stage->support);
    pthread_cond_destroy(&stage->web.changed);
    pthread_mutex_destroy(&stage->web.lock);
    free(stage);
    return 0;
}

static void advance(struct stage *stage, int64_t seconds)
{
    assert_true(mock_clock_advance(&stage->support.instance.clock, seconds));
}

/* A token request signed by `key` with that kid ("" sends none). Its answer's status; *decision names the entry. */
static int ask(struct stage *stage, const char *key, const char *kid, char decision[32])
{
    char header[128];
    const char *alg = strncmp(key, "p256", 4) == 0 ? "ES256" : strncmp(key, "p384", 4) == 0 ? "ES384" : "RS384";
    snprintf(header, sizeof header, kid[0] ? "{\"alg\":\"%s\",\"kid\":\"%s\"}" : "{\"alg\":\"%s\"}", alg, kid);
    char *form = support_signed_form(app_id, key, header, mock_clock_now_s(&stage->support.instance.clock) + 200);
    struct support_answer answer = support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
    int status = answer.status;
    if (decision)
        memcpy(decision, answer.decision, 32);
    support_answer_clear(&answer);
    free(form);
    return status;
}

static int ask_a(struct stage *stage)
{
    return ask(stage, "rsa2048_a", "key-a", NULL);
}

static void expect_in(struct stage *stage, const char *target, const char *part)
{
    struct support_answer answer = support_send(&stage->support, "GET", target, NULL, NULL, NULL);
    if (!strstr(answer.body, part))
        fail_msg("GET %s: no %s in %s", target, part, answer.body);
    support_answer_clear(&answer);
}

/* The request fails, and its journal entry says so in these words. */
static void expect_refused(struct stage *stage, const char *key, const char *kid, const char *words)
{
    char decision[32], target[64];
    assert_int_equal(ask(stage, key, kid, decision), 400);
    snprintf(target, sizeof target, "/mock/journal/%s", decision);
    expect_in(stage, target, words);
}

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
    advance(stage, keep_s - 1);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), before + 1);
    advance(stage, 1);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), before + 2);
    advance(stage, DAY_29H_S); /* stale for whatever comes next */
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
    advance(stage, -1);
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
    char *late = support_signed_form(app_id, "rsa2048_a", "{\"alg\":\"RS384\",\"kid\":\"key-a\"}", SUPPORT_NOW_S);
    struct support_answer answer = support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, late);
    assert_int_equal(answer.status, 400);
    support_answer_clear(&answer);
    free(late);
    assert_int_equal(web_sent(&stage->web), 1);
}

static void test_jwks_check_of_a_bare_jwt_fetches_too(void **state)
{
    struct stage *stage = *state;
    char *form = support_signed_form(app_id, "rsa2048_a", "{\"alg\":\"RS384\"}", SUPPORT_NOW_S + 100);
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
    advance(stage, DAY_29H_S);
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
    advance(stage, DAY_29H_S);
    expect_refused(stage, "rsa2048_a", "key-a", "the JWK Set held this kid until it changed");
    expect_refused(stage, "rsa2048_a", "key-q", "no key of the registered set has this kid");
    /* and back, with the kids swapped: each kid now names the other key */
    memcpy(strstr(renamed, "\"key-x\""), "\"key-b\"", 7);
    memcpy(strstr(strstr(renamed, "\"key-b\"") + 7, "\"key-b\""), "\"key-a\"", 7);
    mock_apps_forget_jwks(&stage->support.instance.apps);
    web_serve(&stage->web, "ab.jwks.json", "");
    assert_int_equal(ask_a(stage), 200);
    web_answer(&stage->web, 200, renamed, "");
    advance(stage, DAY_29H_S);
    expect_refused(stage, "rsa2048_a", "key-a", "made with the key that had this kid before");
    expect_refused(stage, "rsa3072_a", "key-a", "the signature has 384 bytes");
    assert_int_equal(ask(stage, "rsa2048_a", "key-b", NULL), 200);
    free(renamed);
    auth_buf_clear(&set);
}

/* ---- when it cannot be fetched ---- */

static void test_jwks_failures_are_named(void **state)
{
    static const struct {
        enum auth_rc rc;
        int status;
        const char *body, *headers, *error, *words;
    } rows[] = {
        {AUTH_E_TLS, 0, "", "", "tls", "the JWK Set URL"},
        {AUTH_E_TIMEOUT, 0, "", "", "timeout", "the JWK Set URL"},
        {AUTH_E_TOO_BIG, 0, "", "", "too_big", "the JWK Set URL"},
        {AUTH_E_NETWORK, 0, "", "", "network", "the JWK Set URL"},
        {AUTH_E_ORIGIN, 0, "", "", "blocked", "the JWK Set URL"},
        {AUTH_OK, 302, "", "location: https://x.example/\\u001b[31m\n", "redirect",
         "redirects (302) to https://x.example/"},
        {AUTH_OK, 401, "", "", "login", "wants a login"},
        {AUTH_OK, 403, "", "", "login", "wants a login"},
        {AUTH_OK, 404, "", "", "status", "nothing at the JWK Set URL (404)"},
        {AUTH_OK, 204, "", "", "status", "answers with status 204"},
        {AUTH_OK, 200, "<!DOCTYPE html><html></html>", "", "html", "gives an HTML page"},
        {AUTH_OK, 200, "", "", "not_a_jwks", "a JWK Set, {\\\"keys\\\":[...]}, is needed"},
        {AUTH_OK, 200, "{\"keys\":{}}", "", "not_a_jwks", "in a JWK Set it is an array"},
        {AUTH_OK, 200, "{\"keys\":[]}", "", "no_key", "it is empty"},
        {AUTH_OK, 200, "\x1f\x8b\x08", "content-encoding: gzip\n", "content_encoding", "Content-Encoding gzip"},
        {AUTH_OK, 200, "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "", "not_a_jwks", "private or secret key"},
    };
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char part[64];
        if (rows[i].rc == AUTH_OK)
            web_answer(&stage->web, rows[i].status, rows[i].body, rows[i].headers);
        else
            web_fail(&stage->web, rows[i].rc);
        mock_apps_forget_jwks(&stage->support.instance.apps);
        expect_refused(stage, "rsa2048_a", "key-a", rows[i].words);
        snprintf(part, sizeof part, "\"status\":%d,\"error\":\"%s\"", rows[i].status, rows[i].error);
        expect_in(stage, "/mock/journal?kind=jwks&limit=1", part);
        expect_in(stage, "/mock/journal?kind=token&limit=1",
                  "\"rule\":\"key.source\",\"claim\":\"signature\",\"result\":\"fail\"");
    }
}

/* A set in which `count` keys of the one kid stand before the one that signed. */
static void web_serve_crowd(struct stage *stage, int count, struct auth_buf *set)
{
    struct auth_buf text;
    auth_buf_init(&text, 65536);
    auth_buf_reset(set);
    support_read_fixture("keys/ab.jwks.json", &text);
    char *first = strchr(strchr(text.p, '['), '{'), *second = strchr(first, '}') + 1;
    memcpy(strstr(second, "key-b"), "key-a", 5);
    auth_buf_add_string(set, "{\"keys\":[");
    for (int i = 0; i < count; i++) {
        auth_buf_add(set, first, (size_t)(second - first));
        auth_buf_add_char(set, ',');
    }
    auth_buf_add_string(set, strchr(second, '{'));
    web_answer(&stage->web, 200, set->p, "");
    mock_apps_forget_jwks(&stage->support.instance.apps);
    auth_buf_clear(&text);
}

static void test_jwks_more_keys_of_one_kid_than_are_tried(void **state)
{
    struct stage *stage = *state;
    struct auth_buf set; /* the web borrows it */
    auth_buf_init(&set, 65536);
    web_serve_crowd(stage, 7, &set);
    assert_int_equal(ask(stage, "rsa2048_b", "key-a", NULL), 200);
    web_serve_crowd(stage, 8, &set);
    expect_refused(stage, "rsa2048_b", "key-a", "not among the first 8 that fit");
    expect_refused(stage, "rsa2048_b", "", "not among the first 8 that fit");
    assert_int_equal(ask_a(stage), 200);
    auth_buf_clear(&set);
}

static void test_jwks_after_a_failure_rests_a_second(void **state)
{
    struct stage *stage = *state;
    web_fail(&stage->web, AUTH_E_NETWORK);
    assert_int_equal(ask_a(stage), 400);
    web_serve(&stage->web, "ab.jwks.json", "");
    stage->web.now_ms += 999;
    expect_refused(stage, "rsa2048_a", "key-a", "the JWK Set URL");
    assert_int_equal(web_sent(&stage->web), 1);
    stage->web.now_ms += 1;
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2);
}

static void test_jwks_fresh_set_survives_a_failed_look_for_a_new_key(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    web_fail(&stage->web, AUTH_E_NETWORK);
    assert_int_equal(ask(stage, "rsa3072_a", "key-z", NULL), 400);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2);
}

static void test_jwks_stale_set_counts_by_switch_only(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(ask_a(stage), 200);
    web_fail(&stage->web, AUTH_E_NETWORK);
    advance(stage, DAY_29H_S);
    assert_int_equal(ask_a(stage), 400);
    assert_int_equal(auth_profile_set(&stage->support.instance.profile, "jwks_stale=use", NULL), AUTH_OK);
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 2); /* resting; the stale one counts */
    stage->web.now_ms += 1000;
    assert_int_equal(ask_a(stage), 200);
    assert_int_equal(web_sent(&stage->web), 3); /* tried again first */
}

static void test_jwks_content_type_counts_by_switch_only(void **state)
{
    struct stage *epic = *state;
    web_serve(&epic->web, "ab.jwks.json", "content-type: text/plain\n");
    assert_int_equal(ask_a(epic), 200);
    struct stage *smart = stage_new("smart"); /* jwks_content_type=json */
    void *smart_state = smart;
    assert_int_equal(auth_profile_set(&smart->support.instance.profile, "scope=ignore", NULL), AUTH_OK);
    assert_int_equal(auth_profile_set(&smart->support.instance.profile, "typ=optional", NULL), AUTH_OK);
    web_serve(&smart->web, "ab.jwks.json", "content-type: text/plain\n");
    expect_refused(smart, "rsa2048_a", "key-a", "serve application/json");
    smart->web.now_ms += 1000;
    web_serve(&smart->web, "ab.jwks.json", "content-type: application/JSON; charset=utf-8\n");
    assert_int_equal(ask_a(smart), 200);
    tear_down(&smart_state);
}

/* ---- which keys ---- */

static void test_jwks_url_honours_kid_and_takes_ec_keys(void **state)
{
    struct stage *stage = *state;
    expect_refused(stage, "rsa2048_a", "key-b", "\"rule\":\"signature\",\"claim\":\"signature\",\"result\":\"fail\"");
    assert_int_equal(ask_a(stage), 200);
    web_serve(&stage->web, "p256_a.jwks.json", "");
    assert_int_equal(ask(stage, "p256_a", "", NULL), 200);
    web_serve(&stage->web, "p384_a.jwks.json", "");
    assert_int_equal(ask(stage, "p384_a", "", NULL), 200);
    expect_refused(stage, "p256_a", "", "no registered key is of the type that alg needs");
}

static void test_jwks_oddities_are_warned_of(void **state)
{
    struct stage *stage = *state;
    web_serve(&stage->web, "dup_kid.jwks.json", "");
    assert_int_equal(ask_a(stage), 200);
    expect_in(stage, "/mock/apps/url-app", "key 2 (kid \\\"key-a\\\") has kid and kty of key 1");
}

static void test_jwks_jku_other_than_registered_is_refused_and_not_dialled(void **state)
{
    struct stage *stage = *state;
    static const struct {
        const char *jku;
        int status;
    } rows[] = {
        {"https://jwks.example.org/keys.json", 200},      {"https://jwks.example.org/keys.json/", 400},
        {"https://JWKS.example.org/keys.json", 400},      {"https://jwks.example.org/keys.json?", 400},
        {"https://evil.example.org/keys.json", 400},      {"http://jwks.example.org/keys.json", 400},
        {"http://169.254.169.254/latest/meta-data", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char header[256];
        snprintf(header, sizeof header, "{\"alg\":\"RS384\",\"kid\":\"key-a\",\"jku\":\"%s\"}", rows[i].jku);
        char *form = support_signed_form(app_id, "rsa2048_a", header, SUPPORT_NOW_S + 100);
        struct support_answer answer = support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
        assert_int_equal(answer.status, rows[i].status);
        support_answer_clear(&answer);
        free(form);
    }
    assert_int_equal(web_sent(&stage->web), 1);
}

static void test_jwks_url_that_epic_would_not_take_is_refused_at_registration(void **state)
{
    static const struct {
        const char *url, *words;
    } rows[] = {
        {"http://jwks.example.org/keys.json", "Epic wants TLS"},
        {"ftp://jwks.example.org/keys.json", ""},
        {"https://user:pw@jwks.example.org/keys.json", ""},
        {"https://jwks.example.org/keys.json#a", "fragment"},
        {"jwks.example.org/keys.json", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mock_app *app = NULL;
        struct auth_err err = {0};
        struct mock_app_parts parts = {.client_id = auth_view_from_string("x"),
                                       .jwks_url = auth_view_from_string(rows[i].url)};
        assert_int_equal(mock_apps_make(&parts, 0, &app, &err), AUTH_E_SYNTAX);
        assert_non_null(strstr(err.detail, rows[i].words));
    }
}

/* ---- static keys ---- */

static void test_static_key_is_warned_of_accepted_or_refused_by_switch(void **state)
{
    static const struct {
        const char *value;
        int status;
        const char *result;
    } rows[] = {
        {"static_keys=warn", 200, "warn"}, {"static_keys=accept", 200, "pass"}, {"static_keys=refuse", 400, "fail"}};
    struct stage *stage = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char part[96];
        char *form = support_signed_form(SUPPORT_CLIENT_ID, "rsa2048_a", "{\"alg\":\"RS384\"}", SUPPORT_NOW_S + 100);
        assert_int_equal(auth_profile_set(&stage->support.instance.profile, rows[i].value, NULL), AUTH_OK);
        struct support_answer answer = support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
        assert_int_equal(answer.status, rows[i].status);
        snprintf(part, sizeof part, "\"rule\":\"key.source\",\"claim\":\"signature\",\"result\":\"%s\"",
                 rows[i].result);
        expect_in(stage, "/mock/journal?kind=token&limit=1", part);
        if (strcmp(rows[i].result, "pass") != 0)
            expect_in(stage, "/mock/journal?kind=token&limit=1", "since February 2026");
        support_answer_clear(&answer);
        free(form);
    }
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
    struct support_answer answer = support_send(&stage->support, "POST", SUPPORT_TOKEN_PATH, NULL, form_type, form);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(test_jwks_failures_are_named),
        TEST(test_jwks_more_keys_of_one_kid_than_are_tried),
        TEST(test_jwks_after_a_failure_rests_a_second),
        TEST(test_jwks_fresh_set_survives_a_failed_look_for_a_new_key),
        TEST(test_jwks_stale_set_counts_by_switch_only),
        TEST(test_jwks_content_type_counts_by_switch_only),
        TEST(test_jwks_url_honours_kid_and_takes_ec_keys),
        TEST(test_jwks_oddities_are_warned_of),
        TEST(test_jwks_jku_other_than_registered_is_refused_and_not_dialled),
        TEST(test_jwks_url_that_epic_would_not_take_is_refused_at_registration),
        TEST(test_static_key_is_warned_of_accepted_or_refused_by_switch),
        TEST(test_jwks_requests_that_wait_share_one_fetch),
        TEST(test_jwks_stopping_ends_all_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
