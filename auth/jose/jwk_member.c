/* Tables of how members of a JWK go wrong: numbers in hex, decimal or DER, names in other spellings, purposes that contradict. */
#include "auth/jose/jwk_member.h"

#include <string.h>

#include "auth/core/text.h"

/* ---- numbers ---- */

enum { LONG_N = 40 }; /* characters: beyond it no number of a key is hex or decimal digits by chance */

/* Only characters of the set? */
static bool is_all(struct auth_view text, const char *set)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!text.p[i] || !strchr(set, text.p[i]))
            return false;
    }
    return text.n > 0;
}

/* Hex has some; the zeros of base64url are none. */
static bool has_digit(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] >= '0' && text.p[i] <= '9')
            return true;
    }
    return false;
}

static const char *exponent_fault(struct auth_view text)
{
    static const char *const spellings[] = {"65537", "10001", "010001", "00010001", "0x10001", "0x010001", "AAEAAQ"};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        if (auth_view_equals_nocase(text, spellings[i]))
            return "is 65537 in another spelling: write it \"AQAB\"";
    }
    return NULL;
}

const char *auth_jwk_number_fault(const struct auth_json_node *jwk, const char *member)
{
    struct auth_view text = auth_json_member_string(jwk, member);
    bool is_long = text.n >= LONG_N;
    if (strcmp(member, "e") == 0 && exponent_fault(text))
        return exponent_fault(text);
    if (strcmp(member, "n") == 0 && auth_view_equals(text, "AQAB"))
        return "is the exponent: n and e are swapped";
    if (auth_view_contains(text, "-----BEGIN"))
        return "is a PEM text; a JWK wants the number alone, in base64url";
    if (is_long && auth_view_starts(text, "MII"))
        return "is a whole key or certificate in DER; a JWK wants the number alone: make the JWK with 'epic-auth key jwks'";
    if (is_long && is_all(text, "0123456789"))
        return "has decimal digits only: it is decimal, not base64url: encode its bytes in base64url";
    if (is_long && has_digit(text) && is_all(text, "0123456789abcdefABCDEF"))
        return "has hex digits only: it is hex, not base64url: encode its bytes in base64url";
    if (is_long && has_digit(text) && (auth_view_starts(text, "0x") || is_all(text, "0123456789abcdefABCDEF: \t\r\n")))
        return "is hex, as openssl prints it, not base64url: encode its bytes in base64url";
    return NULL;
}

const char *auth_jwk_bytes_fault(struct auth_view bytes, bool is_exact)
{
    if (!is_exact && bytes.p[0] == 0)
        return "starts with a zero byte (RFC 7518 2), the sign byte of Java's BigInteger: drop that byte before encoding";
    if (bytes.n >= LONG_N && is_all(bytes, "0123456789abcdefABCDEF"))
        return "is base64url of hex text: encode the bytes that the hex stands for";
    return NULL;
}

/* ---- types ---- */

static bool has(const struct auth_json_node *jwk, const char *member)
{
    return auth_json_member(jwk, member) != NULL;
}

const char *auth_jwk_type_fault(const struct auth_json_node *jwk)
{
    struct auth_view kty = auth_json_member_string(jwk, "kty");
    if (auth_view_equals(kty, "RSA") && !has(jwk, "n") && (has(jwk, "x") || has(jwk, "crv")))
        return "kty is RSA, and the members are those of an EC key";
    if (auth_view_equals(kty, "EC") && !has(jwk, "x") && has(jwk, "n"))
        return "kty is EC, and the members are those of an RSA key";
    return NULL;
}

/* ---- purposes ---- */

static bool has_operation(const struct auth_json_node *operations, const char *name)
{
    for (const struct auth_json_node *node = auth_json_first(operations); node; node = auth_json_next(node)) {
        if (auth_view_equals(auth_json_string(node), name))
            return true;
    }
    return false;
}

static const char *use_fault(struct auth_view use)
{
    if (auth_view_equals(use, "sig"))
        return NULL;
    if (auth_view_equals_nocase(use, "enc"))
        return "its \"use\" is \"enc\", a key for encryption: publish one for signatures, with use sig or none";
    bool is_meant = auth_view_equals_nocase(use, "sig") || auth_view_equals_nocase(use, "sign") ||
                    auth_view_equals_nocase(use, "signature") || auth_view_equals_nocase(use, "signing");
    return is_meant ? "its \"use\" is another spelling of \"sig\": write it so, or leave it out"
                    : "its \"use\" is not \"sig\": write it so, or leave it out";
}

const char *auth_jwk_purpose_fault(const struct auth_json_node *jwk)
{
    const struct auth_json_node *use = auth_json_member(jwk, "use"), *operations = auth_json_member(jwk, "key_ops");
    const char *fault = use ? use_fault(auth_json_string(use)) : NULL;
    if (fault || !operations || has_operation(operations, "verify"))
        return fault;
    if (auth_json_type(operations) != AUTH_JSON_ARRAY)
        return "its \"key_ops\" is no array: write [\"verify\"], or leave it out";
    if (has_operation(operations, "sign"))
        return "its \"key_ops\" lacks \"verify\" and has \"sign\", as a private key has: write [\"verify\"], or leave it out";
    return "its \"key_ops\" lacks \"verify\": it is a key for encryption, or the member was meant otherwise; leave it out";
}

const char *auth_jwk_alg_fault(struct auth_view alg)
{
    static const struct {
        const char *start, *fault;
    } rows[] = {
        {"PS", ": RSA-PSS, which Epic does not take; sign with RS384, and write that or leave alg out"},
        {"RSA-OAEP", ": an algorithm of encryption; publish a key for signatures"},
        {"RSA1_5", ": an algorithm of encryption; publish a key for signatures"},
        {"ECDH", ": an algorithm of encryption; publish a key for signatures"},
        {"HS", ": a symmetric algorithm, which has no public key; write RS384, or leave alg out"},
        {"EdDSA", ": not taken; ES384 with a P-384 key is"},
        {"ES512", ": not taken; ES384 with a P-384 key is"},
        {"SHA", ": a hash alone; write RS384, or leave alg out"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_starts(alg, rows[i].start))
            return rows[i].fault;
    }
    return "";
}
