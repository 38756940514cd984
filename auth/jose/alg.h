/* The signature algorithms of RFC 7518 3 that are taken here: one table of name, digest and the keys that can make them. */
#ifndef AUTH_JOSE_ALG_H
#define AUTH_JOSE_ALG_H

#include "auth/jose/key.h"

enum auth_alg { AUTH_RS256, AUTH_RS384, AUTH_RS512, AUTH_ES256, AUTH_ES384, AUTH_ALG_COUNT };

/* Bit of an algorithm in an allow-list. */
#define AUTH_ALG_BIT(alg) (1U << (unsigned)(alg))

/* The algorithm of that exact name (byte for byte), or AUTH_ALG_COUNT, which every function here takes and nothing fits. */
enum auth_alg auth_alg_named(struct auth_view name);
const char *auth_alg_name(enum auth_alg alg);
/* OpenSSL's name of its digest; NULL for AUTH_ALG_COUNT. */
const char *auth_alg_digest(enum auth_alg alg);
/* Can this key make or check signatures of this algorithm? (RSA with RS*, P-256 with ES256, P-384 with ES384) */
bool auth_alg_fits(enum auth_alg alg, const struct auth_key *key);
/* The one algorithm to prefer for a key: RS384, ES256 or ES384. */
enum auth_alg auth_alg_for(const struct auth_key *key);

#endif
