/* Inside auth/rules only: what a check sees and how it gives its verdict.
 *
 * A check looks at j->in, notes the actual value with one of auth_judge_text/number/time/absent, and calls exactly one of
 * pass, warn, fail or skip; one that says nothing has failed. Nothing is formatted here; the texts are worked out when
 * somebody reads them.
 * Checks know nothing of modes. A check runs only when what it needs is there (rule_list.h, auth_judge_lacks()); what later
 * rules need of it is there when it passed, or when it says so although it failed (auth_judge_yield()). */
#ifndef AUTH_RULES_JUDGE_H
#define AUTH_RULES_JUDGE_H

#include "auth/rules/rules.h"

enum auth_judge_shape {
    AUTH_SHAPE_NONE,
    AUTH_SHAPE_TEXT,
    AUTH_SHAPE_QUOTED,
    AUTH_SHAPE_NUMBER,
    AUTH_SHAPE_TIME,
    AUTH_SHAPE_ABSENT,
    AUTH_SHAPE_LACKS /* not judged: the result of blocked_by is missing */
};

enum { AUTH_JUDGE_KEYS_MAX = 8 }; /* candidate keys tried per assertion: each costs a signature check */

struct auth_judge {
    const struct auth_rules_input *in;
    struct auth_report *report;
    enum auth_rule rule;                              /* the one being judged */
    struct auth_verdict *verdict;                     /* its verdict */
    enum auth_rc rc;                                  /* an internal error; ends the judging */
    enum auth_alg alg;                                /* set by header.alg */
    const struct auth_jwk_set *set;                   /* set by key.source: at least one usable key */
    const struct auth_key *keys[AUTH_JUDGE_KEYS_MAX]; /* set by key.found */
    size_t key_count;
    bool yields[AUTH_RULE_COUNT];  /* what later rules need of this one is there */
    uint8_t root[AUTH_RULE_COUNT]; /* the failed rule for which this one was not judged; AUTH_RULE_NONE */
};

typedef void auth_judge_check(struct auth_judge *j);

#define X(name, ...) auth_judge_check auth_check_##name;
AUTH_RULE_LIST(X)
#undef X

/* The actual value; text is copied, at most 200 bytes of it. */
void auth_judge_text(struct auth_judge *j, struct auth_view text);   /* shown as it is */
void auth_judge_quoted(struct auth_judge *j, struct auth_view text); /* shown in quotation marks */
void auth_judge_number(struct auth_judge *j, int64_t number);
void auth_judge_time(struct auth_judge *j, int64_t epoch_s); /* shown with its distance from now */
void auth_judge_absent(struct auth_judge *j);
/* The value of a JSON node as its type allows: string, integer, or the name of its type. */
void auth_judge_node(struct auth_judge *j, const struct auth_json_node *node);

void auth_judge_pass(struct auth_judge *j);
void auth_judge_skip(struct auth_judge *j);
void auth_judge_warn(struct auth_judge *j, enum auth_cause cause);
void auth_judge_fail(struct auth_judge *j, enum auth_cause cause);
void auth_judge_fail_as(struct auth_judge *j, enum auth_cause cause, enum auth_oauth_error error);
/* Not judged, because `by` failed. */
void auth_judge_block(struct auth_judge *j, enum auth_rule by);
/* The rule may fail, but what later rules need of it is there all the same. */
void auth_judge_yield(struct auth_judge *j);
/* Is what this rule needs of `need` missing? Then the verdict is given: blocked when that failed, else a failure. */
bool auth_judge_lacks(struct auth_judge *j, enum auth_rule need);
/* What {origin} stands for in a cause's text. */
void auth_judge_origin(struct auth_judge *j, struct auth_view origin);
/* After fail or warn: the next likely cause; at most AUTH_CAUSES_MAX in all. */
void auth_judge_or(struct auth_judge *j, enum auth_cause cause);

/* Fail KEY_FOUND, SIGNATURE: find out why, which only a failed rule pays for (explain_key.c). */
void auth_judge_explain_kid(struct auth_judge *j, struct auth_view kid);
void auth_judge_explain_signature(struct auth_judge *j, const struct auth_err *err);

/* Fail CLIENT_KNOWN: why iss, or sub when it is that one, is not the registered id that is meant. */
void auth_judge_near_id(struct auth_judge *j, struct auth_view near_id);
/* Fail, because the claim of this rule is not in the payload; it may be there by another name, or one level down. */
void auth_judge_fail_absent(struct auth_judge *j);
/* Is typ that of RFC 7523bis? */
bool auth_judge_has_bis_type(const struct auth_judge *j);
/* The issuer of the server with that token URL, at Epic: all but the last segment (E); the empty view when it has no such. */
struct auth_view auth_rules_issuer_of(struct auth_view token_url);

int64_t auth_judge_switch(const struct auth_judge *j, enum auth_switch which);

#endif
