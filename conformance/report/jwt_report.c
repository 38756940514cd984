/* Verdicts as a table, as JSON, as TAP. */
#include "conformance/report/jwt_report.h"

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

/* ---- TAP ---- */

/* A YAML line; a JSON string is one of YAML's. */
static void add_yaml(const struct auth_report *report, enum auth_rule rule, const char *label, show *text,
                     struct auth_buf *out)
{
    struct auth_json_writer w;
    struct auth_buf value;
    auth_buf_init(&value, 16 * 1024);
    text(report, rule, &value);
    auth_buf_addf(out, "  %s: ", label);
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_string(&w, auth_buf_view(&value));
    auth_buf_add_char(out, '\n');
    auth_buf_clear(&value);
}

void conf_jwt_report_tap(const struct conf_jwt_report *r, struct auth_buf *out)
{
    auth_buf_addf(out, "TAP version 13\n1..%d\n", (int)AUTH_RULE_COUNT);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        enum auth_rule rule = (enum auth_rule)i;
        enum auth_result result = result_of(r->report, rule);
        auth_buf_addf(out, "%sok %d - %s", result == AUTH_FAIL ? "not " : "", i + 1, auth_rules_info(rule)->id);
        if (result == AUTH_BLOCKED)
            auth_buf_addf(out, " # SKIP %s failed first",
                          auth_rules_info((enum auth_rule)r->report->verdicts[rule].blocked_by)->id);
        else if (result == AUTH_SKIP)
            auth_buf_add_string(out, " # SKIP not applicable");
        auth_buf_add_char(out, '\n');
        if (result != AUTH_FAIL && result != AUTH_WARN)
            continue;
        auth_buf_addf(out, "  ---\n  result: %s\n", auth_rules_result_text(result));
        add_yaml(r->report, rule, "expected", auth_rules_expected, out);
        add_yaml(r->report, rule, "actual", auth_rules_actual, out);
        add_yaml(r->report, rule, "fix", auth_rules_fix, out);
        auth_buf_add_string(out, "  ...\n");
    }
    for (size_t i = 0; i < r->other_cause_count; i++)
        auth_buf_addf(out, "# not seen from here: %s; %s\n", r->other_causes[i].cause, r->other_causes[i].fix);
}
