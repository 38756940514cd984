/* The algorithm table. */
#include "auth/jose/alg.h"

static const struct row {
    const char *name;
    enum auth_key_type key_type;
    const char *digest;
} rows[AUTH_ALG_COUNT] = {
    [AUTH_RS256] = {"RS256", AUTH_KEY_RSA, "SHA256"},  [AUTH_RS384] = {"RS384", AUTH_KEY_RSA, "SHA384"},
    [AUTH_RS512] = {"RS512", AUTH_KEY_RSA, "SHA512"},  [AUTH_ES256] = {"ES256", AUTH_KEY_P256, "SHA256"},
    [AUTH_ES384] = {"ES384", AUTH_KEY_P384, "SHA384"},
};

/* The row, or NULL: auth_alg_named() answers AUTH_ALG_COUNT for a name it does not know, and a caller that goes on with
 * that must meet a refusal, not what lies behind the table. */
static const struct row *row_of(enum auth_alg alg)
{
    return (unsigned)alg < AUTH_ALG_COUNT ? &rows[alg] : NULL;
}

enum auth_alg auth_alg_named(struct auth_view name)
{
    for (int i = 0; i < AUTH_ALG_COUNT; i++) {
        if (auth_view_equals(name, rows[i].name))
            return (enum auth_alg)i;
    }
    return AUTH_ALG_COUNT;
}

const char *auth_alg_name(enum auth_alg alg)
{
    const struct row *row = row_of(alg);
    return row ? row->name : "no algorithm";
}

const char *auth_alg_digest(enum auth_alg alg)
{
    const struct row *row = row_of(alg);
    return row ? row->digest : NULL;
}

bool auth_alg_fits(enum auth_alg alg, const struct auth_key *key)
{
    const struct row *row = row_of(alg);
    return row && row->key_type == auth_key_type(key);
}

enum auth_alg auth_alg_for(const struct auth_key *key)
{
    static const enum auth_alg best[] = {
        [AUTH_KEY_RSA] = AUTH_RS384, [AUTH_KEY_P256] = AUTH_ES256, [AUTH_KEY_P384] = AUTH_ES384};
    return best[auth_key_type(key)];
}
