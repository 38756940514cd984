/* Text inside XML and HTML. */
#ifndef AUTH_REPORT_MARKUP_H
#define AUTH_REPORT_MARKUP_H

#include "auth/core/buf.h"

enum { AUTH_MARKUP_MAX_N = 64 * 1024 }; /* bytes of a text that are shown; more is cut with a mark */

/* Append text so that it can end neither an element nor an attribute. XML has no way to write most control characters, so they
 * are made visible. Errors spoil the buffer. */
void auth_markup_add(struct auth_buf *out, struct auth_view text);

#endif
