/* A table of ways to spoil a signature, or its spelling. */
#include "conformance/suite/signature.h"

#include <string.h>

#include "auth/core/b64u.h"

enum { FLIPPED_AT = 9, DER_SEQUENCE = 0x30, DER_INTEGER = 2, DER_SHORT_MAX = 127, DER_LONG = 0x81 };

/* ---- the bytes ---- */

static void flip(struct auth_buf *raw)
{
    if (raw->n > FLIPPED_AT)
        raw->p[FLIPPED_AT] ^= 1;
}

static void empty(struct auth_buf *raw)
{
    auth_buf_reset(raw);
}

static void lengthen(struct auth_buf *raw)
{
    auth_buf_add_char(raw, '\0');
}

static void shorten(struct auth_buf *raw)
{
    raw->n -= raw->n > 0;
}

/* As long as its base64 is: what comes of decoding into a buffer that is sent whole. */
static void pad(struct auth_buf *raw)
{
    for (size_t n = (raw->n + 2) / 3 * 4; raw->n < n && auth_buf_ok(raw);)
        auth_buf_add_char(raw, '\0');
}

static void become(struct auth_buf *raw, struct auth_buf *text)
{
    auth_buf_reset(raw);
    auth_buf_add_view(raw, auth_buf_view(text));
    auth_buf_clear(text);
}

static void to_hex(struct auth_buf *raw)
{
    struct auth_buf text;
    auth_buf_init(&text, raw->cap);
    for (size_t i = 0; i < raw->n; i++)
        auth_buf_addf(&text, "%02x", (unsigned char)raw->p[i]);
    become(raw, &text);
}

static void to_base64url(struct auth_buf *raw)
{
    struct auth_buf text;
    auth_buf_init(&text, raw->cap);
    auth_b64u_encode(&text, raw->p, raw->n);
    become(raw, &text);
}

static void to_base64(struct auth_buf *raw)
{
    to_base64url(raw);
    for (size_t i = 0; i < raw->n; i++)
        raw->p[i] = raw->p[i] == '-' ? '+' : raw->p[i] == '_' ? '/' : raw->p[i];
    while (raw->n % 4 && auth_buf_ok(raw))
        auth_buf_add_char(raw, '=');
}

/* Without leading zeros, and with one where it would be negative. */
static void add_der_integer(struct auth_buf *out, const char *bytes, size_t n)
{
    for (; n > 1 && *bytes == 0; n--)
        bytes++;
    bool is_negative = (unsigned char)*bytes >= 0x80;
    auth_buf_add_char(out, DER_INTEGER);
    auth_buf_add_char(out, (char)(n + is_negative));
    if (is_negative)
        auth_buf_add_char(out, '\0');
    auth_buf_add(out, bytes, n);
}

static void to_der(struct auth_buf *raw)
{
    struct auth_buf numbers, text;
    size_t half = raw->n / 2;
    auth_buf_init(&numbers, raw->cap);
    auth_buf_init(&text, raw->cap);
    if (half) {
        add_der_integer(&numbers, raw->p, half);
        add_der_integer(&numbers, raw->p + half, half);
    }
    auth_buf_add_char(&text, DER_SEQUENCE);
    if (numbers.n > DER_SHORT_MAX)
        auth_buf_add_char(&text, (char)DER_LONG);
    auth_buf_add_char(&text, (char)numbers.n);
    auth_buf_add_view(&text, auth_buf_view(&numbers));
    auth_buf_clear(&numbers);
    become(raw, &text);
}

/* ---- the text ---- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The last character has bits that mean nothing: 256 bytes leave two of them. */
static void set_stray_bits(char *text, size_t n)
{
    const char *last = n ? strchr(alphabet, text[n - 1]) : NULL;
    if (last && *last)
        text[n - 1] = alphabet[(size_t)(last - alphabet) | 1];
}

static void use_old_alphabet(char *text, size_t n)
{
    bool has_any = false;
    for (size_t i = 0; i < n; i++) {
        has_any = has_any || text[i] == '-';
        text[i] = text[i] == '-' ? '+' : text[i];
    }
    if (n && !has_any) /* one signature in two thousand has none to replace */
        text[n / 2] = '+';
}

/* ---- which ---- */

static const struct {
    const char *how;
    void (*change)(struct auth_buf *raw);
    void (*spell)(char *text, size_t n);
} ways[] = {
    {"", NULL, NULL},
    {"over_more", NULL, NULL}, /* signed that way */
    {"flipped", flip, NULL},
    {"empty", empty, NULL},
    {"longer", lengthen, NULL},
    {"shorter", shorten, NULL},
    {"padded", pad, NULL},
    {"hex", to_hex, NULL},
    {"base64", to_base64, NULL},
    {"base64url", to_base64url, NULL},
    {"der", to_der, NULL},
    {"stray_bits", NULL, set_stray_bits},
    {"plus", NULL, use_old_alphabet},
};

enum auth_rc conf_signature_write(struct auth_view how, struct auth_buf *raw, struct auth_buf *out,
                                  struct auth_err *err)
{
    size_t i = 0, at = out->n, count = sizeof ways / sizeof *ways;
    while (i < count && !auth_view_equals(how, ways[i].how))
        i++;
    if (i == count)
        return auth_err_set(err, AUTH_E_SYNTAX, "signature: \"%.*s\"", (int)(how.n < 40 ? how.n : 40), how.p);
    if (ways[i].change)
        ways[i].change(raw);
    auth_b64u_encode(out, raw->n ? raw->p : "", raw->n);
    if (ways[i].spell && out->n > at)
        ways[i].spell(out->p + at, out->n - at);
    return auth_buf_check(out, err);
}
