/* What kind of address is this? Pure: by the bytes of a socket address, from the registries of IANA. Names and odd spellings
 * ("0x7f.1", "127.1") never get here: whoever connects asks about the very address that its resolver gave.
 * src  IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 6890, 5735, 4291, 6052, 3056 */
#ifndef AUTH_CORE_ADDRESS_H
#define AUTH_CORE_ADDRESS_H

#include <sys/socket.h>

#include "auth/core/buf.h"

enum auth_address_kind {
    AUTH_ADDRESS_GLOBAL,      /* of the public internet */
    AUTH_ADDRESS_LOOPBACK,    /* 127/8, ::1 */
    AUTH_ADDRESS_PRIVATE,     /* RFC 1918, shared (100.64/10), unique local, site-local */
    AUTH_ADDRESS_LINK_LOCAL,  /* 169.254/16, where clouds keep their metadata; fe80::/10 */
    AUTH_ADDRESS_UNSPECIFIED, /* 0/8, :: */
    AUTH_ADDRESS_MULTICAST,   /* 224/4, ff00::/8 */
    AUTH_ADDRESS_BROADCAST,   /* 255.255.255.255 */
    AUTH_ADDRESS_TRANSLATED,  /* IPv6 that a gateway turns into a global IPv4 address: NAT64, 6to4 */
    AUTH_ADDRESS_RESERVED,    /* documentation, benchmarks, protocols, never assigned; Teredo */
    AUTH_ADDRESS_OTHER,       /* neither IPv4 nor IPv6 */
};
enum { AUTH_ADDRESS_KINDS = AUTH_ADDRESS_OTHER + 1 };

/* An IPv4 address within an IPv6 one counts as what the IPv4 address is; but loopback through a gateway is reserved. */
enum auth_address_kind auth_address_kind(const struct sockaddr *address);
/* For people: "an address that is X". Static. */
const char *auth_address_kind_text(enum auth_address_kind kind);
/* A literal as inet_pton() reads it: four decimal numbers, or IPv6 without brackets and zone. out: port 0 */
AUTH_MUST_CHECK bool auth_address_parse(struct auth_view text, struct sockaddr_storage *out);

#endif
