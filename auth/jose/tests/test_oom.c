/* A digest is made where there is no memory: tokens are looked up by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/tests/oom.h"
#include "auth/jose/digest.h"

static void test_a_digest_needs_no_memory(void **state)
{
    static const unsigned char abc[AUTH_SHA256_N] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
                                                     0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
                                                     0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
    const struct auth_view parts[] = {auth_view_from_string("a"), auth_view_from_string(NULL),
                                      auth_view_from_string("bc")};
    unsigned char digest[AUTH_SHA256_N];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        oom_arm(1, OOM_ON_END);
        enum auth_rc rc = auth_digest_sha256(parts, sizeof parts / sizeof *parts, digest);
        assert_false(oom_disarm());
        assert_int_equal(rc, AUTH_OK);
        assert_memory_equal(digest, abc, sizeof abc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_digest_needs_no_memory)};
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
