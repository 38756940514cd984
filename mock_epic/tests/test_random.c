/* Random bytes in advance: each byte goes to one taker, is wiped here, and trouble of the source is passed on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/state/random.h"

/* A source that counts: 1, 2, 3 ... in 32 bits each, so that a byte handed out twice shows. */
struct source {
    uint32_t next;
    enum auth_rc rc;
    int calls;
};

static enum auth_rc count_up(void *ctx, void *bytes, size_t n)
{
    struct source *source = ctx;
    source->calls++;
    for (size_t i = 0; source->rc == AUTH_OK && i + sizeof source->next <= n; i += sizeof source->next) {
        source->next++;
        memcpy((char *)bytes + i, &source->next, sizeof source->next);
    }
    return source->rc;
}

static void test_random_hands_each_byte_out_once(void **state)
{
    enum { TAKES = 1000 };
    static bool seen[TAKES * 16];
    struct source source = {0};
    struct auth_env env = {.random = count_up, .ctx = &source};
    struct mock_random random;
    (void)state;
    mock_random_init(&random, &env);
    for (int i = 0; i < TAKES; i++) {
        uint32_t words[8];
        assert_int_equal(mock_random_take(&random, words, sizeof words), AUTH_OK);
        for (int k = 0; k < 8; k++) {
            assert_in_range(words[k], 1, TAKES * 16 - 1);
            assert_false(seen[words[k]]);
            seen[words[k]] = true;
        }
        for (size_t at = random.left; at < sizeof random.bytes; at++)
            assert_int_equal(random.bytes[at], 0);
    }
    assert_int_equal(source.calls, (TAKES * 32 + MOCK_RANDOM_N - 1) / MOCK_RANDOM_N);
    mock_random_clear(&random);
}

static void test_random_trouble_gives_nothing_and_passes(void **state)
{
    struct source source = {.rc = AUTH_E_CRYPTO};
    struct auth_env env = {.random = count_up, .ctx = &source};
    struct mock_random random;
    unsigned char bytes[32] = {7};
    (void)state;
    mock_random_init(&random, &env);
    assert_int_equal(mock_random_take(&random, bytes, sizeof bytes), AUTH_E_CRYPTO);
    assert_int_equal(bytes[0], 7);
    source.rc = AUTH_OK;
    assert_int_equal(mock_random_take(&random, bytes, sizeof bytes), AUTH_OK);
    mock_random_clear(&random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_hands_each_byte_out_once),
        cmocka_unit_test(test_random_trouble_gives_nothing_and_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
