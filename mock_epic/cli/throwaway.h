/* What `mock-epic run` makes and takes away again: a directory of its own below TMPDIR, and the files in it. */
#ifndef MOCK_EPIC_CLI_THROWAWAY_H
#define MOCK_EPIC_CLI_THROWAWAY_H

#include "auth/core/buf.h"

enum { MOCK_THROWAWAY_FILES = 8 };

struct mock_throwaway {
    struct auth_buf directory;         /* absolute, for the command may work elsewhere; empty: not made */
    char *files[MOCK_THROWAWAY_FILES]; /* full paths */
    size_t count;
};

void mock_throwaway_init(struct mock_throwaway *throwaway);
/* The path of a file of that name in the directory, which is made (0700) when it is not there. The file is removed in the
 * end, whoever writes it.
 * out  path  borrowed from throwaway
 * rc   AUTH_E_IO (detail names TMPDIR and the cause), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_throwaway_path(struct mock_throwaway *throwaway, const char *name, const char **path,
                                                 struct auth_err *err);
/* The same, and write the file. */
AUTH_MUST_CHECK enum auth_rc mock_throwaway_write(struct mock_throwaway *throwaway, const char *name,
                                                  struct auth_view bytes, unsigned mode, const char **path,
                                                  struct auth_err *err);
/* Remove the files and the directory. What others put there stays, and so does the directory then. */
void mock_throwaway_remove(struct mock_throwaway *throwaway);

#endif
