/* GET of one URL of the FHIR server, as reads and searches need it. */
#ifndef AUTH_CLIENT_FHIR_H
#define AUTH_CLIENT_FHIR_H

#include "auth/client/handle.h"

/* GET a URL of the FHIR origin with a token, renewing it once after a 401, retrying what may pass. Only JSON is given out.
 * in   type  the resourceType that must come; NULL: any JSON but an OperationOutcome
 * out  body  init by this call; a secret buffer (patient data) */
enum epic_auth_rc auth_fhir_send(struct epic_auth *auth, const char *url, const char *type, struct auth_buf *body,
                                 struct epic_auth_error *error);
/* rc  EPIC_AUTH_OK; EPIC_AUTH_E_CONFIG: no FHIR base URL */
enum epic_auth_rc auth_fhir_need_base(const struct epic_auth *auth, struct epic_auth_error *error);
/* A resource type is letters: nothing in it can lead out of the FHIR base. */
bool auth_fhir_is_type(const char *type);
/* What a caller may give for one URL, all together, and what a server may name as the next one. */
enum { AUTH_FHIR_ARGUMENT_MAX = 64 * 1024, AUTH_FHIR_URL_MAX = 64 * 1024, AUTH_FHIR_URL_BUF_MAX = 1024 * 1024 };
/* EPIC_AUTH_E_ARGUMENT: more than that. */
enum epic_auth_rc auth_fhir_too_long(const struct epic_auth *auth, struct epic_auth_error *error);

#endif
