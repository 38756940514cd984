/* The registries of IANA as tables of prefixes, and the one walk over them. */
#include "auth/core/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* ---- IPv4 ---- */

/* The first row that fits counts. */
static enum auth_address_kind kind_of_v4(uint32_t address)
{
    static const struct {
        uint32_t net;
        unsigned bits;
        enum auth_address_kind kind;
    } rows[] = {
        // clang-format off
        {0x00000000,  8, AUTH_ADDRESS_UNSPECIFIED}, /* 0/8: "this network" */
        {0x0a000000,  8, AUTH_ADDRESS_PRIVATE},     /* 10/8 */
        {0x64400000, 10, AUTH_ADDRESS_PRIVATE},     /* 100.64/10: shared by carriers, RFC 6598 */
        {0x7f000000,  8, AUTH_ADDRESS_LOOPBACK},    /* 127/8 */
        {0xa9fe0000, 16, AUTH_ADDRESS_LINK_LOCAL},  /* 169.254/16 */
        {0xac100000, 12, AUTH_ADDRESS_PRIVATE},     /* 172.16/12 */
        {0xc0000000, 24, AUTH_ADDRESS_RESERVED},    /* 192.0.0/24: protocol assignments */
        {0xc0000200, 24, AUTH_ADDRESS_RESERVED},    /* 192.0.2/24: documentation */
        {0xc0586300, 24, AUTH_ADDRESS_RESERVED},    /* 192.88.99/24: 6to4 relays that were */
        {0xc0a80000, 16, AUTH_ADDRESS_PRIVATE},     /* 192.168/16 */
        {0xc6120000, 15, AUTH_ADDRESS_RESERVED},    /* 198.18/15: benchmarks */
        {0xc6336400, 24, AUTH_ADDRESS_RESERVED},    /* 198.51.100/24: documentation */
        {0xcb007100, 24, AUTH_ADDRESS_RESERVED},    /* 203.0.113/24: documentation */
        {0xe0000000,  4, AUTH_ADDRESS_MULTICAST},   /* 224/4 */
        {0xffffffff, 32, AUTH_ADDRESS_BROADCAST},
        {0xf0000000,  4, AUTH_ADDRESS_RESERVED},    /* 240/4 */
        // clang-format on
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((address ^ rows[i].net) >> (32 - rows[i].bits) == 0)
            return rows[i].kind;
    }
    return AUTH_ADDRESS_GLOBAL;
}

/* ---- IPv6 ---- */

enum holds { NOTHING, MAPPED, GATEWAY }; /* the IPv4 address in it, which is the same host, or is behind a gateway */

struct v6_row {
    uint64_t high, low; /* the address as two numbers */
    unsigned bits;
    enum auth_address_kind kind;
    enum holds holds;
    unsigned at; /* byte where the IPv4 address stands */
};

/* The first row that fits counts; whatever is outside 2000::/3 is not assigned to anybody. */
static const struct v6_row v6_rows[] = {
    // clang-format off
    {0, 0, 128, AUTH_ADDRESS_UNSPECIFIED, NOTHING, 0},
    {0, 1, 128, AUTH_ADDRESS_LOOPBACK, NOTHING, 0},
    {0, 0x0000ffff00000000, 96, AUTH_ADDRESS_GLOBAL, MAPPED, 12},        /* ::ffff:a.b.c.d */
    {0x0064ff9b00000000, 0, 96, AUTH_ADDRESS_TRANSLATED, GATEWAY, 12},   /* 64:ff9b::/96: NAT64 */
    {0x2002000000000000, 0, 16, AUTH_ADDRESS_TRANSLATED, GATEWAY, 2},    /* 2002::/16: 6to4 */
    {0x2001000000000000, 0, 23, AUTH_ADDRESS_RESERVED, NOTHING, 0},      /* protocols: Teredo, ORCHID, benchmarks */
    {0x20010db800000000, 0, 32, AUTH_ADDRESS_RESERVED, NOTHING, 0},      /* documentation */
    {0x3fff000000000000, 0, 20, AUTH_ADDRESS_RESERVED, NOTHING, 0},      /* documentation */
    {0x2000000000000000, 0, 3, AUTH_ADDRESS_GLOBAL, NOTHING, 0},
    {0xfc00000000000000, 0, 7, AUTH_ADDRESS_PRIVATE, NOTHING, 0},        /* unique local */
    {0xfe80000000000000, 0, 10, AUTH_ADDRESS_LINK_LOCAL, NOTHING, 0},
    {0xfec0000000000000, 0, 10, AUTH_ADDRESS_PRIVATE, NOTHING, 0},       /* site-local, deprecated */
    {0xff00000000000000, 0, 8, AUTH_ADDRESS_MULTICAST, NOTHING, 0},
    {0, 0, 0, AUTH_ADDRESS_RESERVED, NOTHING, 0}, /* also 64:ff9b:1::/48, 100::/64, 5f00::/16 */
    // clang-format on
};

static uint64_t number_of(const unsigned char *bytes, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++)
        number = number << 8 | bytes[i];
    return number;
}

static bool fits(const struct v6_row *row, uint64_t high, uint64_t low)
{
    if (row->bits == 0)
        return true;
    if (row->bits <= 64)
        return (high ^ row->high) >> (64 - row->bits) == 0;
    return high == row->high && (low ^ row->low) >> (128 - row->bits) == 0;
}

static enum auth_address_kind kind_of_v6(const unsigned char bytes[16])
{
    uint64_t high = number_of(bytes, 8), low = number_of(bytes + 8, 8);
    const struct v6_row *row = v6_rows;
    while (!fits(row, high, low))
        row++; /* the last row fits everything */
    if (row->holds == NOTHING)
        return row->kind;
    enum auth_address_kind inner = kind_of_v4((uint32_t)number_of(bytes + row->at, 4));
    if (row->holds == MAPPED)
        return inner;
    if (inner == AUTH_ADDRESS_LOOPBACK)
        return AUTH_ADDRESS_RESERVED; /* the gateway's own, if anybody's */
    return inner == AUTH_ADDRESS_GLOBAL ? row->kind : inner;
}

/* ---- both ---- */

enum auth_address_kind auth_address_kind(const struct sockaddr *address)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        return kind_of_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return AUTH_ADDRESS_OTHER;
    memcpy(&v6, address, sizeof v6);
    return kind_of_v6(v6.sin6_addr.s6_addr);
}

const char *auth_address_kind_text(enum auth_address_kind kind)
{
    static const char *const texts[AUTH_ADDRESS_KINDS] = {
        [AUTH_ADDRESS_GLOBAL] = "public",           [AUTH_ADDRESS_LOOPBACK] = "loopback",
        [AUTH_ADDRESS_PRIVATE] = "private",         [AUTH_ADDRESS_LINK_LOCAL] = "link-local",
        [AUTH_ADDRESS_UNSPECIFIED] = "unspecified", [AUTH_ADDRESS_MULTICAST] = "multicast",
        [AUTH_ADDRESS_BROADCAST] = "broadcast",     [AUTH_ADDRESS_TRANSLATED] = "translated by a gateway (NAT64, 6to4)",
        [AUTH_ADDRESS_RESERVED] = "reserved",       [AUTH_ADDRESS_OTHER] = "unknown",
    };
    return texts[kind];
}

bool auth_address_parse(struct auth_view text, struct sockaddr_storage *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    char literal[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof literal)
        return false;
    memcpy(literal, text.p, text.n);
    literal[text.n] = '\0';
    memset(out, 0, sizeof *out);
    if (strlen(literal) != text.n)
        return false;
    if (inet_pton(AF_INET, literal, &v4.sin_addr) == 1) {
        memcpy(out, &v4, sizeof v4);
        return true;
    }
    if (inet_pton(AF_INET6, literal, &v6.sin6_addr) == 1) {
        memcpy(out, &v6, sizeof v6);
        return true;
    }
    return false;
}
