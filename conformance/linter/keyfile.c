/* A key file looked at alone: what it is, and what Epic would object to. */
#include "conformance/linter/keyfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/core/text.h"
#include "auth/jose/pem.h"

enum { FILE_MAX_N = 1024 * 1024, KID_SHOWN_N = 80 };

void conf_keyfile_clear(struct conf_keyfile *file)
{
    auth_jwk_set_clear(&file->set);
    auth_jwk_set_clear(&file->beside);
    memset(file, 0, sizeof *file);
}

/* ---- notes ---- */

AUTH_PRINTF(4, 5)
static void note(struct conf_keyfile *file, enum auth_result result, const char *fix, const char *format, ...)
{
    va_list arguments;
    if (file->note_count == CONF_NOTES_MAX)
        return;
    struct conf_note *row = &file->notes[file->note_count++];
    row->result = result;
    row->fix = fix;
    va_start(arguments, format);
    (void)vsnprintf(row->what, sizeof row->what, format, arguments);
    va_end(arguments);
}

static void note_cause(struct conf_keyfile *file, enum auth_result result, enum auth_cause cause)
{
    note(file, result, auth_rules_cause(cause)->fix, "%s", auth_rules_cause(cause)->what);
}

/* ---- a certificate, or what was taken for one ---- */

static void judge_certificate(struct conf_keyfile *file, const struct auth_key *key)
{
    if (auth_key_type(key) != AUTH_KEY_RSA)
        note_cause(file, AUTH_FAIL, AUTH_CAUSE_ALG_EC_STATIC);
    note_cause(file, AUTH_WARN, AUTH_CAUSE_STATIC_KEY);
}

/* Nothing of use: what it is says all. */
static enum auth_rc refuse(enum auth_key_format format, struct auth_view text, struct auth_err *err)
{
    struct auth_buf what;
    auth_buf_init(&what, AUTH_ERR_DETAIL_N);
    auth_key_describe(format, text, &what);
    enum auth_rc rc = auth_buf_check(&what, err);
    if (rc == AUTH_OK)
        rc = auth_err_set(err, AUTH_E_KEY, "this is %s", what.p);
    auth_buf_clear(&what);
    return rc;
}

static enum auth_rc load_one(struct conf_keyfile *file, struct auth_view text, struct auth_err *err)
{
    struct auth_key *key = NULL;
    enum auth_rc rc;
    bool is_broken_pem = auth_view_contains(text, AUTH_PEM_BEGIN);
    if (file->format == AUTH_KEY_FORMAT_HTML || (file->format == AUTH_KEY_FORMAT_UNKNOWN && !is_broken_pem))
        return refuse(file->format, text, err);
    if (file->format == AUTH_KEY_FORMAT_PUBLIC)
        rc = auth_key_from_public_pem(text, &key, err);
    else if (file->format == AUTH_KEY_FORMAT_PRIVATE || file->format == AUTH_KEY_FORMAT_ENCRYPTED)
        rc = auth_key_from_private_pem(text, NULL, &key, err);
    else
        rc = auth_key_from_cert(text, &key, err); /* for anything else its message says what to do */
    return rc == AUTH_OK ? auth_jwk_set_of_key(key, &file->set) : rc;
}

static void note_repairs(struct conf_keyfile *file, struct auth_view text)
{
    struct auth_buf lines;
    auth_buf_init(&lines, 4096);
    auth_key_repairs(text, &lines);
    for (struct auth_view rest = auth_buf_view(&lines); rest.n;) {
        struct auth_view line = auth_view_split(&rest, '\n');
        note(file, AUTH_WARN, "write it anew, e.g. with openssl x509 or openssl pkey", "%.*s", (int)line.n, line.p);
    }
    auth_buf_clear(&lines);
}

static size_t count_blocks(struct auth_view text, const char *label_end)
{
    struct auth_pem_block block;
    size_t count = 0;
    for (size_t cursor = 0; auth_pem_next(text, &cursor, &block);)
        count += auth_view_ends(block.label, label_end);
    return count;
}

/* What kind of file it is says something even when its key is sound. */
static void judge_one(struct conf_keyfile *file, struct auth_view text)
{
    const struct auth_key *key = file->set.entries[0].key;
    const char *weakness = auth_key_weakness(key);
    if (file->format == AUTH_KEY_FORMAT_PUBLIC)
        note(
            file, AUTH_FAIL,
            "make a certificate with 'openssl req -new -x509', or a JWK Set with 'epic-auth key jwks', from the private key",
            "a bare public key, which Epic does not take");
    if (weakness)
        note(file, AUTH_FAIL, auth_rules_info(AUTH_RULE_KEY_STRENGTH)->fix, "%s", weakness);
    if (auth_key_cert(key))
        judge_certificate(file, key);
    if (count_blocks(text, "PRIVATE KEY") > 1)
        note(file, AUTH_WARN, "give each key a file of its own", "%zu private keys in one file; the first is looked at",
             count_blocks(text, "PRIVATE KEY"));
    note_repairs(file, text);
    if (auth_key_is_private(key) && auth_file_is_exposed(file->path))
        note(file, AUTH_WARN, "chmod 600", "others can read this private key");
}

/* ---- a private key and a certificate in one file ---- */

/* The PEM text from the first block of such a label on, up to the next block. */
static struct auth_view block_of(struct auth_view text, const char *label_end)
{
    struct auth_pem_block block;
    for (size_t cursor = 0; auth_pem_next(text, &cursor, &block);) {
        if (!auth_view_ends(block.label, label_end))
            continue;
        struct auth_view from = auth_view_from(text, (size_t)(block.label.p - text.p) - strlen(AUTH_PEM_BEGIN));
        from.n =
            strlen(AUTH_PEM_BEGIN) + auth_view_find_text(auth_view_from(from, strlen(AUTH_PEM_BEGIN)), AUTH_PEM_BEGIN);
        return from;
    }
    return auth_view_from_string("");
}

/* Both are shown; whoever uploads the file gives the key away. */
static enum auth_rc read_both(struct conf_keyfile *file, struct auth_view key_text, struct auth_view cert_text,
                              struct auth_err *err)
{
    struct auth_key *cert = NULL;
    file->format = auth_key_sniff(key_text);
    enum auth_rc rc = load_one(file, key_text, err);
    if (rc == AUTH_OK)
        rc = auth_key_from_cert(cert_text, &cert, err);
    if (rc == AUTH_OK)
        rc = auth_jwk_set_of_key(cert, &file->beside);
    if (rc != AUTH_OK)
        return rc;
    note(file, AUTH_FAIL, "write the certificate alone with 'openssl x509 -in FILE -out cert.pem', and upload that",
         "a private key and a certificate in one file, which must never be uploaded or sent");
    bool is_pair = auth_key_equal(file->set.entries[0].key, file->beside.entries[0].key);
    if (!is_pair)
        note(file, AUTH_FAIL, "register the certificate or JWK that was made from this private key",
             "the key and the certificate in it do not belong together");
    judge_one(file, key_text);
    judge_certificate(file, file->beside.entries[0].key);
    return AUTH_OK;
}

/* ---- a JWK Set ---- */

/* "entry 2 (kid "a")"; a kid is untrusted. */
static const char *name_of(const struct auth_jwk_set *set, size_t i, struct auth_buf *name)
{
    const struct auth_jwk_set_entry *entry = &set->entries[i];
    auth_buf_reset(name);
    auth_buf_addf(name, "entry %zu", i + 1);
    if (entry->kid) {
        auth_buf_add_string(name, " (kid \"");
        auth_text_escape(name, auth_jwk_set_kid(entry), KID_SHOWN_N);
        auth_buf_add_string(name, "\")");
    }
    return auth_buf_ok(name) ? name->p : "an entry";
}

static void judge_entry(struct conf_keyfile *file, size_t i, struct auth_buf *name)
{
    const struct auth_jwk_set_entry *entry = &file->set.entries[i];
    const char *who = name_of(&file->set, i, name);
    if (!entry->key) {
        note(file, AUTH_WARN,
             auth_view_contains(auth_view_from_string(entry->ignored), ": ") ? "" : "correct it or take it out",
             "%s cannot be used: %s", who, entry->ignored);
        return;
    }
    if (auth_key_weakness(entry->key))
        note(file, AUTH_FAIL, auth_rules_info(AUTH_RULE_KEY_STRENGTH)->fix, "%s: %s", who,
             auth_key_weakness(entry->key));
    if (!entry->for_signing)
        note(file, AUTH_WARN, "", "%s is not for signatures: %s", who, entry->not_for_signing);
    if (entry->doubt)
        note(file, AUTH_WARN, "", "%s: %s", who, entry->doubt);
    if (!entry->kid)
        note(file, AUTH_WARN, "give each key a kid of its own: its RFC 7638 thumbprint is a good one", "%s has no kid",
             who);
    for (size_t other = 0; other < i; other++) {
        if (entry->kid && auth_jwk_set_has_kid(&file->set.entries[other], auth_jwk_set_kid(entry))) {
            note(file, AUTH_WARN, "give each key a kid of its own", "%s has the kid of entry %zu", who, other + 1);
            return;
        }
    }
}

static void judge_set(struct conf_keyfile *file)
{
    struct auth_buf name;
    auth_buf_init(&name, 1024);
    for (size_t i = 0; i < file->set.count; i++)
        judge_entry(file, i, &name);
    auth_buf_clear(&name);
    if (auth_jwk_set_usable(&file->set) == 0)
        note(file, AUTH_FAIL, "put a sound public key for signatures into it", "no key of it can be used: %s",
             auth_jwk_set_problem(&file->set));
    if (file->format == AUTH_KEY_FORMAT_JWK)
        note(file, AUTH_WARN, "put it into a set: {\"keys\":[...]}", "one JWK, where a JWK Set is asked for");
}

/* ---- both ---- */

static bool is_set(enum auth_key_format format)
{
    return format == AUTH_KEY_FORMAT_JWKS || format == AUTH_KEY_FORMAT_JWK || format == AUTH_KEY_FORMAT_JSON;
}

/* What the bytes are, and what is to be said of it. */
static enum auth_rc judge(struct conf_keyfile *file, struct auth_view text, struct auth_err *err)
{
    enum auth_rc rc;
    struct auth_view key = block_of(text, "PRIVATE KEY"), cert = block_of(text, "CERTIFICATE");
    file->format = auth_key_sniff(text);
    if (is_set(file->format)) {
        rc = auth_jwk_set_parse(text, &file->set, err);
        if (rc == AUTH_OK)
            judge_set(file);
    } else if (key.n && cert.n) {
        rc = read_both(file, key, cert, err);
    } else {
        rc = load_one(file, text, err);
        if (rc == AUTH_OK)
            judge_one(file, text);
    }
    return rc;
}

enum auth_rc conf_keyfile_read(const char *path, struct conf_keyfile *file, struct auth_err *err)
{
    struct auth_buf buf;
    struct auth_err inner = {0};
    memset(file, 0, sizeof *file);
    file->path = path;
    auth_buf_init_secret(&buf, FILE_MAX_N);
    enum auth_rc rc = auth_input_read(path, &buf, err);
    if (rc == AUTH_OK) {
        rc = judge(file, auth_buf_view(&buf), &inner);
        if (rc != AUTH_OK)
            note(file, AUTH_FAIL, "", "%s", inner.detail[0] ? inner.detail : auth_rc_text(rc));
        rc = rc == AUTH_E_NOMEM ? rc : AUTH_OK;
    }
    auth_buf_clear(&buf);
    return rc;
}

bool conf_keyfile_is_private(const struct conf_keyfile *file)
{
    return file->set.count == 1 && file->set.entries[0].key && auth_key_is_private(file->set.entries[0].key);
}

bool conf_keyfile_matches(const struct conf_keyfile *key, const struct conf_keyfile *other)
{
    for (size_t i = 0; i < other->set.count; i++) {
        const struct auth_key *candidate = other->set.entries[i].key;
        if (candidate && auth_key_equal(key->set.entries[0].key, candidate))
            return true;
    }
    return false;
}

bool conf_keyfile_is_bad(const struct conf_keyfile *file)
{
    for (size_t i = 0; i < file->note_count; i++) {
        if (file->notes[i].result == AUTH_FAIL)
            return true;
    }
    return false;
}
