/* What a DER file or the inside of a PEM block is, by the outermost elements of ASN.1: labels and file names are often wrong. */
#ifndef AUTH_JOSE_DER_H
#define AUTH_JOSE_DER_H

#include "auth/core/buf.h"

enum auth_der_kind {
    AUTH_DER_UNKNOWN,
    AUTH_DER_CERTIFICATE,
    AUTH_DER_REQUEST,
    AUTH_DER_PKCS8,
    AUTH_DER_ENCRYPTED,
    AUTH_DER_PKCS1,
    AUTH_DER_SEC1,
    AUTH_DER_PUBLIC,
    AUTH_DER_PUBLIC_PKCS1,
    AUTH_DER_PKCS7,
    AUTH_DER_PKCS12
};

/* Nothing is checked but what tells the kinds apart. */
enum auth_der_kind auth_der_kind_of(struct auth_view bytes);
/* Static texts: the label of its PEM block ("PRIVATE KEY"), what it is ("a private key"), and the command that writes it as PEM. */
const char *auth_der_label(enum auth_der_kind kind);
const char *auth_der_text(enum auth_der_kind kind);
const char *auth_der_command(enum auth_der_kind kind);

#endif
