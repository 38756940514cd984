/* One expectation, and what it has seen. */
#ifndef MOCK_EPIC_EVIDENCE_EXPECTATION_H
#define MOCK_EPIC_EVIDENCE_EXPECTATION_H

#include "mock_epic/evidence/entry_match.h"

enum mock_expectation_kind {
    MOCK_EXPECT_COUNT,
    MOCK_EXPECT_ORDER,
    MOCK_EXPECT_FOLLOW,
    MOCK_EXPECT_PAUSE,
    MOCK_EXPECT_NEVER,
    MOCK_EXPECT_EACH
};

enum { MOCK_EXPECTATIONS_MAX = 200, MOCK_EXPECTATION_DISTINCT_MAX = 65536, MOCK_EVIDENCE_MAX = 16 };

struct mock_expectation {
    enum mock_expectation_kind kind;
    struct mock_entry_match match, then; /* then: of two, what follows */
    int64_t min, max;                    /* of a count; max INT64_MAX: no end */
    int64_t within_us;                   /* of an order; 0: whenever */
    int64_t pause_us;                    /* of a pause: at least, real time */
    bool is_same_url;                    /* of a follow: both are for one URL */
    int64_t after_step;                  /* what comes after that step of a scenario alone counts; 0: all */
    const struct auth_json_node *where;  /* of each */
    struct auth_view because, right;
    /* what has come */
    uint64_t seen; /* entries that fit */
    bool has_begun, has_ended, has_failed;
    int64_t begun_us;
    uint64_t begun_url;              /* its hash */
    uint64_t ids[MOCK_EVIDENCE_MAX]; /* of entries that show the result; the first ones */
    char *lines[MOCK_EVIDENCE_MAX];  /* the same entries, a line each, for people; NULL where there was no memory */
    size_t id_count;
    uint64_t *values; /* of `distinct`: their hashes */
    size_t value_count, value_size;
};

/* rc  AUTH_E_SYNTAX, AUTH_E_ARG with detail; the expectation is init by this call, and holds no memory yet */
AUTH_MUST_CHECK enum auth_rc mock_expectation_read(const struct auth_json_node *node,
                                                   struct mock_expectation *expectation, struct auth_err *err);
void mock_expectation_clear(struct mock_expectation *expectation);
void mock_expectation_see(struct mock_expectation *expectation, const struct mock_journal_entry *entry);

enum mock_expectation_result { MOCK_EXPECT_PASS, MOCK_EXPECT_FAIL, MOCK_EXPECT_NOT_EXERCISED };
/* is_at_point: the client came to what is tried. Where it did not, what has not come yet is not missing. */
enum mock_expectation_result mock_expectation_result(const struct mock_expectation *expectation, bool is_at_point);
/* What was expected, in a few words: "count of token, issued: 1 to 2". */
void mock_expectation_describe(const struct mock_expectation *expectation, struct auth_buf *out);

#endif
