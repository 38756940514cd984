/* PEM: finding the block in what people paste, and loading keys from it without ever asking a terminal. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "auth/jose/key_private.h"

/* ---- blocks ---- */

static const char begin_marker[] = "-----BEGIN ", end_marker[] = "-----END ", dashes[] = "-----";

static struct auth_view skip(struct auth_view text, size_t n)
{
    return auth_view_from(text, n);
}

/* A body ends at the next dashes, because base64 has none and a "DEK-Info: ..." never five in a row. So nothing is looked at
 * again however many markers there are. */
bool auth_pem_next(struct auth_view text, size_t *cursor, struct auth_pem_block *block)
{
    struct auth_view rest = skip(text, *cursor);
    size_t at = auth_view_find_text(rest, begin_marker);
    if (at == rest.n)
        return false;
    rest = skip(rest, at + strlen(begin_marker));
    block->label = auth_view_bytes(rest.p, auth_view_find(rest, '-'));
    block->body = auth_view_bytes(NULL, 0);
    rest = skip(rest, block->label.n);
    *cursor = (size_t)(rest.p - text.p);
    if (!auth_view_starts(rest, dashes))
        return true;
    rest = skip(rest, strlen(dashes));
    *cursor += strlen(dashes);
    struct auth_view body = auth_view_bytes(rest.p, auth_view_find_text(rest, dashes));
    rest = skip(rest, body.n);
    if (!auth_view_starts(rest, end_marker))
        return true;
    rest = skip(rest, strlen(end_marker));
    bool is_same = rest.n > block->label.n && memcmp(rest.p, block->label.p, block->label.n) == 0 &&
                   auth_view_starts(skip(rest, block->label.n), dashes);
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
        struct auth_view here = skip(*rest, n);
        if (*here.p == '\n' || *here.p == '\r')
            end_n = 1;
        else if (auth_view_starts(here, "\\n") || auth_view_starts(here, "\\r"))
            end_n = 2;
        else
            n++;
    }
    struct auth_view line = auth_view_bytes(rest->p, n);
    *rest = skip(*rest, n + end_n);
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

static void add_marker(struct auth_buf *out, const char *marker, struct auth_view label)
{
    auth_buf_add_string(out, marker);
    auth_buf_add_view(out, label);
    auth_buf_add_string(out, dashes);
    auth_buf_add_char(out, '\n');
}

enum auth_rc auth_pem_clean(struct auth_view text, struct auth_buf *clean, struct auth_err *err)
{
    struct auth_pem_block block = {{NULL, 0}, {NULL, 0}};
    size_t cursor = 0;
    auth_buf_init_secret(clean, AUTH_KEY_TEXT_MAX + AUTH_KEY_TEXT_MAX / 32);
    while (auth_pem_next(text, &cursor, &block) && auth_pem_is_parameters(block.label))
        continue;
    if (!block.body.p)
        return auth_err_set(err, AUTH_E_KEY, "the PEM block is cut off: its last line, -----END %.*s-----, is missing",
                            (int)block.label.n, block.label.n ? block.label.p : "");
    add_marker(clean, begin_marker, block.label);
    if (!add_body(block.body, clean))
        return auth_err_set(err, AUTH_E_KEY, "the PEM block is damaged: it holds a character that is no base64");
    add_marker(clean, end_marker, block.label);
    return auth_buf_check(clean, err);
}

/* ---- what was mended ---- */

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
    size_t before_n = (size_t)(block->label.p - pem.p) - strlen(begin_marker);
    const char *end = block->body.p + block->body.n + strlen(end_marker) + block->label.n + strlen(dashes);
    struct auth_view before = auth_view_bytes(pem.p, before_n), behind = skip(pem, (size_t)(end - pem.p));
    if (auth_view_starts(before, "\xef\xbb\xbf"))
        before = skip(before, 3);
    while (auth_view_starts(behind, "\\n") || auth_view_starts(behind, "\\r"))
        behind = skip(behind, 2);
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
    const char *marker = block.label.p - strlen(begin_marker);
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

int auth_pem_passphrase(char *to, int size, int is_writing, void *passphrase)
{
    (void)is_writing;
    size_t n = passphrase ? strlen(passphrase) : 0;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(to, passphrase, n);
    return (int)n;
}

/* ---- keys ---- */

static const char *private_fix(enum auth_key_format format)
{
    switch (format) {
    case AUTH_KEY_FORMAT_ENCRYPTED:
        return "decrypt it with 'openssl pkey -in KEY -out key.pem' and protect the file, or give the passphrase";
    case AUTH_KEY_FORMAT_OPENSSH:
        return "convert a copy with 'ssh-keygen -p -m PKCS8 -f KEY'";
    case AUTH_KEY_FORMAT_PKCS12:
        return "take it out with 'openssl pkcs12 -in FILE -nocerts -nodes -out key.pem' and protect the file";
    case AUTH_KEY_FORMAT_DER:
        return "convert it with 'openssl pkey -inform DER -in KEY -out key.pem'";
    case AUTH_KEY_FORMAT_CERTIFICATE:
    case AUTH_KEY_FORMAT_PUBLIC:
    case AUTH_KEY_FORMAT_REQUEST:
        return "give the file that begins with -----BEGIN PRIVATE KEY-----";
    default:
        return "";
    }
}

/* What the two kinds of PEM key have in common. */
struct pem_kind {
    EVP_PKEY *(*read)(BIO *bio, EVP_PKEY **key, pem_password_cb *callback, void *passphrase);
    bool is_private;
    const char *damaged;
};

static enum auth_rc read_pem(const struct pem_kind *kind, struct auth_view pem, const char *passphrase,
                             struct auth_key **out, struct auth_err *err)
{
    struct auth_buf clean;
    union {
        const char *in;
        void *out;
    } phrase = {.in = passphrase}; /* the API takes void * and hands it back to auth_pem_passphrase() */
    EVP_PKEY *pkey = NULL;
    enum auth_rc rc = auth_pem_clean(pem, &clean, err);
    BIO *bio = rc == AUTH_OK ? BIO_new_mem_buf(clean.p, (int)clean.n) : NULL;
    if (bio)
        pkey = kind->read(bio, NULL, auth_pem_passphrase, phrase.out);
    BIO_free(bio);
    auth_buf_clear(&clean);
    if (rc != AUTH_OK)
        return rc;
    if (!pkey)
        return auth_key_bad_input(err, kind->damaged);
    ERR_clear_error(); /* the decoders that did not fit have left theirs */
    return auth_key_wrap(pkey, kind->is_private, out, err);
}

static enum auth_rc load(const struct pem_kind *kind, struct auth_view pem, const char *passphrase,
                         struct auth_key **out, struct auth_err *err)
{
    struct auth_key_looks looks = {0};
    enum auth_rc rc;
    do
        rc = read_pem(kind, pem, passphrase, out, &looks.err);
    while (auth_key_look_again(&looks, &rc, err));
    return rc;
}

enum auth_rc auth_key_from_private_pem(struct auth_view pem, const char *passphrase, struct auth_key **out,
                                       struct auth_err *err)
{
    static const struct pem_kind plain = {PEM_read_bio_PrivateKey, true,
                                          "the private key is damaged: its PEM block cannot be decoded"};
    static const struct pem_kind encrypted = {PEM_read_bio_PrivateKey, true,
                                              "the passphrase does not open this private key"};
    if (pem.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a private key has a few thousand",
                            AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = auth_key_sniff(pem);
    bool is_open = format == AUTH_KEY_FORMAT_PRIVATE || (format == AUTH_KEY_FORMAT_ENCRYPTED && passphrase);
    if (!is_open)
        return auth_key_refuse(format, pem, "a private key in PEM form", private_fix(format), err);
    return load(format == AUTH_KEY_FORMAT_PRIVATE ? &plain : &encrypted, pem, passphrase, out, err);
}

enum auth_rc auth_key_from_public_pem(struct auth_view pem, struct auth_key **out, struct auth_err *err)
{
    static const struct pem_kind kind = {PEM_read_bio_PUBKEY, false,
                                         "the public key is damaged: its PEM block cannot be decoded"};
    if (pem.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a public key has a few hundred",
                            AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = auth_key_sniff(pem);
    if (format != AUTH_KEY_FORMAT_PUBLIC)
        return auth_key_refuse(format, pem, "a public key in PEM form", "", err);
    return load(&kind, pem, NULL, out, err);
}
