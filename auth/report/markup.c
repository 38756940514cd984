/* The five characters that markup minds. */
#include "auth/report/markup.h"

#include "auth/core/text.h"

void auth_markup_add(struct auth_buf *out, struct auth_view text)
{
    static const char special[] = "&<>\"'";
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    struct auth_buf safe;
    auth_buf_init(&safe, 5 * AUTH_MARKUP_MAX_N);
    auth_text_escape(&safe, text, AUTH_MARKUP_MAX_N);
    for (size_t i = 0; i < safe.n; i++) {
        size_t s = 0;
        while (special[s] && special[s] != safe.p[i])
            s++;
        if (special[s])
            auth_buf_add_string(out, names[s]);
        else
            auth_buf_add_char(out, safe.p[i]);
    }
    if (!auth_buf_ok(&safe))
        out->is_spoiled = true;
    auth_buf_clear(&safe);
}
