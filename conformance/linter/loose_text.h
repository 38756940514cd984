/* A token request in text of a kind that no reader knows: collections of Postman, Insomnia and Bruno, flows of proxies, packets as
 * Wireshark shows them, HTTP/2's pseudo headers, code of any language, dictionaries as programs print them.
 *
 * Nothing of such a text is understood but the names of the parameters and what stands behind each. */
#ifndef CONFORMANCE_LINTER_LOOSE_TEXT_H
#define CONFORMANCE_LINTER_LOOSE_TEXT_H

#include "conformance/linter/capture.h"

/* Does it hold a parameter client_assertion with a JWT? */
bool conf_loose_is_request(struct auth_view text);
/* Take the parameters, and the URL where one shows, into the capture; notes say what is taken for granted. */
void conf_loose_read(struct auth_view text, struct conf_capture *capture);

#endif
