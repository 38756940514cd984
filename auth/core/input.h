/* A file that the user named, read whole: a regular file, or what comes out of a pipe.
 *
 * People write `key -`, `--cert <(...)` and `--jwks /dev/stdin`, and mean what is in it. "-" is standard input; a pipe or FIFO
 * is read to its end; what has none, a terminal or another device, is refused unless it is "-". Nothing waits for ever: a FIFO
 * that nobody opens for writing, and a writer that falls silent, are errors after a while.
 * Whoever reads files that nobody named (the entries of a directory, ./.env) wants auth_file_read(), which opens regular files
 * alone. */
#ifndef AUTH_CORE_INPUT_H
#define AUTH_CORE_INPUT_H

#include "auth/core/buf.h"

/* How long to wait for somebody to open the FIFO, and then for the next byte. Usually half a second, for programs are to say
 * within one what is wrong with their options, and a minute, for whoever asks a person for a passphrase first. */
struct auth_input_patience {
    int writer_ms, silent_ms;
};

/* Append the bytes.
 * in   out   its cap is the size limit; use a secret buffer for keys
 * rc   AUTH_E_NOT_FOUND; AUTH_E_IO (detail names path and cause); AUTH_E_TOO_BIG; AUTH_E_TIMEOUT (of a pipe); AUTH_E_ARG
 *      ("-" a second time: it was read to its end; the text itself in place of the path, which detail then does not show);
 *      AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_input_read(const char *path, struct auth_buf *out, struct auth_err *err);
/* The same for the impatient: tests. */
AUTH_MUST_CHECK enum auth_rc auth_input_read_within(const char *path, struct auth_input_patience patience,
                                                    struct auth_buf *out, struct auth_err *err);

#endif
