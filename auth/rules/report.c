/* Verdicts as text and JSON: what people install this for. Worked out when read, from what the checks noted. */
#include <string.h>

#include "auth/core/text.h"
#include "auth/rules/judge.h"

const char *auth_rules_error_text(enum auth_oauth_error error)
{
    static const char *const texts[] = {
        [AUTH_OAUTH_NONE] = "none",
        [AUTH_OAUTH_INVALID_REQUEST] = "invalid_request",
        [AUTH_OAUTH_INVALID_CLIENT] = "invalid_client",
        [AUTH_OAUTH_INVALID_GRANT] = "invalid_grant",
        [AUTH_OAUTH_UNAUTHORIZED_CLIENT] = "unauthorized_client",
        [AUTH_OAUTH_UNSUPPORTED_GRANT_TYPE] = "unsupported_grant_type",
        [AUTH_OAUTH_INVALID_SCOPE] = "invalid_scope",
    };
    return texts[error];
}

const char *auth_rules_result_text(enum auth_result result)
{
    static const char *const texts[] = {
        [AUTH_SKIP] = "skip", [AUTH_PASS] = "pass",       [AUTH_WARN] = "warn",
        [AUTH_FAIL] = "fail", [AUTH_BLOCKED] = "blocked",
    };
    return texts[result];
}

#define X(name, what, fix) {#name, what, fix},
static const struct auth_cause_info causes[AUTH_CAUSE_COUNT] = {AUTH_CAUSE_LIST(X)};
#undef X

const struct auth_cause_info *auth_rules_cause(enum auth_cause cause)
{
    return &causes[cause];
}

/* ---- expected ---- */

/* What is expected in numbers and names of this very request; rules not listed say what they demand. */
static const char *const templates[AUTH_RULE_COUNT] = {
    [AUTH_RULE_ISS_VALUE] = "{client}",
    [AUTH_RULE_SUB_VALUE] = "{client}",
    [AUTH_RULE_AUD_VALUE] = "{aud}",
    [AUTH_RULE_EXP_FUTURE] = "later than {now}",
    [AUTH_RULE_EXP_WINDOW] = "at most {lifetime} s ahead of {now}",
    [AUTH_RULE_NBF_PAST] = "at most {skew} s ahead of {now}",
    [AUTH_RULE_IAT_PAST] = "at most {skew} s ahead of {now}",
    [AUTH_RULE_NBF_WINDOW] = "at most {lifetime} s before exp, and not after it",
    [AUTH_RULE_IAT_WINDOW] = "at most {lifetime} s before exp, and not after it",
    [AUTH_RULE_JTI_LENGTH] = "at most {jti_max} characters",
};

static void show_kept(const struct auth_report *report, uint16_t at, uint16_t n, const char *otherwise,
                      struct auth_buf *out)
{
    if (n)
        auth_text_show(out, auth_view_bytes(report->text + at, n), n);
    else
        auth_buf_add_string(out, otherwise);
}

static void show_placeholder(const struct auth_report *report, struct auth_view name, const char *demands,
                             struct auth_buf *out)
{
    const int64_t *values = report->profile->values;
    if (auth_view_is(name, "client"))
        show_kept(report, report->client_id_at, report->client_id_n, demands, out);
    else if (auth_view_is(name, "aud"))
        show_kept(report, report->audience_at, report->audience_n, demands, out);
    else if (auth_view_is(name, "now"))
        auth_buf_add_int(out, report->now_s);
    else if (auth_view_is(name, "lifetime"))
        auth_buf_add_int(out, values[AUTH_SWITCH_MAX_LIFETIME_S]);
    else if (auth_view_is(name, "skew"))
        auth_buf_add_int(out, values[AUTH_SWITCH_SKEW_S]);
    else
        auth_buf_add_int(out, values[AUTH_SWITCH_JTI_MAX]);
}

void auth_rules_expected(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    const char *demands = auth_rules_info(rule)->demands;
    struct auth_view rest = auth_view_of(templates[rule] ? templates[rule] : demands);
    while (rest.n) {
        auth_buf_add_view(out, auth_view_cut(&rest, '{'));
        if (rest.n)
            show_placeholder(report, auth_view_cut(&rest, '}'), demands, out);
    }
}

/* ---- actual ---- */

static void show_time(const struct auth_report *report, int64_t epoch_s, struct auth_buf *out)
{
    int64_t ahead_s = epoch_s - report->now_s;
    auth_buf_add_int(out, epoch_s);
    if (ahead_s == 0)
        auth_buf_add_string(out, " (now)");
    else
        auth_buf_addf(out, " (%lld s %s)", (long long)(ahead_s > 0 ? ahead_s : -ahead_s),
                      ahead_s > 0 ? "ahead" : "ago");
}

static void show_lack(const struct auth_report *report, enum auth_rule need, struct auth_buf *out)
{
    static const char *const modes[] = {[AUTH_MODE_ON] = "was not judged",
                                        [AUTH_MODE_WARN] = "is switched to warn",
                                        [AUTH_MODE_OFF] = "is switched off"};
    auth_buf_addf(out, "not judged: %s %s and its result is missing", auth_rules_info(need)->id,
                  modes[report->profile->modes[need]]);
}

static void show_value(const struct auth_report *report, const struct auth_verdict *verdict, struct auth_buf *out)
{
    struct auth_view text = auth_view_bytes(report->text + verdict->text_at, verdict->text_n);
    switch (verdict->shape) {
    case AUTH_SHAPE_TEXT:
        auth_text_show(out, text, text.n);
        break;
    case AUTH_SHAPE_QUOTED:
        auth_buf_add_char(out, '"');
        auth_text_show(out, text, text.n);
        auth_buf_add_char(out, '"');
        break;
    case AUTH_SHAPE_NUMBER:
        auth_buf_add_int(out, verdict->number);
        break;
    case AUTH_SHAPE_TIME:
        show_time(report, verdict->number, out);
        break;
    case AUTH_SHAPE_ABSENT:
        auth_buf_add_string(out, "absent");
        break;
    case AUTH_SHAPE_LACKS:
        show_lack(report, (enum auth_rule)verdict->blocked_by, out);
        break;
    default:
        break;
    }
}

void auth_rules_actual(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    const struct auth_verdict *verdict = &report->verdicts[rule];
    if (verdict->result == AUTH_BLOCKED) {
        auth_buf_addf(out, "not judged: %s failed first", auth_rules_info((enum auth_rule)verdict->blocked_by)->id);
        return;
    }
    size_t before = out->n;
    show_value(report, verdict, out);
    for (int i = 0; i < AUTH_CAUSES_MAX && verdict->causes[i] != AUTH_CAUSE_NONE; i++) {
        const char *what = causes[verdict->causes[i]].what;
        if (out->n > before && *what)
            auth_buf_add_string(out, i == 0 ? ": " : "; or else ");
        auth_buf_add_string(out, what);
    }
}

static const char *fix_of(enum auth_rule rule, uint8_t cause)
{
    return causes[cause].fix[0] ? causes[cause].fix : auth_rules_info(rule)->fix;
}

void auth_rules_fix(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    const struct auth_verdict *verdict = &report->verdicts[rule];
    auth_buf_add_string(out, fix_of(rule, verdict->causes[0]));
    for (int i = 1; i < AUTH_CAUSES_MAX && verdict->causes[i] != AUTH_CAUSE_NONE; i++)
        auth_buf_addf(out, "; or else %s", fix_of(rule, verdict->causes[i]));
}

/* ---- JSON and lines ---- */

static void write_text(const struct auth_report *report, enum auth_rule rule, const char *key,
                       void (*show)(const struct auth_report *, enum auth_rule, struct auth_buf *),
                       struct auth_jsonw *w)
{
    struct auth_buf text;
    auth_buf_init(&text, 16 * 1024);
    show(report, rule, &text);
    auth_jsonw_member_buf(w, key, &text);
    auth_buf_clear(&text);
}

static void write_causes(const struct auth_verdict *verdict, struct auth_jsonw *w)
{
    auth_jsonw_key(w, "causes");
    auth_jsonw_array(w);
    for (int i = 0; i < AUTH_CAUSES_MAX && verdict->causes[i] != AUTH_CAUSE_NONE; i++)
        auth_jsonw_string(w, auth_view_of(causes[verdict->causes[i]].id));
    auth_jsonw_end_array(w);
}

void auth_rules_write_verdict(const struct auth_report *report, enum auth_rule rule, struct auth_jsonw *w)
{
    const struct auth_rule_info *info = auth_rules_info(rule);
    const struct auth_verdict *verdict = &report->verdicts[rule];
    auth_jsonw_object(w);
    auth_jsonw_member_text(w, "rule", info->id);
    auth_jsonw_member_text(w, "claim", info->claim);
    auth_jsonw_member_text(w, "result", auth_rules_result_text((enum auth_result)verdict->result));
    write_text(report, rule, "expected", auth_rules_expected, w);
    write_text(report, rule, "actual", auth_rules_actual, w);
    if (verdict->result == AUTH_BLOCKED)
        auth_jsonw_member_text(w, "blocked_by", auth_rules_info((enum auth_rule)verdict->blocked_by)->id);
    if (verdict->result == AUTH_FAIL || verdict->result == AUTH_WARN) {
        write_causes(verdict, w);
        write_text(report, rule, "fix", auth_rules_fix, w);
    }
    auth_jsonw_member_text(w, "source", info->source);
    auth_jsonw_end_object(w);
}

void auth_rules_write(const struct auth_report *report, struct auth_jsonw *w)
{
    auth_jsonw_array(w);
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        auth_rules_write_verdict(report, (enum auth_rule)i, w);
    auth_jsonw_end_array(w);
}

void auth_rules_summary(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    auth_buf_addf(out, "%s: ", auth_rules_info(rule)->id);
    size_t before = out->n;
    auth_rules_actual(report, rule, out);
    auth_buf_add_string(out, out->n > before ? ", expected " : "expected ");
    auth_rules_expected(report, rule, out);
}
