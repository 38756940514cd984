/* Nothing is repaired without a word: whatever PEM is read here and not by OpenSSL as it stands is warned of, and so is what a
 * JWK Set holds that is not used, or that others refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "auth/core/file.h"
#include "auth/jose/jwk_set.h"

static struct auth_buf read_key_file(const char *name)
{
    char path[512];
    struct auth_buf text;
    auth_buf_init(&text, 1 << 20);
    snprintf(path, sizeof path, "%s/keys/%s", EPIC_FIXTURES_DIR, name);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_OK);
    return text;
}

/* ---- PEM ---- */

/* The certificate with each line end as `between`, `before` in front of all and `behind` after it. */
static void paste(const struct auth_buf *pem, const char *before, const char *between, const char *behind,
                  struct auth_buf *out)
{
    struct auth_view rest = auth_view_trim(auth_buf_view(pem));
    auth_buf_init(out, 1 << 20);
    auth_buf_add_string(out, before);
    while (rest.n) {
        auth_buf_add_view(out, auth_view_split(&rest, '\n'));
        auth_buf_add_string(out, rest.n ? between : behind);
    }
}

static void test_what_was_mended_is_named(void **state)
{
    static const struct {
        const char *before, *between, *behind;
        const char *says; /* NULL: nothing */
    } rows[] = {
        {"", "\n", "\n", NULL},
        {"", "\n", "", NULL},
        {"", "\r\n", "\r\n", NULL},
        {"\n\n", "\n", "\n\n", NULL},
        {"", "", "", "in one line"},
        {"", " ", "", "blanks"},
        {"", "\n  ", "\n", "indented"},
        {"  ", "\n  ", "\n", "indented"},
        {"", " \n", "\n", "blanks"},
        {"", "\n\t", "\n", "indented"},
        {"", "\\n", "\\n", "written as \\n"},
        {"", "\\r\\n", "", "written as \\n"},
        {"\xef\xbb\xbf", "\n", "\n", "byte order mark"},
        {"Subject: somebody\n", "\n", "\n", "other text around"},
        {"", "\n", "\nand more\n", "other text around"},
    };
    struct auth_buf pem = read_key_file("rsa2048_a.cert.pem");
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf text, lines;
        struct auth_key *key = NULL;
        auth_buf_init(&lines, 4096);
        paste(&pem, rows[i].before, rows[i].between, rows[i].behind, &text);
        assert_int_equal(auth_key_from_cert(auth_buf_view(&text), &key, NULL), AUTH_OK);
        auth_key_repairs(auth_buf_view(&text), &lines);
        if (rows[i].says ? !lines.n || !strstr(lines.p, rows[i].says) : lines.n > 0)
            fail_msg("row %zu: %s", i, lines.n ? lines.p : "not a word");
        auth_key_free(key);
        auth_buf_clear(&lines);
        auth_buf_clear(&text);
    }
    auth_buf_clear(&pem);
}

static void test_labels_are_named(void **state)
{
    struct auth_buf lines;
    (void)state;
    auth_buf_init(&lines, 4096);
    auth_key_repairs(auth_view_from_string("-----BEGIN X509 CERTIFICATE-----\nAAAA\n-----END X509 CERTIFICATE-----\n"),
                     &lines);
    assert_non_null(strstr(lines.p, "CERTIFICATE"));
    auth_buf_reset(&lines);
    auth_key_repairs(auth_view_from_string("-----BEGIN EC PARAMETERS-----\nAAAA\n-----END EC PARAMETERS-----\n"
                                           "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
                     &lines);
    auth_key_repairs(auth_view_from_string("-----BEGIN CERTIFICATE-----\nAAAA\n"),
                     &lines); /* cut off: an error, no repair */
    auth_key_repairs(auth_view_from_string("no PEM"), &lines);
    assert_int_equal(lines.n, 0);
    auth_buf_clear(&lines);
}

static bool is_read_as_it_stands(struct auth_view text)
{
    BIO *bio = BIO_new_mem_buf(text.p, (int)text.n);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool is_read = cert != NULL;
    X509_free(cert);
    BIO_free(bio);
    return is_read;
}

static uint64_t seed = 88172645463325252ULL;

static unsigned below(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 33) % n;
}

/* A text that was pasted badly in a few places. */
static void spoil(struct auth_view pem, struct auth_buf *out)
{
    static const char *const guests[] = {" ",      "\t",   "\n",  "\r",           "\r\n",  "\\n",
                                         "\\r\\n", "  \n", "\n ", "\xef\xbb\xbf", "x: y\n"};
    unsigned drops = below(4), joined = below(3);
    for (size_t i = 0; i < pem.n; i++) {
        bool is_end = pem.p[i] == '\n';
        if (below(600) < drops && is_end)
            continue;
        if (is_end && joined == 2)
            continue;
        if (is_end && joined == 1 && below(4) == 0)
            auth_buf_add_string(out, guests[below(sizeof guests / sizeof *guests)]);
        if (i == 0 && below(4) == 0)
            auth_buf_add_string(out, guests[below(sizeof guests / sizeof *guests)]);
        auth_buf_add_char(out, pem.p[i]);
        if (below(1500) < drops)
            auth_buf_add_string(out, guests[below(sizeof guests / sizeof *guests)]);
    }
}

static void test_nothing_is_mended_in_silence(void **state)
{
    struct auth_buf pem = read_key_file("rsa2048_a.cert.pem");
    unsigned repaired = 0, plain = 0;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct auth_buf text, lines;
        struct auth_key *key = NULL;
        auth_buf_init(&text, 1 << 20);
        auth_buf_init(&lines, 4096);
        spoil(auth_buf_view(&pem), &text);
        auth_key_repairs(auth_buf_view(&text), &lines);
        bool is_read = auth_key_from_cert(auth_buf_view(&text), &key, NULL) == AUTH_OK;
        bool is_plain = is_read_as_it_stands(auth_buf_view(&text));
        if (is_read && !is_plain && lines.n == 0)
            fail_msg("repaired in silence: %s", text.p);
        repaired += is_read && !is_plain;
        plain += is_read && lines.n == 0;
        auth_key_free(key);
        auth_buf_clear(&lines);
        auth_buf_clear(&text);
    }
    assert_true(repaired > 100);
    assert_true(plain > 100);
    auth_buf_clear(&pem);
}

static const struct {
    const char *set;      /* with RSA keys in place of A and B */
    const char *parts[3]; /* each in a line of its own; none: not a word */
} set_rows[] = {
    {"{\"keys\":[{A,\"kid\":\"a\"},{B,\"kid\":\"b\"}]}", {NULL}},
    {"{\"keys\":[{A,\"kid\":\"a\"},{B,\"kid\":\"a\"}]}", {"key 2 (kid \"a\") has kid and kty of key 1"}},
    {"{\"keys\":[{A,\"kid\":\"a\"},{A,\"kid\":\"a\"},{B,\"kid\":\"a\"}]}", {"key 2", "key 3"}},
    {"{\"keys\":[{A},{B}]}", {NULL}},
    {"{\"keys\":[{A,\"kid\":\"a\"},{\"kty\":\"EC\",\"kid\":\"a\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"}]}",
     {"key 2 (kid \"a\") is not used: crv P-521"}},
    {"{\"keys\":[{A,\"kid\":\"a\",\"use\":\"enc\"},{B,\"kid\":\"b\",\"key_ops\":[\"sign\"]}]}",
     {"key 1 (kid \"a\") is not used: its \"use\"", "key 2 (kid \"b\") is not used"}},
    {"{A,\"kid\":\"\\u001b[31m\"}", {"a single JWK"}},
    {"{\"keys\":[{A,\"kid\":\"\\u001b[31m\"},{B,\"kid\":\"\\u001b[31m\"}]}", {"key 2"}},
    {"{\"keys\":[{A,\"kid\":\"a\\n\"}]}", {"key 1 (kid \"a\\x0a\"): its \"kid\" has white space"}},
    {"{\"keys\":[{A,\"kid\":\"\"}]}", {"key 1 (kid \"\"): its \"kid\" is empty"}},
    {"{\"keys\":[{A,\"kid\":\"a\",\"x5c\":[\"AAAA\"]}]}", {"key 1 (kid \"a\"): its \"x5c\" holds no certificate"}},
    {"{\"keys\":[{A,\"kid\":\"a\",\"x5c\":7}]}", {"key 1 (kid \"a\"): its \"x5c\" holds no certificate"}},
};

/* ---- JWK Sets ---- */

static void test_sets_tell_what_is_odd(void **state)
{
    struct auth_buf a = read_key_file("rsa2048_a.jwks.json"), set = {0};
    struct auth_jwk_set keys;
    (void)state;
    auth_buf_clear(&a);
    a = read_key_file("ab.jwks.json");
    assert_int_equal(auth_jwk_set_parse(auth_buf_view(&a), &keys, NULL), AUTH_OK);
    struct auth_buf members[2];
    for (int i = 0; i < 2; i++) { /* the members of each JWK, without its kid */
        struct auth_json_writer w;
        auth_buf_init(&members[i], 1 << 16);
        auth_json_writer_init(&w, &members[i], AUTH_JSON_COMPACT);
        assert_int_equal(auth_key_write_jwk(keys.entries[i].key, "k", NULL, &w, NULL), AUTH_OK);
        *strstr(members[i].p, ",\"kid\"") = '\0';
    }
    auth_jwk_set_clear(&keys);
    for (size_t r = 0; r < sizeof set_rows / sizeof *set_rows; r++) {
        struct auth_buf lines;
        size_t wanted = 0, n = 0;
        auth_buf_init(&set, 1 << 18);
        auth_buf_init(&lines, 1 << 16);
        for (const char *c = set_rows[r].set; *c; c++) {
            bool is_key = c > set_rows[r].set && c[-1] == '{' && (*c == 'A' || *c == 'B');
            auth_buf_add_string(&set, is_key ? members[*c - 'A'].p + 1 : (char[]){*c, 0});
        }
        assert_int_equal(auth_jwk_set_parse(auth_buf_view(&set), &keys, NULL), AUTH_OK);
        auth_jwk_set_warnings(&keys, &lines);
        while (wanted < 3 && set_rows[r].parts[wanted])
            wanted++;
        for (struct auth_view rest = auth_buf_view(&lines); rest.n; n++) {
            struct auth_view line = auth_view_split(&rest, '\n');
            if (n >= wanted || !auth_view_starts(line, set_rows[r].parts[n]) || auth_view_find(line, '\x1b') < line.n)
                fail_msg("row %zu: %s", r, lines.p);
        }
        assert_int_equal(n, wanted);
        auth_jwk_set_clear(&keys);
        auth_buf_clear(&lines);
        auth_buf_clear(&set);
    }
    auth_buf_clear(&members[0]);
    auth_buf_clear(&members[1]);
    auth_buf_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_mended_is_named),
        cmocka_unit_test(test_labels_are_named),
        cmocka_unit_test(test_nothing_is_mended_in_silence),
        cmocka_unit_test(test_sets_tell_what_is_odd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
