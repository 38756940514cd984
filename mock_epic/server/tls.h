/* What the server shows over TLS: files that the user gave, or a temporary CA and a certificate of it.
 *
 * The temporary keys live in memory only and die with the process; the CA's certificate is public and is what
 * clients are told to trust. Nothing here touches a socket: server.c hands the PEM texts to libmicrohttpd. */
#ifndef MOCK_EPIC_SERVER_TLS_H
#define MOCK_EPIC_SERVER_TLS_H

#include "auth/core/log.h"

struct mock_tls {
    struct auth_buf certificate; /* PEM, the server's own first */
    struct auth_buf key;         /* PEM; wiped when cleared */
    struct auth_buf authority;   /* PEM of the temporary CA; empty when files were given */
};

void mock_tls_init(struct mock_tls *tls);
void mock_tls_clear(struct mock_tls *tls);

/* A new authority and a certificate for localhost, 127.0.0.1, ::1 and `host`, valid for 30 days around now.
 * in   host  a DNS name or an IP address, without brackets; "" for none
 * rc   AUTH_E_ARG (host is neither); AUTH_E_CRYPTO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_tls_make(const char *host, int64_t now_s, struct mock_tls *tls, struct auth_err *err);

/* The given files: a certificate, others of its chain behind it, and its private key.
 * in   log  a certificate that is not valid now is only warned of
 * rc   AUTH_E_KEY (detail names the file and what is wrong: encrypted, weak, not a pair ...); AUTH_E_NOT_FOUND, AUTH_E_IO */
AUTH_MUST_CHECK enum auth_rc mock_tls_load(const char *certificate_path, const char *key_path, int64_t now_s,
                                           const struct auth_log *log, struct mock_tls *tls, struct auth_err *err);

#endif
