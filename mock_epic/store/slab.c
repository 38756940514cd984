/* Counted chunks of mapped memory; only the pages that were written to are there. */
#include "mock_epic/store/slab.h"

#include <sys/mman.h>

enum { ALIGNMENT = 8 };

struct mock_slab_chunk {
    struct mock_slab_chunk *next; /* among the empty ones */
    uint32_t records;             /* in use */
    uint32_t used;                /* bytes cut off, this struct included */
};

static size_t rounded(size_t n)
{
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool has_room(const struct mock_slab *slab, size_t n)
{
    return slab->current && slab->current->used + rounded(n) <= MOCK_SLAB_CHUNK;
}

size_t mock_slab_growth(const struct mock_slab *slab, size_t n)
{
    return has_room(slab, n) ? 0 : MOCK_SLAB_CHUNK;
}

static void retire(struct mock_slab *slab, struct mock_slab_chunk *chunk)
{
    chunk->next = slab->empty;
    slab->empty = chunk;
    slab->bytes -= MOCK_SLAB_CHUNK;
}

static bool add_chunk(struct mock_slab *slab)
{
    struct mock_slab_chunk *chunk =
        mmap(NULL, MOCK_SLAB_CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED)
        return false;
    chunk->used = (uint32_t)rounded(sizeof *chunk);
    slab->bytes += MOCK_SLAB_CHUNK;
    if (slab->current && slab->current->records == 0)
        retire(slab, slab->current);
    slab->current = chunk;
    return true;
}

void *mock_slab_take(struct mock_slab *slab, size_t n, uint16_t *place)
{
    if (!has_room(slab, n) && !add_chunk(slab))
        return NULL;
    struct mock_slab_chunk *chunk = slab->current;
    *place = (uint16_t)(chunk->used / ALIGNMENT);
    void *record = (char *)chunk + chunk->used;
    chunk->used += (uint32_t)rounded(n);
    chunk->records++;
    return record;
}

void mock_slab_give(struct mock_slab *slab, void *record, uint16_t place)
{
    struct mock_slab_chunk *chunk = (struct mock_slab_chunk *)(void *)((char *)record - (size_t)place * ALIGNMENT);
    if (--chunk->records)
        return;
    if (chunk == slab->current)
        chunk->used = (uint32_t)rounded(sizeof *chunk);
    else
        retire(slab, chunk);
}

struct mock_slab_chunk *mock_slab_collect(struct mock_slab *slab)
{
    struct mock_slab_chunk *empty = slab->empty;
    slab->empty = NULL;
    return empty;
}

void mock_slab_unmap(struct mock_slab_chunk *chunks)
{
    while (chunks) {
        struct mock_slab_chunk *next = chunks->next;
        (void)munmap(chunks, MOCK_SLAB_CHUNK);
        chunks = next;
    }
}

void mock_slab_clear(struct mock_slab *slab)
{
    mock_slab_unmap(mock_slab_collect(slab));
    if (slab->current)
        (void)munmap(slab->current, MOCK_SLAB_CHUNK);
    *slab = (struct mock_slab){0};
}
