/* The keys that a case may sign with or register, by name. */
#ifndef CONFORMANCE_SUITE_TEST_KEYS_H
#define CONFORMANCE_SUITE_TEST_KEYS_H

#include "auth/jose/key.h"

/* A public test key of fixtures/keys: "rsa1024_a", "rsa2048_a", "rsa2048_b", "rsa4096_a", "p256_a", "p384_a". Worthless as a secret.
 * out  key  caller frees with auth_key_free()
 * rc   AUTH_E_NOT_FOUND: none has that name */
AUTH_MUST_CHECK enum auth_rc conf_test_key(struct auth_view name, struct auth_key **key, struct auth_err *err);

#endif
