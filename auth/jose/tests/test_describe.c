/* What people give for a key that is none, and how the members of a JWK go wrong: each by the words that name it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/encoding.h"
#include "auth/core/file.h"
#include "auth/jose/der.h"
#include "auth/jose/jwk_set.h"

static void read_key(const char *name, struct auth_buf *text)
{
    char path[512];
    auth_buf_init_secret(text, 128 * 1024);
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, name);
    assert_int_equal(auth_file_read(path, text, NULL), AUTH_OK);
}

static void expect(struct auth_view bytes, const char *says)
{
    struct auth_buf out;
    auth_buf_init(&out, 4096);
    auth_key_describe(auth_key_sniff(bytes), bytes, &out);
    if (!auth_buf_ok(&out) || !strstr(out.p, says))
        fail_msg("%.*s: \"%s\"; wanted \"%s\"", (int)bytes.n, bytes.p, out.p, says);
    auth_buf_clear(&out);
}

static void test_texts(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        // clang-format off
        {"\xfe\xed\xfe\xed\x01", "a Java keystore (JKS)"}, {"\xce\xce\xce\xce\x01", "a Java keystore (JCEKS)"}, {"\x1f\x8b\x08", "gzip"},
        {"PK\x03\x04", "a ZIP archive"}, {"%PDF-1.4", "PDF"}, {"PuTTY-User-Key-File-3: ssh-rsa", "PuTTY"}, {"---- BEGIN SSH2 PUBLIC KEY ----", "SSH2"},
        {"<RSAKeyValue><Modulus>", ".NET"}, {"<html>", "an HTML page"}, {"Modulus=AB12", "the modulus alone"}, {"{{key}}", "Postman"},
        {"$KEY", "no shell has replaced"}, {"undefined", "turned into text"}, {"Private-Key: (2048 bit", "without the key"}, {"Certificate:\n    Data:", "x509 -text"},
        {"eyJhbGciOiJSUzM4NCJ9.e30.AA", "a JWT"}, {"https://h/jwks.json", "a URL"}, {"cert.pem", "the name of a file"}, {"/etc/key", "the name of a file"},
        {"{\"jwks_uri\":\"https://h\"}", "at its jwks_uri"}, {"{\"jwks\":{\"keys\":[]}}", "the JWK Set stands under \"jwks\""},
        {"{\"data\":{\"kty\":\"RSA\"}}", "a JWK stands under \"data\""}, {"{\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n\"}", "a PEM text stands under \"private_key\""},
        {"[{\"kty\":\"RSA\"}]", "an array"}, {"{\"Keys\":[]}", "in small letters"}, {"{\"n\":\"AQAB\"}", "without its member kty"}, {"{\"error\":\"x\"}", "an error message"},
        {"\"-----BEGIN CERTIFICATE-----\\nAA\\n-----END CERTIFICATE-----\"", "in quotation marks: take them off"}, {"\"{\\\"keys\\\":[]}\"", "a JSON string"}, {"\"x\"", "in quotation marks"},
        {"{\"resourceType\":\"Patient\"}", "a FHIR resource"}, {"{}", "JSON that is no JWK Set"}, {"'{\"keys\":[]}'", "a JWK Set in quotation marks: take them off"},
        {"\xe2\x80\x9c{\"keys\":[]}\xe2\x80\x9d", "a JWK Set in quotation marks"}, {"eyJrZXlzIjpbXX0", "base64 of a JWK Set: decode it once"}, {"IHsia2V5cyI6W119", "base64 of a JWK Set: decode it once"},
        {"30030201ff", "hex of binary DER"}, {"3003:02:01:ff", "hex of binary DER"}, {"308", "JSON that is no JWK Set"}, {"''", "no key, certificate"}, {"'", "no key, certificate"},
        // clang-format on
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(auth_view_from_string(rows[i].text), rows[i].says);
    expect(auth_view_bytes("a\0b\1", 4), "binary, and no DER");
}

/* A file of ours in each wrapping. */
static void test_wrapped(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct auth_buf pem, base64, hex, utf16;
    (void)state;
    read_key("rsa2048_a.TESTKEY.pem", &pem);
    auth_buf_init(&base64, 1 << 16);
    auth_buf_init(&hex, 1 << 16);
    auth_buf_init(&utf16, 1 << 16);
    for (size_t i = 0; i < pem.n; i += 3) {
        unsigned group = 0, n = pem.n - i < 3 ? (unsigned)(pem.n - i) : 3;
        for (unsigned b = 0; b < 3; b++)
            group = group << 8 | (b < n ? (unsigned char)pem.p[i + b] : 0);
        for (unsigned c = 0; c < 4; c++)
            auth_buf_add_char(&base64, c > n ? '=' : alphabet[group >> (18 - 6 * c) & 0x3f]);
        if (i % 57 == 54)
            auth_buf_add_string(&base64, "\r\n");
    }
    for (size_t i = 0; i < pem.n; i++)
        auth_buf_add(&utf16, (const char[]){pem.p[i], 0}, 2);
    expect(auth_buf_view(&base64), "base64 of a private key: decode it once (base64 -d)");
    expect(auth_buf_view(&utf16), "text in UTF-16");
    auth_buf_clear(&pem);
    auth_buf_clear(&base64);
    auth_buf_clear(&hex);
    auth_buf_clear(&utf16);
}

/* ASN.1 by its outermost elements, and what is cut off or of no kind that is known. */
static void test_der_kinds(void **state)
{
#define BYTES(text) text, sizeof text - 1
    static const struct {
        const char *bytes;
        size_t n;
        enum auth_der_kind kind;
    } rows[] = {
        {BYTES(""), AUTH_DER_UNKNOWN},
        {BYTES("0"), AUTH_DER_UNKNOWN},
        {BYTES("\x31\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x02\x06\x00"), AUTH_DER_PKCS7},
        {BYTES("0\x03\x02\x01\x03"), AUTH_DER_PKCS12},
        {BYTES("0\x05\x02\x01\x00\x30\x00"), AUTH_DER_PKCS8},
        {BYTES("0\x05\x02\x01\x00\x02\x00"), AUTH_DER_PKCS1},
        {BYTES("0\x05\x02\x01\x01\x04\x00"), AUTH_DER_SEC1},
        {BYTES("0\x05\x02\x01\x01\x05\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x03\x02\x01\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x04\x02\x02\x01\x01"), AUTH_DER_PUBLIC_PKCS1},
        {BYTES("0\x04\x30\x02\xa0\x00"), AUTH_DER_CERTIFICATE},
        {BYTES("0\x04\x30\x02\x02\x00"), AUTH_DER_REQUEST},
        {BYTES("0\x06\x30\x02\x06\x00\x03\x00"), AUTH_DER_PUBLIC},
        {BYTES("0\x06\x30\x02\x06\x00\x04\x00"), AUTH_DER_ENCRYPTED},
        {BYTES("0\x06\x30\x02\x06\x00\x05\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x02\x30\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x02\x04\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x02\x30\x05"), AUTH_DER_UNKNOWN},
        {BYTES("0\x81\x02\x06\x00"), AUTH_DER_PKCS7},
        {BYTES("0\x84\x00\x00\x00\x02\x06\x00"), AUTH_DER_UNKNOWN},
        {BYTES("0\x82\x00"), AUTH_DER_UNKNOWN},
    };
#undef BYTES
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_der_kind_of(auth_view_bytes(rows[i].bytes, rows[i].n)) != rows[i].kind)
            fail_msg("row %zu", i);
    }
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_members(void **state)
{
    static const struct {
        const char *jwk, *says;
    } rows[] = {
        // clang-format off
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" HEX HEX "\"", "\"n\" has hex digits only: it is hex"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"0x" HEX HEX "\"", "\"n\" is hex, as openssl prints it"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"00:AB:" HEX "\"", "\"n\" is hex, as openssl prints it"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"123456789012345678901234567890123456789012345\"", "it is decimal"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\"", "a whole key or certificate in DER"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"-----BEGIN PUBLIC KEY-----\"", "is a PEM text"},
        {"\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"sRanY\"", "n and e are swapped"},
        {"\"kty\":\"RSA\",\"n\":\"" HEX "_w\",\"e\":\"65537\"", "\"e\" is 65537 in another spelling: write it \"AQAB\""},
        {"\"kty\":\"RSA\",\"n\":\"AN" HEX "AA\",\"e\":\"AAEAAQ\"", "\"n\" starts with a zero byte (RFC 7518 2), the sign byte of Java's BigInteger: drop"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"YWJjZGVmYWJjZGVmYWJjZGVmYWJjZGVmYWJjZGVmYWJjZGVmYWJjZGVm\"", "base64url of hex text"},
        {"\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"sA+b\"", "standard base64"},
        {"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" HEX "\",\"y\":\"AQ\"", "\"x\" has hex digits only"},
        {"\"kty\":\"rsa\",\"n\":\"AQ\"", "kty rsa is not taken; RSA and EC, in capitals, are"},
        {"\"kty\":\"ECDSA\"", "kty ECDSA is not taken"}, {"\"kty\":\"RSA\",\"crv\":\"P-256\",\"x\":\"AQ\"", "the members are those of an EC key"},
        {"\"kty\":\"EC\",\"n\":\"AQ\"", "the members are those of an RSA key"}, {"\"kty\":\"EC\",\"crv\":\"secp384r1\",\"x\":\"AQ\"", "crv secp384r1 is not taken; P-256 and P-384, written so, are"},
        {"\"kty\":\"EC\",\"crv\":\"P256\",\"x\":\"AQ\"", "crv P256 is not taken"},
        // clang-format on
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf text;
        struct auth_jwk_set set;
        auth_buf_init(&text, 4096);
        auth_buf_addf(&text, "{\"keys\":[{%s}]}", rows[i].jwk);
        assert_int_equal(auth_jwk_set_parse(auth_buf_view(&text), &set, NULL), AUTH_OK);
        if (!set.entries[0].ignored || !strstr(set.entries[0].ignored, rows[i].says))
            fail_msg("%s: %s", text.p, set.entries[0].ignored ? set.entries[0].ignored : "taken");
        auth_jwk_set_clear(&set);
        auth_buf_clear(&text);
    }
}

static const struct {
    const char *members, *says;
    bool is_used;
} contradiction_rows[] = {
    // clang-format off
    {"\"alg\":\"PS256\"", "RSA-PSS, which Epic does not take", false}, {"\"alg\":\"RSA-OAEP-256\"", "an algorithm of encryption", false},
    {"\"alg\":\"HS256\"", "a symmetric algorithm", false}, {"\"alg\":\"ES384\"", "which this key (RSA) does not make here", false},
    {"\"alg\":\"rs384\"", "which this key (RSA) does not make here", false},
    {"\"use\":\"enc\"", "a key for encryption", false}, {"\"use\":\"SIG\"", "another spelling of \"sig\"", false}, {"\"use\":\"signature\"", "another spelling", false},
    {"\"use\":\"tls\"", "is not \"sig\"", false}, {"\"use\":7", "is not \"sig\"", false}, {"\"key_ops\":\"verify\"", "is no array", false},
    {"\"key_ops\":[\"sign\"]", "as a private key has", false}, {"\"key_ops\":[\"wrapKey\"]", "lacks \"verify\"", false},
    {"\"x5c\":[\"%s\"]", NULL, true}, {"\"key_ops\":[\"sign\",\"verify\"],\"use\":\"sig\"", NULL, true},
    {"\"x5c\":[]", "its \"x5c\" holds no certificate", true}, {"\"kid\":\" a\"", "white space", true},
    // clang-format on
};

/* What contradicts a sound key: its alg, its use, its certificate. */
static void test_contradictions(void **state)
{
    struct auth_buf jwk, cert;
    (void)state;
    read_key("rsa2048_a.jwk.json", &jwk);
    read_key("rsa2048_a.cert.pem", &cert);
    char *body = strstr(cert.p, "-----\n") + 6;
    *strstr(body, "\n-----END") = '\0';
    char *kid = strstr(jwk.p, "\"kid\"");
    for (size_t i = 0; i < sizeof contradiction_rows / sizeof *contradiction_rows; i++) {
        struct auth_buf text, lines;
        struct auth_jwk_set set;
        auth_buf_init(&text, 1 << 16);
        auth_buf_init(&lines, 1 << 16);
        auth_buf_add_string(&text, "{\"keys\":[");
        auth_buf_add(&text, jwk.p, kid ? (size_t)(kid - jwk.p) : (size_t)(strrchr(jwk.p, '}') - jwk.p));
        if (!kid)
            auth_buf_add_char(&text, ',');
        const char *at = strstr(contradiction_rows[i].members, "%s");
        auth_buf_add(&text, contradiction_rows[i].members,
                     at ? (size_t)(at - contradiction_rows[i].members) : strlen(contradiction_rows[i].members));
        for (const char *c = at ? body : ""; *c; c++) {
            if (*c != '\n')
                auth_buf_add_char(&text, *c);
        }
        auth_buf_add_string(&text, at ? at + 2 : "");
        auth_buf_add_string(&text, "}]}");
        assert_int_equal(auth_jwk_set_parse(auth_buf_view(&text), &set, NULL), AUTH_OK);
        auth_jwk_set_warnings(&set, &lines);
        bool is_told =
            contradiction_rows[i].says ? lines.n && strstr(lines.p, contradiction_rows[i].says) : lines.n == 0;
        if (!is_told || (auth_jwk_set_usable(&set) == 1) != contradiction_rows[i].is_used)
            fail_msg("%s: %s", contradiction_rows[i].members, lines.n ? lines.p : "no word");
        auth_jwk_set_clear(&set);
        auth_buf_clear(&text);
        auth_buf_clear(&lines);
    }
    auth_buf_clear(&jwk);
    auth_buf_clear(&cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),   cmocka_unit_test(test_wrapped),        cmocka_unit_test(test_der_kinds),
        cmocka_unit_test(test_members), cmocka_unit_test(test_contradictions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
