/* What is a secret in a text, and what is not: by shape, by value, and in how much time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/b64u.h"
#include "auth/core/env.h"
#include "auth/core/secrets.h"

static void expect(struct auth_secrets *secrets, const char *text, const char *shown)
{
    struct auth_buf out;
    auth_buf_init(&out, 1 << 20);
    auth_secrets_redact(secrets, &out, auth_view_from_string(text));
    assert_true(auth_buf_ok(&out));
    if (!auth_view_equals(auth_buf_view(&out), shown))
        fail_msg("%s\n became %s\n wanted %s", text, out.p ? out.p : "", shown);
    auth_buf_clear(&out);
}

#define KEY64 "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
#define JWT60 "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCJ9eyJpc3MiOiJtZSIsInN1YiI6"

static void test_shapes(void **state)
{
    static const char *const rows[][2] = {
        {"token eyJhbGciOiJSUzM4NCJ9.SECRETSECRETSECRET.SECRET-_SECRET end", "token [redacted] end"},
        {"its first characters, " JWT60 ", say", "its first characters, [redacted], say"},
        {"got %22eyJhbGciOiJSUzM4NCJ9.x.y%22", "got %22[redacted]"},
        {"ewogImFsZyI6IlJTMzg0In0.e30.c2ln", "[redacted]"},
        {"Authorization: Bearer SECRETSECRET end", "Authorization: Bearer [redacted] end"},
        {"authorization: bearer secret end", "authorization: bearer [redacted] end"},
        {"Authorization: Basic bWU6cw== end", "Authorization: Basic [redacted] end"},
        {"sent Basic bWU6c2VjcmV0 end", "sent Basic [redacted] end"},
        {"sent Bearer%20SECRET end", "sent Bearer%20[redacted] end"},
        {"{\"access_token\": \"s e\", \"x\":1} end", "{\"access_token\": \"[redacted]\", \"x\":1} end"},
        {"{\\\"access_token\\\":\\\"secret\\\"} end", "{\\\"access_token\\\":\\\"[redacted]\\\"} end"},
        {"client_assertion=SECRET%2B&b=1 end", "client_assertion=[redacted]&b=1 end"},
        {"client_assertion%3DSECRET&b=1 end", "client_assertion%3D[redacted]&b=1 end"},
        {"client_secret:SECRET end", "client_secret:[redacted] end"},
        {"password=hunter2 end", "password=[redacted] end"},
        {"-----BEGIN PRIVATE KEY-----\n" KEY64 "\nAb==\n-----END PRIVATE KEY----- end",
         "-----BEGIN PRIVATE KEY-----[redacted]-----END PRIVATE KEY----- end"},
        {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" KEY64 "\n" KEY64,
         "-----BEGIN RSA PRIVATE KEY-----[redacted]"},
        {"-----BEGIN PRIVATE KEY-----\\n" KEY64 "\\nQ==: no such file",
         "-----BEGIN PRIVATE KEY-----[redacted]: no such file"},
        {"LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2QUlCQUR: no such file", "[redacted]: no such file"},
        {"-----BEGIN PRIVATE KEY-----?" KEY64 "?" KEY64 "...: File name too long",
         "-----BEGIN PRIVATE KEY-----[redacted]...: File name too long"},
        {"-----BEGIN EC PRIVATE KEY-----?" KEY64 "?", "-----BEGIN EC PRIVATE KEY-----[redacted]"},
        {"{\"kty\":\"EC\",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}",
         "{\"kty\":\"EC\",\"d\":\"[redacted]\"}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(NULL, rows[i][0], rows[i][1]);
}

static void test_words_about_secrets_stay(void **state)
{
    static const char *const rows[] = {
        "give the file that begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----",
        "a certificate: -----BEGIN CERTIFICATE-----" KEY64 "-----END CERTIFICATE-----",
        "a public key: -----BEGIN PUBLIC KEY-----" KEY64 "-----END PUBLIC KEY-----",
        "the answer holds no usable access_token",
        "client_assertion is missing; client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "access_token: missing",
        "Bearer error=\"invalid_token\", error_description=\"expired\"",
        "a Bearer token is needed; Basic authentication is not",
        "authorization: the server wants it",
        "eyJ begins a JWT; eyeglasses.are.not-such-a-thing",
        "{\"kty\":\"RSA\",\"d\":\"short\"}",
        "password",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(NULL, rows[i], rows[i]);
    expect(NULL, "a\x1b[31m", "a\\x1b[31m");
    expect(NULL, "", "");
}

#define TOKEN "aB+/cd-_ef~01.GH89xyzKLM="

static void test_values(void **state)
{
    static const char *const rows[][2] = {
        {"the token " TOKEN " has expired", "the token [redacted] has expired"},
        {"Patient/" TOKEN "?x", "Patient/[redacted]?x"},
        {"a" TOKEN "b", "a[redacted]b"},
        {"cut: "
         "aB+/cd-_ef~0",
         "cut: [redacted]"},
        {"too short: "
         "aB+/cd-_ef~",
         "too short: aB+/cd-_ef~"},
        {"its end: GH89xyzKLM= here", "its end: GH89xyzKLM= here"},
        {"its end: 1.GH89xyzKLM= here", "its end: [redacted] here"},
        {"aB%2B%2fcd-_ef%7E01.GH89xyzKLM%3D!", "[redacted]!"},
        {"aB%252B%252Fcd-_ef~01.GH89xyzKLM=!", "[redacted]!"},
        {"\\\"aB\\u002b\\/cd-_ef~01.GH89xyzKLM=\\\"", "\\\"[redacted]\\\""},
        {"aB&#43;&#x2F;cd-_ef~01.GH89xyzKLM&#61;!", "[redacted]!"},
        {"aB+/cd-_\n  ef~01.GH\r\n89xyzKLM=!", "[redacted]!"},
        {"hunter2 hunter23 thehunter2 \"hunter2\"", "[redacted] [redacted]3 thehunter2 \"[redacted]\""},
        {"five! is no secret", "five! is no secret"},
        {"aB+/cD-_ef~01.gh89xyzKLM=", "aB+/cD-_ef~01.gh89xyzKLM="},
        {KEY64, "[redacted]"},
        {"ggSjAgEAAoIBAQC7VJTUt9Us8cKj", "[redacted]"},
        {"-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"},
    };
    struct auth_secrets *secrets = NULL;
    (void)state;
    assert_int_equal(auth_secrets_new(&secrets), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_PASSING, auth_view_from_string(TOKEN)), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT, auth_view_from_string("hunter2")), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT, auth_view_from_string("five!")), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT,
                                      auth_view_from_string("-----BEGIN PRIVATE KEY-----\\n" KEY64
                                                            "\\n-----END PRIVATE KEY-----\\n")),
                     AUTH_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(secrets, rows[i][0], rows[i][1]);
    auth_secrets_free(secrets);
    auth_secrets_free(NULL);
}

static void make_token(char *text, size_t n, struct auth_view *out)
{
    unsigned char bytes[48];
    struct auth_buf buf;
    assert_int_equal(auth_env_system()->random(NULL, bytes, sizeof bytes), AUTH_OK);
    auth_buf_init(&buf, n);
    auth_b64u_encode(&buf, bytes, sizeof bytes);
    memcpy(text, buf.p, buf.n);
    *out = auth_view_bytes(text, buf.n);
    auth_buf_clear(&buf);
}

/* Of any cut of any secret, from anywhere in it, in any of the ways it may be written, nothing as long as a piece is seen. */
static void test_no_cut_of_a_secret_is_seen(void **state)
{
    struct auth_secrets *secrets = NULL;
    char text[128];
    struct auth_view token;
    (void)state;
    assert_int_equal(auth_secrets_new(&secrets), AUTH_OK);
    make_token(text, sizeof text, &token);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_PASSING, token), AUTH_OK);
    for (size_t from = 0; from < token.n; from++) {
        for (size_t n = AUTH_SECRETS_PIECE_N; from + n <= token.n; n++) {
            struct auth_buf line, out;
            auth_buf_init(&line, 4096);
            auth_buf_init(&out, 4096);
            auth_buf_add_string(&line, n % 2 ? "!" : "! ");
            for (size_t i = 0; i < n; i++) {
                if ((from + i) % 3 == 0)
                    auth_buf_addf(&line, n % 5 ? "%%%02x" : "\\u00%02x", (unsigned)token.p[from + i]);
                else
                    auth_buf_add_char(&line, token.p[from + i]);
            }
            auth_buf_add_string(&line, "! y");
            auth_secrets_redact(secrets, &out, auth_buf_view(&line));
            if (!auth_view_equals(auth_buf_view(&out), n % 2 ? "![redacted]! y" : "! [redacted]! y"))
                fail_msg("%s became %s", line.p, out.p);
            auth_buf_clear(&out);
            auth_buf_clear(&line);
        }
    }
    auth_secrets_free(secrets);
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* base64 by its definition, or hex */
static void add_encoded(struct auth_buf *out, struct auth_view text, bool is_hex)
{
    unsigned held = 0, bits = 0, width = is_hex ? 4 : 6;
    for (size_t i = 0; i < text.n; i++) {
        held = held << 8 | (unsigned char)text.p[i];
        for (bits += 8; bits >= width; bits -= width) {
            unsigned digit = held >> (bits - width) & ((1U << width) - 1);
            auth_buf_add_char(out, is_hex ? "0123456789abcdef"[digit] : base64_digits[digit]);
        }
    }
    if (bits)
        auth_buf_add_char(out, base64_digits[held << (width - bits) & 63U]);
}

/* A server may tell what it got in base64 or hex, from any place of it on, with other things before it. */
static void test_an_encoded_secret_is_not_seen(void **state)
{
    struct auth_secrets *secrets = NULL;
    char text[128];
    struct auth_view token;
    (void)state;
    assert_int_equal(auth_secrets_new(&secrets), AUTH_OK);
    make_token(text, sizeof text, &token);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_PASSING, token), AUTH_OK);
    for (size_t i = 0; i < 6; i++) {
        struct auth_buf given, line, out;
        size_t before = i % 3;
        auth_buf_init(&given, 4096);
        auth_buf_init(&line, 4096);
        auth_buf_init(&out, 4096);
        auth_buf_add(&given, "Bearer", before);
        auth_buf_add_view(&given, token);
        auth_buf_add_string(&line, "you sent ");
        add_encoded(&line, auth_buf_view(&given), i >= 3);
        auth_buf_add_string(&line, ", no more");
        auth_secrets_redact(secrets, &out, auth_buf_view(&line));
        if (!auth_view_starts(auth_buf_view(&out), "you sent ") || !auth_view_ends(auth_buf_view(&out), ", no more") ||
            out.n > sizeof "you sent [redacted], no more" + 2 * (before + 1))
            fail_msg("%s became %s", line.p, out.p);
        auth_buf_clear(&out);
        auth_buf_clear(&line);
        auth_buf_clear(&given);
    }
    expect(secrets, "QmVhcmVyIHRva2VuIGlzIG5vdCBzZWNyZXQ and 0123456789abcdef0123456789abcdef stay",
           "QmVhcmVyIHRva2VuIGlzIG5vdCBzZWNyZXQ and 0123456789abcdef0123456789abcdef stay");
    auth_secrets_free(secrets);
}

static void test_the_newest_are_known_and_what_is_kept_stays(void **state)
{
    struct auth_secrets *secrets = NULL;
    char first[128], text[128];
    struct auth_view token, oldest;
    struct auth_buf out;
    (void)state;
    assert_int_equal(auth_secrets_new(&secrets), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT, auth_view_from_string("the-password-of-all")),
                     AUTH_OK);
    make_token(first, sizeof first, &oldest);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_PASSING, oldest), AUTH_OK);
    for (int i = 0; i < 1000; i++) {
        make_token(text, sizeof text, &token);
        assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_PASSING, token), AUTH_OK);
    }
    auth_buf_init(&out, 4096);
    auth_secrets_redact(secrets, &out, token);
    assert_string_equal(out.p, "[redacted]");
    auth_buf_reset(&out);
    auth_secrets_redact(secrets, &out, oldest);
    assert_true(auth_view_equals_view(auth_buf_view(&out), oldest)); /* long gone */
    auth_buf_clear(&out);
    expect(secrets, "the-password-of-all", "[redacted]");
    for (int i = 1; i < 16; i++)
        assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT, token), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT, token), AUTH_E_NOMEM);
    auth_secrets_free(secrets);
}

/* A text of 64 KiB made of one piece again and again takes no longer than one of plain letters, give or take. */
static void test_time_is_linear(void **state)
{
    static const char *const pieces[] = {
        "-----BEGIN X PRIVATE KEY-----",
        "-----BEGIN ",
        "eyA",
        "eyA-",
        "eyJ ",
        "access_token",
        "access_token=",
        "Bearer ",
        "Basic ",
        "\"d\":",
        "\\u",
        "%25",
        "&#",
        "authorization: Bearer ",
        "password=\"",
        "%",
        "\\",
        "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFi",
        "616161616161616161616161",
    };
    enum { N = 64 * 1024 };
    struct auth_secrets *secrets = NULL;
    (void)state;
    assert_int_equal(auth_secrets_new(&secrets), AUTH_OK);
    assert_int_equal(auth_secrets_add(secrets, AUTH_SECRETS_KEPT, auth_view_from_string("aaaaaaaaaaaaaaaaaaaaaaab")),
                     AUTH_OK);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        const struct auth_env *env = auth_env_system();
        struct auth_buf line, out;
        auth_buf_init(&line, N + 64);
        auth_buf_init(&out, 16 * N);
        while (line.n < N)
            auth_buf_add_string(&line, pieces[i]);
        int64_t start_ms = env->steady_ms(NULL);
        auth_secrets_redact(secrets, &out, auth_buf_view(&line));
        if (env->steady_ms(NULL) - start_ms > 5000) /* quadratic: a minute */
            fail_msg("%s: %lld ms", pieces[i], (long long)(env->steady_ms(NULL) - start_ms));
        auth_buf_clear(&out);
        auth_buf_clear(&line);
    }
    auth_secrets_free(secrets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_words_about_secrets_stay),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_no_cut_of_a_secret_is_seen),
        cmocka_unit_test(test_an_encoded_secret_is_not_seen),
        cmocka_unit_test(test_the_newest_are_known_and_what_is_kept_stays),
        cmocka_unit_test(test_time_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
