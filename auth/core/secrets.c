/* Secrets by value: copies in a fixed number of slots, and a filter that passes most of a text at one look. */
#include "auth/core/secrets.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"

enum { KEPT_MAX = 16, PASSING_MAX = 32, FILTER_BITS = 1 << 17, PIECE_N = AUTH_SECRETS_PIECE_N };

struct secret {
    char *p; /* as auth_redact_plain() writes it */
    size_t n;
};

struct auth_secrets {
    pthread_mutex_t lock;
    struct secret kept[KEPT_MAX], passing[PASSING_MAX];
    size_t kept_count, passed; /* passed: ever added, modulo PASSING_MAX the place of the next */
    bool has_short;            /* a secret without a piece is, or was, among them */
    /* a bit for the hash of each piece of each secret: most places of a text are passed by one look at it */
    unsigned char filter[FILTER_BITS / 8];
};

/* ---- the filter ---- */

static size_t hash_of(const char *piece)
{
    uint64_t hash = auth_hash(AUTH_HASH_START, auth_view_bytes(piece, PIECE_N));
    return (size_t)((hash ^ (hash >> 32)) % FILTER_BITS);
}

static void add_to_filter(struct auth_secrets *secrets, const struct secret *secret)
{
    secrets->has_short = secrets->has_short || (secret->n && secret->n < PIECE_N);
    for (size_t i = 0; i + PIECE_N <= secret->n; i++) {
        size_t bit = hash_of(secret->p + i);
        secrets->filter[bit / 8] |= (unsigned char)(1u << bit % 8);
    }
}

static bool may_hold(const struct auth_secrets *secrets, const char *piece)
{
    size_t bit = hash_of(piece);
    return secrets->filter[bit / 8] >> bit % 8 & 1;
}

/* ---- life ---- */

enum auth_rc auth_secrets_new(struct auth_secrets **out)
{
    struct auth_secrets *secrets = calloc(1, sizeof *secrets);
    *out = secrets;
    if (!secrets)
        return AUTH_E_NOMEM;
    pthread_mutex_init(&secrets->lock, NULL);
    return AUTH_OK;
}

static void forget(struct secret *secret)
{
    if (secret->p)
        auth_wipe(secret->p, secret->n);
    free(secret->p);
    *secret = (struct secret){0};
}

void auth_secrets_free(struct auth_secrets *secrets)
{
    if (!secrets)
        return;
    for (size_t i = 0; i < KEPT_MAX; i++)
        forget(&secrets->kept[i]);
    for (size_t i = 0; i < PASSING_MAX; i++)
        forget(&secrets->passing[i]);
    pthread_mutex_destroy(&secrets->lock);
    auth_wipe(secrets, sizeof *secrets);
    free(secrets);
}

/* ---- adding ---- */

/* Without the lines that begin with dashes and, in an old encrypted key, those that say "Name: value". A PEM from a setting
 * may be one line with "\n" written out. */
static void add_without_frame(struct auth_buf *plain, struct auth_view pem)
{
    while (pem.n) {
        size_t lf = auth_view_find(pem, '\n'), written = auth_view_find_text(pem, "\\n");
        size_t n = lf < written ? lf : written, gap = n == pem.n ? 0 : n == lf ? 1 : 2;
        struct auth_view line = auth_view_trim(auth_view_bytes(pem.p, n));
        if (!auth_view_starts(line, "-----") && auth_view_find(line, ':') == line.n)
            auth_redact_plain(line, plain, NULL);
        pem = auth_view_from(pem, n + gap);
    }
}

static enum auth_rc keep(struct auth_secrets *secrets, enum auth_secrets_life life, struct secret *secret)
{
    if (life == AUTH_SECRETS_KEPT) {
        if (secrets->kept_count == KEPT_MAX)
            return AUTH_E_NOMEM;
        secrets->kept[secrets->kept_count++] = *secret;
        add_to_filter(secrets, secret);
        return AUTH_OK;
    }
    struct secret *slot = &secrets->passing[secrets->passed++ % PASSING_MAX];
    bool is_full = slot->p != NULL;
    forget(slot);
    *slot = *secret;
    if (!is_full) {
        add_to_filter(secrets, secret);
        return AUTH_OK;
    }
    memset(secrets->filter, 0, sizeof secrets->filter); /* else every bit would be set some day */
    for (size_t i = 0; i < KEPT_MAX; i++)
        add_to_filter(secrets, &secrets->kept[i]);
    for (size_t i = 0; i < PASSING_MAX; i++)
        add_to_filter(secrets, &secrets->passing[i]);
    return AUTH_OK;
}

enum auth_rc auth_secrets_add(struct auth_secrets *secrets, enum auth_secrets_life life, struct auth_view secret)
{
    struct auth_buf plain;
    struct secret added = {0};
    auth_buf_init_secret(&plain, secret.n + 1);
    if (auth_view_find_text(secret, "-----BEGIN") < secret.n)
        add_without_frame(&plain, secret);
    else
        auth_redact_plain(secret, &plain, NULL);
    if (auth_buf_ok(&plain))
        added.p = auth_buf_take(&plain, &added.n);
    auth_buf_clear(&plain);
    if (!added.p)
        return AUTH_E_NOMEM;
    pthread_mutex_lock(&secrets->lock);
    enum auth_rc rc = keep(secrets, life, &added);
    pthread_mutex_unlock(&secrets->lock);
    if (rc != AUTH_OK)
        forget(&added);
    return rc;
}

/* ---- finding ---- */

static bool has_piece(const struct secret *secret, const char *piece)
{
    const char *at = secret->p;
    for (size_t left = secret->n; left >= PIECE_N; left = secret->n - (size_t)(at - secret->p)) {
        at = memchr(at, piece[0], left - PIECE_N + 1);
        if (!at)
            return false;
        if (memcmp(at, piece, PIECE_N) == 0)
            return true;
        at++;
    }
    return false;
}

static size_t match(const struct secret *secret, struct auth_view text, bool is_word, bool is_piece)
{
    if (is_piece && has_piece(secret, text.p))
        return PIECE_N;
    bool is_whole = is_word && secret->n >= AUTH_SECRETS_WORD_MIN_N && secret->n < PIECE_N && text.n >= secret->n &&
                    memcmp(text.p, secret->p, secret->n) == 0;
    return is_whole ? secret->n : 0;
}

size_t auth_secrets_find(void *ctx, struct auth_view text, bool is_word)
{
    struct auth_secrets *secrets = ctx;
    size_t n = 0;
    pthread_mutex_lock(&secrets->lock);
    bool is_piece = text.n >= PIECE_N && may_hold(secrets, text.p);
    is_word = is_word && secrets->has_short;
    for (size_t i = 0; (is_piece || is_word) && !n && i < KEPT_MAX; i++)
        n = match(&secrets->kept[i], text, is_word, is_piece);
    for (size_t i = 0; (is_piece || is_word) && !n && i < PASSING_MAX; i++)
        n = match(&secrets->passing[i], text, is_word, is_piece);
    pthread_mutex_unlock(&secrets->lock);
    return n;
}

void auth_secrets_redact(struct auth_secrets *secrets, struct auth_buf *out, struct auth_view text)
{
    struct auth_redact_known known = {auth_secrets_find, secrets};
    auth_redact(out, text, secrets ? &known : NULL);
}
