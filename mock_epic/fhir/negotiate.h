/* In which format an answer goes out: what Accept or _format asks for, and what Epic sends to who asks for nothing it has.
 * Whoever answers writes JSON; mock_format_finish() makes XML of it where that is wanted. */
#ifndef MOCK_EPIC_FHIR_NEGOTIATE_H
#define MOCK_EPIC_FHIR_NEGOTIATE_H

#include "auth/core/form.h"
#include "auth/rules/profile.h"
#include "mock_epic/http/message.h"

struct mock_format {
    const char *content_type; /* of the answer; static */
    bool is_xml;
    bool is_asked;         /* by name; else it is the default */
    bool is_refused;       /* what is asked for is no format of FHIR; counts with fhir=r4 */
    bool is_out_of_memory; /* what is asked for could not be read */
};

/* _format wins over Accept: that of the query, of a POST too (E), or else of its body.
 * in   body  its parameters, or NULL */
struct mock_format mock_negotiate(const struct mock_request *request, const struct auth_form *body,
                                  const struct auth_profile *profile);
/* Whether Accept names exactly this type, and would take it. */
bool mock_accepts_by_name(const struct mock_request *request, struct auth_view type);

/* Turn the JSON of an answer that carries format->content_type into XML, if the format is that. */
void mock_format_finish(const struct mock_format *format, struct mock_response *response);

#endif
