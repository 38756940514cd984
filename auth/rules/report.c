/* Verdicts as text and JSON: what people install this for. Worked out when read, from what the checks noted. */
#include <stdlib.h>
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

#define X(name, id, what, fix) {#name, id, what, fix},
static const struct auth_cause_info causes[AUTH_CAUSE_COUNT] = {AUTH_CAUSE_LIST(X)};
#undef X

const struct auth_cause_info *auth_rules_cause(enum auth_cause cause)
{
    return &causes[cause];
}

/* ---- texts that depend on the profile and on this very request ---- */

/* What is expected, and the fix, where a switch decides: the first row of a rule that holds counts. Rules not listed
 * say what their row of rule_list.h says, which is Epic's. Words in braces are filled in, see show_placeholder(). */
static const struct variant {
    enum auth_rule rule;
    enum auth_switch by;
    int64_t value;
    const char *expected, *fix; /* NULL: as below */
} variants[] = {
    {AUTH_RULE_HEADER_ALG, AUTH_SWITCH_ALGORITHMS, AUTH_ALGORITHMS_SMART, "RS384 or ES384", NULL},
    {AUTH_RULE_HEADER_ALG, AUTH_SWITCH_ALGORITHMS, AUTH_ALGORITHMS_ALL, "RS256, RS384, RS512, ES256 or ES384", NULL},
    {AUTH_RULE_HEADER_TYP, AUTH_SWITCH_RFC7523BIS, AUTH_RFC7523BIS_REQUIRE, "typ is client-authentication+jwt",
     "set typ to client-authentication+jwt"},
    {AUTH_RULE_AUD_VALUE, AUTH_SWITCH_RFC7523BIS, AUTH_RFC7523BIS_REQUIRE, "{issuer}", "set aud to the issuer"},
    {AUTH_RULE_HEADER_TYP, AUTH_SWITCH_TYP, AUTH_REQUIRED, "typ is JWT", "set typ to JWT"},
    {AUTH_RULE_HEADER_KID, AUTH_SWITCH_KID, AUTH_REQUIRED, "kid is a non-empty string", NULL},
    {AUTH_RULE_KEY_SOURCE, AUTH_SWITCH_STATIC_KEYS, AUTH_STATIC_KEYS_REFUSE,
     "the app has a JWK Set URL, and a key of it can be used", "make the JWK Set URL serve a JWK Set without a login"},
    {AUTH_RULE_KEY_FOUND, AUTH_SWITCH_KEY_CHOICE, AUTH_KEY_CHOICE_EXACT, "exactly one registered key fits alg and kid",
     NULL},
    {AUTH_RULE_JTI_TYPE, AUTH_SWITCH_JTI_CHARSET, AUTH_JTI_CHARSET_VISIBLE,
     "jti is a string of visible ASCII characters, and not empty", NULL},
    {AUTH_RULE_JTI_TYPE, AUTH_SWITCH_JTI_CHARSET, AUTH_JTI_CHARSET_UNRESERVED,
     "jti is a string of A-Z a-z 0-9 - . _ ~, and not empty", NULL},
    {AUTH_RULE_JTI_REPLAY, AUTH_SWITCH_JTI_SCOPE, AUTH_REPLAY_SCOPE_GLOBAL, "this jti was not used before by anybody",
     NULL},
    {AUTH_RULE_SCOPE_VALUE, AUTH_SWITCH_SCOPE, AUTH_SCOPE_EFFECT_NARROW,
     "scope, where one is sent, names what the app may be granted",
     "send scope with system/ scopes that the app is registered for, or none"},
};

/* The same for all profiles, in numbers and names of this request. */
static const struct {
    const char *expected, *fix;
} templates[AUTH_RULE_COUNT] = {
    [AUTH_RULE_ISS_VALUE] = {"{client}", NULL},
    [AUTH_RULE_SUB_VALUE] = {"{client}", NULL},
    [AUTH_RULE_AUD_VALUE] = {"{aud}", NULL},
    [AUTH_RULE_EXP_FUTURE] =
        {"later than {now}", "set exp to the present time plus at most {advised} s, in UTC, when you send the request"},
    [AUTH_RULE_EXP_WINDOW] =
        {"at most {lifetime} s ahead of {now}",
         "set exp to the present time plus at most {advised} s, which leaves room for clock drift"},
    [AUTH_RULE_NBF_PAST] = {"at most {skew} s ahead of {now}", NULL},
    [AUTH_RULE_IAT_PAST] = {"at most {skew} s ahead of {now}", NULL},
    [AUTH_RULE_NBF_WINDOW] = {"at most {lifetime} s before exp, and not after it",
                              "keep exp - nbf at {lifetime} s or less"},
    [AUTH_RULE_IAT_WINDOW] = {"at most {lifetime} s before exp, and not after it",
                              "keep exp - iat at {lifetime} s or less"},
    [AUTH_RULE_JTI_LENGTH] = {"at most {jti_max} characters", "send at most {jti_max} characters; a UUID has 36"},
};

static const struct variant *variant_of(const struct auth_report *report, enum auth_rule rule)
{
    static const struct variant none;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        if (variants[i].rule == rule && report->profile->values[variants[i].by] == variants[i].value)
            return &variants[i];
    }
    return &none;
}

static void show_kept(const struct auth_report *report, uint16_t at, uint16_t n, const char *otherwise,
                      struct auth_buf *out)
{
    if (n)
        auth_text_escape(out, auth_view_bytes(report->text + at, n), n);
    else
        auth_buf_add_string(out, otherwise);
}

/* Four fifths of what is allowed, as 240 s are of Epic's 300; never more than that. */
static int64_t advised_s(int64_t lifetime_s)
{
    int64_t advised = lifetime_s - lifetime_s / 5;
    return advised < 240 ? advised : 240;
}

/* Epic's issuer is its token URL without the last segment (E). */
static uint16_t issuer_n(const struct auth_report *report)
{
    struct auth_view url = auth_view_bytes(report->text + report->audience_at, report->audience_n);
    return (uint16_t)auth_rules_issuer_of(url).n;
}

static void show_zone(int32_t minutes, struct auth_buf *out)
{
    if (minutes % 60)
        auth_buf_addf(out, "%d:%02d hours", (int)minutes / 60, (int)minutes % 60);
    else
        auth_buf_add_string(out, "whole hours");
}

static void show_placeholder(const struct auth_report *report, struct auth_view name, const char *demands,
                             struct auth_buf *out)
{
    const int64_t *values = report->profile->values;
    if (auth_view_equals(name, "client"))
        show_kept(report, report->client_id_at, report->client_id_n, demands, out);
    else if (auth_view_equals(name, "aud"))
        show_kept(report, report->audience_at, report->audience_n, demands, out);
    else if (auth_view_equals(name, "now"))
        auth_buf_add_int(out, report->now_s);
    else if (auth_view_equals(name, "lifetime"))
        auth_buf_add_int(out, values[AUTH_SWITCH_MAX_LIFETIME_S]);
    else if (auth_view_equals(name, "advised"))
        auth_buf_add_int(out, advised_s(values[AUTH_SWITCH_MAX_LIFETIME_S]));
    else if (auth_view_equals(name, "clock"))
        auth_buf_addf(out, "%lld s %s", (long long)llabs(report->clock_ahead_s),
                      report->clock_ahead_s > 0 ? "ahead of" : "behind");
    else if (auth_view_equals(name, "origin"))
        show_kept(report, report->origin_at, report->origin_n, demands, out);
    else if (auth_view_equals(name, "issuer"))
        show_kept(report, report->audience_at, issuer_n(report), demands, out);
    else if (auth_view_equals(name, "since"))
        auth_buf_add_int(out, report->now_s - report->accepted_s);
    else if (auth_view_equals(name, "zone"))
        show_zone(report->zone_s / 60, out);
    else if (auth_view_equals(name, "skew"))
        auth_buf_add_int(out, values[AUTH_SWITCH_SKEW_S]);
    else
        auth_buf_add_int(out, values[AUTH_SWITCH_JTI_MAX]);
}

static void fill_in(const struct auth_report *report, const char *text, const char *demands, struct auth_buf *out)
{
    struct auth_view rest = auth_view_from_string(text);
    while (rest.n) {
        auth_buf_add_view(out, auth_view_split(&rest, '{'));
        if (rest.n)
            show_placeholder(report, auth_view_split(&rest, '}'), demands, out);
    }
}

void auth_rules_expected(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    const char *demands = auth_rules_info(rule)->demands, *chosen = variant_of(report, rule)->expected;
    const char *otherwise = templates[rule].expected ? templates[rule].expected : demands;
    fill_in(report, chosen ? chosen : otherwise, demands, out);
}

static void show_fix(const struct auth_report *report, enum auth_rule rule, uint8_t cause, struct auth_buf *out)
{
    const char *chosen = variant_of(report, rule)->fix;
    const char *otherwise = templates[rule].fix ? templates[rule].fix : auth_rules_info(rule)->fix;
    fill_in(report, causes[cause].fix[0] ? causes[cause].fix : chosen ? chosen : otherwise, otherwise, out);
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
        auth_text_escape(out, text, text.n);
        break;
    case AUTH_SHAPE_QUOTED:
        auth_buf_add_char(out, '"');
        auth_text_escape(out, text, text.n);
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
        fill_in(report, what, what, out);
    }
}

void auth_rules_fix(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    const struct auth_verdict *verdict = &report->verdicts[rule];
    show_fix(report, rule, verdict->causes[0], out);
    for (int i = 1; i < AUTH_CAUSES_MAX && verdict->causes[i] != AUTH_CAUSE_NONE; i++) {
        auth_buf_add_string(out, "; or else ");
        show_fix(report, rule, verdict->causes[i], out);
    }
}

/* ---- JSON and lines ---- */

static void write_text(const struct auth_report *report, enum auth_rule rule, const char *key,
                       void (*show)(const struct auth_report *, enum auth_rule, struct auth_buf *),
                       struct auth_json_writer *w)
{
    struct auth_buf text;
    auth_buf_init(&text, 16 * 1024);
    show(report, rule, &text);
    auth_json_write_member_buf(w, key, &text);
    auth_buf_clear(&text);
}

/* The likeliest by both its ids, null where the rule alone says it all; then all of them. */
static void write_causes(const struct auth_verdict *verdict, struct auth_json_writer *w)
{
    const struct auth_cause_info *likeliest = verdict->causes[0] ? &causes[verdict->causes[0]] : NULL;
    auth_json_write_member_text(w, "cause", likeliest ? likeliest->id : NULL);
    auth_json_write_member_text(w, "cause_old", likeliest ? likeliest->name : NULL);
    auth_json_write_key(w, "causes");
    auth_json_write_array(w);
    for (int i = 0; i < AUTH_CAUSES_MAX && verdict->causes[i] != AUTH_CAUSE_NONE; i++)
        auth_json_write_string(w, auth_view_from_string(causes[verdict->causes[i]].id));
    auth_json_write_end_array(w);
}

void auth_rules_write_verdict(const struct auth_report *report, enum auth_rule rule, struct auth_json_writer *w)
{
    const struct auth_rule_info *info = auth_rules_info(rule);
    const struct auth_verdict *verdict = &report->verdicts[rule];
    auth_json_write_object(w);
    auth_json_write_member_text(w, "rule", info->id);
    auth_json_write_member_text(w, "claim", info->claim);
    auth_json_write_member_text(w, "result", auth_rules_result_text((enum auth_result)verdict->result));
    write_text(report, rule, "expected", auth_rules_expected, w);
    write_text(report, rule, "actual", auth_rules_actual, w);
    if (verdict->result == AUTH_BLOCKED)
        auth_json_write_member_text(w, "blocked_by", auth_rules_info((enum auth_rule)verdict->blocked_by)->id);
    if (verdict->result == AUTH_FAIL || verdict->result == AUTH_WARN) {
        write_causes(verdict, w);
        write_text(report, rule, "fix", auth_rules_fix, w);
    }
    auth_json_write_member_text(w, "source", info->source);
    auth_json_write_end_object(w);
}

void auth_rules_write(const struct auth_report *report, struct auth_json_writer *w)
{
    auth_json_write_array(w);
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        auth_rules_write_verdict(report, (enum auth_rule)i, w);
    auth_json_write_end_array(w);
}

void auth_rules_summary(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out)
{
    auth_buf_addf(out, "%s: ", auth_rules_info(rule)->id);
    size_t before = out->n;
    auth_rules_actual(report, rule, out);
    auth_buf_add_string(out, out->n > before ? ", expected " : "expected ");
    auth_rules_expected(report, rule, out);
}
