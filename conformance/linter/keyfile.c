/* A key file looked at alone: what it is, and what Epic would object to. */
#include "conformance/linter/keyfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/core/text.h"

enum { FILE_MAX_N = 1024 * 1024, KID_SHOWN_N = 80 };

void conf_keyfile_clear(struct conf_keyfile *file)
{
    auth_jwk_set_clear(&file->set);
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

static enum auth_rc load_one(struct conf_keyfile *file, struct auth_view text, struct auth_err *err)
{
    struct auth_key *key = NULL;
    enum auth_rc rc;
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
    note_repairs(file, text);
    if (auth_key_is_private(key) && auth_file_is_exposed(file->path))
        note(file, AUTH_WARN, "chmod 600", "others can read this private key");
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
        note(file, AUTH_WARN, "correct it or take it out", "%s cannot be used: %s", who, entry->ignored);
        return;
    }
    if (auth_key_weakness(entry->key))
        note(file, AUTH_FAIL, auth_rules_info(AUTH_RULE_KEY_STRENGTH)->fix, "%s: %s", who,
             auth_key_weakness(entry->key));
    if (!entry->for_signing)
        note(file, AUTH_WARN, "set use to sig, or leave use and key_ops out", "%s is not for signatures", who);
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

enum auth_rc conf_keyfile_read(const char *path, struct conf_keyfile *file, struct auth_err *err)
{
    struct auth_buf buf;
    struct auth_err inner = {0};
    memset(file, 0, sizeof *file);
    file->path = path;
    auth_buf_init_secret(&buf, FILE_MAX_N);
    enum auth_rc rc = auth_input_read(path, &buf, err);
    if (rc == AUTH_OK) {
        struct auth_view text = auth_buf_view(&buf);
        file->format = auth_key_sniff(text);
        bool has_entries = is_set(file->format);
        rc = has_entries ? auth_jwk_set_parse(text, &file->set, &inner) : load_one(file, text, &inner);
        if (rc == AUTH_OK && has_entries)
            judge_set(file);
        else if (rc == AUTH_OK)
            judge_one(file, text);
        else
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
