/* One verdict, as JSON, in all the ways in which it is told. */
#include "mock_epic/cli/verdict.h"

#include <signal.h>
#include <stdio.h>

#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
#include "auth/core/version.h"
#include "auth/report/formats.h"
#include "mock_epic/cli/command.h"
#include "mock_epic/evidence/expectations.h"
#include "mock_epic/start/process.h"

enum { TEXT_MAX_N = 1024 * 1024, REPORT_MAX_N = 64 * 1024 * 1024, EXPECT_MAX_N = 1024 * 1024, NAME_MAX_N = 128 };

bool mock_verdict_is_wanted(const struct mock_settings *s)
{
    return s->scenario || s->expect || s->junit || s->tap || s->verdict || s->require;
}

enum auth_rc mock_verdict_read_expectations(const struct mock_settings *settings, struct auth_buf *text,
                                            struct auth_err *err)
{
    struct mock_expectations expectations;
    struct auth_err inner = {0};
    if (!settings->expect)
        return AUTH_OK;
    enum auth_rc rc = auth_input_read(settings->expect, text, err);
    if (rc != AUTH_OK)
        return rc;
    mock_expectations_init(&expectations);
    if (mock_expectations_set(&expectations, auth_buf_view(text), &inner) != AUTH_OK)
        rc = auth_err_set(err, AUTH_E_ARG, "--expect %s: %s", settings->expect, inner.detail);
    mock_expectations_clear(&expectations);
    return rc;
}

/* ---- on stderr ---- */

static void add_line(struct auth_buf *text, const char *before, struct auth_view line)
{
    if (line.n == 0)
        return;
    auth_buf_addf(text, "\n%s", before);
    auth_buf_add_view(text, line);
}

static void add_failure(struct auth_buf *text, const struct auth_json_node *result)
{
    struct auth_view because = auth_json_member_string(result, "because");
    const struct auth_json_node *lines = auth_json_member(result, "lines");
    add_line(text, "  ", because.n ? because : auth_view_from_string("an expectation"));
    add_line(text, "    expected: ", auth_json_member_string(result, "expected"));
    for (const struct auth_json_node *line = auth_json_first(lines); line; line = auth_json_next(line))
        add_line(text, "    entry ", auth_json_string(line));
    add_line(text, "    right: ", auth_json_member_string(result, "right"));
}

static void add_subject(struct auth_buf *text, const struct mock_scenario *scenario)
{
    auth_buf_add_string(text, scenario ? "scenario " : "expectations");
    if (scenario)
        auth_buf_add_view(text, scenario->name);
    auth_buf_add_string(text, ": ");
}

static void add_not_exercised(struct auth_buf *text, const struct mock_scenario *scenario,
                              const struct auth_json_node *root)
{
    struct auth_view missing = auth_json_member_string(root, "missing");
    auth_buf_add_string(text, "not exercised");
    auth_buf_add_string(text, missing.n ? ": " : "");
    auth_buf_add_view(text, missing);
    const struct auth_json_node *results = auth_json_member(root, "results");
    for (const struct auth_json_node *r = auth_json_first(results); r; r = auth_json_next(r)) {
        if (auth_view_equals(auth_json_member_string(r, "result"), "not_exercised"))
            add_line(text, "  not seen: ", auth_json_member_string(r, "expected"));
    }
    for (const struct auth_json_node *line = auth_json_first(scenario ? scenario->drive : NULL); line;
         line = auth_json_next(line))
        add_line(text, "  to come to the point: ", auth_json_string(line));
}

/* A client that waits for ever has failed whatever it did before; what the server saw of it does not show that. */
static const char ends_because[] = "the command ends by itself";
static const char ends_right[] = "gives up with an error, whatever it was told to wait for";

static bool is_hung(const struct mock_scenario *scenario, int status)
{
    return scenario && status == MOCK_EXIT_TIMED_OUT;
}

static void tell(const struct mock_scenario *scenario, const struct auth_json_node *root, const struct auth_log *log,
                 int status)
{
    struct auth_buf text;
    struct auth_view verdict = auth_json_member_string(root, "verdict");
    const struct auth_json_node *results = auth_json_member(root, "results");
    auth_buf_init(&text, TEXT_MAX_N);
    add_subject(&text, scenario);
    if (is_hung(scenario, status)) {
        verdict = auth_view_from_string("fail");
        auth_buf_add_view(&text, verdict);
        add_line(&text, "  ", auth_view_from_string(ends_because));
        add_line(&text, "    right: ", auth_view_from_string(ends_right));
    } else if (auth_view_equals(verdict, "not_exercised")) {
        add_not_exercised(&text, scenario, root);
    } else {
        auth_buf_add_view(&text, verdict);
    }
    if (!auth_view_equals(verdict, "not_exercised")) {
        add_line(&text, "  the scenario could not be played: ", auth_json_member_string(root, "problem"));
        for (const struct auth_json_node *r = auth_json_first(results); r; r = auth_json_next(r)) {
            if (auth_view_equals(auth_json_member_string(r, "result"), "fail"))
                add_failure(&text, r);
        }
    }
    auth_log_text(log, AUTH_LOG_RESULT, auth_buf_view(&text));
    auth_buf_clear(&text);
}

/* ---- reports ---- */

static enum auth_case_result result_of(struct auth_view text)
{
    return auth_view_equals(text, "pass")   ? AUTH_CASE_PASS
           : auth_view_equals(text, "fail") ? AUTH_CASE_FAIL
                                            : AUTH_CASE_NOT_EXERCISED;
}

/* The entries that show it, a line each. */
static void add_lines(struct auth_buf *out, const struct auth_json_node *lines)
{
    for (const struct auth_json_node *line = auth_json_first(lines); line; line = auth_json_next(line)) {
        auth_buf_add_string(out, out->n ? "; " : "");
        auth_buf_add_view(out, auth_json_string(line));
    }
}

static enum auth_rc add_result(struct auth_results *results, const struct mock_scenario *scenario,
                               const struct auth_json_node *result, size_t number)
{
    struct auth_buf id, actual;
    struct auth_case one = {
        .result = result_of(auth_json_member_string(result, "result")),
        .because = auth_json_member_string(result, "because"),
        .expected = auth_json_member_string(result, "expected"),
        .fix = auth_json_member_string(result, "right"),
        .took_us = -1,
    };
    auth_buf_init(&id, NAME_MAX_N);
    auth_buf_init(&actual, TEXT_MAX_N);
    if (scenario)
        auth_buf_add_view(&id, scenario->name);
    auth_buf_addf(&id, "%s%zu", scenario ? "." : "expectation-", number);
    add_lines(&actual, auth_json_member(result, "lines"));
    one.id = auth_buf_view(&id);
    one.group = scenario ? scenario->name : auth_view_from_string("expectations");
    one.source = scenario ? scenario->source : auth_view_from_string("");
    one.actual = auth_buf_view(&actual);
    char texts[AUTH_CASE_EVIDENCE_MAX][24];
    const struct auth_json_node *entries = auth_json_member(result, "entries");
    for (const struct auth_json_node *entry = auth_json_first(entries);
         entry && one.evidence_count < AUTH_CASE_EVIDENCE_MAX; entry = auth_json_next(entry)) {
        int64_t value = 0;
        (void)auth_json_int(entry, &value);
        int n = snprintf(texts[one.evidence_count], sizeof texts[0], "%lld", (long long)value);
        one.evidence[one.evidence_count] = auth_view_bytes(texts[one.evidence_count], (size_t)n);
        one.evidence_count++;
    }
    enum auth_rc rc = auth_results_add(results, &one);
    auth_buf_clear(&id);
    auth_buf_clear(&actual);
    return rc;
}

static enum auth_rc add_hung(struct auth_results *results, const struct mock_scenario *scenario)
{
    struct auth_case one = {
        .id = auth_view_from_string("command-ends"),
        .group = scenario->name,
        .result = AUTH_CASE_FAIL,
        .because = auth_view_from_string(ends_because),
        .fix = auth_view_from_string(ends_right),
        .took_us = -1,
    };
    return auth_results_add(results, &one);
}

/* Without a scenario the command's own status counts, too. */
static enum auth_rc add_command(struct auth_results *results, int status)
{
    char actual[48];
    (void)snprintf(actual, sizeof actual, "exit status %d", status);
    struct auth_case one = {
        .id = auth_view_from_string("command"),
        .group = auth_view_from_string("command"),
        .result = status == 0 ? AUTH_CASE_PASS : AUTH_CASE_FAIL,
        .expected = auth_view_from_string("exit status 0"),
        .actual = auth_view_from_string(actual),
        .took_us = -1,
    };
    return auth_results_add(results, &one);
}

static enum auth_rc write_report(const struct auth_results *results, enum auth_results_format format, const char *path,
                                 struct auth_err *err)
{
    struct auth_buf out;
    if (!path)
        return AUTH_OK;
    auth_buf_init(&out, REPORT_MAX_N);
    auth_results_write(results, format, (struct auth_results_style){.width = 0}, &out);
    enum auth_rc rc = auth_buf_check(&out, err);
    if (rc == AUTH_OK)
        rc = auth_file_write(path, auth_buf_view(&out), 0644, AUTH_FILE_REPLACE, err);
    auth_buf_clear(&out);
    return rc;
}

static enum auth_rc report(const struct mock_settings *settings, const struct mock_scenario *scenario,
                           const struct auth_json_node *root, int status, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    const struct auth_results_about about = {.tool = "mock-epic",
                                             .version = AUTH_VERSION,
                                             .command = "mock-epic run",
                                             .profile = settings->profile,
                                             .date_s = env->wall_s(env->ctx)};
    struct auth_results *results = NULL;
    size_t number = 0;
    if (!settings->junit && !settings->tap)
        return AUTH_OK;
    enum auth_rc rc = auth_results_new(&about, &results);
    if (rc == AUTH_OK && !scenario)
        rc = add_command(results, status);
    if (rc == AUTH_OK && is_hung(scenario, status))
        rc = add_hung(results, scenario);
    const struct auth_json_node *list = auth_json_member(root, "results");
    for (const struct auth_json_node *r = auth_json_first(list); r && rc == AUTH_OK; r = auth_json_next(r))
        rc = add_result(results, scenario, r, ++number);
    if (rc == AUTH_OK)
        rc = write_report(results, AUTH_RESULTS_JUNIT, settings->junit, err);
    if (rc == AUTH_OK)
        rc = write_report(results, AUTH_RESULTS_TAP, settings->tap, err);
    auth_results_free(results);
    return rc;
}

/* ---- all of it ---- */

/* It did not come to its end: somebody interrupted it, or its time was over. */
static bool was_ended(int status)
{
    return status == MOCK_EXIT_TIMED_OUT || status == 128 + SIGHUP || status == 128 + SIGINT || status == 128 + SIGTERM;
}

static int status_of(const struct mock_settings *settings, const struct mock_scenario *scenario,
                     struct auth_view verdict, int status)
{
    bool is_fail = auth_view_equals(verdict, "fail");
    bool is_unmet = settings->require && auth_view_equals(verdict, "not_exercised");
    if (scenario)
        return is_fail || is_unmet ? 1 : was_ended(status) ? status : 0;
    return status == 0 && (is_fail || is_unmet) ? 1 : status;
}

int mock_verdict_tell(const struct mock_settings *settings, const struct mock_scenario *scenario, struct auth_view json,
                      const struct auth_log *log, int status)
{
    struct auth_json *doc = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = auth_json_parse(json, &doc, &err);
    const struct auth_json_node *root = auth_json_root(doc);
    struct auth_view verdict = auth_json_member_string(root, "verdict");
    if (rc == AUTH_OK && (scenario || settings->expect || settings->require))
        tell(scenario, root, log, status);
    if (rc == AUTH_OK)
        rc = report(settings, scenario, root, status, &err);
    if (rc == AUTH_OK && settings->verdict)
        rc = auth_file_write(settings->verdict, json, 0644, AUTH_FILE_REPLACE, &err);
    if (rc == AUTH_OK) {
        status = status_of(settings, scenario, verdict, status);
    } else {
        auth_log_write(log, AUTH_LOG_ERROR, "the verdict: %s", err.detail[0] ? err.detail : auth_rc_text(rc));
        status = MOCK_EXIT_CANNOT_START;
    }
    auth_json_free(doc);
    return status;
}
