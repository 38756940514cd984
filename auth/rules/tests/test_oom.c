/* Out of memory in the libraries: every allocation of every reader fails once. It must say so, leak nothing (ASan sees to
 * that), and never call the caller's input bad for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/core/tests/oom.h"
#include "auth/rules/rules.h"

enum { FILE_MAX = 1 << 20, ROUNDS_MAX = 20000 };

/* One thing to do with one text; `right` is what it answers when there is memory. */
struct work {
    const char *name;
    const char *file; /* below fixtures/, or NULL */
    const char *text;
    enum auth_rc right;
    enum auth_rc (*run)(struct auth_view text);
};

/* ---- what is done ---- */

/* For what succeeded with the wrong result. */
static enum auth_rc wrong_unless(bool is_right)
{
    return is_right ? AUTH_OK : AUTH_E_INTERNAL;
}

static enum auth_rc run_json(struct auth_view text)
{
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(text, &doc, NULL);
    if (rc == AUTH_OK)
        rc = wrong_unless(auth_json_member(auth_json_root(doc), "m99") != NULL);
    auth_json_free(doc);
    return rc;
}

static enum auth_rc run_form(struct auth_view text)
{
    struct auth_form form;
    enum auth_rc rc = auth_form_parse(text, &form, NULL);
    if (rc == AUTH_OK)
        rc = wrong_unless(auth_view_equals(auth_form_value(&form, "b"), "x y") &&
                          auth_view_equals(auth_form_value(&form, "c"), "\xc3\xa9"));
    auth_form_clear(&form);
    return rc;
}

/* The thumbprint is the same for every form in which fixtures/keys holds key a. */
static enum auth_rc finish_key(enum auth_rc rc, struct auth_key *key, bool is_private)
{
    static const char *const ends[] = {"RSA", "EC P-256", "EC P-384"};
    if (rc == AUTH_OK)
        rc = wrong_unless(auth_key_is_private(key) == is_private && strlen(auth_key_thumbprint(key)) == 43 &&
                          strcmp(auth_key_type_text(key), ends[auth_key_type(key)]) == 0);
    auth_key_free(key);
    return rc;
}

static enum auth_rc run_private_pem(struct auth_view text)
{
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_from_private_pem(text, "test", &key, NULL);
    return finish_key(rc, key, true);
}

static enum auth_rc run_public_pem(struct auth_view text)
{
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_from_public_pem(text, &key, NULL);
    return finish_key(rc, key, false);
}

static enum auth_rc run_cert(struct auth_view text)
{
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_key_from_cert(text, &key, NULL);
    if (rc == AUTH_OK) {
        const struct auth_cert_info *cert = auth_key_cert(key);
        if (!cert || !cert->subject || strlen(cert->sha1) != 40 || strlen(cert->sha256) != 64 ||
            cert->not_before_s == 0 || cert->not_after_s == 0)
            rc = AUTH_E_INTERNAL;
    }
    return finish_key(rc, key, false);
}

static enum auth_rc run_jwk_set(struct auth_view text)
{
    struct auth_jwk_set set;
    enum auth_rc rc = auth_jwk_set_parse(text, &set, NULL);
    if (rc == AUTH_OK)
        rc = wrong_unless(set.count == 4 && auth_jwk_set_usable(&set) == 3 && set.entries[3].ignored);
    auth_jwk_set_clear(&set);
    return rc;
}

static enum auth_rc run_jwk_private(struct auth_view text)
{
    struct auth_json *doc = NULL;
    struct auth_key *key = NULL;
    enum auth_rc rc = auth_json_parse(text, &doc, NULL);
    if (rc == AUTH_OK)
        rc = auth_key_from_jwk(auth_json_root(doc), true, &key, NULL);
    auth_json_free(doc);
    return finish_key(rc, key, true);
}

static enum auth_rc run_jwt(struct auth_view text)
{
    struct auth_json *doc = NULL;
    struct auth_jwt jwt;
    enum auth_rc rc = auth_json_parse(text, &doc, NULL);
    if (rc != AUTH_OK)
        return rc;
    rc = auth_jwt_read(auth_json_member_string(auth_json_root(doc), "compact"), &jwt);
    if (rc == AUTH_OK)
        rc = wrong_unless(jwt.header_rc == AUTH_OK && jwt.payload_rc == AUTH_OK &&
                          auth_jwt_claim_view(&jwt, "jti").n == 36);
    auth_jwt_clear(&jwt);
    auth_json_free(doc);
    return rc;
}

static struct auth_key *signing_key; /* RSA or EC: made before the loop */

static enum auth_rc run_sign_and_verify(struct auth_view text)
{
    struct auth_buf signature;
    enum auth_alg alg = auth_alg_for(signing_key);
    auth_buf_init(&signature, 4096);
    enum auth_rc rc = auth_jws_sign(signing_key, alg, text, &signature, NULL);
    if (rc == AUTH_OK)
        rc = auth_jws_verify(signing_key, alg, text, auth_buf_view(&signature), NULL);
    auth_buf_clear(&signature);
    return rc;
}

static enum auth_rc run_write_key(struct auth_view text)
{
    struct auth_buf pem, jwk;
    struct auth_json_writer w;
    (void)text;
    auth_buf_init_secret(&pem, FILE_MAX);
    auth_buf_init(&jwk, FILE_MAX);
    auth_json_writer_init(&w, &jwk, AUTH_JSON_PRETTY);
    enum auth_rc rc = auth_key_write_private_pem(signing_key, &pem, NULL);
    if (rc == AUTH_OK)
        rc = auth_key_write_jwk(signing_key, "kid", "RS384", &w, NULL);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&jwk, NULL);
    auth_buf_clear(&pem);
    auth_buf_clear(&jwk);
    return rc;
}

/* ---- the loop ---- */

static size_t wrong_count; /* rounds of the test that went wrong, each told on standard output */

static void fail_each(const struct work *work, struct auth_view text, enum oom_mode mode)
{
    bool has_failed = true;
    long n = 0;
    while (has_failed && n < ROUNDS_MAX) {
        n += oom_step(n);
        oom_arm(n, mode);
        enum auth_rc rc = work->run(text);
        has_failed = oom_disarm();
        bool is_right = rc == work->right;
        bool is_clean = has_failed && (rc == AUTH_E_NOMEM || rc == AUTH_E_CRYPTO);
        if (is_right || is_clean)
            continue;
        wrong_count++;
        printf("%s: allocation %ld%s failed, and the answer was \"%s\"\n", work->name, n,
               mode == OOM_ONE ? "" : " and all after it", auth_rc_text(rc));
    }
    assert_true(n > 1 && n < ROUNDS_MAX);
}

static void do_work(const struct work *work)
{
    struct auth_buf bytes;
    auth_buf_init(&bytes, FILE_MAX);
    if (work->file) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", EPIC_FIXTURES_DIR, work->file);
        assert_int_equal(auth_file_read(path, &bytes, NULL), AUTH_OK);
    } else {
        auth_buf_add_string(&bytes, work->text);
    }
    struct auth_view text = auth_buf_view(&bytes);
    assert_int_equal(work->run(text), work->right); /* and what OpenSSL keeps for good is there now */
    fail_each(work, text, OOM_ONE);
    fail_each(work, text, OOM_ON_END);
    assert_int_equal(work->run(text), work->right);
    auth_buf_clear(&bytes);
}

static void test_oom_readers(void **state)
{
    static const struct work works[] = {
        {"form", NULL, "a=1&b=x+y&c=%C3%A9&d=%20", AUTH_OK, run_form},
        {"form with a bad escape", NULL, "a=+&b=%zz", AUTH_E_SYNTAX, run_form},
        {"assertion", "jwt/y_plain.json", NULL, AUTH_OK, run_jwt},
        {"JWK Set", "keys/mixed_all.jwks.json", NULL, AUTH_OK, run_jwk_set},
        {"JWK Set with private keys", "keys/private.jwks.json", NULL, AUTH_E_KEY, run_jwk_set},
        {"private JWK", "keys/rsa2048_a.private.jwk.json", NULL, AUTH_OK, run_jwk_private},
        {"certificate", "keys/rsa2048_a.cert.pem", NULL, AUTH_OK, run_cert},
        {"EC certificate", "keys/p384_a.cert.pem", NULL, AUTH_OK, run_cert},
        {"certificate that is a request", "keys/rsa2048_a.csr.pem", NULL, AUTH_E_KEY, run_cert},
        {"private PEM", "keys/rsa2048_a.TESTKEY.pem", NULL, AUTH_OK, run_private_pem},
        {"private PEM, PKCS#1", "keys/rsa2048_a.pkcs1.TESTKEY.pem", NULL, AUTH_OK, run_private_pem},
        {"private PEM, EC", "keys/p256_a.TESTKEY.pem", NULL, AUTH_OK, run_private_pem},
        {"private PEM, SEC1", "keys/p384_a.sec1.TESTKEY.pem", NULL, AUTH_OK, run_private_pem},
        {"public PEM", "keys/rsa2048_a.pub.pem", NULL, AUTH_OK, run_public_pem},
    };
    (void)state;
    wrong_count = 0;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        do_work(&works[i]);
    assert_int_equal(wrong_count, 0);
}

static void test_oom_json_with_many_members(void **state)
{
    struct auth_buf text;
    (void)state;
    auth_buf_init(&text, FILE_MAX);
    for (int i = 0; i < 100; i++) /* more than the scanner holds on the stack */
        auth_buf_addf(&text, "%s\"m%d\":[\"%d\"]", i ? "," : "{", i, i);
    auth_buf_add_char(&text, '}');
    struct work work = {"JSON", NULL, text.p, AUTH_OK, run_json};
    wrong_count = 0;
    do_work(&work);
    auth_buf_clear(&text);
    assert_int_equal(wrong_count, 0);
}

static void test_oom_signing_and_writing(void **state)
{
    static const char *const files[] = {"keys/rsa2048_a.TESTKEY.pem", "keys/p384_a.TESTKEY.pem"};
    static const struct work works[] = {
        {"sign and verify", NULL, "text", AUTH_OK, run_sign_and_verify},
        {"write", NULL, "", AUTH_OK, run_write_key},
    };
    (void)state;
    wrong_count = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct auth_buf pem;
        char path[512];
        snprintf(path, sizeof path, "%s/%s", EPIC_FIXTURES_DIR, files[i]);
        auth_buf_init(&pem, FILE_MAX);
        assert_int_equal(auth_file_read(path, &pem, NULL), AUTH_OK);
        assert_int_equal(auth_key_from_private_pem(auth_buf_view(&pem), NULL, &signing_key, NULL), AUTH_OK);
        for (size_t j = 0; j < sizeof works / sizeof *works; j++)
            do_work(&works[j]);
        auth_key_free(signing_key);
        auth_buf_clear(&pem);
    }
    assert_int_equal(wrong_count, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oom_readers),
        cmocka_unit_test(test_oom_json_with_many_members),
        cmocka_unit_test(test_oom_signing_and_writing),
    };
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
