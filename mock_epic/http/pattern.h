/* Patterns of paths: '*' stands for anything, and one that does not begin with '/' may stand behind any slash. Pure. */
#ifndef MOCK_EPIC_HTTP_PATTERN_H
#define MOCK_EPIC_HTTP_PATTERN_H

#include "auth/core/buf.h"

/* pattern: not empty */
bool mock_pattern_fits_path(struct auth_view pattern, struct auth_view path);

#endif
