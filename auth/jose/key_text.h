/* A private key in whatever text people keep it in: PEM, a JWK or JWK Set with private members (as mkjwk and bulk data
 * clients have them), or base64 of one of these (as secret stores have them). */
#ifndef AUTH_JOSE_KEY_TEXT_H
#define AUTH_JOSE_KEY_TEXT_H

#include "auth/jose/key.h"

/* What is asked for; both may be NULL. */
struct auth_key_text_wanted {
    const char *passphrase; /* of an encrypted PEM */
    const char *kid;        /* chooses among the private keys of a JWK Set */
};

/* What was found beside the key. */
struct auth_key_text_found {
    char *kid;       /* of the JWK; NULL: none. Caller frees */
    bool was_base64; /* the text was base64 of what holds the key */
    bool is_jwk;     /* JSON: from it a public JWK Set can be had, and it must never be published itself */
};

/* rc   AUTH_E_KEY (detail: what it is instead, what to do); AUTH_E_CRYPTO, AUTH_E_NOMEM, AUTH_E_TOO_BIG (64 KiB)
 * in   wanted  may be NULL
 * out  *out    caller frees with auth_key_free(); found: always filled, may be NULL */
AUTH_MUST_CHECK enum auth_rc auth_key_from_private_text(struct auth_view text,
                                                        const struct auth_key_text_wanted *wanted,
                                                        struct auth_key **out, struct auth_key_text_found *found,
                                                        struct auth_err *err);

#endif
