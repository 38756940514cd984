/* Inside the admin API only: pages for people. They need nothing from elsewhere, run no script, and can be printed. */
#ifndef MOCK_EPIC_ADMIN_PAGE_H
#define MOCK_EPIC_ADMIN_PAGE_H

#include "auth/core/buf.h"

void mock_page_begin(struct auth_buf *out, const char *title);
void mock_page_end(struct auth_buf *out);
/* Text as text: whatever is in it. */
void mock_page_text(struct auth_buf *out, struct auth_view text);

#endif
