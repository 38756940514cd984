/* Narrative, which FHIR's JSON holds as text and FHIR's XML as part of itself. */
#ifndef MOCK_EPIC_XML_XHTML_H
#define MOCK_EPIC_XML_XHTML_H

#include "auth/core/buf.h"

#define MOCK_XHTML_NAMESPACE "http://www.w3.org/1999/xhtml"

/* Whether the text can stand in XML as it is: one div whose tags close one another, attributes in quotation marks and each once, no
 * names of namespaces that nobody declared, no entities but XML's own (R4 2.4.0: HTML's are none). What the elements mean is not
 * looked at. in: text  UTF-8 without characters that XML does not have */
bool mock_xhtml_is_sound(struct auth_view text);

#endif
