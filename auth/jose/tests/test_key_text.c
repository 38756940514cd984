/* A private key in every wrapping: taken, with what was unwrapped told, or refused with words that say what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/jose/key_text.h"

enum { WRAP_NONE, WRAP_BASE64, WRAP_BASE64URL, WRAP_LINES, WRAP_TWICE, WRAP_BOM };

static void encode(struct auth_view bytes, bool is_url, size_t columns, struct auth_buf *out)
{
    const char *letters = is_url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                 : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0, column = 0; i < bytes.n; i += 3) {
        unsigned v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < bytes.n ? (unsigned char)bytes.p[i + k] : 0U);
        for (size_t k = 0; k < 4; k++, column++) {
            if (columns && column && column % columns == 0)
                auth_buf_add_string(out, "\r\n");
            if (i + k <= bytes.n)
                auth_buf_add_char(out, letters[v >> (18 - 6 * k) & 63]);
            else if (!is_url)
                auth_buf_add_char(out, '=');
        }
    }
}

/* The file or, where `text` is not the name of one, the text itself, wrapped. */
static void make(const char *text, int wrap, struct auth_buf *out)
{
    struct auth_buf plain, once;
    char path[512];
    auth_buf_init_secret(&plain, 128 * 1024);
    auth_buf_init_secret(&once, 256 * 1024);
    auth_buf_init_secret(out, 512 * 1024);
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, text);
    if (auth_file_read(path, &plain, NULL) != AUTH_OK)
        auth_buf_add_string(&plain, text);
    if (wrap == WRAP_BOM)
        auth_buf_add_string(out, "\xef\xbb\xbf");
    if (wrap == WRAP_NONE || wrap == WRAP_BOM)
        auth_buf_add_view(out, auth_buf_view(&plain));
    else if (wrap != WRAP_TWICE)
        encode(auth_buf_view(&plain), wrap == WRAP_BASE64URL, wrap == WRAP_LINES ? 76 : 0, out);
    else
        encode(auth_buf_view(&plain), false, 0, &once);
    if (wrap == WRAP_TWICE)
        encode(auth_buf_view(&once), false, 0, out);
    assert_true(auth_buf_ok(out));
    auth_buf_clear(&once);
    auth_buf_clear(&plain);
}

static void test_each_wrapping(void **state)
{
    static const struct {
        const char *text;
        int wrap;
        const char *passphrase;
        enum auth_rc rc;
        const char *says;
        bool was_base64, is_jwk;
    } rows[] = {
        {"rsa2048_a.TESTKEY.pem", WRAP_NONE, NULL, AUTH_OK, "", false, false},
        {"rsa2048_a.TESTKEY.pem", WRAP_BOM, NULL, AUTH_OK, "", false, false},
        {"rsa2048_a.TESTKEY.pem", WRAP_BASE64, NULL, AUTH_OK, "", true, false},
        {"rsa2048_a.TESTKEY.pem", WRAP_BASE64URL, NULL, AUTH_OK, "", true, false},
        {"rsa2048_a.TESTKEY.pem", WRAP_LINES, NULL, AUTH_OK, "", true, false},
        {"rsa2048_a.TESTKEY.pem", WRAP_TWICE, NULL, AUTH_E_KEY, "a private key", false, false},
        {"rsa2048_a.encrypted.TESTKEY.pem", WRAP_NONE, "test", AUTH_OK, "", false, false},
        {"rsa2048_a.encrypted.TESTKEY.pem", WRAP_BASE64, "test", AUTH_OK, "", true, false},
        {"rsa2048_a.encrypted.TESTKEY.pem", WRAP_NONE, NULL, AUTH_E_KEY, "an encrypted private key", false, false},
        {"rsa2048_a.private.jwk.json", WRAP_NONE, NULL, AUTH_OK, "", false, true},
        {"rsa2048_a.private.jwk.json", WRAP_BOM, NULL, AUTH_OK, "", false, true},
        {"rsa2048_a.private.jwk.json", WRAP_BASE64, NULL, AUTH_OK, "", true, true},
        {"rsa2048_a.jwk.json", WRAP_NONE, NULL, AUTH_E_KEY, "a public JWK", false, true},
        {"rsa2048_a.jwks.json", WRAP_NONE, NULL, AUTH_E_KEY, "as it is published", false, true},
        {"rsa2048_a.cert.pem", WRAP_NONE, NULL, AUTH_E_KEY, "an X.509 certificate", false, false},
        {"rsa2048_a.cert.pem", WRAP_BASE64, NULL, AUTH_E_KEY, "a private key", false, false},
        {"", WRAP_NONE, NULL, AUTH_E_KEY, "empty", false, false},
        {"hello!", WRAP_NONE, NULL, AUTH_E_KEY, "a private key", false, false},
        {"{\"kty\":\"RSA\",\"d\":\"AQAB\"}", WRAP_NONE, NULL, AUTH_E_KEY, "", false, true},
        {"{\"kty\":\"oct\",\"k\":\"AQAB\",\"d\":\"x\"}", WRAP_NONE, NULL, AUTH_E_ALG, "", false, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_key *key;
        struct auth_key_text_wanted wanted = {.passphrase = rows[i].passphrase};
        struct auth_key_text_found found;
        struct auth_err err = {0};
        struct auth_buf text;
        make(rows[i].text, rows[i].wrap, &text);
        enum auth_rc rc = auth_key_from_private_text(auth_buf_view(&text), &wanted, &key, &found, &err);
        if (rc != rows[i].rc || (rc == AUTH_OK) != (key != NULL) || !strstr(err.detail, rows[i].says) ||
            found.was_base64 != rows[i].was_base64 || found.is_jwk != rows[i].is_jwk)
            fail_msg("row %zu: %s, \"%s\"", i, auth_rc_text(rc), err.detail);
        if (key)
            assert_true(auth_key_is_private(key));
        free(found.kid);
        auth_key_free(key);
        auth_buf_clear(&text);
    }
}

/* A set is what its kids are: both halves of one key, one of several, none of that name. */
static void test_a_set_is_chosen_from_by_kid(void **state)
{
    struct auth_buf jwk, public_jwk, set;
    static const struct {
        const char *kids[2], *wanted, *chosen, *says; /* of two private keys; chosen NULL: refused */
    } rows[] = {
        {{"a", NULL}, NULL, "a", ""},
        {{"a", NULL}, "", "a", ""},
        {{"a", NULL}, "a", "a", ""},
        {{"a", NULL}, "b", NULL, "no private key with the kid"},
        {{"a", "b"}, "b", "b", ""},
        {{"a", "b"}, NULL, NULL, "2 private keys; one must be named by its kid"},
        {{"a", "a"}, "a", NULL, "2 private keys of that kid"},
    };
    (void)state;
    make("rsa2048_a.private.jwk.json", WRAP_NONE, &jwk);
    make("rsa2048_a.jwk.json", WRAP_NONE, &public_jwk);
    const char *members = strchr(jwk.p, '{') + 1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_key *key;
        struct auth_key_text_wanted wanted = {.kid = rows[i].wanted};
        struct auth_key_text_found found;
        struct auth_err err = {0};
        auth_buf_init_secret(&set, 64 * 1024);
        auth_buf_addf(&set, "{\"keys\":[%s", public_jwk.p);
        for (int k = 0; k < 2 && rows[i].kids[k]; k++) {
            const char *kid = strstr(members, "\"kid\"");
            auth_buf_add_string(&set, ",{");
            if (!kid) {
                auth_buf_addf(&set, "\"kid\":\"%s\",%s", rows[i].kids[k], members);
                continue;
            }
            const char *value = strchr(strchr(kid, ':'), '"') + 1;
            auth_buf_add(&set, members, (size_t)(value - members));
            auth_buf_add_string(&set, rows[i].kids[k]);
            auth_buf_add_string(&set, strchr(value, '"'));
        }
        auth_buf_add_string(&set, "]}");
        enum auth_rc rc = auth_key_from_private_text(auth_buf_view(&set), &wanted, &key, &found, &err);
        if ((rc == AUTH_OK) != (rows[i].chosen != NULL) || !strstr(err.detail, rows[i].says))
            fail_msg("row %zu: %s, \"%s\"", i, auth_rc_text(rc), err.detail);
        if (rows[i].chosen)
            assert_string_equal(found.kid, rows[i].chosen);
        free(found.kid);
        auth_key_free(key);
        auth_buf_clear(&set);
    }
    auth_buf_clear(&public_jwk);
    auth_buf_clear(&jwk);
}

static void test_what_nobody_asks_for_need_not_be_taken(void **state)
{
    struct auth_key *key;
    struct auth_buf text;
    struct auth_err err = {0};
    (void)state;
    make("rsa2048_a.private.jwk.json", WRAP_NONE, &text);
    assert_int_equal(auth_key_from_private_text(auth_buf_view(&text), NULL, &key, NULL, NULL), AUTH_OK);
    auth_key_free(key);
    auth_buf_clear(&text);
    auth_buf_init(&text, 128 * 1024);
    for (int i = 0; i < 64 * 1024 + 1; i++)
        auth_buf_add_char(&text, ' ');
    assert_int_equal(auth_key_from_private_text(auth_buf_view(&text), NULL, &key, NULL, &err), AUTH_E_TOO_BIG);
    text.n--; /* the nearest that is looked at */
    assert_int_equal(auth_key_from_private_text(auth_buf_view(&text), NULL, &key, NULL, NULL), AUTH_E_KEY);
    auth_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_wrapping),
        cmocka_unit_test(test_a_set_is_chosen_from_by_kid),
        cmocka_unit_test(test_what_nobody_asks_for_need_not_be_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
