/* Inside auth/jose only: what OpenSSL's error queue means. Its functions say that something failed; whether the input was
 * bad or memory was short, which is for a caller the difference between "fix your key" and "try again", is found out here. */
#ifndef AUTH_JOSE_CRYPTO_ERROR_H
#define AUTH_JOSE_CRYPTO_ERROR_H

#include <stdbool.h>

#include "auth/core/err.h"

/* Empty OpenSSL's error queue of this thread; true when running out of memory is among what it held. */
bool auth_crypto_drain(void);
/* The same, and record what failed: AUTH_E_NOMEM or AUTH_E_CRYPTO. */
enum auth_rc auth_crypto_error(struct auth_err *err, const char *what);
/* Can memory be had? Not everything in OpenSSL says so when it could not. */
bool auth_crypto_has_memory(void);
/* Loading is done in looks. OpenSSL's decoders lose "out of memory" on its way up and answer as for damaged bytes; who
 * believes that tells somebody that a sound key is bad. So a refusal counts when a second look, with memory at hand,
 * says the same (without it, 162 of the allocations that test_oom.c of auth/rules makes fail end in a wrong refusal):
 *     do
 *         rc = read_x(..., &looks.err);
 *     while (auth_crypto_look_again(&looks, &rc, err));
 * out  rc, err  of the last look */
struct auth_crypto_looks {
    int count;
    struct auth_err err;
};
bool auth_crypto_look_again(struct auth_crypto_looks *looks, enum auth_rc *rc, struct auth_err *err);
/* For results that say "they gave us something bad": AUTH_E_KEY with that detail, or AUTH_E_NOMEM when that is why. */
enum auth_rc auth_crypto_bad_input(struct auth_err *err, const char *detail);

#endif
