#include "auth/rules/rules.h"

#include <stddef.h>
#include <string.h>

#include "auth/rules/example_list.h"
#include "auth/rules/judge.h"

/* ---- the table ---- */

#define X(name, id, claim, error, need_a, need_b, demands, fix, source)                                                \
    {id, claim, AUTH_OAUTH_##error, {AUTH_RULE_##need_a, AUTH_RULE_##need_b}, demands, fix, source},
static const struct auth_rule_info infos[AUTH_RULE_COUNT] = {AUTH_RULE_LIST(X)};
#undef X

#define X(name, ...) auth_check_##name,
static auth_judge_check *const checks[AUTH_RULE_COUNT] = {AUTH_RULE_LIST(X)};
#undef X

const struct auth_rule_info *auth_rules_info(enum auth_rule rule)
{
    return &infos[rule];
}

#define X(name, accepted, rejected, accepted_file, rejected_file)                                                      \
    [AUTH_RULE_##name] = {accepted, rejected, accepted_file, rejected_file},
static const struct auth_rule_example examples[AUTH_RULE_COUNT] = {AUTH_EXAMPLE_LIST(X)};
#undef X

const struct auth_rule_example *auth_rules_example(enum auth_rule rule)
{
    return &examples[rule];
}

enum auth_rule auth_rules_find(struct auth_view id)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (auth_view_is(id, infos[i].id))
            return (enum auth_rule)i;
    }
    return AUTH_RULE_NONE;
}

/* ---- what checks say ---- */

enum { TEXT_MAX = 200 };

static uint16_t keep(struct auth_report *report, struct auth_view text, uint16_t *n)
{
    size_t room = AUTH_REPORT_TEXT_N - report->text_used;
    size_t want = text.n < TEXT_MAX ? text.n : TEXT_MAX;
    uint16_t at = report->text_used;
    *n = (uint16_t)(want < room ? want : room);
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
        auth_judge_text(j, auth_view_of(auth_json_type_text(type)));
}

void auth_judge_pass(struct auth_judge *j)
{
    j->verdict->result = AUTH_PASS;
}

void auth_judge_skip(struct auth_judge *j)
{
    j->verdict->result = AUTH_SKIP;
}

void auth_judge_warn(struct auth_judge *j, enum auth_cause cause)
{
    j->verdict->result = AUTH_WARN;
    j->verdict->causes[0] = (uint8_t)cause;
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

void auth_judge_fail(struct auth_judge *j, enum auth_cause cause)
{
    auth_judge_fail_as(j, cause, infos[j->verdict - j->report->verdicts].error);
}

void auth_judge_block(struct auth_judge *j, enum auth_rule by)
{
    j->verdict->result = AUTH_BLOCKED;
    j->verdict->blocked_by = (uint8_t)by;
}

int64_t auth_judge_switch(const struct auth_judge *j, enum auth_switch which)
{
    return j->in->profile->values[which];
}

/* ---- judging ---- */

/* The failed rule that a rule waits for, following blocked ones to their root; AUTH_RULE_NONE when it may be judged. */
static enum auth_rule blocker(const struct auth_report *report, enum auth_rule need)
{
    if (need == AUTH_RULE_NONE)
        return AUTH_RULE_NONE;
    const struct auth_verdict *verdict = &report->verdicts[need];
    if (verdict->result == AUTH_FAIL)
        return need;
    return verdict->result == AUTH_BLOCKED ? (enum auth_rule)verdict->blocked_by : AUTH_RULE_NONE;
}

static void judge_rule(struct auth_judge *j, enum auth_rule rule)
{
    enum auth_rule_mode mode = j->in->profile->modes[rule];
    j->verdict = &j->report->verdicts[rule];
    if (mode == AUTH_MODE_OFF) {
        auth_judge_skip(j);
        return;
    }
    for (int i = 0; i < 2; i++) {
        enum auth_rule by = blocker(j->report, infos[rule].needs[i]);
        if (by != AUTH_RULE_NONE) {
            auth_judge_block(j, by);
            return;
        }
    }
    checks[rule](j);
    if (mode == AUTH_MODE_WARN && j->verdict->result == AUTH_FAIL) {
        j->verdict->result = AUTH_WARN;
        j->verdict->error = AUTH_OAUTH_NONE;
    }
}

/* Some rules wait for a later one (header.jku for client.known), so those are judged in a second round. */
static bool waits_for_later(enum auth_rule rule)
{
    for (int i = 0; i < 2; i++) {
        enum auth_rule need = infos[rule].needs[i];
        if (need != AUTH_RULE_NONE && need > rule)
            return true;
    }
    return false;
}

/* jti.replay needs the store, which only the caller has: open when all else passed, blocked otherwise. */
static void leave_replay_open(struct auth_judge *j)
{
    enum auth_rule failed = auth_rules_failed(j->report);
    j->verdict = &j->report->verdicts[AUTH_RULE_JTI_REPLAY];
    if (j->verdict->result == AUTH_BLOCKED)
        return;
    if (failed == AUTH_RULE_NONE)
        auth_judge_skip(j);
    else
        auth_judge_block(j, failed);
}

enum auth_rc auth_rules_check(const struct auth_rules_input *input, struct auth_report *report)
{
    struct auth_judge judge = {.in = input, .report = report, .alg = AUTH_ALG_COUNT};
    memset(report, 0, offsetof(struct auth_report, text));
    report->profile = input->profile;
    report->now_s = input->now_s;
    if (input->client && input->client->is_known)
        report->client_id_at = keep(report, input->client->client_id, &report->client_id_n);
    if (input->audience_count)
        report->audience_at = keep(report, input->audiences[0], &report->audience_n);
    for (int round = 0; round < 2; round++) {
        for (int rule = 0; rule < AUTH_RULE_COUNT && judge.rc == AUTH_OK; rule++) { // GCOVR_EXCL_BR_LINE: out of memory
            if (waits_for_later((enum auth_rule)rule) == (round == 1))
                judge_rule(&judge, (enum auth_rule)rule);
        }
    }
    leave_replay_open(&judge);
    return judge.rc;
}

enum auth_rule auth_rules_failed(const struct auth_report *report)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (report->verdicts[i].result == AUTH_FAIL)
            return (enum auth_rule)i;
    }
    return AUTH_RULE_NONE;
}

void auth_rules_set_replay(struct auth_report *report, bool was_seen, int64_t seen_until_s)
{
    struct auth_verdict *verdict = &report->verdicts[AUTH_RULE_JTI_REPLAY];
    *verdict = (struct auth_verdict){.result = AUTH_PASS};
    if (!was_seen)
        return;
    verdict->result = report->profile->modes[AUTH_RULE_JTI_REPLAY] == AUTH_MODE_WARN ? AUTH_WARN : AUTH_FAIL;
    verdict->causes[0] = AUTH_CAUSE_REPLAYED;
    verdict->error = verdict->result == AUTH_FAIL ? AUTH_OAUTH_INVALID_CLIENT : AUTH_OAUTH_NONE;
    verdict->shape = AUTH_SHAPE_TIME;
    verdict->number = seen_until_s;
}

size_t auth_rules_count(const struct auth_report *report, enum auth_result result)
{
    size_t count = 0;
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        count += report->verdicts[i].result == result;
    return count;
}

enum auth_oauth_error auth_rules_error(const struct auth_report *report)
{
    enum auth_rule failed = auth_rules_failed(report);
    return failed == AUTH_RULE_NONE ? AUTH_OAUTH_NONE : (enum auth_oauth_error)report->verdicts[failed].error;
}
