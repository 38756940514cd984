/* A set of texts with a count for each. */
#include "mock_epic/data/references.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/buf.h"
#include "mock_epic/data/text_hash.h"

/* The slot of a text, or the empty one where it would be. */
static uint32_t *slot_of(const struct mock_references *references, uint32_t *slots, size_t size, struct auth_view text)
{
    size_t at = (size_t)mock_text_hash(MOCK_TEXT_HASH_START, text) & (size - 1);
    while (slots[at] && !auth_view_equals_view(references->items[slots[at] - 1].text, text))
        at = (at + 1) & (size - 1);
    return &slots[at];
}

/* Twice as many slots as items, at least. */
static bool fit_slots(struct mock_references *references)
{
    enum { SLOTS_MIN = 64 };
    if (references->count * 2 < references->slots_size)
        return true;
    size_t size = references->slots_size ? references->slots_size * 2 : SLOTS_MIN;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < references->count; i++)
        *slot_of(references, slots, size, references->items[i].text) = (uint32_t)i + 1;
    free(references->slots);
    references->slots = slots;
    references->slots_size = size;
    return true;
}

enum auth_rc mock_references_add(struct mock_references *references, struct auth_view text, uint32_t resource)
{
    if (references->is_partial)
        return AUTH_OK;
    references->is_partial = references->count == UINT32_MAX - 1;
    if (!fit_slots(references))
        return AUTH_E_NOMEM;
    uint32_t *slot = slot_of(references, references->slots, references->slots_size, text);
    if (*slot) {
        references->items[*slot - 1].count++;
        return AUTH_OK;
    }
    struct mock_named_reference *items =
        auth_array_fit(references->items, references->count, &references->size, sizeof *items);
    if (!items)
        return AUTH_E_NOMEM;
    references->items = items;
    references->items[references->count++] = (struct mock_named_reference){text, 1, resource};
    *slot = (uint32_t)references->count;
    return AUTH_OK;
}

void mock_references_clear(struct mock_references *references)
{
    free(references->items);
    free(references->slots);
    memset(references, 0, sizeof *references);
}
