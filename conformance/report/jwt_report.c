/* Verdicts as a table, as JSON, and as results for the formats of auth/report. */
#include "conformance/report/jwt_report.h"

#include "auth/core/time.h"
#include "auth/core/version.h"
#include "auth/report/wrap.h"

enum { STATUS_REFUSED = 400 };

typedef void show(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out);

static enum auth_result result_of(const struct auth_report *report, enum auth_rule rule)
{
    return (enum auth_result)report->verdicts[rule].result;
}

/* ---- table ---- */

enum { LABEL_AT = 9, TEXT_AT = 19, ACTUAL_AT = 32, CAUSE_AT = 5 };

/* Text behind what stands on the line already, as wide as the terminal is. */
static void add_wrapped(struct conf_style style, unsigned at, unsigned indent, struct auth_view text,
                        struct auth_buf *out)
{
    auth_wrap(out, at, indent, style.width, text);
    auth_buf_add_char(out, '\n');
}

static void add_text(const struct auth_report *report, enum auth_rule rule, show *text, struct conf_style style,
                     unsigned at, struct auth_buf *out)
{
    struct auth_buf value;
    auth_buf_init(&value, 16 * 1024);
    text(report, rule, &value);
    add_wrapped(style, at, TEXT_AT, auth_buf_view(&value), out);
    if (!auth_buf_ok(&value))
        out->is_spoiled = true;
    auth_buf_clear(&value);
}

static void add_line(const struct auth_report *report, enum auth_rule rule, const char *label, show *text,
                     struct conf_style style, struct auth_buf *out)
{
    auth_buf_addf(out, "%*s%-*s", LABEL_AT, "", TEXT_AT - LABEL_AT, label);
    add_text(report, rule, text, style, TEXT_AT, out);
}

static void add_row(const struct conf_jwt_report *r, enum auth_rule rule, struct conf_style style, struct auth_buf *out)
{
    enum auth_result result = result_of(r->report, rule);
    const struct auth_rule_info *info = auth_rules_info(rule);
    auth_buf_addf(out, "%s%-8s%s %-22s ", conf_output_on(style, result), auth_rules_result_text(result),
                  conf_output_off(style), info->id);
    add_text(r->report, rule, auth_rules_actual, style, ACTUAL_AT, out);
    if (result != AUTH_FAIL && result != AUTH_WARN)
        return;
    add_line(r->report, rule, "expected", auth_rules_expected, style, out);
    add_line(r->report, rule, "fix", auth_rules_fix, style, out);
    auth_buf_addf(out, "%*s%-*s", LABEL_AT, "", TEXT_AT - LABEL_AT, "source");
    add_wrapped(style, TEXT_AT, TEXT_AT, auth_view_from_string(info->source), out);
}

/* One line each: this is read after everything else looked well. */
static void add_other_causes(const struct conf_jwt_report *r, struct conf_style style, struct auth_buf *out)
{
    struct auth_buf line;
    auth_buf_init(&line, 4096);
    if (r->other_cause_count)
        auth_buf_addf(&line, "If Epic answers %s all the same, what cannot be seen from here, the likeliest first:",
                      r->answer == AUTH_OAUTH_NONE ? "with an error" : auth_rules_error_text(r->answer));
    if (line.n)
        add_wrapped(style, 0, 0, auth_buf_view(&line), out);
    for (size_t i = 0; i < r->other_cause_count; i++) {
        auth_buf_reset(&line);
        auth_buf_addf(&line, "%s: %s", r->other_causes[i].cause, r->other_causes[i].fix);
        auth_buf_addf(out, "%3zu. ", i + 1);
        add_wrapped(style, CAUSE_AT, CAUSE_AT, auth_buf_view(&line), out);
    }
    auth_buf_clear(&line);
}

/* What the verdict rests on where that is not the present, and what the capture says came of it. */
static void add_circumstances(const struct conf_jwt_report *r, struct conf_style style, struct auth_buf *out)
{
    struct auth_buf line;
    auth_buf_init(&line, 1024);
    if (r->clock == CONF_JWT_ANSWER || r->clock == CONF_JWT_STARTED) {
        auth_buf_add_string(&line, "judged as of ");
        auth_time_write(&line, r->report->now_s);
        auth_buf_addf(&line, ", %s; --at judges as of another time",
                      r->clock == CONF_JWT_ANSWER ? "the Date of the captured answer"
                                                  : "when the capture says that the request was sent");
        add_wrapped(style, 0, 0, auth_buf_view(&line), out);
    }
    auth_buf_reset(&line);
    if (r->is_good_then) {
        auth_buf_add_string(&line, "As of its own time, ");
        auth_time_write(&line, r->then_s);
        auth_buf_add_string(&line, ", it would be accepted. If this is a capture, give the time of Epic's answer: --at "
                                   "'its Date header'; and --saved-at TIME, when the app page was last saved.");
        add_wrapped(style, 0, 0, auth_buf_view(&line), out);
    }
    if (r->status)
        auth_buf_addf(out, "The answer in the capture is %d%s%s%s\n", r->status, r->answer ? ", " : "",
                      r->answer ? auth_rules_error_text(r->answer) : "",
                      r->status < STATUS_REFUSED ? ": it was accepted" : "");
    auth_buf_clear(&line);
}

/* Those of these results, a bit each, in the order of the rules. */
static void add_rows(const struct conf_jwt_report *r, unsigned results, struct conf_style style, struct auth_buf *out)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (results >> result_of(r->report, (enum auth_rule)i) & 1U)
            add_row(r, (enum auth_rule)i, style, out);
    }
}

void conf_jwt_report_table(const struct conf_jwt_report *r, struct conf_style style, struct auth_buf *out)
{
    const struct auth_report *report = r->report;
    struct auth_outcome outcome = auth_rules_outcome(report);
    add_rows(r, r->all ? ~0U : 1U << AUTH_FAIL, style, out); /* what decides is read first */
    if (!r->all)
        add_rows(r, 1U << AUTH_WARN, style, out);
    auth_buf_addf(out, "%zu passed, %zu warned, %zu failed, %zu blocked, %zu not applicable\n",
                  auth_rules_count(report, AUTH_PASS), auth_rules_count(report, AUTH_WARN),
                  auth_rules_count(report, AUTH_FAIL), auth_rules_count(report, AUTH_BLOCKED),
                  auth_rules_count(report, AUTH_SKIP));
    if (outcome.is_accepted)
        auth_buf_add_string(out, "would be accepted (the jti must not have been used before)\n");
    else
        auth_buf_addf(out, "would be refused: %s, because of %s\n", auth_rules_error_text(outcome.error),
                      auth_rules_info(outcome.because)->id);
    add_circumstances(r, style, out);
    if (!r->status || r->status >= STATUS_REFUSED)
        add_other_causes(r, style, out);
}

/* ---- JSON ---- */

static void write_time(struct auth_json_writer *w, const char *name, int64_t time_s, bool is_known)
{
    struct auth_buf text;
    auth_buf_init(&text, 64);
    auth_time_write(&text, time_s);
    if (is_known)
        auth_json_write_member_buf(w, name, &text);
    else
        auth_json_write_member_text(w, name, NULL);
    auth_buf_clear(&text);
}

static void write_other_causes(const struct conf_jwt_report *r, const char *key, struct auth_json_writer *w)
{
    auth_json_write_key(w, key);
    auth_json_write_array(w);
    for (size_t i = 0; i < r->other_cause_count; i++) {
        auth_json_write_object(w);
        auth_json_write_member_text(w, "id", r->other_causes[i].id);
        auth_json_write_member_text(w, "id_old", r->other_causes[i].old);
        auth_json_write_member_text(w, "cause", r->other_causes[i].cause);
        auth_json_write_member_text(w, "fix", r->other_causes[i].fix);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
}

void conf_jwt_report_json(const struct conf_jwt_report *r, struct auth_buf *out)
{
    struct auth_json_writer w;
    struct auth_outcome outcome = auth_rules_outcome(r->report);
    static const char *const clocks[] = {
        [CONF_JWT_NOW] = "now", [CONF_JWT_ASKED] = "asked", [CONF_JWT_ANSWER] = "answer", [CONF_JWT_STARTED] = "sent"};
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "outcome", outcome.is_accepted ? "accepted" : "refused");
    auth_json_write_member_text(&w, "error", outcome.is_accepted ? NULL : auth_rules_error_text(outcome.error));
    auth_json_write_member_text(&w, "because", outcome.is_accepted ? NULL : auth_rules_info(outcome.because)->id);
    write_time(&w, "at", r->report->now_s, true);
    auth_json_write_member_text(&w, "at_from", clocks[r->clock]);
    write_time(&w, "accepted_as_of", r->then_s, r->is_good_then);
    auth_json_write_member_text(&w, "answer", r->answer == AUTH_OAUTH_NONE ? NULL : auth_rules_error_text(r->answer));
    auth_json_write_key(&w, "verdicts");
    auth_rules_write(r->report, &w);
    write_other_causes(r, "other_causes", &w);
    write_other_causes(r, "unseen", &w); /* as it was called; for a while */
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
