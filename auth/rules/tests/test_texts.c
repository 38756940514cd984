/* What verdicts say to people: expected, actual and fix, as the switches and the clock have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/rules/tests/support.h"

static void test_summary_of_a_rule_without_an_actual_value(void **state)
{
    struct bench *bench = *state;
    struct auth_buf out;
    auth_buf_init(&out, 4096);
    bench_judge(bench, &(struct row){.facts = NO_BACKGROUND});
    auth_rules_summary(&bench->report, AUTH_RULE_CLIENT_BACKGROUND_USER, &out);
    assert_true(auth_view_starts(auth_buf_view(&out), "client.background_user: expected "));
    auth_buf_clear(&out);
}

/* What is expected, and the fix, is what the switches say, not what Epic says by default. */
static void test_a_moved_clock_is_named(void **state)
{
    static const struct {
        struct row row;
        const char *part;
    } texts[] = {
        {{MOVED(3600), TIMES(",\"exp\":1789996640")},
         "1789996640 (3360 s ago): this mock's clock stands 3600 s ahead of real time (--clock-offset, --at, PUT /mock/clock)"},
        {{MOVED(-400), TIMES(",\"exp\":1789999999")}, "this mock's clock stands 400 s behind real time"},
        {{TIMES(",\"exp\":1789996700")},
         "1789996700 (3300 s ago): off by whole hours: local time taken for UTC; or else"},
        {{TIMES(",\"iat\":1789979300,\"exp\":1789979600")}, "off by 5:45 hours: local time taken for UTC; or else"},
        {{CHOSEN(86400), TIMES(",\"exp\":1789913840")},
         "judged as of --at, which is 86400 s ahead of the present time"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct auth_buf out;
        auth_buf_init(&out, 4096);
        bench_judge(bench, &texts[i].row);
        auth_rules_actual(&bench->report, AUTH_RULE_EXP_FUTURE, &out);
        auth_rules_fix(&bench->report, AUTH_RULE_EXP_FUTURE, &out);
        if (!strstr(out.p, texts[i].part) || strstr(out.p, "NTP") || strstr(out.p, "{"))
            fail_msg("%s", out.p);
        auth_buf_clear(&out);
    }
}

static const struct {
    const char *rule;
    struct row row;
    const char *expected, *fix; /* NULL: whatever */
} switch_texts[] = {
    // clang-format off
    {"header.typ", {.settings = "typ=optional", HEADER("\"typ\":7")}, "typ, if present, is JWT", "set typ to JWT or leave it out"},
    {"header.typ", {.settings = "typ=required"}, "typ is JWT", "set typ to JWT"},
    {"header.kid", {.settings = "kid=optional", HEADER("\"kid\":\"\"")}, "kid, if present, is a non-empty string", NULL},
    {"header.kid", {.settings = "kid=required"}, "kid is a non-empty string", NULL},
    {"header.alg", {.settings = "algorithms=smart", HEADER("\"alg\":\"RS256\"")}, "RS384 or ES384", "sign with RS384"},
    {"header.alg", {.settings = "algorithms=smart", HEADER("\"alg\":\"ES256\"")}, "RS384 or ES384", "sign with RS384"},
    {"header.alg", {.settings = "algorithms=all", HEADER("\"alg\":\"EdDSA\"")}, "RS256, RS384, RS512, ES256 or ES384", "sign with RS384"},
    {"header.alg", {HEADER("\"alg\":\"ES256\"")}, "an allowed algorithm: RS256, RS384, RS512; ES256, ES384 only with a registered JWK Set URL",
     "register a JWK Set URL, or sign with an RSA key and RS384"},
    {"key.source", {.facts = NO_KEYS}, "the app has a key that can be used", NULL},
    {"key.source", {.facts = NO_KEYS, .settings = "static_keys=refuse"}, "the app has a JWK Set URL, and a key of it can be used",
     "make the JWK Set URL serve a JWK Set without a login"},
    {"key.found", {.facts = STATIC_KEYS | SAME_KID, HEADER("\"alg\":\"RS384\",\"kid\":\"key-a\""), .settings = "key_choice=exact"},
     "exactly one registered key fits alg and kid", NULL},
    {"header.typ", {.settings = "rfc7523bis=require"}, "typ is client-authentication+jwt", "set typ to client-authentication+jwt"},
    {"aud.value", {.settings = "rfc7523bis=require"}, "http://127.0.0.1:8423/p/oauth2", "set aud to the issuer"},
    {"aud.value", {.settings = "rfc7523bis=require", .facts = NO_AUDIENCE}, "aud is the URL of the token endpoint", "set aud to the issuer"},
    {"aud.value", {BODY("client_assertion=x"), AUD("\"http://mock:1/p/oauth2/token\""), .host = "mock:1"}, URL,
     "start it with --public-url http://mock:1, or with --switch aud_follow_host=accept"},
    {"scope.value", {SCOPE(""), .settings = "scope=require"}, "scope names what the app may be granted",
     "send scope with system/ scopes that the app is registered for"},
    {"scope.value", {SCOPE("system/X.r"), .settings = "scope=narrow"}, "scope, where one is sent, names what the app may be granted",
     "send scope with system/ scopes that the app is registered for, or none"},
    {"exp.window", {TIMES(",\"exp\":1790000361"), .settings = "max_lifetime_s=60"}, "at most 60 s ahead of 1790000000", NULL},
    {"exp.window", {TIMES(",\"exp\":1790000060"), .settings = "max_lifetime_s=60"}, NULL, "use 48 s"},
    {"exp.window", {TIMES(",\"exp\":1790000300")}, NULL, "use 240 s"},
    {"exp.future", {TIMES(",\"exp\":300"), .settings = "max_lifetime_s=3600"}, NULL, "send the present time plus the duration"},
    {"exp.type", {TIMES("")}, "exp is an integer number of seconds", NULL},
    {"iat.window", {TIMES(",\"exp\":1790000050,\"iat\":1789999980"), .settings = "max_lifetime_s=60"}, "at most 60 s before exp, and not after it",
     "keep exp - iat at 60 s or less"},
    {"nbf.window", {TIMES(",\"exp\":1790000050,\"nbf\":1789999980"), .settings = "max_lifetime_s=60"}, NULL, "keep exp - nbf at 60 s or less"},
    {"jti.length", {JTI("12345"), .settings = "jti_max=4"}, "at most 4 characters", "send at most 4 characters; a UUID has 36"},
    {"jti.type", {JTI("a b"), .settings = "jti_charset=visible"}, "jti is a string of visible ASCII characters, and not empty", "use a UUID"},
    {"jti.type", {JTI("a/b"), .settings = "jti_charset=unreserved"}, "jti is a string of A-Z a-z 0-9 - . _ ~, and not empty", NULL},
    // clang-format on
};

static void test_texts_follow_the_switches(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof switch_texts / sizeof *switch_texts; i++) {
        enum auth_rule rule = auth_rules_find(auth_view_from_string(switch_texts[i].rule));
        struct auth_buf expected, fix;
        auth_buf_init(&expected, 4096);
        auth_buf_init(&fix, 4096);
        bench_judge(bench, &switch_texts[i].row);
        auth_rules_expected(&bench->report, rule, &expected);
        auth_rules_fix(&bench->report, rule, &fix);
        uint8_t result = bench->report.verdicts[rule].result;
        if ((result != AUTH_FAIL && result != AUTH_WARN) ||
            (switch_texts[i].expected && strcmp(expected.p, switch_texts[i].expected) != 0) ||
            (switch_texts[i].fix && strcmp(fix.p, switch_texts[i].fix) != 0))
            fail_msg("%s, %s: %s: expected %s; fix %s", switch_texts[i].rule,
                     switch_texts[i].row.settings ? switch_texts[i].row.settings : "",
                     auth_rules_result_text((enum auth_result)result), expected.p, fix.p);
        auth_buf_clear(&fix);
        auth_buf_clear(&expected);
    }
}

/* Values are cut to 200 bytes each, and together to the room of a report. */
static void test_long_values_are_cut(void **state)
{
    struct bench *bench = *state;
    char longest[301], header[2048], claims[4096];
    struct auth_buf out;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"%s\",\"kid\":\"%s\",\"jku\":\"%s\"}", longest, longest,
             longest, longest);
    snprintf(claims, sizeof claims, "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"jti\":\"%s\",\"exp\":\"%s\"}",
             longest, longest, longest, longest, longest);
    bench_judge(bench, &(struct row){.header = header, .claims = claims});
    assert_int_equal(bench->report.text_used, AUTH_REPORT_TEXT_N);
    auth_buf_init(&out, 1 << 20);
    for (int rule = 0; rule < AUTH_RULE_COUNT; rule++)
        auth_rules_summary(&bench->report, (enum auth_rule)rule, &out);
    assert_true(auth_buf_ok(&out));
    auth_buf_clear(&out);
}

/* An id is "area.what", of one cause alone and of no rule; its old name is in capitals. */
static void test_each_cause_has_an_id_of_its_own(void **state)
{
    (void)state;
    for (int i = 1; i < AUTH_CAUSE_COUNT; i++) {
        const struct auth_cause_info *info = auth_rules_cause((enum auth_cause)i);
        size_t n = strlen(info->id), dots = 0;
        assert_true(n > 0 && strspn(info->id, "abcdefghijklmnopqrstuvwxyz0123456789_.") == n);
        assert_true(strspn(info->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(info->name));
        for (size_t at = 0; at < n; at++)
            dots += info->id[at] == '.';
        assert_int_equal(dots, 1);
        assert_int_equal(auth_rules_find(auth_view_from_string(info->id)), AUTH_RULE_NONE);
        for (int other = 1; other < i; other++)
            assert_string_not_equal(info->id, auth_rules_cause((enum auth_cause)other)->id);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_cause_has_an_id_of_its_own),
        cmocka_unit_test_setup_teardown(test_summary_of_a_rule_without_an_actual_value, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_texts_follow_the_switches, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_a_moved_clock_is_named, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_long_values_are_cut, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
