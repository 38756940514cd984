/* An environment for a program that is to be started, made from our own, which stays as it is: other threads read that. */
#ifndef MOCK_EPIC_START_VARIABLES_H
#define MOCK_EPIC_START_VARIABLES_H

#include "auth/core/buf.h"

struct mock_variables {
    char **entries; /* "NAME=value", NULL-terminated: what environ is to be */
    size_t count;
    bool failed; /* out of memory; all calls do nothing from then on */
};

/* A copy of ours. Look at failed when all is done. */
void mock_variables_init(struct mock_variables *variables);
void mock_variables_clear(struct mock_variables *variables); /* values may be secrets, and are wiped */
/* NULL when there is none of that name. Borrowed until the next change. */
const char *mock_variables_get(const struct mock_variables *variables, const char *name);
void mock_variables_set(struct mock_variables *variables, const char *name, const char *value);
void mock_variables_unset(struct mock_variables *variables, const char *name);

#endif
