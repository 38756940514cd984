/* Memory for small records that come in order and mostly go in order, as what expires does: cut from chunks one after the
 * other, and a chunk goes back to the system when its last record is given up. malloc() would keep the holes, and tidy up
 * millions of them at once while everybody waits.
 *
 * A record that outlives its neighbours keeps their chunk, which is why bytes are counted in chunks. Not safe for threads.
 * Zeroed is empty. */
#ifndef MOCK_EPIC_STORE_SLAB_H
#define MOCK_EPIC_STORE_SLAB_H

#include "auth/core/buf.h"

enum { MOCK_SLAB_CHUNK = 64 * 1024, MOCK_SLAB_RECORD_MAX = 16 * 1024 };

struct mock_slab_chunk;

struct mock_slab {
    struct mock_slab_chunk *current; /* records are cut from it */
    struct mock_slab_chunk *empty;   /* to be given back */
    size_t bytes;                    /* of all chunks but those */
};

/* n bytes, at most MOCK_SLAB_RECORD_MAX, aligned to 8; NULL when there is no memory.
 * out  *place  what mock_slab_give() wants to know */
void *mock_slab_take(struct mock_slab *slab, size_t n, uint16_t *place);
/* Give a record up. */
void mock_slab_give(struct mock_slab *slab, void *record, uint16_t place);
/* Bytes that taking n would add. */
size_t mock_slab_growth(const struct mock_slab *slab, size_t n);
/* What became empty, for mock_slab_unmap(): so that the system is called after a lock was released. */
struct mock_slab_chunk *mock_slab_collect(struct mock_slab *slab);
void mock_slab_unmap(struct mock_slab_chunk *chunks); /* NULL is fine */
/* Unmap what is left when every record was given up. */
void mock_slab_clear(struct mock_slab *slab);

#endif
