/* Chooses cases, tries them side by side, and tells what came of them. */
#include "conformance/suite/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/suite/choice.h"
#include "conformance/suite/jobs.h"
#include "conformance/suite/try.h"

enum { TEXT_MAX_N = 64 * 1024 };

/* ---- what is run ---- */

static bool is_listed(const struct auth_opt_list *list, const struct conf_case *one, struct auth_view *reason)
{
    const struct auth_view names[] = {one->id, one->area, one->rule};
    return conf_choice_lists(list, names, sizeof names / sizeof *names, reason);
}

static bool is_known(struct auth_view lines, const struct conf_case *one, struct auth_view *reason)
{
    const struct auth_view names[] = {one->id, one->area, one->rule};
    return conf_choice_knows(lines, names, sizeof names / sizeof *names, reason);
}

/* Why a case is left out; NULL: it is run. */
static const char *left_out(const struct conf_case *one, const struct conf_target *target, const char *release)
{
    struct auth_view to = conf_try_place(one);
    if (!conf_case_is_for(one, target->profile.p))
        return "not for this profile";
    if (conf_case_needs(one, "admin") && target->admin.n == 0)
        return "needs the admin API of mock-epic";
    if (!conf_case_is_for_release(one, release))
        return "not for this release of Epic";
    if (conf_case_needs(one, "edge") && !target->is_started)
        return "needs the data of the edge pack";
    if (target->fhir.n == 0 && (auth_view_equals(to, "fhir") || auth_view_equals(to, "discovery")))
        return "--fhir was not given";
    return NULL;
}

static void choose(const struct conf_cases *cases, const struct conf_target *target,
                   const struct conf_run_options *options, struct conf_outcome *outcomes)
{
    for (size_t i = 0; i < cases->count; i++) {
        struct conf_outcome *o = &outcomes[i];
        struct auth_view reason = {0};
        struct auth_buf *const texts[] = {&o->because, &o->expected, &o->actual, &o->decision};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            auth_buf_init(texts[t], TEXT_MAX_N);
        o->is_chosen = options->only->count == 0 || is_listed(options->only, &cases->items[i], &reason);
        o->result = AUTH_CASE_NOT_EXERCISED;
        o->took_us = -1;
        const char *why = left_out(&cases->items[i], target, options->epic_version);
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
    const struct conf_cases *cases;
    struct conf_outcome *outcomes;
    const char *seed;
    struct conf_target targets[CONF_JOBS_MAX]; /* copies: token and clock are each one's own */
};

static void try_one(void *ctx, size_t job, size_t i)
{
    struct work *work = ctx;
    struct conf_outcome *o = &work->outcomes[i];
    if (o->is_chosen && o->result == AUTH_CASE_NOT_EXERCISED)
        conf_try(&work->targets[job], &work->cases->items[i], work->seed, o);
}

static void run_side_by_side(struct work *work, const struct conf_target *target, size_t jobs)
{
    for (size_t i = 0; i < jobs; i++) {
        work->targets[i] = *target;
        auth_buf_init_secret(&work->targets[i].token, TEXT_MAX_N);
    }
    conf_jobs_run(jobs, work->cases->count, try_one, work);
    for (size_t i = 0; i < jobs; i++)
        auth_buf_clear(&work->targets[i].token);
}

/* ---- what is told ---- */

static enum auth_rc add(const struct conf_case *one, const struct conf_outcome *o,
                        const struct conf_run_options *options, struct auth_results *results)
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
    const char *profile = auth_results_about(results)->profile;
    bool is_default = strcmp(profile, "epic") == 0;
    auth_buf_addf(&again, "epic-conformance server%s%s --only %.*s", is_default ? "" : " --profile ",
                  is_default ? "" : profile, (int)one->id.n, one->id.p);
    c.because = auth_buf_view(&because);
    c.again = auth_buf_view(&again);
    enum auth_rc rc = auth_results_add(results, &c);
    auth_buf_clear(&because);
    auth_buf_clear(&again);
    return rc;
}

static bool is_unmet_by(const struct conf_case *one, const struct conf_outcome *o, const struct auth_opt_list *require)
{
    const struct auth_view names[] = {one->id, one->area, one->rule};
    enum auth_case_result result = o->is_chosen ? o->result : AUTH_CASE_SKIP;
    return conf_choice_misses(require, names, sizeof names / sizeof *names, result);
}

static void clear(struct conf_outcome *outcomes, size_t count)
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
    struct conf_outcome *outcomes = calloc(cases->count ? cases->count : 1, sizeof *outcomes);
    struct work work = {.cases = cases, .outcomes = outcomes, .seed = options->seed};
    enum auth_rc rc = AUTH_OK;
    *is_unmet = false;
    if (!outcomes)
        return auth_err_no_memory(err);
    choose(cases, target, options, outcomes);
    run_side_by_side(&work, target, options->jobs);
    for (size_t i = 0; i < cases->count && rc == AUTH_OK; i++) {
        *is_unmet = *is_unmet || is_unmet_by(&cases->items[i], &outcomes[i], options->require);
        if (outcomes[i].is_chosen)
            rc = add(&cases->items[i], &outcomes[i], options, results);
    }
    clear(outcomes, cases->count);
    return auth_err_of_memory(err, rc);
}
