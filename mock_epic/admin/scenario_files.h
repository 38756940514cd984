/* The scenario files, compiled in: "NAME.json" of conformance/scenarios. */
#ifndef MOCK_EPIC_ADMIN_SCENARIO_FILES_H
#define MOCK_EPIC_ADMIN_SCENARIO_FILES_H

#include "auth/core/embedded.h"

extern const struct auth_embedded_file mock_scenario_files[];
extern const size_t mock_scenario_files_count;

#endif
