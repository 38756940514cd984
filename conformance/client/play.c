/* mock-epic run --scenario, as a process, and its verdict. */
#include "conformance/client/play.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/text.h"
#include "conformance/client/process.h"
#include "conformance/suite/child.h"

enum {
    TEXT_MAX_N = 1024 * 1024,
    VERDICT_MAX_N = 16 * 1024 * 1024,
    SAID_MAX_N = 600,
    TIMED_OUT = 124,
    CANNOT_START = 126,
    NOT_FOUND = 127
};

void conf_play_init(struct conf_play *play)
{
    *play = (struct conf_play){.result = AUTH_CASE_ERROR};
    auth_buf_init(&play->because, TEXT_MAX_N);
    auth_buf_init(&play->expected, TEXT_MAX_N);
    auth_buf_init(&play->actual, TEXT_MAX_N);
    auth_buf_init(&play->fix, TEXT_MAX_N);
}

void conf_play_clear(struct conf_play *play)
{
    auth_buf_clear(&play->because);
    auth_buf_clear(&play->expected);
    auth_buf_clear(&play->actual);
    auth_buf_clear(&play->fix);
}

/* ---- the process ---- */

/* Where the verdict and what is said go. */
struct scratch {
    char *directory, *verdict, *said;
};

static char *path_in(const char *directory, const char *name)
{
    size_t n = strlen(directory) + strlen(name) + 2;
    char *path = malloc(n);
    if (path)
        (void)snprintf(path, n, "%s/%s", directory, name);
    return path;
}

static void remove_scratch(struct scratch *scratch)
{
    conf_scratch_remove(scratch->directory);
    free(scratch->verdict);
    free(scratch->said);
}

/* Remove in every case. */
static enum auth_rc make_scratch(struct scratch *scratch, struct auth_err *err)
{
    *scratch = (struct scratch){.directory = NULL};
    enum auth_rc rc = conf_scratch_make(&scratch->directory, err);
    if (rc != AUTH_OK)
        return rc;
    scratch->verdict = path_in(scratch->directory, "verdict.json");
    scratch->said = path_in(scratch->directory, "said");
    return scratch->verdict && scratch->said ? AUTH_OK : auth_err_no_memory(err);
}

/* The words of its command line; their memory is others'. */
struct words {
    const char **items;
    size_t count;
};

static void add(struct words *words, const char *name, const char *value)
{
    if (!value)
        return;
    words->items[words->count++] = name;
    words->items[words->count++] = value;
}

static void add_list(struct words *words, const char *name, const struct auth_opt_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add(words, name, list->items[i]);
}

/* NULL: no memory. The caller frees items. */
static void fill(struct words *words, const char *program, const char *scenario, const char *timeout,
                 const struct conf_play_options *options, const struct scratch *scratch)
{
    size_t operands = 0;
    while (options->command[operands])
        operands++;
    words->items =
        calloc(32 + 2 * options->switches->count + 2 * options->fixtures->count + operands, sizeof *words->items);
    words->count = 0;
    if (!words->items)
        return;
    words->items[words->count++] = program;
    words->items[words->count++] = "run";
    add(words, "--scenario", scenario);
    add(words, "--verdict", scratch->verdict);
    add(words, "--timeout", timeout);
    add(words, "--profile", options->profile);
    add(words, "--epic-version", options->epic_version);
    add(words, "--on", options->on);
    add(words, "--seed", options->seed);
    add_list(words, "--switch", options->switches);
    add_list(words, "--fixtures", options->fixtures);
    words->items[words->count++] = "--";
    for (size_t i = 0; i < operands; i++)
        words->items[words->count++] = options->command[i];
}

/* What it says goes into a file, or onto our stderr. */
static enum auth_rc run_words(const struct words *words, const struct scratch *scratch, bool is_verbose, int *status,
                              struct auth_err *err)
{
    int said = is_verbose ? STDERR_FILENO : open(scratch->said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (said < 0)
        return auth_err_set(err, AUTH_E_IO, "%s: %s", scratch->said, strerror(errno));
    enum auth_rc rc = conf_process_run(words->items, said, said, status, err);
    if (!is_verbose)
        (void)close(said);
    return rc;
}

/* ---- the verdict ---- */

static void add_lines(struct auth_buf *out, const struct auth_json_node *lines)
{
    for (const struct auth_json_node *line = auth_json_first(lines); line; line = auth_json_next(line)) {
        auth_buf_add_string(out, out->n ? "; entry " : "entry ");
        auth_buf_add_view(out, auth_json_string(line));
    }
}

/* The first result that decided. */
static void take_result(const struct auth_json_node *root, const char *which, struct conf_play *play)
{
    const struct auth_json_node *results = auth_json_member(root, "results"), *r = auth_json_first(results);
    while (r && !auth_view_equals(auth_json_member_string(r, "result"), which))
        r = auth_json_next(r);
    auth_buf_add_view(&play->because, auth_json_member_string(r, "because"));
    auth_buf_add_view(&play->expected, auth_json_member_string(r, "expected"));
    auth_buf_add_view(&play->fix, auth_json_member_string(r, "right"));
    add_lines(&play->actual, auth_json_member(r, "lines"));
    const struct auth_json_node *entries = auth_json_member(r, "entries");
    for (const struct auth_json_node *entry = auth_json_first(entries);
         entry && play->evidence_count < AUTH_CASE_EVIDENCE_MAX; entry = auth_json_next(entry)) {
        int64_t id = 0;
        (void)auth_json_int(entry, &id);
        (void)snprintf(play->evidence[play->evidence_count++], sizeof play->evidence[0], "%lld", (long long)id);
    }
}

static void take_verdict(const struct auth_json_node *root, struct conf_play *play)
{
    struct auth_view verdict = auth_json_member_string(root, "verdict");
    struct auth_view missing = auth_json_member_string(root, "missing");
    struct auth_view problem = auth_json_member_string(root, "problem");
    if (problem.n) {
        play->result = AUTH_CASE_ERROR;
        auth_buf_add_string(&play->because, "the scenario could not be played: ");
        auth_buf_add_view(&play->because, problem);
    } else if (auth_view_equals(verdict, "pass")) {
        play->result = AUTH_CASE_PASS;
    } else if (auth_view_equals(verdict, "fail")) {
        play->result = AUTH_CASE_FAIL;
        take_result(root, "fail", play);
    } else {
        play->result = AUTH_CASE_NOT_EXERCISED;
        if (missing.n)
            auth_buf_add_view(&play->because, missing);
        else
            take_result(root, "not_exercised", play);
    }
}

/* What it said last: why there is no verdict. */
static void take_said(const struct scratch *scratch, int status, struct conf_play *play)
{
    struct auth_buf said;
    auth_buf_init(&said, VERDICT_MAX_N);
    if (auth_file_read(scratch->said, &said, NULL) != AUTH_OK)
        auth_buf_reset(&said); /* --verbose: it was said already */
    struct auth_view last = auth_view_trim(auth_buf_view(&said));
    if (last.n > SAID_MAX_N)
        last = auth_view_from(last, last.n - SAID_MAX_N);
    auth_buf_addf(&play->because, "no verdict: mock-epic ended with status %d%s", status, last.n ? ": " : "");
    auth_text_escape(&play->because, last, SAID_MAX_N);
    auth_buf_clear(&said);
}

static void judge(const struct scratch *scratch, int status, const struct conf_play_options *options,
                  struct conf_play *play)
{
    struct auth_buf text;
    struct auth_json *doc = NULL;
    auth_buf_init(&text, VERDICT_MAX_N);
    if (auth_file_read(scratch->verdict, &text, NULL) == AUTH_OK &&
        auth_json_parse(auth_buf_view(&text), &doc, NULL) == AUTH_OK)
        take_verdict(auth_json_root(doc), play);
    else
        take_said(scratch, status, play);
    if (status == TIMED_OUT && play->result != AUTH_CASE_FAIL) {
        play->result = AUTH_CASE_FAIL;
        auth_buf_reset(&play->because);
        auth_buf_addf(&play->because, "the command did not end within %lld s", (long long)options->timeout_s);
    }
    auth_json_free(doc);
    auth_buf_clear(&text);
}

/* ---- all of it ---- */

static enum auth_rc run_in(const struct conf_scenario *scenario, const struct conf_play_options *options,
                           const struct scratch *scratch, struct conf_play *play, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    char path[PATH_MAX], timeout[24], name[128];
    const char *program = options->mock ? options->mock : conf_child_mock(path);
    struct words words;
    int status = 0;
    int64_t began_ms = env->steady_ms(env->ctx);
    (void)snprintf(timeout, sizeof timeout, "%lld", (long long)options->timeout_s);
    (void)snprintf(name, sizeof name, "%.*s", (int)scenario->name.n, scenario->name.p);
    fill(&words, program, scenario->path ? scenario->path : name, timeout, options, scratch);
    if (!words.items)
        return auth_err_no_memory(err);
    struct auth_err why = {0};
    enum auth_rc rc = run_words(&words, scratch, options->is_verbose, &status, &why);
    free(words.items);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "%s%s", why.detail, rc == AUTH_E_NOT_FOUND ? "; --mock names it" : "");
    play->took_us = (env->steady_ms(env->ctx) - began_ms) * 1000;
    if (status == CANNOT_START || status == NOT_FOUND)
        return auth_err_set(err, AUTH_E_NOT_FOUND, "%s cannot be executed", options->command[0]);
    judge(scratch, status, options, play);
    return AUTH_OK;
}

enum auth_rc conf_play_run(const struct conf_scenario *scenario, const struct conf_play_options *options,
                           struct conf_play *play, struct auth_err *err)
{
    struct scratch scratch;
    enum auth_rc rc = make_scratch(&scratch, err);
    if (rc == AUTH_OK)
        rc = run_in(scenario, options, &scratch, play, err);
    remove_scratch(&scratch);
    return rc;
}
