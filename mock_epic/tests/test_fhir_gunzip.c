/* gzip undone: what gzip(1) writes, member after member, and every way in which it can be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "mock_epic/data/gunzip.h"

enum { GZIP = 15 + 16, PACKED_N = 4096 };

struct packed {
    unsigned char bytes[PACKED_N];
    size_t n;
};

static void pack(struct packed *packed, const char *text, size_t n)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)n;
    stream.next_out = packed->bytes + packed->n;
    stream.avail_out = (uInt)(PACKED_N - packed->n);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed->n += stream.total_out;
    deflateEnd(&stream);
}

/* From memory that ends where the bytes do. */
static enum auth_rc unpack(const struct packed *packed, size_t n, size_t cap, struct auth_buf *out,
                           struct auth_err *err)
{
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, packed->bytes, n);
    auth_buf_init(out, cap);
    enum auth_rc rc = mock_gunzip(auth_view_bytes(copy, n), out, err);
    free(copy);
    return rc;
}

static void test_what_is_gzip(void **state)
{
    (void)state;
    assert_true(mock_is_gzip(auth_view_bytes("\x1f\x8b", 2)));
    assert_false(mock_is_gzip(auth_view_bytes("\x1f", 1)));
    assert_false(mock_is_gzip(auth_view_bytes("\x1f\x8c", 2)));
    assert_false(mock_is_gzip(auth_view_bytes("", 0)));
}

static void test_members_and_padding(void **state)
{
    struct packed packed = {.n = 0};
    struct auth_buf out;
    (void)state;
    pack(&packed, "one ", 4);
    pack(&packed, "", 0);
    pack(&packed, "two", 3);
    assert_int_equal(unpack(&packed, packed.n, 7, &out, NULL), AUTH_OK);
    assert_true(auth_view_equals(auth_buf_view(&out), "one two"));
    auth_buf_clear(&out);
    memset(packed.bytes + packed.n, 0, 512);
    assert_int_equal(unpack(&packed, packed.n + 512, 7, &out, NULL), AUTH_OK);
    auth_buf_clear(&out);
    packed.bytes[packed.n + 511] = 1;
    assert_int_equal(unpack(&packed, packed.n + 512, 7, &out, NULL), AUTH_E_SYNTAX);
    auth_buf_clear(&out);
}

static void test_a_bound_on_what_comes_out(void **state)
{
    static char zeros[1000000];
    struct packed packed = {.n = 0};
    struct auth_buf out;
    struct auth_err err = {0};
    (void)state;
    pack(&packed, zeros, sizeof zeros);
    assert_int_equal(unpack(&packed, packed.n, sizeof zeros, &out, NULL), AUTH_OK);
    assert_int_equal(out.n, sizeof zeros);
    auth_buf_clear(&out);
    assert_int_equal(unpack(&packed, packed.n, sizeof zeros - 1, &out, &err), AUTH_E_TOO_BIG);
    assert_string_equal(err.detail, "gzip: it holds more than 999999 bytes");
    auth_buf_clear(&out);
}

/* Cut anywhere, or with any byte changed, it is refused or means the same. */
static void test_what_is_wrong(void **state)
{
    static const char text[] = "{\"resourceType\":\"Patient\",\"id\":\"a\"}";
    struct packed packed = {.n = 0};
    struct auth_buf out;
    (void)state;
    pack(&packed, text, sizeof text - 1);
    for (size_t n = 0; n < packed.n; n++) {
        struct auth_err err = {0};
        assert_int_equal(unpack(&packed, n, 1000, &out, &err), AUTH_E_SYNTAX);
        assert_string_equal(err.detail, "gzip: cut short");
        auth_buf_clear(&out);
    }
    for (size_t i = 0; i < packed.n; i++) {
        packed.bytes[i] ^= 0x20;
        if (unpack(&packed, packed.n, 1000, &out, NULL) == AUTH_OK)
            assert_true(auth_view_equals(auth_buf_view(&out), text));
        auth_buf_clear(&out);
        packed.bytes[i] ^= 0x20;
    }
    packed.bytes[packed.n - 8] ^= 1; /* of the checksum */
    assert_int_equal(unpack(&packed, packed.n, 1000, &out, NULL), AUTH_E_SYNTAX);
    auth_buf_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_gzip),
        cmocka_unit_test(test_members_and_padding),
        cmocka_unit_test(test_a_bound_on_what_comes_out),
        cmocka_unit_test(test_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) == 0 ? 0 : 1;
}
