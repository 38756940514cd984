/* Every turn a check can take, one row each: what the vectors of fixtures/jwt leave out because it needs other switches,
 * other facts about the app, or an odd request. Signatures are not valid here; no rule but `signature` waits for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/rules/tests/support.h"

static const struct row rows[] = {
    // clang-format off
    {"client.synced", AUTH_PASS, AUTH_CAUSE_NONE, MOVED(-60)},
    {"client.synced", AUTH_FAIL, AUTH_CAUSE_NOT_SYNCED, .facts = NOT_SYNCED},
    {"client.synced", AUTH_FAIL, AUTH_CAUSE_NOT_SYNCED, .facts = NOT_SYNCED, CHOSEN(-60)},
    {"client.synced", AUTH_FAIL, AUTH_CAUSE_NOT_SYNCED, .facts = NOT_SYNCED, MOVED(60)},
    {"client.synced", AUTH_FAIL, AUTH_CAUSE_NOT_SYNCED, .or_else = AUTH_CAUSE_CLOCK_MOVED, .facts = NOT_SYNCED, MOVED(-60)},

    {"iss.value", AUTH_PASS, AUTH_CAUSE_NONE, ISS("\"c\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE_AROUND, ISS("\"c\\n\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_CASE, ISS("\"C\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ISS_IS_URL, ISS("\"https://me.example\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ID_OTHER, .claims = "{\"iss\":\"d\",\"sub\":\"d\"}"},
    {"sub.value", AUTH_FAIL, AUTH_CAUSE_ID_OTHER, .claims = "{\"iss\":\"d\",\"sub\":\"d\"}"},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_EMPTY, ISS("\"\"")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_NONE, ISS("7")},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_ISS_NOT_SUB, ISS("\"d\"")},
    {"iss.value", AUTH_BLOCKED, AUTH_CAUSE_NONE, .facts = UNKNOWN_CLIENT, ISS("\"d\"")},
    {"iss.value", AUTH_BLOCKED, AUTH_CAUSE_NONE, .facts = UNKNOWN_CLIENT, ISS("\"d\""), .settings = "client.known=off"},
    {"sub.value", AUTH_FAIL, AUTH_CAUSE_ISS_NOT_SUB, .facts = UNKNOWN_CLIENT, ISS("\"d\""), .settings = "client.known=off"},
    {"iss.value", AUTH_FAIL, AUTH_CAUSE_FORM_CLIENT_ID, ISS("\"c\""), BODY("client_assertion=x&client_id=d")},
    {"iss.value", AUTH_PASS, AUTH_CAUSE_NONE, ISS("\"c\""), BODY("client_assertion=x&client_id=c")},
    {"iss.value", AUTH_BLOCKED, AUTH_CAUSE_NONE, ISS("\"c\""), BODY("client_id=d&%"), .settings = "form.content_type=off form.assertion=off"},

    {"jti.type", AUTH_WARN, AUTH_CAUSE_JTI_SPACE, .claims = "{\"jti\":\"j\\n\"}"},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_NONE, HEADER("\"alg\":\"nOnE\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_HMAC, HEADER("\"alg\":\"HS384\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_PSS, HEADER("\"alg\":\"PS384\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_OTHER_CURVE, HEADER("\"alg\":\"ES512\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_OTHER_CURVE, HEADER("\"alg\":\"EdDSA\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_CASE, HEADER("\"alg\":\"es384\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_NONE, HEADER("\"alg\":\"R\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_OTHER_NAME, HEADER("\"alg\":\"RS1\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_OTHER_NAME, HEADER("\"alg\":\"SHA384withRSA\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_OTHER_CURVE, HEADER("\"alg\":\"ES256K\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_OTHER_CURVE, HEADER("\"alg\":\"Ed25519\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE_AROUND, HEADER("\"alg\":\"RS384 \"")},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_JSON_TWICE, .claims = "eyJpc3MiOiJjIn0"},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_JSON_STRING, .claims = "\"{}\""},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_JSON_QUOTES, .claims = "{'iss': 'c'}"},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_JSON_PACKED, .claims = "\x1f\x8b\x08"},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_JSON_UTF16, .claims = "\xff\xfe{"},
    {"header.json", AUTH_FAIL, AUTH_CAUSE_JSON_HEX, .compact = "7b22616c67223a7d.7b7d.AAAA"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_JSON_HEX, .compact = "7b22616c67223a225253333834227d.7b7d.AAAA"},
    {"header.json", AUTH_FAIL, AUTH_CAUSE_ONE_CASE, .compact = "EYJH.EYJP.AAAA"},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_WRONG_TYPE, HEADER("\"alg\":384")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_NONE, HEADER("\"typ\":\"JWT\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_EC_STATIC, HEADER("\"alg\":\"ES384\"")},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_ALG_EC_STATIC, HEADER("\"alg\":\"ES256\"")},
    {"header.alg", AUTH_PASS, AUTH_CAUSE_NONE, .facts = UNKNOWN_CLIENT, HEADER("\"alg\":\"ES384\"")},
    {"header.alg", AUTH_PASS, AUTH_CAUSE_NONE, .facts = URL_KEYS, HEADER("\"alg\":\"ES256\"")},
    {"header.alg", AUTH_PASS, AUTH_CAUSE_NONE, HEADER("\"alg\":\"ES256\""), .settings = "algorithms=all"},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS256\""), .settings = "algorithms=smart"},
    {"header.alg", AUTH_PASS, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\""), .settings = "algorithms=smart"},
    {"header.typ", AUTH_PASS, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\",\"typ\":\"jwt\"")},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_NONE, HEADER("\"alg\":\"RS384\",\"typ\":\"jwt\""), .settings = "typ_case=exact"},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_NONE, .settings = "typ=required"},
    {"header.kid", AUTH_FAIL, AUTH_CAUSE_EMPTY, HEADER("\"alg\":\"RS384\",\"kid\":\"\"")},
    {"header.kid", AUTH_FAIL, AUTH_CAUSE_WRONG_TYPE, HEADER("\"alg\":\"RS384\",\"kid\":7")},
    {"header.kid", AUTH_FAIL, AUTH_CAUSE_NONE, .settings = "kid=required"},
    {"header.kid", AUTH_WARN, AUTH_CAUSE_NO_KID, .facts = URL_KEYS},
    {"header.jku", AUTH_FAIL, AUTH_CAUSE_JKU_STATIC, HEADER("\"alg\":\"RS384\",\"jku\":\"https://k.example\"")},
    {"header.jku", AUTH_PASS, AUTH_CAUSE_NONE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"jku\":\"https://k.example\"")},
    {"header.jku", AUTH_FAIL, AUTH_CAUSE_JKU_OTHER, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"jku\":\"https://k.example/\"")},
    {"header.jku", AUTH_FAIL, AUTH_CAUSE_JKU_OTHER, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"jku\":7")},
    {"header.json", AUTH_BLOCKED, AUTH_CAUSE_NONE, .compact = "e30=.e30.AAAA"},
    {"header.json", AUTH_BLOCKED, AUTH_CAUSE_NONE, .compact = "e30=.e30.AAAA"},
    {"header.json", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .compact = "e30=.e30.AAAA", .settings = "jws.base64url=off"},
    {"payload.json", AUTH_PASS, AUTH_CAUSE_NONE, .compact = "e30=.e30.AAAA", .settings = "jws.base64url=off"},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .compact = "e30.e3+.AAAA", .settings = "jws.base64url=warn"},
    {"header.alg", AUTH_BLOCKED, AUTH_CAUSE_NONE, .compact = "e30=.e30.AAAA", .settings = "jws.base64url=off"},
    {"header.alg", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .compact = "e30=.e30.AAAA", .settings = "jws.base64url=off header.json=off"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .compact = "e30.AAAA", .settings = "jws.compact=off"},
    {"header.typ", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, HEADER("\"alg\":"), .settings = "header.json=off"},
    {"jws.compact", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, BODY("assertion=x"), .settings = "form.assertion=off"},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, BODY("a=%"), .settings = "form.content_type=off"},
    {"form.grant_type", AUTH_PASS, AUTH_CAUSE_NONE, .content_type = "text/plain", .body = "grant_type=client_credentials", .settings = "form.content_type=off"},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_NO_APP, .facts = UNKNOWN_CLIENT, .settings = "client.known=off"},
    {"client.known", AUTH_FAIL, AUTH_CAUSE_NO_APP, .facts = UNKNOWN_CLIENT, .settings = "client.known=warn"},
    {"client.known", AUTH_SKIP, AUTH_CAUSE_NONE, .settings = "client.known=off"},
    {"jti.length", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .claims = "{}", .settings = "jti.type=off"},
    {"jti.replay", AUTH_FAIL, AUTH_CAUSE_RESULT_MISSING, .claims = "{}", .settings = "jti.type=warn"},
    {"jti.length", AUTH_PASS, AUTH_CAUSE_NONE, JTI("a b"), .settings = "jti_charset=visible jti.type=off"},
    {"scope.value", AUTH_BLOCKED, AUTH_CAUSE_NONE, .facts = UNKNOWN_CLIENT, BODY("client_assertion=x&scope=x"), .settings = "scope=require"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_STD_ALPHABET, .compact = "e30.e3+.AAAA"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_LINE_END, .compact = "e30.e30.AAAA\n"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_OTHER_CHARACTER, .compact = "e30.e30.AAAA~"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_CUT_OFF, .compact = "e30.e30.AAAAA"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_CUT_OFF, .compact = "e30.e30.AAB"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_QUOTED, .compact = "\"e30.e30.AAAA\""},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_QUOTED, .compact = "'e30.e30.AAAA'"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_AROUND_BEARER, .compact = "Bearer e30.e30.AAAA"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_LINE_END, .compact = "e30.e30.AAAA\r\n"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_LINE_END, .compact = "e30.e30.AAAA\r"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_WRAPPED, .compact = "e30.e30.AAAA\nAAAA"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_WRAPPED, .compact = "e30.e30\n.AAAA\n"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE, .compact = "e30.e30.AAAA AAAA"},
    {"jws.base64url", AUTH_FAIL, AUTH_CAUSE_PLUS_IS_SPACE, .compact = "e30.e30.AAAA AAAA", BODY("client_assertion=x")},
    {"jws.compact", AUTH_FAIL, AUTH_CAUSE_JWE, .compact = "e30.e30.AAAA.AAAA.AAAA"},
    {"jws.compact", AUTH_FAIL, AUTH_CAUSE_NONE, .compact = "e30.e30.AAAA.AAAA"},
    {"jws.compact", AUTH_FAIL, AUTH_CAUSE_CUT_OFF, .compact = "eyJhbGciOiJSUzM4NCJ9.e30"},
    {"jws.compact", AUTH_FAIL, AUTH_CAUSE_PLACE_OTHER, .compact = "not a token"},
    {"jws.compact", AUTH_FAIL, AUTH_CAUSE_JSON_JWS, .compact = " {\"payload\":\"\"}"},
    {"payload.json", AUTH_FAIL, AUTH_CAUSE_NONE, .claims = "[]"},

    {"client.environment", AUTH_FAIL, AUTH_CAUSE_ID_PRODUCTION, .facts = PRODUCTION},
    {"client.environment", AUTH_FAIL, AUTH_CAUSE_ID_NON_PRODUCTION, .facts = PRODUCTION_SERVER},
    {"client.environment", AUTH_PASS, AUTH_CAUSE_NONE, .facts = PRODUCTION | PRODUCTION_SERVER},
    {"client.background_user", AUTH_FAIL, AUTH_CAUSE_NONE, .facts = NO_BACKGROUND},
    {"header.jku", AUTH_FAIL, AUTH_CAUSE_JKU_OTHER, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"jku\":\"https://k.example/\"")},
    {"header.jku", AUTH_WARN, AUTH_CAUSE_JKU_DIFFERS, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"jku\":\"https://k.example/\""), .settings = "jku_mismatch=ignore"},
    {"header.jku", AUTH_PASS, AUTH_CAUSE_NONE, .facts = URL_KEYS, HEADER("\"alg\":\"RS384\",\"jku\":\"https://k.example\"")},
    {"jti.type", AUTH_PASS, AUTH_CAUSE_NONE, JTI("a b~\\u00e9")},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("a b"), .settings = "jti_charset=visible"},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("\\u00e9"), .settings = "jti_charset=visible"},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("\\u007f"), .settings = "jti_charset=visible"},
    {"jti.type", AUTH_PASS, AUTH_CAUSE_NONE, JTI("!~"), .settings = "jti_charset=visible"},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("a/b"), .settings = "jti_charset=unreserved"},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("a{"), .settings = "jti_charset=unreserved"},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("a]"), .settings = "jti_charset=unreserved"},
    {"jti.type", AUTH_FAIL, AUTH_CAUSE_JTI_CHARACTERS, JTI("a:"), .settings = "jti_charset=unreserved"},
    {"jti.type", AUTH_PASS, AUTH_CAUSE_NONE, JTI("aZ09-._~"), .settings = "jti_charset=unreserved"},

    {"form.content_type", AUTH_PASS, AUTH_CAUSE_NONE, .content_type = FORM "; charset=\"UTF-8\"", .body = "a=1"},
    {"form.content_type", AUTH_PASS, AUTH_CAUSE_NONE, .content_type = FORM ";; charset=utf-8", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_CHARSET, .content_type = FORM "; charset=\"utf-8", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_CHARSET, .content_type = FORM "; charset=utf-8\"", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_CHARSET, .content_type = FORM "; charset=\"", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_CHARSET, .content_type = FORM "; charset=latin1", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_CHARSET, .content_type = FORM "; boundary=utf-8", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_JSON_BODY, .content_type = "application/json", .body = "{}"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_MULTIPART, .content_type = "multipart/form-data; boundary=x", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_NONE, .content_type = FORM "X", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_NONE, .content_type = "", .body = "a=1"},
    {"form.content_type", AUTH_FAIL, AUTH_CAUSE_BAD_FORM, BODY("a=%")},
    {"form.method", AUTH_FAIL, AUTH_CAUSE_QUERY, BODY("a=1"), .query = "a=1"},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("a=1")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("grant-type=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("a=1&GrantType=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("grant_typ=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("grant.types=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("grant+type=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("grant_ty=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("grant_typeless=client_credentials")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("grant_type=")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_JSON_BODY, BODY("{\"grant_type\":\"client_credentials\"}")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_GRANT_IS_BEARER_URN, BODY("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_GRANT_IS_BEARER_URN, BODY("grant_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer")},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("grant_type=password")},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("client-assertion-type=x")},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_DOUBLE_ENCODED, BODY("client_assertion_type=urn%253Aietf")},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("client_assertion_type=urn")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_NAME_MISSPELT, BODY("client-assertion=x")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_NAME_OF_GRANT, BODY("assertion=x")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_ASSERTION_ELSEWHERE, BODY("scope=x&client_secret=eyJh.eyJp.AA")},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_ASSERTION_ELSEWHERE, BODY("client_secret=eyJh.eyJp.AA")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("client_secret=eyJh")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_ASSERTION_IN_HEADER, BODY("grant_type=client_credentials"), .authorization = "Bearer eyJh.eyJp.AA"},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_ASSERTION_IN_HEADER, BODY("grant_type=client_credentials"), .authorization = "Bearer eyJh.eyJp.AA"},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("client_assertion=eyJh.eyJp.AA"), .authorization = "Bearer eyJh.eyJp.AA"},
    {"form.grant_type", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("client_secret=eyJh.eyJp.AA")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("grant_type=client_credentials"), .authorization = "Basic eyJh"},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_TYPE_IS_GRANT, BODY("client_assertion_type=urn:ietf:params:oauth:grant-type:jwt-bearer")},
    {"form.assertion_type", AUTH_FAIL, AUTH_CAUSE_WHITE_SPACE_AROUND, BODY("client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer%0A")},
    {"form.assertion", AUTH_FAIL, AUTH_CAUSE_NONE, BODY("client_assertion=")},
    {"form.one_method", AUTH_FAIL, AUTH_CAUSE_BASIC, BODY("client_assertion=x"), .authorization = "Basic eA=="},
    {"form.one_method", AUTH_FAIL, AUTH_CAUSE_SECRET, BODY("client_assertion=x&client_secret=")},
    {"form.one_method", AUTH_PASS, AUTH_CAUSE_NONE, BODY("client_secret=x"), .authorization = "Basic eA=="},
    {"form.grant_type", AUTH_PASS, AUTH_CAUSE_NONE, BODY("grant_type=client_credentials"), .settings = "grant_error=invalid_request"},
    {"scope.value", AUTH_SKIP, AUTH_CAUSE_NONE, .settings = "scope=require"},
    {"scope.value", AUTH_SKIP, AUTH_CAUSE_NONE, BODY("client_assertion=x&scope=x")},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_NONE, SCOPE(""), .settings = "scope=require"},
    {"scope.value", AUTH_SKIP, AUTH_CAUSE_NONE, SCOPE(""), .settings = "scope=narrow"},
    {"scope.value", AUTH_PASS, AUTH_CAUSE_NONE, SCOPE("system/Patient.r"), .settings = "scope=narrow"},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_OUT_OF_SCOPE, SCOPE("system/Patient.s"), .settings = "scope=narrow"},
    {"scope.value", AUTH_PASS, AUTH_CAUSE_NONE, SCOPE("system/*.rs"), .settings = "scope=require"},
    {"scope.value", AUTH_WARN, AUTH_CAUSE_SCOPE_LEFT_OUT, SCOPE("system/Patient.r+system/X.r"), .settings = "scope=require"},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_OUT_OF_SCOPE, SCOPE("system/X.r"), .settings = "scope=require"},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_OUT_OF_SCOPE, SCOPE("user/Patient.r"), .settings = "scope=require"},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_BAD_SCOPE, SCOPE("system/Patient.r+openid"), .settings = "scope=require"},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_BAD_SCOPE, SCOPE("system/Patient.sr"), .settings = "scope=require"},
    {"scope.value", AUTH_WARN, AUTH_CAUSE_SCOPE_UNKNOWN, SCOPE("system/Patient.r+openid"), .settings = "scope=require scope_unknown=ignore"},
    {"scope.value", AUTH_FAIL, AUTH_CAUSE_OUT_OF_SCOPE, SCOPE("openid"), .settings = "scope=require scope_unknown=ignore"},
    // clang-format on
};

static void test_each_turn(void **state)
{
    bench_expect(*state, rows, sizeof rows / sizeof *rows);
}

/* ---- replay ---- */

static enum auth_result replay_of(const struct bench *bench)
{
    return (enum auth_result)bench->report.verdicts[AUTH_RULE_JTI_REPLAY].result;
}

static void test_replay_fails_warns_or_passes(void **state)
{
    struct bench *bench = *state;
    static const struct row unsigned_one = {.settings = "signature=off"};
    bench_judge(bench, &unsigned_one);
    assert_true(auth_rules_outcome(&bench->report).is_accepted);
    assert_int_equal(auth_rules_outcome(&bench->report).error, AUTH_OAUTH_NONE);
    assert_int_equal(replay_of(bench), AUTH_SKIP);
    auth_rules_set_replay(&bench->report, false, 0);
    assert_int_equal(replay_of(bench), AUTH_PASS);
    auth_rules_set_replay(&bench->report, true, NOW_S + 10); /* closed once */
    assert_int_equal(replay_of(bench), AUTH_PASS);
    bench_judge(bench, &unsigned_one);
    auth_rules_set_replay(&bench->report, true, NOW_S + 10);
    assert_false(auth_rules_outcome(&bench->report).is_accepted);
    assert_int_equal(auth_rules_outcome(&bench->report).because, AUTH_RULE_JTI_REPLAY);
    assert_int_equal(auth_rules_outcome(&bench->report).error, AUTH_OAUTH_INVALID_CLIENT);
    bench_judge(bench, &(struct row){.settings = "signature=off jti.replay=warn"});
    auth_rules_set_replay(&bench->report, true, NOW_S + 10);
    assert_true(auth_rules_outcome(&bench->report).is_accepted);
    assert_int_equal(replay_of(bench), AUTH_WARN);
    bench_judge(bench, &(struct row){.settings = "signature=off jti.replay=off"});
    auth_rules_set_replay(&bench->report, true, NOW_S + 10);
    assert_int_equal(replay_of(bench), AUTH_SKIP);
    bench_judge(bench,
                &(struct row){.settings = "jti.replay=warn"}); /* the signature failed: there is nothing to remember */
    auth_rules_set_replay(&bench->report, false, 0);
    assert_int_equal(replay_of(bench), AUTH_BLOCKED);
}

static void test_grant_type_error_is_a_switch(void **state)
{
    struct bench *bench = *state;
    bench_judge(bench, &(struct row){BODY("grant_type=password&client_assertion=x")});
    assert_int_equal(auth_rules_outcome(&bench->report).error, AUTH_OAUTH_UNSUPPORTED_GRANT_TYPE);
    bench_judge(bench, &(struct row){BODY("grant_type=password&client_assertion=x"),
                                     .settings = "grant_error=invalid_request"});
    assert_int_equal(auth_rules_outcome(&bench->report).error, AUTH_OAUTH_INVALID_REQUEST);
}

/* ---- scope ---- */

static enum auth_cause cause_of_scopes(struct bench *bench, const char *one, int times)
{
    struct auth_buf body;
    auth_buf_init(&body, 65536);
    auth_buf_add_string(&body, "client_assertion=x&scope=system/Patient.r");
    for (int i = 0; i < times; i++)
        auth_buf_add_string(&body, one);
    bench_judge(bench, &(struct row){BODY(body.p), .settings = "scope=require"});
    auth_buf_clear(&body);
    return (enum auth_cause)bench->report.verdicts[AUTH_RULE_SCOPE_VALUE].causes[0];
}

static void test_scope_has_limits(void **state)
{
    static const char again[] = "+system/Patient.r", text[] = "1234567890";
    int most = (AUTH_SCOPE_TEXT_MAX - (int)strlen("system/Patient.r?a=")) / (int)strlen(text);
    assert_int_equal(cause_of_scopes(*state, again, AUTH_SCOPES_MAX - 1), AUTH_CAUSE_NONE);
    assert_int_equal(cause_of_scopes(*state, again, AUTH_SCOPES_MAX), AUTH_CAUSE_TOO_MANY_SCOPES);
    assert_int_equal(cause_of_scopes(*state, "?a=1", 1), AUTH_CAUSE_NONE);
    struct auth_buf filter;
    auth_buf_init(&filter, 65536);
    auth_buf_add_string(&filter, "?a=");
    for (int i = 0; i < most; i++)
        auth_buf_add_string(&filter, text);
    assert_int_equal(cause_of_scopes(*state, filter.p, 1), AUTH_CAUSE_NONE);
    auth_buf_add_string(&filter, text);
    assert_int_equal(cause_of_scopes(*state, filter.p, 1), AUTH_CAUSE_TOO_MANY_SCOPES);
    auth_buf_clear(&filter);
}

/* ---- profiles ---- */

/* Code names a choice by its place in the row of words. */
static void test_choices_are_in_their_places(void **state)
{
    static const struct {
        enum auth_switch which;
        int64_t value;
        const char *word;
    } choices[] = {
        {AUTH_SWITCH_ALGORITHMS, AUTH_ALGORITHMS_EPIC, "epic"},
        {AUTH_SWITCH_ALGORITHMS, AUTH_ALGORITHMS_SMART, "smart"},
        {AUTH_SWITCH_ALGORITHMS, AUTH_ALGORITHMS_ALL, "all"},
        {AUTH_SWITCH_TYP, AUTH_REQUIRED, "required"},
        {AUTH_SWITCH_KID, AUTH_REQUIRED, "required"},
        {AUTH_SWITCH_KEY_CHOICE, AUTH_KEY_CHOICE_EXACT, "exact"},
        {AUTH_SWITCH_STATIC_KEYS, AUTH_STATIC_KEYS_ACCEPT, "accept"},
        {AUTH_SWITCH_STATIC_KEYS, AUTH_STATIC_KEYS_WARN, "warn"},
        {AUTH_SWITCH_STATIC_KEYS, AUTH_STATIC_KEYS_REFUSE, "refuse"},
        {AUTH_SWITCH_JTI_CHARSET, AUTH_JTI_CHARSET_ANY, "any"},
        {AUTH_SWITCH_JTI_CHARSET, AUTH_JTI_CHARSET_VISIBLE, "visible"},
        {AUTH_SWITCH_JTI_CHARSET, AUTH_JTI_CHARSET_UNRESERVED, "unreserved"},
        {AUTH_SWITCH_JTI_SCOPE, AUTH_REPLAY_SCOPE_GLOBAL, "global"},
        {AUTH_SWITCH_SCOPE, AUTH_SCOPE_EFFECT_IGNORE, "ignore"},
        {AUTH_SWITCH_SCOPE, AUTH_SCOPE_EFFECT_REQUIRE, "require"},
        {AUTH_SWITCH_SCOPE, AUTH_SCOPE_EFFECT_NARROW, "narrow"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct auth_buf text;
        auth_buf_init(&text, 64);
        auth_profile_value_text(choices[i].which, choices[i].value, &text);
        assert_string_equal(text.p, choices[i].word);
        auth_buf_clear(&text);
    }
}

static void test_settings(void **state)
{
    static const struct {
        const char *assignment;
        enum auth_rc rc;
    } settings[] = {
        {"skew_s=0", AUTH_OK},
        {"skew_s=300", AUTH_OK},
        {"skew_s=301", AUTH_E_RANGE},
        {"skew_s=-1", AUTH_E_RANGE},
        {"skew_s=x", AUTH_E_RANGE},
        {"aud_slash=ignore", AUTH_OK},
        {"aud_slash=Ignore", AUTH_E_RANGE},
        {"aud_slash=", AUTH_E_RANGE},
        {"aud.value=warn", AUTH_OK},
        {"aud.value=maybe", AUTH_E_RANGE},
        {"nothing=1", AUTH_E_NOT_FOUND},
        {"nothing", AUTH_E_NOT_FOUND},
    };
    struct auth_profile profile = *auth_profile_named("epic");
    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        struct auth_err err = {0};
        assert_int_equal(auth_profile_set(&profile, settings[i].assignment, &err), settings[i].rc);
        assert_true((settings[i].rc == AUTH_OK) == (err.detail[0] == '\0'));
    }
    assert_int_equal(profile.values[AUTH_SWITCH_SKEW_S], 300);
    assert_int_equal(profile.values[AUTH_SWITCH_AUD_SLASH], 1);
    assert_int_equal(profile.modes[AUTH_RULE_AUD_VALUE], AUTH_MODE_WARN);
    assert_null(auth_profile_named("none"));
    struct auth_buf out;
    auth_buf_init(&out, 64);
    auth_profile_value_text(AUTH_SWITCH_AUD_SLASH, 1, &out);
    auth_profile_value_text(AUTH_SWITCH_SKEW_S, 60, &out);
    assert_string_equal(out.p, "ignore60");
    auth_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_turn, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_replay_fails_warns_or_passes, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_scope_has_limits, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_grant_type_error_is_a_switch, bench_set_up, bench_tear_down),
        cmocka_unit_test(test_choices_are_in_their_places),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
