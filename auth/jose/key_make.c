/* Keys are made here: what every source of keys ends in, and new ones. Above jws.c, because a private key proves itself. */
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "auth/jose/crypto_error.h"
#include "auth/jose/jws.h"
#include "auth/jose/key_private.h"

/* ---- making ---- */

/* The verifier that will likely be wanted; this also finds out that the key can verify at all. */
static enum auth_rc prepare_verifier(struct auth_key *key, struct auth_err *err)
{
    enum auth_alg alg = auth_alg_for(key);
    struct auth_verifier *verifier = auth_verifier_take(&key->verifiers[alg], key->pkey, auth_alg_digest(alg));
    if (!verifier)
        return auth_crypto_error(err, "the key cannot verify");
    auth_verifier_give(&key->verifiers[alg], verifier);
    return AUTH_OK;
}

/* A private part that is not the public one's would sign for nobody; better said at start than as "invalid_client".
 * RS256, because the digest info of SHA-384 does not fit the 512 bits that a key to be explained may have. */
static enum auth_rc prove_private(const struct auth_key *key, struct auth_err *err)
{
    enum auth_alg alg = key->type == AUTH_KEY_RSA ? AUTH_RS256 : auth_alg_for(key);
    struct auth_view text = auth_view_from_string("proof");
    struct auth_buf signature;
    auth_buf_init(&signature, AUTH_KEY_BYTES_MAX);
    enum auth_rc rc = auth_jws_sign(key, alg, text, &signature, NULL);
    if (rc == AUTH_OK)
        rc = auth_jws_verify(key, alg, text, auth_buf_view(&signature), NULL);
    auth_buf_clear(&signature);
    if (rc == AUTH_E_SIGNATURE || rc == AUTH_E_CRYPTO)
        return auth_err_set(err, AUTH_E_KEY, "the private part does not belong to the public part of this key");
    return rc == AUTH_OK ? rc : auth_err_set(err, rc, "trying the private key");
}

enum auth_rc auth_key_wrap(EVP_PKEY *pkey, bool is_private, struct auth_key **out, struct auth_err *err)
{
    struct auth_key *key = calloc(1, sizeof *key + AUTH_ALG_COUNT * sizeof *key->verifiers);
    if (!key) {
        EVP_PKEY_free(pkey);
        return auth_err_no_memory(err);
    }
    key->verifiers = (struct auth_verifier_pool *)(key + 1);
    key->pkey = pkey;
    key->is_private = is_private;
    enum auth_rc rc = auth_key_check(key, err);
    if (rc == AUTH_OK)
        rc = prepare_verifier(key, err);
    if (rc == AUTH_OK && is_private)
        rc = prove_private(key, err);
    if (rc == AUTH_OK)
        *out = key;
    else
        auth_key_free(key);
    return rc;
}

/* ---- generating ---- */

enum auth_rc auth_key_generate_rsa(unsigned bits, struct auth_key **out, struct auth_err *err)
{
    if (bits < AUTH_KEY_RSA_BITS_MIN || bits > AUTH_KEY_RSA_BITS_MAX)
        return auth_err_set(err, AUTH_E_ARG, "RSA keys have %d to %d bits", AUTH_KEY_RSA_BITS_MIN,
                            AUTH_KEY_RSA_BITS_MAX);
    EVP_PKEY *pkey = EVP_RSA_gen(bits);
    return pkey ? auth_key_wrap(pkey, true, out, err) : auth_crypto_error(err, "key generation");
}

enum auth_rc auth_key_generate_ec(enum auth_key_type type, struct auth_key **out, struct auth_err *err)
{
    if (type != AUTH_KEY_P256 && type != AUTH_KEY_P384)
        return auth_err_set(err, AUTH_E_ARG, "EC keys are made on P-256 or P-384");
    EVP_PKEY *pkey = EVP_EC_gen(type == AUTH_KEY_P256 ? "P-256" : "P-384");
    return pkey ? auth_key_wrap(pkey, true, out, err) : auth_crypto_error(err, "key generation");
}
