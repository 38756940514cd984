/* The packs inside the program: text, and where in it each resource and what the index must know of it is.
 *
 * Made at build time by tools/seal_pack.c from fixtures/fhir, with the loader that reads people's fixtures, so that a start reads
 * none of it. The text is in .rodata, shared by all processes and never copied: resources are served straight from there. */
#ifndef MOCK_EPIC_DATA_SEALED_H
#define MOCK_EPIC_DATA_SEALED_H

#include <stddef.h>
#include <stdint.h>

/* Offsets are within the pack's text. */
struct mock_sealed_text {
    uint32_t at, n;
};

/* type: one of Epic's by its number in mock_fhir_types, then those of the pack's own list. patient: of the pack's, plus one; 0:
 * nobody. */
struct mock_sealed_resource {
    uint64_t codes;
    uint32_t at, n, id_at, id_hash, patient, tag;
    uint16_t type, id_n;
};

struct mock_sealed_pack {
    const char *text; /* a resource a line */
    size_t text_n;
    const struct mock_sealed_resource *items;
    size_t count;
    const struct mock_sealed_text *types, *patients; /* types: that are not Epic's */
    size_t type_count, patient_count;
    const char *access;   /* its access.json, or "" */
    const uint64_t *keys; /* as mock_keys_add() keeps them, sorted: a hash, and the number of an item */
    size_t key_count;
};

extern const struct mock_sealed_pack mock_core_pack, mock_edge_pack;

#endif
