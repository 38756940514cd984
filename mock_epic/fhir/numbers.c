/* Open addressing, at most half full. */
#include "mock_epic/fhir/numbers.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_MIN = 64 };

void mock_numbers_clear(struct mock_numbers *numbers)
{
    free(numbers->slots);
    memset(numbers, 0, sizeof *numbers);
}

static uint32_t *slot_of(uint32_t *slots, size_t size, uint32_t number)
{
    size_t at = (number * 0x9e3779b9U >> 7) & (size - 1);
    while (slots[at] && slots[at] != number + 1)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static bool fit(struct mock_numbers *numbers)
{
    if (numbers->count * 2 < numbers->size)
        return true;
    size_t size = numbers->size ? numbers->size * 2 : SLOTS_MIN;
    uint32_t *slots = calloc(size, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < numbers->size; i++) {
        if (numbers->slots[i])
            *slot_of(slots, size, numbers->slots[i] - 1) = numbers->slots[i];
    }
    free(numbers->slots);
    numbers->slots = slots;
    numbers->size = size;
    return true;
}

enum auth_rc mock_numbers_add(struct mock_numbers *numbers, uint32_t number)
{
    if (!fit(numbers))
        return AUTH_E_NOMEM;
    uint32_t *slot = slot_of(numbers->slots, numbers->size, number);
    if (*slot)
        return AUTH_E_EXISTS;
    *slot = number + 1;
    numbers->count++;
    return AUTH_OK;
}

bool mock_numbers_has(const struct mock_numbers *numbers, uint32_t number)
{
    return numbers->size && *slot_of(numbers->slots, numbers->size, number) != 0;
}
