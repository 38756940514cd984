/* Key files as people get them wrong: each is taken on purpose or refused with words that say what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/jose/jwk_set.h"
#include "auth/jose/jws.h"

static void read_key(const char *name, struct auth_buf *text)
{
    char path[512];
    auth_buf_init_secret(text, 128 * 1024);
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, name);
    assert_int_equal(auth_file_read(path, text, NULL), AUTH_OK);
}

/* ---- what a fixture or a literal is taken for ---- */

enum reader { PRIVATE, PUBLIC, CERT };

static enum auth_rc read_as(enum reader reader, struct auth_view text, const char *passphrase, struct auth_key **key,
                            struct auth_err *err)
{
    if (reader == PRIVATE)
        return auth_key_from_private_pem(text, passphrase, key, err);
    return reader == CERT ? auth_key_from_cert(text, key, err) : auth_key_from_public_pem(text, key, err);
}

static void expect(enum reader reader, struct auth_view text, const char *passphrase, enum auth_rc wanted,
                   const char *says, const char *what)
{
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = read_as(reader, text, passphrase, &key, &err);
    if (rc != wanted || (rc == AUTH_OK) != (key != NULL) || !strstr(err.detail, says))
        fail_msg("%s: %s, \"%s\"; wanted %s, \"%s\"", what, auth_rc_text(rc), err.detail, auth_rc_text(wanted), says);
    auth_key_free(key);
}

static void test_files(void **state)
{
    static const struct {
        enum reader reader;
        const char *file, *passphrase;
        enum auth_rc rc;
        const char *says;
    } rows[] = {
        {PRIVATE, "rsa2048_a.TESTKEY.pem", NULL, AUTH_OK, ""},
        {PRIVATE, "rsa2048_b.pkcs1.TESTKEY.pem", NULL, AUTH_OK, ""},
        {PRIVATE, "p256_a.sec1.TESTKEY.pem", NULL, AUTH_OK, ""},
        {PRIVATE, "rsa2048_b.encrypted.TESTKEY.pem", "test", AUTH_OK, ""},
        {PRIVATE, "rsa2048_b.encrypted.TESTKEY.pem", "tesu", AUTH_E_KEY, "passphrase does not open"},
        {PRIVATE, "rsa2048_b.encrypted.TESTKEY.pem", "", AUTH_E_KEY, "passphrase"},
        {PRIVATE, "rsa2048_b.encrypted.TESTKEY.pem", NULL, AUTH_E_KEY, "an encrypted private key"},
        {PRIVATE, "rsa2048_a.cert.pem", NULL, AUTH_E_KEY, "an X.509 certificate"},
        {PRIVATE, "rsa2048_b.pub.pem", NULL, AUTH_E_KEY, "a bare public key"},
        {PRIVATE, "rsa2048_b.csr.pem", NULL, AUTH_E_KEY, "a certificate signing request"},
        {PRIVATE, "rsa2048_b.cert.der", NULL, AUTH_E_KEY, "binary DER"},
        {PRIVATE, "rsa2048_a.jwk.json", NULL, AUTH_E_KEY, "a JWK"},
        {PRIVATE, "ab.jwks.json", NULL, AUTH_E_KEY, "a JWK Set"},
        {PRIVATE, "ed25519_a.TESTKEY.pem", NULL, AUTH_E_ALG, ""},
        {PRIVATE, "rsapss2048_a.TESTKEY.pem", NULL, AUTH_E_ALG, ""},
        {PUBLIC, "rsa2048_b.pub.pem", NULL, AUTH_OK, ""},
        {PUBLIC, "rsa2048_a.cert.pem", NULL, AUTH_E_KEY, "a public key in PEM form is needed"},
        {CERT, "rsa2048_a.cert.pem", NULL, AUTH_OK, ""},
        {CERT, "rsa2048_a.TESTKEY.pem", NULL, AUTH_E_KEY, "keep this file secret"},
        {CERT, "rsa2048_b.encrypted.TESTKEY.pem", NULL, AUTH_E_KEY, "keep this file secret"},
        {CERT, "rsa2048_b.pub.pem", NULL, AUTH_E_KEY, "openssl req -new -x509"},
        {CERT, "rsa2048_b.csr.pem", NULL, AUTH_E_KEY, "openssl req -new -x509"},
        {CERT, "rsa2048_b.cert.der", NULL, AUTH_E_KEY, "openssl x509 -inform DER"},
        {CERT, "ab.jwks.json", NULL, AUTH_E_KEY, "register it as a JWK Set"},
        {CERT, "rsa2048_a.jwk.json", NULL, AUTH_E_KEY, "register it as a JWK Set"},
        {CERT, "ed25519_a.cert.pem", NULL, AUTH_E_ALG, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf text;
        read_key(rows[i].file, &text);
        expect(rows[i].reader, auth_buf_view(&text), rows[i].passphrase, rows[i].rc, rows[i].says, rows[i].file);
        auth_buf_clear(&text);
    }
}

static void test_what_stands_for_a_set(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{'keys': []}", "must be \""},
        {"{\"keys\":[{},]}", "a comma before"},
        {"{\"keys\":[]}\n{\"keys\":[]}", "several texts"},
        {"{\"keys\":[ // mine\n]}", "no comments"},
        {"HTTP/1.1 200 OK\r\n\r\n{\"keys\":[]}", "its body alone"},
        {"const jwks = {\"keys\":[]};", "code"},
        {"keys:\n- kty: RSA\n", "YAML"},
        {"data:\n  tls.crt: LS0tLS1CRUdJTiBDRVJU\n", "base64 of a PEM text"},
        {"SHA1 Fingerprint=AA:BB", "a fingerprint"},
        {"arn:aws:secretsmanager:x", "reference to a secret"},
        {"\x89PNG\r\n", "a picture"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(PRIVATE, auth_view_from_string(rows[i].text), NULL, AUTH_E_KEY, rows[i].says, rows[i].text);
}

static void test_texts(void **state)
{
    static const char bare[] = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
                               "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu";
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "empty"},
        {" \r\n\t", "empty"},
        {"<!DOCTYPE html><html></html>", "an HTML page"},
        {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB me", "OpenSSH's own format"},
        {"ecdsa-sha2-nistp256 AAAA me", "OpenSSH's own format"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "ssh-keygen"},
        {"{\"a\":1}", "JSON that is no JWK Set"},
        {"{\"kty\":", "broken JSON: JSON"},
        {bare, "bare base64"},
        {"MIIEvQ~", "no key, certificate or JWK Set"},
        {"MIIEvQ", "no key, certificate or JWK Set"},
        {"AAAA\n-----END PRIVATE KEY-----\n", "half a PEM block"},
        {"\xe2\x80\x94"
         "BEGIN PRIVATE KEY\xe2\x80\x94\nAAAA\n\xe2\x80\x94"
         "END PRIVATE KEY\xe2\x80\x94",
         "damaged markers"},
        {"\xff\xfe-\x01", "UTF-16"},
        {"\xfe\xff-\x01", "UTF-16"},
        {"-----BEGIN PGP MESSAGE-----\nAAAA\n-----END PGP MESSAGE-----\n", "a PEM block \"PGP MESSAGE\""},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n", "last line, -----END PRIVATE KEY-----, is missing"},
        {"-----BEGIN PRIVATE KEY\nAAAA\n", "of no use here"},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "is missing"},
        {"-----BEGIN PRIVATE KEY-----\nAA~A\n-----END PRIVATE KEY-----\n", "no base64"},
        {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"},
        {"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(PRIVATE, auth_view_from_string(rows[i].text), NULL, AUTH_E_KEY, rows[i].says, rows[i].text);
    expect(CERT, auth_view_from_string("hello"), NULL, AUTH_E_KEY, "-----BEGIN CERTIFICATE-----", "hello");
    expect(CERT, auth_view_from_string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"), NULL,
           AUTH_E_KEY, "damaged", "damaged certificate");
    expect(PUBLIC, auth_view_from_string("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"), NULL,
           AUTH_E_KEY, "damaged", "damaged public key");
    expect(PRIVATE, auth_view_bytes("MII\0EvQ", 7), NULL, AUTH_E_KEY, "binary", "a NUL");
}

static void test_too_big(void **state)
{
    char *big = malloc(64 * 1024 + 1);
    (void)state;
    assert_non_null(big);
    memset(big, ' ', 64 * 1024 + 1);
    for (int reader = PRIVATE; reader <= CERT; reader++) {
        expect((enum reader)reader, auth_view_bytes(big, 64 * 1024), NULL, AUTH_E_KEY, "empty", "64 KiB");
        expect((enum reader)reader, auth_view_bytes(big, 64 * 1024 + 1), NULL, AUTH_E_TOO_BIG, "more than 65536",
               "one more");
    }
    struct auth_jwk_set set;
    assert_int_equal(auth_jwk_set_parse(auth_view_bytes(big, 64 * 1024 + 1), &set, NULL), AUTH_E_TOO_BIG);
    auth_jwk_set_clear(&set);
    free(big);
}

/* A block ends at the next marker, whatever it is: who looks further for its own END looks again at the same text for
 * every BEGIN. And a file is told by its first 64 KiB, however long it is. */
static void test_markers_are_read_once(void **state)
{
    struct auth_buf pem, text;
    (void)state;
    read_key("rsa2048_a.TESTKEY.pem", &pem);
    auth_buf_init_secret(&text, 2 * 1024 * 1024);
    auth_buf_add_string(&text, "-----BEGIN PRIVATE KEY-----\nAAAA\n");
    auth_buf_add_view(&text, auth_buf_view(&pem));
    expect(PRIVATE, auth_buf_view(&text), NULL, AUTH_E_KEY, "-----END PRIVATE KEY-----, is missing", "BEGIN twice");
    auth_buf_reset(&text);
    auth_buf_add_string(&text, "-----BEGIN EC PARAMETERS-----\nAAAA\n");
    auth_buf_add_view(&text, auth_buf_view(&pem));
    expect(PRIVATE, auth_buf_view(&text), NULL, AUTH_OK, "", "parameters without an end");
    auth_buf_reset(&text);
    while (text.n + 64 < 64 * 1024)
        auth_buf_add_string(&text, "-----BEGIN X PARAMETERS-----");
    expect(CERT, auth_buf_view(&text), NULL, AUTH_E_KEY, "a PEM block \"X PARAMETERS\"", "64 KiB of markers");
    auth_buf_reset(&text);
    while (text.n < 64 * 1024)
        auth_buf_add_char(&text, '.');
    auth_buf_add_view(&text, auth_buf_view(&pem));
    assert_int_equal(auth_key_sniff(auth_buf_view(&text)), AUTH_KEY_FORMAT_UNKNOWN);
    text.n = 64 * 1024 - pem.n;
    auth_buf_add_view(&text, auth_buf_view(&pem));
    assert_int_equal(auth_key_sniff(auth_buf_view(&text)), AUTH_KEY_FORMAT_PRIVATE);
    auth_buf_clear(&text);
    auth_buf_clear(&pem);
}

/* ---- what people paste, in other shapes ---- */

static void add_replaced(struct auth_buf *out, struct auth_view text, char from, const char *to)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == from)
            auth_buf_add_string(out, to);
        else
            auth_buf_add_char(out, text.p[i]);
    }
}

static void test_shapes(void **state)
{
    static const char *const line_ends[] = {"\n", "\r\n", "\r", "\\n", " \n", ""};
    struct auth_buf pem, cert, shaped;
    (void)state;
    read_key("rsa2048_a.TESTKEY.pem", &pem);
    read_key("rsa2048_a.cert.pem", &cert);
    for (size_t i = 0; i < sizeof line_ends / sizeof *line_ends; i++) {
        auth_buf_init_secret(&shaped, 65536);
        add_replaced(&shaped, auth_buf_view(&pem), '\n', line_ends[i]);
        expect(PRIVATE, auth_buf_view(&shaped), NULL, AUTH_OK, "", line_ends[i]);
        auth_buf_clear(&shaped);
        auth_buf_init_secret(&shaped, 65536);
        auth_buf_add_string(&shaped, "\xef\xbb\xbf"
                                     "subject=CN = somebody\n");
        add_replaced(&shaped, auth_buf_view(&cert), '\n', line_ends[i]);
        auth_buf_add_string(&shaped, "and text behind");
        expect(CERT, auth_buf_view(&shaped), NULL, AUTH_OK, "", line_ends[i]);
        auth_buf_clear(&shaped);
    }
    auth_buf_init_secret(&shaped, 65536);
    auth_buf_add_view(&shaped, auth_buf_view(&cert));
    auth_buf_add_view(&shaped, auth_buf_view(&cert));
    expect(CERT, auth_buf_view(&shaped), NULL, AUTH_E_KEY, "2 certificates", "a bundle");
    auth_buf_reset(&shaped);
    auth_buf_add_view(&shaped, auth_buf_view(&cert));
    auth_buf_add_view(&shaped, auth_buf_view(&pem));
    expect(CERT, auth_buf_view(&shaped), NULL, AUTH_E_KEY, "private key in the same file", "certificate and key");
    auth_buf_reset(&shaped);
    auth_buf_add_string(&shaped, "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n");
    auth_buf_add_view(&shaped, auth_buf_view(&pem));
    expect(PRIVATE, auth_buf_view(&shaped), NULL, AUTH_OK, "", "parameters first");
    auth_buf_reset(&shaped);
    auth_buf_add_string(&shaped,
                        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                        "-----END RSA PRIVATE KEY-----\n");
    expect(PRIVATE, auth_buf_view(&shaped), NULL, AUTH_E_KEY, "an encrypted private key", "RFC 1421 headers");
    expect(PRIVATE, auth_buf_view(&shaped), "test", AUTH_E_KEY, "passphrase does not open", "RFC 1421 headers");
    auth_buf_clear(&shaped);
    auth_buf_clear(&pem);
    auth_buf_clear(&cert);
}

/* ---- JWK ---- */

static void test_jwks(void **state)
{
#define N256 "0123456789abcdef_123456789abcdef0123456789A"
    static const struct {
        const char *text;
        enum auth_rc rc;
        const char *says;
    } rows[] = {
        {"{\"kty\":7}", AUTH_E_KEY, "string member \"kty\""},
        {"[]", AUTH_E_KEY, "string member \"kty\""},
        {"{\"kty\":\"RSA\"}", AUTH_E_KEY, "\"n\""},
        {"{\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"}", AUTH_E_KEY, "a string is needed"},
        {"{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", AUTH_E_KEY, "is empty"},
        {"{\"kty\":\"RSA\",\"n\":\"AQ=\",\"e\":\"AQAB\"}", AUTH_E_KEY, "padding"},
        {"{\"kty\":\"RSA\",\"n\":\"AAEB\",\"e\":\"AQAB\"}", AUTH_E_KEY, "starts with a zero byte"},
        {"{\"kty\":\"RSA\",\"n\":\"" N256 N256 "\",\"e\":\"AQAAAAAB\"}", AUTH_E_KEY, "\"e\" has more than"},
        {"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"oth\":[]}", AUTH_E_KEY, "more than two primes"},
        {"{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\"}", AUTH_E_KEY, ""},
        {"{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AQ\",\"y\":\"AQ\"}", AUTH_E_ALG, "P-256 and P-384"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\",\"y\":\"AQ\"}", AUTH_E_KEY, "this curve's have 32"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" N256 "\",\"y\":\"" N256 "\"}", AUTH_E_KEY, ""},
        {"{\"kty\":\"oct\",\"k\":\"AQAB\"}", AUTH_E_ALG, "oct"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQ\"}", AUTH_E_ALG, "OKP"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_json *doc = NULL;
        struct auth_key *key = NULL;
        struct auth_err err = {0};
        assert_int_equal(auth_json_parse(auth_view_from_string(rows[i].text), &doc, NULL), AUTH_OK);
        enum auth_rc rc = auth_key_from_jwk(auth_json_root(doc), true, &key, &err);
        if (rc != rows[i].rc || !strstr(err.detail, rows[i].says))
            fail_msg("%s: %s, \"%s\"", rows[i].text, auth_rc_text(rc), err.detail);
        auth_key_free(key);
        auth_json_free(doc);
    }
}

/* A set made of the RSA key with other members put in. */
static void test_set_entries(void **state)
{
    static const struct {
        const char *members;
        const char *ignored; /* NULL: usable */
    } rows[] = {
        {"\"kid\":\"a\"", NULL},
        {"\"kid\":7", "\"kid\" is no string"},
        {"\"alg\":7", "\"alg\" is no string"},
        {"\"alg\":\"RS384\"", NULL},
        {"\"alg\":\"ES384\"", "its \"alg\" is \"ES384\""},
        {"\"key_ops\":[\"verify\"]", NULL},
        {"\"key_ops\":[\"sign\",\"verify\"]", NULL},
        {"\"key_ops\":[\"encrypt\"]", ""},
        {"\"use\":\"sig\"", NULL},
        {"\"use\":\"enc\"", ""},
    };
    struct auth_buf jwk;
    (void)state;
    read_key("rsa2048_a.jwk.json", &jwk);
    struct auth_view n, e;
    assert_true(auth_json_raw_member(auth_buf_view(&jwk), "n", &n) &&
                auth_json_raw_member(auth_buf_view(&jwk), "e", &e));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf text;
        struct auth_jwk_set set;
        auth_buf_init(&text, 65536);
        auth_buf_addf(&text, "{\"keys\":[{\"kty\":\"RSA\",\"n\":%.*s,\"e\":%.*s,%s}]}", (int)n.n, n.p, (int)e.n, e.p,
                      rows[i].members);
        assert_int_equal(auth_jwk_set_parse(auth_buf_view(&text), &set, NULL), AUTH_OK);
        assert_int_equal(set.count, 1);
        bool is_usable = auth_jwk_set_usable(&set) == 1;
        const char *why = set.entries[0].ignored ? set.entries[0].ignored : "";
        if (is_usable != !rows[i].ignored || (rows[i].ignored && !strstr(why, rows[i].ignored)))
            fail_msg("%s: usable %d, \"%s\"", rows[i].members, is_usable, why);
        auth_jwk_set_clear(&set);
        auth_buf_clear(&text);
    }
    auth_buf_clear(&jwk);
}

static void test_sets(void **state)
{
    struct auth_jwk_set set;
    struct auth_buf text;
    struct auth_err err = {0};
    (void)state;
    read_key("rsa2048_a.jwk.json", &text);
    assert_int_equal(auth_jwk_set_parse(auth_buf_view(&text), &set, NULL), AUTH_OK);
    assert_int_equal(auth_jwk_set_usable(&set), 1); /* a single JWK is a set of one */
    auth_jwk_set_clear(&set);
    auth_buf_clear(&text);
    for (int count = AUTH_JWK_SET_KEYS_MAX; count <= AUTH_JWK_SET_KEYS_MAX + 1; count++) {
        auth_buf_init(&text, 65536);
        auth_buf_add_string(&text, "{\"keys\":[{\"kty\":\"x\"}");
        for (int i = 1; i < count; i++)
            auth_buf_add_string(&text, ",{\"kty\":\"x\"}");
        auth_buf_add_string(&text, "]}");
        enum auth_rc rc = auth_jwk_set_parse(auth_buf_view(&text), &set, &err);
        assert_int_equal(rc, count == AUTH_JWK_SET_KEYS_MAX ? AUTH_OK : AUTH_E_TOO_BIG);
        auth_jwk_set_clear(&set);
        auth_buf_clear(&text);
    }
    static const char *const bad[] = {"<html></html>", "{\"keys\":7}", "{}", "", "{\"keys\":[7]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        enum auth_rc rc = auth_jwk_set_parse(auth_view_from_string(bad[i]), &set, NULL);
        assert_true(rc == AUTH_E_SYNTAX || rc == AUTH_E_KEY || (rc == AUTH_OK && auth_jwk_set_usable(&set) == 0));
        auth_jwk_set_clear(&set);
    }
}

/* ---- certificates that we make ---- */

static void test_a_certificate_signed_by_another_key(void **state)
{
    struct auth_cert_request ca = {
        .common_name = "ca", .not_before_s = 1790000000, .not_after_s = 1800000000, .is_ca = true};
    struct auth_cert_request leaf = {
        .common_name = "leaf", .not_before_s = 1790000000, .not_after_s = 1800000000, .dns_name = "localhost"};
    struct auth_cert_request odd = leaf;
    struct auth_key *ca_key = NULL, *leaf_key = NULL, *public_key = NULL;
    struct auth_buf ca_pem, pem, other;
    struct auth_err err = {0};
    (void)state;
    assert_int_equal(auth_key_generate_ec(AUTH_KEY_P256, &ca_key, NULL), AUTH_OK);
    assert_int_equal(auth_key_generate_ec(AUTH_KEY_P384, &leaf_key, NULL), AUTH_OK);
    auth_buf_init(&ca_pem, 65536);
    auth_buf_init(&pem, 65536);
    auth_buf_init(&other, 65536);
    assert_int_equal(auth_key_write_cert(ca_key, &ca, NULL, auth_view_from_string(""), &ca_pem, &err), AUTH_OK);
    assert_int_equal(auth_key_write_cert(leaf_key, &leaf, ca_key, auth_buf_view(&ca_pem), &pem, &err), AUTH_OK);
    assert_int_equal(auth_key_from_cert(auth_buf_view(&pem), &public_key, &err), AUTH_OK);
    assert_true(auth_key_equal(public_key, leaf_key));
    assert_string_equal(auth_key_cert(public_key)->subject, "CN=leaf");
    assert_int_equal(auth_key_cert(public_key)->not_after_s, 1800000000);
    /* half an issuer, somebody else's, none at all, and a public key that is to sign */
    assert_int_equal(auth_key_write_cert(leaf_key, &leaf, ca_key, auth_view_from_string(""), &other, NULL), AUTH_E_ARG);
    assert_int_not_equal(auth_key_write_cert(leaf_key, &leaf, leaf_key, auth_buf_view(&ca_pem), &other, NULL), AUTH_OK);
    assert_int_not_equal(auth_key_write_cert(leaf_key, &leaf, ca_key, auth_view_from_string("x"), &other, NULL),
                         AUTH_OK);
    assert_int_equal(auth_key_write_cert(public_key, &leaf, NULL, auth_view_from_string(""), &other, NULL), AUTH_E_KEY);
    odd.dns_name = "a,DNS:b";
    assert_int_equal(auth_key_write_cert(leaf_key, &odd, ca_key, auth_buf_view(&ca_pem), &other, NULL), AUTH_E_ARG);
    assert_int_equal(auth_key_write_private_pem(leaf_key, &other, NULL), AUTH_E_ARG); /* no secret buffer */
    auth_buf_clear(&other);
    auth_buf_clear(&pem);
    auth_buf_clear(&ca_pem);
    auth_key_free(public_key);
    auth_key_free(leaf_key);
    auth_key_free(ca_key);
}

/* ---- a TLS server's chain ---- */

/* What each row's files say together; "-" takes the last character of what is there away, text goes in as it is. */
static void join(const char *const *parts, struct auth_buf *text)
{
    auth_buf_init_secret(text, 256 * 1024);
    for (; *parts; parts++) {
        struct auth_buf file;
        if (strcmp(*parts, "-") == 0) {
            text->n--;
        } else if (!strstr(*parts, ".pem")) {
            auth_buf_add_string(text, *parts);
        } else {
            read_key(*parts, &file);
            auth_buf_add_view(text, auth_buf_view(&file));
            auth_buf_clear(&file);
        }
    }
}

static size_t count_of(const struct auth_buf *text, const char *word)
{
    size_t count = 0;
    for (const char *at = text->p ? strstr(text->p, word) : NULL; at; at = strstr(at + 1, word))
        count++;
    return count;
}

static void test_chains(void **state)
{
    static const struct {
        const char *parts[5];
        enum auth_rc rc;
        size_t certificates;
        const char *says;
    } rows[] = {
        {{"rsa2048_a.cert.pem"}, AUTH_OK, 1, ""},
        /* the first counts; what signed it may have any key */
        {{"rsa2048_a.cert.pem", "p521_a.cert.pem", "rsa1024_a.cert.pem"}, AUTH_OK, 3, ""},
        {{"\xef\xbb\xbfSubject: a\n", "rsa2048_a.cert.pem", "and so on\n", "p256_a.cert.pem"}, AUTH_OK, 2, ""},
        {{"rsa2048_a.cert.pem", "rsa2048_a.pub.pem"}, AUTH_OK, 1, ""},
        {{"rsa2048_a.cert.pem", "-", "-"}, AUTH_E_KEY, 0, "the PEM block is cut off"},
        {{"rsa2048_a.cert.pem", "-"}, AUTH_OK, 1, ""},
        {{"rsa2048_a.cert.pem", "p256_a.cert.pem", "-", "-"}, AUTH_E_KEY, 0, "certificate 2: the PEM block is cut off"},
        {{"rsa2048_a.cert.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
         AUTH_E_KEY,
         0,
         "certificate 2: the certificate is damaged"},
        {{"p521_a.cert.pem", "rsa2048_a.cert.pem"}, AUTH_E_ALG, 0, "secp521r1"},
        {{"rsa2048_a.cert.pem", "rsa2048_a.TESTKEY.pem"}, AUTH_E_KEY, 0, "a private key beside the certificate"},
        {{"rsa2048_a.TESTKEY.pem", "rsa2048_a.cert.pem"}, AUTH_E_KEY, 0, "a private key beside the certificate"},
        {{"rsa2048_a.TESTKEY.pem"}, AUTH_E_KEY, 0, "this is a private key"},
        {{"rsa2048_a.csr.pem"}, AUTH_E_KEY, 0, "this is a certificate signing request"},
        {{""}, AUTH_E_KEY, 0, "empty"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_key *key = NULL;
        struct auth_err err = {0};
        struct auth_buf text, chain;
        join(rows[i].parts, &text);
        auth_buf_init(&chain, 256 * 1024);
        auth_buf_add_string(&chain, "what was in it before");
        enum auth_rc rc = auth_key_from_chain(auth_buf_view(&text), &chain, &key, &err);
        if (rc != rows[i].rc || (rc == AUTH_OK) != (key != NULL) || !strstr(err.detail, rows[i].says))
            fail_msg("row %zu: %s, \"%s\"", i, auth_rc_text(rc), err.detail);
        if (rc == AUTH_OK) {
            assert_int_equal(count_of(&chain, "-----BEGIN "), rows[i].certificates);
            assert_true(auth_view_starts(auth_buf_view(&chain), "-----BEGIN CERTIFICATE-----\n"));
            assert_string_equal(auth_key_type_text(key), "RSA");
            assert_int_equal(auth_key_bits(key), 2048);
        }
        auth_key_free(key);
        auth_buf_clear(&chain);
        auth_buf_clear(&text);
    }
}

static void test_a_chain_of_64_kib(void **state)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct auth_key *key = NULL;
        struct auth_buf text, chain;
        (void)state;
        join((const char *const[]){"rsa2048_a.cert.pem", NULL}, &text);
        while (text.n < 64 * 1024 + extra)
            auth_buf_add_char(&text, '\n');
        auth_buf_init(&chain, 256 * 1024);
        assert_int_equal(auth_key_from_chain(auth_buf_view(&text), &chain, &key, NULL),
                         extra ? AUTH_E_TOO_BIG : AUTH_OK);
        auth_key_free(key);
        auth_buf_clear(&chain);
        auth_buf_clear(&text);
    }
}

/* ---- algorithms that do not exist ---- */

static void test_no_algorithm(void **state)
{
    struct auth_key *key = NULL;
    struct auth_buf out;
    struct auth_err err = {0};
    (void)state;
    assert_int_equal(auth_key_generate_ec(AUTH_KEY_P256, &key, NULL), AUTH_OK);
    auth_buf_init(&out, 4096);
    assert_string_equal(auth_alg_name(AUTH_ALG_COUNT), "no algorithm");
    assert_int_equal(auth_jws_sign(key, AUTH_ALG_COUNT, auth_view_from_string("x"), &out, &err), AUTH_E_ALG);
    assert_int_equal(auth_jws_verify(key, AUTH_RS384, auth_view_from_string("x"), auth_view_from_string("y"), NULL),
                     AUTH_E_ALG);
    assert_int_equal(
        auth_jws_write(key, AUTH_RS384, auth_view_from_string("{}"), auth_view_from_string("{}"), &out, NULL),
        AUTH_E_ALG);
    assert_int_equal(out.n, 0);
    assert_int_equal(auth_alg_for(key), AUTH_ES256);
    char zeros[64] = {0};
    assert_int_equal(auth_jws_verify(key, AUTH_ES256, auth_view_from_string("x"), auth_view_bytes(zeros, 64), &err),
                     AUTH_E_SIGNATURE);
    auth_buf_clear(&out);
    auth_key_free(key);
    key = NULL;
    assert_int_equal(auth_key_generate_rsa(2047, &key, NULL), AUTH_E_ARG);
    assert_int_equal(auth_key_generate_ec(AUTH_KEY_RSA, &key, NULL), AUTH_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_what_stands_for_a_set),
        cmocka_unit_test(test_too_big),
        cmocka_unit_test(test_markers_are_read_once),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_jwks),
        cmocka_unit_test(test_set_entries),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_a_certificate_signed_by_another_key),
        cmocka_unit_test(test_no_algorithm),
        cmocka_unit_test(test_chains),
        cmocka_unit_test(test_a_chain_of_64_kib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
