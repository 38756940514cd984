/* The registered key as the linter is given it: a certificate, a JWK Set, or the URL of one.
 *
 * A file that is there but cannot serve as a key is a finding (the server would refuse it too), not a failure to run; so is
 * a URL that does not give a JWK Set to whoever asks. */
#ifndef CONFORMANCE_LINTER_KEYS_H
#define CONFORMANCE_LINTER_KEYS_H

#include "auth/rules/rules.h"

struct conf_keys_options {
    const char *certificate, *jwks, *jwks_url; /* the certificate alone; or a file, a URL, or both: see below */
    const char *ca_file;
};

struct conf_keys {
    enum auth_key_source source;
    struct auth_jwk_set set;  /* empty when there is a problem */
    struct auth_err problem;  /* detail empty: none */
    struct auth_buf warnings; /* what was mended to read it, and what others may refuse: one clause a line */
};

/* With a URL alone it is fetched, once, through a proxy where the environment names one; with a file as well the file stands for what the URL will serve, and nothing is
 * fetched. A file alone is a set uploaded to the app page.
 * out  keys  init by this call; caller clears with conf_keys_clear()
 * rc   AUTH_E_ARG (no choice, or two); AUTH_E_IO and its like: the file cannot be read */
AUTH_MUST_CHECK enum auth_rc conf_keys_load(const struct conf_keys_options *options, struct conf_keys *keys,
                                            struct auth_err *err);
void conf_keys_clear(struct conf_keys *keys);

#endif
