/* A file that is compiled in: a row of a table that epic_embed() of .cmake/epic.cmake makes at build time. */
#ifndef AUTH_CORE_EMBEDDED_H
#define AUTH_CORE_EMBEDDED_H

#include <stddef.h>

struct auth_embedded_file {
    const char *name;          /* its last part, or what follows BASE in its path; NULL behind the last row */
    const unsigned char *data; /* one NUL follows the n bytes */
    size_t n;
};

#endif
