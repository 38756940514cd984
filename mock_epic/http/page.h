/* Pages for people. They need nothing from elsewhere, run no script, and can be printed. */
#ifndef MOCK_EPIC_HTTP_PAGE_H
#define MOCK_EPIC_HTTP_PAGE_H

#include "auth/core/buf.h"

/* more: style rules beside the common ones; "": none */
void mock_page_begin(struct auth_buf *out, const char *title, const char *more);
void mock_page_end(struct auth_buf *out);
/* Text as text: whatever is in it. */
void mock_page_text(struct auth_buf *out, struct auth_view text);

#endif
