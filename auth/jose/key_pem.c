/* Keys from PEM: finding out what people gave us, and loading it without ever asking a terminal. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "auth/jose/key_private.h"

enum { PEM_MAX = 64 * 1024 };

/* ---- what is it ---- */

static bool contains(struct auth_view text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.n; i++) {
        if (memcmp(text.p + i, word, n) == 0)
            return true;
    }
    return false;
}

/* The label of the first "-----BEGIN label-----". */
static struct auth_view first_label(struct auth_view text)
{
    static const char begin[] = "-----BEGIN ";
    for (size_t i = 0; i + sizeof begin - 1 < text.n; i++) {
        if (memcmp(text.p + i, begin, sizeof begin - 1) != 0)
            continue;
        struct auth_view label = auth_view_bytes(text.p + i + sizeof begin - 1, text.n - i - (sizeof begin - 1));
        label.n = auth_view_find(label, '-');
        return label;
    }
    return auth_view_of("");
}

static enum auth_key_format sniff_pem(struct auth_view label, struct auth_view text)
{
    static const struct {
        const char *label;
        enum auth_key_format format;
    } rows[] = {
        {"CERTIFICATE", AUTH_KEY_FORMAT_CERTIFICATE},
        {"X509 CERTIFICATE", AUTH_KEY_FORMAT_CERTIFICATE},
        {"TRUSTED CERTIFICATE", AUTH_KEY_FORMAT_CERTIFICATE},
        {"ENCRYPTED PRIVATE KEY", AUTH_KEY_FORMAT_ENCRYPTED},
        {"PRIVATE KEY", AUTH_KEY_FORMAT_PRIVATE},
        {"PUBLIC KEY", AUTH_KEY_FORMAT_PUBLIC},
        {"RSA PUBLIC KEY", AUTH_KEY_FORMAT_PUBLIC},
        {"CERTIFICATE REQUEST", AUTH_KEY_FORMAT_REQUEST},
        {"NEW CERTIFICATE REQUEST", AUTH_KEY_FORMAT_REQUEST},
        {"OPENSSH PRIVATE KEY", AUTH_KEY_FORMAT_OPENSSH},
    };
    if (auth_view_is(label, "RSA PRIVATE KEY") || auth_view_is(label, "EC PRIVATE KEY") ||
        auth_view_is(label, "EC PARAMETERS"))
        return contains(text, "Proc-Type: 4,ENCRYPTED") ? AUTH_KEY_FORMAT_ENCRYPTED : AUTH_KEY_FORMAT_PRIVATE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_is(label, rows[i].label))
            return rows[i].format;
    }
    return AUTH_KEY_FORMAT_UNKNOWN;
}

static enum auth_key_format sniff_json(struct auth_view text)
{
    struct auth_view value;
    if (auth_json_check(text, NULL) != AUTH_OK)
        return AUTH_KEY_FORMAT_UNKNOWN;
    if (auth_json_raw_member(text, "keys", &value))
        return AUTH_KEY_FORMAT_JWKS;
    return auth_json_raw_member(text, "kty", &value) ? AUTH_KEY_FORMAT_JWK : AUTH_KEY_FORMAT_JSON;
}

enum auth_key_format auth_key_sniff(struct auth_view bytes)
{
    if (auth_view_starts(bytes, "\xef\xbb\xbf"))
        bytes = auth_view_bytes(bytes.p + 3, bytes.n - 3);
    struct auth_view text = auth_view_trim(bytes);
    struct auth_view label = first_label(text);
    if (text.n == 0)
        return AUTH_KEY_FORMAT_EMPTY;
    if (label.n)
        return sniff_pem(label, text);
    if (text.p[0] == '{' || text.p[0] == '[')
        return sniff_json(text);
    if (text.p[0] == '<')
        return AUTH_KEY_FORMAT_HTML;
    if (auth_view_starts(text, "ssh-") || auth_view_starts(text, "ecdsa-sha2-"))
        return AUTH_KEY_FORMAT_OPENSSH;
    if (bytes.p[0] == 0x30 && bytes.n > 2 && ((unsigned char)bytes.p[1] & 0x80))
        return AUTH_KEY_FORMAT_DER;
    return AUTH_KEY_FORMAT_UNKNOWN;
}

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
        [AUTH_KEY_FORMAT_DER] = "binary DER",
        [AUTH_KEY_FORMAT_JWK] = "a JWK",
        [AUTH_KEY_FORMAT_JWKS] = "a JWK Set",
        [AUTH_KEY_FORMAT_JSON] = "JSON that is no JWK Set",
        [AUTH_KEY_FORMAT_HTML] = "an HTML page",
        [AUTH_KEY_FORMAT_UNKNOWN] = "no key, certificate or JWK Set that this program knows",
    };
    return texts[format];
}

/* ---- cleaning: what people paste is rarely what openssl wrote ---- */

static bool is_base64(char c)
{
    return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

/* Copy one PEM block in the shape OpenSSL reads: markers on lines of their own, base64 in lines of 64, whatever line
 * ends, indentation or literal "\n" it came with. Blocks with RFC 1421 headers (old encrypted keys) stay as they are. */
static void normalise(struct auth_view text, struct auth_buf *out)
{
    size_t column = 0;
    for (size_t i = 0; i < text.n; i++) {
        struct auth_view rest = auth_view_bytes(text.p + i, text.n - i);
        if (auth_view_starts(rest, "\\n") || auth_view_starts(rest, "\\r")) {
            i++;
            continue;
        }
        if (auth_view_starts(rest, "-----BEGIN ") || auth_view_starts(rest, "-----END ")) {
            struct auth_view name = auth_view_bytes(rest.p + 5, rest.n - 5);
            size_t n = 5 + auth_view_find(name, '-') + 5;
            n = n < rest.n ? n : rest.n;
            if (column)
                auth_buf_add_char(out, '\n');
            auth_buf_add(out, rest.p, n);
            auth_buf_add_char(out, '\n');
            column = 0;
            i += n - 1;
            continue;
        }
        if (!out->n || !is_base64(text.p[i]))
            continue; /* text before the block, white space */
        auth_buf_add_char(out, text.p[i]);
        if (++column == 64) {
            auth_buf_add_char(out, '\n');
            column = 0;
        }
    }
}

static BIO *open_pem(struct auth_view pem, struct auth_buf *clean)
{
    auth_buf_init_secret(clean, PEM_MAX * 2);
    if (contains(pem, "Proc-Type:"))
        auth_buf_add_view(clean, pem);
    else
        normalise(pem, clean);
    return auth_buf_ok(clean) ? BIO_new_mem_buf(clean->p, (int)clean->n) : NULL;
}

/* OpenSSL's default would ask on /dev/tty and hang a daemon. */
static int give_passphrase(char *to, int size, int is_writing, void *passphrase)
{
    (void)is_writing;
    size_t n = passphrase ? strlen(passphrase) : 0;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(to, passphrase, n);
    return (int)n;
}

/* ---- loading ---- */

static enum auth_rc refuse(enum auth_key_format format, const char *wanted, const char *fix, struct auth_err *err)
{
    return auth_err_set(err, AUTH_E_KEY, "this is %s; %s is needed%s%s", auth_key_format_text(format), wanted,
                        *fix ? ": " : "", fix);
}

static const char *private_fix(enum auth_key_format format)
{
    switch (format) {
    case AUTH_KEY_FORMAT_ENCRYPTED:
        return "decrypt it with 'openssl pkey -in KEY -out key.pem' and protect the file, or give the passphrase";
    case AUTH_KEY_FORMAT_OPENSSH:
        return "convert a copy with 'ssh-keygen -p -m PKCS8 -f KEY'";
    case AUTH_KEY_FORMAT_DER:
        return "convert it with 'openssl pkey -inform DER -in KEY -out key.pem'";
    case AUTH_KEY_FORMAT_CERTIFICATE:
    case AUTH_KEY_FORMAT_PUBLIC:
    case AUTH_KEY_FORMAT_REQUEST:
        return "give the file that begins with -----BEGIN PRIVATE KEY-----";
    default:
        return "";
    }
}

enum auth_rc auth_key_from_private_pem(struct auth_view pem, const char *passphrase, struct auth_key **out,
                                       struct auth_err *err)
{
    static const char wanted[] = "a private key in PEM form";
    struct auth_buf clean;
    enum auth_key_format format = auth_key_sniff(pem);
    if (pem.n > PEM_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes", PEM_MAX);
    if (format != AUTH_KEY_FORMAT_PRIVATE && !(format == AUTH_KEY_FORMAT_ENCRYPTED && passphrase))
        return refuse(format, wanted, private_fix(format), err);
    BIO *bio = open_pem(pem, &clean);
    union {
        const char *in;
        void *out;
    } phrase = {.in = passphrase}; /* the API takes void * and hands it back to give_passphrase() */
    EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, phrase.out) : NULL;
    BIO_free(bio);
    auth_buf_clear(&clean);
    if (pkey)
        return auth_key_wrap(pkey, true, out, err);
    ERR_clear_error();
    return auth_err_set(err, AUTH_E_KEY, format == AUTH_KEY_FORMAT_ENCRYPTED
                                             ? "the passphrase does not open this private key"
                                             : "the private key is damaged: its PEM block cannot be decoded");
}

enum auth_rc auth_key_from_public_pem(struct auth_view pem, struct auth_key **out, struct auth_err *err)
{
    struct auth_buf clean;
    enum auth_key_format format = auth_key_sniff(pem);
    if (pem.n > PEM_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes", PEM_MAX);
    if (format != AUTH_KEY_FORMAT_PUBLIC)
        return refuse(format, "a public key in PEM form", "", err);
    BIO *bio = open_pem(pem, &clean);
    EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, give_passphrase, NULL) : NULL;
    BIO_free(bio);
    auth_buf_clear(&clean);
    if (pkey)
        return auth_key_wrap(pkey, false, out, err);
    ERR_clear_error();
    return auth_err_set(err, AUTH_E_KEY, "the public key cannot be decoded");
}

/* ---- certificates ---- */

static const char *cert_fix(enum auth_key_format format)
{
    switch (format) {
    case AUTH_KEY_FORMAT_PRIVATE:
    case AUTH_KEY_FORMAT_ENCRYPTED:
        return "keep this file secret, and make the certificate from it with 'openssl req -new -x509 -key KEY -out "
               "cert.pem -days 365 -subj /CN=backend'";
    case AUTH_KEY_FORMAT_PUBLIC:
    case AUTH_KEY_FORMAT_REQUEST:
        return "make one with 'openssl req -new -x509 -key PRIVATE_KEY -out cert.pem -days 365 -subj /CN=backend'";
    case AUTH_KEY_FORMAT_DER:
        return "convert it with 'openssl x509 -inform DER -in CERT -out cert.pem'";
    case AUTH_KEY_FORMAT_JWK:
    case AUTH_KEY_FORMAT_JWKS:
        return "register it as a JWK Set";
    default:
        return "a file that begins with -----BEGIN CERTIFICATE-----";
    }
}

static void hex_digest(const X509 *x509, const EVP_MD *md, char *hex)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (X509_digest(x509, md, digest, &n) != 1)
        n = 0;
    for (unsigned i = 0; i < n; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[2 * n] = '\0';
}

static int64_t time_of(const ASN1_TIME *time)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool ok = epoch && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    return ok ? (int64_t)days * 86400 + seconds : 0;
}

static char *subject_of(const X509 *x509)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL, *subject = NULL;
    /* RFC 2253 with control and non-ASCII bytes escaped: a subject may hold terminal sequences */
    if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(x509), 0, XN_FLAG_RFC2253) >= 0) {
        long n = BIO_get_mem_data(bio, &bytes);
        subject = auth_view_dup(auth_view_bytes(bytes, n > 0 ? (size_t)n : 0));
    }
    BIO_free(bio);
    return subject;
}

static enum auth_rc describe(struct auth_key *key, const X509 *x509, struct auth_err *err)
{
    struct auth_cert_info *info = calloc(1, sizeof *info);
    key->cert = info;
    if (!info || !(info->subject = subject_of(x509)))
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    hex_digest(x509, EVP_sha1(), info->sha1);
    hex_digest(x509, EVP_sha256(), info->sha256);
    info->not_before_s = time_of(X509_get0_notBefore(x509));
    info->not_after_s = time_of(X509_get0_notAfter(x509));
    return AUTH_OK;
}

static enum auth_rc key_of_x509(X509 *x509, struct auth_key **out, struct auth_err *err)
{
    struct auth_key *key = NULL;
    EVP_PKEY *pkey = X509_get_pubkey(x509);
    if (!pkey) {
        ERR_clear_error();
        return auth_err_set(err, AUTH_E_KEY, "the certificate holds a public key that cannot be decoded");
    }
    enum auth_rc rc = auth_key_wrap(pkey, false, &key, err);
    if (rc == AUTH_OK)
        rc = describe(key, x509, err);
    if (rc == AUTH_OK)
        *out = key;
    else
        auth_key_free(key);
    return rc;
}

enum auth_rc auth_key_from_cert(struct auth_view pem, struct auth_key **out, struct auth_err *err)
{
    struct auth_buf clean;
    enum auth_key_format format = auth_key_sniff(pem);
    if (pem.n > PEM_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a certificate has one or two thousand", PEM_MAX);
    if (format != AUTH_KEY_FORMAT_CERTIFICATE)
        return refuse(format, "an X.509 certificate in PEM form", cert_fix(format), err);
    BIO *bio = open_pem(pem, &clean);
    X509 *x509 = bio ? PEM_read_bio_X509_AUX(bio, NULL, give_passphrase, NULL) : NULL;
    X509 *second = x509 ? PEM_read_bio_X509_AUX(bio, NULL, give_passphrase, NULL) : NULL;
    enum auth_rc rc;
    if (!x509)
        rc = auth_err_set(err, AUTH_E_KEY, "the certificate is damaged or cut off: its PEM block cannot be decoded");
    else if (second)
        rc = auth_err_set(err, AUTH_E_KEY, "several certificates in one file; give only the one of your key");
    else
        rc = key_of_x509(x509, out, err);
    ERR_clear_error();
    X509_free(second);
    X509_free(x509);
    BIO_free(bio);
    auth_buf_clear(&clean);
    return rc;
}
