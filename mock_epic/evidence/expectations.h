/* Expectations: what must have happened, and must not; those that somebody put, and those of the scenario that is played. They
 * are judged as entries are written to the journal, not from its ring, so that nothing is missed however much comes. Threads safe.
 *
 * An array of objects, each with one of
 *     {"count":MATCH,"min":N,"max":N}               so many entries fit; min is 1 when neither is given
 *     {"order":[MATCH,MATCH],"within_s":N}          the first that fits the one is followed by one that fits the other, by server
 *                                                   time within so many seconds, and none of the other comes before
 *     {"follow":[MATCH,MATCH]}                      the first that fits the one, if any does, is followed by one that fits the other;
 *                                                   with "same_url":true by one for the same URL
 *     {"pause":[MATCH,MATCH],"at_least_ms":N}       after one that fits the one, none that fits the other comes sooner, by real time
 *     {"never":MATCH}                               none fits
 *     {"each":MATCH,"where":{PATH:{TEST:VALUE}}}    each that fits has at PATH ("jwt.claims.exp") what TEST says: equals, distinct,
 *                                                   at_most, at_least, present
 * and beside it "because", what is expected, "right", what a right client does, and "after_step": only what comes after that step
 * of the scenario counts. MATCH: kind, route, method, path, client_id, status, error, outcome, foreign, fault; what is left out fits all. */
#ifndef MOCK_EPIC_EVIDENCE_EXPECTATIONS_H
#define MOCK_EPIC_EVIDENCE_EXPECTATIONS_H

#include "mock_epic/evidence/scenario.h"
#include "mock_epic/state/journal.h"

struct mock_expectation;
struct mock_play;

/* What is expected for one reason. All NULL: nothing. */
struct mock_expectation_list {
    struct mock_expectation *items;
    size_t count;
    char *text; /* the array as it was given, and its tree: behind all views; NULL: they are another's */
    struct auth_json *json;
};

struct mock_expectations {
    pthread_mutex_t lock;
    atomic_bool has_any;                /* expectations or a scenario: else entries are not looked at */
    struct mock_expectation_list asked; /* by somebody */
    struct mock_expectation_list scenario;
    struct mock_play *play; /* NULL: no scenario */
    atomic_uint due;        /* steps of it that are to be done */
};

void mock_expectations_init(struct mock_expectations *expectations);
void mock_expectations_clear(struct mock_expectations *expectations);

/* Expect this from now on, in place of what was expected.
 * rc  AUTH_E_SYNTAX, AUTH_E_ARG (detail says which and what), AUTH_E_TOO_BIG, AUTH_E_NOMEM: nothing has changed */
AUTH_MUST_CHECK enum auth_rc mock_expectations_set(struct mock_expectations *expectations, struct auth_view json,
                                                   struct auth_err *err);
/* Play a scenario from its beginning, in place of one that is played; its reference is taken in every case.
 * in   faults_before  the ids of the faults of its setup begin behind that one
 * rc   AUTH_E_NOMEM, and what mock_scenario_new() would refuse */
AUTH_MUST_CHECK enum auth_rc mock_expectations_play(struct mock_expectations *expectations,
                                                    struct mock_scenario *scenario, uint64_t faults_before,
                                                    struct auth_err *err);
/* Expect nothing of what was asked; a scenario goes on. */
void mock_expectations_empty(struct mock_expectations *expectations);
/* The scenario that is played, with a reference for the caller; NULL: none. */
struct mock_scenario *mock_expectations_scenario(struct mock_expectations *expectations);

/* Whether a step of the scenario is to be done. Costs a load. */
static inline bool mock_expectations_are_due(struct mock_expectations *expectations)
{
    return atomic_load_explicit(&expectations->due, memory_order_acquire) > 0;
}
/* The first step that is to be done, from 1, and the scenario, with a reference for the caller; 0: none. It stays due until
 * mock_expectations_done(), so that whoever asks meanwhile waits. */
unsigned mock_expectations_due_step(struct mock_expectations *expectations, struct mock_scenario **scenario);
/* problem: why an action could not be done; NULL: all were. */
void mock_expectations_done(struct mock_expectations *expectations, unsigned step, const char *problem);

/* Judge an entry, for mock_journal_watch(): ctx are the expectations. */
void mock_expectations_watch(void *ctx, const struct mock_journal_entry *entry);

/* The array as it was given, or []. */
void mock_expectations_write(struct mock_expectations *expectations, struct auth_json_writer *w);
/* {"verdict":"pass|fail|not_exercised","results":[{"because","result","entries","right","expected","lines"}]} by what has come so
 * far; of a scenario also "scenario", "steps" [{"done","entries"}], "missing" (what the client did not come to) and "problem". */
void mock_expectations_write_verdict(struct mock_expectations *expectations, struct auth_json_writer *w);

#endif
