/* Inside the evidence only: a scenario on its way. Which steps were done, and whether the client came to the point. The lock of
 * the expectations is held in all calls. */
#ifndef MOCK_EPIC_EVIDENCE_PLAY_H
#define MOCK_EPIC_EVIDENCE_PLAY_H

#include "mock_epic/evidence/scenario.h"

enum { MOCK_PLAY_IDS_MAX = 4, MOCK_PLAY_FAULTS_MAX = 256, MOCK_PLAY_PROBLEM_N = 400 };

struct mock_play_step {
    uint64_t seen, fired;            /* entries that fitted, and how often it was done or is due */
    uint64_t ids[MOCK_PLAY_IDS_MAX]; /* of the first entries that fired it */
    unsigned due;                    /* fired, and not done yet */
};

struct mock_play {
    struct mock_scenario *scenario; /* with a reference */
    struct mock_play_step *steps;
    uint64_t asked;         /* entries that are no admin calls */
    uint64_t faults_before; /* the ids of the setup's faults follow this one */
    size_t fault_count;
    bool has_acted[MOCK_PLAY_FAULTS_MAX];
    char problem[MOCK_PLAY_PROBLEM_N]; /* the first action that could not be done; "" none */
};

/* NULL: no memory. The reference is taken in every case. */
struct mock_play *mock_play_new(struct mock_scenario *scenario, uint64_t faults_before);
void mock_play_free(struct mock_play *play); /* NULL is fine */
/* Whether step 1, 2 ... was done, or is due. */
bool mock_play_is_done(const struct mock_play *play, int64_t step);
/* Judge an entry: how many steps are due by it (0 or 1). */
unsigned mock_play_see(struct mock_play *play, const struct mock_journal_entry *entry);
/* The first step that is due, from 1; 0: none. */
unsigned mock_play_due(const struct mock_play *play);
bool mock_play_is_at_point(const struct mock_play *play);
/* "scenario", "steps" and, where the client did not come to it, "missing": members of a verdict. */
void mock_play_write(const struct mock_play *play, struct auth_json_writer *w);

#endif
