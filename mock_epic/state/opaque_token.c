/* Random characters and what follows from them. */
#include "mock_epic/state/opaque_token.h"

#include <string.h>

#include "auth/core/b64u.h"

enum {
    RANDOM_N = 30,
    RANDOM_TEXT_N = RANDOM_N / 3 * 4,
    CHECK_N = 2,
    CHECK_TEXT_N = MOCK_OPAQUE_TOKEN_N - RANDOM_TEXT_N
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The hash of the random characters is a polynomial, which can be moved along a text: one character more behind, and the first
 * one taken away. */
static const uint32_t base = 16777619U;

static uint32_t with(uint32_t hash, char next)
{
    return hash * base + (unsigned char)next;
}

static uint32_t hash_of(const char *text)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < RANDOM_TEXT_N; i++)
        hash = with(hash, text[i]);
    return hash;
}

static uint32_t eighth_power(uint32_t x)
{
    x *= x;
    x *= x;
    return x * x;
}

static unsigned check_of(uint32_t hash)
{
    return (hash ^ hash >> 16) & 0xffff;
}

enum auth_rc mock_opaque_token_make(struct mock_random *source, struct auth_buf *out)
{
    unsigned char random[RANDOM_N], check[CHECK_N];
    size_t at = out->n;
    enum auth_rc rc = mock_random_take(source, random, sizeof random);
    if (rc == AUTH_OK)
        auth_b64u_encode(out, random, sizeof random);
    auth_wipe(random, sizeof random);
    if (rc == AUTH_OK)
        rc = auth_buf_check(out, NULL);
    if (rc != AUTH_OK)
        return rc;
    unsigned value = check_of(hash_of(out->p + at));
    check[0] = (unsigned char)(value >> 8);
    check[1] = (unsigned char)(value & 0xff);
    auth_b64u_encode(out, check, sizeof check);
    return auth_buf_check(out, NULL);
}

static bool fits(unsigned check, const char *text)
{
    return text[0] == alphabet[check >> 10] && text[1] == alphabet[check >> 4 & 63] &&
           text[2] == alphabet[(check & 15) << 2];
}

size_t mock_opaque_token_find(struct auth_view text, size_t at)
{
    _Static_assert(RANDOM_TEXT_N == 5 * 8, "what the first of so many characters counts");
    const uint32_t first = eighth_power(base * base * base * base * base);
    if (text.n - at < MOCK_OPAQUE_TOKEN_N)
        return text.n;
    uint32_t hash = hash_of(text.p + at);
    while (!fits(check_of(hash), text.p + at + RANDOM_TEXT_N)) {
        if (text.n - ++at < MOCK_OPAQUE_TOKEN_N)
            return text.n;
        hash = with(hash, text.p[at + RANDOM_TEXT_N - 1]) - first * (unsigned char)text.p[at - 1];
    }
    return at;
}
