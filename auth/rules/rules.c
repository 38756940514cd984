/* The rule table at work: every rule judged once, in order; modes applied; what follows from all verdicts together. */
#include "auth/rules/rules.h"

#include <stddef.h>
#include <string.h>

#include "auth/rules/judge.h"

/* ---- the table ---- */

#define X(name, ...) auth_check_##name,
static auth_judge_check *const checks[AUTH_RULE_COUNT] = {AUTH_RULE_LIST(X)};
#undef X

/* ---- what checks say ---- */

static uint16_t keep(struct auth_report *report, struct auth_view text, uint16_t *n)
{
    size_t left_n = AUTH_REPORT_TEXT_N - report->text_used;
    size_t want = text.n < AUTH_REPORT_VALUE_N ? text.n : AUTH_REPORT_VALUE_N;
    uint16_t at = report->text_used;
    *n = (uint16_t)(want < left_n ? want : left_n);
    if (*n)
        memcpy(report->text + at, text.p, *n);
    report->text_used = (uint16_t)(at + *n);
    return at;
}

static void note_text(struct auth_judge *j, struct auth_view text, enum auth_judge_shape shape)
{
    j->verdict->shape = (uint8_t)shape;
    j->verdict->text_at = keep(j->report, text, &j->verdict->text_n);
}

void auth_judge_text(struct auth_judge *j, struct auth_view text)
{
    note_text(j, text, AUTH_SHAPE_TEXT);
}

void auth_judge_quoted(struct auth_judge *j, struct auth_view text)
{
    note_text(j, text, AUTH_SHAPE_QUOTED);
}

void auth_judge_number(struct auth_judge *j, int64_t number)
{
    j->verdict->shape = AUTH_SHAPE_NUMBER;
    j->verdict->number = number;
}

void auth_judge_time(struct auth_judge *j, int64_t epoch_s)
{
    j->verdict->shape = AUTH_SHAPE_TIME;
    j->verdict->number = epoch_s;
}

void auth_judge_absent(struct auth_judge *j)
{
    j->verdict->shape = AUTH_SHAPE_ABSENT;
}

void auth_judge_node(struct auth_judge *j, const struct auth_json_node *node)
{
    int64_t number;
    enum auth_json_type type = auth_json_type(node);
    if (type == AUTH_JSON_NONE)
        auth_judge_absent(j);
    else if (type == AUTH_JSON_STRING)
        auth_judge_quoted(j, auth_json_string(node));
    else if (auth_json_int(node, &number))
        auth_judge_number(j, number);
    else
        auth_judge_text(j, auth_view_from_string(auth_json_type_text(type)));
}

/* ---- verdicts ---- */

void auth_judge_yield(struct auth_judge *j)
{
    j->yields[j->rule] = true;
}

void auth_judge_pass(struct auth_judge *j)
{
    j->verdict->result = AUTH_PASS;
    auth_judge_yield(j);
}

void auth_judge_skip(struct auth_judge *j)
{
    j->verdict->result = AUTH_SKIP;
    auth_judge_yield(j);
}

void auth_judge_warn(struct auth_judge *j, enum auth_cause cause)
{
    j->verdict->result = AUTH_WARN;
    j->verdict->causes[0] = (uint8_t)cause;
    auth_judge_yield(j);
}

void auth_judge_fail_as(struct auth_judge *j, enum auth_cause cause, enum auth_oauth_error error)
{
    j->verdict->result = AUTH_FAIL;
    j->verdict->causes[0] = (uint8_t)cause;
    j->verdict->error = (uint8_t)error;
}

void auth_judge_or(struct auth_judge *j, enum auth_cause cause)
{
    int i = 1;
    while (i < AUTH_CAUSES_MAX - 1 && j->verdict->causes[i] != AUTH_CAUSE_NONE)
        i++;
    j->verdict->causes[i] = (uint8_t)cause;
}

void auth_judge_origin(struct auth_judge *j, struct auth_view origin)
{
    j->report->origin_at = keep(j->report, origin, &j->report->origin_n);
}

void auth_judge_fail(struct auth_judge *j, enum auth_cause cause)
{
    auth_judge_fail_as(j, cause, auth_rules_info(j->rule)->error);
}

void auth_judge_block(struct auth_judge *j, enum auth_rule by)
{
    j->verdict->result = AUTH_BLOCKED;
    j->verdict->blocked_by = (uint8_t)by;
    j->root[j->rule] = (uint8_t)by;
}

bool auth_judge_lacks(struct auth_judge *j, enum auth_rule need)
{
    if (j->report->verdicts[need].result == AUTH_FAIL) {
        auth_judge_block(j, need);
    } else if (j->root[need] != AUTH_RULE_NONE) {
        auth_judge_block(j, (enum auth_rule)j->root[need]);
    } else if (!j->yields[need]) { /* a switch let it pass, which does not bring what this rule needs */
        j->verdict->shape = AUTH_SHAPE_LACKS;
        j->verdict->blocked_by = (uint8_t)need;
        auth_judge_fail(j, AUTH_CAUSE_RESULT_MISSING);
    } else {
        return false;
    }
    return true;
}

int64_t auth_judge_switch(const struct auth_judge *j, enum auth_switch which)
{
    return j->in->profile->values[which];
}

/* ---- judging ---- */

/* THE ONE PLACE where a mode changes what a check said. An app that is not there cannot be waived: a token is issued to one. */
static void apply_mode(struct auth_report *report, enum auth_rule rule)
{
    struct auth_verdict *verdict = &report->verdicts[rule];
    enum auth_rule_mode mode = report->profile->modes[rule];
    bool has_failed = verdict->result == AUTH_FAIL;
    if (mode == AUTH_MODE_ON)
        return;
    if (has_failed && rule == AUTH_RULE_CLIENT_KNOWN) {
        verdict->causes[0] = AUTH_CAUSE_NO_APP;
        return;
    }
    if (mode == AUTH_MODE_OFF) {
        *verdict = (struct auth_verdict){.result = AUTH_SKIP};
    } else if (has_failed) {
        verdict->result = AUTH_WARN;
        verdict->error = AUTH_OAUTH_NONE;
    }
    verdict->is_waived = has_failed;
}

static bool lacks_a_need(struct auth_judge *j)
{
    for (int i = 0; i < 2; i++) {
        enum auth_rule need = auth_rules_info(j->rule)->needs[i];
        if (need != AUTH_RULE_NONE && auth_judge_lacks(j, need))
            return true;
    }
    return false;
}

static void judge_rule(struct auth_judge *j, enum auth_rule rule)
{
    uint16_t text_used = j->report->text_used;
    j->rule = rule;
    j->verdict = &j->report->verdicts[rule];
    auth_judge_fail(j, AUTH_CAUSE_NONE); /* until the check says otherwise */
    if (!lacks_a_need(j))
        checks[rule](j);
    apply_mode(j->report, rule);
    if (j->report->profile->modes[rule] == AUTH_MODE_OFF)
        j->report->text_used = text_used; /* nobody will read what was noted */
}

/* Rules are judged in table order, but for those that wait for a later one (header.jku for client.known): a second round. */
#define IS_LATER(need, name) (AUTH_RULE_##need > AUTH_RULE_##name && AUTH_RULE_##need < AUTH_RULE_COUNT)
#define X(name, id, claim, error, need_a, need_b, ...) IS_LATER(need_a, name) || IS_LATER(need_b, name),
static const bool waits_for_later[AUTH_RULE_COUNT] = {AUTH_RULE_LIST(X)};
#undef X
#undef IS_LATER

static enum auth_rule first_failed(const struct auth_report *report)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (report->verdicts[i].result == AUTH_FAIL)
            return (enum auth_rule)i;
    }
    return AUTH_RULE_NONE;
}

/* jti.replay needs the store, which only the caller has: it stays open, unless the request is refused anyway. */
void auth_check_JTI_REPLAY(struct auth_judge *j)
{
    enum auth_rule failed;
    j->verdict->result = AUTH_SKIP; /* its own failure is not to be found as the first */
    failed = first_failed(j->report);
    if (failed != AUTH_RULE_NONE)
        auth_judge_block(j, failed);
    else
        j->report->is_replay_open = j->in->profile->modes[AUTH_RULE_JTI_REPLAY] != AUTH_MODE_OFF;
}

enum auth_rc auth_rules_check(const struct auth_rules_input *input, struct auth_report *report)
{
    struct auth_judge judge = {.in = input, .report = report, .alg = AUTH_ALG_COUNT};
    memset(judge.root, AUTH_RULE_NONE, sizeof judge.root);
    memset(report, 0, offsetof(struct auth_report, text));
    report->profile = input->profile;
    report->now_s = input->now_s;
    report->clock_ahead_s = input->clock_ahead_s;
    if (input->client->is_known)
        report->client_id_at = keep(report, input->client->client_id, &report->client_id_n);
    if (input->audience_count)
        report->audience_at = keep(report, input->audiences[0], &report->audience_n);
    for (int round = 0; round < 2; round++) {
        for (int rule = 0; rule < AUTH_RULE_COUNT && judge.rc == AUTH_OK; rule++) { // GCOVR_EXCL_BR_LINE: out of memory
            if (waits_for_later[rule] == (round == 1) && rule != AUTH_RULE_JTI_REPLAY)
                judge_rule(&judge, (enum auth_rule)rule);
        }
    }
    if (judge.rc == AUTH_OK) // GCOVR_EXCL_BR_LINE: out of memory
        judge_rule(&judge, AUTH_RULE_JTI_REPLAY);
    return judge.rc;
}

/* ---- what follows ---- */

/* GCOVR_EXCL_BR_START: what no check leaves so is refused all the same, and so cannot be tested */
/* Was the signature verified, or did the user say of that very rule that it need not be? */
static bool is_proved(const struct auth_report *report)
{
    return report->verdicts[AUTH_RULE_SIGNATURE].result == AUTH_PASS ||
           report->profile->modes[AUTH_RULE_SIGNATURE] != AUTH_MODE_ON;
}

struct auth_outcome auth_rules_outcome(const struct auth_report *report)
{
    struct auth_outcome refused = {.because = first_failed(report)};
    if (refused.because == AUTH_RULE_NONE && is_proved(report))
        return (struct auth_outcome){.is_accepted = true, .because = AUTH_RULE_NONE};
    if (refused.because == AUTH_RULE_NONE)     /* no check may ever leave it so; whoever gets here has no token */
        refused.because = AUTH_RULE_SIGNATURE; // GCOVR_EXCL_LINE
    uint8_t error = report->verdicts[refused.because].error;
    refused.error = error ? (enum auth_oauth_error)error : auth_rules_info(refused.because)->error;
    return refused;
}
/* GCOVR_EXCL_BR_STOP */

bool auth_rules_has_failed(const struct auth_report *report, enum auth_rule rule)
{
    return report->verdicts[rule].result == AUTH_FAIL || report->verdicts[rule].is_waived;
}

void auth_rules_set_replay(struct auth_report *report, bool was_seen, int64_t seen_until_s)
{
    struct auth_verdict *verdict = &report->verdicts[AUTH_RULE_JTI_REPLAY];
    if (!report->is_replay_open)
        return;
    report->is_replay_open = false;
    *verdict = (struct auth_verdict){.result = AUTH_PASS};
    if (!was_seen)
        return;
    *verdict = (struct auth_verdict){
        .result = AUTH_FAIL,
        .error = (uint8_t)auth_rules_info(AUTH_RULE_JTI_REPLAY)->error,
        .causes = {AUTH_CAUSE_REPLAYED},
        .shape = AUTH_SHAPE_TIME,
        .number = seen_until_s,
    };
    apply_mode(report, AUTH_RULE_JTI_REPLAY);
}

bool auth_rules_is_only_old(const struct auth_report *report)
{
    return report->verdicts[AUTH_RULE_SIGNATURE].result == AUTH_PASS &&
           auth_rules_has_failed(report, AUTH_RULE_EXP_FUTURE);
}

void auth_rules_set_accepted_before(struct auth_report *report, int64_t accepted_s)
{
    struct auth_verdict *verdict = &report->verdicts[AUTH_RULE_EXP_FUTURE];
    report->accepted_s = accepted_s;
    memset(verdict->causes, AUTH_CAUSE_NONE, sizeof verdict->causes);
    verdict->causes[0] = AUTH_CAUSE_KEPT;
}

size_t auth_rules_count(const struct auth_report *report, enum auth_result result)
{
    size_t count = 0;
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        count += report->verdicts[i].result == result;
    return count;
}
