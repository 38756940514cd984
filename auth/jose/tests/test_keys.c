/* Keys in every shape that people bring them, and signatures one byte off. Thumbprints and fingerprints come from openssl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "auth/core/file.h"
#include "auth/jose/jwk_set.h"
#include "auth/jose/jws.h"

static struct auth_buf read_key_file(const char *name)
{
    char path[256];
    struct auth_buf text;
    struct auth_err err = {0};
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, name);
    auth_buf_init(&text, 1 << 20);
    if (auth_file_read(path, &text, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
    return text;
}

static struct auth_key *private_key(const char *name)
{
    struct auth_buf text = read_key_file(name);
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    if (auth_key_from_private_pem(auth_buf_view(&text), NULL, &key, &err) != AUTH_OK)
        fail_msg("%s: %s", name, err.detail);
    auth_buf_clear(&text);
    return key;
}

static void test_keys_thumbprints_are_those_of_openssl(void **state)
{
    struct auth_buf table = read_key_file("thumbprints.tsv");
    struct auth_view rest = auth_view_trim(auth_buf_view(&table));
    (void)state;
    while (rest.n) {
        char name[128];
        struct auth_view line = auth_view_split(&rest, '\n');
        struct auth_view key_name = auth_view_split(&line, '\t'), thumbprint = auth_view_split(&line, '\t');
        struct auth_view sha1 = auth_view_split(&line, '\t');
        snprintf(name, sizeof name, "%.*s.cert.pem", (int)key_name.n, key_name.p);
        struct auth_buf pem = read_key_file(name);
        struct auth_key *cert = NULL;
        assert_int_equal(auth_key_from_cert(auth_buf_view(&pem), &cert, NULL), AUTH_OK);
        snprintf(name, sizeof name, "%.*s.TESTKEY.pem", (int)key_name.n, key_name.p);
        struct auth_key *key = private_key(name);
        assert_true(auth_view_equals(thumbprint, auth_key_thumbprint(cert)));
        assert_true(auth_view_equals(sha1, auth_key_cert(cert)->sha1));
        assert_true(auth_view_equals(line, auth_key_cert(cert)->sha256));
        assert_true(auth_key_equal(key, cert) && auth_key_is_private(key) && !auth_key_is_private(cert));
        auth_key_free(key);
        auth_key_free(cert);
        auth_buf_clear(&pem);
    }
    auth_buf_clear(&table);
}

static void test_keys_wrong_files_are_named(void **state)
{
    static const struct {
        const char *file;
        bool as_cert;
        const char *part;
    } rows[] = {
        {"rsa2048_a.pub.pem", true, "a bare public key"},
        {"rsa2048_a.csr.pem", true, "signing request"},
        {"rsa2048_a.cert.der", true, "binary DER"},
        {"rsa2048_a.TESTKEY.pem", true, "a private key"},
        {"rsa2048_a.jwks.json", true, "a JWK Set"},
        {"p521_a.cert.pem", true, "P-256 and P-384"},
        {"rsa2048_a.cert.pem", false, "an X.509 certificate"},
        {"rsa2048_a.encrypted.TESTKEY.pem", false, "encrypted"},
        {"p521_a.TESTKEY.pem", false, "P-256 and P-384"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf text = read_key_file(rows[i].file);
        struct auth_key *key = NULL;
        struct auth_err err = {0};
        enum auth_rc rc = rows[i].as_cert ? auth_key_from_cert(auth_buf_view(&text), &key, &err)
                                          : auth_key_from_private_pem(auth_buf_view(&text), NULL, &key, &err);
        if (rc == AUTH_OK || key || !strstr(err.detail, rows[i].part))
            fail_msg("%s: %d %s", rows[i].file, rc, err.detail);
        auth_buf_clear(&text);
    }
}

/* The same certificate as people paste it. */
static void test_keys_pasted_pem_is_read(void **state)
{
    struct auth_buf pem = read_key_file("rsa2048_a.cert.pem"), shapes[4];
    (void)state;
    for (int i = 0; i < 4; i++)
        auth_buf_init(&shapes[i], 1 << 16);
    auth_buf_add_string(&shapes[1], "\xef\xbb\xbfSubject: somebody\n\n");
    for (size_t i = 0; i < pem.n; i++) {
        char c = pem.p[i];
        auth_buf_add_string(&shapes[0], c == '\n' ? "\r\n" : (char[]){c, 0});
        auth_buf_add_string(&shapes[1], c == '\n' ? "\n   " : (char[]){c, 0});
        auth_buf_add_string(&shapes[2], c == '\n' ? "\\n" : (char[]){c, 0});
        if (c != '\n')
            auth_buf_add_char(&shapes[3], c);
    }
    for (int i = 0; i < 4; i++) {
        struct auth_key *key = NULL;
        struct auth_err err = {0};
        if (auth_key_from_cert(auth_buf_view(&shapes[i]), &key, &err) != AUTH_OK)
            fail_msg("shape %d: %s", i, err.detail);
        auth_key_free(key);
        auth_buf_clear(&shapes[i]);
    }
    struct auth_key *key = NULL;
    auth_buf_add_view(&shapes[0], auth_buf_view(&pem));
    auth_buf_add_view(&shapes[0], auth_buf_view(&pem));
    assert_int_equal(auth_key_from_cert(auth_buf_view(&shapes[0]), &key, NULL), AUTH_E_KEY); /* two of them */
    pem.n -= 200;
    assert_int_equal(auth_key_from_cert(auth_buf_view(&pem), &key, NULL), AUTH_E_KEY); /* cut off */
    auth_buf_clear(&shapes[0]);
    auth_buf_clear(&pem);
}

static void test_jwk_set_keeps_what_it_ignores_and_refuses_private_members(void **state)
{
    struct auth_buf text = read_key_file("mixed.jwks.json");
    struct auth_jwk_set set;
    struct auth_err err = {0};
    (void)state;
    assert_int_equal(auth_jwk_set_parse(auth_buf_view(&text), &set, &err), AUTH_OK);
    assert_int_equal(set.count, 3);
    assert_int_equal(auth_jwk_set_usable(&set), 2);
    assert_non_null(strstr(set.entries[2].ignored, "kty OKP"));
    auth_jwk_set_clear(&set);
    auth_buf_clear(&text);
    text = read_key_file("private.jwks.json");
    assert_int_equal(auth_jwk_set_parse(auth_buf_view(&text), &set, &err), AUTH_E_KEY);
    auth_buf_clear(&text);
    assert_int_equal(auth_jwk_set_parse(auth_view_from_string("<html></html>"), &set, &err), AUTH_E_KEY);
    assert_int_equal(auth_jwk_set_parse(auth_view_from_string("{\"keys\":1}"), &set, NULL), AUTH_E_SYNTAX);
}

static void test_jws_every_algorithm_verifies_and_nothing_near_it_does(void **state)
{
    static const struct {
        const char *key;
        enum auth_alg alg;
    } rows[] = {
        {"rsa2048_a.TESTKEY.pem", AUTH_RS256}, {"rsa2048_a.pkcs1.TESTKEY.pem", AUTH_RS384},
        {"rsa2048_a.TESTKEY.pem", AUTH_RS512}, {"p256_a.TESTKEY.pem", AUTH_ES256},
        {"p384_a.TESTKEY.pem", AUTH_ES384},
    };
    struct auth_view input = auth_view_from_string("header.payload");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_key *key = private_key(rows[i].key);
        struct auth_buf s;
        auth_buf_init(&s, 4096);
        assert_int_equal(auth_jws_sign(key, rows[i].alg, input, &s, NULL), AUTH_OK);
        assert_int_equal(s.n, auth_jws_signature_size(rows[i].alg, key));
        assert_int_equal(auth_jws_verify(key, rows[i].alg, input, auth_buf_view(&s), NULL), AUTH_OK);
        assert_int_equal(
            auth_jws_verify(key, rows[i].alg, auth_view_from_string("header.payloae"), auth_buf_view(&s), NULL),
            AUTH_E_SIGNATURE);
        struct auth_view shorter = auth_view_bytes(s.p, s.n - 1), late = auth_view_bytes(s.p + 1, s.n - 1);
        assert_int_equal(auth_jws_verify(key, rows[i].alg, input, shorter, NULL), AUTH_E_SIGNATURE);
        assert_int_equal(auth_jws_verify(key, rows[i].alg, input, late, NULL), AUTH_E_SIGNATURE);
        auth_buf_add_char(&s, '\0');
        assert_int_equal(auth_jws_verify(key, rows[i].alg, input, auth_buf_view(&s), NULL), AUTH_E_SIGNATURE);
        s.n--;
        s.p[s.n / 2] ^= 1;
        assert_int_equal(auth_jws_verify(key, rows[i].alg, input, auth_buf_view(&s), NULL), AUTH_E_SIGNATURE);
        for (int fill = 0; fill < 2; fill++) { /* r = s = 0, and far beyond the order */
            memset(s.p, fill ? 0xff : 0, s.n);
            assert_int_equal(auth_jws_verify(key, rows[i].alg, input, auth_buf_view(&s), NULL), AUTH_E_SIGNATURE);
        }
        enum auth_alg other = rows[i].alg == AUTH_ES256 ? AUTH_RS256 : AUTH_ES256;
        assert_int_equal(auth_jws_verify(key, other, input, auth_buf_view(&s), NULL), AUTH_E_ALG);
        auth_buf_clear(&s);
        auth_key_free(key);
    }
}

static void test_keys_made_here_round_trip(void **state)
{
    struct auth_key *key = NULL, *back = NULL, *cert = NULL;
    struct auth_buf pem, cert_pem, jwk;
    struct auth_json_writer w;
    struct auth_json *doc = NULL;
    struct auth_cert_request request = {
        .common_name = "x", .not_before_s = 1700000000, .not_after_s = 1800000000, .dns_name = "localhost"};
    (void)state;
    auth_buf_init_secret(&pem, 1 << 16);
    auth_buf_init(&cert_pem, 1 << 16);
    auth_buf_init(&jwk, 1 << 16);
    assert_int_equal(auth_key_generate_ec(AUTH_KEY_P384, &key, NULL), AUTH_OK);
    assert_int_equal(auth_key_write_private_pem(key, &pem, NULL), AUTH_OK);
    assert_int_equal(auth_key_from_private_pem(auth_buf_view(&pem), NULL, &back, NULL), AUTH_OK);
    assert_true(auth_key_equal(key, back));
    assert_int_equal(auth_key_write_cert(key, &request, NULL, auth_view_from_string(""), &cert_pem, NULL), AUTH_OK);
    assert_int_equal(auth_key_from_cert(auth_buf_view(&cert_pem), &cert, NULL), AUTH_OK);
    assert_true(auth_key_equal(key, cert));
    assert_string_equal(auth_key_cert(cert)->subject, "CN=x");
    assert_true(auth_key_cert(cert)->not_after_s == 1800000000);
    auth_key_free(back);
    auth_json_writer_init(&w, &jwk, AUTH_JSON_COMPACT);
    assert_int_equal(auth_key_write_jwk(key, "k", "ES384", &w, NULL), AUTH_OK);
    assert_int_equal(auth_json_parse(auth_buf_view(&jwk), &doc, NULL), AUTH_OK);
    assert_int_equal(auth_key_from_jwk(auth_json_root(doc), false, &back, NULL), AUTH_OK);
    assert_true(auth_key_equal(key, back));
    assert_int_equal(auth_key_write_private_pem(back, &pem, NULL), AUTH_E_KEY);
    assert_int_equal(auth_key_generate_rsa(2047, &key, NULL), AUTH_E_ARG);
    auth_json_free(doc);
    auth_key_free(back);
    auth_key_free(cert);
    auth_key_free(key);
    auth_buf_clear(&jwk);
    auth_buf_clear(&cert_pem);
    auth_buf_clear(&pem);
}

/* By the bytes alone: a program that reads messages would take a renamed message for another mistake. */
static void test_jws_forms_of_signatures(void **state)
{
    static const struct {
        const char *key;
        enum auth_alg alg;
        size_t n;
        bool starts_as_der;
        enum auth_jws_form form;
    } rows[] = {
        {"p256_a.TESTKEY.pem", AUTH_ES256, 64, false, AUTH_JWS_FORM_FITS},
        {"p256_a.TESTKEY.pem", AUTH_ES256, 64, true, AUTH_JWS_FORM_FITS},
        {"p256_a.TESTKEY.pem", AUTH_ES256, 71, true, AUTH_JWS_FORM_DER},
        {"p256_a.TESTKEY.pem", AUTH_ES256, 71, false, AUTH_JWS_FORM_LENGTH},
        {"p256_a.TESTKEY.pem", AUTH_ES256, 0, false, AUTH_JWS_FORM_LENGTH},
        {"p384_a.TESTKEY.pem", AUTH_ES384, 103, true, AUTH_JWS_FORM_DER},
        {"p384_a.TESTKEY.pem", AUTH_ES384, 97, false, AUTH_JWS_FORM_LENGTH},
        {"rsa2048_a.TESTKEY.pem", AUTH_RS384, 256, true, AUTH_JWS_FORM_FITS},
        {"rsa2048_a.TESTKEY.pem", AUTH_RS384, 71, true, AUTH_JWS_FORM_DER},
        {"rsa2048_a.TESTKEY.pem", AUTH_RS384, 71, false, AUTH_JWS_FORM_LENGTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char bytes[256] = {0};
        struct auth_key *key = private_key(rows[i].key);
        struct auth_view signature = auth_view_bytes(bytes, rows[i].n);
        if (rows[i].starts_as_der)
            memcpy(bytes, (const unsigned char[]){0x30, (unsigned char)(rows[i].n - 2), 0x02}, 3);
        assert_int_equal(auth_jws_signature_form(rows[i].alg, key, signature), rows[i].form);
        assert_int_equal(auth_jws_verify(key, rows[i].alg, auth_view_from_string("x.y"), signature, NULL),
                         AUTH_E_SIGNATURE);
        auth_key_free(key);
    }
}

struct work {
    const struct auth_key *key;
    struct auth_view signature;
};

static void *verify_often(void *ctx)
{
    const struct work *work = ctx;
    for (int i = 0; i < 20; i++) {
        if (auth_jws_verify(work->key, AUTH_RS384, auth_view_from_string("x.y"), work->signature, NULL) != AUTH_OK)
            return ctx;
    }
    return NULL;
}

static void test_jws_threads_share_a_key(void **state)
{
    enum { THREADS = 16 };
    pthread_t threads[THREADS];
    struct auth_key *key = private_key("rsa2048_a.TESTKEY.pem");
    struct auth_buf s;
    (void)state;
    auth_buf_init(&s, 4096);
    assert_int_equal(auth_jws_sign(key, AUTH_RS384, auth_view_from_string("x.y"), &s, NULL), AUTH_OK);
    struct work work = {key, auth_buf_view(&s)};
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &work), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    auth_buf_clear(&s);
    auth_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_thumbprints_are_those_of_openssl),
        cmocka_unit_test(test_keys_wrong_files_are_named),
        cmocka_unit_test(test_keys_pasted_pem_is_read),
        cmocka_unit_test(test_jwk_set_keeps_what_it_ignores_and_refuses_private_members),
        cmocka_unit_test(test_jws_every_algorithm_verifies_and_nothing_near_it_does),
        cmocka_unit_test(test_jws_forms_of_signatures),
        cmocka_unit_test(test_keys_made_here_round_trip),
        cmocka_unit_test(test_jws_threads_share_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
