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

static unsigned check_of(const char *text)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < RANDOM_TEXT_N; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619U;
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
    unsigned value = check_of(out->p + at);
    check[0] = (unsigned char)(value >> 8);
    check[1] = (unsigned char)(value & 0xff);
    auth_b64u_encode(out, check, sizeof check);
    return auth_buf_check(out, NULL);
}

bool mock_opaque_token_fits(const char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned value = check_of(text);
    const char check[CHECK_TEXT_N] = {alphabet[value >> 10], alphabet[value >> 4 & 63], alphabet[(value & 15) << 2]};
    return memcmp(text + RANDOM_TEXT_N, check, sizeof check) == 0;
}
