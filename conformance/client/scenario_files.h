/* The scenario files, compiled in: "NAME.json" of conformance/scenarios. */
#ifndef CONFORMANCE_CLIENT_SCENARIO_FILES_H
#define CONFORMANCE_CLIENT_SCENARIO_FILES_H

#include "auth/core/embedded.h"

extern const struct auth_embedded_file conf_scenario_files[];
extern const size_t conf_scenario_files_count;

#endif
