/* The scenarios that can be tried: those that are built in, and a user's own. What is in them is judged by mock-epic, which plays
 * them; here they are named and told. */
#ifndef CONFORMANCE_CLIENT_SCENARIOS_H
#define CONFORMANCE_CLIENT_SCENARIOS_H

#include "auth/core/json.h"

struct conf_scenario {
    char *path; /* of a user's file; NULL: it is built in */
    struct auth_json *doc;
    struct auth_view name, about, source; /* borrowed from doc */
};

struct conf_scenarios {
    struct conf_scenario *items; /* by name */
    size_t count;
};

/* Those that are built in, and NAME.json of a directory, which take the place of what is built in under that name.
 * in   directory  NULL: none
 * rc   AUTH_E_SYNTAX, AUTH_E_IO, AUTH_E_NOT_FOUND, AUTH_E_NOMEM. Clear in every case */
AUTH_MUST_CHECK enum auth_rc conf_scenarios_load(const char *directory, struct conf_scenarios *scenarios,
                                                 struct auth_err *err);
/* One more, by its path. */
AUTH_MUST_CHECK enum auth_rc conf_scenarios_add(struct conf_scenarios *scenarios, const char *path,
                                                struct auth_err *err);
void conf_scenarios_clear(struct conf_scenarios *scenarios);

#endif
