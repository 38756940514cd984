/* A hash for ids, names and references, eight bytes a step. Who chooses the texts can choose such as collide: for data that is
 * loaded, not for what a request brings. */
#ifndef MOCK_EPIC_DATA_TEXT_HASH_H
#define MOCK_EPIC_DATA_TEXT_HASH_H

#include "auth/core/buf.h"

#define MOCK_TEXT_HASH_START 0xcbf29ce484222325U

/* Fewer than eight bytes as a number; other bytes, or as many others, give another. */
static inline uint64_t mock_short_word(const char *p, size_t n)
{
    uint32_t first, last;
    if (n < 4)
        return n ? (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
                       (unsigned char)p[n - 1]
                 : 0;
    memcpy(&first, p, sizeof first);
    memcpy(&last, p + n - 4, sizeof last); /* some bytes are in both */
    return (uint64_t)first << 32 | last;
}

static inline uint64_t mock_text_hash(uint64_t start, struct auth_view text)
{
    const uint64_t factor = 0x9e3779b97f4a7c15U;
    uint64_t hash = start, word;
    size_t at = 0;
    for (; at + 8 <= text.n; at += 8) {
        memcpy(&word, text.p + at, 8);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    word = at < text.n ? mock_short_word(text.p + at, text.n - at) : 0; /* the empty text's pointer may be NULL */
    hash = (hash ^ word ^ (uint64_t)text.n << 56) * factor;
    return hash ^ hash >> 29;
}

#endif
