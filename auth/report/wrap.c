/* Breaks lines at blanks. */
#include "auth/report/wrap.h"

#include "auth/core/text.h"

void auth_wrap(struct auth_buf *out, unsigned at, unsigned indent, unsigned width, struct auth_view text)
{
    bool is_first = true;
    size_t column = at;
    if (width == 0) {
        auth_buf_add_view(out, text);
        return;
    }
    while (text.n) {
        struct auth_view word = auth_view_split(&text, ' ');
        size_t n = auth_text_length(word);
        bool is_too_far = is_first ? column > indent && column + n > width : column + 1 + n > width;
        if (is_too_far) {
            auth_buf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
            is_first = true;
        }
        if (!is_first)
            auth_buf_add_char(out, ' ');
        auth_buf_add_view(out, word);
        column += n + !is_first;
        is_first = false;
    }
}
