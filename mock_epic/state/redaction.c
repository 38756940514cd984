/* Finding tokens and JWTs in texts that others wrote, and masking them. */
#include "mock_epic/state/redaction.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/b64u.h"
#include "auth/core/redact.h"
#include "auth/core/text.h"
#include "mock_epic/state/opaque_token.h"
#include "mock_epic/state/tokens.h"

/* A header of a JWT has so many characters at least: {"alg":"X"} in base64url, less a little. */
enum { TOKEN_N = MOCK_OPAQUE_TOKEN_N, JWT_HEADER_MIN_N = 12, LOOKUPS_MAX = 256 };

/* WORD: what tokens and the parts of JWTs are made of. ESCAPE: what may stand for such a character, or for nothing. */
enum letter { OTHER = 0, WORD = 1, ESCAPE = 2, BLANK = 4 };

/* A table, because every text that is kept is looked at byte by byte. */
static const unsigned char letters[256] = {
    ['-'] = WORD,   ['_'] = WORD,   ['0'] = WORD,    ['1'] = WORD,   ['2'] = WORD,   ['3'] = WORD,  ['4'] = WORD,
    ['5'] = WORD,   ['6'] = WORD,   ['7'] = WORD,    ['8'] = WORD,   ['9'] = WORD,   ['a'] = WORD,  ['b'] = WORD,
    ['c'] = WORD,   ['d'] = WORD,   ['e'] = WORD,    ['f'] = WORD,   ['g'] = WORD,   ['h'] = WORD,  ['i'] = WORD,
    ['j'] = WORD,   ['k'] = WORD,   ['l'] = WORD,    ['m'] = WORD,   ['n'] = WORD,   ['o'] = WORD,  ['p'] = WORD,
    ['q'] = WORD,   ['r'] = WORD,   ['s'] = WORD,    ['t'] = WORD,   ['u'] = WORD,   ['v'] = WORD,  ['w'] = WORD,
    ['x'] = WORD,   ['y'] = WORD,   ['z'] = WORD,    ['A'] = WORD,   ['B'] = WORD,   ['C'] = WORD,  ['D'] = WORD,
    ['E'] = WORD,   ['F'] = WORD,   ['G'] = WORD,    ['H'] = WORD,   ['I'] = WORD,   ['J'] = WORD,  ['K'] = WORD,
    ['L'] = WORD,   ['M'] = WORD,   ['N'] = WORD,    ['O'] = WORD,   ['P'] = WORD,   ['Q'] = WORD,  ['R'] = WORD,
    ['S'] = WORD,   ['T'] = WORD,   ['U'] = WORD,    ['V'] = WORD,   ['W'] = WORD,   ['X'] = WORD,  ['Y'] = WORD,
    ['Z'] = WORD,   ['%'] = ESCAPE, ['\\'] = ESCAPE, ['#'] = ESCAPE, ['+'] = ESCAPE, [' '] = BLANK, ['\t'] = BLANK,
    ['\r'] = BLANK, ['\n'] = BLANK,
};

static enum letter letter_of(char c)
{
    return (enum letter)letters[(unsigned char)c];
}

static bool is_blank(char c)
{
    return letter_of(c) == BLANK;
}

static bool starts_jwt(const char *word, size_t n)
{
    return n >= JWT_HEADER_MIN_N && memcmp(word, "eyJ", 3) == 0;
}

static bool has_any(const char *text, size_t n, const char *letter)
{
    while (*letter && !memchr(text, *letter, n))
        letter++;
    return *letter != '\0';
}

/* Whether TOKEN_N letters of a word follow each other: looked at from the end of where they would be, most need no look. */
static bool has_long_word(const char *text, size_t n)
{
    for (size_t start = 0, at; start + TOKEN_N <= n; start = at) {
        for (at = start + TOKEN_N; at > start && letter_of(text[at - 1]) == WORD;)
            at--;
        if (at == start)
            return true;
    }
    return false;
}

/* Whether it takes a closer look. What is shorter than a token holds none, and no JWT that is worth anything. */
static bool is_suspect(enum mock_redaction kind, const char *text, size_t n)
{
    return n >= TOKEN_N &&
           (has_any(text, n, kind == MOCK_REDACT_VALUE ? "%\\#+ \t\r\n" : "%\\#+\t\r\n") || has_long_word(text, n));
}

/* ---- what is left of a secret that was cut ---- */

enum { SHORTEST = 12 };

/* The run of what may be a secret before `end`: it may be most of a token, which nobody can look up. */
static void mask_cut(char *text, size_t end)
{
    size_t run = 0;
    while (run < end && letter_of(text[end - 1 - run]) & (WORD | ESCAPE))
        run++;
    if (run >= SHORTEST)
        memset(text + end - run, '*', run);
}

/* The run that begins at `from`, where the middle of a text was left out. */
static void mask_rest(char *text, size_t n, size_t from)
{
    size_t end = from;
    while (end < n && letter_of(text[end]) & (WORD | ESCAPE))
        end++;
    if (end >= from + SHORTEST)
        memset(text + from, '*', end - from);
}

static void mask_cuts(char *text, size_t n)
{
    static const size_t mark_n = sizeof AUTH_ERR_CUT - 1;
    for (size_t at = 0; at < n; at += mark_n) {
        at += auth_view_find_text(auth_view_bytes(text + at, n - at), AUTH_ERR_CUT);
        if (at < n)
            mask_cut(text, at);
        mask_rest(text, n, at + mark_n);
    }
}

/* ---- the closer look ---- */

/* A text with its escapes undone, and spaces that were escaped left out, and where each character of it stands in the text. */
struct look {
    struct mock_store *store;
    char *text;
    struct auth_view plain;
    uint32_t *starts; /* NULL: nothing was escaped, they are the same */
    size_t lookups;
};

static void mask(struct look *look, size_t from, size_t to)
{
    static const char label[] = "[redacted]";
    size_t start = look->starts ? look->starts[from] : from, end = look->starts ? look->starts[to] : to;
    char *at = look->text + start;
    size_t n = end - start;
    memset(at, '*', n);
    memcpy(at, label, n < sizeof label - 1 ? n : sizeof label - 1);
}

static bool is_token(struct look *look, const char *at)
{
    struct mock_token token;
    if (!look->store || !mock_opaque_token_fits(at))
        return false;
    look->lookups++;
    return mock_tokens_find(look->store, auth_view_bytes(at, TOKEN_N), &token) != AUTH_E_NOT_FOUND;
}

/* A token may stand anywhere in a word, with letters before and behind it. */
static bool mask_tokens(struct look *look, size_t from, size_t to)
{
    bool has_masked = false;
    for (size_t at = from; at + TOKEN_N <= to; at++) {
        if (look->lookups >= LOOKUPS_MAX) {
            mask(look, at, to);
            return true;
        }
        if (is_token(look, look->plain.p + at)) {
            mask(look, at, at + TOKEN_N);
            at += TOKEN_N - 1;
            has_masked = true;
        }
    }
    return has_masked;
}

/* Where in a word a JWT begins: letters may stand before it. */
static size_t find_jwt(struct auth_view word)
{
    size_t at = auth_view_find_text(word, "eyJ");
    return at < word.n && starts_jwt(word.p + at, word.n - at) ? at : word.n;
}

/* Whether a token or a JWT stands in these bytes; with too many places to look at, it counts as there. */
static bool has_token(struct look *look, struct auth_view bytes)
{
    size_t run = 0;
    if (find_jwt(bytes) < bytes.n)
        return true;
    for (size_t i = 0; i < bytes.n; i++) {
        run = letter_of(bytes.p[i]) == WORD ? run + 1 : 0;
        if (run >= TOKEN_N && (look->lookups >= LOOKUPS_MAX || is_token(look, bytes.p + i + 1 - TOKEN_N)))
            return true;
    }
    return false;
}

/* Whether a token stands in what some of these characters are the hex of. */
static bool has_token_in_hex(struct look *look, struct auth_view word)
{
    struct auth_buf bytes;
    bool has_one = false;
    auth_buf_init_secret(&bytes, word.n);
    for (size_t shift = 0; shift < 2 && !has_one; shift++) {
        auth_buf_reset(&bytes);
        for (size_t i = shift; i + 1 < word.n; i += 2) {
            int high = auth_text_hex_value(word.p[i]), low = auth_text_hex_value(word.p[i + 1]);
            auth_buf_add_char(&bytes, high < 0 || low < 0 ? ' ' : (char)(high * 16 + low));
        }
        has_one = !auth_buf_ok(&bytes) || has_token(look, auth_buf_view(&bytes));
    }
    auth_buf_clear(&bytes);
    return has_one;
}

/* Whether a token stands in what these characters are the base64 of; bits left over at their end are nothing. */
static bool has_token_in_base64(struct look *look, struct auth_view text)
{
    struct auth_buf bytes;
    auth_buf_init_secret(&bytes, text.n);
    enum auth_rc rc = auth_b64u_decode(text, &bytes, NULL);
    if (rc != AUTH_OK)
        rc = auth_b64u_decode(auth_view_bytes(text.p, text.n - text.n % 4), &bytes, NULL);
    bool has_one = rc == AUTH_E_NOMEM || (rc == AUTH_OK && has_token(look, auth_buf_view(&bytes)));
    auth_buf_clear(&bytes);
    return has_one;
}

/* At whichever of the four places in a group the first byte falls. */
static bool has_encoded_token(struct look *look, struct auth_view word)
{
    enum { ENCODED_MIN_N = TOKEN_N * 4 / 3 };
    bool has_one = word.n >= 2 * TOKEN_N && has_token_in_hex(look, word);
    for (size_t shift = 0; shift < 4 && !has_one && word.n >= ENCODED_MIN_N + shift; shift++)
        has_one = has_token_in_base64(look, auth_view_from(word, shift));
    return has_one;
}

static size_t word_end(struct auth_view text, size_t at)
{
    while (at < text.n && letter_of(text.p[at]) == WORD)
        at++;
    return at;
}

/* A JWT goes on over its dots, whole or cut off anywhere. */
static size_t jwt_end(struct auth_view text, size_t at)
{
    size_t end = word_end(text, at);
    while (end < text.n && text.p[end] == '.')
        end = word_end(text, end + 1);
    return end;
}

static void mask_words(struct look *look)
{
    struct auth_view plain = look->plain;
    for (size_t at = 0, end; at < plain.n; at = end + 1) {
        end = word_end(plain, at);
        struct auth_view word = auth_view_bytes(plain.p + at, end - at);
        size_t jwt = at + find_jwt(word);
        bool has_masked = mask_tokens(look, at, jwt);
        if (jwt < end) {
            end = jwt_end(plain, jwt);
            mask(look, jwt, end);
        } else if (!has_masked && has_encoded_token(look, word)) {
            mask(look, at, end);
        }
    }
}

/* In a query '+' is a space, and a space in the midst of a token is nothing. */
static bool has_token_without_plus(struct look *look)
{
    struct auth_buf joined;
    if (auth_view_find(look->plain, '+') == look->plain.n)
        return false;
    auth_buf_init_secret(&joined, look->plain.n);
    for (size_t i = 0; i < look->plain.n; i++) {
        if (look->plain.p[i] != '+')
            auth_buf_add_char(&joined, look->plain.p[i]);
    }
    bool has_one = !auth_buf_ok(&joined) || has_token(look, auth_buf_view(&joined));
    auth_buf_clear(&joined);
    return has_one;
}

/* Everything but what holds a JSON text together. */
static void mask_all(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text[i] = letter_of(text[i]) & (WORD | ESCAPE) ? '*' : text[i];
}

static bool has_escapes(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (letters[(unsigned char)text[i]] & (ESCAPE | BLANK))
            return true;
    }
    return false;
}

/* A text in which white space is nothing. */
static void redact_piece(struct look *look, char *text, size_t n)
{
    struct auth_buf plain;
    bool is_plain = !has_escapes(text, n), ok = true;
    auth_buf_init_secret(&plain, n);
    look->text = text;
    look->plain = auth_view_bytes(text, n);
    look->starts = is_plain ? NULL : malloc((n + 1) * sizeof *look->starts);
    if (!is_plain) {
        if (look->starts)
            auth_redact_plain(auth_view_bytes(text, n), &plain, look->starts);
        look->plain = auth_buf_view(&plain);
        ok = look->starts && auth_buf_ok(&plain);
    }
    if (!ok || has_token_without_plus(look))
        mask_all(text, n);
    else
        mask_words(look);
    free(look->starts);
    auth_buf_clear(&plain);
}

/* In prose a space does; a line end only together with one, else it may have come with a value. */
static bool separates(const char *text, size_t n, size_t at)
{
    while (at < n && is_blank(text[at]) && text[at] != ' ')
        at++;
    return at < n && text[at] == ' ';
}

void mock_redact(struct mock_store *store, enum mock_redaction kind, char *text, size_t n)
{
    struct look look = {.store = store};
    if (n <= SHORTEST) /* no token, and nothing that is left of one */
        return;
    size_t last = is_suspect(kind, text, n) ? n : 0;
    for (size_t at = 0, end; at < last; at = end + 1) {
        end = kind == MOCK_REDACT_VALUE ? n : at;
        while (end < n && !separates(text, n, end))
            end++;
        if (is_suspect(kind, text + at, end - at))
            redact_piece(&look, text + at, end - at);
    }
    mask_cuts(text, n); /* last: what is left of a JWT is known by all of it */
}

void mock_redact_report(struct mock_store *store, struct auth_report *report)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_verdict *verdict = &report->verdicts[i];
        char *text = report->text + verdict->text_at;
        bool is_cut =
            verdict->text_n == AUTH_REPORT_VALUE_N || verdict->text_at + verdict->text_n == AUTH_REPORT_TEXT_N;
        if (verdict->text_n == 0)
            continue;
        mock_redact(store, MOCK_REDACT_VALUE, text, verdict->text_n);
        if (is_cut)
            mask_cut(text, verdict->text_n);
    }
}

struct auth_view mock_redaction_cut(struct auth_view text, size_t max)
{
    if (text.n <= max)
        return text;
    text.n = max;
    while (text.n && (text.p[text.n - 1] == '.' || (letter_of(text.p[text.n - 1]) & (WORD | ESCAPE))))
        text.n--;
    return text;
}
