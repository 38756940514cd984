/* What is said to OpenSSL once, before it is used. */
#include "auth/jose/openssl.h"

#include <openssl/crypto.h>

void auth_openssl_ignore_settings(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL); /* without memory the settings are read, no worse */
}
