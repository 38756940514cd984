/* Expectations: what must have happened, and must not. They are judged as entries are written to the journal, not from its
 * ring, so that nothing is missed however much comes. Threads safe.
 *
 * An array of objects, each with one of
 *     {"count":MATCH,"min":N,"max":N}               so many entries fit; min is 1 when neither is given
 *     {"order":[MATCH,MATCH],"within_s":N}          the first that fits the one is followed by one that fits the other, by server
 *                                                   time within so many seconds, and none of the other comes before
 *     {"never":MATCH}                               none fits
 *     {"each":MATCH,"where":{PATH:{TEST:VALUE}}}    each that fits has at PATH ("jwt.claims.exp") what TEST says: equals, distinct,
 *                                                   at_most, at_least, present
 * and beside it "because", what is expected, and "right", what a right client does. MATCH: kind, route, method, path, client_id,
 * status, error, outcome; what is left out fits all. */
#ifndef MOCK_EPIC_EVIDENCE_EXPECTATIONS_H
#define MOCK_EPIC_EVIDENCE_EXPECTATIONS_H

#include "mock_epic/state/journal.h"

enum { MOCK_EXPECTATIONS_MAX = 200 };

struct mock_expectation;

struct mock_expectations {
    pthread_mutex_t lock;
    atomic_size_t count;
    struct mock_expectation *items;
    char *text; /* the array as it was given, and its tree: behind all views; NULL: none */
    struct auth_json *json;
};

void mock_expectations_init(struct mock_expectations *expectations);
void mock_expectations_clear(struct mock_expectations *expectations);

/* Expect this from now on, in place of what was expected.
 * rc  AUTH_E_SYNTAX, AUTH_E_ARG (detail says which and what), AUTH_E_TOO_BIG, AUTH_E_NOMEM: nothing has changed */
AUTH_MUST_CHECK enum auth_rc mock_expectations_set(struct mock_expectations *expectations, struct auth_view json,
                                                   struct auth_err *err);
/* Expect nothing. */
void mock_expectations_empty(struct mock_expectations *expectations);
/* Judge an entry. As mock_journal.watch: ctx are the expectations. */
void mock_expectations_watch(void *ctx, const struct mock_journal_entry *entry);

/* The array as it was given, or []. */
void mock_expectations_write(struct mock_expectations *expectations, struct auth_json_writer *w);
/* {"verdict":"pass|fail|not_exercised","results":[{"because","result","entries","right"}]} by what has come so far. */
void mock_expectations_write_verdict(struct mock_expectations *expectations, struct auth_json_writer *w);

#endif
