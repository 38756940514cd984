/* Lines for a stream that perhaps nobody reads: writing one never waits.
 *
 * Somebody who starts a server with its stderr on a pipe and does not read it must not stop it (a pipe holds 64 KiB). So what
 * cannot be written at once is kept, up to a bound; then lines are dropped and counted, and how many is told in their place
 * as soon as writing works again. Lines are whole, and in order.
 *
 * A regular file is written by whoever has something to say, and so are pipes, terminals and sockets where the system has a
 * way not to wait for them; then the line is there when the call returns. Otherwise a thread of its own writes, the only one
 * that a reader can hold up. Threads safe. */
#ifndef AUTH_CORE_LINES_H
#define AUTH_CORE_LINES_H

#include "auth/core/buf.h"

struct auth_lines;

/* in   fd    borrowed; not closed
 *      tell  write the line that says so many were dropped, newline included, to out. why: errno of the write that failed;
 *            0: nobody read */
AUTH_MUST_CHECK enum auth_rc auth_lines_new(int fd,
                                            void (*tell)(void *ctx, uint64_t dropped, int why, struct auth_buf *out),
                                            void *ctx, struct auth_lines **out);
/* Write text: one or more whole lines, kept or dropped together. */
void auth_lines_write(struct auth_lines *lines, struct auth_view text);
/* Wait up to wait_ms for what is kept to be read, then do without. NULL is nothing to end. Nobody may write any more; memory
 * that a thread still holds, because it hangs in a write, stays until the process ends.
 * Returns how many lines never got there. */
uint64_t auth_lines_end(struct auth_lines *lines, int64_t wait_ms);

#endif
