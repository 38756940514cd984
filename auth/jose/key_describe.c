/* What a file is that is no key, certificate or JWK Set: said so that a person knows what to do with it. */
#include <stdio.h>
#include <string.h>

#include "auth/core/encoding.h"
#include "auth/core/text.h"
#include "auth/jose/crypto_error.h"
#include "auth/jose/der.h"
#include "auth/jose/key_private.h"
#include "auth/jose/pem.h"

/* ---- by how it begins, or what it holds ---- */

enum where { STARTS, HOLDS, IS };

struct sign {
    enum where where;
    const char *text, *what;
};

static const struct sign signs[] = {
    {STARTS, "\xfe\xed\xfe\xed",
     "a Java keystore (JKS): keytool -exportcert -rfc writes its certificate, keytool -importkeystore "
     "-deststoretype PKCS12 makes a .p12 of it for the key"},
    {STARTS, "\xce\xce\xce\xce",
     "a Java keystore (JCEKS): keytool -exportcert -rfc writes its certificate, keytool -importkeystore "
     "-deststoretype PKCS12 makes a .p12 of it for the key"},
    {STARTS, "\x1f\x8b", "compressed by gzip: gunzip it first"},
    {STARTS, "PK\x03\x04", "a ZIP archive: unpack it first"},
    {STARTS, "BZh", "compressed by bzip2: unpack it first"},
    {STARTS,
     "\xfd"
     "7zXZ",
     "compressed by xz: unpack it first"},
    {STARTS, "\x28\xb5\x2f\xfd", "compressed by zstd: unpack it first"},
    {STARTS, "%PDF", "a PDF document"},
    {STARTS, "PuTTY-User-Key-File",
     "a key of PuTTY: export it in PuTTYgen, Conversions, as an OpenSSH key, and convert that"},
    {STARTS, "---- BEGIN SSH2", "an SSH2 public key, of no use here"},
    {STARTS, "<RSAKeyValue", "an XML key of .NET: ExportPkcs8PrivateKeyPem() writes the private one as PEM"},
    {STARTS, "Modulus=", "the modulus alone, as openssl -modulus prints it"},
    {STARTS, "{{", "a variable of Postman or of a template that was not filled in"},
    {STARTS, "$ANSIBLE_VAULT", "a file that ansible-vault encrypted: ansible-vault decrypt opens it"},
    {STARTS, "$", "a variable or command that no shell has replaced"},
    {IS, "undefined", "the undefined or null of a program, turned into text"},
    {IS, "null", "the undefined or null of a program, turned into text"},
    {IS, "None", "the undefined or null of a program, turned into text"},
    {HOLDS, "begin private",
     "a PEM block with damaged markers: there must be BEGIN and END in capitals, and blanks between the words"},
    {HOLDS, "begin rsa",
     "a PEM block with damaged markers: there must be BEGIN and END in capitals, and blanks between the words"},
    {HOLDS, "begin cert",
     "a PEM block with damaged markers: there must be BEGIN and END in capitals, and blanks between the words"},
    {HOLDS, "BEGINPRIVATE",
     "a PEM block with damaged markers: there must be BEGIN and END in capitals, and blanks between the words"},
    {HOLDS, "BEGINCERT",
     "a PEM block with damaged markers: there must be BEGIN and END in capitals, and blanks between the words"},
    {HOLDS, "BEGIN+", "a PEM text that was percent-encoded: decode it once"},
    {HOLDS, "BEGIN%20", "a PEM text that was percent-encoded: decode it once"},
    {HOLDS, "BEGIN\xc2\xa0", "a PEM block whose blanks are no-break spaces, as of a word processor or a web page"},
    {STARTS, "AGE-SECRET-KEY-", "a key of age, for encryption"},
    {STARTS, "SQLite format 3", "a database, as NSS and browsers keep their keys in"},
    {STARTS, "version https://git-lfs", "the pointer of Git LFS to a file: git lfs pull fetches it"},
    {HOLDS, "ENC[AES256_GCM", "a file that sops encrypted: sops -d opens it"},
    {STARTS, "Keystore type:", "what keytool lists of a keystore: keytool -exportcert -rfc writes the certificate"},
    {HOLDS, "ssh-rsa AAAA", "a line of OpenSSH with a public key: known_hosts or authorized_keys"},
    {HOLDS, "No such file", "the message of an error, not a file's content"},
    {HOLDS, "Permission denied", "the message of an error, not a file's content"},
    {STARTS, "curl: (", "the message of an error, not a file's content"},
    {STARTS, "Traceback", "the message of an error, not a file's content"},
    {STARTS, "* ", "what curl -v shows: the body alone is the JWK Set"},
    {STARTS, "< HTTP/", "what curl -v shows: the body alone is the JWK Set"},
    {STARTS, "```", "a fenced block of Markdown: take the fence off"},
    {STARTS, "callback(", "code: the JSON in it alone is the JWK Set"},
    {STARTS, "<EntityDescriptor", "metadata of SAML"},
    {STARTS, "<md:EntityDescriptor", "metadata of SAML"},
    {STARTS, "/u3+7Q", "base64 of a Java keystore (JKS)"},
    {STARTS, "H4sI", "base64 of a compressed file: decode it once, then unpack it"},
    {HOLDS, "BEGIN PRIVATE",
     "a PEM block with damaged markers: there must be exactly five plain dashes on both sides of BEGIN ..."},
    {HOLDS, "BEGIN RSA",
     "a PEM block with damaged markers: there must be exactly five plain dashes on both sides of BEGIN ..."},
    {HOLDS, "BEGIN CERT",
     "a PEM block with damaged markers: there must be exactly five plain dashes on both sides of BEGIN ..."},
    {HOLDS, "-----END ", "half a PEM block: its first line, -----BEGIN ...-----, is missing"},
    {STARTS, "Certificate:", "the text of a certificate without the certificate, as openssl x509 -text prints it"},
    {STARTS, "Private-Key:", "the numbers of a key without the key, as openssl -text prints it"},
    {STARTS, "RSA Private-Key:", "the numbers of a key without the key, as openssl -text prints it"},
    {STARTS, "Public-Key:", "the numbers of a key without the key, as openssl -text prints it"},
    {STARTS, "eyJ", "a JWT, not a key"},
    {STARTS, "https://", "a URL, not what it leads to"},
    {STARTS, "http://", "a URL, not what it leads to"},
    {STARTS, "HTTP/", "an answer of HTTP with its headers: its body alone is the JWK Set"},
    {STARTS,
     "\x89"
     "PNG",
     "a picture"},
    {STARTS, "\xff\xd8\xff", "a picture"},
    {STARTS, "arn:", "the reference to a secret, which nothing has looked up"},
    {STARTS, "op://", "the reference to a secret, which nothing has looked up"},
    {STARTS, "vault:", "the reference to a secret, which nothing has looked up"},
    {STARTS, "@Microsoft.KeyVault(", "the reference to a secret, which nothing has looked up"},
    {STARTS, "const ", "code: the JSON in it alone is the JWK Set"},
    {STARTS, "var ", "code: the JSON in it alone is the JWK Set"},
    {STARTS, "export ", "code: the JSON in it alone is the JWK Set"},
    {STARTS, "module.exports", "code: the JSON in it alone is the JWK Set"},
    {STARTS, "keys:", "YAML; a JWK Set is JSON"},
    {HOLDS, "LS0tLS1CRUdJTi", "text with base64 of a PEM text in it: take that out and decode it once (base64 -d)"},
    {HOLDS, "Fingerprint=", "a fingerprint of a certificate, not the certificate"},
    {HOLDS, "\nkind: Secret", "a Secret of Kubernetes: take the value of its entry out and decode it once (base64 -d)"},
};

static const char *sign_of(struct auth_view text)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const char *sign = signs[i].text;
        bool fits = signs[i].where == STARTS  ? auth_view_starts(text, sign)
                    : signs[i].where == HOLDS ? auth_view_contains(text, sign)
                                              : auth_view_equals(text, sign);
        if (fits)
            return signs[i].what;
    }
    return NULL;
}

static bool is_file_name(struct auth_view text)
{
    bool is_line = text.n < 256 && auth_view_find(text, '\n') == text.n && auth_view_find(text, ' ') == text.n;
    return is_line && (auth_view_ends(text, ".pem") || auth_view_ends(text, ".key") || auth_view_ends(text, ".json") ||
                       auth_view_ends(text, ".crt") || auth_view_ends(text, ".cer") || auth_view_starts(text, "/") ||
                       auth_view_starts(text, "./"));
}

/* ---- wrapped once more ---- */

/* The text without one pair of quotation marks, of programs or of word processors; text itself when there is none. */
static struct auth_view without_quotes(struct auth_view text)
{
    static const char *const pairs[][2] = {
        {"\"", "\""}, {"'", "'"}, {"`", "`"}, {"\xe2\x80\x9c", "\xe2\x80\x9d"}, {"\xe2\x80\x98", "\xe2\x80\x99"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t before = strlen(pairs[i][0]), behind = strlen(pairs[i][1]);
        if (text.n >= before + behind && auth_view_starts(text, pairs[i][0]) && auth_view_ends(text, pairs[i][1]))
            return auth_view_bytes(text.p + before, text.n - before - behind);
    }
    return text;
}

static bool is_of_use(enum auth_key_format format)
{
    return format != AUTH_KEY_FORMAT_UNKNOWN && format != AUTH_KEY_FORMAT_EMPTY && format != AUTH_KEY_FORMAT_HTML;
}

/* What base64 stands for. */
static enum auth_key_format wrapped_format(struct auth_view text)
{
    struct auth_buf inner;
    auth_buf_init_secret(&inner, AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = AUTH_KEY_FORMAT_UNKNOWN;
    if (auth_encoding_base64(text, &inner) && auth_buf_ok(&inner))
        format = auth_key_sniff(auth_buf_view(&inner));
    auth_buf_clear(&inner);
    return format;
}

/* "base64 of a private key", "hex of binary DER": what comes out when one wrapping is taken off. */
static bool add_wrapped(struct auth_view text, struct auth_buf *out)
{
    struct auth_buf inner;
    size_t before = out->n;
    auth_buf_init_secret(&inner, AUTH_KEY_TEXT_MAX);
    enum auth_key_format format = AUTH_KEY_FORMAT_UNKNOWN;
    const char *how = NULL;
    if (auth_view_starts(text, "30") && auth_encoding_hex(text, &inner))
        how = "hex";
    else if (auth_encoding_base64(text, &inner))
        how = "base64";
    if (how && auth_buf_ok(&inner))
        format = auth_key_sniff(auth_buf_view(&inner));
    bool is_der =
        format == AUTH_KEY_FORMAT_DER; /* base64 of DER is a PEM block without its markers, which is another story */
    bool is_found = is_of_use(format) && !(is_der && *how == 'b');
    if (how && *how == 'b' && format == AUTH_KEY_FORMAT_UNKNOWN && is_of_use(wrapped_format(auth_buf_view(&inner)))) {
        auth_buf_addf(out, "base64 of base64 of %s: decode it twice (base64 -d | base64 -d)",
                      auth_key_format_text(wrapped_format(auth_buf_view(&inner))));
        is_found = false;
    }
    if (is_found)
        auth_buf_addf(out, "%s of %s: decode it once (%s)", how, auth_key_format_text(format),
                      *how == 'h' ? "xxd -r -p" : "base64 -d");
    auth_buf_clear(&inner);
    return out->n > before;
}

/* Base64 of a SEQUENCE and nothing else: somebody cut the markers off. */
static bool is_bare_base64(struct auth_view text)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n\\";
    enum { SHORTEST_KEY_N = 100 };
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\0' || !strchr(base64, text.p[i]))
            return false;
    }
    return text.n >= SHORTEST_KEY_N && text.p[0] == 'M';
}

static enum auth_der_kind bare_kind(struct auth_view text)
{
    struct auth_buf bytes;
    auth_buf_init_secret(&bytes, AUTH_KEY_TEXT_MAX);
    bool is_base64 = auth_encoding_base64(text, &bytes) && auth_buf_ok(&bytes);
    enum auth_der_kind kind = is_base64 ? auth_der_kind_of(auth_buf_view(&bytes)) : AUTH_DER_UNKNOWN;
    auth_buf_clear(&bytes);
    return *auth_der_label(kind) ? kind : AUTH_DER_UNKNOWN;
}

/* ---- JSON ---- */

/* What is known of a JSON object by one of its members. */
static const struct {
    const char *member, *what;
} members[] = {
    {"jwks_uri", "the JSON of a discovery document: the JWK Set is at its jwks_uri"},
    {"token_endpoint", "the JSON of a discovery document"},
    {"client_email", "a service account's file of Google's; its private_key is a key in PEM, of another service"},
    {"access_token", "the answer of a token endpoint"},
    {"error", "an error message"},
    {"resourceType", "a FHIR resource"},
    {"iss", "the claims of a JWT"},
    {"Keys", "JSON whose member is written Keys; it is keys, in small letters"},
    {"KEYS", "JSON whose member is written KEYS; it is keys, in small letters"},
    {"key", "JSON whose member is written key; it is keys"},
    {"sops", "a file that sops encrypted: sops -d opens it"},
    {"body", "an envelope: what stands under body is the answer itself; give that alone"},
    {"payload", "an envelope: what stands under payload is the content; give that alone, decoded"},
    {"message", "an error message"},
    {"data", "an envelope: what is wanted stands further inside; give that alone"},
    {"jwk", "an envelope: the JWK stands under jwk; put it into {\"keys\":[...]}"},
    {"n", "a JWK without its member kty"},
    {"crv", "a JWK without its member kty"},
};

/* A member of the object holds what is looked for, one level down. */
static bool add_envelope(struct auth_view object, struct auth_buf *out)
{
    struct auth_view name, value, inner;
    for (size_t cursor = 0; auth_json_raw_next_member(object, &cursor, &name, &value);) {
        const char *what = NULL;
        if (auth_json_raw_member(value, "keys", &inner))
            what = "the JWK Set";
        else if (auth_json_raw_member(value, "kty", &inner))
            what = "a JWK";
        else if (auth_view_starts(value, "\"-----BEGIN") || auth_view_starts(value, "\"\\n-----BEGIN"))
            what = "a PEM text";
        if (!what)
            continue;
        auth_buf_addf(out, "an envelope: %s stands under \"", what);
        auth_text_escape(out, name, 40);
        auth_buf_add_string(out, "\"; give that alone");
        return true;
    }
    return false;
}

static void add_json(struct auth_view text, struct auth_buf *out)
{
    struct auth_view value;
    if (auth_view_starts(text, "\"")) {
        auth_buf_add_string(out, auth_view_contains(text, "BEGIN ") ? "a PEM text in quotation marks: take them off"
                                 : auth_view_contains(text, "keys")
                                     ? "JSON written as a JSON string: take the string off"
                                     : "a text in quotation marks");
        return;
    }
    if (auth_view_starts(text, "[")) {
        auth_buf_add_string(out, "an array of JSON; a JWK Set is an object: {\"keys\":[...]}");
        return;
    }
    if (add_envelope(text, out))
        return;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        if (auth_json_raw_member(text, members[i].member, &value)) {
            auth_buf_add_string(out, members[i].what);
            return;
        }
    }
    auth_buf_add_string(out, auth_key_format_text(AUTH_KEY_FORMAT_JSON));
}

/* What breaks JSON that a person or a program of another kind wrote. */
static void add_broken_json(struct auth_view text, struct auth_buf *out)
{
    static const struct {
        const char *sign, *what;
    } rows[] = {
        {"{'", "its quotation marks are ' and must be \""},
        {"\xe2\x80\x9c", "its quotation marks are those of a word processor and must be \""},
        {"}\n{", "several texts; a JWK Set is one: {\"keys\":[...]}"},
        {",]", "a comma before a closing bracket"},
        {",}", "a comma before a closing bracket"},
        {" //", "JSON has no comments"},
    };
    struct auth_err err = {0};
    size_t i = 0;
    while (i < sizeof rows / sizeof *rows && !auth_view_contains(text, rows[i].sign))
        i++;
    enum auth_rc rc = auth_json_check(text, &err);
    const char *detail = err.detail[0] ? err.detail : auth_rc_text(rc);
    if (i < sizeof rows / sizeof *rows)
        auth_buf_addf(out, "broken JSON: %s (%s)", rows[i].what, detail);
    else
        auth_buf_addf(out, "broken JSON: %s", detail);
}

/* ---- all of them ---- */

static void add_unknown(struct auth_view bytes, struct auth_buf *out)
{
    struct auth_view text = auth_view_trim(bytes), inner = without_quotes(text);
    struct auth_pem_block block = {{NULL, 0}, {NULL, 0}};
    const char *sign = sign_of(text);
    if (auth_encoding_of(text) >= AUTH_ENCODING_UTF16) {
        auth_buf_addf(out, "text in %s, as PowerShell writes it: save it as UTF-8 or ASCII",
                      auth_encoding_text(auth_encoding_of(text)));
    } else if (auth_key_first_block(text, &block) || block.label.n) {
        auth_buf_add_string(out, "a PEM block \"");
        auth_text_escape(out, block.label, 40);
        auth_buf_add_string(out, "\", which is of no use here");
    } else if (inner.n < text.n && is_of_use(auth_key_sniff(inner))) {
        auth_buf_addf(out, "%s in quotation marks: take them off", auth_key_format_text(auth_key_sniff(inner)));
    } else if (!add_wrapped(text, out) && !sign && auth_view_starts(text, "{")) {
        add_broken_json(text, out);
    } else if (out->n == 0 && !sign && is_bare_base64(text) && bare_kind(text) != AUTH_DER_UNKNOWN) {
        enum auth_der_kind kind = bare_kind(text);
        auth_buf_addf(
            out, "bare base64 of %s: its first line, -----BEGIN %s-----, and its last, -----END %s-----, are missing",
            auth_der_text(kind), auth_der_label(kind), auth_der_label(kind));
    } else if (out->n == 0) {
        auth_buf_add_string(out, sign                   ? sign
                                 : is_bare_base64(text) ? "bare base64: its first line, -----BEGIN ...-----, and its "
                                                          "last, -----END ...-----, are missing"
                                 : is_file_name(text)   ? "the name of a file, not what is in it"
                                 : auth_view_find(text, '\0') < text.n ? "binary, and no DER"
                                                                       : auth_key_format_text(AUTH_KEY_FORMAT_UNKNOWN));
    }
}

void auth_key_describe(enum auth_key_format format, struct auth_view bytes, struct auth_buf *out)
{
    if (bytes.n > AUTH_KEY_TEXT_MAX)
        bytes.n = AUTH_KEY_TEXT_MAX;
    if (auth_encoding_of(bytes) == AUTH_ENCODING_MARKED)
        bytes = auth_view_from(bytes, 3);
    if (format == AUTH_KEY_FORMAT_UNKNOWN)
        add_unknown(bytes, out);
    else if (format == AUTH_KEY_FORMAT_JSON)
        add_json(auth_view_trim(bytes), out);
    else if (format == AUTH_KEY_FORMAT_HTML && sign_of(auth_view_trim(bytes)))
        auth_buf_add_string(out, sign_of(auth_view_trim(bytes)));
    else if (format == AUTH_KEY_FORMAT_DER && auth_der_kind_of(bytes) != AUTH_DER_UNKNOWN)
        auth_buf_addf(out, "%s in binary DER", auth_der_text(auth_der_kind_of(bytes)));
    else
        auth_buf_add_string(out, auth_key_format_text(format));
}

/* The bytes inside the PEM block that decides; false: there is none that decodes. */
static bool decode_block(struct auth_view pem, struct auth_buf *bytes, struct auth_view *label)
{
    struct auth_pem_block block;
    if (!auth_key_first_block(pem, &block))
        return false;
    *label = block.label;
    return auth_encoding_base64(block.body, bytes) && auth_buf_ok(bytes);
}

enum auth_rc auth_key_bad_block(struct auth_view pem, const char *damaged, struct auth_err *err)
{
    struct auth_buf bytes;
    struct auth_view label = {NULL, 0};
    char text[256];
    auth_buf_init_secret(&bytes, AUTH_KEY_TEXT_MAX);
    enum auth_der_kind kind =
        decode_block(pem, &bytes, &label) ? auth_der_kind_of(auth_buf_view(&bytes)) : AUTH_DER_UNKNOWN;
    const char *right = auth_der_label(kind);
    auth_buf_clear(&bytes);
    if (!*right || auth_view_equals(label, right))
        return auth_crypto_bad_input(err, damaged);
    (void)snprintf(
        text, sizeof text,
        "the label of this PEM block is wrong: what is in it is %s, and its markers must say BEGIN %s and END %s",
        auth_der_text(kind), right, right);
    return auth_crypto_bad_input(err, text);
}

enum auth_rc auth_key_refuse(enum auth_key_format format, struct auth_view text, const char *wanted, const char *fix,
                             struct auth_err *err)
{
    struct auth_buf what;
    enum auth_der_kind kind = format == AUTH_KEY_FORMAT_DER ? auth_der_kind_of(text) : AUTH_DER_UNKNOWN;
    auth_buf_init(&what, AUTH_ERR_DETAIL_N);
    auth_key_describe(format, text, &what);
    enum auth_rc rc = auth_buf_check(&what, err);
    if (rc == AUTH_OK && kind != AUTH_DER_UNKNOWN)
        rc = auth_err_set(err, AUTH_E_KEY, "this is %s; %s is needed: '%s' writes it as PEM", what.p, wanted,
                          auth_der_command(kind));
    else if (rc == AUTH_OK)
        rc = auth_err_set(err, AUTH_E_KEY, "this is %s; %s is needed%s%s", what.p, wanted, *fix ? ": " : "", fix);
    auth_buf_clear(&what);
    return rc;
}
