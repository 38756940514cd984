/* Views and buffers: growing within the cap, wiping what was secret. */
#include "auth/core/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- views ---- */

bool auth_view_equals_secret(struct auth_view given, struct auth_view secret)
{
    volatile unsigned char difference = given.n != secret.n;
    for (size_t i = 0; i < given.n && secret.n; i++)
        difference = (unsigned char)(difference | (given.p[i] ^ secret.p[i % secret.n]));
    return difference == 0;
}

/* Eight letters in lower case, ASCII's alone: the top bit of a byte's sums tells whether it is at least 'A' and above 'Z'. */
static uint64_t lower_eight(uint64_t eight)
{
    const uint64_t each = 0x0101010101010101U, tops = each << 7;
    uint64_t low = eight & ~tops;
    uint64_t is_upper = (low + each * (0x80 - 'A')) & ~(low + each * (0x7f - 'Z')) & ~eight & tops;
    return eight | is_upper >> 2;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool eight_equal_nocase(const char *a, const char *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y || lower_eight(x) == lower_eight(y);
}

bool auth_bytes_equal_nocase(const char *a, const char *b, size_t n)
{
    enum { STEP = 8 };
    size_t at = 0;
    for (; at + STEP < n; at += STEP) {
        if (!eight_equal_nocase(a + at, b + at))
            return false;
    }
    if (n >= STEP)
        return eight_equal_nocase(a + n - STEP, b + n - STEP); /* some of them once more */
    while (at < n && lower(a[at]) == lower(b[at]))
        at++;
    return at == n;
}

bool auth_view_ends(struct auth_view view, const char *suffix)
{
    size_t n = strlen(suffix);
    return view.n >= n && (n == 0 || memcmp(view.p + view.n - n, suffix, n) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct auth_view auth_view_trim(struct auth_view view)
{
    while (view.n && is_space(view.p[0])) {
        view.p++;
        view.n--;
    }
    while (view.n && is_space(view.p[view.n - 1]))
        view.n--;
    return view;
}

size_t auth_view_find(struct auth_view view, char c)
{
    const char *found = view.n ? memchr(view.p, c, view.n) : NULL;
    return found ? (size_t)(found - view.p) : view.n;
}

/* From one first byte to the next, which memchr() finds faster than a loop. */
size_t auth_view_find_text(struct auth_view view, const char *text)
{
    size_t n = strlen(text);
    if (n == 0)
        return 0;
    for (size_t at = 0; n <= view.n && at <= view.n - n; at++) {
        const char *first = memchr(view.p + at, *text, view.n - n - at + 1);
        if (!first)
            break;
        at = (size_t)(first - view.p);
        if (memcmp(first, text, n) == 0)
            return at;
    }
    return view.n;
}

bool auth_view_contains(struct auth_view view, const char *text)
{
    return auth_view_find_text(view, text) < view.n;
}

struct auth_view auth_view_without_line_end(struct auth_view view)
{
    if (auth_view_ends(view, "\n"))
        view.n--;
    if (auth_view_ends(view, "\r"))
        view.n--;
    return view;
}

struct auth_view auth_view_split(struct auth_view *rest, char separator)
{
    size_t at = auth_view_find(*rest, separator);
    struct auth_view part = {rest->p, at};
    if (at == rest->n)
        *rest = (struct auth_view){NULL, 0};
    else
        *rest = (struct auth_view){rest->p + at + 1, rest->n - at - 1};
    return part;
}

bool auth_view_is_digits(struct auth_view view)
{
    for (size_t i = 0; i < view.n; i++) {
        if (view.p[i] < '0' || view.p[i] > '9')
            return false;
    }
    return view.n > 0;
}

bool auth_view_int(struct auth_view view, int64_t *value)
{
    enum { SAFE_N = 18 }; /* no number of so many digits is too large */
    bool is_negative = view.n && view.p[0] == '-';
    size_t i = is_negative ? 1 : 0, safe_n = view.n < SAFE_N ? view.n : SAFE_N;
    int64_t result = 0;
    if (i == view.n)
        return false;
    /* counted downwards, because INT64_MIN has no positive counterpart */
    for (unsigned digit; i < safe_n && (digit = (unsigned)view.p[i] - '0') < 10; i++)
        result = result * 10 - (int)digit;
    for (; i < view.n; i++) {
        int digit = view.p[i] - '0';
        if (digit < 0 || digit > 9 || result < (INT64_MIN + digit) / 10)
            return false;
        result = result * 10 - digit;
    }
    if (!is_negative && result == INT64_MIN)
        return false;
    *value = is_negative ? result : -result;
    return true;
}

char *auth_view_dup(struct auth_view view)
{
    if (view.n && memchr(view.p, '\0', view.n))
        return NULL;
    char *copy = malloc(view.n + 1);
    if (!copy)
        return NULL;
    if (view.n)
        memcpy(copy, view.p, view.n);
    copy[view.n] = '\0';
    return copy;
}

/* ---- buffers ---- */

/* The pointer is volatile, so the compiler cannot know that this is memset() and drop a call whose effect nobody reads;
 * and it runs at memset()'s speed, which shows in every request (a byte loop took 6 us of one). */
void auth_wipe(void *bytes, size_t n)
{
    static void *(*const volatile fill)(void *, int, size_t) = memset;
    if (n)
        fill(bytes, 0, n);
}

void auth_buf_init(struct auth_buf *buf, size_t cap)
{
    *buf = (struct auth_buf){.cap = cap};
}

void auth_buf_init_secret(struct auth_buf *buf, size_t cap)
{
    *buf = (struct auth_buf){.cap = cap, .is_secret = true};
}

/* n says how much is there now, not how much was: a caller may have cut the end off, or reserved and not committed. */
static void wipe_written(struct auth_buf *buf, size_t from)
{
    if (buf->is_secret && buf->p && buf->written > from)
        auth_wipe(buf->p + from, buf->written - from);
    buf->written = from;
}

static void release(struct auth_buf *buf)
{
    wipe_written(buf, 0);
    free(buf->p);
    buf->p = NULL;
    buf->n = buf->size = 0;
}

void auth_buf_clear(struct auth_buf *buf)
{
    release(buf);
    buf->is_spoiled = buf->is_full = false;
}

void auth_buf_reset(struct auth_buf *buf)
{
    wipe_written(buf, 0);
    buf->n = 0;
    if (buf->p)
        buf->p[0] = '\0';
    buf->is_spoiled = buf->is_full = false;
}

/* realloc() may leave the old bytes behind in freed memory, so a secret is moved by hand. */
static char *move(struct auth_buf *buf, size_t size)
{
    if (!buf->is_secret)
        return realloc(buf->p, size);
    char *fresh = malloc(size);
    if (!fresh)
        return NULL;
    if (buf->p) {
        memcpy(fresh, buf->p, buf->n + 1);
        wipe_written(buf, 0);
        free(buf->p);
    }
    return fresh;
}

char *auth_buf_reserve(struct auth_buf *buf, size_t n)
{
    enum { FIRST_SIZE = 128 };
    if (buf->is_spoiled || n > buf->cap - buf->n) {
        buf->is_full = buf->is_full || !buf->is_spoiled;
        buf->is_spoiled = true;
        return NULL;
    }
    size_t need = buf->n + n + 1;
    if (need <= buf->size) {
        buf->written = buf->written > need ? buf->written : need;
        return buf->p + buf->n;
    }
    size_t size = buf->size ? buf->size : FIRST_SIZE;
    while (size < need)
        size = size > SIZE_MAX / 2 ? need : size * 2;
    if (size - 1 > buf->cap)
        size = buf->cap + 1; /* doubling must not make it twice of what it may hold */
    char *p = move(buf, size);
    if (!p) {
        buf->is_spoiled = true;
        return NULL;
    }
    buf->p = p;
    buf->size = size;
    buf->written = need;
    buf->p[buf->n] = '\0';
    return buf->p + buf->n;
}

void auth_buf_commit(struct auth_buf *buf, size_t n)
{
    buf->n += n;
    buf->p[buf->n] = '\0';
}

void auth_buf_add(struct auth_buf *buf, const void *bytes, size_t n)
{
    char *to = auth_buf_reserve(buf, n);
    if (!to)
        return;
    if (n)
        memcpy(to, bytes, n);
    auth_buf_commit(buf, n);
}

void auth_buf_add_view(struct auth_buf *buf, struct auth_view view)
{
    auth_buf_add(buf, view.p, view.n);
}

void auth_buf_add_string(struct auth_buf *buf, const char *string)
{
    auth_buf_add_view(buf, auth_view_from_string(string));
}

void auth_buf_add_char(struct auth_buf *buf, char c)
{
    auth_buf_add(buf, &c, 1);
}

void auth_buf_add_int(struct auth_buf *buf, int64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits[--at] = '-';
    auth_buf_add(buf, digits + at, sizeof digits - at);
}

void auth_buf_vaddf(struct auth_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *to = n < 0 ? NULL : auth_buf_reserve(buf, (size_t)n);
    if (to && vsnprintf(to, (size_t)n + 1, format, again) == n)
        auth_buf_commit(buf, (size_t)n);
    else
        buf->is_spoiled = true;
    va_end(again);
}

void auth_buf_addf(struct auth_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_buf_vaddf(buf, format, args);
    va_end(args);
}

bool auth_buf_ok(const struct auth_buf *buf)
{
    return !buf->is_spoiled;
}

enum auth_rc auth_buf_check(const struct auth_buf *buf, struct auth_err *err)
{
    if (!buf->is_spoiled)
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_NOMEM, "out of memory, or more than %zu bytes", buf->cap);
}

struct auth_view auth_buf_view(const struct auth_buf *buf)
{
    return (struct auth_view){buf->p, buf->n};
}

char *auth_buf_take(struct auth_buf *buf, size_t *n)
{
    if (buf->is_spoiled || !auth_buf_reserve(buf, 0))
        return NULL;
    char *taken = buf->p;
    if (n)
        *n = buf->n;
    wipe_written(buf, buf->n + 1); /* the new owner knows of n bytes and no more */
    buf->p = NULL;
    buf->n = buf->size = buf->written = 0;
    return taken;
}

void *auth_array_fit(void *items, size_t count, size_t *size, size_t item_n)
{
    enum { FIRST = 8 };
    if (count < *size)
        return items;
    size_t wanted = *size ? *size * 2 : FIRST;
    if (*size > SIZE_MAX / 2 || wanted > SIZE_MAX / item_n)
        return NULL;
    void *grown = realloc(items, wanted * item_n);
    if (grown)
        *size = wanted;
    return grown;
}
