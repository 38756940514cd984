/* A reader of tags and lengths, three levels deep at most. */
#include "auth/jose/der.h"

enum { INTEGER = 0x02, BIT_STRING = 0x03, OCTET_STRING = 0x04, OID = 0x06, SEQUENCE = 0x30, CONTEXT_0 = 0xa0 };

static unsigned tag_of(struct auth_view der)
{
    return der.n ? (unsigned char)der.p[0] : 0;
}

/* Cut the next element off; *inside is its content. */
static bool next_element(struct auth_view *der, struct auth_view *inside)
{
    const unsigned char *p = (const unsigned char *)der->p;
    if (der->n < 2)
        return false;
    size_t count = p[1] & 0x80U ? p[1] & 0x7fU : 0, length = count ? 0 : p[1];
    if (count > 3 || der->n < 2 + count)
        return false;
    for (size_t i = 0; i < count; i++)
        length = length << 8 | p[2 + i];
    if (length > der->n - 2 - count)
        return false;
    *inside = auth_view_bytes(p + 2 + count, length);
    *der = auth_view_from(*der, 2 + count + length);
    return true;
}

/* Behind an INTEGER: the version of a private key or a PKCS#12 file, or the modulus of a public key. */
static enum auth_der_kind kind_by_number(struct auth_view number, struct auth_view rest)
{
    if (number.n != 1)
        return AUTH_DER_PUBLIC_PKCS1;
    if (number.p[0] == 3)
        return AUTH_DER_PKCS12;
    switch (tag_of(rest)) {
    case SEQUENCE:
        return AUTH_DER_PKCS8;
    case INTEGER:
        return AUTH_DER_PKCS1;
    case OCTET_STRING:
        return AUTH_DER_SEC1;
    default:
        return AUTH_DER_UNKNOWN;
    }
}

/* A SEQUENCE in the SEQUENCE, and what stands behind it. */
static enum auth_der_kind kind_by_sequence(struct auth_view inner, struct auth_view rest)
{
    switch (tag_of(inner)) {
    case CONTEXT_0:
        return AUTH_DER_CERTIFICATE;
    case INTEGER:
        return AUTH_DER_REQUEST;
    case OID:
        return tag_of(rest) == BIT_STRING     ? AUTH_DER_PUBLIC
               : tag_of(rest) == OCTET_STRING ? AUTH_DER_ENCRYPTED
                                              : AUTH_DER_UNKNOWN;
    default:
        return AUTH_DER_UNKNOWN;
    }
}

enum auth_der_kind auth_der_kind_of(struct auth_view bytes)
{
    struct auth_view outer, first;
    if (tag_of(bytes) != SEQUENCE || !next_element(&bytes, &outer))
        return AUTH_DER_UNKNOWN;
    unsigned tag = tag_of(outer);
    if (tag == OID)
        return AUTH_DER_PKCS7;
    if (!next_element(&outer, &first))
        return AUTH_DER_UNKNOWN;
    return tag == INTEGER    ? kind_by_number(first, outer)
           : tag == SEQUENCE ? kind_by_sequence(first, outer)
                             : AUTH_DER_UNKNOWN;
}

static const struct {
    const char *label, *text, *command;
} kinds[] = {
    [AUTH_DER_UNKNOWN] = {"", "ASN.1 of another kind", ""},
    [AUTH_DER_CERTIFICATE] = {"CERTIFICATE", "an X.509 certificate", "openssl x509 -inform DER -in FILE -out cert.pem"},
    [AUTH_DER_REQUEST] = {"CERTIFICATE REQUEST", "a certificate signing request",
                          "openssl req -inform DER -in FILE -out request.pem"},
    [AUTH_DER_PKCS8] = {"PRIVATE KEY", "a private key", "openssl pkey -inform DER -in FILE -out key.pem"},
    [AUTH_DER_ENCRYPTED] = {"ENCRYPTED PRIVATE KEY", "an encrypted private key",
                            "openssl pkey -inform DER -in FILE -out key.pem"},
    [AUTH_DER_PKCS1] = {"RSA PRIVATE KEY", "a private key of PKCS#1", "openssl pkey -inform DER -in FILE -out key.pem"},
    [AUTH_DER_SEC1] = {"EC PRIVATE KEY", "a private key of EC", "openssl pkey -inform DER -in FILE -out key.pem"},
    [AUTH_DER_PUBLIC] = {"PUBLIC KEY", "a bare public key", "openssl pkey -pubin -inform DER -in FILE -out pub.pem"},
    [AUTH_DER_PUBLIC_PKCS1] = {"RSA PUBLIC KEY", "a bare public key of PKCS#1",
                               "openssl rsa -RSAPublicKey_in -inform DER -in FILE -out pub.pem"},
    [AUTH_DER_PKCS7] = {"PKCS7", "a PKCS#7 bundle", "openssl pkcs7 -inform DER -print_certs -in FILE -out cert.pem"},
    [AUTH_DER_PKCS12] = {"", "a PKCS#12 file", "openssl pkcs12 -in FILE -nodes -out all.pem"},
};

const char *auth_der_label(enum auth_der_kind kind)
{
    return kinds[kind].label;
}

const char *auth_der_text(enum auth_der_kind kind)
{
    return kinds[kind].text;
}

const char *auth_der_command(enum auth_der_kind kind)
{
    return kinds[kind].command;
}
