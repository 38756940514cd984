/* The block in what people paste: found, and put into the one shape that OpenSSL reads. */
#include "auth/jose/pem.h"

#include <string.h>

/* ---- blocks ---- */

/* A body ends at the next AUTH_PEM_DASHES, because base64 has none and a "DEK-Info: ..." never five in a row. So nothing is looked at
 * again however many markers there are. */
bool auth_pem_next(struct auth_view text, size_t *cursor, struct auth_pem_block *block)
{
    struct auth_view rest = auth_view_from(text, *cursor);
    size_t at = auth_view_find_text(rest, AUTH_PEM_BEGIN);
    if (at == rest.n)
        return false;
    rest = auth_view_from(rest, at + strlen(AUTH_PEM_BEGIN));
    block->label = auth_view_bytes(rest.p, auth_view_find(rest, '-'));
    block->body = auth_view_bytes(NULL, 0);
    rest = auth_view_from(rest, block->label.n);
    *cursor = (size_t)(rest.p - text.p);
    if (!auth_view_starts(rest, AUTH_PEM_DASHES))
        return true;
    rest = auth_view_from(rest, strlen(AUTH_PEM_DASHES));
    *cursor += strlen(AUTH_PEM_DASHES);
    struct auth_view body = auth_view_bytes(rest.p, auth_view_find_text(rest, AUTH_PEM_DASHES));
    rest = auth_view_from(rest, body.n);
    if (!auth_view_starts(rest, AUTH_PEM_END))
        return true;
    rest = auth_view_from(rest, strlen(AUTH_PEM_END));
    bool is_same = rest.n > block->label.n && memcmp(rest.p, block->label.p, block->label.n) == 0 &&
                   auth_view_starts(auth_view_from(rest, block->label.n), AUTH_PEM_DASHES);
    if (is_same) {
        block->body = body;
        *cursor = (size_t)(rest.p - text.p);
    }
    return true;
}

bool auth_pem_is_parameters(struct auth_view label)
{
    return auth_view_ends(label, " PARAMETERS");
}

bool auth_pem_is_private(struct auth_view label)
{
    return auth_view_ends(label, "PRIVATE KEY");
}

/* ---- cleaning: what people paste is rarely what openssl wrote ---- */

/* Cut the next line off, whatever ends it: LF, CR, or the "\n" of a value that lived in an environment variable. */
static struct auth_view next_line(struct auth_view *rest)
{
    size_t n = 0, end_n = 0;
    while (n < rest->n && end_n == 0) {
        struct auth_view here = auth_view_from(*rest, n);
        if (*here.p == '\n' || *here.p == '\r')
            end_n = 1;
        else if (auth_view_starts(here, "\\n") || auth_view_starts(here, "\\r"))
            end_n = 2;
        else
            n++;
    }
    struct auth_view line = auth_view_bytes(rest->p, n);
    *rest = auth_view_from(*rest, n + end_n);
    return auth_view_trim(line);
}

static bool is_base64(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
}

/* Base64 in lines of 64, because OpenSSL reads none of more than 254 bytes. False at a byte that is none. */
static bool add_base64(struct auth_view line, size_t *column, struct auth_buf *out)
{
    enum { COLUMNS = 64 };
    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == ' ' || line.p[i] == '\t')
            continue;
        if (!is_base64(line.p[i]))
            return false;
        auth_buf_add_char(out, line.p[i]);
        *column = (*column + 1) % COLUMNS;
        if (*column == 0)
            auth_buf_add_char(out, '\n');
    }
    return true;
}

/* RFC 1421 headers ("DEK-Info: ...") stand before the base64 and end with an empty line. */
static bool add_body(struct auth_view body, struct auth_buf *out)
{
    size_t column = 0;
    bool has_headers = false, is_in_data = false;
    while (body.n) {
        struct auth_view line = next_line(&body);
        if (!is_in_data && auth_view_find(line, ':') < line.n) {
            auth_buf_add_view(out, line);
            auth_buf_add_char(out, '\n');
            has_headers = true;
            continue;
        }
        if (line.n && !is_in_data) {
            is_in_data = true;
            if (has_headers)
                auth_buf_add_char(out, '\n');
        }
        if (!add_base64(line, &column, out))
            return false;
    }
    if (column)
        auth_buf_add_char(out, '\n');
    return true;
}

/* By what the block holds that is no base64, what happened to it. */
static const char *stranger_in(struct auth_view body)
{
    static const struct {
        const char *sign, *what;
    } rows[] = {
        {"%0A", ", as percent-encoded text does: decode it once"},
        {"%0D", ", as percent-encoded text does: decode it once"},
        {"<br", ", the line ends of HTML: copy the source, not the page"},
        {"\n>", ", the marks of a quoted mail: take them off"},
        {"\\\\n", ", line ends written as \\\\n: one backslash too many"},
        {"\xe2\x80\x8b", ", a zero-width space: copy it from where it was made"},
        {"\xc2\xad", ", a soft hyphen: copy it from where it was made"},
        {"\xc2\xa0", ", a no-break space: copy it from where it was made"},
        {"_", ", those of base64url: a PEM has + and /"},
        {"-", ", those of base64url: a PEM has + and /"},
        {",", ", commas: a line end belongs there"},
        {"...", ", dots: it was shortened for display"},
        {"*", ", stars: it was hidden for display"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_contains(body, rows[i].sign))
            return rows[i].what;
    }
    return "";
}

static void add_marker(struct auth_buf *out, const char *marker, struct auth_view label)
{
    auth_buf_add_string(out, marker);
    auth_buf_add_view(out, label);
    auth_buf_add_string(out, AUTH_PEM_DASHES);
    auth_buf_add_char(out, '\n');
}

enum auth_rc auth_pem_clean(struct auth_view text, struct auth_buf *clean, struct auth_err *err)
{
    struct auth_pem_block block = {{NULL, 0}, {NULL, 0}};
    size_t cursor = 0;
    auth_buf_init_secret(clean, text.n + text.n / 32 + 2); /* a line end for each 64 characters, and for each marker */
    while (auth_pem_next(text, &cursor, &block) && auth_pem_is_parameters(block.label))
        continue;
    if (!block.body.p)
        return auth_err_set(err, AUTH_E_KEY, "the PEM block is cut off: its last line, -----END %.*s-----, is missing",
                            (int)block.label.n, block.label.n ? block.label.p : "");
    add_marker(clean, AUTH_PEM_BEGIN, block.label);
    if (!add_body(block.body, clean))
        return auth_err_set(err, AUTH_E_KEY, "the PEM block is damaged: it holds a character that is no base64%s",
                            stranger_in(block.body));
    add_marker(clean, AUTH_PEM_END, block.label);
    return auth_buf_check(clean, err);
}

int auth_pem_passphrase(char *to, int size, int is_writing, void *passphrase)
{
    (void)is_writing;
    size_t n = passphrase ? strlen(passphrase) : 0;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(to, passphrase, n);
    return (int)n;
}
