/* JWK Sets (RFC 7517 5): a list of keys with the members that choose among them.
 *
 * Entries of an unknown kty, or that cannot be used, are kept as "ignored" with the reason, because "your key is in
 * the set but ..." is what a person needs to hear. */
#ifndef AUTH_JOSE_JWK_SET_H
#define AUTH_JOSE_JWK_SET_H

#include "auth/jose/key.h"

enum { AUTH_JWK_SET_KEYS_MAX = 64 };

struct auth_jwk_set_entry {
    struct auth_key *key; /* NULL: ignored, and `ignored` says why */
    char *kid;            /* NULL when absent */
    size_t kid_n;
    char *alg;                   /* NULL when absent */
    bool for_signing;            /* use is absent or "sig", and key_ops is absent or contains "verify" */
    const char *not_for_signing; /* why not; static, NULL when it is */
    const char *doubt; /* the key is used, but a member contradicts it, or it is odd; static, NULL when there is none */
    char *ignored;
};

struct auth_jwk_set {
    struct auth_jwk_set_entry *entries;
    size_t count;
    bool is_single; /* it was one JWK, and no set */
};

/* Parse a JWK Set, or a single JWK (a set of one). Private members make the whole set AUTH_E_KEY: somebody is about
 * to publish a private key. Two entries with one kid are allowed here (the judge decides,
 * and auth_jwk_set_warnings() names them).
 * out  init by this call; caller clears with auth_jwk_set_clear()
 * rc   AUTH_E_SYNTAX (broken JSON, no "keys" array); AUTH_E_KEY (also something else altogether, which is named); AUTH_E_TOO_BIG (> 64 keys) */
AUTH_MUST_CHECK enum auth_rc auth_jwk_set_parse(struct auth_view text, struct auth_jwk_set *out, struct auth_err *err);
/* A set of one, without a kid. Takes the key in every case. rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_jwk_set_of_key(struct auth_key *key, struct auth_jwk_set *out);
void auth_jwk_set_clear(struct auth_jwk_set *set);
/* Its kid; the empty view when it has none. */
struct auth_view auth_jwk_set_kid(const struct auth_jwk_set_entry *entry);
/* Is this its kid? Byte by byte; an entry without one has none, not the empty one. */
bool auth_jwk_set_has_kid(const struct auth_jwk_set_entry *entry, struct auth_view kid);
/* Number of entries whose key can be used. */
size_t auth_jwk_set_usable(const struct auth_jwk_set *set);
/* What a person should know about a set that could be read: entries that are not used, and why; two of one kid and type; a
 * JWK that is no set. One clause a line, safe for a terminal.
 * out  lines  appended to */
void auth_jwk_set_warnings(const struct auth_jwk_set *set, struct auth_buf *lines);
/* Why a set has no usable key: the reason of its first unusable entry, or that it is empty. Static, or in the set. */
const char *auth_jwk_set_problem(const struct auth_jwk_set *set);

#endif
