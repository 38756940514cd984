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

/* WORD: what tokens and the parts of JWTs are made of; HEX and HALF: those that are digits of hex, and the first half of those of
 * base64. ESCAPE: what may stand for such a character, or for nothing. */
enum letter { OTHER = 0, WORD = 1, ESCAPE = 2, BLANK = 4, HEX = 8, HALF = 16, DIGIT = WORD | HEX };

/* A table, because every text that is kept is looked at byte by byte. */
static const unsigned char letters[256] = {
    ['-'] = WORD,         ['_'] = WORD,         ['0'] = DIGIT,        ['1'] = DIGIT,        ['2'] = DIGIT,
    ['3'] = DIGIT,        ['4'] = DIGIT,        ['5'] = DIGIT,        ['6'] = DIGIT,        ['7'] = DIGIT,
    ['8'] = DIGIT,        ['9'] = DIGIT,        ['a'] = DIGIT | HALF, ['b'] = DIGIT | HALF, ['c'] = DIGIT | HALF,
    ['d'] = DIGIT | HALF, ['e'] = DIGIT | HALF, ['f'] = DIGIT | HALF, ['g'] = WORD,         ['h'] = WORD,
    ['i'] = WORD,         ['j'] = WORD,         ['k'] = WORD,         ['l'] = WORD,         ['m'] = WORD,
    ['n'] = WORD,         ['o'] = WORD,         ['p'] = WORD,         ['q'] = WORD,         ['r'] = WORD,
    ['s'] = WORD,         ['t'] = WORD,         ['u'] = WORD,         ['v'] = WORD,         ['w'] = WORD,
    ['x'] = WORD,         ['y'] = WORD,         ['z'] = WORD,         ['A'] = DIGIT | HALF, ['B'] = DIGIT | HALF,
    ['C'] = DIGIT | HALF, ['D'] = DIGIT | HALF, ['E'] = DIGIT | HALF, ['F'] = DIGIT | HALF, ['G'] = WORD | HALF,
    ['H'] = WORD | HALF,  ['I'] = WORD | HALF,  ['J'] = WORD | HALF,  ['K'] = WORD | HALF,  ['L'] = WORD | HALF,
    ['M'] = WORD | HALF,  ['N'] = WORD | HALF,  ['O'] = WORD | HALF,  ['P'] = WORD | HALF,  ['Q'] = WORD | HALF,
    ['R'] = WORD | HALF,  ['S'] = WORD | HALF,  ['T'] = WORD | HALF,  ['U'] = WORD | HALF,  ['V'] = WORD | HALF,
    ['W'] = WORD | HALF,  ['X'] = WORD | HALF,  ['Y'] = WORD | HALF,  ['Z'] = WORD | HALF,  ['%'] = ESCAPE,
    ['\\'] = ESCAPE,      ['#'] = ESCAPE,       ['+'] = ESCAPE,       [' '] = BLANK,        ['\t'] = BLANK,
    ['\r'] = BLANK,       ['\n'] = BLANK,
};

static bool is_of(enum letter kind, char c)
{
    return letters[(unsigned char)c] & kind;
}

static bool is_blank(char c)
{
    return is_of(BLANK, c);
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

/* Whether so many letters of a kind follow each other, each `step` behind the one before, from `at` on: looked at from the end of
 * where they would be, most need no look. */
static bool has_run(struct auth_view text, enum letter kind, size_t at, size_t step, size_t count)
{
    while (at + (count - 1) * step < text.n) {
        size_t left = count;
        while (left && is_of(kind, text.p[at + (left - 1) * step]))
            left--;
        if (!left)
            return true;
        at += left * step;
    }
    return false;
}

/* Whether there is an escape, or white space: all but the backslash come before a comma, which is told of eight at a time. */
static bool has_marks(const char *text, size_t n)
{
    const uint64_t each = 0x0101010101010101U, tops = each << 7;
    size_t at = 0;
    uint64_t eight;
    for (; n - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, text + at, sizeof eight);
        uint64_t other = eight ^ each * '\\';
        if ((((eight - each * ',') & ~eight) | ((other - each) & ~other)) & tops)
            break;
    }
    while (at < n && !is_of(ESCAPE | BLANK, text[at]))
        at++;
    return at < n;
}

static bool has_long_word(const char *text, size_t n)
{
    return has_run(auth_view_bytes(text, n), WORD, 0, 1, TOKEN_N);
}

/* ---- what is left of a secret that was cut ---- */

enum { SHORTEST = 12 };

/* The run of what may be a secret before `end`: it may be most of a token, which nobody can look up. */
static void mask_cut(char *text, size_t end)
{
    size_t run = 0;
    while (run < end && is_of(WORD | ESCAPE, text[end - 1 - run]))
        run++;
    if (run >= SHORTEST)
        memset(text + end - run, '*', run);
}

/* The run that begins at `from`, where the middle of a text was left out. */
static void mask_rest(char *text, size_t n, size_t from)
{
    size_t end = from;
    while (end < n && is_of(WORD | ESCAPE, text[end]))
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

/* What could be one, by what it says of itself. */
static bool is_token(struct look *look, const char *at)
{
    struct mock_token token;
    look->lookups++;
    return mock_tokens_find(look->store, auth_view_bytes(at, TOKEN_N), &token) != AUTH_E_NOT_FOUND;
}

/* A token may stand anywhere in a word, with letters before and behind it. */
static bool mask_tokens(struct look *look, size_t from, size_t to)
{
    struct auth_view text = auth_view_bytes(look->plain.p, to);
    bool has_masked = false;
    size_t at = look->store ? mock_opaque_token_find(text, from) : to;
    while (at < to) {
        if (look->lookups >= LOOKUPS_MAX) {
            mask(look, at, to);
            return true;
        }
        bool is_one = is_token(look, text.p + at);
        if (is_one)
            mask(look, at, at + TOKEN_N);
        has_masked = has_masked || is_one;
        at = mock_opaque_token_find(text, at + (is_one ? TOKEN_N : 1));
    }
    return has_masked;
}

/* Where in a word a JWT begins: letters may stand before it. */
static size_t find_jwt(struct auth_view word)
{
    size_t at = word.n < JWT_HEADER_MIN_N ? word.n : auth_view_find_text(word, "eyJ");
    return at < word.n && starts_jwt(word.p + at, word.n - at) ? at : word.n;
}

static size_t word_end(struct auth_view text, size_t at)
{
    while (at < text.n && is_of(WORD, text.p[at]))
        at++;
    return at;
}

/* Whether a token or a JWT stands in these bytes; with too many places to look at, it counts as there. */
static bool has_token(struct look *look, struct auth_view bytes)
{
    if (find_jwt(bytes) < bytes.n)
        return true;
    for (size_t at = 0, end; look->store && at < bytes.n; at = end + 1) {
        end = word_end(bytes, at);
        struct auth_view text = auth_view_bytes(bytes.p, end);
        while ((at = mock_opaque_token_find(text, at)) < end) {
            if (look->lookups >= LOOKUPS_MAX || is_token(look, text.p + at))
                return true;
            at++;
        }
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

/* Whether it is worth decoding, as next to no word is: "eyJ" is in it, as base64 by which of three bytes it begins at or as hex; or
 * so many digits of hex as a token has; or as many bytes of ASCII in base64, whose top bit, which is not set, is that of the first
 * of four characters. */
static bool may_be_encoded(struct auth_view word)
{
    static const char *const begins[] = {"ZXlK", "V5S", "leU", "65794"};
    enum { WHOLE_GROUPS = (TOKEN_N - 2) / 3 };
    bool may_be = has_run(word, HEX, 0, 1, (size_t)2 * TOKEN_N);
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        may_be = may_be || auth_view_contains(word, begins[i]);
    for (size_t shift = 0; shift < 4; shift++)
        may_be = may_be || has_run(word, HALF, shift, 4, WHOLE_GROUPS);
    return may_be;
}

/* At whichever of the four places in a group the first byte falls. */
static bool has_encoded_token(struct look *look, struct auth_view word)
{
    enum { ENCODED_MIN_N = TOKEN_N * 4 / 3 };
    if (word.n < ENCODED_MIN_N || !may_be_encoded(word))
        return false;
    bool has_one = word.n >= 2 * TOKEN_N && has_token_in_hex(look, word);
    for (size_t shift = 0; shift < 4 && !has_one && word.n >= ENCODED_MIN_N + shift; shift++)
        has_one = has_token_in_base64(look, auth_view_from(word, shift));
    return has_one;
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
        size_t jwt = at + find_jwt(word), behind = jwt < end ? jwt_end(plain, jwt) : end;
        bool has_masked = mask_tokens(look, at, end); /* one in some thousands holds what a JWT begins with */
        if (jwt < end) {
            mask(look, jwt, behind);
            end = behind;
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
        text[i] = is_of(WORD | ESCAPE, text[i]) ? '*' : text[i];
}

/* The closer look. is_plain: without marks */
static void look_at(struct look *look, char *text, size_t n, bool is_plain)
{
    struct auth_buf plain;
    bool ok = true;
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

/* A text in which white space is nothing. What is shorter than a token holds none, and no JWT that is worth anything. */
static void redact_value(struct look *look, char *text, size_t n)
{
    bool is_plain = n < TOKEN_N || !has_marks(text, n);
    if (!is_plain || has_long_word(text, n))
        look_at(look, text, n, is_plain);
}

/* In prose a space ends a value; a line end only together with one, else it may have come with it. */
static bool separates(const char *text, size_t n, size_t at)
{
    while (at < n && is_blank(text[at]) && text[at] != ' ')
        at++;
    return at < n && text[at] == ' ';
}

static void redact_prose(struct look *look, char *text, size_t n)
{
    if (n < TOKEN_N || !(has_any(text, n, "%\\#+\t\r\n") || has_long_word(text, n)))
        return;
    for (size_t at = 0, end; at < n; at = end + 1) {
        end = at;
        while (end < n && !separates(text, n, end))
            end++;
        redact_value(look, text + at, end - at);
    }
}

void mock_redact(struct mock_store *store, enum mock_redaction kind, char *text, size_t n)
{
    struct look look = {.store = store};
    if (n <= SHORTEST) /* no token, and nothing that is left of one */
        return;
    if (kind == MOCK_REDACT_VALUE)
        redact_value(&look, text, n);
    else
        redact_prose(&look, text, n);
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
    while (text.n && (text.p[text.n - 1] == '.' || is_of(WORD | ESCAPE, text.p[text.n - 1])))
        text.n--;
    return text;
}
