/* PEM texts as people paste them, found and cleaned before OpenSSL reads them. */
#ifndef AUTH_JOSE_PEM_H
#define AUTH_JOSE_PEM_H

#include "auth/core/buf.h"

#define AUTH_PEM_BEGIN "-----BEGIN "
#define AUTH_PEM_END "-----END "
#define AUTH_PEM_DASHES "-----"

/* One block of a PEM text; both borrowed. */
struct auth_pem_block {
    struct auth_view label;
    struct auth_view body; /* between the markers, as it came */
};

/* Walk the blocks: *cursor starts at 0. False when there is no further BEGIN marker.
 * out  body.p is NULL when the END marker is missing or has another label */
bool auth_pem_next(struct auth_view text, size_t *cursor, struct auth_pem_block *block);
/* A block of parameters only, as openssl ecparam writes in front of the key. */
bool auth_pem_is_parameters(struct auth_view label);
bool auth_pem_is_private(struct auth_view label);
/* The first block that is not parameters, in the shape that OpenSSL reads.
 * out  clean  init by this call as a secret; caller clears, also after a failure
 * rc   AUTH_E_KEY (cut off, or bytes in it that are no base64), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_pem_clean(struct auth_view text, struct auth_buf *clean, struct auth_err *err);
/* For every PEM call. passphrase: a string or NULL. Without this OpenSSL asks /dev/tty and hangs a daemon. */
int auth_pem_passphrase(char *to, int size, int is_writing, void *passphrase);

#endif
