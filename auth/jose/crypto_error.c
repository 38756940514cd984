/* Bad input, no memory, or a failure of OpenSSL's own: told apart by its error queue, and where that is silent by trying. */
#include "auth/jose/crypto_error.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

bool auth_crypto_drain(void)
{
    bool is_nomem = false;
    unsigned long code;
    while ((code = ERR_get_error()) != 0)
        is_nomem = is_nomem || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    return is_nomem;
}

enum auth_rc auth_crypto_error(struct auth_err *err, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    char reason[128] = "no reason given";
    if (code)
        ERR_error_string_n(code, reason, sizeof reason);
    if (auth_crypto_drain())
        return auth_err_set(err, AUTH_E_NOMEM, "%s: out of memory", what);
    return auth_err_set(err, AUTH_E_CRYPTO, "%s: %s", what, reason);
}

enum auth_rc auth_crypto_bad_input(struct auth_err *err, const char *detail)
{
    if (auth_crypto_drain())
        return auth_err_no_memory(err);
    return auth_err_set(err, AUTH_E_KEY, "%s", detail);
}

bool auth_crypto_has_memory(void)
{
    enum { SOME_N = 1024 };
    void *some = OPENSSL_malloc(SOME_N);
    OPENSSL_free(some);
    return some != NULL;
}

bool auth_crypto_look_again(struct auth_crypto_looks *looks, enum auth_rc *rc, struct auth_err *err)
{
    bool is_refused = *rc == AUTH_E_KEY || *rc == AUTH_E_ALG;
    if (is_refused && looks->count++ == 0) {
        auth_err_clear(&looks->err);
        if (auth_crypto_has_memory())
            return true;
        *rc = auth_err_no_memory(&looks->err);
    }
    if (*rc != AUTH_OK)
        auth_err_set(err, *rc, "%s", looks->err.detail);
    return false;
}
