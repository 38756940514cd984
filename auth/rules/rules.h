/* THE JUDGE. Takes a token request apart into verdicts: one per rule of auth/rules/rule_list.h, all in one pass.
 *
 * Accepted means verified: auth_rules_outcome() accepts only what nothing failed and whose signature passed, or whose user
 * switched that very rule. A rule that is switched off or to warn is judged all the same and its failure then waived; what
 * later rules need of it is there or is not, and a rule that lacks what it needs fails by itself, whatever made it missing.
 *
 * Pure: same input, same report. Time, keys and URLs are arguments; there is no I/O, no store and no clock here, and
 * nothing of the maker (auth/client) is used, so that the two cannot share a mistake. The one rule that needs memory,
 * jti.replay, is left open by auth_rules_check() and closed by auth_rules_set_replay().
 * A report is a fixed-size value (about 3 KiB) that can be copied with =; its texts are only worked out when somebody
 * reads them (auth_rules_expected() and the like), because most reports are never read.
 * Read next: auth/rules/profile.h, then check_form.c, check_header.c, check_key.c, check_claims.c,
 * check_times.c. */
#ifndef AUTH_RULES_RULES_H
#define AUTH_RULES_RULES_H

#include "auth/core/form.h"
#include "auth/jose/jwk_set.h"
#include "auth/rules/cause_list.h"
#include "auth/rules/jwt.h"
#include "auth/rules/profile.h"
#include "auth/rules/scope.h"

/* ---- what goes in (everything borrowed for the length of the call) ---- */

/* The HTTP side of a token request. Leave it out to judge a bare JWT: then the form.* rules and scope.value skip. */
struct auth_request_facts {
    struct auth_view method;
    struct auth_view query; /* bytes after '?', without it */
    struct auth_view content_type;
    struct auth_view authorization; /* header value; empty when absent */
    struct auth_view
        authority;        /* Host: how the client calls this server; empty where nobody serves (a captured request) */
    struct auth_view url; /* of a captured request: what it was posted to, where that need not be audiences[0] */
    const struct auth_form *form; /* the parsed body; may hold nothing when form_rc failed */
    enum auth_rc form_rc;         /* what auth_form_parse() answered */
    struct auth_view form_detail; /* its err.detail */
};

enum auth_key_source { AUTH_KEYS_NONE, AUTH_KEYS_CERT, AUTH_KEYS_JWKS, AUTH_KEYS_JWKS_URL };

/* What the server knows about the app that iss (or else sub) names. */
struct auth_client_facts {
    bool is_known; /* false: no such app; all but near_id is then ignored */
    struct auth_view client_id;
    struct auth_view
        near_id;           /* of an unknown app: the registered id that is meant, by auth_rules_plain_id(); or empty */
    int64_t usable_from_s; /* registration time plus propagation; usable when <= now */
    bool is_production;    /* which of the two ids of an app this is */
    bool has_background_user;
    enum auth_key_source key_source;
    struct auth_view jwks_url;                /* with AUTH_KEYS_JWKS_URL */
    const struct auth_jwk_set *keys;          /* NULL or empty: no usable key; `key_problem` says why */
    struct auth_view key_problem;             /* e.g. why the JWK Set could not be fetched */
    const struct auth_jwk_set *previous_keys; /* of a JWK Set URL: what it served before its keys changed; or NULL */
    const struct auth_scope *scopes;          /* what the app may be granted, sorted by text */
    size_t scope_count;
};

struct auth_rules_input {
    const struct auth_profile *profile; /* must outlive the report */
    int64_t now_s;
    /* Where now_s is not the time that senders live in: by how much it is ahead of that, and what to say of it before
     * anybody's clock is blamed: AUTH_CAUSE_CLOCK_MOVED of a server whose clock was moved, AUTH_CAUSE_CLOCK_CHOSEN of a
     * time that somebody asked to judge by. AUTH_CAUSE_NONE: it is real time. */
    int64_t clock_ahead_s;
    enum auth_cause clock_cause;
    bool server_is_production;
    const struct auth_request_facts *request; /* NULL: bare JWT */
    const struct auth_jwt *jwt;
    const struct auth_client_facts *client; /* never NULL: an app that nobody knows has is_known false */
    const struct auth_view *audiences; /* [0] is the token URL as people should write it; the rest is the allow-list */
    size_t audience_count;             /* 0: aud is only checked for its shape */
};

/* ---- what comes out ---- */

enum auth_result { AUTH_SKIP, AUTH_PASS, AUTH_WARN, AUTH_FAIL, AUTH_BLOCKED };

struct auth_verdict {
    uint8_t result;     /* enum auth_result */
    uint8_t blocked_by; /* enum auth_rule, when AUTH_BLOCKED: it failed; or of which the result is missing */
    uint8_t causes[AUTH_CAUSES_MAX]; /* enum auth_cause of cause_list.h: why exactly, the likeliest first; the rest 0 */
    uint8_t error;                   /* enum auth_oauth_error, when AUTH_FAIL */
    uint8_t shape;                   /* how `number` and the text are to be shown (private to auth/rules) */
    bool is_waived;                  /* it failed, and its mode (off, warn) lets that pass */
    uint16_t text_at, text_n;        /* into auth_report.text */
    int64_t number;
};

enum { AUTH_REPORT_TEXT_N = 1280, AUTH_REPORT_VALUE_N = 200 };

struct auth_report {
    const struct auth_profile *profile;
    int64_t now_s, clock_ahead_s;
    struct auth_verdict verdicts[AUTH_RULE_COUNT];
    uint16_t client_id_at, client_id_n; /* into text, as the next pair */
    uint16_t audience_at, audience_n;
    uint16_t text_used;
    uint16_t origin_at, origin_n;
    int64_t accepted_s;            /* when the same JWT was accepted before, where the verdict says that it was */
    int32_t zone_s;                /* how far the times are off, where that is a time zone's offset */
    bool is_replay_open;           /* jti.replay waits for auth_rules_set_replay() */
    char text[AUTH_REPORT_TEXT_N]; /* copies of untrusted values, each cut to AUTH_REPORT_VALUE_N bytes */
};

/* Judge. Allocates only inside the signature check.
 * rc  AUTH_OK (whatever the verdicts); AUTH_E_NOMEM, AUTH_E_CRYPTO: nothing was judged, refuse with a 5xx */
AUTH_MUST_CHECK enum auth_rc auth_rules_check(const struct auth_rules_input *input, struct auth_report *report);

/* What follows from all verdicts together. A refusal always has a rule, and that rule an error. */
struct auth_outcome {
    bool is_accepted;
    enum auth_rule because;      /* refused: the first rule in table order that failed; AUTH_RULE_NONE when accepted */
    enum auth_oauth_error error; /* refused: never AUTH_OAUTH_NONE */
};
/* An open jti.replay counts as passed: who issues a token closes it first. */
struct auth_outcome auth_rules_outcome(const struct auth_report *report);
/* What a client id is without what comes to it on its way: white space, quotation marks, braces, urn:uuid:, invisible
 * characters; in small letters. Two ids with one plain form are meant to be the same. */
void auth_rules_plain_id(struct auth_view id, struct auth_buf *out);
/* Did this rule fail, whether that counts or was waived? */
bool auth_rules_has_failed(const struct auth_report *report, enum auth_rule rule);
/* Close jti.replay, where report->is_replay_open; nothing happens elsewhere. auth_rules_check() leaves it open (AUTH_SKIP)
 * when nothing failed, there is a jti, and the profile has the rule. */
void auth_rules_set_replay(struct auth_report *report, bool was_seen, int64_t seen_until_s);
/* Nothing but its age is wrong with this JWT, as far as it was judged: then it is worth a look whether it was accepted before. */
bool auth_rules_is_only_old(const struct auth_report *report);
/* It was: this very server issued a token for it at that time. */
void auth_rules_set_accepted_before(struct auth_report *report, int64_t accepted_s);
size_t auth_rules_count(const struct auth_report *report, enum auth_result result);
const char *auth_rules_error_text(enum auth_oauth_error error); /* "invalid_client"; static */

/* ---- texts, worked out on demand; untrusted bytes in them are made safe for a terminal ---- */

const char *auth_rules_result_text(enum auth_result result); /* "pass" ... static */
void auth_rules_expected(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out);
/* The value, then its causes: "1790003600 (3600 s ahead): a longer lifetime than is allowed; or else off by ...". */
void auth_rules_actual(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out);
/* What to do about each cause, in the same order. */
void auth_rules_fix(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out);
/* One verdict as a JSON object: rule, claim, result, expected, actual, cause, cause_old, causes, fix, source
 * (cause to fix only for fail and warn; blocked_by for blocked). */
void auth_rules_write_verdict(const struct auth_report *report, enum auth_rule rule, struct auth_json_writer *w);
/* All verdicts as an array. */
void auth_rules_write(const struct auth_report *report, struct auth_json_writer *w);
/* One line for a log or error_description: "exp.window: 1790003600 (3600 s ahead), expected at most 300 s ahead". */
void auth_rules_summary(const struct auth_report *report, enum auth_rule rule, struct auth_buf *out);

/* One row of the cause table; all pointers static. */
struct auth_cause_info {
    const char *name; /* "CLOCK_AHEAD": its id in JSON until it got the next one */
    const char *id;   /* "clock.ahead" */
    const char *what;
    const char *fix; /* empty: the rule's */
};
const struct auth_cause_info *auth_rules_cause(enum auth_cause cause);

#endif
