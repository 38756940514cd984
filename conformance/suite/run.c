/* Cases with their controls: what is refused must be accepted when nothing is wrong with it, and the other way round. */
#include "conformance/suite/run.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/b64u.h"
#include "auth/core/env.h"
#include "conformance/suite/expect.h"
#include "conformance/suite/target.h"

enum { TEXT_MAX_N = 64 * 1024, JOBS_MAX = 64, JTI_BYTES = 12, DECISION_N = 64 };

/* What came of one case. */
struct outcome {
    bool is_chosen;
    enum auth_case_result result;
    struct auth_buf because, expected, actual, decision;
    int64_t took_us;
};

/* ---- one case ---- */

static const struct auth_json_node *request_of(const struct conf_case *one)
{
    return auth_json_member(one->root, "request");
}

static struct auth_view place_of(const struct auth_json_node *request)
{
    return auth_json_member_string(request, "to");
}

static void block(struct outcome *o, const char *why, const struct auth_err *err)
{
    o->result = AUTH_CASE_BLOCKED;
    auth_buf_addf(&o->because, "%s%s%s", why, err && err->detail[0] ? ": " : "", err ? err->detail : "");
}

/* The request that goes the other way: that of the case, or else the plain one, or the case's own with spoiled credentials. */
static bool run_control(struct conf_target *target, const struct conf_case *one, struct auth_view jti,
                        struct outcome *o)
{
    const struct auth_json_node *given = auth_json_member(one->root, "control"), *own = request_of(one);
    struct auth_view to = place_of(given ? given : own);
    bool is_own = !given && one->kind == CONF_CASE_ACCEPT;
    struct auth_http_response response = {.status = 0};
    struct auth_err err = {0};
    if (one->kind == CONF_CASE_EITHER)
        return true;
    if (!given && one->kind == CONF_CASE_REFUSE && !auth_view_equals(to, "token")) {
        block(o, "the case has no control: a request that is accepted", NULL);
        return false;
    }
    enum auth_rc rc = conf_exchange(target, is_own ? own : given, to,
                                    is_own ? CONF_SPOIL_CREDENTIALS : CONF_SPOIL_NOTHING, jti, &response, &err);
    bool is_other = rc == AUTH_OK && conf_expect_is_accepted(&response) == (one->kind == CONF_CASE_REFUSE);
    if (rc != AUTH_OK)
        block(o, "its control was not answered", &err);
    else if (!is_other)
        auth_buf_addf(&o->because, "its control, %s, was answered with %d",
                      is_own ? "the same with spoiled credentials" : "a request without the defect", response.status);
    if (!is_other)
        o->result = AUTH_CASE_BLOCKED;
    auth_http_response_clear(&response);
    return is_other;
}

static bool run_steps(struct conf_target *target, const struct conf_case *one, struct auth_view jti, struct outcome *o)
{
    const struct auth_json_node *step = auth_json_first(auth_json_member(one->root, "steps"));
    for (int number = 1; step; step = auth_json_next(step), number++) {
        struct auth_http_response response = {.status = 0};
        struct auth_err err = {0};
        enum auth_rc rc = conf_exchange(target, step, place_of(step), CONF_SPOIL_NOTHING, jti, &response, &err);
        bool is_done = rc == AUTH_OK && conf_expect_is_accepted(&response);
        if (rc != AUTH_OK)
            auth_buf_addf(&o->because, "step %d: %s", number, err.detail);
        else if (!is_done)
            auth_buf_addf(&o->because, "step %d was answered with %d", number, response.status);
        auth_http_response_clear(&response);
        if (!is_done) {
            o->result = AUTH_CASE_BLOCKED;
            return false;
        }
    }
    return true;
}

static void run_request(struct conf_target *target, const struct conf_case *one, struct auth_view jti,
                        struct outcome *o)
{
    struct auth_http_response response = {.status = 0};
    struct auth_err err = {0};
    enum auth_rc rc =
        conf_exchange(target, request_of(one), place_of(request_of(one)), CONF_SPOIL_NOTHING, jti, &response, &err);
    if (rc != AUTH_OK) {
        o->result = AUTH_CASE_ERROR;
        auth_buf_add_string(&o->because, err.detail[0] ? err.detail : auth_rc_text(rc));
    } else {
        bool holds = conf_expect_holds(auth_json_member(one->root, "expect"), &response, &o->expected, &o->actual);
        o->result = holds ? AUTH_CASE_PASS : AUTH_CASE_FAIL;
        auth_buf_add_view(&o->decision, auth_http_response_header(&response, "x-mock-epic-decision"));
        if (!holds)
            auth_buf_add_view(&o->because, one->about);
    }
    auth_http_response_clear(&response);
}

static void run_case(struct conf_target *target, const struct conf_case *one, struct outcome *o)
{
    const struct auth_env *env = auth_env_system();
    unsigned char bytes[JTI_BYTES] = {0};
    struct auth_buf jti;
    struct auth_err err = {0};
    int64_t from_us = env->wall_us(env->ctx);
    auth_buf_init(&jti, 64);
    (void)!env->random(env->ctx, bytes, sizeof bytes);
    auth_b64u_encode(&jti, bytes, sizeof bytes);
    bool wants_token = auth_view_equals(place_of(request_of(one)), "fhir") ||
                       auth_view_equals(place_of(request_of(one)), "introspect");
    if (wants_token && conf_exchange_token(target, &err) != AUTH_OK)
        block(o, "no access token", &err);
    else if (run_control(target, one, auth_buf_view(&jti), o) && run_steps(target, one, auth_buf_view(&jti), o))
        run_request(target, one, auth_buf_view(&jti), o);
    o->took_us = env->wall_us(env->ctx) - from_us;
    auth_buf_clear(&jti);
}

/* ---- what is run ---- */

static bool names(struct auth_view glob, const struct conf_case *one)
{
    return conf_case_matches(glob, one->id) || conf_case_matches(glob, one->area) || conf_case_matches(glob, one->rule);
}

static bool is_listed(const struct auth_opt_list *list, const struct conf_case *one, struct auth_view *reason)
{
    for (size_t i = 0; i < list->count; i++) {
        struct auth_view rest = auth_view_from_string(list->items[i]);
        struct auth_view glob = auth_view_split(&rest, '=');
        if (names(glob, one)) {
            *reason = rest;
            return true;
        }
    }
    return false;
}

static bool is_known(struct auth_view lines, const struct conf_case *one, struct auth_view *reason)
{
    while (lines.n) {
        struct auth_view rest = auth_view_trim(auth_view_split(&lines, '\n'));
        struct auth_view glob = auth_view_split(&rest, ' ');
        if (glob.n && glob.p[0] != '#' && names(glob, one)) {
            *reason = auth_view_trim(rest);
            return true;
        }
    }
    return false;
}

/* Why a case is left out; NULL: it is run. */
static const char *left_out(const struct conf_case *one, const struct conf_target *target)
{
    struct auth_view to = place_of(request_of(one));
    if (!conf_case_is_for(one, target->profile.p))
        return "not for this profile";
    if (conf_case_needs(one, "admin") && target->admin.n == 0)
        return "needs the admin API of mock-epic";
    if (target->fhir.n == 0 && (auth_view_equals(to, "fhir") || auth_view_equals(to, "discovery")))
        return "--fhir was not given";
    return NULL;
}

static void choose(const struct conf_cases *cases, const struct conf_target *target,
                   const struct conf_run_options *options, struct outcome *outcomes)
{
    for (size_t i = 0; i < cases->count; i++) {
        struct outcome *o = &outcomes[i];
        struct auth_view reason = {0};
        struct auth_buf *const texts[] = {&o->because, &o->expected, &o->actual, &o->decision};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            auth_buf_init(texts[t], TEXT_MAX_N);
        o->is_chosen = options->only->count == 0 || is_listed(options->only, &cases->items[i], &reason);
        o->result = AUTH_CASE_NOT_EXERCISED;
        o->took_us = -1;
        const char *why = left_out(&cases->items[i], target);
        bool is_skipped = is_listed(options->skip, &cases->items[i], &reason);
        if (!why && !is_skipped)
            continue;
        o->result = AUTH_CASE_SKIP;
        auth_buf_add_view(&o->because, why        ? auth_view_from_string(why)
                                       : reason.n ? reason
                                                  : auth_view_from_string("--skip"));
    }
}

/* ---- jobs ---- */

struct work {
    pthread_mutex_t lock;
    pthread_cond_t is_idle;
    const struct conf_cases *cases;
    struct outcome *outcomes;
    size_t next, running;
};

struct worker {
    struct work *work;
    struct conf_target target; /* a copy: its token and its clock are its own */
};

static bool is_waiting(const struct work *work, size_t i, bool with_admin)
{
    return work->outcomes[i].is_chosen && work->outcomes[i].result == AUTH_CASE_NOT_EXERCISED &&
           conf_case_needs(&work->cases->items[i], "admin") == with_admin;
}

static size_t take_next(struct work *work)
{
    pthread_mutex_lock(&work->lock);
    while (work->next < work->cases->count && !is_waiting(work, work->next, false))
        work->next++;
    size_t i = work->next++;
    pthread_mutex_unlock(&work->lock);
    return i;
}

static void run_worker(void *arg)
{
    const struct auth_env *env = auth_env_system();
    struct worker *w = arg;
    for (size_t i; (i = take_next(w->work)) < w->work->cases->count;)
        run_case(&w->target, &w->work->cases->items[i], &w->work->outcomes[i]);
    pthread_mutex_lock(&w->work->lock);
    w->work->running--;
    env->wake(env->ctx, &w->work->is_idle);
    pthread_mutex_unlock(&w->work->lock);
}

static void wait_for_all(struct work *work)
{
    const struct auth_env *env = auth_env_system();
    pthread_mutex_lock(&work->lock);
    while (work->running)
        env->wait(env->ctx, &work->is_idle, &work->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&work->lock);
}

static void run_side_by_side(struct work *work, const struct conf_target *target, size_t jobs)
{
    const struct auth_env *env = auth_env_system();
    struct worker workers[JOBS_MAX];
    size_t count = jobs < JOBS_MAX ? jobs : JOBS_MAX;
    work->running = count;
    for (size_t i = 0; i < count; i++) {
        workers[i] = (struct worker){.work = work, .target = *target};
        auth_buf_init_secret(&workers[i].target.token, TEXT_MAX_N);
        if (i + 1 == count || env->start(env->ctx, run_worker, &workers[i]) != AUTH_OK)
            run_worker(&workers[i]);
    }
    wait_for_all(work);
    for (size_t i = 0; i < count; i++)
        auth_buf_clear(&workers[i].target.token);
}

/* Those that change the server come last, one after the other. */
static void run_alone(struct work *work, struct conf_target *target)
{
    for (size_t i = 0; i < work->cases->count; i++) {
        struct auth_err err = {0};
        if (!is_waiting(work, i, true))
            continue;
        run_case(target, &work->cases->items[i], &work->outcomes[i]);
        if (conf_target_reset(target, &err) != AUTH_OK)
            block(&work->outcomes[i], "the server could not be put back", &err);
    }
}

/* ---- what is told ---- */

static enum auth_rc add(const struct conf_case *one, const struct outcome *o, const struct conf_run_options *options,
                        struct auth_results *results)
{
    struct auth_view reason = {0};
    struct auth_buf because, again;
    bool is_known_one = is_known(options->known_failures, one, &reason);
    struct auth_case c = {
        .id = one->id,
        .group = one->area,
        .result = o->result,
        .expected = auth_buf_view(&o->expected),
        .actual = auth_buf_view(&o->actual),
        .source = one->source,
        .took_us = o->took_us,
        .evidence = {auth_buf_view(&o->decision)},
        .evidence_count = o->decision.n ? 1 : 0,
    };
    auth_buf_init(&because, 2 * TEXT_MAX_N);
    auth_buf_init(&again, 1024);
    auth_buf_add_view(&because, auth_buf_view(&o->because));
    if (is_known_one && (o->result == AUTH_CASE_FAIL || o->result == AUTH_CASE_PASS)) {
        c.result = AUTH_CASE_WARN;
        auth_buf_addf(&because, "%s%s%.*s", because.n ? "; " : "",
                      o->result == AUTH_CASE_FAIL ? "a known failure: " : "listed as a known failure, and passes: ",
                      (int)reason.n, reason.n ? reason.p : "");
    }
    auth_buf_addf(&again, "epic-conformance server --only %.*s", (int)one->id.n, one->id.p);
    c.because = auth_buf_view(&because);
    c.again = auth_buf_view(&again);
    enum auth_rc rc = auth_results_add(results, &c);
    auth_buf_clear(&because);
    auth_buf_clear(&again);
    return rc;
}

static bool is_unmet_by(const struct conf_case *one, const struct outcome *o, const struct auth_opt_list *require)
{
    struct auth_view reason;
    bool has_result = o->is_chosen && o->result != AUTH_CASE_SKIP && o->result != AUTH_CASE_BLOCKED &&
                      o->result != AUTH_CASE_NOT_EXERCISED;
    for (size_t i = 0; i < require->count; i++) {
        if (strcmp(require->items[i], "all") == 0)
            return !has_result;
    }
    return is_listed(require, one, &reason) && !has_result;
}

static void clear(struct outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        auth_buf_clear(&outcomes[i].because);
        auth_buf_clear(&outcomes[i].expected);
        auth_buf_clear(&outcomes[i].actual);
        auth_buf_clear(&outcomes[i].decision);
    }
    free(outcomes);
}

enum auth_rc conf_run(const struct conf_cases *cases, struct conf_target *target,
                      const struct conf_run_options *options, struct auth_results *results, bool *is_unmet,
                      struct auth_err *err)
{
    struct outcome *outcomes = calloc(cases->count ? cases->count : 1, sizeof *outcomes);
    struct work work = {.cases = cases, .outcomes = outcomes};
    enum auth_rc rc = AUTH_OK;
    *is_unmet = false;
    if (!outcomes || pthread_mutex_init(&work.lock, NULL) != 0) {
        free(outcomes);
        return auth_err_no_memory(err);
    }
    auth_env_cond_init(&work.is_idle);
    choose(cases, target, options, outcomes);
    run_side_by_side(&work, target, options->jobs);
    run_alone(&work, target);
    for (size_t i = 0; i < cases->count && rc == AUTH_OK; i++) {
        *is_unmet = *is_unmet || is_unmet_by(&cases->items[i], &outcomes[i], options->require);
        if (outcomes[i].is_chosen)
            rc = add(&cases->items[i], &outcomes[i], options, results);
    }
    clear(outcomes, cases->count);
    (void)pthread_cond_destroy(&work.is_idle);
    (void)pthread_mutex_destroy(&work.lock);
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "out of memory");
}
