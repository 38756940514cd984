/* The registered keys and the signature: for each way of not fitting together the causes that are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/rules/tests/support.h"

#define SIGNED(algorithm, n, name)                                                                                     \
    {                                                                                                                  \
        "signature", AUTH_FAIL, AUTH_CAUSE_##name, HEADER("\"alg\":\"" algorithm "\""), .signature_n = n               \
    }
#define SIGNED_EC(algorithm, n, name)                                                                                  \
    {                                                                                                                  \
        "signature", AUTH_FAIL, AUTH_CAUSE_##name, .facts = EC_KEYS | URL_KEYS, HEADER("\"alg\":\"" algorithm "\""),   \
                                                   .signature_n = n                                                    \
    }

static const struct row rows[] = {
    // clang-format off
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_MISMATCH, .or_else = AUTH_CAUSE_SIGNATURE_ALTERED, .third = AUTH_CAUSE_KEY_STALE, .facts = EC_KEYS | URL_KEYS, HEADER("\"alg\":\"ES256\""), .signature_n = 64},
    {"signature", AUTH_FAIL, AUTH_CAUSE_OTHER_TOKEN, .claims = "{\"iss\":\"https://e.example\",\"sub\":\"p\",\"nonce\":\"n\"}"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_OTHER_TOKEN, HEADER("\"alg\":\"RS384\",\"typ\":\"at+jwt\""), .claims = "{\"iss\":\"https://e.example\",\"sub\":\"p\"}"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .claims = "{\"iss\":\"https://e.example\",\"sub\":\"p\"}"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .claims = "{\"iss\":\"c\",\"sub\":\"c\",\"nonce\":\"n\"}"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .facts = NO_KEYS, .settings = "key.source=warn"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .facts = EMPTY_KEYS, .settings = "key.source=off"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .settings = "static_keys=refuse key.source=off"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, HEADER("\"alg\":\"none\""), .settings = "header.alg=off"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, HEADER("\"alg\":\"HS256\""), .settings = "header.alg=warn"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_KTY, HEADER("\"alg\":\"ES384\""), .settings = "header.alg=warn"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS256\""), .settings = "algorithms=smart header.alg=off"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\",\"kid\":7"), .settings = "header.kid=off"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"other\""), .settings = "key.found=off"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .facts = URL_KEYS, .settings = "key_choice=exact key.found=off"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .compact = "eyJhbGciOiJSUzM4NCJ9.e30.AA==", .settings = "jws.base64url=warn"},
    {"signature", AUTH_WARN, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .settings = "signature=warn"},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = NO_SOURCE},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_STATIC_KEY, .settings = "static_keys=refuse"},
    {"key.source", AUTH_PASS, AUTH_CAUSE_NONE, .facts = URL_KEYS, .settings = "static_keys=refuse"},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = NO_KEYS},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = EMPTY_KEYS},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = NOT_SIGNING},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = NOT_SIGNING | STATIC_KEYS},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = ES_ENTRY},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_AMBIGUOUS, .facts = URL_KEYS, .settings = "key_choice=exact"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = ES_ENTRY | URL_KEYS, .settings = "key_choice=exact"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .settings = "header.alg=off"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = RS_ENTRY},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = NO_ENTRY | STATIC_KEYS},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = NINE_KEYS},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = STATIC_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"other\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"other\"")},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"key-b\"")},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = RS_ENTRY | URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_REMOVED, .facts = URL_KEYS | HAD_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"gone\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS | HAD_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"never\"")},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .facts = URL_KEYS | HAD_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = NINE_KEYS | URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"other\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .facts = STATIC_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"other\""), .settings = "key_choice=exact"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\",\"kid\":\"other\""), .settings = "key_choice=exact"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_AMBIGUOUS, .facts = STATIC_KEYS | SAME_KID, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\""), .settings = "key_choice=exact"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = STATIC_KEYS | SAME_KID, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS | ES_ENTRY, HEADER("\"alg\":\"RS384\",\"kid\":\"other\"")},
    {"key.found", AUTH_WARN, AUTH_CAUSE_KID_DIFFERS, .facts = URL_KEYS | ES_ENTRY, HEADER("\"alg\":\"RS384\",\"kid\":\"other\""), .settings = "kid_mismatch=ignore"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"other\""), .settings = "kid_mismatch=ignore"},
    {"key.found", AUTH_PASS, AUTH_CAUSE_NONE, .facts = 0, HEADER("\"alg\":\"RS384\",\"kid\":\"other\""), .settings = "kid_mismatch=ignore"},
    {"key.strength", AUTH_PASS, AUTH_CAUSE_NONE, .settings = "key.found=off"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .settings = "key.found=off"},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .facts = 0},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .facts = NINE_KEYS | URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"same\"")},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .facts = TEN_KEYS | URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KID_UNUSABLE, .facts = NOT_SIGNING | URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = NO_ENTRY | URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"abcdefghijklmnopqrstuvwxyz~\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"-\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_UNKNOWN_KID, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"kid\":\"G\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KID_CERT_THUMBPRINT, .or_else = AUTH_CAUSE_KEY_STALE, .facts = URL_KEYS,
     HEADER("\"alg\":\"RS384\",\"kid\":\"aA:9F:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11\"")},
    {"signature", AUTH_BLOCKED, AUTH_CAUSE_NONE, .compact = "eyJhbGciOiJSUzM4NCJ9.e30.AA=="},

    /* a signature of another kind of key: by its length, or because it is DER */
    SIGNED("RS384", 32, SIGNATURE_OF_HMAC), SIGNED("RS256", 48, SIGNATURE_OF_HMAC), SIGNED("RS512", 64, SIGNATURE_OF_EC),
    SIGNED("RS256", 96, SIGNATURE_OF_EC), SIGNED("RS256", 132, SIGNATURE_OF_EC), SIGNED("RS256", 384, SIGNATURE_LENGTH),
    SIGNED_EC("ES256", 256, SIGNATURE_OF_RSA), SIGNED_EC("ES256", 384, SIGNATURE_OF_RSA), SIGNED_EC("ES256", 512, SIGNATURE_OF_RSA),
    SIGNED_EC("ES256", 32, SIGNATURE_OF_HMAC), SIGNED_EC("ES256", 48, SIGNATURE_OF_HMAC), SIGNED_EC("ES256", 96, SIGNATURE_LENGTH),
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_OF_EC, .signature_n = 71, .has_der = true},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_OF_EC, .signature_n = 103, .has_der = true},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_OF_EC, .signature_n = 139, .has_der = true},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_CUT, .or_else = AUTH_CAUSE_SIGNATURE_LENGTH, .signature_n = 71},
    {"signature", AUTH_FAIL, AUTH_CAUSE_SIGNATURE_DER, .facts = EC_KEYS | URL_KEYS, HEADER("\"alg\":\"ES256\""), .signature_n = 71, .has_der = true},

    /* keys of another type, or marked for something else */
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_KTY, .facts = EC_KEYS | URL_KEYS, HEADER("\"alg\":\"RS384\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_KTY, .facts = NO_ENTRY | URL_KEYS, HEADER("\"alg\":\"ES384\"")},
    {"key.source", AUTH_PASS, AUTH_CAUSE_NONE, .settings = "static_keys=accept"},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_EC_UPLOADED, .facts = EC_KEYS, HEADER("\"alg\":\"RS256\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_EC_UPLOADED, .facts = EC_KEYS | STATIC_KEYS, HEADER("\"alg\":\"RS256\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_ALG, .facts = ES_ENTRY | URL_KEYS | ONE_KEY, HEADER("\"alg\":\"RS384\"")},
    {"key.found", AUTH_FAIL, AUTH_CAUSE_KEY_USE, .facts = NOT_SIGNING | URL_KEYS | EC_SECOND, HEADER("\"alg\":\"RS384\"")},
    // clang-format on
};

static void test_each_turn(void **state)
{
    bench_expect(*state, rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_turn, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
