/* Verdicts as a table, as JSON, and as results for the formats of auth/report. */
#include "conformance/report/jwt_report.h"

#include "auth/core/version.h"

typedef void show(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out);

static enum auth_result result_of(const struct auth_report *report, enum auth_rule rule)
{
    return (enum auth_result)report->verdicts[rule].result;
}

/* ---- table ---- */

static void add_line(const struct auth_report *report, enum auth_rule rule, const char *label, show *text,
                     struct auth_buf *out)
{
    auth_buf_addf(out, "         %-9s ", label);
    text(report, rule, out);
    auth_buf_add_char(out, '\n');
}

static void add_row(const struct conf_jwt_report *r, enum auth_rule rule, struct conf_colours colours,
                    struct auth_buf *out)
{
    enum auth_result result = result_of(r->report, rule);
    const struct auth_rule_info *info = auth_rules_info(rule);
    auth_buf_addf(out, "%s%-8s%s %-22s ", conf_output_on(colours, result), auth_rules_result_text(result),
                  conf_output_off(colours), info->id);
    auth_rules_actual(r->report, rule, out);
    auth_buf_add_char(out, '\n');
    if (result != AUTH_FAIL && result != AUTH_WARN)
        return;
    add_line(r->report, rule, "expected", auth_rules_expected, out);
    add_line(r->report, rule, "fix", auth_rules_fix, out);
    auth_buf_addf(out, "         %-9s %s\n", "source", info->source);
}

/* One line each: this is read after everything else looked well. */
static void add_other_causes(const struct conf_jwt_report *r, struct auth_buf *out)
{
    if (r->other_cause_count)
        auth_buf_addf(out, "If Epic answers %s all the same, what cannot be seen from here, the likeliest first:\n",
                      r->answer == AUTH_OAUTH_NONE ? "with an error" : auth_rules_error_text(r->answer));
    for (size_t i = 0; i < r->other_cause_count; i++)
        auth_buf_addf(out, "%3zu. %s: %s\n", i + 1, r->other_causes[i].cause, r->other_causes[i].fix);
}

void conf_jwt_report_table(const struct conf_jwt_report *r, struct conf_colours colours, struct auth_buf *out)
{
    const struct auth_report *report = r->report;
    struct auth_outcome outcome = auth_rules_outcome(report);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        enum auth_result result = result_of(report, (enum auth_rule)i);
        if (r->all || result == AUTH_FAIL || result == AUTH_WARN)
            add_row(r, (enum auth_rule)i, colours, out);
    }
    auth_buf_addf(out, "%zu passed, %zu warned, %zu failed, %zu blocked, %zu not applicable\n",
                  auth_rules_count(report, AUTH_PASS), auth_rules_count(report, AUTH_WARN),
                  auth_rules_count(report, AUTH_FAIL), auth_rules_count(report, AUTH_BLOCKED),
                  auth_rules_count(report, AUTH_SKIP));
    if (outcome.is_accepted)
        auth_buf_add_string(out, "would be accepted (the jti must not have been used before)\n");
    else
        auth_buf_addf(out, "would be refused: %s, because of %s\n", auth_rules_error_text(outcome.error),
                      auth_rules_info(outcome.because)->id);
    add_other_causes(r, out);
}

/* ---- JSON ---- */

void conf_jwt_report_json(const struct conf_jwt_report *r, struct auth_buf *out)
{
    struct auth_json_writer w;
    struct auth_outcome outcome = auth_rules_outcome(r->report);
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "outcome", outcome.is_accepted ? "accepted" : "refused");
    auth_json_write_member_text(&w, "error", outcome.is_accepted ? NULL : auth_rules_error_text(outcome.error));
    auth_json_write_member_text(&w, "because", outcome.is_accepted ? NULL : auth_rules_info(outcome.because)->id);
    auth_json_write_key(&w, "verdicts");
    auth_rules_write(r->report, &w);
    auth_json_write_key(&w, "unseen");
    auth_json_write_array(&w);
    for (size_t i = 0; i < r->other_cause_count; i++) {
        auth_json_write_object(&w);
        auth_json_write_member_text(&w, "id", r->other_causes[i].id);
        auth_json_write_member_text(&w, "cause", r->other_causes[i].cause);
        auth_json_write_member_text(&w, "fix", r->other_causes[i].fix);
        auth_json_write_end_object(&w);
    }
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
}

/* ---- other people's formats ---- */

static enum auth_case_result case_result(enum auth_result result)
{
    static const enum auth_case_result results[] = {
        [AUTH_SKIP] = AUTH_CASE_SKIP, [AUTH_PASS] = AUTH_CASE_PASS,       [AUTH_WARN] = AUTH_CASE_WARN,
        [AUTH_FAIL] = AUTH_CASE_FAIL, [AUTH_BLOCKED] = AUTH_CASE_BLOCKED,
    };
    return results[result];
}

static struct auth_view text_of(const struct auth_report *report, enum auth_rule rule, show *text, struct auth_buf *buf)
{
    auth_buf_init(buf, 16 * 1024);
    text(report, rule, buf);
    return auth_buf_view(buf);
}

static enum auth_rc add_verdict(const struct auth_report *report, enum auth_rule rule, struct auth_results *results)
{
    enum { TEXTS = 4 };
    struct auth_buf texts[TEXTS];
    enum auth_result result = result_of(report, rule);
    struct auth_case one = {
        .id = auth_view_from_string(auth_rules_info(rule)->id),
        .group = auth_view_from_string("jwt"),
        .result = case_result(result),
        .expected = text_of(report, rule, auth_rules_expected, &texts[0]),
        .actual = text_of(report, rule, auth_rules_actual, &texts[1]),
        .fix = text_of(report, rule, auth_rules_fix, &texts[2]),
        .source = auth_view_from_string(auth_rules_info(rule)->source),
        .took_us = -1,
    };
    auth_buf_init(&texts[3], 256);
    if (result == AUTH_BLOCKED)
        auth_buf_addf(&texts[3], "%s failed first",
                      auth_rules_info((enum auth_rule)report->verdicts[rule].blocked_by)->id);
    else if (result == AUTH_SKIP)
        auth_buf_add_string(&texts[3], "not applicable");
    one.because = auth_buf_view(&texts[3]);
    enum auth_rc rc = auth_results_add(results, &one);
    for (size_t i = 0; i < TEXTS; i++) {
        rc = rc == AUTH_OK ? auth_buf_check(&texts[i], NULL) : rc;
        auth_buf_clear(&texts[i]);
    }
    return rc;
}

enum auth_rc conf_jwt_report_results(const struct conf_jwt_report *r, enum auth_results_format format,
                                     struct auth_buf *out)
{
    const struct auth_results_about about = {
        .tool = "epic-conformance",
        .version = AUTH_VERSION,
        .command = "epic-conformance jwt",
        .profile = r->report->profile->name,
        .date_s = r->report->now_s,
    };
    struct auth_results *results;
    enum auth_rc rc = auth_results_new(&about, &results);
    for (int i = 0; i < AUTH_RULE_COUNT && rc == AUTH_OK; i++)
        rc = add_verdict(r->report, (enum auth_rule)i, results);
    if (rc == AUTH_OK)
        auth_results_write(results, format, (struct auth_results_style){.width = 0}, out);
    auth_results_free(results);
    bool is_tap = format == AUTH_RESULTS_TAP || format == AUTH_RESULTS_TAP13;
    for (size_t i = 0; is_tap && i < r->other_cause_count; i++)
        auth_buf_addf(out, "# not seen from here: %s; %s\n", r->other_causes[i].cause, r->other_causes[i].fix);
    return rc;
}
