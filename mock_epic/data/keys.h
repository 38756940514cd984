/* From a hash to the resources that it was noted of: entries of eight bytes, sorted once.
 *
 * Two things may share a hash, so what is found is a candidate and no more. */
#ifndef MOCK_EPIC_DATA_KEYS_H
#define MOCK_EPIC_DATA_KEYS_H

#include "auth/core/buf.h"

/* Zero it first. */
struct mock_keys {
    uint64_t *items; /* the hash, and in the lower half the number of a resource; sealed: its place */
    size_t count, size;
    /* made by sealing */
    uint32_t *first; /* [2^bits + 1] in items: of the hashes that begin with these bits */
    unsigned bits;
};

/* Entries of one hash, by place, each place once. */
struct mock_key_range {
    const uint64_t *items; /* the place: mock_key_place() */
    size_t count;
};

void mock_keys_clear(struct mock_keys *keys);
/* rc  AUTH_E_NOMEM, AUTH_E_TOO_BIG (more than four milliards) */
AUTH_MUST_CHECK enum auth_rc mock_keys_add(struct mock_keys *keys, uint32_t hash, uint32_t number);
/* Sort them; nothing is added afterwards.
 * in   place_of  of each number its place, in the order in which searches find; MOCK_NO_PLACE: it is not found any more
 * rc   AUTH_E_NOMEM */
#define MOCK_NO_PLACE UINT32_MAX
AUTH_MUST_CHECK enum auth_rc mock_keys_seal(struct mock_keys *keys, const uint32_t *place_of);
/* Begin *to, which is zeroed, with what *from holds, to be added to and sealed again.
 * in   number_at  of each place its number
 * rc   AUTH_E_NOMEM; clear *to in every case */
AUTH_MUST_CHECK enum auth_rc mock_keys_copy(const struct mock_keys *from, const uint32_t *number_at,
                                            struct mock_keys *to);

/* Of sealed ones. Threads safe. */
struct mock_key_range mock_keys_find(const struct mock_keys *keys, uint32_t hash);
static inline uint32_t mock_key_place(uint64_t item)
{
    return (uint32_t)item;
}

#endif
