/* The private key that the settings lead to: a file or a text, in any of the forms people keep keys in. */
#ifndef AUTH_CLIENT_KEY_SOURCE_H
#define AUTH_CLIENT_KEY_SOURCE_H

#include "auth/client/config.h"
#include "auth/core/secrets.h"
#include "auth/jose/key.h"

struct auth_key_source {
    struct auth_key *key;
    char *kid;            /* of a JWK; NULL: none */
    const char *remark;   /* what is odd about it; static; NULL: nothing */
    bool is_file_exposed; /* others can read the file */
};

/* Load it, and know key and passphrase as secrets from now on.
 * out  source  caller clears with auth_key_source_clear(), also after a failure
 * rc   AUTH_E_CONFIG (detail: which setting, what it holds, what to do), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_key_source_load(const struct auth_config *config, struct auth_secrets *secrets,
                                                  struct auth_key_source *source, struct auth_err *err);
void auth_key_source_clear(struct auth_key_source *source);

#endif
