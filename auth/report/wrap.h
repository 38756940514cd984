/* Lines that fit a terminal. */
#ifndef AUTH_REPORT_WRAP_H
#define AUTH_REPORT_WRAP_H

#include "auth/core/buf.h"

/* Append text, broken at its blanks so that no line is wider than width columns; the lines after the first begin with indent
 * blanks. A word that is wider than a line stays whole, so that it can be copied.
 * in   at     columns of the first line that are taken already
 *      width  0: not broken at all
 *      text   safe for a terminal, without line ends; a code point is counted as a column */
void auth_wrap(struct auth_buf *out, unsigned at, unsigned indent, unsigned width, struct auth_view text);

#endif
