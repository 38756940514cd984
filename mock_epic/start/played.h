/* The scenario that `run` plays: found, read, and ready for a server that starts. */
#ifndef MOCK_EPIC_START_PLAYED_H
#define MOCK_EPIC_START_PLAYED_H

#include "mock_epic/admin/scenario_read.h"

/* All zero: none. */
struct mock_played {
    struct mock_scenario *scenario;
    struct mock_setup setup; /* of it; of none, as if it were {} */
};

/* Find a scenario by what a user writes: a path (with a '/' or ending in ".json"), or a name.
 * in   directory  where NAME.json is looked for first; NULL: nowhere
 * rc   AUTH_E_ARG, AUTH_E_SYNTAX, AUTH_E_NOT_FOUND, AUTH_E_IO ... */
AUTH_MUST_CHECK enum auth_rc mock_played_find(const char *name, const char *directory, struct mock_scenario **out,
                                              struct auth_err *err);
/* in   name  NULL: none is played
 * rc   AUTH_E_ARG whatever is wrong with it: usage. Clear in every case */
AUTH_MUST_CHECK enum auth_rc mock_played_load(struct mock_played *played, const char *name, const char *directory,
                                              struct auth_err *err);
void mock_played_clear(struct mock_played *played);

#endif
