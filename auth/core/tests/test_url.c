/* URLs: what is taken for one, whose origin it is, and where a link leads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/url.h"

static const struct {
    const char *url, *host; /* host NULL: refused */
    unsigned port;
    const char *path;
} parse_rows[] = {
    {"https://h", "h", 443, ""},
    {"http://h/", "h", 80, "/"},
    {"http://h:8423/a?b#c", "h", 8423, "/a?b#c"},
    {"http://h:1", "h", 1, ""},
    {"http://h:65535", "h", 65535, ""},
    {"http://[::1]/", "::1", 80, "/"},
    {"http://[::1]:8423/", "::1", 8423, "/"},
    {"http://h?x", "h", 80, "?x"},
    {"http://h:0", NULL, 0, NULL},
    {"http://h:65536", NULL, 0, NULL},
    {"http://h:x", NULL, 0, NULL},
    {"http://[::1]8423/", NULL, 0, NULL},
    {"http://[::1", NULL, 0, NULL},
    {"http://", NULL, 0, NULL},
    {"http:///path", NULL, 0, NULL},
    {"http://user@h/", NULL, 0, NULL},
    {"http://[h]/", NULL, 0, NULL},
    {"http://[]/", NULL, 0, NULL},
    {"http://[::1%25lo]/", NULL, 0, NULL},
    {"http://127%2e0.0.1/", NULL, 0, NULL},
    {"http://a:1:2/", NULL, 0, NULL},
    {"http://a:-1/", NULL, 0, NULL},
    {"http://a:+1/", NULL, 0, NULL},
    {"http://a<b/", NULL, 0, NULL},
    {"http:/h/", NULL, 0, NULL},
    {"http:", NULL, 0, NULL},
    {"http://h:/a", "h", 80, "/a"},
    {"https://h:00443/", "h", 443, "/"},
    {"https://h_1.example./", "h_1.example.", 443, "/"},
    {"http://h#x", "h", 80, "#x"},
    {"http://user:password@h/", NULL, 0, NULL},
    {"HTTP://h/", NULL, 0, NULL},
    {"ftp://h/", NULL, 0, NULL},
    {"/path", NULL, 0, NULL},
    {"", NULL, 0, NULL},
    {"http://h/a b", NULL, 0, NULL},
    {"http://h/a\r\nX: y", NULL, 0, NULL},
};

static void test_parsing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parse_rows / sizeof *parse_rows; i++) {
        struct auth_url url;
        enum auth_rc rc = auth_url_parse(auth_view_from_string(parse_rows[i].url), &url, NULL);
        if ((rc == AUTH_OK) != (parse_rows[i].host != NULL))
            fail_msg("%s: %s", parse_rows[i].url, auth_rc_text(rc));
        if (!parse_rows[i].host)
            continue;
        assert_true(auth_view_equals(url.host, parse_rows[i].host));
        assert_int_equal(url.port, parse_rows[i].port);
        assert_true(auth_view_equals(url.path, parse_rows[i].path));
    }
}

static void test_origins(void **state)
{
    static const struct {
        const char *a, *b;
        bool is_same;
    } rows[] = {
        {"https://h/a", "https://h:443/b", true},  {"https://h", "https://H", true},
        {"https://h", "http://h", false},          {"https://h", "https://h:444", false},
        {"https://h", "https://h.example", false}, {"https://h.example", "https://h", false},
        {"https://h", "https://i", false},         {"http://127.0.0.1", "http://localhost", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_url a, b;
        assert_int_equal(auth_url_parse(auth_view_from_string(rows[i].a), &a, NULL), AUTH_OK);
        assert_int_equal(auth_url_parse(auth_view_from_string(rows[i].b), &b, NULL), AUTH_OK);
        if (auth_url_same_origin(&a, &b) != rows[i].is_same)
            fail_msg("%s and %s", rows[i].a, rows[i].b);
    }
}

static void test_loopback(void **state)
{
    static const char *const inside[] = {"http://localhost",         "http://LOCALHOST", "http://127.0.0.1",
                                         "http://127.255.0.9",       "http://[::1]",     "http://[0:0::1]",
                                         "http://[::ffff:127.0.0.1]"};
    static const char *const outside[] = {"http://127.0.0.1.example",
                                          "http://127.0.0.256",
                                          "http://127.0.0",
                                          "http://127.1.example",
                                          "http://128.0.0.1",
                                          "http://localhost.example",
                                          "http://[::2]",
                                          "http://127.0.0.-1",
                                          "http://localhost.",
                                          "http://127.1",
                                          "http://0x7f.1",
                                          "http://[::ffff:128.0.0.1]"};
    struct auth_url url;
    (void)state;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        assert_int_equal(auth_url_parse(auth_view_from_string(inside[i]), &url, NULL), AUTH_OK);
        if (!auth_url_is_loopback(&url))
            fail_msg("%s", inside[i]);
    }
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_int_equal(auth_url_parse(auth_view_from_string(outside[i]), &url, NULL), AUTH_OK);
        if (auth_url_is_loopback(&url))
            fail_msg("%s", outside[i]);
    }
}

static const struct {
    const char *base, *link, *whole; /* whole NULL: refused */
} link_rows[] = {
    {"http://h/a/b?c#d", "http://i/x", "http://i/x"},
    {"https://h/a", "//i/x", "https://i/x"},
    {"http://h/a", "//i/x", "http://i/x"},
    {"http://h:1/a/b?c", "/x", "http://h:1/x"},
    {"http://h/a/b?c=/", "x", "http://h/a/x"},
    {"http://h/a/b?c", "?x", "http://h/a/b?x"},
    {"http://h/a?c#d", "", "http://h/a?c"},
    {"http://h", "x", "http://h/x"},
    {"http://h/a", "x y", "http://h/x%20y"},
    {"http://h/a", " \t\r\nx \n", "http://h/x"},
    {"http://h/a", "x\ny", NULL},
    {"http://h/a", "x\x7f", NULL},
    {"http://h/a", "caf\xc3\xa9", "http://h/caf%C3%A9"},
    {"http://h/R4/Observation", "?date=ge2026-01-01T00:00:00Z&page=2",
     "http://h/R4/Observation?date=ge2026-01-01T00:00:00Z&page=2"},
    {"http://h/R4/Observation", "Observation?date=ge2026-01-01T00:00:00Z",
     "http://h/R4/Observation?date=ge2026-01-01T00:00:00Z"},
    {"http://h/a", "/x:y/z?u=http://i/", "http://h/x:y/z?u=http://i/"},
    {"http://h/a", "HTTP://h/x", "http://h/x"},
    {"http://h/a", "HtTpS://H/x", "https://H/x"},
    {"http://h/a", "https:x", "https:x"},
    {"http://h/a", "javascript:alert(1)", "javascript:alert(1)"},
    {"http://h/a", "http://i\\@h/x", "http://i%5C@h/x"},
    {"http://h/a", "//i?x=/../y", "http://i?x=/../y"},
    {"http://h/a", "x#y?z", "http://h/x"},
    /* RFC 3986 5.4, without the fragments */
    {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
    {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
    {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
    {"http://a/b/c/d;p?q", "/g", "http://a/g"},
    {"http://a/b/c/d;p?q", "//g", "http://g"},
    {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
    {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
    {"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
    {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
    {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
    {"http://a/b/c/d;p?q", "./", "http://a/b/c/"},
    {"http://a/b/c/d;p?q", "..", "http://a/b/"},
    {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
    {"http://a/b/c/d;p?q", "../..", "http://a/"},
    {"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
    {"http://a/b/c/d;p?q", "/./g", "http://a/g"},
    {"http://a/b/c/d;p?q", "/../g", "http://a/g"},
    {"http://a/b/c/d;p?q", "g.", "http://a/b/c/g."},
    {"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"},
    {"http://a/b/c/d;p?q", "./g/.", "http://a/b/c/g/"},
    {"http://a/b/c/d;p?q", "g/./h", "http://a/b/c/g/h"},
    {"http://a/b/c/d;p?q", "g/../h", "http://a/b/c/h"},
    {"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"},
    {"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
    {"nothing", "x", NULL},
};

static void test_links(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof link_rows / sizeof *link_rows; i++) {
        struct auth_buf out;
        auth_buf_init(&out, 4096);
        enum auth_rc rc = auth_url_resolve(&out, link_rows[i].base, auth_view_from_string(link_rows[i].link), NULL);
        if ((rc == AUTH_OK) != (link_rows[i].whole != NULL) ||
            (link_rows[i].whole && strcmp(out.p, link_rows[i].whole) != 0))
            fail_msg("%s from %s: %s", link_rows[i].link, link_rows[i].base, out.p ? out.p : "");
        auth_buf_clear(&out);
    }
}

static void test_splitting(void **state)
{
    static const struct {
        const char *url, *scheme, *host, *port, *path; /* scheme NULL: no URL */
    } rows[] = {
        {"https://h/p?q#f", "https", "h", "", "/p?q#f"},
        {"HTTP://u@h:80", "HTTP", "u@h", "80", ""},
        {"x://[::1]:8423/p", "x", "[::1]", "8423", "/p"},
        {"x://[::1/p", "x", "[::1", "", "/p"},
        {"x://h?a:1", "x", "h", "", "?a:1"},
        {"x://h#a:1", "x", "h", "", "#a:1"},
        {"x://:1/", "x", "", "1", "/"},
        {"x://h:1:2/", "x", "h", "1:2", "/"},
        {"://", "", "", "", ""},
        {"h/p", NULL, "", "", ""},
        {"x:/h", NULL, "", "", ""},
        {"x:", NULL, "", "", ""},
        {"", NULL, "", "", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_url_parts parts;
        if (auth_url_split(auth_view_from_string(rows[i].url), &parts) != (rows[i].scheme != NULL))
            fail_msg("%s", rows[i].url);
        if (!rows[i].scheme)
            continue;
        assert_true(auth_view_equals(parts.scheme, rows[i].scheme));
        assert_true(auth_view_equals(parts.host, rows[i].host));
        assert_true(auth_view_equals(parts.port, rows[i].port));
        assert_true(auth_view_equals(parts.path, rows[i].path));
    }
}

static void test_authorities(void **state)
{
    static const struct {
        const char *text, *host; /* host NULL: refused */
        bool has_port;
        unsigned port;
    } rows[] = {
        {"h", "h", false, 0},          {"h:", "h", false, 0},         {"h:0", "h", true, 0},
        {"h:65535", "h", true, 65535}, {"[::1]:80", "::1", true, 80}, {"[::1]", "::1", false, 0},
        {"h:65536", NULL, false, 0},   {"", NULL, false, 0},          {":80", NULL, false, 0},
        {"[::1", NULL, false, 0},      {"::1", NULL, false, 0},       {"[::1]80", NULL, false, 0},
        {"u@h", NULL, false, 0},       {"h/x", NULL, false, 0},       {"h:80 ", NULL, false, 0},
        {"h h", NULL, false, 0},       {"h,i", "h,i", false, 0},      {"h\t", NULL, false, 0},
        {"[::1].x", NULL, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_authority out;
        if (auth_authority_parse(auth_view_from_string(rows[i].text), &out) != (rows[i].host != NULL))
            fail_msg("%s", rows[i].text);
        if (!rows[i].host)
            continue;
        assert_true(auth_view_equals(out.host, rows[i].host));
        assert_int_equal(out.has_port, rows[i].has_port);
        assert_int_equal(out.port, rows[i].port);
        assert_int_equal(out.is_bracketed, rows[i].text[0] == '[');
    }
    assert_false(auth_authority_parse(auth_view_bytes("localhost\0.evil", 15), &(struct auth_authority){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing), cmocka_unit_test(test_splitting), cmocka_unit_test(test_authorities),
        cmocka_unit_test(test_origins), cmocka_unit_test(test_loopback),  cmocka_unit_test(test_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
