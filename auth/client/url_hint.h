/* What is wrong with a URL setting that leads to something else, as far as its spelling tells. */
#ifndef AUTH_CLIENT_URL_HINT_H
#define AUTH_CLIENT_URL_HINT_H

#include "auth/client/setting.h"

/* A clause for a message, e.g. "it ends in a slash, and Epic's token endpoints end in /oauth2/token"; "" when the URL looks
 * as Epic's do. Static.
 * in   setting  AUTH_SET_TOKEN_URL or AUTH_SET_FHIR_BASE_URL */
const char *auth_url_hint(enum auth_setting setting, const char *url);

#endif
