/* FHIR R4's types, each with its elements in order, as XML needs them (S). Made from FHIR's schema by make_elements.py. */
#ifndef MOCK_EPIC_XML_ELEMENTS_H
#define MOCK_EPIC_XML_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

/* What an element is, where it is no type of the table. An attribute is what XML writes as one: the id of what is no resource, an
 * extension's url. */
enum { MOCK_ELEMENT_PRIMITIVE = -1, MOCK_ELEMENT_XHTML = -2, MOCK_ELEMENT_RESOURCE = -3, MOCK_ELEMENT_ATTRIBUTE = -4 };

struct mock_element {
    uint16_t name; /* where it stands in mock_element_names: a byte says how long it is, then come its letters */
    int16_t type;  /* index in mock_element_types, or one of the above */
};

struct mock_element_type {
    uint16_t name;
    uint16_t first; /* in mock_elements; the next type's first is the end */
};

extern const char mock_element_names[];
extern const struct mock_element_type mock_element_types[]; /* sorted by name; one more than there are */
extern const size_t mock_element_type_count;
extern const struct mock_element mock_elements[];

#endif
