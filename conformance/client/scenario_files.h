/* The scenario files, compiled in: "NAME.json" of conformance/scenarios, made at build time. */
#ifndef CONFORMANCE_CLIENT_SCENARIO_FILES_H
#define CONFORMANCE_CLIENT_SCENARIO_FILES_H

#include <stddef.h>

struct conf_scenario_file {
    const char *name;          /* "clock-ahead-90s.json" */
    const unsigned char *data; /* one NUL follows the n bytes */
    size_t n;
};

/* The last one is followed by one whose name is NULL. */
extern const struct conf_scenario_file conf_scenario_files[];
extern const size_t conf_scenario_files_count;

#endif
