/* A program that is run to its end, and a place for what it writes. */
#ifndef CONFORMANCE_CLIENT_PROCESS_H
#define CONFORMANCE_CLIENT_PROCESS_H

#include "auth/core/err.h"

/* A directory of our own below TMPDIR. out path caller frees. rc AUTH_E_IO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_scratch_make(char **path, struct auth_err *err);
/* Remove it with the files that stand directly in it, and free the path. NULL is fine. */
void conf_scratch_remove(char *path);

/* Run a program, found in PATH, which gets nothing to read; a signal that ends us ends it. From any thread.
 * in   argv    NULL-terminated; argv[0] the program
 *      out, err_to  descriptors for what it writes: may be one and the same
 * out  *status its exit status, or 128 + the number of the signal that ended it
 * rc   AUTH_E_NOT_FOUND (detail names it), AUTH_E_ARG, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_process_run(const char *const *argv, int out, int err_to, int *status,
                                              struct auth_err *err);

#endif
