/* What `mock-epic run` makes and takes away again: a directory of its own below TMPDIR, and the files in it. */
#ifndef MOCK_EPIC_START_TEMPORARY_H
#define MOCK_EPIC_START_TEMPORARY_H

#include "auth/core/buf.h"

enum { MOCK_TEMPORARY_FILES = 12 };

struct mock_temporary {
    struct auth_buf directory;         /* absolute, for the command may work elsewhere; empty: not made */
    char *files[MOCK_TEMPORARY_FILES]; /* full paths */
    size_t count;
};

void mock_temporary_init(struct mock_temporary *temporary);
/* The path of a file of that name in the directory, which is made (0700) when it is not there. The file is removed in the
 * end, whoever writes it.
 * out  path  borrowed from temporary
 * rc   AUTH_E_IO (detail names TMPDIR and the cause), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_temporary_path(struct mock_temporary *temporary, const char *name, const char **path,
                                                 struct auth_err *err);
/* The same, and write the file. */
AUTH_MUST_CHECK enum auth_rc mock_temporary_write(struct mock_temporary *temporary, const char *name,
                                                  struct auth_view bytes, unsigned mode, const char **path,
                                                  struct auth_err *err);
/* Remove the files and the directory. What others put there stays, and so does the directory then. */
void mock_temporary_remove(struct mock_temporary *temporary);

#endif
