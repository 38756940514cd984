/* mock-epic run --scenario, as a process, and its verdict. */
#include "conformance/client/play.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/text.h"
#include "conformance/suite/child.h"

extern char **environ;

enum {
    TEXT_MAX_N = 1024 * 1024,
    VERDICT_MAX_N = 16 * 1024 * 1024,
    PATH_MAX_N = 4096,
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

/* Where the verdict and what is said go: files of our own, below TMPDIR. */
struct scratch {
    char directory[PATH_MAX_N], verdict[PATH_MAX_N + 16], said[PATH_MAX_N + 16];
};

static enum auth_rc make_scratch(struct scratch *scratch, struct auth_err *err)
{
    const char *tmp = getenv("TMPDIR");
    int n = snprintf(scratch->directory, sizeof scratch->directory, "%s/epic-conformance-XXXXXX",
                     tmp && *tmp ? tmp : "/tmp");
    if (n < 0 || (size_t)n >= sizeof scratch->directory || !mkdtemp(scratch->directory))
        return auth_err_set(err, AUTH_E_IO, "no temporary directory can be made: TMPDIR is %s", tmp ? tmp : "not set");
    (void)snprintf(scratch->verdict, sizeof scratch->verdict, "%s/verdict.json", scratch->directory);
    (void)snprintf(scratch->said, sizeof scratch->said, "%s/said", scratch->directory);
    return AUTH_OK;
}

static void remove_scratch(const struct scratch *scratch)
{
    (void)unlink(scratch->verdict);
    (void)unlink(scratch->said);
    (void)rmdir(scratch->directory);
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

/* Nothing to read, and what it says into a file, or onto our stderr. Returns 0 or an errno. */
static int spawn(const struct words *words, const struct scratch *scratch, bool is_verbose, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    char **argv = malloc((words->count + 1) * sizeof *argv);
    if (!argv || posix_spawn_file_actions_init(&actions) != 0) {
        free(argv);
        return ENOMEM;
    }
    memcpy(argv, words->items, (words->count + 1) * sizeof *argv); /* posix_spawn() changes none of them */
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!is_verbose)
        (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, scratch->said, O_WRONLY | O_CREAT | O_APPEND,
                                               0600);
    (void)posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    int why = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    free(argv);
    return why;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    conf_child_watch(pid);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    conf_child_forget(pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
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
    pid_t pid = 0;
    int64_t began_ms = env->steady_ms(env->ctx);
    (void)snprintf(timeout, sizeof timeout, "%lld", (long long)options->timeout_s);
    (void)snprintf(name, sizeof name, "%.*s", (int)scenario->name.n, scenario->name.p);
    fill(&words, program, scenario->path ? scenario->path : name, timeout, options, scratch);
    if (!words.items)
        return auth_err_no_memory(err);
    int why = spawn(&words, scratch, options->is_verbose, &pid);
    free(words.items);
    if (why)
        return auth_err_set(err, AUTH_E_NOT_FOUND, "%s: %s; --mock names it", program, strerror(why));
    int status = wait_for(pid);
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
    if (rc != AUTH_OK)
        return rc;
    rc = run_in(scenario, options, &scratch, play, err);
    remove_scratch(&scratch);
    return rc;
}
