/* What kind of address is it: both ends of every network of IANA's registries, and the nearest neighbours outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/address.h"

#define GLOBAL AUTH_ADDRESS_GLOBAL
#define LOOPBACK AUTH_ADDRESS_LOOPBACK
#define PRIVATE AUTH_ADDRESS_PRIVATE
#define LINK_LOCAL AUTH_ADDRESS_LINK_LOCAL
#define UNSPECIFIED AUTH_ADDRESS_UNSPECIFIED
#define MULTICAST AUTH_ADDRESS_MULTICAST
#define BROADCAST AUTH_ADDRESS_BROADCAST
#define TRANSLATED AUTH_ADDRESS_TRANSLATED
#define RESERVED AUTH_ADDRESS_RESERVED

struct row {
    const char *text;
    enum auth_address_kind kind;
};

static void expect_kinds(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sockaddr_storage address;
        assert_true(auth_address_parse(auth_view_from_string(rows[i].text), &address));
        enum auth_address_kind kind = auth_address_kind((const struct sockaddr *)&address);
        if (kind != rows[i].kind)
            fail_msg("%s is %s", rows[i].text, auth_address_kind_text(kind));
    }
}

static void test_address_v4(void **state)
{
    static const struct row rows[] = {
        {"0.0.0.0", UNSPECIFIED},      {"0.255.255.255", UNSPECIFIED}, {"1.0.0.0", GLOBAL},
        {"9.255.255.255", GLOBAL},     {"10.0.0.0", PRIVATE},          {"10.255.255.255", PRIVATE},
        {"11.0.0.0", GLOBAL},          {"100.63.255.255", GLOBAL},     {"100.64.0.0", PRIVATE},
        {"100.127.255.255", PRIVATE},  {"100.128.0.0", GLOBAL},        {"126.255.255.255", GLOBAL},
        {"127.0.0.0", LOOPBACK},       {"127.255.255.255", LOOPBACK},  {"128.0.0.0", GLOBAL},
        {"169.253.255.255", GLOBAL},   {"169.254.0.0", LINK_LOCAL},    {"169.254.169.254", LINK_LOCAL},
        {"169.255.0.0", GLOBAL},       {"172.15.255.255", GLOBAL},     {"172.16.0.0", PRIVATE},
        {"172.31.255.255", PRIVATE},   {"172.32.0.0", GLOBAL},         {"191.255.255.255", GLOBAL},
        {"192.0.0.0", RESERVED},       {"192.0.0.255", RESERVED},      {"192.0.1.0", GLOBAL},
        {"192.0.2.0", RESERVED},       {"192.0.2.255", RESERVED},      {"192.0.3.0", GLOBAL},
        {"192.88.98.255", GLOBAL},     {"192.88.99.0", RESERVED},      {"192.88.99.255", RESERVED},
        {"192.88.100.0", GLOBAL},      {"192.167.255.255", GLOBAL},    {"192.168.0.0", PRIVATE},
        {"192.168.255.255", PRIVATE},  {"192.169.0.0", GLOBAL},        {"198.17.255.255", GLOBAL},
        {"198.18.0.0", RESERVED},      {"198.19.255.255", RESERVED},   {"198.20.0.0", GLOBAL},
        {"198.51.99.255", GLOBAL},     {"198.51.100.0", RESERVED},     {"198.51.100.255", RESERVED},
        {"198.51.101.0", GLOBAL},      {"203.0.112.255", GLOBAL},      {"203.0.113.0", RESERVED},
        {"203.0.113.255", RESERVED},   {"203.0.114.0", GLOBAL},        {"223.255.255.255", GLOBAL},
        {"224.0.0.0", MULTICAST},      {"239.255.255.255", MULTICAST}, {"240.0.0.0", RESERVED},
        {"255.255.255.254", RESERVED}, {"255.255.255.255", BROADCAST},
    };
    (void)state;
    expect_kinds(rows, sizeof rows / sizeof *rows);
}

static void test_address_v6(void **state)
{
    static const struct row rows[] = {
        {"::", UNSPECIFIED},
        {"::1", LOOPBACK},
        {"::2", RESERVED},
        {"::7f00:1", RESERVED}, /* ::127.0.0.1, a form that is no more */
        {"100::1", RESERVED},
        {"1fff:ffff::", RESERVED},
        {"2000::", GLOBAL},
        {"2000:ffff::", GLOBAL},
        {"2001::", RESERVED}, /* Teredo */
        {"2001::1", RESERVED},
        {"2001:2::1", RESERVED},
        {"2001:10::1", RESERVED},
        {"2001:20::1", RESERVED},
        {"2001:1ff:ffff::", RESERVED},
        {"2001:200::", GLOBAL},
        {"2001:db7:ffff::", GLOBAL},
        {"2001:db8::", RESERVED},
        {"2001:db8:ffff::", RESERVED},
        {"2001:db9::", GLOBAL},
        {"2606:4700::1111", GLOBAL},
        {"3ffe:ffff::", GLOBAL},
        {"3fff::", RESERVED},
        {"3fff:fff:ffff::", RESERVED},
        {"3fff:1000::", GLOBAL},
        {"3fff:ffff::", GLOBAL},
        {"4000::", RESERVED},
        {"5f00::1", RESERVED},
        {"fbff:ffff::", RESERVED},
        {"fc00::", PRIVATE},
        {"fdff:ffff::", PRIVATE},
        {"fe00::", RESERVED},
        {"fe7f:ffff::", RESERVED},
        {"fe80::1", LINK_LOCAL},
        {"febf:ffff::", LINK_LOCAL},
        {"fec0::", PRIVATE},
        {"feff:ffff::", PRIVATE},
        {"ff00::", MULTICAST},
        {"ff02::1", MULTICAST},
        {"ffff:ffff::", MULTICAST},
    };
    (void)state;
    expect_kinds(rows, sizeof rows / sizeof *rows);
}

static void test_address_v4_in_v6(void **state)
{
    static const struct row rows[] = {
        {"::ffff:127.0.0.1", LOOPBACK},
        {"::ffff:127.255.255.255", LOOPBACK},
        {"::ffff:128.0.0.0", GLOBAL},
        {"::ffff:10.0.0.1", PRIVATE},
        {"::ffff:169.254.169.254", LINK_LOCAL},
        {"::ffff:0.0.0.0", UNSPECIFIED},
        {"::ffff:255.255.255.255", BROADCAST},
        {"::fffe:127.0.0.1", RESERVED},
        {"::1:ffff:127.0.0.1", RESERVED},
        {"::ffff:0:127.0.0.1", RESERVED},
        {"64:ff9b::8.8.8.8", TRANSLATED},
        {"64:ff9b::10.0.0.1", PRIVATE},
        {"64:ff9b::169.254.169.254", LINK_LOCAL},
        {"64:ff9b::198.18.0.1", RESERVED},
        {"64:ff9b::127.0.0.1", RESERVED}, /* not this machine's loopback */
        {"64:ff9b::1:8.8.8.8", RESERVED},
        {"64:ff9b:1::8.8.8.8", RESERVED},
        {"2002:808:808::1", TRANSLATED},
        {"2002:a00:1::1", PRIVATE},
        {"2002:a9fe:a9fe::", LINK_LOCAL},
        {"2002:7f00:1::1", RESERVED},
        {"2002:c000:1::", RESERVED},
        {"2003::", GLOBAL},
    };
    (void)state;
    expect_kinds(rows, sizeof rows / sizeof *rows);
}

static void test_address_literals(void **state)
{
    static const char *const others[] = {
        "",           "127.1", "0x7f.0.0.1", "0177.0.0.1",       "2130706433", "127.0.0.1.",
        "127.0.0.1 ", "[::1]", "::1%lo",     "::ffff:1.2.3.256", "localhost",  "1:2:3:4:5:6:7:8:9"};
    struct sockaddr_storage address;
    struct sockaddr other = {.sa_family = AF_UNIX};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (auth_address_parse(auth_view_from_string(others[i]), &address))
            fail_msg("%s", others[i]);
    }
    assert_false(auth_address_parse(auth_view_bytes("127.0.0.1\0x", 11), &address));
    assert_int_equal(auth_address_kind(&other), AUTH_ADDRESS_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_v4),
        cmocka_unit_test(test_address_v6),
        cmocka_unit_test(test_address_v4_in_v6),
        cmocka_unit_test(test_address_literals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
