/* Members of a JWK as people get them wrong: told before anything is decoded, in the words of who wrote them. */
#ifndef AUTH_JOSE_JWK_MEMBER_H
#define AUTH_JOSE_JWK_MEMBER_H

#include "auth/core/json.h"

/* What a big-number member (n, e, x, y, d ...) is instead of base64url of a number, and what to do; NULL: nothing is known
 * against it. Static. */
const char *auth_jwk_number_fault(const struct auth_json_node *jwk, const char *member);
/* The same of its decoded bytes: what base64url cannot tell. in is_exact: leading zeros belong to it (RFC 7518 6.2) */
const char *auth_jwk_bytes_fault(struct auth_view bytes, bool is_exact);
/* Members of another kty than it names; NULL: none of these. Static. */
const char *auth_jwk_type_fault(const struct auth_json_node *jwk);

/* Why a key is not for signatures, by use and key_ops; NULL: it is. Static. */
const char *auth_jwk_purpose_fault(const struct auth_json_node *jwk);
/* Why no signature is made or checked with an alg of that name; "" when it might be. Static. */
const char *auth_jwk_alg_fault(struct auth_view alg);

#endif
