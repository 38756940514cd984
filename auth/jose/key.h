/* Keys: RSA and EC (P-256, P-384) from PEM, X.509 certificates and JWK; what a person wants to know about them.
 *
 * A struct auth_key never changes after it is made, so threads may share it. It holds the public part always, the
 * private part when it came from a private key. Weak keys (RSA < 2048 bits) can be loaded so that they can be
 * explained; auth_key_weakness() names the defect and every judge asks it. Keys that would be dangerous even to
 * look at (RSA modulus > 8192 bits or even, exponent even, 1 or > 2^32; explicit EC parameters; points off the
 * curve) are refused here. No function ever prompts on a terminal.
 * Read next: auth/jose/jws.h (signing and verifying), auth/jose/jwk_set.h (JWK Sets). */
#ifndef AUTH_JOSE_KEY_H
#define AUTH_JOSE_KEY_H

#include "auth/core/json.h"

enum auth_key_type { AUTH_KEY_RSA, AUTH_KEY_P256, AUTH_KEY_P384 };

struct auth_key;

void auth_key_free(struct auth_key *key);

/* ---- what did they give us ---- */

enum auth_key_format {
    AUTH_KEY_FORMAT_EMPTY,
    AUTH_KEY_FORMAT_CERTIFICATE, /* PEM "CERTIFICATE" ("TRUSTED CERTIFICATE", "X509 CERTIFICATE" too) */
    AUTH_KEY_FORMAT_PRIVATE,     /* PEM PKCS#1, PKCS#8 or SEC1 */
    AUTH_KEY_FORMAT_ENCRYPTED,   /* PEM private key that needs a passphrase */
    AUTH_KEY_FORMAT_PUBLIC,      /* PEM bare public key */
    AUTH_KEY_FORMAT_REQUEST,     /* PEM certificate signing request */
    AUTH_KEY_FORMAT_OPENSSH,     /* OpenSSH private or public key */
    AUTH_KEY_FORMAT_PKCS12,      /* binary, a .p12 or .pfx file */
    AUTH_KEY_FORMAT_PKCS7,       /* PEM bundle of certificates, .p7b */
    AUTH_KEY_FORMAT_DER,         /* another binary ASN.1 SEQUENCE */
    AUTH_KEY_FORMAT_JWK,         /* JSON object with "kty" */
    AUTH_KEY_FORMAT_JWKS,        /* JSON object with "keys" */
    AUTH_KEY_FORMAT_JSON,        /* other JSON */
    AUTH_KEY_FORMAT_HTML,
    AUTH_KEY_FORMAT_UNKNOWN
};

/* Look at the bytes only, 64 KiB of them at most, which is more than a key has; the first PEM label counts when several
 * follow each other. */
enum auth_key_format auth_key_sniff(struct auth_view bytes);
/* "an X.509 certificate", "a bare public key", ... static, for messages. */
const char *auth_key_format_text(enum auth_key_format format);
/* The same of these very bytes, as exactly as they allow: "base64 of a private key: decode it once (base64 -d)". For what is of
 * no use as it is; nothing of a secret is shown.
 * in   format  what auth_key_sniff() said */
void auth_key_describe(enum auth_key_format format, struct auth_view bytes, struct auth_buf *out);

/* What had to be repaired or overlooked before a PEM text could be read, which others may not do: one clause a line, nothing
 * for a text that is plain. Of the block that is read: the first that is not parameters.
 * out  lines  appended to */
void auth_key_repairs(struct auth_view pem, struct auth_buf *lines);

/* ---- loading ---- */

/* Private key from PEM: PKCS#1, PKCS#8, SEC1; text around the block and CRLF are fine, also a value with literal
 * "\n" in place of line ends, as environment variables hold it.
 * in   passphrase  for an encrypted key; NULL: such a key is AUTH_E_KEY with a message that says so
 * rc   AUTH_E_KEY (detail says what the file is instead, e.g. a certificate, and what to do); AUTH_E_CRYPTO */
AUTH_MUST_CHECK enum auth_rc auth_key_from_private_pem(struct auth_view pem, const char *passphrase,
                                                       struct auth_key **out, struct auth_err *err);
/* Public key of exactly one PEM certificate. Subject, issuer and validity play no part (Epic keeps the key alone, E).
 * Text before BEGIN, CRLF and a missing final newline are fine; a second certificate is AUTH_E_KEY. */
AUTH_MUST_CHECK enum auth_rc auth_key_from_cert(struct auth_view pem, struct auth_key **out, struct auth_err *err);
/* A TLS server's chain, its own certificate first: the public key of that one, and all of them written again as plain
 * PEM, so that what a TLS library is handed was decoded before. Other blocks are left out.
 * out  chain  emptied first
 * rc   AUTH_E_KEY (detail counts to the damaged one, or says what the text is instead; a private key among them) */
AUTH_MUST_CHECK enum auth_rc auth_key_from_chain(struct auth_view pem, struct auth_buf *chain, struct auth_key **out,
                                                 struct auth_err *err);
/* Public key from PEM "PUBLIC KEY" (linting only; Epic does not take these). */
AUTH_MUST_CHECK enum auth_rc auth_key_from_public_pem(struct auth_view pem, struct auth_key **out,
                                                      struct auth_err *err);
/* Public key from a JWK object (RFC 7517, 7518 6): RSA n,e and EC crv,x,y with full-length coordinates, canonical
 * base64url without leading zero octets in n and e. Private members are AUTH_E_KEY unless allow_private, which
 * then loads the private key.
 * rc   AUTH_E_KEY (detail names the member); AUTH_E_ALG (kty or crv this program does not know) */
AUTH_MUST_CHECK enum auth_rc auth_key_from_jwk(const struct auth_json_node *jwk, bool allow_private,
                                               struct auth_key **out, struct auth_err *err);
/* New RSA key. bits 2048..8192. Takes 50-500 ms. */
AUTH_MUST_CHECK enum auth_rc auth_key_generate_rsa(unsigned bits, struct auth_key **out, struct auth_err *err);
/* New EC key on P-256 or P-384. */
AUTH_MUST_CHECK enum auth_rc auth_key_generate_ec(enum auth_key_type type, struct auth_key **out, struct auth_err *err);

/* ---- asking ---- */

enum auth_key_type auth_key_type(const struct auth_key *key);
const char *auth_key_type_text(const struct auth_key *key); /* "RSA", "EC P-256", "EC P-384" */
unsigned auth_key_bits(const struct auth_key *key);         /* modulus or field size */
bool auth_key_is_private(const struct auth_key *key);
/* NULL for a sound key, else a clause such as "RSA of 1024 bits; at least 2048 are required" (lives in the key). */
const char *auth_key_weakness(const struct auth_key *key);
/* Same public key? */
bool auth_key_equal(const struct auth_key *a, const struct auth_key *b);

/* RFC 7638 SHA-256 thumbprint as base64url, 43 characters and NUL; lives in the key. */
const char *auth_key_thumbprint(const struct auth_key *key);

/* What the certificate said, for keys from auth_key_from_cert(); NULL for others. Strings live in the key. */
struct auth_cert_info {
    char sha1[41]; /* upper-case hex of the DER, no colons: what Epic's page shows (E) */
    char sha256[65];
    char *subject; /* RFC 2253, made safe for a terminal */
    int64_t not_before_s, not_after_s;
};
const struct auth_cert_info *auth_key_cert(const struct auth_key *key);

/* ---- writing ---- */

/* PKCS#8 PEM, unencrypted. out must be a secret buffer. rc AUTH_E_KEY when there is no private part. */
AUTH_MUST_CHECK enum auth_rc auth_key_write_private_pem(const struct auth_key *key, struct auth_buf *out,
                                                        struct auth_err *err);
/* Public JWK as an object: kty, the key's members, kid (thumbprint when NULL), alg when not NULL, use "sig". */
AUTH_MUST_CHECK enum auth_rc auth_key_write_jwk(const struct auth_key *key, const char *kid, const char *alg,
                                                struct auth_json_writer *w, struct auth_err *err);
struct auth_cert_request {
    const char *common_name;
    int64_t not_before_s, not_after_s;
    const char *dns_name; /* for a TLS server: its names are then this, localhost, 127.0.0.1 and ::1; NULL: no names */
    const char *ip_address; /* one more, beside dns_name; NULL: none */
    bool is_ca;
};
/* Certificate for `key`, signed by `issuer_key`/`issuer_pem` or self-signed when both are NULL/empty; SHA-384
 * with RSA, random 128-bit serial. Appends PEM. */
AUTH_MUST_CHECK enum auth_rc auth_key_write_cert(const struct auth_key *key, const struct auth_cert_request *request,
                                                 const struct auth_key *issuer_key, struct auth_view issuer_pem,
                                                 struct auth_buf *out, struct auth_err *err);

#endif
