/* `epic-conformance client`: a client in scenarios, one after another, and the report. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/env.h"
#include "auth/core/input.h"
#include "auth/core/log.h"
#include "auth/core/version.h"
#include "conformance/client/commands.h"
#include "conformance/client/play.h"
#include "conformance/report/output.h"
#include "conformance/report/reports.h"
#include "conformance/suite/choice.h"
#include "conformance/suite/jobs.h"

enum { KNOWN_MAX_N = 1024 * 1024, AGAIN_MAX_N = 64 * 1024 };

struct settings {
    struct conf_play_options play;
    const char *scenarios, *known_failures;
    struct auth_opt_list named, only, skip, require, switches, fixtures;
    struct conf_reports reports;
    int64_t jobs;
    bool help;
};

#define PLAY(member) AUTH_OPT_STRING(struct settings, play.member)
static const struct auth_opt rows[] = {
    AUTH_OPT_HEADING("The scenarios"),
    {"scenario", 0, "NAME|PATH", "try this one; repeatable; else all that are built in",
     AUTH_OPT_LIST(struct settings, named)},
    {"scenarios", 0, "DIR", "scenarios of a directory, too", AUTH_OPT_STRING(struct settings, scenarios)},
    {"only", 0, "GLOB", "those with such a name; * and ? stand for letters", AUTH_OPT_LIST(struct settings, only)},
    {"skip", 0, "GLOB[=REASON]", "leave them out", AUTH_OPT_LIST(struct settings, skip)},
    {"known-failures", 0, "FILE", "lines of NAME and reason: scenarios whose failure is a warning",
     AUTH_OPT_STRING(struct settings, known_failures)},
    {"require", 0, "GLOB|all", "fail when one of these was not exercised", AUTH_OPT_LIST(struct settings, require)},
    {"timeout", 0, "S", "seconds that COMMAND may take in each",
     AUTH_OPT_INT(struct settings, play.timeout_s, 1, 86400), .fallback = "60"},
    {"jobs", 'j', "N", "scenarios at a time; COMMAND must bear to run beside itself",
     AUTH_OPT_INT(struct settings, jobs, 1, CONF_JOBS_MAX), .fallback = "1"},
    AUTH_OPT_HEADING("The mock"),
    {"mock", 0, "PATH", "the mock to run (mock-epic beside this program, else in PATH)", PLAY(mock)},
    {"on", 0, "URL", "in a mock that runs there", PLAY(on)},
    {"profile", 0, "epic|smart|lenient", "of the mock, in place of what a scenario says", PLAY(profile)},
    {"epic-version", 0, "YYYY-MM", "of the mock", PLAY(epic_version)},
    {"switch", 0, "NAME=VALUE", "of the mock; see mock-epic serve --help-switches",
     AUTH_OPT_LIST(struct settings, switches)},
    {"fixtures", 0, "PATH", "of the mock", AUTH_OPT_LIST(struct settings, fixtures)},
    {"seed", 0, "N", "of the mock", PLAY(seed)},
    {"verbose", 'v', NULL, "what the mock and COMMAND say goes to stderr",
     AUTH_OPT_FLAG(struct settings, play.is_verbose)},
    CONF_REPORT_ROWS(struct settings, reports),
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};
static const struct auth_opts opts = {.rows = rows, .stops_at_operand = true};

static void print_help(void)
{
    printf("Usage: epic-conformance client [OPTION...] -- COMMAND [ARG...]\n\n"
           "Runs COMMAND once in each scenario, within a mock that plays it, and reports\n"
           "what a right client would have done otherwise. EPIC_SCENARIO_DRIVE says, line by\n"
           "line, what COMMAND has to do to come to the point; one that does not is not\n"
           "exercised.\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 conformant, 1 findings or a requirement that is not met, 2 wrong\n"
           "usage, 3 could not run, or not all of it.\n");
}

/* ---- which ---- */

/* A path is one more scenario, which is meant by its name then. */
static enum auth_rc add_paths(const struct settings *settings, struct conf_scenarios *scenarios, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (size_t i = 0; i < settings->named.count && rc == AUTH_OK; i++) {
        const char *name = settings->named.items[i];
        if (strchr(name, '/') || auth_view_ends(auth_view_from_string(name), ".json"))
            rc = conf_scenarios_add(scenarios, name, err);
    }
    return rc;
}

static bool is_named(const struct settings *settings, const struct conf_scenario *one)
{
    for (size_t i = 0; i < settings->named.count; i++) {
        const char *name = settings->named.items[i];
        if (auth_view_equals(one->name, name) || (one->path && strcmp(one->path, name) == 0))
            return true;
    }
    return settings->named.count == 0;
}

static enum auth_rc check_names(const struct settings *settings, const struct conf_scenarios *scenarios,
                                struct auth_err *err)
{
    for (size_t i = 0; i < settings->named.count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < scenarios->count; k++) {
            const struct conf_scenario *one = &scenarios->items[k];
            is_there = is_there || auth_view_equals(one->name, settings->named.items[i]) ||
                       (one->path && strcmp(one->path, settings->named.items[i]) == 0);
        }
        if (!is_there)
            return auth_err_set(err, AUTH_E_ARG,
                                "--scenario %s: there is none of that name; `epic-conformance scenarios` lists them",
                                settings->named.items[i]);
    }
    return AUTH_OK;
}

/* ---- one ---- */

/* As a shell takes it for that word. */
static void add_word(struct auth_buf *out, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@%+,=-";
    auth_buf_add_char(out, ' ');
    if (word[0] && word[strspn(word, plain)] == '\0') {
        auth_buf_add_string(out, word);
        return;
    }
    auth_buf_add_char(out, '\'');
    for (; *word; word++) {
        if (*word == '\'')
            auth_buf_add_string(out, "'\\''");
        else
            auth_buf_add_char(out, *word);
    }
    auth_buf_add_char(out, '\'');
}

static void write_again(const struct settings *settings, const struct conf_scenario *one, struct auth_buf *out)
{
    auth_buf_add_string(out, "mock-epic run --scenario");
    if (one->path) {
        add_word(out, one->path);
    } else {
        auth_buf_add_char(out, ' ');
        auth_buf_add_view(out, one->name);
    }
    auth_buf_add_string(out, " --");
    for (size_t i = 0; settings->play.command[i]; i++)
        add_word(out, settings->play.command[i]);
}

static enum auth_rc add_result(const struct settings *settings, const struct conf_scenario *one,
                               const struct conf_play *play, struct auth_view known, struct auth_results *results)
{
    struct auth_view reason = {0};
    struct auth_buf because, again;
    struct auth_case c = {
        .id = one->name,
        .group = auth_view_from_string("scenarios"),
        .result = play->result,
        .expected = auth_buf_view(&play->expected),
        .actual = auth_buf_view(&play->actual),
        .fix = auth_buf_view(&play->fix),
        .source = one->source,
        .evidence_count = play->evidence_count,
        .took_us = play->took_us ? play->took_us : -1,
    };
    for (size_t i = 0; i < play->evidence_count; i++)
        c.evidence[i] = auth_view_from_string(play->evidence[i]);
    auth_buf_init(&because, 2 * AGAIN_MAX_N);
    auth_buf_init(&again, AGAIN_MAX_N);
    auth_buf_add_view(&because, auth_buf_view(&play->because));
    bool has_result = play->result == AUTH_CASE_FAIL || play->result == AUTH_CASE_PASS;
    if (has_result && conf_choice_knows(known, &one->name, 1, &reason)) {
        c.result = AUTH_CASE_WARN;
        auth_buf_addf(&because, "%s%s", because.n ? "; " : "",
                      play->result == AUTH_CASE_FAIL ? "a known failure: " : "listed as a known failure, and passes: ");
        auth_buf_add_view(&because, reason);
    }
    write_again(settings, one, &again);
    c.because = auth_buf_view(&because);
    c.again = auth_buf_view(&again);
    enum auth_rc rc = auth_results_add(results, &c);
    auth_buf_clear(&because);
    auth_buf_clear(&again);
    return rc;
}

/* ---- all ---- */

/* What is meant, and what came of it. */
struct work {
    const struct settings *settings;
    const struct conf_scenario **items;
    struct conf_play *plays;
    size_t count;
    pthread_mutex_t lock;
    enum auth_rc rc; /* of the first that could not be tried at all; the others are not tried then */
    struct auth_err *err;
};

static bool can_go_on(struct work *work)
{
    pthread_mutex_lock(&work->lock);
    bool can = work->rc == AUTH_OK;
    pthread_mutex_unlock(&work->lock);
    return can;
}

static void try_one(void *ctx, size_t job, size_t i)
{
    struct work *work = ctx;
    const struct conf_scenario *one = work->items[i];
    struct conf_play *play = &work->plays[i];
    struct auth_view reason = {0};
    struct auth_err err = {0};
    (void)job;
    if (conf_choice_lists(&work->settings->skip, &one->name, 1, &reason)) {
        play->result = AUTH_CASE_SKIP;
        auth_buf_add_view(&play->because, reason.n ? reason : auth_view_from_string("--skip"));
        return;
    }
    enum auth_rc rc = can_go_on(work) ? conf_play_run(one, &work->settings->play, play, &err) : AUTH_OK;
    if (rc == AUTH_OK)
        return;
    pthread_mutex_lock(&work->lock);
    if (work->rc == AUTH_OK)
        *work->err = err;
    work->rc = work->rc == AUTH_OK ? rc : work->rc;
    pthread_mutex_unlock(&work->lock);
}

/* In the order of the scenarios, whichever ended first. */
static enum auth_rc add_results(const struct work *work, struct auth_view known, struct auth_results *results,
                                bool *is_unmet)
{
    enum auth_rc rc = work->rc;
    for (size_t i = 0; i < work->count && rc == AUTH_OK; i++) {
        rc = add_result(work->settings, work->items[i], &work->plays[i], known, results);
        *is_unmet =
            *is_unmet || conf_choice_misses(&work->settings->require, &work->items[i]->name, 1, work->plays[i].result);
    }
    return rc;
}

static enum auth_rc choose(struct work *work, const struct conf_scenarios *scenarios, struct auth_err *err)
{
    work->items = calloc(scenarios->count ? scenarios->count : 1, sizeof *work->items);
    work->plays = calloc(scenarios->count ? scenarios->count : 1, sizeof *work->plays);
    if (!work->items || !work->plays)
        return auth_err_no_memory(err);
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct conf_scenario *one = &scenarios->items[i];
        struct auth_view reason;
        if (!is_named(work->settings, one) ||
            (work->settings->only.count && !conf_choice_lists(&work->settings->only, &one->name, 1, &reason)))
            continue;
        conf_play_init(&work->plays[work->count]);
        work->items[work->count++] = one;
    }
    return work->count ? AUTH_OK : auth_err_set(err, AUTH_E_ARG, "no scenario is meant");
}

static enum auth_rc try_all(const struct settings *settings, const struct conf_scenarios *scenarios,
                            struct auth_results *results, bool *is_unmet, struct auth_err *err)
{
    struct work work = {.settings = settings, .lock = PTHREAD_MUTEX_INITIALIZER, .err = err};
    struct auth_buf known;
    auth_buf_init(&known, KNOWN_MAX_N);
    enum auth_rc rc = settings->known_failures ? auth_input_read(settings->known_failures, &known, err) : AUTH_OK;
    if (rc == AUTH_OK)
        rc = choose(&work, scenarios, err);
    if (rc == AUTH_OK) {
        conf_jobs_run((size_t)settings->jobs, work.count, try_one, &work);
        rc = add_results(&work, auth_buf_view(&known), results, is_unmet);
    }
    for (size_t i = 0; i < work.count; i++)
        conf_play_clear(&work.plays[i]);
    free(work.items);
    free(work.plays);
    auth_buf_clear(&known);
    (void)pthread_mutex_destroy(&work.lock);
    return rc;
}

static int status_of(const struct auth_results *results, bool is_unmet)
{
    static const int statuses[] = {
        [AUTH_RESULTS_CONFORMANT] = CONF_CONFORMANT,
        [AUTH_RESULTS_FINDINGS] = CONF_FINDINGS,
        [AUTH_RESULTS_INCOMPLETE] = CONF_CANNOT_RUN,
    };
    if (is_unmet)
        fprintf(stderr, "epic-conformance client: something that --require names was not exercised\n");
    return is_unmet ? CONF_FINDINGS : statuses[auth_results_outcome(results)];
}

static enum auth_rc run(const struct settings *settings, int *status, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    const struct auth_results_about about = {.tool = "epic-conformance",
                                             .version = AUTH_VERSION,
                                             .command = "epic-conformance client",
                                             .profile = settings->play.profile,
                                             .epic_version = settings->play.epic_version,
                                             .seed = settings->play.seed,
                                             .date_s = env->wall_s(env->ctx)};
    struct conf_scenarios scenarios;
    struct auth_results *results = NULL;
    bool is_unmet = false;
    enum auth_rc rc = conf_scenarios_load(settings->scenarios, &scenarios, err);
    if (rc == AUTH_OK)
        rc = add_paths(settings, &scenarios, err);
    if (rc == AUTH_OK)
        rc = check_names(settings, &scenarios, err);
    if (rc == AUTH_OK)
        rc = auth_results_new(&about, &results);
    if (rc == AUTH_OK)
        rc = try_all(settings, &scenarios, results, &is_unmet, err);
    if (rc == AUTH_OK)
        rc = conf_reports_write(&settings->reports, results, err);
    if (rc == AUTH_OK)
        *status = status_of(results, is_unmet);
    auth_results_free(results);
    conf_scenarios_clear(&scenarios);
    return rc;
}

int conf_client_main(int argc, char **argv)
{
    struct settings settings = {.help = false};
    struct auth_err err = {0};
    int status = CONF_CANNOT_RUN;
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help();
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && argc < 2)
        rc = auth_err_set(&err, AUTH_E_ARG, "it needs a command: epic-conformance client -- COMMAND");
    if (rc == AUTH_OK)
        rc = conf_reports_check(&settings.reports, &err);
    settings.play.command = argv + 1;
    settings.play.switches = &settings.switches;
    settings.play.fixtures = &settings.fixtures;
    if (rc == AUTH_OK) {
        rc = run(&settings, &status, &err);
        rc = rc == AUTH_OK || rc == AUTH_E_ARG ? rc : AUTH_E_IO;
    }
    if (rc == AUTH_OK)
        return status;
    auth_complain("epic-conformance", "client", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    return rc == AUTH_E_IO ? CONF_CANNOT_RUN : CONF_USAGE;
}
