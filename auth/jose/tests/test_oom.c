/* A digest that could not be made for want of memory is made when there is some again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "auth/core/tests/oom.h"
#include "auth/jose/digest.h"

static void test_one_failure_is_not_remembered(void **state)
{
    static const unsigned char start_of_abc[] = {0xba, 0x78, 0x16, 0xbf};
    unsigned char digest[AUTH_SHA256_N];
    struct auth_view text = auth_view_from_string("abc");
    int failures = 0;
    (void)state;
    EVP_MD *other = EVP_MD_fetch(NULL, "SHA384", NULL); /* what OpenSSL itself sets up once is not what is tried here */
    assert_non_null(other);
    EVP_MD_free(other);
    for (long n = 1;; n++) {
        oom_arm(n, OOM_ON_END);
        enum auth_rc rc = auth_digest_sha256(&text, 1, digest);
        if (!oom_disarm())
            break;
        failures += rc != AUTH_OK;
    }
    assert_true(failures > 0);
    assert_int_equal(auth_digest_sha256(&text, 1, digest), AUTH_OK);
    assert_memory_equal(digest, start_of_abc, sizeof start_of_abc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_failure_is_not_remembered)};
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
