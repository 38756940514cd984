/* FHIR's JSON as FHIR's XML, without a tree: R4 2.6.1 (XML), 2.6.2 (JSON).
 *
 * Elements come in the order of their definitions whatever the order of the members; decimals keep their digits. A member that
 * FHIR does not know is left out, as is what XML cannot hold: a control character becomes U+FFFD, and narrative that is no
 * XHTML (xhtml.h) the text that it is, so that the whole is well formed whatever is loaded. There is no XML
 * declaration, and a blank stands before "/>", as at Epic (O). */
#ifndef MOCK_EPIC_XML_XML_H
#define MOCK_EPIC_XML_XML_H

#include "auth/core/json.h"

/* Append a resource as an XML document.
 * in   json  text that auth_json_check() takes
 * rc   AUTH_OK; AUTH_E_SYNTAX: it is no resource of a type that FHIR has; AUTH_E_NOMEM (also where out is full) */
AUTH_MUST_CHECK enum auth_rc mock_xml_write(struct auth_view json, struct auth_buf *out);

/* The number of a resource's type in mock_element_types; mock_element_type_count: FHIR has none of that name.
 * in  resource  as json above; what stands behind the object is not looked at */
size_t mock_xml_type(struct auth_view resource);

#endif
