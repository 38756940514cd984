/* Scenarios from their files, and their beginning in an instance. */
#ifndef MOCK_EPIC_ADMIN_SCENARIO_READ_H
#define MOCK_EPIC_ADMIN_SCENARIO_READ_H

#include "mock_epic/admin/setup.h"
#include "mock_epic/evidence/scenario.h"

enum { MOCK_SCENARIO_FILE_MAX = 1024 * 1024 };

/* Read a scenario, checking every member, also those of the admin calls in it.
 * in   where  what errors begin with: the file's path
 * out  *out   with one reference
 * rc   AUTH_E_SYNTAX, AUTH_E_ARG ...; detail is "WHERE:LINE:COLUMN: what" */
AUTH_MUST_CHECK enum auth_rc mock_scenario_read(const char *where, struct auth_view text, struct mock_scenario **out,
                                                struct auth_err *err);
/* One that is built in. rc AUTH_E_NOT_FOUND: detail names the likely one */
AUTH_MUST_CHECK enum auth_rc mock_scenario_named(struct auth_view name, struct mock_scenario **out,
                                                 struct auth_err *err);
/* Its setup; borrowed from the scenario. rc as mock_setup_read(), which mock_scenario_read() has called before */
AUTH_MUST_CHECK enum auth_rc mock_scenario_setup(const struct mock_scenario *scenario, struct mock_setup *setup,
                                                 struct auth_err *err);
/* Let an instance without other faults play it from the beginning, also anew: faults, steps, expectations. Its reference is taken
 * in every case. */
AUTH_MUST_CHECK enum auth_rc mock_scenario_begin(struct mock_scenario *scenario, struct mock_instance *instance,
                                                 struct auth_err *err);

/* Those that are built in: how many, their names and files; static. */
size_t mock_scenario_count(void);
struct auth_view mock_scenario_name_at(size_t i);
struct auth_view mock_scenario_text_at(size_t i);

#endif
