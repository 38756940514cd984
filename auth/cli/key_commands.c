/* epic-auth key: everything about keys that needs no server. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/cli/cli.h"
#include "auth/client/config.h"
#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/jose/jwk_set.h"
#include "auth/jose/jws.h"
#include "auth/jose/key_text.h"

enum { FILE_MAX_N = 1024 * 1024, CERT_DAYS = 730, FILE_PATH_MAX = 8192 };

static const char *passphrase_from; /* where the user says that the passphrase is; NULL: nowhere */

/* what: whose error it is, unless the error names that itself */
static int complain(const char *what, enum auth_rc rc, const struct auth_err *err)
{
    bool is_named = !*what || auth_view_starts(auth_view_from_string(err->detail), what);
    auth_cli_say("key", "%s%s%s", is_named ? "" : what, is_named ? "" : ": ",
                 err->detail[0] ? err->detail : auth_rc_text(rc));
    return AUTH_EXIT_CONFIG;
}

/* Of a file; "" when the error names it itself. */
static const char *name_of(const char *path)
{
    return auth_config_is_key_text(path) ? "" : strcmp(path, "-") == 0 ? "standard input" : path;
}

static enum auth_rc load_text(const char *path, struct auth_buf *text, struct auth_err *err)
{
    auth_buf_init_secret(text, FILE_MAX_N);
    return auth_input_read(path, text, err);
}

/* A private key in any form, opened with the passphrase that the user gave, if it is encrypted. */
static enum auth_rc read_private(struct auth_view text, struct auth_key **key, struct auth_key_text_found *found,
                                 struct auth_err *err)
{
    struct auth_buf passphrase;
    auth_buf_init(&passphrase, 0);
    const char *source = passphrase_from ? passphrase_from : "env:EPIC_PRIVATE_KEY_PASSPHRASE";
    bool is_asked = passphrase_from || getenv("EPIC_PRIVATE_KEY_PASSPHRASE");
    enum auth_rc rc = is_asked ? auth_cli_read_secret(source, &passphrase, err) : AUTH_OK;
    struct auth_key_text_wanted wanted = {.passphrase = is_asked ? passphrase.p : NULL};
    if (rc == AUTH_OK)
        rc = auth_key_from_private_text(text, &wanted, key, found, err);
    auth_buf_clear(&passphrase);
    return rc;
}

/* A key from any file that holds one: private key, certificate, public key. */
static enum auth_rc read_key(struct auth_view text, struct auth_key **key, struct auth_err *err)
{
    switch (auth_key_sniff(text)) {
    case AUTH_KEY_FORMAT_CERTIFICATE:
        return auth_key_from_cert(text, key, err);
    case AUTH_KEY_FORMAT_PUBLIC:
        return auth_key_from_public_pem(text, key, err);
    default:
        return read_private(text, key, NULL, err);
    }
}

static enum auth_rc load_key(const char *path, struct auth_key **key, struct auth_err *err)
{
    struct auth_buf text;
    enum auth_rc rc = load_text(path, &text, err);
    if (rc == AUTH_OK)
        rc = read_key(auth_buf_view(&text), key, err);
    auth_buf_clear(&text);
    return rc;
}

/* ---- writing what belongs to a key ---- */

static enum auth_rc write_cert(const struct auth_key *key, struct auth_buf *out, struct auth_err *err)
{
    const struct auth_env *env = auth_env_system();
    int64_t now_s = env->wall_s(env->ctx);
    struct auth_cert_request request = {
        .common_name = "epic-backend",
        .not_before_s = now_s - 3600,
        .not_after_s = now_s + CERT_DAYS * 86400LL,
    };
    return auth_key_write_cert(key, &request, NULL, auth_view_from_string(""), out, err);
}

static enum auth_rc write_jwks(const struct auth_key *key, struct auth_buf *out, struct auth_err *err)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    auth_json_write_key(&w, "keys");
    auth_json_write_array(&w);
    enum auth_rc rc = auth_key_write_jwk(key, NULL, auth_alg_name(auth_alg_for(key)), &w, err);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
    return rc == AUTH_OK ? auth_buf_check(out, err) : rc;
}

/* ---- key new ---- */

struct new_file {
    const char *name;
    unsigned mode;
    bool may_be_there, is_there, is_made;
    struct auth_buf path, text;
};

/* Look before anything is written. A .env that is there already is the project's. */
static enum auth_rc look_for_files(struct new_file *files, size_t count, struct auth_err *err)
{
    struct stat status;
    for (size_t i = 0; i < count; i++) {
        if (!auth_buf_ok(&files[i].path))
            return auth_buf_check(&files[i].path, err);
        files[i].is_there = lstat(files[i].path.p, &status) == 0;
        if (files[i].is_there && !files[i].may_be_there)
            return auth_err_set(err, AUTH_E_EXISTS, "%s exists already; nothing was written", files[i].path.p);
    }
    return AUTH_OK;
}

/* Private, as what goes into it; one that is there already stays as it is. */
static enum auth_rc make_directory(const char *path, bool *is_made, struct auth_err *err)
{
    *is_made = mkdir(path, 0700) == 0;
    if (*is_made || errno == EEXIST)
        return AUTH_OK;
    return auth_err_set(err, AUTH_E_IO, "%s: %s", path, strerror(errno));
}

/* All, or none: half a set would be worse than none. */
static enum auth_rc write_files(const char *directory, struct new_file *files, size_t count, struct auth_err *err)
{
    for (size_t i = 0; i < count; i++) {
        auth_buf_init(&files[i].path, FILE_PATH_MAX);
        auth_buf_addf(&files[i].path, "%s/%s", directory, files[i].name);
    }
    bool is_made;
    enum auth_rc rc = make_directory(directory, &is_made, err);
    if (rc == AUTH_OK)
        rc = look_for_files(files, count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        if (files[i].is_there)
            continue;
        rc = auth_file_write(files[i].path.p, auth_buf_view(&files[i].text), files[i].mode, AUTH_FILE_NEW_ONLY, err);
        files[i].is_made = rc == AUTH_OK;
    }
    for (size_t i = 0; i < count; i++) {
        if (rc != AUTH_OK && files[i].is_made)
            (void)unlink(files[i].path.p);
        auth_buf_clear(&files[i].path);
    }
    if (rc != AUTH_OK && is_made)
        (void)rmdir(directory);
    return rc;
}

/* A relative path in a .env starts from its folder, so the set may be moved as a whole. */
static void write_env(struct auth_buf *out)
{
    auth_buf_add_string(out, "# Fill in what your app page says, then: epic-auth token\n"
                             "EPIC_BACKEND_CLIENT_ID=\n"
                             "EPIC_TOKEN_URL=https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token\n"
                             "EPIC_FHIR_BASE_URL=https://fhir.epic.com/interconnect-fhir-oauth/api/FHIR/R4\n"
                             "EPIC_PRIVATE_KEY_PATH=epic_backend_private_key.pem\n");
}

static void tell_next_steps(const struct auth_buf *cert, const struct new_file *env)
{
    struct auth_key *key = NULL;
    if (auth_key_from_cert(auth_buf_view(cert), &key, NULL) != AUTH_OK)
        return;
    fprintf(
        stderr,
        "made epic_backend_private_key.pem (keep it secret), epic_backend_public_cert.pem, epic_backend_jwks.json%s\n"
        "next: upload the certificate, or publish the JWK Set and register its URL, on your app page\n"
        "      its SHA-1 thumbprint there must read %s; kid of the JWK Set: %s\n"
        "      then write the client id into .env\n",
        env->is_there ? "" : ", .env", auth_key_cert(key)->sha1, auth_key_thumbprint(key));
    if (env->is_there)
        fprintf(stderr, ".env was there already and is as it was; these would be its lines:\n%s", env->text.p);
    auth_key_free(key);
}

static int key_new(const char *directory, int64_t bits)
{
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    struct new_file files[] = {
        {.name = "epic_backend_private_key.pem", .mode = 0600},
        {.name = "epic_backend_public_cert.pem", .mode = 0644},
        {.name = "epic_backend_jwks.json", .mode = 0644},
        {.name = ".env", .mode = 0600, .may_be_there = true},
    };
    for (size_t i = 0; i < 4; i++)
        auth_buf_init_secret(&files[i].text, 64 * 1024);
    enum auth_rc rc = auth_key_generate_rsa((unsigned)bits, &key, &err);
    if (rc == AUTH_OK)
        rc = auth_key_write_private_pem(key, &files[0].text, &err);
    if (rc == AUTH_OK)
        rc = write_cert(key, &files[1].text, &err);
    if (rc == AUTH_OK)
        rc = write_jwks(key, &files[2].text, &err);
    write_env(&files[3].text);
    if (rc == AUTH_OK)
        rc = write_files(directory, files, 4, &err);
    if (rc == AUTH_OK)
        tell_next_steps(&files[1].text, &files[3]);
    for (size_t i = 0; i < 4; i++)
        auth_buf_clear(&files[i].text);
    auth_key_free(key);
    return rc == AUTH_OK ? AUTH_EXIT_OK : complain("", rc, &err);
}

/* ---- inspect, cert, jwks ---- */

static void print_cert(const struct auth_cert_info *cert)
{
    struct auth_buf until, subject;
    auth_buf_init(&until, 64);
    auth_buf_init(&subject, 64 * 1024);
    auth_time_write(&until, cert->not_after_s);
    auth_text_escape(&subject, auth_view_from_string(cert->subject), 4096); /* of anybody's certificate */
    printf("subject     %s\nvalid until %s (Epic ignores that)\nsha1        %s (as Epic's page shows it)\n"
           "sha256      %s\n",
           subject.p ? subject.p : "", until.p, cert->sha1, cert->sha256);
    auth_buf_clear(&subject);
    auth_buf_clear(&until);
}

static int print_key(const struct auth_key *key)
{
    const char *weakness = auth_key_weakness(key);
    printf("type        %s, %u bits%s\n", auth_key_type_text(key), auth_key_bits(key),
           auth_key_is_private(key) ? ", private" : "");
    printf("algorithm   %s\n", auth_alg_name(auth_alg_for(key)));
    printf("thumbprint  %s (RFC 7638; the default kid)\n", auth_key_thumbprint(key));
    if (auth_key_cert(key))
        print_cert(auth_key_cert(key));
    if (weakness)
        printf("WEAK        %s\n", weakness);
    return weakness ? AUTH_EXIT_CONFIG : AUTH_EXIT_OK;
}

static void print_kid(struct auth_view kid, bool is_there)
{
    struct auth_buf shown;
    auth_buf_init(&shown, 4096);
    auth_text_escape(&shown, kid, 1024);
    printf("kid         %s\n", is_there && shown.p ? shown.p : is_there ? "" : "(none)");
    auth_buf_clear(&shown);
}

/* A JWK or JWK Set that is kept to oneself, not published. */
static int inspect_private_jwk(const char *path, struct auth_view text, const struct auth_err *why_not_public)
{
    struct auth_key *key = NULL;
    struct auth_key_text_found found;
    if (read_private(text, &key, &found, NULL) != AUTH_OK)
        return complain(name_of(path), AUTH_E_KEY, why_not_public);
    print_kid(found.kid ? auth_view_from_string(found.kid) : auth_view_from_string(""), found.kid != NULL);
    int status = print_key(key);
    auth_cli_say("key", "%s holds a private key: never publish it; 'epic-auth key jwks FILE' prints the public set",
                 name_of(path));
    free(found.kid);
    auth_key_free(key);
    return status;
}

static int inspect_set(const char *path, struct auth_view text)
{
    struct auth_jwk_set set = {0};
    struct auth_err err = {0};
    int status = AUTH_EXIT_OK;
    if (auth_jwk_set_parse(text, &set, &err) != AUTH_OK)
        return inspect_private_jwk(path, text, &err);
    for (size_t i = 0; i < set.count; i++) {
        const struct auth_jwk_set_entry *entry = &set.entries[i];
        fputs(i ? "\n" : "", stdout);
        print_kid(auth_jwk_set_kid(entry), entry->kid != NULL);
        if (entry->key)
            status = print_key(entry->key) == AUTH_EXIT_OK ? status : AUTH_EXIT_CONFIG;
        else
            printf("not usable  %s\n", entry->ignored);
    }
    auth_jwk_set_clear(&set);
    return status;
}

static int inspect_key(const char *path, struct auth_view text)
{
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = read_key(text, &key, &err);
    if (rc != AUTH_OK)
        return complain(name_of(path), rc, &err);
    int status = print_key(key);
    if (auth_key_is_private(key) && auth_file_is_exposed(path))
        auth_cli_say("key", "%s: others can read this private key; chmod 600 it", path);
    auth_key_free(key);
    return status;
}

static int inspect(const char *path)
{
    struct auth_err err = {0};
    struct auth_buf text;
    enum auth_rc rc = load_text(path, &text, &err);
    enum auth_key_format format = rc == AUTH_OK ? auth_key_sniff(auth_buf_view(&text)) : AUTH_KEY_FORMAT_EMPTY;
    int status;
    if (rc != AUTH_OK)
        status = complain(name_of(path), rc, &err);
    else if (format == AUTH_KEY_FORMAT_JWKS || format == AUTH_KEY_FORMAT_JWK)
        status = inspect_set(path, auth_buf_view(&text));
    else
        status = inspect_key(path, auth_buf_view(&text));
    auth_buf_clear(&text);
    return status;
}

static int convert(const char *path,
                   enum auth_rc (*write)(const struct auth_key *, struct auth_buf *, struct auth_err *))
{
    struct auth_key *key = NULL;
    struct auth_err err = {0};
    struct auth_buf out;
    auth_buf_init_secret(&out, 64 * 1024);
    enum auth_rc rc = load_key(path, &key, &err);
    if (rc == AUTH_OK)
        rc = write(key, &out, &err);
    if (rc == AUTH_OK)
        fputs(out.p, stdout);
    auth_buf_clear(&out);
    auth_key_free(key);
    return rc == AUTH_OK ? AUTH_EXIT_OK : complain(name_of(path), rc, &err);
}

/* ---- match ---- */

static int match(const char *key_path, const char *cert_path, const char *jwks_path)
{
    struct auth_key *key = NULL, *cert = NULL;
    struct auth_jwk_set set = {0};
    struct auth_err err = {0};
    struct auth_buf text;
    bool is_match = false;
    enum auth_rc rc = load_text(cert_path ? cert_path : jwks_path, &text, &err);
    if (rc == AUTH_OK)
        rc = load_key(key_path, &key, &err);
    if (rc == AUTH_OK && cert_path)
        rc = auth_key_from_cert(auth_buf_view(&text), &cert, &err);
    else if (rc == AUTH_OK)
        rc = auth_jwk_set_parse(auth_buf_view(&text), &set, &err);
    if (rc == AUTH_OK && cert)
        is_match = auth_key_equal(key, cert);
    for (size_t i = 0; rc == AUTH_OK && i < set.count; i++)
        is_match = is_match || (set.entries[i].key && auth_key_equal(key, set.entries[i].key));
    auth_jwk_set_clear(&set);
    auth_key_free(cert);
    auth_key_free(key);
    auth_buf_clear(&text);
    if (rc != AUTH_OK)
        return complain("", rc, &err);
    printf("%s\n", is_match ? "match" : "no match");
    return is_match ? AUTH_EXIT_OK : AUTH_EXIT_CONFIG;
}

struct key_settings {
    const char *directory, *cert, *jwks, *passphrase_from;
    int64_t bits;
    bool help;
};

static const struct auth_opt key_rows[] = {
    {"dir", 'd', "DIR", "new: where to put the files; made if it is not there",
     AUTH_OPT_STRING(struct key_settings, directory), .fallback = ".", .also = "directory output out"},
    {"bits", 0, "N", "new: RSA modulus", AUTH_OPT_INT(struct key_settings, bits, 2048, 8192), .fallback = "2048",
     .also = "size"},
    {"cert", 0, "FILE", "match: the certificate", AUTH_OPT_STRING(struct key_settings, cert), .also = "certificate"},
    {"jwks", 0, "FILE", "match: the JWK Set", AUTH_OPT_STRING(struct key_settings, jwks)},
    {"passphrase-from", 0, "SOURCE", "of an encrypted key: a FILE, env:NAME, fd:N or - (its first line)",
     AUTH_OPT_STRING(struct key_settings, passphrase_from), .also = "passphrase password"},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct key_settings, help)},
    {.name = NULL},
};

int auth_cli_key(int argc, char **argv)
{
    struct key_settings settings = {.help = false};
    int status = auth_cli_parse(&argc, argv, key_rows, &settings,
                                "Usage: epic-auth key new [--dir DIR] [--bits N]\n"
                                "       epic-auth key inspect FILE    private or public key, certificate, JWK Set\n"
                                "       epic-auth key cert KEY        a new self-signed certificate of the key\n"
                                "       epic-auth key jwks KEY        its public JWK Set\n"
                                "       epic-auth key pem KEY         the private key as plain PKCS#8\n"
                                "       epic-auth key match KEY (--cert FILE | --jwks FILE)\n\n"
                                "KEY is PEM, a JWK or JWK Set with private members, or base64 of one. '-' is\n"
                                "standard input.\n",
                                &settings.help);
    if (status >= 0)
        return status;
    passphrase_from = settings.passphrase_from;
    const char *verb = argc > 1 ? argv[1] : "";
    const char *path = argc == 3 ? argv[2] : NULL;
    if (strcmp(verb, "new") == 0 && argc == 2)
        return key_new(settings.directory, settings.bits);
    if (strcmp(verb, "inspect") == 0 && path)
        return inspect(path);
    if (strcmp(verb, "cert") == 0 && path)
        return convert(path, write_cert);
    if (strcmp(verb, "jwks") == 0 && path)
        return convert(path, write_jwks);
    if (strcmp(verb, "pem") == 0 && path)
        return convert(path, auth_key_write_private_pem);
    if (strcmp(verb, "match") == 0 && path && !settings.cert != !settings.jwks)
        return match(path, settings.cert, settings.jwks);
    auth_cli_say("key", "new, inspect FILE, cert KEY, jwks KEY, pem KEY, or match KEY with --cert or --jwks");
    return AUTH_EXIT_USAGE;
}
