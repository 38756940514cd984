/* FNV-1a, 64 bits: for finding things in tables. Whoever chooses the bytes can choose colliding ones, so a table that holds
 * what strangers send either bounds its chains or keys them by something they cannot know. */
#ifndef AUTH_CORE_HASH_H
#define AUTH_CORE_HASH_H

#include "auth/core/buf.h"

#define AUTH_HASH_START 0xcbf29ce484222325U

static inline uint64_t auth_hash_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * 0x100000001b3U;
}

/* hash: AUTH_HASH_START, or what the call for the bytes before gave. */
static inline uint64_t auth_hash(uint64_t hash, struct auth_view bytes)
{
    for (size_t i = 0; i < bytes.n; i++)
        hash = auth_hash_byte(hash, (unsigned char)bytes.p[i]);
    return hash;
}

#endif
