/* Bytes: a borrowed view, and a growing buffer that carries a hard cap from birth.
 *
 * The cap makes it impossible for hostile input to bloat the process. A buffer made with auth_buf_init_secret()
 * is wiped whenever it is grown, cleared or freed: all that was ever handed out for writing, not only the n bytes that are
 * left; every key, assertion and token lives in one.
 * After the first failed append the buffer is "spoiled": further appends do nothing, and auth_buf_ok() tells;
 * so a run of appends needs one check at its end.
 * Read next: auth/core/json.h, which writes onto these buffers. */
#ifndef AUTH_CORE_BUF_H
#define AUTH_CORE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "auth/core/err.h"

/* Borrowed bytes, not NUL-terminated. p may be NULL only when n is 0. */
struct auth_view {
    const char *p;
    size_t n;
};

/* The smallest are inline, so that a name in the source is compared with its length known, and mostly by that alone. */

/* NULL gives the empty view. */
static inline struct auth_view auth_view_from_string(const char *string)
{
    return (struct auth_view){string, string ? strlen(string) : 0};
}

static inline struct auth_view auth_view_bytes(const void *bytes, size_t n)
{
    return (struct auth_view){bytes, n};
}

/* What stands from `at` on, which is at most n. */
static inline struct auth_view auth_view_from(struct auth_view view, size_t at)
{
    return (struct auth_view){at ? view.p + at : view.p, view.n - at}; /* p may be NULL */
}

static inline bool auth_view_equals_view(struct auth_view a, struct auth_view b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool auth_view_equals(struct auth_view view, const char *string) /* byte-exact */
{
    return auth_view_equals_view(view, auth_view_from_string(string));
}

/* n bytes of each, ASCII case folded. */
bool auth_bytes_equal_nocase(const char *a, const char *b, size_t n);

static inline bool auth_view_equals_view_nocase(struct auth_view a, struct auth_view b)
{
    return a.n == b.n && auth_bytes_equal_nocase(a.p, b.p, a.n);
}

static inline bool auth_view_equals_nocase(struct auth_view view, const char *string) /* ASCII case folded */
{
    return auth_view_equals_view_nocase(view, auth_view_from_string(string));
}

/* For whoever must know a secret: the time taken tells nothing of it but, at most, its length. */
bool auth_view_equals_secret(struct auth_view given, struct auth_view secret);

static inline bool auth_view_starts(struct auth_view view, const char *prefix)
{
    size_t n = strlen(prefix);
    return view.n >= n && (n == 0 || memcmp(view.p, prefix, n) == 0);
}

bool auth_view_ends(struct auth_view view, const char *suffix);
struct auth_view auth_view_trim(struct auth_view view); /* without leading and trailing space, tab, CR, LF */
/* Position of the first byte c, or view.n. */
size_t auth_view_find(struct auth_view view, char c);
/* Position of the first occurrence of the text, or view.n. */
size_t auth_view_find_text(struct auth_view view, const char *text);
bool auth_view_contains(struct auth_view view, const char *text); /* byte-exact */
/* Without one line end (LF, CR LF or CR) at its end, which belongs to the file or the line and not to the text. */
struct auth_view auth_view_without_line_end(struct auth_view view);
/* Cut off the part before the first `separator` from *rest and return it; *rest keeps what follows it
 * (empty, with p == NULL, when there was no separator). */
struct auth_view auth_view_split(struct auth_view *rest, char separator);
bool auth_view_is_digits(struct auth_view view); /* decimal digits, one at least, and nothing else */
/* Whole view as a decimal integer: optional '-', digits, within int64_t. */
AUTH_MUST_CHECK bool auth_view_int(struct auth_view view, int64_t *value);
/* New NUL-terminated copy (NULL when out of memory, or when the view holds a NUL byte). Caller frees. */
AUTH_MUST_CHECK char *auth_view_dup(struct auth_view view);

struct auth_buf {
    char *p;        /* NUL-terminated whenever not NULL */
    size_t n;       /* bytes used */
    size_t size;    /* bytes allocated */
    size_t cap;     /* n never exceeds this */
    size_t written; /* bytes that may hold content, some perhaps beyond n: what is wiped when secret */
    bool is_secret;
    bool is_spoiled;
    bool is_full; /* spoiled because the cap was reached, not for want of memory */
};

/* cap in bytes; nothing is allocated yet. */
void auth_buf_init(struct auth_buf *buf, size_t cap);
void auth_buf_init_secret(struct auth_buf *buf, size_t cap);
/* Free the memory (wiped when secret); the buffer stays usable with the same cap. */
void auth_buf_clear(struct auth_buf *buf);
/* Forget the content but keep the memory (wiped when secret) and un-spoil. */
void auth_buf_reset(struct auth_buf *buf);

void auth_buf_add(struct auth_buf *buf, const void *bytes, size_t n);
void auth_buf_add_view(struct auth_buf *buf, struct auth_view view);
void auth_buf_add_string(struct auth_buf *buf, const char *string);
void auth_buf_add_char(struct auth_buf *buf, char c);
void auth_buf_add_int(struct auth_buf *buf, int64_t value); /* decimal */
void auth_buf_addf(struct auth_buf *buf, const char *format, ...) AUTH_PRINTF(2, 3);
void auth_buf_vaddf(struct auth_buf *buf, const char *format, va_list args);
/* Memory for n more bytes: where they go, or NULL when spoiled; then call auth_buf_commit(). */
char *auth_buf_reserve(struct auth_buf *buf, size_t n);
void auth_buf_commit(struct auth_buf *buf, size_t n);

bool auth_buf_ok(const struct auth_buf *buf); /* false once an append failed */
/* AUTH_OK, or AUTH_E_NOMEM recorded in err when an append failed. */
AUTH_MUST_CHECK enum auth_rc auth_buf_check(const struct auth_buf *buf, struct auth_err *err);
struct auth_view auth_buf_view(const struct auth_buf *buf); /* borrowed until the next non-const call */
/* Move the bytes out: NUL-terminated, caller frees with free() (a secret buffer's owner wipes first with
 * auth_wipe()); the buffer is empty afterwards. NULL when spoiled; "" when nothing was added. */
AUTH_MUST_CHECK char *auth_buf_take(struct auth_buf *buf, size_t *n);

/* ---- arrays, which grow in one way: by doubling, from eight on, never beyond what a size_t counts ---- */

/* Memory for at least one item more than `count`; the items there are kept. As realloc(): what it gives replaces `items`,
 * and where it gives NULL (out of memory) they stay as they were.
 *     struct place *grown = auth_array_fit(places, count, &size, sizeof *grown);
 *     if (!grown)
 *         return auth_err_no_memory(err);
 *     places = grown;
 * in out  size  items that fit, 0 at first; free() the array */
AUTH_MUST_CHECK void *auth_array_fit(void *items, size_t count, size_t *size, size_t item_n);

/* Overwrite n bytes in a way that the compiler may not remove. */
void auth_wipe(void *bytes, size_t n);

#endif
