/* What did they give us? By the bytes alone, and said so that a person knows what to fetch instead. */
#include <string.h>

#include "auth/core/text.h"
#include "auth/jose/key_private.h"
#include "auth/jose/pem.h"

/* ---- PEM ---- */

static enum auth_key_format sniff_label(struct auth_pem_block block)
{
    static const struct {
        const char *label;
        enum auth_key_format format;
    } rows[] = {
        // clang-format off
        {"CERTIFICATE", AUTH_KEY_FORMAT_CERTIFICATE},
        {"X509 CERTIFICATE", AUTH_KEY_FORMAT_CERTIFICATE},
        {"TRUSTED CERTIFICATE", AUTH_KEY_FORMAT_CERTIFICATE},
        {"PRIVATE KEY", AUTH_KEY_FORMAT_PRIVATE},
        {"RSA PRIVATE KEY", AUTH_KEY_FORMAT_PRIVATE},
        {"EC PRIVATE KEY", AUTH_KEY_FORMAT_PRIVATE},
        {"DSA PRIVATE KEY", AUTH_KEY_FORMAT_PRIVATE}, /* of no use, but loading it says why */
        {"ENCRYPTED PRIVATE KEY", AUTH_KEY_FORMAT_ENCRYPTED},
        {"PUBLIC KEY", AUTH_KEY_FORMAT_PUBLIC},
        {"RSA PUBLIC KEY", AUTH_KEY_FORMAT_PUBLIC},
        {"CERTIFICATE REQUEST", AUTH_KEY_FORMAT_REQUEST},
        {"NEW CERTIFICATE REQUEST", AUTH_KEY_FORMAT_REQUEST},
        {"OPENSSH PRIVATE KEY", AUTH_KEY_FORMAT_OPENSSH},
        {"PKCS7", AUTH_KEY_FORMAT_PKCS7},
        // clang-format on
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!auth_view_equals(block.label, rows[i].label))
            continue;
        bool is_encrypted =
            rows[i].format == AUTH_KEY_FORMAT_PRIVATE && auth_view_contains(block.body, "Proc-Type: 4,ENCRYPTED");
        return is_encrypted ? AUTH_KEY_FORMAT_ENCRYPTED : rows[i].format;
    }
    return AUTH_KEY_FORMAT_UNKNOWN;
}

/* The block that decides: the first that is not parameters. */
bool auth_key_first_block(struct auth_view text, struct auth_pem_block *block)
{
    size_t cursor = 0;
    while (auth_pem_next(text, &cursor, block)) {
        if (!auth_pem_is_parameters(block->label))
            return true;
    }
    return false;
}

/* ---- everything else ---- */

static enum auth_key_format sniff_json(struct auth_view text)
{
    struct auth_view value;
    if (auth_json_raw_member(text, "keys", &value))
        return AUTH_KEY_FORMAT_JWKS;
    return auth_json_raw_member(text, "kty", &value) ? AUTH_KEY_FORMAT_JWK : AUTH_KEY_FORMAT_JSON;
}

/* A SEQUENCE whose length is that of the file (short form, as small EC keys have, or one to three length bytes). */
static bool is_der(struct auth_view bytes)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    if (bytes.n < 2 || p[0] != 0x30)
        return false;
    size_t count = p[1] & 0x80U ? p[1] & 0x7fU : 0, length = count ? 0 : p[1];
    if (count > 3 || bytes.n < 2 + count)
        return false;
    for (size_t i = 0; i < count; i++)
        length = length << 8 | p[2 + i];
    return length == bytes.n - 2 - count;
}

/* RFC 7292 4: a PFX begins with INTEGER 3; a certificate begins with a SEQUENCE, a private key with INTEGER 0 or 1. */
static enum auth_key_format sniff_der(struct auth_view bytes)
{
    static const char version_3[] = {2, 1, 3};
    size_t at = 2 + ((unsigned char)bytes.p[1] & 0x80U ? (unsigned char)bytes.p[1] & 0x7fU : 0);
    bool is_pfx = bytes.n >= at + sizeof version_3 && memcmp(bytes.p + at, version_3, sizeof version_3) == 0;
    return is_pfx ? AUTH_KEY_FORMAT_PKCS12 : AUTH_KEY_FORMAT_DER;
}

/* What is looked at: no more than a key has, since a megabyte may be anything, and without a byte order mark. */
static struct auth_view start_of(struct auth_view bytes)
{
    if (bytes.n > AUTH_KEY_TEXT_MAX)
        bytes.n = AUTH_KEY_TEXT_MAX;
    return auth_view_starts(bytes, "\xef\xbb\xbf") ? auth_view_from(bytes, 3) : bytes;
}

enum auth_key_format auth_key_sniff(struct auth_view bytes)
{
    struct auth_view text = auth_view_trim(start_of(bytes));
    struct auth_pem_block block;
    if (text.n == 0)
        return AUTH_KEY_FORMAT_EMPTY;
    if (is_der(bytes)) /* before the search for markers: a certificate may quote some */
        return sniff_der(bytes);
    if (auth_json_check(text, NULL) == AUTH_OK) /* before it too: a kid may look like one */
        return sniff_json(text);
    if (auth_key_first_block(text, &block))
        return sniff_label(block);
    if (text.p[0] == '<')
        return AUTH_KEY_FORMAT_HTML;
    if (auth_view_starts(text, "ssh-") || auth_view_starts(text, "ecdsa-sha2-"))
        return AUTH_KEY_FORMAT_OPENSSH;
    return AUTH_KEY_FORMAT_UNKNOWN;
}

/* ---- for people ---- */

const char *auth_key_format_text(enum auth_key_format format)
{
    static const char *const texts[] = {
        [AUTH_KEY_FORMAT_EMPTY] = "empty",
        [AUTH_KEY_FORMAT_CERTIFICATE] = "an X.509 certificate",
        [AUTH_KEY_FORMAT_PRIVATE] = "a private key",
        [AUTH_KEY_FORMAT_ENCRYPTED] = "an encrypted private key",
        [AUTH_KEY_FORMAT_PUBLIC] = "a bare public key",
        [AUTH_KEY_FORMAT_REQUEST] = "a certificate signing request",
        [AUTH_KEY_FORMAT_OPENSSH] = "a key in OpenSSH's own format",
        [AUTH_KEY_FORMAT_PKCS12] = "a PKCS#12 file",
        [AUTH_KEY_FORMAT_PKCS7] = "a PKCS#7 bundle",
        [AUTH_KEY_FORMAT_DER] = "binary DER",
        [AUTH_KEY_FORMAT_JWK] = "a JWK",
        [AUTH_KEY_FORMAT_JWKS] = "a JWK Set",
        [AUTH_KEY_FORMAT_JSON] = "JSON that is no JWK Set",
        [AUTH_KEY_FORMAT_HTML] = "an HTML page",
        [AUTH_KEY_FORMAT_UNKNOWN] = "no key, certificate or JWK Set that this program knows",
    };
    return texts[format];
}
