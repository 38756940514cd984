/* A scenario: what happens to a client and what a right one does. Immutable and reference-counted; its form is written down in
 * conformance/scenarios/README.md. mock_epic/admin/scenario_read.h reads one; what it holds is judged by play.h. */
#ifndef MOCK_EPIC_EVIDENCE_SCENARIO_H
#define MOCK_EPIC_EVIDENCE_SCENARIO_H

#include <stdatomic.h>

#include "mock_epic/evidence/entry_match.h"

enum {
    MOCK_SCENARIO_STEPS_MAX = 100,
    MOCK_SCENARIO_ACTIONS_MAX = 100,
    MOCK_SCENARIO_DRIVE_MAX = 100,
    MOCK_SCENARIO_NAME_MAX = 64
};

struct mock_scenario_step {
    struct mock_entry_match when;
    int64_t nth;                          /* of the entries that fit, the first on which it is done */
    int64_t every;                        /* and then each so many; 0: on that one alone */
    int64_t times;                        /* at most; 0: no end */
    bool is_optional;                     /* the next step does not wait for it, and a client need not come to it */
    const struct auth_json_node *actions; /* an array of objects of one member */
};

/* All views and nodes are borrowed from text and doc. */
struct mock_scenario {
    atomic_uint references;
    char *text;
    struct auth_json *doc;
    struct auth_view name, about, source;
    const struct auth_json_node *setup, *drive, *steps_node,
        *expect; /* setup, drive, steps_node: NULL when there is none */
    struct mock_scenario_step *steps;
    size_t step_count;
    bool rotates_keys; /* a step does, which only whoever has the key can */
};

/* Read all that can be judged without knowing the admin API: not what stands in setup, nor the actions of steps but for their
 * form. The expectations are read and thrown away: whoever plays the scenario reads them again.
 * in   text  copied
 * out  *out  with one reference, also after a failure of its form (err->node is of it); NULL when it is no JSON
 * rc   as auth_json_parse(); AUTH_E_ARG */
AUTH_MUST_CHECK enum auth_rc mock_scenario_new(struct auth_view text, struct mock_scenario **out, struct auth_err *err);
struct mock_scenario *mock_scenario_hold(struct mock_scenario *scenario);
void mock_scenario_release(struct mock_scenario *scenario); /* NULL is fine */

#endif
