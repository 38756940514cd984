/* Files that are compiled in: the cases, "area/id.json" of conformance/cases, and public test keys of fixtures/keys. */
#ifndef CONFORMANCE_SUITE_EMBEDDED_H
#define CONFORMANCE_SUITE_EMBEDDED_H

#include "auth/core/embedded.h"

extern const struct auth_embedded_file conf_case_files[];
extern const size_t conf_case_files_count;
extern const struct auth_embedded_file conf_test_key_files[];
extern const size_t conf_test_key_files_count;

#endif
