/* FHIR R4's types, each with its elements in order, as XML needs them, and which of them a summary has (S). Made from FHIR's schema
 * by make_elements.py; only the functions are written by hand. */
#ifndef MOCK_EPIC_XML_ELEMENTS_H
#define MOCK_EPIC_XML_ELEMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "auth/core/buf.h"

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

/* What an element is besides, added up, as a digit for each. Mandatory is what has a cardinality of at least one, and of value[x]
 * each. */
enum { MOCK_MARK_SUMMARY = 1, MOCK_MARK_MANDATORY = 2 };
extern const char mock_element_marks[];

/* A type's number, or mock_element_type_count. in: name  of a backbone element "Observation_Component" */
size_t mock_element_type_find(struct auth_view name);
struct auth_view mock_element_type_name(size_t type);
/* The number of the type's element of that name, looked for from `from` on, as members mostly come in order; or the number of the
 * next type's first. in: from  one of the type's */
uint16_t mock_element_find(size_t type, uint16_t from, struct auth_view name);
struct auth_view mock_element_name(uint16_t element);
unsigned mock_element_mark(uint16_t element);

#endif
