/* What an access token looks like: 43 characters, as good as random, or a JWT of about the size of the sandbox's (E, O: about 1,052
 * characters). Clients must treat both as opaque, and so does the mock: the JWT is signed only so that decoders show sane
 * claims, with a key that lives and dies with the process. */
#ifndef MOCK_EPIC_OAUTH_TOKEN_FORMAT_H
#define MOCK_EPIC_OAUTH_TOKEN_FORMAT_H

#include "auth/jose/key.h"
#include "mock_epic/state/random.h"
#include "mock_epic/state/tokens.h"

enum { MOCK_TOKEN_JWT_N = 1052 };

/* Append a new token. out must be a secret buffer.
 * in   jwt_key  private RSA key; NULL: the opaque form
 *      issuer   for the JWT
 * rc   AUTH_E_NOMEM, AUTH_E_CRYPTO, or what mock_random_take() answers */
AUTH_MUST_CHECK enum auth_rc mock_token_format_make(struct mock_random *source, const struct auth_key *jwt_key,
                                                    struct auth_view issuer, const struct mock_token_grant *grant,
                                                    struct auth_buf *out);

#endif
