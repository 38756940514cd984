/* Texts with marks and in UTF-16; the expected bytes are those of iconv. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/encoding.h"

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

static const struct {
    struct auth_view text;
    enum auth_encoding encoding;
    const char *plain;
} rows[] = {
    {BYTES(""), AUTH_ENCODING_PLAIN, ""},
    {BYTES("abc"), AUTH_ENCODING_PLAIN, "abc"},
    {BYTES("\xef\xbb\xbf"), AUTH_ENCODING_MARKED, ""},
    {BYTES("\xef\xbb\xbf"
           "abc"),
     AUTH_ENCODING_MARKED, "abc"},
    {BYTES("\xef\xbb"
           "abc"),
     AUTH_ENCODING_PLAIN,
     "\xef\xbb"
     "abc"},
    {BYTES("\xff\xfe"), AUTH_ENCODING_UTF16, ""},
    {BYTES("\xff\xfe"
           "a\0b\0"),
     AUTH_ENCODING_UTF16, "ab"},
    {BYTES("\xfe\xff\0a\0b"), AUTH_ENCODING_UTF16, "ab"},
    {BYTES("a\0b\0"), AUTH_ENCODING_UTF16, "ab"},
    {BYTES("\0a\0b"), AUTH_ENCODING_UTF16, "ab"},
    {BYTES("a\0\n\0"), AUTH_ENCODING_UTF16, "a\n"},
    {BYTES("\xff\xfe\xe9\0\xac\x20\x3d\xd8\x0a\xde"), AUTH_ENCODING_UTF16, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x8a"},
    {BYTES("\xfe\xff\0\xe9\x20\xac\xd8\x3d\xde\x0a"), AUTH_ENCODING_UTF16, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x8a"},
    {BYTES("\xff\xfe\x3d\xd8"
           "a\0"),
     AUTH_ENCODING_UTF16,
     "\xef\xbf\xbd"
     "a"}, /* a high half alone */
    {BYTES("\xff\xfe\x3d\xd8"), AUTH_ENCODING_UTF16, "\xef\xbf\xbd"},
    {BYTES("\xff\xfe\x0a\xde"
           "a\0"),
     AUTH_ENCODING_UTF16,
     "\xef\xbf\xbd"
     "a"}, /* a low half alone */
    {BYTES("\xff\xfe"
           "a\0b"),
     AUTH_ENCODING_UTF16, "a\xef\xbf\xbd"},        /* half a unit */
    {BYTES("a\0"), AUTH_ENCODING_PLAIN, NULL},     /* too short to tell */
    {BYTES("a\0\0\0"), AUTH_ENCODING_PLAIN, NULL}, /* one character of UTF-32, or anything */
    {BYTES("a\0\0\0b\0\0\0"), AUTH_ENCODING_UTF32, "ab"},
    {BYTES("\0\0\0a\0\0\0b"), AUTH_ENCODING_UTF32, "ab"},
    {BYTES("\xff\xfe\0\0a\0\0\0"), AUTH_ENCODING_UTF32, "a"},
    {BYTES("\0\0\xfe\xff\0\0\0a\0\x01\xf6\x0a"), AUTH_ENCODING_UTF32, "a\xf0\x9f\x98\x8a"},
    {BYTES("\0\0\xfe\xff\0\0\xd8\0\0\x11\0\0"), AUTH_ENCODING_UTF32, "\xef\xbf\xbd\xef\xbf\xbd"}, /* no characters */
    {BYTES("\xff\xfe\0\0a\0\0\0b"), AUTH_ENCODING_UTF32, "a\xef\xbf\xbd"},                        /* cut off */
    {BYTES("a\0b\0\0\0c\0"), AUTH_ENCODING_PLAIN, NULL},
    {BYTES("ab\0\0"), AUTH_ENCODING_PLAIN, NULL},
};

static void test_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf buf;
        auth_buf_init(&buf, 64);
        struct auth_view plain = auth_encoding_plain(rows[i].text, &buf);
        bool is_right =
            rows[i].plain ? auth_view_equals(plain, rows[i].plain) : auth_view_equals_view(plain, rows[i].text);
        if (auth_encoding_of(rows[i].text) != rows[i].encoding || !is_right || !auth_buf_ok(&buf))
            fail_msg("row %zu: \"%.*s\"", i, (int)plain.n, plain.p);
        auth_buf_clear(&buf);
    }
}

static void test_too_small_a_buffer(void **state)
{
    struct auth_view text = BYTES("\xff\xfe"
                                  "a\0b\0");
    struct auth_buf buf;
    (void)state;
    auth_buf_init(&buf, 2);
    assert_int_equal(auth_encoding_plain(text, &buf).n, 2);
    auth_buf_clear(&buf);
    auth_buf_init(&buf, 1);
    assert_int_equal(auth_encoding_plain(text, &buf).n, 0);
    assert_false(auth_buf_ok(&buf));
    auth_buf_clear(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_too_small_a_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
