/* Types are found by halving, elements by going round from where the last one was. */
#include "mock_epic/xml/elements.h"

#include <string.h>

static struct auth_view name_at(size_t place)
{
    return auth_view_bytes(mock_element_names + place + 1, (unsigned char)mock_element_names[place]);
}

struct auth_view mock_element_type_name(size_t type)
{
    return name_at(mock_element_types[type].name);
}

struct auth_view mock_element_name(uint16_t element)
{
    return name_at(mock_elements[element].name);
}

unsigned mock_element_mark(uint16_t element)
{
    return (unsigned)(mock_element_marks[element] - '0');
}

size_t mock_element_type_find(struct auth_view name)
{
    size_t low = 0, high = mock_element_type_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct auth_view there = mock_element_type_name(middle);
        size_t n = there.n < name.n ? there.n : name.n;
        int order = n ? memcmp(there.p, name.p, n) : 0;
        if (order == 0 && there.n == name.n)
            return middle;
        if (order < 0 || (order == 0 && there.n < name.n))
            low = middle + 1;
        else
            high = middle;
    }
    return mock_element_type_count;
}

uint16_t mock_element_find(size_t type, uint16_t from, struct auth_view name)
{
    uint16_t first = mock_element_types[type].first, end = mock_element_types[type + 1].first, at = from;
    for (uint16_t left = (uint16_t)(end - first); left; left--, at++) {
        at = at >= end ? first : at;
        if (auth_view_equals_view(name_at(mock_elements[at].name), name))
            return at;
    }
    return end;
}
