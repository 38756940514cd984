/* GET <fhir>/.well-known/smart-configuration: Epic's keys in Epic's order (O), or in the smart profile SMART's, of what this
 * server can do.
 *
 * Always JSON, whatever Accept says: SMART wants that (S), JSON is Epic's default (E), and the shape of the XML that Epic
 * documents for Accept: application/xml is not known. */
#ifndef MOCK_EPIC_OAUTH_SMART_CONFIGURATION_H
#define MOCK_EPIC_OAUTH_SMART_CONFIGURATION_H

#include "mock_epic/http/message.h"

/* in  base_url  ".../interconnect-fhir-oauth" */
/* GET <base>/oauth2/.well-known/openid-configuration: Epic has it (O); what OpenID Connect Discovery 3 demands of it. */
void mock_openid_configuration(struct auth_view base_url, struct mock_response *response);
void mock_smart_configuration(struct auth_view base_url, bool is_smart_profile, struct mock_response *response);

#endif
