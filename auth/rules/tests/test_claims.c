/* Who the JWT is from and whom it is for: iss, sub and aud beside what the server is called, and what the request went to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/rules/tests/support.h"

#define ISSUER "http://127.0.0.1:8423/p/oauth2"
#define BIS "\"alg\":\"RS384\",\"typ\":\"client-authentication+jwt\""
#define BIS_LONG "\"alg\":\"RS384\",\"typ\":\"application/client-authentication+jwt\""
#define NAME "http://mock-epic:8423/p/oauth2/token"

static const struct row rows[] = {
    // clang-format off
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"" URL "\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE_AROUND, AUD("\" " URL "\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_SLASH, AUD("\"" URL "/\"")},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"" URL "/\""), .settings = "aud_slash=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_MORE, AUD("\"" URL "//\""), .settings = "aud_slash=ignore",
     .audience = URL "/"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"http://localhost:8423/p/oauth2/token\"")},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"http://[::1]:8423/p/oauth2/token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://localhost:8423/p/oauth2/token\""),
     .settings = "loopback_alias=refuse"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://localhost/t\""), .audience = "http://example.org/t"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://localhost/u\""), .audience = "http://127.0.0.1/t"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://example.org?x\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://[::1\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://127.0.0.1/p/oauth2/x\""), .audience = "http://127.0.0.1/p/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_MORE, AUD("\"http://127.0.0.1/p/oauth2/token/more\""), .audience = "http://127.0.0.1/p/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INSTANCE, .or_else = AUTH_CAUSE_AUD_PROXY, AUD("\"https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INSTANCE, .or_else = AUTH_CAUSE_AUD_PROXY, AUD("\"http://127.0.0.1:8423/interconnect-amcurprd-oauth/oauth2/token/\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_PORT, AUD("\"https://e.example:443/oauth2/token\""), .audience = "https://e.example/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_PORT, AUD("\"http://e.example/oauth2/token\""), .audience = "http://e.example:80/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"https://e.example:443/oauth2/x\""), .audience = "https://e.example/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INSTANCE, .or_else = AUTH_CAUSE_AUD_PROXY, AUD("\"https://e.example:80/oauth2/token\""), .audience = "https://e.example/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INSTANCE, .or_else = AUTH_CAUSE_AUD_PROXY, AUD("\"https://e.example:80/oauth2/token\""), .audience = "http://e.example/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ENCODED, AUD("\"https%3A%2F%2Fe.example%2Foauth2%2Ftoken\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ENCODED, AUD("\"https%3a%2f%2fe.example%2foauth2%2ftoken\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_NO_URL, AUD("\"http token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_SCHEME, AUD("\"https://127.0.0.1:8423/p/oauth2/token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_SCHEME, AUD("\"https://localhost:8423/p/oauth2/token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_FHIR, AUD("\"http://127.0.0.1:8423/p/api/FHIR/R4\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_AUTHORIZE, AUD("\"http://127.0.0.1:8423/p/oauth2/authorize\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ISSUER, .or_else = AUTH_CAUSE_RFC7523BIS, AUD("\"http://127.0.0.1:8423/p\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ISSUER, .or_else = AUTH_CAUSE_RFC7523BIS, AUD("\"http://127.0.0.1\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_CASE, AUD("\"HTTP://127.0.0.1:8423/P/OAUTH2/TOKEN\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_CASE, AUD("\"http://127.0.0.1:8423/P/oauth2/token\""), .audience = "HTTP://127.0.0.1:8423/p/OAUTH2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_NO_URL, AUD("\"no url\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_NO_URL, AUD("\"a:b\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_NO_URL, AUD("\"mailto:somebody\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, AUD("\"http://a\""), .audience = "no url"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, AUD("\"~no url\""), .audience = "[no url"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, AUD("\"no url\""), .audience = "~o [r}"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_CASE, AUD("\"HTTP://E.example/t\""), .audience = "http://e.example/t"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"HTTP://E.example/t\""), .audience = "http://e.example/t", .settings = "aud_host_case=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_CASE, AUD("\"http://e.example/T\""), .audience = "http://e.example/t", .settings = "aud_host_case=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TYPO, AUD("\"http://f.example/t\""), .audience = "http://e.example/t", .settings = "aud_host_case=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_SCHEME, AUD("\"https://e.example/t\""), .audience = "http://e.example/t", .settings = "aud_host_case=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_PORT, AUD("\"https://e.example:443/t\""), .audience = "https://e.example/t"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"https://e.example:443/t\""), .audience = "https://e.example/t", .settings = "aud_port=ignore"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"http://e.example/t\""), .audience = "http://e.example:80/t", .settings = "aud_port=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"https://e.example:444/t\""), .audience = "https://e.example/t", .settings = "aud_port=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"ftp://e.example:80/t\""), .audience = "ftp://e.example/t", .settings = "aud_port=ignore"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_EMPTY, AUD("\"\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_WRONG_TYPE, AUD("7")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, .claims = CLAIMS("\"c\"", "", "")},
    {"aud.value", AUTH_WARN, AUTH_CAUSE_AUD_ARRAY_USED, AUD("[\"x\",\"" URL "\",\"y\"]")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ARRAY_USED, AUD("[\"" URL "\"]"), .settings = "aud_array=refuse"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, AUD("[\"x\"]"), .settings = "aud_array=refuse"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, AUD("[\"x\"]")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, AUD("[]")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_WRONG_TYPE, AUD("[7]")},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, .facts = NO_AUDIENCE, AUD("\"anything\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_EMPTY, .facts = NO_AUDIENCE, AUD("\"\"")},
    {"aud.value", AUTH_WARN, AUTH_CAUSE_AUD_ARRAY_USED, .facts = NO_AUDIENCE, AUD("[\"anything\"]")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = NO_AUDIENCE, AUD("[\"\"]")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .claims = "[]", .settings = "payload.json=warn"},

    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_WRAPPED, AUD("\"<" URL ">\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_WRAPPED, AUD("\"\\\"" URL "\\\"\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_NO_SCHEME, AUD("\"127.0.0.1:8423/p/oauth2/token\"")},

    /* RFC 7523bis: one cause for typ and aud, and a switch for both */
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS, HEADER(BIS)}, {"header.typ", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS, HEADER(BIS_LONG)},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS, HEADER(BIS), AUD("\"" ISSUER "\"")},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, HEADER(BIS)},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\",\"typ\":\"client+jwt\"")},
    {"header.typ", AUTH_PASS, AUTH_CAUSE_NONE, HEADER(BIS), .settings = "rfc7523bis=accept"},
    {"header.typ", AUTH_PASS, AUTH_CAUSE_NONE, .settings = "rfc7523bis=accept"},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\",\"typ\":\"at+jwt\""), .settings = "rfc7523bis=accept"},
    {"header.typ", AUTH_PASS, AUTH_CAUSE_NONE, HEADER(BIS), .settings = "rfc7523bis=require"},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS_WANTED, HEADER("\"alg\":\"RS384\",\"typ\":\"JWT\""), .settings = "rfc7523bis=require"},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS_WANTED, .settings = "rfc7523bis=require"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"" ISSUER "\""), .settings = "rfc7523bis=accept"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, .settings = "rfc7523bis=accept"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, AUD("\"" ISSUER "\""), .settings = "rfc7523bis=require"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS_WANTED, .settings = "rfc7523bis=require"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_RFC7523BIS_WANTED, .facts = NO_AUDIENCE, .settings = "rfc7523bis=require"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_EMPTY, AUD("\"\""), .audience = "https://h/x", .settings = "rfc7523bis=accept"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ISSUER, .or_else = AUTH_CAUSE_RFC7523BIS, AUD("\"https://h\""), .audience = "https://h/x", .settings = "rfc7523bis=accept"},

    /* the name of a container: Host and aud agree, the server has another name */
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_IS_HOST, BODY("client_assertion=x"), AUD("\"" NAME "\""), .host = "mock-epic:8423"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_IS_HOST, BODY("client_assertion=x"), AUD("\"" NAME "\""), .host = "MOCK-epic:8423"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, BODY("client_assertion=x"), AUD("\"" NAME "\""), .host = "mock-epic:8423", .settings = "aud_follow_host=accept"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INSTANCE, .or_else = AUTH_CAUSE_AUD_PROXY, BODY("client_assertion=x"), AUD("\"" NAME "\""), .host = "mock-epic:8424",
     .settings = "aud_follow_host=accept"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, BODY("client_assertion=x"), AUD("\"http://mock-epic:8423/p/oauth2\""), .host = "mock-epic:8423"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_NO_URL, BODY("client_assertion=x"), AUD("\"mock-epic\""), .host = "mock-epic"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("client_assertion=x"), AUD("\"" NAME "\""), .host = "mock-epic:8423", .audience = "no-url/oauth2/token"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, BODY("client_assertion=x"), AUD("\"" NAME "\""), .host = "mock-epic:8423", .facts = NO_AUDIENCE},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_EMPTY, BODY("client_assertion=x"), AUD("\"\""), .facts = NO_AUDIENCE},

    /* posted elsewhere, or compared with what is no token URL */
    {"aud.value", AUTH_WARN, AUTH_CAUSE_AUD_NOT_POSTED, BODY("client_assertion=x"), AUD("\"" URL "\""), .posted = "http://127.0.0.1:8423/q/oauth2/token"},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, BODY("client_assertion=x"), AUD("\"" URL "\""), .posted = URL},
    {"aud.value", AUTH_PASS, AUTH_CAUSE_NONE, BODY("client_assertion=x"), AUD("\"" URL "\""), .posted = "http://localhost:8423/p/oauth2/token"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_POSTED, BODY("client_assertion=x"), AUD("\"" NAME "\""), .posted = NAME},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INSTANCE, .or_else = AUTH_CAUSE_AUD_PROXY, BODY("client_assertion=x"), AUD("\"" NAME "\""), .posted = URL},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TARGET, AUD("\"" URL "\""), .audience = ISSUER},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TARGET, AUD("\"" URL "\""), .audience = "oauth2"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_HOST, AUD("\"http://127.0.0.1:8423/p\""), .audience = "http://h/x"},

    /* the token URL, nearly */
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TYPO, AUD("\"a://bc\""), .audience = "a://b"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TYPO, AUD("\"http://e.example:8\""), .audience = "http://e.example:80"},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TYPO, AUD("\"http://127.0.0.1:8423/p/oauth2/tokn\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TYPO, AUD("\"http://127.0.0.1:8423/p//oauth2/token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_MORE, AUD("\"" URL "?a=b\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_LIST, AUD("\"['" URL "']\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_LIST, AUD("\"" URL " http://x\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_LIST, AUD("\"" URL ",http://x\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INTROSPECT, AUD("\"http://127.0.0.1:8423/p/oauth2/introspect\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_INTROSPECT, AUD("\"http://127.0.0.1:8423/p/oauth2/revoke\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_TARGET, AUD("\"http://127.0.0.1:8423/p/oauth2/token\""), .audience = "http://127.0.0.1:8423/p/oauth2/toke"}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_PLACEHOLDER, AUD("\"[the token URL]\"")},

    /* the client id, nearly */
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_DASHES, .facts = LONG_ID, ISS("\"0a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d\"")}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_DASHES, .facts = LONG_ID, ISS("\"0A1B2C3D\u20134e5f\u20134a6b\u20138c7d\u20139e0f1a2b3c4d\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_CUT, .facts = LONG_ID, ISS("\"0a1b2c3d\"")}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_CUT, .facts = LONG_ID, ISS("\"id: " LONG_CLIENT_ID "\"")}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_ISS_NOT_SUB, .facts = LONG_ID, ISS("\"0a1b2\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_TYPO, .facts = LONG_ID, ISS("\"0a1b2c3d-4e5f-4a6b-8c7d-9e0fla2b3c4d\"")}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_ISS_NOT_SUB, .facts = LONG_ID, ISS("\"ffffffff-4e5f-4a6b-8c7d-9e0f1a2b3c4d\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ISS_NOT_SUB, ISS("\"+-+\"")},

    /* a claim by another name, or in another place */
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_CLAIM_NAME, .claims = "{\"issuer\":\"c\"}"}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_CLAIM_NAME, .claims = "{\"x\":1,\"ISS\":\"c\"}"}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_NONE, .claims = "{\"x\":1}"},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_CLAIM_INSIDE, .claims = "{\"payload\":{\"iss\":\"c\"}}"}, {"sub.value", AUTH_FAIL, AUTH_CAUSE_CLAIM_NAME, .claims = "{\"iss\":\"c\",\"subject\":\"c\"}"}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_CLAIM_NAME, .claims = "{\"audience\":\"c\"}"},
    {"exp.type", AUTH_FAIL, AUTH_CAUSE_CLAIM_NAME, .claims = "{\"expires_in\":300}"}, {"jti.type", AUTH_FAIL, AUTH_CAUSE_CLAIM_NAME, .claims = "{\"id\":\"x\"}"},

    /* an app that is meant, and the customer's part of a key */
    {"client.known", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = UNKNOWN_CLIENT, ISS("\"d\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_PLACEHOLDER, ISS("\"undefined\"")}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_PLACEHOLDER, ISS("\"${CLIENT_ID}\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_PLACEHOLDER, ISS("\"YOUR_CLIENT_ID\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_PLACEHOLDER, AUD("\"<token url>\"")}, {"aud.value", AUTH_FAIL, AUTH_CAUSE_PLACEHOLDER, AUD("\"https://your-server/oauth2/token\"")},
    {"aud.value", AUTH_FAIL, AUTH_CAUSE_AUD_ESCAPED, AUD("\"https:\\\\/\\\\/h\\\\/oauth2\\\\/token\"")},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE_AROUND, .facts = UNKNOWN_CLIENT, ISS("\" c\""), .near_id = "c"},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_ID_CASE, .facts = UNKNOWN_CLIENT, ISS("\"C\""), .near_id = "c"},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_ID_WRAPPED, .facts = UNKNOWN_CLIENT, ISS("\"{C}\""), .near_id = "c"},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_ID_WRAPPED, .facts = UNKNOWN_CLIENT, .claims = "{\"iss\":\"https://app.example\",\"sub\":\"urn:uuid:c\"}", .near_id = "c"},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE_AROUND, .facts = UNKNOWN_CLIENT, .claims = "{\"sub\":\"c \"}", .near_id = "c"},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_WRAPPED, ISS("\"urn:uuid:c\"")}, {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_WRAPPED, ISS("\"'c' \"")},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_LOCAL_JKU, .settings = "local_jku=missing"},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_SINGLE_JWK, .facts = SINGLE | URL_KEYS},
    {"key.source", AUTH_WARN, AUTH_CAUSE_STATIC_KEY, .facts = SINGLE},
    {"key.source", AUTH_WARN, AUTH_CAUSE_SINGLE_JWK, .facts = SINGLE | URL_KEYS, .settings = "single_jwk=warn"},
    {"key.source", AUTH_PASS, AUTH_CAUSE_NONE, .facts = SINGLE | URL_KEYS, .settings = "single_jwk=accept"},
    {"key.source", AUTH_FAIL, AUTH_CAUSE_LOCAL_JKU, .facts = URL_KEYS, .settings = "local_jku=missing"},
    // clang-format on
};

static void test_each_turn(void **state)
{
    bench_expect(*state, rows, sizeof rows / sizeof *rows);
}

static void test_plain_ids(void **state)
{
    static const char *const ids[] = {"c-1",
                                      " c-1\n",
                                      "\"C-1\"",
                                      "{c-1}",
                                      "urn:uuid:C-1",
                                      "<'c-1'>",
                                      "\xe2\x80\x8b"
                                      "c-1",
                                      "\xef\xbb\xbf"
                                      "c-1\xc2\xa0"};
    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct auth_buf plain;
        auth_buf_init(&plain, 64);
        auth_rules_plain_id(auth_view_from_string(ids[i]), &plain);
        assert_string_equal(plain.p, "c-1");
        auth_buf_clear(&plain);
    }
}

/* A JWT that the server remembers is no riddle any more, whatever it was taken for before. */
static void test_accepted_before(void **state)
{
    struct bench *bench = *state;
    struct auth_buf out;
    bench_judge(bench, &(struct row){TIMES(",\"exp\":1789996640")});
    assert_false(auth_rules_is_only_old(&bench->report)); /* not signed */
    bench->report.verdicts[AUTH_RULE_SIGNATURE].result = AUTH_PASS;
    assert_true(auth_rules_is_only_old(&bench->report));
    auth_rules_set_accepted_before(&bench->report, NOW_S - 3600);
    const struct auth_verdict *verdict = &bench->report.verdicts[AUTH_RULE_EXP_FUTURE];
    assert_int_equal(verdict->causes[0], AUTH_CAUSE_KEPT);
    assert_int_equal(verdict->causes[1], AUTH_CAUSE_NONE);
    auth_buf_init(&out, 4096);
    auth_rules_actual(&bench->report, AUTH_RULE_EXP_FUTURE, &out);
    assert_string_equal(out.p,
                        "1789996640 (3360 s ago): this very JWT was accepted 3600 s ago: it is kept and sent again");
    auth_buf_clear(&out);
    bench_judge(bench, &(struct row){TIMES(",\"exp\":1790000200")});
    bench->report.verdicts[AUTH_RULE_SIGNATURE].result = AUTH_PASS;
    assert_false(auth_rules_is_only_old(&bench->report));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_turn, bench_set_up, bench_tear_down),
        cmocka_unit_test(test_plain_ids),
        cmocka_unit_test_setup_teardown(test_accepted_before, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
