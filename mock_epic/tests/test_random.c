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

static uint64_t first_of(int64_t seed, const char *instance, const char *purpose)
{
    unsigned char key[AUTH_SHA256_N];
    struct mock_random random;
    uint64_t first = 0;
    assert_int_equal(mock_random_key(seed, auth_view_from_string(instance), purpose, key), AUTH_OK);
    mock_random_init_seeded(&random, key);
    assert_int_equal(mock_random_take(&random, &first, sizeof first), AUTH_OK);
    mock_random_clear(&random);
    return first;
}

static void test_random_of_a_seed_is_the_same_again_and_for_nothing_else(void **state)
{
    (void)state;
    uint64_t first = first_of(7, "", "tokens");
    assert_true(first == first_of(7, "", "tokens"));
    assert_true(first != first_of(8, "", "tokens"));
    assert_true(first != first_of(7, "a", "tokens"));
    assert_true(first != first_of(7, "", "sessions"));
    assert_true(first_of(1, "1", "tokens") != first_of(11, "", "tokens"));
}

/* Also across what one refill makes, and in takes of any size. */
static void test_random_of_a_seed_repeats_no_block(void **state)
{
    enum { WORDS = 4 * MOCK_RANDOM_N / 8 };
    static uint64_t words[WORDS];
    unsigned char key[AUTH_SHA256_N] = {1};
    struct mock_random random;
    (void)state;
    mock_random_init_seeded(&random, key);
    for (int i = 0; i < WORDS; i++) {
        assert_int_equal(mock_random_take(&random, &words[i], sizeof words[i]), AUTH_OK);
        for (int k = 0; k < i; k++)
            assert_true(words[i] != words[k]);
    }
    mock_random_clear(&random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_hands_each_byte_out_once),
        cmocka_unit_test(test_random_trouble_gives_nothing_and_passes),
        cmocka_unit_test(test_random_of_a_seed_is_the_same_again_and_for_nothing_else),
        cmocka_unit_test(test_random_of_a_seed_repeats_no_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
