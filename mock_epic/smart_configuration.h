/* GET <fhir>/.well-known/smart-configuration: Epic's keys in Epic's order (O), or SMART's in the smart profile. */
#ifndef MOCK_EPIC_SMART_CONFIGURATION_H
#define MOCK_EPIC_SMART_CONFIGURATION_H

#include "mock_epic/http.h"

/* in  base_url  ".../interconnect-fhir-oauth" */
void mock_smart_configuration(struct auth_view base_url, bool is_smart_profile, struct mock_response *response);

#endif
