/* A case passes only when its control went the other way: what is refused is accepted when nothing is wrong with it, and what is
 * expected does not come whatever is asked. */
#include "conformance/suite/try.h"

#include <stdio.h>

#include "auth/core/b64u.h"
#include "auth/core/env.h"
#include "auth/jose/digest.h"
#include "conformance/suite/expect.h"
#include "conformance/suite/instance.h"
#include "conformance/suite/path.h"
#include "conformance/suite/target.h"

enum { JTI_BYTES = 12, TEXT_MAX_N = 1024 * 1024 };

/* A case on its way. */
struct attempt {
    struct conf_target *target; /* the server, or the case's own instance of it */
    const struct conf_case *one;
    struct auth_view jti;
    struct conf_kept kept;
    struct conf_outcome *outcome;
};

static const struct auth_json_node *part(const struct conf_case *one, const char *name)
{
    return auth_json_member(one->root, name);
}

static struct auth_view place_of(const struct auth_json_node *request)
{
    return auth_json_member_string(request, "to");
}

struct auth_view conf_try_place(const struct conf_case *one)
{
    return place_of(part(one, "request"));
}

static bool block(struct conf_outcome *o, const char *why, const struct auth_err *err)
{
    o->result = AUTH_CASE_BLOCKED;
    auth_buf_addf(&o->because, "%s%s%s", why, err && err->detail[0] ? ": " : "", err ? err->detail : "");
    return false;
}

/* ---- requests ---- */

static enum auth_rc ask(struct attempt *a, const struct auth_json_node *request, struct auth_view to,
                        enum conf_spoil spoil, struct auth_http_response *response, struct auth_err *err)
{
    bool wants_token = auth_view_equals(to, "fhir") || auth_view_equals(to, "introspect");
    enum auth_rc rc = wants_token ? conf_exchange_token(a->target, err) : AUTH_OK;
    return rc == AUTH_OK ? conf_exchange(a->target, request, to, spoil, a->jti, &a->kept, response, err) : rc;
}

static bool holds(struct attempt *a, const struct auth_json_node *expect, const struct auth_http_response *response,
                  struct auth_buf *expected, struct auth_buf *actual)
{
    struct conf_values values = conf_exchange_values(a->target, a->jti, &a->kept);
    return conf_expect_holds(expect, response, &values, expected, actual);
}

/* A request on the way to the one that counts: accepted, or as it expects. What it keeps is kept. */
static bool take_step(struct attempt *a, const struct auth_json_node *step, const char *what)
{
    struct auth_http_response response = {.status = 0};
    struct auth_err err = {0};
    struct conf_outcome *o = a->outcome;
    const struct auth_json_node *expect = auth_json_member(step, "expect");
    enum auth_rc rc = ask(a, step, place_of(step), CONF_SPOIL_NOTHING, &response, &err);
    if (rc == AUTH_OK && auth_view_equals(place_of(step), "admin")) /* it may have moved the clock */
        rc = conf_target_call(a->target, "GET", "health", auth_view_from_string(""), NULL, &err);
    if (rc != AUTH_OK)
        block(o, what, &err);
    else if (expect && !holds(a, expect, &response, &o->expected, &o->actual))
        auth_buf_addf(&o->because, "%s was not answered as expected", what);
    else if (!expect && !conf_expect_is_accepted(&response))
        auth_buf_addf(&o->because, "%s was answered with %d", what, response.status);
    else if (conf_kept_take(&a->kept, auth_json_member(step, "keep"), auth_buf_view(&response.body), &err) != AUTH_OK)
        auth_buf_addf(&o->because, "%s: %s", what, err.detail);
    if (o->because.n && o->result != AUTH_CASE_BLOCKED)
        o->result = expect ? AUTH_CASE_FAIL : AUTH_CASE_BLOCKED;
    auth_http_response_clear(&response);
    return o->because.n == 0;
}

static bool take_steps(struct attempt *a, const struct auth_json_node *steps)
{
    int number = 1;
    for (const struct auth_json_node *s = auth_json_first(steps); s; s = auth_json_next(s), number++) {
        char what[32];
        (void)snprintf(what, sizeof what, "step %d", number);
        if (!take_step(a, s, what))
            return false;
    }
    return true;
}

/* ---- the control ---- */

/* Of what must be refused: accepted. Else: the expectation does not hold. */
static bool went_the_other_way(struct attempt *a, const struct auth_http_response *response)
{
    struct auth_buf expected, actual;
    auth_buf_init(&expected, TEXT_MAX_N);
    auth_buf_init_secret(&actual, TEXT_MAX_N);
    bool is_other = a->one->kind == CONF_CASE_REFUSE ? conf_expect_is_accepted(response)
                                                     : !holds(a, part(a->one, "expect"), response, &expected, &actual);
    auth_buf_clear(&expected);
    auth_buf_clear(&actual);
    return is_other;
}

static bool ask_control(struct attempt *a, const struct auth_json_node *request, struct auth_view to,
                        enum conf_spoil spoil, const char *what)
{
    struct auth_http_response response = {.status = 0};
    struct auth_err err = {0};
    bool is_other = false;
    if (ask(a, request, to, spoil, &response, &err) != AUTH_OK) {
        block(a->outcome, "its control was not answered", &err);
    } else {
        is_other = went_the_other_way(a, &response);
        if (!is_other)
            auth_buf_addf(&a->outcome->because, "its control, %s, went the same way: %d", what, response.status);
    }
    if (!is_other)
        a->outcome->result = AUTH_CASE_BLOCKED;
    auth_http_response_clear(&response);
    return is_other;
}

/* One request, or several, of which the last counts. */
static bool ask_given_control(struct attempt *a, const struct auth_json_node *control)
{
    const struct auth_json_node *request = control;
    if (auth_json_type(control) == AUTH_JSON_ARRAY) {
        for (request = auth_json_first(control); auth_json_next(request); request = auth_json_next(request)) {
            if (!take_step(a, request, "a step of its control"))
                return false;
        }
    }
    return ask_control(a, request, place_of(request), CONF_SPOIL_NOTHING, "the request that it names");
}

/* What the case asks, of a mock that is not set up for it. */
static bool ask_without_setup(struct attempt *a, struct conf_target *server)
{
    struct conf_target plain;
    struct attempt other = {.target = &plain, .one = a->one, .jti = a->jti, .outcome = a->outcome};
    struct auth_buf name;
    struct auth_err err = {0};
    auth_buf_init(&name, 64);
    auth_buf_addf(&name, "%.*s-plain", (int)a->jti.n, a->jti.p);
    conf_kept_init(&other.kept);
    enum auth_rc rc = conf_instance_open(server, NULL, auth_buf_view(&name), &plain, &err);
    bool is_other = rc == AUTH_OK ? take_steps(&other, part(a->one, "steps"))
                                  : block(a->outcome, "no instance for its control", &err);
    if (is_other)
        is_other = ask_control(&other, part(a->one, "request"), conf_try_place(a->one), CONF_SPOIL_NOTHING,
                               "the same without its setup");
    conf_instance_close(&plain);
    conf_kept_clear(&other.kept);
    auth_buf_clear(&name);
    return is_other;
}

static bool try_control(struct attempt *a, struct conf_target *server)
{
    const struct conf_case *one = a->one;
    const struct auth_json_node *given = part(one, "control");
    struct auth_view to = conf_try_place(one);
    if (given)
        return ask_given_control(a, given);
    if (one->kind == CONF_CASE_EITHER)
        return true;
    if (auth_json_first(part(one, "setup")))
        return ask_without_setup(a, server);
    if (one->kind == CONF_CASE_ACCEPT)
        return ask_control(a, part(one, "request"), to, CONF_SPOIL_CREDENTIALS, "the same with spoiled credentials");
    if (auth_view_equals(to, "token"))
        return ask_control(a, NULL, to, CONF_SPOIL_NOTHING, "a sound token request");
    return block(a->outcome, "the case has no control: a request that is accepted", NULL);
}

/* ---- the case ---- */

/* A refusal counts only when the rule in question was among its reasons, as far as the journal can be read. */
static void check_rule(struct attempt *a)
{
    struct auth_buf path, entry, result;
    struct auth_json *doc = NULL;
    struct conf_outcome *o = a->outcome;
    struct auth_view rule = a->one->rule;
    auth_buf_init(&path, 256);
    auth_buf_init(&entry, TEXT_MAX_N);
    auth_buf_init(&result, 64);
    auth_buf_addf(&path, "journal/%s", o->decision.p);
    if (conf_target_call(a->target, "GET", path.p ? path.p : "", auth_view_from_string(""), &entry, NULL) == AUTH_OK)
        (void)!auth_json_parse(auth_buf_view(&entry), &doc, NULL);
    auth_buf_reset(&path);
    auth_buf_addf(&path, "verdicts[rule=%.*s].result", (int)rule.n, rule.p);
    (void)conf_path_text(auth_json_root(doc), auth_buf_view(&path), &result);
    if (result.n && !auth_view_equals(auth_buf_view(&result), "fail")) {
        o->result = AUTH_CASE_FAIL;
        auth_buf_addf(&o->because, "refused, but not by %.*s, of which the journal says: %s", (int)rule.n, rule.p,
                      result.p);
    }
    auth_json_free(doc);
    auth_buf_clear(&path);
    auth_buf_clear(&entry);
    auth_buf_clear(&result);
}

static void try_request(struct attempt *a)
{
    const struct conf_case *one = a->one;
    struct conf_outcome *o = a->outcome;
    struct auth_http_response response = {.status = 0};
    struct auth_err err = {0};
    bool is_token = auth_view_equals(conf_try_place(one), "token");
    if (ask(a, part(one, "request"), conf_try_place(one), CONF_SPOIL_NOTHING, &response, &err) != AUTH_OK) {
        o->result = AUTH_CASE_ERROR;
        auth_buf_add_string(&o->because, err.detail);
    } else {
        bool is_right = holds(a, part(one, "expect"), &response, &o->expected, &o->actual);
        o->result = is_right ? AUTH_CASE_PASS : AUTH_CASE_FAIL;
        auth_buf_add_view(&o->decision, auth_http_response_header(&response, "x-mock-epic-decision"));
        if (!is_right)
            auth_buf_add_view(&o->because, one->about);
        else if (one->kind == CONF_CASE_REFUSE && is_token && a->target->admin.n && o->decision.n)
            check_rule(a);
    }
    auth_http_response_clear(&response);
}

static void try_at(struct attempt *a, struct conf_target *server)
{
    if (try_control(a, server) && take_steps(a, part(a->one, "steps")))
        try_request(a);
}

static void try_in_instance(struct attempt *a)
{
    struct conf_target instance, *server = a->target;
    struct auth_err err = {0};
    if (conf_instance_open(server, part(a->one, "setup"), a->jti, &instance, &err) != AUTH_OK) {
        a->outcome->result = AUTH_CASE_ERROR;
        auth_buf_addf(&a->outcome->because, "no instance for it: %s", err.detail);
    } else {
        a->target = &instance;
        try_at(a, server);
        a->target = server;
    }
    conf_instance_close(&instance);
}

/* One that nobody has used, or with a seed one that a second run has, too. */
static void make_jti(const struct conf_case *one, const char *seed, struct auth_buf *jti)
{
    const struct auth_env *env = auth_env_system();
    unsigned char bytes[AUTH_SHA256_N] = {0};
    struct auth_buf text;
    auth_buf_init(&text, 1024);
    auth_buf_addf(&text, "%s %.*s", seed ? seed : "", (int)one->id.n, one->id.p);
    struct auth_view view = auth_buf_view(&text);
    (void)!(seed ? auth_digest_sha256(&view, 1, bytes) : env->random(env->ctx, bytes, sizeof bytes));
    auth_b64u_encode(jti, bytes, JTI_BYTES);
    auth_buf_clear(&text);
}

void conf_try(struct conf_target *target, const struct conf_case *one, const char *seed, struct conf_outcome *outcome)
{
    const struct auth_env *env = auth_env_system();
    struct auth_buf jti;
    int64_t from_us = env->wall_us(env->ctx);
    auth_buf_init(&jti, 64);
    make_jti(one, seed, &jti);
    struct attempt a = {.target = target, .one = one, .jti = auth_buf_view(&jti), .outcome = outcome};
    conf_kept_init(&a.kept);
    if (conf_case_needs(one, "admin"))
        try_in_instance(&a);
    else
        try_at(&a, target);
    conf_kept_clear(&a.kept);
    outcome->took_us = env->wall_us(env->ctx) - from_us;
    auth_buf_clear(&jti);
}
