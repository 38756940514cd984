/* Settings of OpenSSL for a whole program. */
#ifndef AUTH_JOSE_OPENSSL_H
#define AUTH_JOSE_OPENSSL_H

/* Before anything else of auth/jose: openssl.cnf and OPENSSL_CONF play no part in this process. For a program whose verdicts
 * must be the same on every machine; one that uses somebody's keys leaves the choice of providers to him. */
void auth_openssl_ignore_settings(void);

#endif
