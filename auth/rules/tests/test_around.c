/* What stands around a JWT or in its place: each kind by its cause, as a whole request would show it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/rules/around.h"
#include "auth/rules/tests/support.h"

#define J "eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJjIn0.AAAA"

static const struct {
    const char *text;
    enum auth_cause cause;
} texts[] = {
    // clang-format off
    {"b'" J "'", AUTH_CAUSE_AROUND_PYTHON}, {"b\"" J "\"", AUTH_CAUSE_AROUND_PYTHON}, {"client_assertion=b'" J "'", AUTH_CAUSE_AROUND_PYTHON},
    {"Bearer " J, AUTH_CAUSE_AROUND_BEARER}, {"bearer " J, AUTH_CAUSE_AROUND_BEARER}, {"Authorization: Bearer " J, AUTH_CAUSE_AROUND_BEARER},
    {"authorization: " J, AUTH_CAUSE_AROUND_BEARER}, {"\"Bearer " J "\"", AUTH_CAUSE_AROUND_BEARER},
    {"client_assertion=" J, AUTH_CAUSE_AROUND_NAME}, {"export JWT=" J, AUTH_CAUSE_AROUND_NAME}, {"$env:JWT = \"" J "\"", AUTH_CAUSE_AROUND_NAME},
    {"grant_type=client_credentials&client_assertion=" J "&x=y", AUTH_CAUSE_AROUND_NAME}, {"jwt = '" J "';", AUTH_CAUSE_AROUND_NAME},
    {"{\"client_assertion\":\"" J "\"}", AUTH_CAUSE_AROUND_JSON}, {"{ \"jwt\" : \"" J "\" }", AUTH_CAUSE_AROUND_JSON},
    {"[\"" J "\"]", AUTH_CAUSE_AROUND_JSON}, {"{jwt:'" J "'}", AUTH_CAUSE_AROUND_JSON}, {"\"token\": \"" J "\",", AUTH_CAUSE_AROUND_JSON},
    {"{\"signatures\":[{\"protected\":\"" J "\"}]}", AUTH_CAUSE_JSON_JWS},
    {"JWT: " J, AUTH_CAUSE_AROUND_LABEL}, {"The token is: " J, AUTH_CAUSE_AROUND_LABEL}, {"<jwt>" J "</jwt>", AUTH_CAUSE_AROUND_MARKUP},
    {"https://viewer.example/#debugger?token=" J, AUTH_CAUSE_AROUND_URL}, {"https://a.example/oauth2/token?client_assertion=" J, AUTH_CAUSE_AROUND_URL},
    {"\xef\xbb\xbf" J, AUTH_CAUSE_AROUND_BOM}, {"\xff\xfe" J, AUTH_CAUSE_AROUND_BOM},
    {"'" J "'", AUTH_CAUSE_QUOTED}, {"\"" J "\"", AUTH_CAUSE_QUOTED}, {"`" J "`", AUTH_CAUSE_QUOTED}, {"\\\"" J "\\\"", AUTH_CAUSE_QUOTED},
    {"\xe2\x80\x9c" J "\xe2\x80\x9d", AUTH_CAUSE_QUOTED}, {"&quot;" J "&quot;", AUTH_CAUSE_QUOTED}, {J "\",", AUTH_CAUSE_QUOTED}, {J "'", AUTH_CAUSE_QUOTED},
    {" \" " J " \" ", AUTH_CAUSE_QUOTED}, {"token " J, AUTH_CAUSE_AROUND_BEARER}, {"take " J, AUTH_CAUSE_AROUND_TEXT}, {"'" J "~", AUTH_CAUSE_AROUND_TEXT},
    {J "...", AUTH_CAUSE_ABBREVIATED}, {"eyJhbGciOiJSUzM4NCJ9.eyJpc3Mi\xe2\x80\xa6", AUTH_CAUSE_ABBREVIATED}, {"eyJhbG***.eyJp", AUTH_CAUSE_ABBREVIATED},
    {"eyJhbGciOiJSUzM4NCJ9.[redacted]", AUTH_CAUSE_ABBREVIATED}, {"the eyJhbGciOiJSUzM4NCJ9...", AUTH_CAUSE_ABBREVIATED},
    {"", AUTH_CAUSE_EMPTY}, {" \n", AUTH_CAUSE_EMPTY}, {"undefined", AUTH_CAUSE_PLACE_NOTHING}, {"undefined\n", AUTH_CAUSE_PLACE_NOTHING}, {"null", AUTH_CAUSE_PLACE_NOTHING}, {"None", AUTH_CAUSE_PLACE_NOTHING},
    {"undefinedjwt", AUTH_CAUSE_PLACE_NOTHING}, {"NaN", AUTH_CAUSE_PLACE_NOTHING}, {"nulls", AUTH_CAUSE_PLACE_OTHER}, {"a null", AUTH_CAUSE_PLACE_OTHER},
    {"[object Object]", AUTH_CAUSE_PLACE_OBJECT}, {"[object Promise]", AUTH_CAUSE_PLACE_OBJECT}, {"Promise { <pending> }", AUTH_CAUSE_PLACE_OBJECT},
    {"<coroutine object sign at 0x7f>", AUTH_CAUSE_PLACE_OBJECT}, {"[B@1b6d3586", AUTH_CAUSE_PLACE_OBJECT}, {"() => token", AUTH_CAUSE_PLACE_OBJECT},
    {"System.Threading.Tasks.Task`1[System.String]", AUTH_CAUSE_PLACE_OBJECT}, {"<jwt.JWT object at 0x7f>", AUTH_CAUSE_PLACE_OBJECT},
    {"com.nimbusds.jwt.SignedJWT@1b2c3d", AUTH_CAUSE_PLACE_OBJECT}, {"Buffer <65 79>", AUTH_CAUSE_PLACE_OBJECT}, {"<Buffer 65 79>", AUTH_CAUSE_PLACE_OBJECT},
    {"&{ 0xc00 map[alg:RS384]}", AUTH_CAUSE_PLACE_OBJECT}, {"0xc000012345", AUTH_CAUSE_PLACE_OBJECT}, {"@{access_token=x}", AUTH_CAUSE_PLACE_OBJECT},
    {"arn:aws:secretsmanager:us-east-1:1:secret:x", AUTH_CAUSE_PLACE_REFERENCE}, {"op://vault/item/jwt", AUTH_CAUSE_PLACE_REFERENCE}, {"!Ref Jwt", AUTH_CAUSE_PLACE_REFERENCE},
    {"{{resolve:secretsmanager:x}}", AUTH_CAUSE_PLACE_REFERENCE}, {"@Microsoft.KeyVault(SecretUri=https://x)", AUTH_CAUSE_PLACE_REFERENCE},
    {"H4sIAAAA", AUTH_CAUSE_PLACE_PACKED}, {"file:///tmp/jwt", AUTH_CAUSE_PLACE_FILE}, {"data:text/plain;base64,ZXlK", AUTH_CAUSE_PLACE_BASE64},
    {"[jwt](" J ")", AUTH_CAUSE_AROUND_MARKUP}, {"{\\rtf1 " J "}", AUTH_CAUSE_AROUND_MARKUP},
    {"{{jwt}}", AUTH_CAUSE_PLACE_TEMPLATE}, {"{jwt}", AUTH_CAUSE_PLACE_TEMPLATE}, {"<%= jwt %>", AUTH_CAUSE_PLACE_TEMPLATE},
    {"$JWT", AUTH_CAUSE_PLACE_VARIABLE}, {"${JWT}", AUTH_CAUSE_PLACE_VARIABLE}, {"%JWT%", AUTH_CAUSE_PLACE_VARIABLE}, {"$env:JWT", AUTH_CAUSE_PLACE_VARIABLE},
    {"process.env.JWT", AUTH_CAUSE_PLACE_VARIABLE}, {"$(cat jwt)", AUTH_CAUSE_PLACE_COMMAND}, {"`cat jwt`", AUTH_CAUSE_PLACE_COMMAND},
    {"<JWT>", AUTH_CAUSE_PLACE_DOCUMENTATION}, {"YOUR_JWT", AUTH_CAUSE_PLACE_DOCUMENTATION}, {"<your signed JWT here>", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {"@jwt.txt", AUTH_CAUSE_PLACE_FILE}, {"/tmp/jwt", AUTH_CAUSE_PLACE_FILE}, {"token.jwt", AUTH_CAUSE_PLACE_FILE},
    {"https://fhir.epic.com/a", AUTH_CAUSE_PLACE_URL}, {"<!DOCTYPE html><p>", AUTH_CAUSE_PLACE_PAGE}, {"<html>", AUTH_CAUSE_PLACE_PAGE},
    {"-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----", AUTH_CAUSE_PLACE_KEY}, {"{\"kty\":\"RSA\"}", AUTH_CAUSE_PLACE_KEY},
    {"{\"access_token\":\"x\"}", AUTH_CAUSE_PLACE_ANSWER}, {"{\"iss\":\"c\",\"aud\":\"x\"}", AUTH_CAUSE_PLACE_CLAIMS}, {"{'iss': 'c'}", AUTH_CAUSE_PLACE_CLAIMS},
    {"{\"payload\":\"\"}", AUTH_CAUSE_JSON_JWS}, {"ZXlKaGJHY2lPaUpTVXpNNE5DSjk=", AUTH_CAUSE_PLACE_BASE64}, {"65794a6862", AUTH_CAUSE_PLACE_BASE64},
    {"eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJjIn0", AUTH_CAUSE_CUT_OFF}, {"eyJhbGciOiJSUzM4NCJ9%2EeyJp%2EAA", AUTH_CAUSE_DOUBLE_ENCODED},
    {"eyJhbGciOiJSUzM4NCJ9%2eeyJp%2eAA", AUTH_CAUSE_DOUBLE_ENCODED}, {"eyJh.eyJp.A%3D", AUTH_CAUSE_DOUBLE_ENCODED},
    {"eyJhbGciOiJub25l\\\nIn0.e30.c2ln", AUTH_CAUSE_WRAPPED}, {"eyJhbGciOiJub25l\\\r\nIn0.e30.c2ln", AUTH_CAUSE_WRAPPED},
    {"eyJhbGciOiJub25l=\nIn0.e30.c2ln", AUTH_CAUSE_WRAPPED}, {"eyJhbGciOiJub25l=\r\nIn0.e30.c2ln\n", AUTH_CAUSE_WRAPPED}, {"eyJhbGciOiJub25lIn0=.e30.c2ln", AUTH_CAUSE_PADDING},
    {J "&scope=x", AUTH_CAUSE_AROUND_REST}, {J "\\n", AUTH_CAUSE_LINE_END}, {J "\\r\\n", AUTH_CAUSE_LINE_END}, {"x " J "&y", AUTH_CAUSE_AROUND_TEXT},
    {J "\n" J, AUTH_CAUSE_SEVERAL}, {J "\n" J "\n" J "\n", AUTH_CAUSE_SEVERAL}, {"%!s(<nil>)", AUTH_CAUSE_PLACE_NOTHING}, {"<Future pending>", AUTH_CAUSE_PLACE_OBJECT},
    {"__JWT__", AUTH_CAUSE_PLACE_DOCUMENTATION}, {"JWT_HERE", AUTH_CAUSE_PLACE_DOCUMENTATION}, {"REPLACE_ME", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {"${{ secrets.JWT }}", AUTH_CAUSE_PLACE_VARIABLE}, {"%(jwt)s", AUTH_CAUSE_PLACE_TEMPLATE}, {"{0}", AUTH_CAUSE_PLACE_TEMPLATE}, {"***", AUTH_CAUSE_ABBREVIATED},
    {"a.b.c.d.e", AUTH_CAUSE_JWE}, {"a.b.c.d.e\n", AUTH_CAUSE_JWE}, {"\x1f\x8b\x08", AUTH_CAUSE_PLACE_PACKED}, {"PK\x03\x04", AUTH_CAUSE_PLACE_PACKED}, {"s3cr3t", AUTH_CAUSE_PLACE_OTHER}, {"www.example.com.", AUTH_CAUSE_PLACE_OTHER}, {"www..com", AUTH_CAUSE_DETACHED}, {".example.com", AUTH_CAUSE_CUT_OFF}, {"xeyJh", AUTH_CAUSE_PLACE_OTHER}, {"a.eyJh", AUTH_CAUSE_PLACE_OTHER}, {"xeyJh.eyJh", AUTH_CAUSE_PLACE_OTHER}, {"xeyJh eyJh", AUTH_CAUSE_AROUND_TEXT},
    {"eyJh.eyJp.AA\xe2\x80\x8b" "AA", AUTH_CAUSE_BEYOND_ASCII}, {"eyJh.eyJp.AA~", AUTH_CAUSE_OTHER_CHARACTER},
    {"eyJh\n.eyJp.AAAA", AUTH_CAUSE_WRAPPED}, {"eyJh.eyJp.AAAA\n", AUTH_CAUSE_LINE_END}, {"eyJh.eyJp.AAA=", AUTH_CAUSE_PADDING},
    {"ey.eyJ.x", AUTH_CAUSE_CUT_OFF}, {"ew0K.eyJp.AA~", AUTH_CAUSE_OTHER_CHARACTER},
    /* colours, other letters, other characters */
    {"\x1b[32m" J "\x1b[0m", AUTH_CAUSE_AROUND_COLOUR}, {J "\x1b[K", AUTH_CAUSE_AROUND_COLOUR}, {"\\x1b[1;31m" J "\\x1b[0m", AUTH_CAUSE_AROUND_COLOUR}, {"^[[32m" J, AUTH_CAUSE_AROUND_COLOUR},
    {"[m " J, AUTH_CAUSE_AROUND_JSON}, {"[1x " J, AUTH_CAUSE_AROUND_JSON}, {"a[1", AUTH_CAUSE_PLACE_OTHER}, {"eyjh.eyjp.aa~", AUTH_CAUSE_ONE_CASE}, {"EYJH", AUTH_CAUSE_ONE_CASE}, {"EyJh.eyJp", AUTH_CAUSE_ONE_CASE}, {"ey", AUTH_CAUSE_PLACE_OTHER},
    {"eyJhbGciOiJSUzM4NCJ9,eyJpc3MiOiJjIn0,AAAA", AUTH_CAUSE_DOTS}, {"eyJhbGciOiJSUzM4NCJ9\xc2\xb7" "eyJpc3MiOiJjIn0\xc2\xb7" "AAAA", AUTH_CAUSE_DOTS}, {"eyJhbGciOiJSUzM4NCJ9", AUTH_CAUSE_CUT_OFF},
    {"eyJh..AAAA", AUTH_CAUSE_DETACHED}, {"eyJh.eyJp.", AUTH_CAUSE_ALG_NONE}, {".eyJp.AAAA", AUTH_CAUSE_CUT_OFF}, {"e30.e30", AUTH_CAUSE_NONE}, {J J, AUTH_CAUSE_SEVERAL}, {J " " J, AUTH_CAUSE_SEVERAL}, {"a.b.c.d", AUTH_CAUSE_PLACE_OTHER},
    {"%22" J "%22", AUTH_CAUSE_QUOTED}, {"Bearer%20" J, AUTH_CAUSE_AROUND_BEARER}, {"%2x" J, AUTH_CAUSE_PLACE_VARIABLE}, {"%x2" J, AUTH_CAUSE_PLACE_VARIABLE}, {"a22" J, AUTH_CAUSE_CUT_OFF}, {"a" J "~", AUTH_CAUSE_CUT_OFF},
    {"\xc2\xa0" J, AUTH_CAUSE_BEYOND_ASCII}, {"\xe2\x80\x8b" J, AUTH_CAUSE_BEYOND_ASCII}, {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 " J, AUTH_CAUSE_AROUND_TEXT}, {"\xc3\xaf\xc2\xbb\xc2\xbf" J, AUTH_CAUSE_AROUND_BOM},
    /* what stands in front of it, or behind */
    {"Basic " J, AUTH_CAUSE_AROUND_BEARER}, {"JWT " J, AUTH_CAUSE_AROUND_BEARER}, {"DPoP " J, AUTH_CAUSE_AROUND_BEARER}, {"Set-Cookie: a=" J, AUTH_CAUSE_AROUND_BEARER}, {"{\"payload\":\"x\",\"protected\":\"" J "\"}", AUTH_CAUSE_JSON_JWS},
    {"2026-11-28T12:00:00Z INFO " J, AUTH_CAUSE_AROUND_LOG}, {"[2026-11-28 12:00] " J, AUTH_CAUSE_AROUND_LOG}, {"[1, " J "]", AUTH_CAUSE_AROUND_JSON}, {"[ " J, AUTH_CAUSE_AROUND_JSON}, {"Nov 28 12:00:00 host a[1]: " J, AUTH_CAUSE_AROUND_LOG}, {"DEBUG " J, AUTH_CAUSE_AROUND_LOG}, {"app_1  | " J, AUTH_CAUSE_AROUND_LOG},
    {"signing\ndone\n" J, AUTH_CAUSE_AROUND_LOG}, {"12 " J, AUTH_CAUSE_AROUND_TEXT}, {"- " J, AUTH_CAUSE_AROUND_MARKUP}, {"> " J, AUTH_CAUSE_AROUND_MARKUP}, {"```jwt\n" J "\n```", AUTH_CAUSE_AROUND_MARKUP}, {"<a jwt=\"" J "\"/>", AUTH_CAUSE_AROUND_MARKUP},
    {"print('" J "')", AUTH_CAUSE_AROUND_CODE}, {"string(9) \"" J "\"", AUTH_CAUSE_AROUND_CODE}, {"r'" J "'", AUTH_CAUSE_AROUND_CODE}, {"r'" J "\"", AUTH_CAUSE_AROUND_TEXT}, {"r' " J, AUTH_CAUSE_AROUND_TEXT}, {"u'" J "'", AUTH_CAUSE_AROUND_CODE}, {"<<EOF\n" J "\nEOF", AUTH_CAUSE_AROUND_CODE}, {"-----BEGIN JWT-----\n" J, AUTH_CAUSE_AROUND_PEM},
    {"('" J "',)", AUTH_CAUSE_QUOTED}, {"\xe3\x80\x8c" J "\xe3\x80\x8d", AUTH_CAUSE_QUOTED}, {"jwt -> " J, AUTH_CAUSE_AROUND_LABEL}, {"\x80\x04\x95 " J, AUTH_CAUSE_PLACE_BINARY}, {"&lt;" J "&gt;", AUTH_CAUSE_ESCAPED}, {J "&amp;x=y", AUTH_CAUSE_AROUND_REST},
    {"eyJh\\_.eyJp.AA", AUTH_CAUSE_ESCAPED}, {"eyJh&#46;eyJp&#46;AA", AUTH_CAUSE_ESCAPED}, {"eyJh<br>b.eyJp.AA", AUTH_CAUSE_WRAPPED}, {"  eyJh\n  bb.eyJp.AA", AUTH_CAUSE_WRAPPED}, {"eyJh.eyJp.AA\rAA", AUTH_CAUSE_WRAPPED},
    /* in its place */
    {"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", AUTH_CAUSE_PLACE_KEY}, {"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t", AUTH_CAUSE_PLACE_KEY}, {"PHNhbWxwOlJlc3BvbnNlIHhtbG5zPSd4Jz4=", AUTH_CAUSE_PLACE_SAML}, {"<saml:Assertion>", AUTH_CAUSE_PLACE_SAML},
    {"WlhsS2FHSkhZMmxQYVVwVFZYcE5ORTVEU2prPQ==", AUTH_CAUSE_PLACE_BASE64}, {"ZQB5AEoAaABiAEcAYwBpAE8AaQBKAFMAVQB6AE0A", AUTH_CAUSE_PLACE_BASE64}, {"Fcs8vIbQ2hV8hX0bTq7Q_oiFbMIxNjC7T5OMCZfBzYY", AUTH_CAUSE_PLACE_OPAQUE}, {"Fcs8vIbQ2hV8hX0bTq7Q oiFbMIxNjC7T5OMCZ", AUTH_CAUSE_PLACE_OTHER}, {"Fcs8vIbQ2hV8hX0bTq7Q{Q", AUTH_CAUSE_PLACE_OTHER},
    {"3f9b1c52-7d0e-4a36-9c41-5be2a7d80f11", AUTH_CAUSE_PLACE_PARAMETER}, {"3f9b1c52-7d0e-4a36-9c41-5be2a7d80f1g", AUTH_CAUSE_PLACE_OPAQUE}, {"3f9b1c5207d0e-4a36-9c41-5be2a7d80f11", AUTH_CAUSE_PLACE_OPAQUE}, {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer", AUTH_CAUSE_PLACE_PARAMETER}, {"client_credentials", AUTH_CAUSE_PLACE_PARAMETER},
    {"cat: jwt: No such file or directory", AUTH_CAUSE_PLACE_ERROR}, {"Error: invalid key", AUTH_CAUSE_PLACE_ERROR}, {"Basic YTpi", AUTH_CAUSE_PLACE_BASIC}, {"[FILTERED]", AUTH_CAUSE_ABBREVIATED}, {"[JWT]", AUTH_CAUSE_PLACE_DOCUMENTATION}, {"todo", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {"\x89PNG\r\n\x1a\n", AUTH_CAUSE_PLACE_BINARY}, {"%PDF-1.7", AUTH_CAUSE_PLACE_BINARY}, {"BZh91AY", AUTH_CAUSE_PLACE_PACKED}, {"Optional(\"x\")", AUTH_CAUSE_PLACE_OBJECT}, {"ENC(x)", AUTH_CAUSE_PLACE_REFERENCE}, {"[]", AUTH_CAUSE_PLACE_NOTHING}, {"<a>b</a>", AUTH_CAUSE_PLACE_PAGE}, {"access_token=x", AUTH_CAUSE_PLACE_ANSWER},
    // clang-format on
};

static void test_each_text(void **state)
{
    struct bench *bench = *state;
    unsigned wrong = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bench_judge(bench, &(struct row){.compact = texts[i].text});
        const struct auth_verdict *verdict = &bench->report.verdicts[AUTH_RULE_JWS_COMPACT];
        if (verdict->result == AUTH_PASS)
            verdict = &bench->report.verdicts[AUTH_RULE_JWS_BASE64URL];
        if (verdict->result == AUTH_FAIL && verdict->causes[0] == texts[i].cause)
            continue;
        wrong++;
        print_error("%s: %s\n", texts[i].text, auth_rules_cause((enum auth_cause)verdict->causes[0])->id);
    }
    assert_int_equal(wrong, 0);
}

/* What was put in place of a JWT is shown, one line of it; what may be a secret is not. */
static void test_placeholders_are_shown(void **state)
{
    static const struct {
        const char *text, *shown, *hidden;
    } rows[] = {
        {"{{jwt}}", "\"{{jwt}}\": a variable of Postman", "part"},
        {"  undefined\n", "\"undefined\": no JWT, but", "part"},
        {"$(cat a)\nsecond", "\"$(cat a)\": a command", "second"},
        {"hunter2", "1 part; a compact JWS has 3", "hunter2"},
        {"my horse", "\"my horse\": no JWT", "part"},
        {"correcthorsebatterystaple x", "1 part; a compact JWS has 3", "horse"},
        {"key: not found", "\"key: not found\": the message of an error", "part"},
        {"key 1234567: not found", "1 part", "1234567"},
        {"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "a key or certificate", "MIIE"},
        {"-----BEGIN PRIVATE KEY-----\nMIIx", "a key or certificate, not a JWT", "MIIx"},
        {"ZXlKaGJHY2lPaUpTVXpNNE5DSjk=", "encoded once more", "ZXlK"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf out;
        auth_buf_init(&out, 4096);
        bench_judge(bench, &(struct row){.compact = rows[i].text});
        auth_rules_actual(&bench->report, AUTH_RULE_JWS_COMPACT, &out);
        if (!strstr(out.p, rows[i].shown) || strstr(out.p, rows[i].hidden))
            fail_msg("%s: %s", rows[i].text, out.p);
        auth_buf_clear(&out);
    }
}

/* A wrong character is named, because most of them cannot be seen; what stands around a JWT is shown where it is harmless. */
static void test_what_is_shown_of_the_parts(void **state)
{
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"eyJh.eyJp.AA\xc2\xad"
         "AA",
         "signature, U+00AD, a soft hyphen: a part holds a character beyond ASCII"},
        {"eyJh.ey\xf0\x9f\x98\x80Jp.AA", "payload, U+1F600: a part"},
        {"eyJh.eyJp.AA\xff"
         "AA",
         "signature, U+FFFD, what stands for"},
        {"eyJh.eyJp.AA~", "signature, the character ~: a part"},
        {"eyJh.eyJp.AA\x1a", "signature, U+001A, Ctrl-Z"},
        {"eyJh.eyJp.AA\x7f", "signature, U+007F: a part"},
        {"eyJh.eyJp.AA\x0e", "signature, U+000E: a part"},
        {"take eyJh.eyJp.AAAA", "\"take\": other text stands around"},
        {"take12345 eyJh.eyJp.AAAA", "header: other text stands around"},
        {"undefined.a.b~", "\"undefined.a.b~\": no JWT, but"},
        {"take a eyJh.eyJp", "\"take a\": other text"},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf out;
        auth_buf_init(&out, 4096);
        bench_judge(bench, &(struct row){.compact = rows[i].text});
        enum auth_rule rule = bench->report.verdicts[AUTH_RULE_JWS_COMPACT].result == AUTH_FAIL
                                  ? AUTH_RULE_JWS_COMPACT
                                  : AUTH_RULE_JWS_BASE64URL;
        auth_rules_actual(&bench->report, rule, &out);
        if (!strstr(out.p, rows[i].shown))
            fail_msg("%s: %s", rows[i].text, out.p);
        auth_buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_text, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_placeholders_are_shown, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_shown_of_the_parts, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
