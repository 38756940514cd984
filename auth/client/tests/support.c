/* What the tests of the client share: a scripted server and its steps. */
#include "auth/client/tests/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/b64u.h"

/* ---- the world ---- */

static int64_t fake_wall_s(void *ctx)
{
    return atomic_load(&((struct script *)ctx)->wall_s);
}

static int64_t fake_steady_ms(void *ctx)
{
    return atomic_load(&((struct script *)ctx)->steady_ms);
}

static enum auth_rc fake_random(void *ctx, void *bytes, size_t n)
{
    if (n != 1)
        return auth_env_system()->random(NULL, bytes, n);
    *(unsigned char *)bytes = ((struct script *)ctx)->jitter;
    return AUTH_OK;
}

void script_pass(struct script *script, int64_t ms)
{
    int64_t before_ms = atomic_fetch_add(&script->steady_ms, ms);
    atomic_fetch_add(&script->wall_s, (before_ms + ms) / 1000 - before_ms / 1000);
}

static void fake_sleep_ms(void *ctx, int64_t ms)
{
    struct script *script = ctx;
    script->slept_ms += ms;
    script->sleeps++;
    script_pass(script, ms);
}

/* The clocks are the test's, the threads are real: wait in short turns, and the client looks at the clock again. */
static void fake_wait(void *ctx, pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms)
{
    const struct auth_env *env = auth_env_system();
    (void)ctx, (void)until_ms;
    env->wait(NULL, cond, lock, env->steady_ms(NULL) + 20);
}

/* ---- the network ---- */

static void keep_request(struct script *script, const struct auth_http_request *request)
{
    size_t at = script->at % SCRIPT_KEPT;
    script->bearer[at][0] = '\0';
    for (size_t i = 0; i < request->header_count; i++) {
        if (strcmp(request->headers[i].name, "Authorization") == 0)
            snprintf(script->bearer[at], sizeof script->bearer[at], "%.*s", (int)request->headers[i].value.n,
                     request->headers[i].value.p);
    }
    snprintf(script->form[at], sizeof script->form[at], "%.*s", (int)request->body.n, request->body.p);
    script->timeout_ms[at] = request->timeout_ms;
}

static enum auth_rc play(struct auth_http *http, const struct auth_http_request *request,
                         struct auth_http_response *response, struct auth_err *err)
{
    struct script *script = (struct script *)http;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 65536);
    auth_buf_init_secret(&response->body, request->body_max ? request->body_max : 1024 * 1024);
    if (script->at == script->count)
        return auth_err_set(err, AUTH_E_ARG, "one request too many: %s", request->url);
    const struct step *step = &script->steps[script->at];
    if (strcmp(step->url, request->url) != 0)
        return auth_err_set(err, AUTH_E_ARG, "asked for %s instead of %s", request->url, step->url);
    keep_request(script, request);
    script->at++;
    script_pass(script, step->takes_ms);
    if (step->rc != AUTH_OK)
        return auth_err_set(err, step->rc, "scripted failure");
    response->status = step->status;
    response->date_s = step->date_s;
    auth_buf_add_string(&response->headers, step->header ? step->header : "");
    auth_buf_add_string(&response->body, step->body);
    enum auth_rc rc = auth_buf_check(&response->headers, err);
    return rc == AUTH_OK ? auth_buf_check(&response->body, err) : rc;
}

static void do_not_free(struct auth_http *http)
{
    (void)http; /* it lives on the test's stack */
}

static void keep_event(void *ctx, const char *line)
{
    struct script *script = ctx;
    size_t n = strlen(script->events);
    snprintf(script->events + n, sizeof script->events - n, "%s\n", line);
}

/* ---- for tests ---- */

struct epic_auth *script_start(struct script *script, const struct step *steps, size_t count,
                               const struct epic_auth_options *more)
{
    struct epic_auth_options options = {.size = sizeof options};
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    memset(script, 0, sizeof *script);
    script->http = (struct auth_http){.send = play, .free = do_not_free};
    script->env = *auth_env_system();
    script->env.wall_s = fake_wall_s;
    script->env.steady_ms = fake_steady_ms;
    script->env.random = fake_random;
    script->env.sleep_ms = fake_sleep_ms;
    script->env.wait = fake_wait;
    script->env.ctx = script;
    atomic_init(&script->steady_ms, 5000000);
    atomic_init(&script->wall_s, 1790000000);
    script->steps = steps;
    script->count = count;
    if (more)
        options = *more;
    options.client_id = "me";
    options.token_url = TOKEN_URL;
    options.fhir_base_url = options.fhir_base_url ? options.fhir_base_url : BASE;
    options.env_file = "";
    options.on_event = keep_event;
    options.event_ctx = script;
    if (!options.private_key_path)
        options.private_key_path = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem";
    if (auth_client_new(&options, &script->http, &script->env, &auth, &error) != EPIC_AUTH_OK)
        fail_msg("%s", error.message);
    return auth;
}

enum epic_auth_rc script_token(struct epic_auth *auth, const char **text, struct epic_auth_error *error)
{
    static char kept[256];
    char *token = NULL;
    enum epic_auth_rc rc = epic_auth_access_token(auth, &token, error);
    assert_int_equal(rc == EPIC_AUTH_OK, token != NULL);
    snprintf(kept, sizeof kept, "%s", token ? token : "");
    epic_auth_string_free(token);
    *text = kept;
    return rc;
}

void expect_token(struct epic_auth *auth, const char *text)
{
    struct epic_auth_error error;
    const char *got;
    if (script_token(auth, &got, &error) != EPIC_AUTH_OK)
        fail_msg("no token \"%s\": %s", text, error.message);
    assert_string_equal(got, text);
}

void script_jwt_part(const char *form, int part, struct auth_buf *json)
{
    const char *jwt = strstr(form, "client_assertion=");
    assert_non_null(jwt);
    struct auth_view rest = auth_view_from_string(jwt + strlen("client_assertion=")), piece = {0};
    for (int i = 0; i <= part; i++)
        piece = auth_view_split(&rest, '.');
    auth_buf_init(json, 8192);
    assert_int_equal(auth_b64u_decode(piece, json, NULL), AUTH_OK);
}
