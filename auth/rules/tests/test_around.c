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
    {" \" " J " \" ", AUTH_CAUSE_QUOTED}, {"token " J, AUTH_CAUSE_AROUND_TEXT}, {"'" J "~", AUTH_CAUSE_AROUND_TEXT},
    {J "...", AUTH_CAUSE_ABBREVIATED}, {"eyJhbGciOiJSUzM4NCJ9.eyJpc3Mi\xe2\x80\xa6", AUTH_CAUSE_ABBREVIATED}, {"eyJhbG***.eyJp", AUTH_CAUSE_ABBREVIATED},
    {"eyJhbGciOiJSUzM4NCJ9.[redacted]", AUTH_CAUSE_ABBREVIATED}, {"the eyJhbGciOiJSUzM4NCJ9...", AUTH_CAUSE_ABBREVIATED},
    {"", AUTH_CAUSE_EMPTY}, {" \n", AUTH_CAUSE_EMPTY}, {"undefined", AUTH_CAUSE_PLACE_NOTHING}, {"undefined\n", AUTH_CAUSE_PLACE_NOTHING}, {"null", AUTH_CAUSE_PLACE_NOTHING}, {"None", AUTH_CAUSE_PLACE_NOTHING},
    {"undefinedjwt", AUTH_CAUSE_PLACE_NOTHING}, {"NaN", AUTH_CAUSE_PLACE_NOTHING}, {"nulls", AUTH_CAUSE_NONE}, {"a null", AUTH_CAUSE_NONE},
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
    {"${{ secrets.JWT }}", AUTH_CAUSE_PLACE_VARIABLE}, {"%(jwt)s", AUTH_CAUSE_PLACE_VARIABLE}, {"{0}", AUTH_CAUSE_PLACE_TEMPLATE}, {"***", AUTH_CAUSE_ABBREVIATED},
    {"a.b.c.d.e", AUTH_CAUSE_JWE}, {"a.b.c.d.e\n", AUTH_CAUSE_JWE}, {"\x1f\x8b\x08", AUTH_CAUSE_PLACE_PACKED}, {"PK\x03\x04", AUTH_CAUSE_PLACE_PACKED}, {"s3cr3t", AUTH_CAUSE_NONE}, {"www.example.com.", AUTH_CAUSE_NONE}, {"xeyJh", AUTH_CAUSE_NONE}, {"a.eyJh", AUTH_CAUSE_NONE},
    {"eyJh.eyJp.AA\xe2\x80\x8b" "AA", AUTH_CAUSE_BEYOND_ASCII}, {"eyJh.eyJp.AA~", AUTH_CAUSE_OTHER_CHARACTER},
    {"eyJh\n.eyJp.AAAA", AUTH_CAUSE_WRAPPED}, {"eyJh.eyJp.AAAA\n", AUTH_CAUSE_LINE_END}, {"eyJh.eyJp.AAA=", AUTH_CAUSE_PADDING},
    {"ey.eyJ.x", AUTH_CAUSE_CUT_OFF}, {"ew0K.eyJp.AA~", AUTH_CAUSE_OTHER_CHARACTER},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_text, bench_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(test_placeholders_are_shown, bench_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
