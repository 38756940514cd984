/* Finding secrets in a text by their shape and by their value. Rather too much goes than a byte too little. */
#include "auth/core/redact.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"

enum { JWT_MIN_N = 20, PEM_WORD_MIN_N = 20, JWK_VALUE_MIN_N = 20, PROSE_MAX_N = 20 };

static const char redacted[] = "[redacted]";
static const char pem_begin[] = "-----BEGIN ", pem_dashes[] = "-----";

/* ---- characters ---- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct auth_view skip(struct auth_view text, size_t n)
{
    return auth_view_from(text, n);
}

static bool starts_nocase(struct auth_view text, const char *prefix)
{
    size_t n = strlen(prefix);
    return text.n >= n && auth_view_equals_nocase(auth_view_bytes(text.p, n), prefix);
}

/* Length of the run of letters, digits and the others given that text starts with. */
static size_t run_of(struct auth_view text, const char *others)
{
    size_t n = 0;
    while (n < text.n && text.p[n] && (is_alnum(text.p[n]) || strchr(others, text.p[n])))
        n++;
    return n;
}

static const char token_others[] = "-._~+/=%"; /* b64token of RFC 6750, also percent-encoded */

/* ---- escapes ---- */

static int hex_number(struct auth_view text, size_t digits)
{
    int number = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = i < text.n ? auth_text_hex_value(text.p[i]) : -1;
        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

static size_t read_percent(struct auth_view text, int *c)
{
    size_t n = 3;
    *c = hex_number(skip(text, 1), 2);
    while (*c == '%' && hex_number(skip(text, n), 2) >= 0) { /* encoded twice */
        *c = hex_number(skip(text, n), 2);
        n += 2;
    }
    return *c < 0 ? 0 : n;
}

static size_t read_backslash(struct auth_view text, int *c)
{
    static const char blanks[] = "nrtbf";
    char letter = text.n > 1 ? text.p[1] : '\0';
    *c = (unsigned char)letter;
    if (letter == 'u' || letter == 'x')
        *c = hex_number(skip(text, 2), letter == 'u' ? 4 : 2);
    else if (letter && strchr(blanks, letter))
        *c = ' ';
    return letter == '\0' || *c < 0 ? 0 : letter == 'u' ? 6 : letter == 'x' ? 4 : 2;
}

static size_t read_entity(struct auth_view text, int *c)
{
    bool is_hex = text.n > 2 && (text.p[2] == 'x' || text.p[2] == 'X');
    size_t n = is_hex ? 3 : 2, first = n;
    *c = 0;
    for (int digit; n < text.n && n < first + 4; n++) {
        digit = auth_text_hex_value(text.p[n]);
        if (digit < 0 || (!is_hex && digit > 9))
            break;
        *c = *c * (is_hex ? 16 : 10) + digit;
    }
    return n > first && n < text.n && text.p[n] == ';' ? n + 1 : 0;
}

/* One character as it was meant, and how many bytes it is written in. */
static size_t read_plain(struct auth_view text, int *c)
{
    size_t n = 0;
    if (text.p[0] == '%')
        n = read_percent(text, c);
    else if (text.p[0] == '\\')
        n = read_backslash(text, c);
    else if (auth_view_starts(text, "&#"))
        n = read_entity(text, c);
    if (n == 0 || *c > 0xff) {
        *c = (unsigned char)text.p[0];
        n = 1;
    }
    return n;
}

void auth_redact_plain(struct auth_view text, struct auth_buf *plain, uint32_t *starts)
{
    size_t count = 0;
    int c;
    for (size_t at = 0, n; at < text.n; at += n) {
        n = read_plain(skip(text, at), &c);
        if (is_blank((char)c) || c == '\0')
            continue;
        auth_buf_add_char(plain, (char)c);
        if (starts)
            starts[count++] = (uint32_t)at;
    }
    if (starts)
        starts[count] = (uint32_t)text.n;
}

/* ---- by value ---- */

/* A text, its plain characters and where each of them begins, and what is marked so far. */
struct search {
    struct auth_view text, plain;
    const uint32_t *starts;
    bool *marks; /* one for each byte of the text */
    const struct auth_redact_known *known;
};

/* Mark the plain characters from..to; what only separates them from the next one is not of the secret. */
static void mark(const struct search *search, size_t from, size_t to)
{
    size_t start = search->starts[from], end = search->starts[to < search->plain.n ? to : search->plain.n];
    while (end > start && is_blank(search->text.p[end - 1]))
        end--;
    memset(search->marks + start, true, end - start);
}

static void mark_plain(const struct search *search)
{
    struct auth_view plain = search->plain;
    for (size_t i = 0; i < plain.n; i++) {
        bool is_word = i == 0 || !is_alnum(plain.p[i - 1]) || is_blank(search->text.p[search->starts[i] - 1]);
        size_t n = search->known->find(search->known->ctx, skip(plain, i), is_word);
        if (n)
            mark(search, i, i + n);
    }
}

/* base64 and base64url */
static int base64_value(char c)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", lower[] = "abcdefghijklmnopqrstuvwxyz";
    const char *at = strchr(upper, c);
    if (!c)
        return -1;
    if (at)
        return (int)(at - upper);
    if ((at = strchr(lower, c)) != NULL)
        return (int)(at - lower) + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

struct encoding {
    int (*value)(char c);
    unsigned bits, group; /* of a character; characters of a group, after which bytes begin as before */
};

/* Decode from the plain character `first` on to where the encoding ends, and mark what of it means a secret. Where that is. */
static size_t mark_run(const struct search *search, const struct encoding *encoding, size_t first,
                       struct auth_buf *bytes)
{
    size_t end = first;
    unsigned held = 0, bits = 0;
    auth_buf_reset(bytes);
    for (int value; end < search->plain.n && (value = encoding->value(search->plain.p[end])) >= 0; end++) {
        held = (held << encoding->bits | (unsigned)value) & 0xffffU;
        bits += encoding->bits;
        if (bits < 8)
            continue;
        bits -= 8;
        auth_buf_add_char(bytes, (char)(held >> bits & 0xffU));
    }
    for (size_t i = 0; i < bytes->n; i++) {
        size_t n = search->known->find(search->known->ctx, skip(auth_buf_view(bytes), i), false);
        if (n)
            mark(search, first + i * 8 / encoding->bits, first + ((i + n) * 8 + encoding->bits - 1) / encoding->bits);
    }
    return end;
}

/* A server may show what it got as base64 or hex, and a secret may begin in the middle of that. */
static void mark_encoded(const struct search *search, struct auth_buf *bytes)
{
    static const struct encoding encodings[] = {{base64_value, 6, 4}, {auth_text_hex_value, 4, 2}};
    for (size_t k = 0; k < sizeof encodings / sizeof *encodings; k++) {
        const struct encoding *encoding = &encodings[k];
        for (size_t at = 0, end; at < search->plain.n; at = end + 1) {
            end = mark_run(search, encoding, at, bytes);
            for (size_t shift = 1; shift < encoding->group && at + shift < end; shift++)
                (void)mark_run(search, encoding, at + shift, bytes);
        }
    }
}

/* Mark what belongs to a known secret. False: out of memory. */
static bool mark_known(struct auth_view text, const struct auth_redact_known *known, bool *marks)
{
    struct auth_buf plain, bytes;
    uint32_t *starts = calloc(text.n + 1, sizeof *starts);
    auth_buf_init_secret(&plain, text.n);
    auth_buf_init_secret(&bytes, text.n);
    if (starts)
        auth_redact_plain(text, &plain, starts);
    bool ok = starts && auth_buf_ok(&plain);
    if (ok) {
        const struct search search = {text, auth_buf_view(&plain), starts, marks, known};
        mark_plain(&search);
        mark_encoded(&search, &bytes);
        ok = auth_buf_ok(&bytes);
    }
    auth_buf_clear(&bytes);
    auth_buf_clear(&plain);
    free(starts);
    return ok;
}

/* ---- by shape ---- */

/* No word of prose: something but small letters in it, or longer than words are. */
static bool looks_secret(struct auth_view run)
{
    while (run.n && run.p[run.n - 1] == '=')
        run.n--;
    for (size_t i = 0; i < run.n; i++) {
        if (!(run.p[i] >= 'a' && run.p[i] <= 'z') && run.p[i] != '_' && run.p[i] != '-' && run.p[i] != '.')
            return true;
    }
    return run.n >= PROSE_MAX_N;
}

/* A digit, what only base64 has, or a capital inside: "Basic authentication" is prose. */
static bool looks_encoded(struct auth_view run)
{
    for (size_t i = 0; i < run.n; i++) {
        char c = run.p[i];
        if ((c >= '0' && c <= '9') || strchr("+/=", c) || (i && c >= 'A' && c <= 'Z' && run.p[i - 1] >= 'a'))
            return true;
    }
    return run.n >= PROSE_MAX_N;
}

/* How the base64url of a JSON object begins, whatever stands behind its brace: the header of a JWT. */
static size_t jwt_run(struct auth_view text, char before)
{
    static const char *const rarer[] = {"eyA", "ewo", "ew0K", "ewk"};
    size_t n = auth_view_starts(text, "eyJ") ? run_of(text, "-_.=%") : 0;
    if (n >= JWT_MIN_N)
        return n;
    /* these begin words of prose, too: only a whole run, and one of several parts */
    for (size_t i = 0; i < sizeof rarer / sizeof *rarer && !is_alnum(before) && !strchr("-_.", before); i++) {
        n = auth_view_starts(text, rarer[i]) ? run_of(text, "-_.") : 0;
        if (n >= JWT_MIN_N && auth_view_find(auth_view_bytes(text.p, n), '.') < n)
            return n;
    }
    return 0;
}

/* The base64 of "-----BEGIN": a PEM file as continuous integration keeps it in a variable. */
static size_t wrapped_pem_run(struct auth_view text)
{
    size_t n = auth_view_starts(text, "LS0tLS1CRUdJTi") ? run_of(text, "+/=") : 0;
    return n >= PEM_WORD_MIN_N ? n : 0;
}

/* Where the value of a secret with a name begins ("name=", \"name\": \"); 0 when none starts here. */
static size_t label_run(struct auth_view text, char *quote)
{
    static const char *const labels[] = {"client_assertion", "client_secret", "access_token", "refresh_token",
                                         "id_token",         "password",      "passphrase",   "authorization"};
    size_t n = 0, separators = 0;
    for (size_t i = 0; i < sizeof labels / sizeof *labels && !n; i++)
        n = starts_nocase(text, labels[i]) ? strlen(labels[i]) : 0;
    if (!n)
        return 0;
    *quote = '\0';
    for (; n < text.n && text.p[n] && strchr("\"':= \t\\", text.p[n]); n++) {
        separators += text.p[n] == '=' || text.p[n] == ':';
        *quote = separators && (text.p[n] == '"' || text.p[n] == '\'') ? text.p[n] : *quote;
    }
    if (!separators && (starts_nocase(skip(text, n), "%3d") || starts_nocase(skip(text, n), "%3a")))
        return n + 3;
    return separators ? n : 0;
}

static size_t scheme_run(struct auth_view text)
{
    static const char *const schemes[] = {"Bearer", "Basic"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i]);
        if (!starts_nocase(text, schemes[i]))
            continue;
        if (starts_nocase(skip(text, n), "%20"))
            return n + 3;
        size_t blanks = 0;
        while (n + blanks < text.n && text.p[n + blanks] && strchr(" \t+", text.p[n + blanks]))
            blanks++;
        return blanks ? n + blanks : 0;
    }
    return 0;
}

static size_t quoted_run(struct auth_view text, char quote)
{
    size_t n = 0;
    while (n < text.n && text.p[n] != quote && text.p[n] != '\\' && text.p[n] != '\n')
        n++;
    return n;
}

/* What follows a label or a scheme and is to go. */
static size_t value_run(struct auth_view text, size_t label, char quote, bool is_scheme)
{
    struct auth_view value = skip(text, label);
    size_t n = run_of(value, token_others);
    struct auth_view run = auth_view_bytes(value.p, n);
    if (is_scheme)
        return (starts_nocase(text, "Basic") ? looks_encoded(run) : looks_secret(run)) ? n : 0;
    if (quote)
        return quoted_run(value, quote);
    return text.p[label - 1] == '=' || looks_secret(run) ? n : 0;
}

/* "d":"..." and the other private members of a JWK: where the value begins. */
static size_t jwk_run(struct auth_view text)
{
    static const char *const members[] = {"d", "p", "q", "dp", "dq", "qi", "k"};
    if (text.n < 4 || text.p[0] != '"')
        return 0;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        size_t n = 1 + strlen(members[i]);
        if (!auth_view_starts(skip(text, 1), members[i]) || n >= text.n || !strchr("\"\\", text.p[n]))
            continue;
        while (n < text.n && text.p[n] && strchr("\"\\: \t\r\n", text.p[n]))
            n++;
        return run_of(skip(text, n), "-_") >= JWK_VALUE_MIN_N ? n : 0;
    }
    return 0;
}

/* The body of a PEM private key behind its BEGIN line: up to the next line of that kind, or what there is of it. Prose that only names
 * such a line has no long word in base64. */
static size_t pem_body(struct auth_view text)
{
    size_t end = auth_view_find_text(text, pem_dashes), last = 0;
    for (size_t at = 0; at < end;) {
        size_t n = run_of(auth_view_bytes(text.p + at, end - at), "+/=");
        if (n >= PEM_WORD_MIN_N)
            last = at + n;
        at += n ? n : 1;
    }
    if (last == 0 || end < text.n)
        return last ? end : 0;
    for (size_t n; (n = run_of(skip(text, last), "+/=\\ ?\r\n")) > 0;)
        last += n;
    return last;
}

/* Length of "-----BEGIN ... PRIVATE KEY-----" at the start of text, else 0. */
static size_t pem_line(struct auth_view text)
{
    enum { LABEL_MAX_N = 40 };
    size_t begin = sizeof pem_begin - 1;
    if (!auth_view_starts(text, pem_begin))
        return 0;
    struct auth_view label = skip(text, begin);
    label.n = label.n < LABEL_MAX_N ? label.n : LABEL_MAX_N;
    size_t n = auth_view_find_text(label, pem_dashes);
    return n < label.n && auth_view_find_text(label, "PRIVATE KEY") < n ? begin + n + sizeof pem_dashes - 1 : 0;
}

/* Two letters decide for nearly every place of a text that no shape begins there. */
static bool may_begin(struct auth_view text)
{
    static const char pairs[] = "eyewls--clacreidpaaubeba";
    char first = text.p[0], second = text.n > 1 ? text.p[1] : '\0';
    first = (char)(is_alnum(first) ? first | 0x20 : first);
    second = (char)(is_alnum(second) ? second | 0x20 : second);
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2) {
        if (first == pairs[i] && second == pairs[i + 1])
            return true;
    }
    return first == '"';
}

/* A secret that is to be seen by its shape: `shown` bytes that stay, then `hidden` that go. */
struct shape {
    size_t shown, hidden;
};

static struct shape find_shape(struct auth_view text, char before)
{
    struct shape shape = {0, jwt_run(text, before)};
    char quote = '\0';
    if (!shape.hidden)
        shape.hidden = wrapped_pem_run(text);
    if (shape.hidden)
        return shape;
    if ((shape.shown = pem_line(text)) > 0)
        shape.hidden = pem_body(skip(text, shape.shown));
    else if ((shape.shown = jwk_run(text)) > 0)
        shape.hidden = run_of(skip(text, shape.shown), "-_");
    else if ((shape.shown = label_run(text, &quote)) > 0)
        shape.hidden = value_run(text, shape.shown, quote, false);
    else if ((shape.shown = scheme_run(text)) > 0)
        shape.hidden = value_run(text, shape.shown, '\0', true);
    /* Authorization: Bearer x; the scheme stays and its credentials go, whatever they look like */
    size_t scheme = shape.shown ? scheme_run(skip(text, shape.shown)) : 0;
    if (scheme && starts_nocase(text, "authorization")) {
        shape.shown += scheme;
        shape.hidden =
            quote ? quoted_run(skip(text, shape.shown), quote) : run_of(skip(text, shape.shown), token_others);
    }
    return shape;
}

/* ---- all of it ---- */

static void show(struct auth_buf *out, struct auth_view text)
{
    while (text.n) {
        size_t n = auth_text_sequence(text);
        n = n ? n : 1;
        auth_text_escape(out, auth_view_bytes(text.p, n), n);
        text = skip(text, n);
    }
}

static void hide(struct auth_buf *out)
{
    if (!auth_view_ends(auth_buf_view(out), redacted))
        auth_buf_add_string(out, redacted);
}

/* Extend `marks` by what is seen from the shape. Where only a label stands, it is passed as a whole: nothing in it starts
 * another one. */
static void mark_shapes(struct auth_view text, bool *marks)
{
    for (size_t at = 0; at < text.n;) {
        struct auth_view rest = skip(text, at);
        struct shape shape = {0, 0};
        if (may_begin(rest))
            shape = find_shape(rest, at ? text.p[at - 1] : ' ');
        memset(marks + at + shape.shown, true, shape.hidden);
        at += shape.hidden ? shape.shown + shape.hidden : 1;
    }
}

void auth_redact(struct auth_buf *out, struct auth_view text, const struct auth_redact_known *known)
{
    bool *marks = text.n < UINT32_MAX ? calloc(text.n + 1, sizeof *marks) : NULL;
    if (!marks || (known && !mark_known(text, known, marks))) {
        hide(out);
        free(marks);
        return;
    }
    mark_shapes(text, marks);
    for (size_t at = 0, n; at < text.n; at += n) {
        for (n = 1; at + n < text.n && marks[at + n] == marks[at];)
            n++;
        if (marks[at])
            hide(out);
        else
            show(out, auth_view_bytes(text.p + at, n));
    }
    free(marks);
}
