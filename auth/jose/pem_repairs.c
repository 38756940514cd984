/* What had to be repaired in a PEM text before it could be read: others may not do that. */
#include <string.h>

#include "auth/jose/key.h"
#include "auth/jose/pem.h"

/* What is told of one block, found line by line. */
struct oddities {
    bool is_escaped, is_long, is_indented, is_joined, has_gaps;
};

/* Blanks before, behind or in a line; but for those of RFC 1421 headers. */
static bool has_blanks(struct auth_view line)
{
    bool is_header = auth_view_find(line, ':') < line.n;
    for (size_t i = 0; i < line.n; i++) {
        if ((line.p[i] == ' ' || line.p[i] == '\t') && (i == 0 || !is_header))
            return true;
    }
    return false;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* The lines as others see them, to whom a written "\n" ends none. */
static struct oddities look_at_lines(struct auth_view body)
{
    enum { LONGEST = 76 }; /* RFC 7468 has 64, RFC 2045 has 76 */
    struct auth_view inner = auth_view_trim(body);
    struct oddities found = {
        .is_escaped = auth_view_contains(body, "\\n") || auth_view_contains(body, "\\r"),
        .is_joined = body.n && !(is_line_end(body.p[0]) && is_line_end(body.p[body.n - 1])),
    };
    while (body.n && !found.is_escaped) {
        struct auth_view line = auth_view_split(&body, '\n');
        if (auth_view_ends(line, "\r"))
            line.n--;
        found.is_long = found.is_long || line.n > LONGEST;
        found.is_indented = found.is_indented || has_blanks(line);
        found.has_gaps = found.has_gaps || auth_view_find(line, '\r') < line.n ||
                         (line.n == 0 && line.p > inner.p && line.p < inner.p + inner.n);
    }
    return found;
}

/* Something but white space before the block or behind it? A byte order mark is told by itself. */
static bool has_text_around(struct auth_view pem, const struct auth_pem_block *block)
{
    size_t before_n = (size_t)(block->label.p - pem.p) - strlen(AUTH_PEM_BEGIN);
    const char *end = block->body.p + block->body.n + strlen(AUTH_PEM_END) + block->label.n + strlen(AUTH_PEM_DASHES);
    struct auth_view before = auth_view_bytes(pem.p, before_n), behind = auth_view_from(pem, (size_t)(end - pem.p));
    if (auth_view_starts(before, "\xef\xbb\xbf"))
        before = auth_view_from(before, 3);
    while (auth_view_starts(behind, "\\n") || auth_view_starts(behind, "\\r"))
        behind = auth_view_from(behind, 2);
    return auth_view_trim(before).n > 0 || auth_view_trim(behind).n > 0;
}

void auth_key_repairs(struct auth_view pem, struct auth_buf *lines)
{
    struct auth_pem_block block = {{NULL, 0}, {NULL, 0}};
    size_t cursor = 0, count = 0;
    while (auth_pem_next(pem, &cursor, &block) && auth_pem_is_parameters(block.label))
        count++;
    if (!block.body.p)
        return;
    struct oddities found = look_at_lines(block.body);
    const char *marker = block.label.p - strlen(AUTH_PEM_BEGIN);
    bool is_shifted = marker > pem.p && (marker[-1] == ' ' || marker[-1] == '\t');
    found.has_gaps = found.has_gaps || (marker > pem.p && marker[-1] == '\r');
    if (auth_view_starts(pem, "\xef\xbb\xbf"))
        auth_buf_add_string(lines, "the PEM text begins with a byte order mark; save it without\n");
    if (count == 0 && has_text_around(pem, &block))
        auth_buf_add_string(lines, "there is other text around the PEM block; others may want the block alone\n");
    if (auth_view_ends(block.label, " CERTIFICATE"))
        auth_buf_add_string(lines, "the PEM block is not labelled plainly CERTIFICATE, which others may want\n");
    if (found.is_escaped)
        auth_buf_add_string(lines, "the line ends of the PEM text are written as \\n; others want real ones\n");
    if (found.is_long)
        auth_buf_add_string(lines,
                            "the PEM text is in one line, or in long ones; others want lines of 64 characters\n");
    if (found.is_joined && !found.is_escaped && !found.is_long)
        auth_buf_add_string(lines, "the markers of the PEM text are not in lines of their own, as others want them\n");
    if (found.has_gaps)
        auth_buf_add_string(lines, "there are empty lines in the PEM text, or odd line ends; others may stop there\n");
    if (found.is_indented || is_shifted)
        auth_buf_add_string(lines, "the PEM text is indented, or holds blanks; others want its lines without\n");
}
