/* What stands in the place of a JWT: a table of how such texts begin, end, or look inside, and what comes out when one wrapping
 * is taken off. */
#include <string.h>

#include "auth/core/encoding.h"
#include "auth/core/text.h"
#include "auth/rules/around.h"
#include "auth/rules/signs.h"

/* The first that fits counts. */
static const struct auth_sign place_signs[] = {
    {AUTH_HOLDS, "<saml", AUTH_CAUSE_PLACE_SAML},
    {AUTH_HOLDS, ":Assertion", AUTH_CAUSE_PLACE_SAML},
    {AUTH_HOLDS, "SAMLResponse=", AUTH_CAUSE_PLACE_SAML},
    {AUTH_HOLDS, "redacted", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "masked", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "[filtered]", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "<hidden>", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "(hidden)", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "removed*", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "[protected]", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "sanitized", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "\xe2\x80\xa2\xe2\x80\xa2", AUTH_CAUSE_ABBREVIATED},
    {AUTH_HOLDS, "\xe2\x97\x8f\xe2\x97\x8f", AUTH_CAUSE_ABBREVIATED},
    {AUTH_IS, "undefined", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "null", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "none", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "nil", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "nan", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "true", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "false", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "(null)", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "void", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "nothing", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "empty", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "(none)", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "<none>", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "nonetype", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "optional(nil)", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "[]", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "{}", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "()", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "-", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "--", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "0", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "-1", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "<nil>", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "\"\"", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_IS, "''", AUTH_CAUSE_PLACE_NOTHING},
    {AUTH_STARTS, "undefined", AUTH_CAUSE_PLACE_NOTHING}, /* 'undefined' + something */
    {AUTH_STARTS, "%!", AUTH_CAUSE_PLACE_NOTHING},        /* Go's %!s(<nil>) */
    {AUTH_HOLDS, "pending", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<Future ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<Task ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<class ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "kotlin.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "[object ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "promise {", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<coroutine ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<function ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<bound method ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<built-in ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_HOLDS, " object at 0x", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "function ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "async ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_HOLDS, "=>", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Optional(", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Some(", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Ok(", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Err(", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Result", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "HASH(0x", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "ARRAY(0x", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "CODE(0x", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "SCALAR(0x", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "0x", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "[L", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "ReadableStream", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Task`", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Task<", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "std::", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<generator ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<async_generator ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<_io.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<Promise", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<Response ", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<__main__.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "System.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "java.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "[B@", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "com.", AUTH_CAUSE_PLACE_OBJECT}, /* com.nimbusds.jwt.SignedJWT@1b2c */
    {AUTH_STARTS, "org.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "io.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Microsoft.", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Buffer", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "<Buffer", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "Uint8Array", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "&{", AUTH_CAUSE_PLACE_OBJECT}, /* Go */
    {AUTH_STARTS, "map[", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "0xc0", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_STARTS, "@{", AUTH_CAUSE_PLACE_OBJECT}, /* PowerShell */
    {AUTH_STARTS, "@Microsoft.KeyVault(", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "ENC(", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "ENC[", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "ssm:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "aws:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "gcp:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "keyvault:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "kms:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "secret://", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "ssm://", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "sops:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "AQICAH", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "vault://", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "${ssm:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "${vault:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "awsssm:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "arn:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "op://", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "vault:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "sm://", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "secretref:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "projects/", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "!Ref", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "!Sub", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "{{resolve:", AUTH_CAUSE_PLACE_REFERENCE},
    {AUTH_STARTS, "#<", AUTH_CAUSE_PLACE_OBJECT},
    {AUTH_IS, "%s", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_IS, "%d", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_IS, "%v", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "@@", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "\\(", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "f\"", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "f'", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "%(", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "##", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "{{", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "{%", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "<%", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "#{", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "BZh", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "7z\xbc\xaf", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "Rar!", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "x\x9c", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "x\x01", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "x\xda", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS,
     "\xfd"
     "7zXZ",
     AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "%PDF", AUTH_CAUSE_PLACE_BINARY},
    {AUTH_STARTS, "bplist", AUTH_CAUSE_PLACE_BINARY},
    {AUTH_STARTS, "$(", AUTH_CAUSE_PLACE_COMMAND},
    {AUTH_STARTS, "`", AUTH_CAUSE_PLACE_COMMAND},
    {AUTH_STARTS, "$", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "%", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "process.env", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "!", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "os.getenv", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "System.getenv", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "ENV[", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "Environment.", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "os.environ", AUTH_CAUSE_PLACE_VARIABLE},
    {AUTH_STARTS, "\x1f\x8b", AUTH_CAUSE_PLACE_PACKED}, /* gzip */
    {AUTH_STARTS, "PK\x03\x04", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "\x28\xb5\x2f\xfd", AUTH_CAUSE_PLACE_PACKED}, /* zstd */
    {AUTH_STARTS, "@", AUTH_CAUSE_PLACE_FILE},
    {AUTH_STARTS, "<?xml", AUTH_CAUSE_PLACE_PAGE},
    {AUTH_STARTS, "<!doctype", AUTH_CAUSE_PLACE_PAGE},
    {AUTH_STARTS, "<html", AUTH_CAUSE_PLACE_PAGE},
    {AUTH_HOLDS, "-----BEGIN ", AUTH_CAUSE_PLACE_KEY},
    {AUTH_HOLDS, "</", AUTH_CAUSE_PLACE_PAGE},
    {AUTH_HOLDS, "xmlns", AUTH_CAUSE_PLACE_PAGE},
    {AUTH_STARTS, "<", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_HOLDS, "your", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "__", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_ENDS, "_here", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "replace", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "insert", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_HOLDS, "placeholder", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "changeme", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "string", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "jwt", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "token", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "client_assertion", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "xxx", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "todo", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "tbd", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "fixme", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "n/a", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "test", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "foo", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "bar", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "foobar", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "dummy", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "sample", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "abc", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "?", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "none yet", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "signed_jwt", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "assertion", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "id_token", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "access_token", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "xyz", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "example", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "header.payload", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "aaa.", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_IS, "a.b.c", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "[jwt", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "[your", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "[token", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_STARTS, "todo", AUTH_CAUSE_PLACE_DOCUMENTATION},
    {AUTH_HOLDS, "\"access_token\"", AUTH_CAUSE_PLACE_ANSWER},
    {AUTH_HOLDS, "'access_token'", AUTH_CAUSE_PLACE_ANSWER},
    {AUTH_HOLDS, "'error'", AUTH_CAUSE_PLACE_ANSWER},
    {AUTH_STARTS, "access_token=", AUTH_CAUSE_PLACE_ANSWER},
    {AUTH_STARTS, "error=", AUTH_CAUSE_PLACE_ANSWER},
    {AUTH_HOLDS, "'kty'", AUTH_CAUSE_PLACE_KEY},
    {AUTH_HOLDS, "\"alg\"", AUTH_CAUSE_PLACE_CLAIMS},
    {AUTH_HOLDS, "'alg'", AUTH_CAUSE_PLACE_CLAIMS},
    {AUTH_HOLDS, "'aud'", AUTH_CAUSE_PLACE_CLAIMS},
    {AUTH_STARTS, "MII", AUTH_CAUSE_PLACE_KEY},
    {AUTH_STARTS, "ssh-", AUTH_CAUSE_PLACE_KEY},
    {AUTH_STARTS, "ecdsa-sha2-", AUTH_CAUSE_PLACE_KEY},
    {AUTH_STARTS, "PuTTY-User-Key-File", AUTH_CAUSE_PLACE_KEY},
    {AUTH_STARTS, "urn:ietf:params:oauth:", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_IS, "client_credentials", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_IS, "RS384", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_IS, "JWT-Bearer", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_IS, "jwt-bearer", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_IS, "system/*.read", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_IS, "invalid_client", AUTH_CAUSE_PLACE_PARAMETER},
    {AUTH_STARTS, "Basic ", AUTH_CAUSE_PLACE_BASIC},
    {AUTH_HOLDS, "\"error\"", AUTH_CAUSE_PLACE_ANSWER},
    {AUTH_HOLDS, "\"kty\"", AUTH_CAUSE_PLACE_KEY},
    {AUTH_HOLDS, "\"signature", AUTH_CAUSE_JSON_JWS},
    {AUTH_HOLDS, "\"payload\"", AUTH_CAUSE_JSON_JWS},
    {AUTH_HOLDS, "\"iss\"", AUTH_CAUSE_PLACE_CLAIMS},
    {AUTH_HOLDS, "'iss'", AUTH_CAUSE_PLACE_CLAIMS},
    {AUTH_HOLDS, "\"aud\"", AUTH_CAUSE_PLACE_CLAIMS},
    {AUTH_STARTS, "{", AUTH_CAUSE_PLACE_TEMPLATE},
    {AUTH_STARTS, "65794a", AUTH_CAUSE_PLACE_BASE64},
    {AUTH_STARTS, "H4sI", AUTH_CAUSE_PLACE_PACKED}, /* base64 of gzip */
    {AUTH_STARTS, "file:", AUTH_CAUSE_PLACE_FILE},
    {AUTH_STARTS, "data:", AUTH_CAUSE_PLACE_BASE64},
    {AUTH_STARTS, "http://", AUTH_CAUSE_PLACE_URL},
    {AUTH_STARTS, "https://", AUTH_CAUSE_PLACE_URL},
    {AUTH_STARTS, "/", AUTH_CAUSE_PLACE_FILE},
    {AUTH_STARTS, "\\\\", AUTH_CAUSE_PLACE_FILE},
    {AUTH_ENDS, ".json", AUTH_CAUSE_PLACE_FILE},
    {AUTH_ENDS, ".key", AUTH_CAUSE_PLACE_FILE},
    {AUTH_ENDS, ".log", AUTH_CAUSE_PLACE_FILE},
    {AUTH_STARTS, "./", AUTH_CAUSE_PLACE_FILE},
    {AUTH_STARTS, "../", AUTH_CAUSE_PLACE_FILE},
    {AUTH_STARTS, "~/", AUTH_CAUSE_PLACE_FILE},
    {AUTH_ENDS, ".jwt", AUTH_CAUSE_PLACE_FILE},
    {AUTH_ENDS, ".txt", AUTH_CAUSE_PLACE_FILE},
    {AUTH_ENDS, ".pem", AUTH_CAUSE_PLACE_FILE},
    {AUTH_HOLDS, "No such file", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "not found", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "Traceback", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "Exception", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "Permission denied", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "error:", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "usage:", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "failed", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "cannot ", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "could not", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "unable to", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "unauthorized", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "invalid ", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "panic:", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "Segmentation", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "denied", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "timed out", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_HOLDS, "at Object.", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_IS, "error", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_IS, "failure", AUTH_CAUSE_PLACE_ERROR},
    {AUTH_STARTS, "[", AUTH_CAUSE_PLACE_DOCUMENTATION},
};

/* ---- encoded once more ---- */

/* How what comes out begins. */
static const struct auth_sign inner_signs[] = {
    {AUTH_HOLDS, "eyJ", AUTH_CAUSE_PLACE_BASE64},       {AUTH_STARTS, "-----BEGIN ", AUTH_CAUSE_PLACE_KEY},
    {AUTH_STARTS, "<sam", AUTH_CAUSE_PLACE_SAML},       {AUTH_STARTS, "<", AUTH_CAUSE_PLACE_PAGE},
    {AUTH_STARTS, "\x1f\x8b", AUTH_CAUSE_PLACE_PACKED}, {AUTH_STARTS, "PK\x03\x04", AUTH_CAUSE_PLACE_PACKED},
    {AUTH_STARTS, "0\x82", AUTH_CAUSE_PLACE_KEY}, /* DER */
};

/* The first bytes tell; what they stand for may be base64 again. */
static enum auth_cause wrapped_cause(struct auth_view text)
{
    enum { START_N = 96, SHORTEST_N = 24, DEEPEST = 5 }; /* 96 are 72 are 54 are 40 are 30, and then too few */
    struct auth_buf layers[DEEPEST];
    enum auth_cause cause = AUTH_CAUSE_NONE;
    int depth = 0;
    while (cause == AUTH_CAUSE_NONE && text.n >= SHORTEST_N) {
        struct auth_buf *inner = &layers[depth++];
        auth_buf_init_secret(inner, START_N);
        text.n = text.n < START_N ? text.n : START_N;
        if (!auth_encoding_base64(text, inner))
            break;
        text = auth_buf_view(inner);
        if (auth_encoding_of(text) == AUTH_ENCODING_UTF16)
            cause = AUTH_CAUSE_PLACE_BASE64;
        else
            cause = auth_signs_first(text, inner_signs, sizeof inner_signs / sizeof *inner_signs);
    }
    while (depth > 0)
        auth_buf_clear(&layers[--depth]);
    return cause;
}

/* ---- by the characters alone ---- */

static bool is_uuid(struct auth_view text)
{
    enum { UUID_N = 36 };
    for (size_t i = 0; i < text.n; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text.p[i] != '-' : auth_text_hex_value(text.p[i]) < 0)
            return false;
    }
    return text.n == UUID_N;
}

static bool is_opaque(struct auth_view text)
{
    static const char also[] = "-_+/=~";
    enum { SHORTEST_N = 20 };
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool is_one = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      memchr(also, c, sizeof also - 1);
        if (!is_one)
            return false;
    }
    return text.n >= SHORTEST_N;
}

enum auth_cause auth_around_nothing(struct auth_view text)
{
    text = auth_view_trim(text);
    if (text.n == 0)
        return AUTH_CAUSE_EMPTY;
    enum auth_cause cause = auth_signs_first(text, place_signs, sizeof place_signs / sizeof *place_signs);
    if (cause == AUTH_CAUSE_NONE)
        cause = wrapped_cause(text);
    if (cause != AUTH_CAUSE_NONE)
        return cause;
    if (is_uuid(text))
        return AUTH_CAUSE_PLACE_PARAMETER;
    if (auth_signs_are_binary(text))
        return AUTH_CAUSE_PLACE_BINARY;
    return is_opaque(text) ? AUTH_CAUSE_PLACE_OPAQUE : AUTH_CAUSE_NONE;
}
