/* `epic-conformance key`: what a key file is, whether Epic takes it, and which files belong together. Needs no JWT. */
#include <stdio.h>
#include <string.h>

#include "auth/core/file.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"
#include "auth/jose/jws.h"
#include "conformance/conformance.h"
#include "conformance/output.h"

enum { FILES_MAX = 16, NOTES_MAX = 140, NOTE_N = 400, FILE_MAX_N = 1024 * 1024 };

struct note {
    enum auth_result result; /* AUTH_SKIP: a fact without a verdict */
    char text[NOTE_N];
};

/* One file, with everything that was found out about it. */
struct subject {
    const char *path;
    enum auth_key_format format;
    struct auth_keyset set; /* one key, or those of a JWK Set */
    struct note notes[NOTES_MAX];
    size_t note_count;
};

/* Keep a note; what does not fit is cut. */
static void note(struct subject *s, enum auth_result result, const char *label, const char *text)
{
    if (s->note_count == NOTES_MAX)
        return;
    struct note *n = &s->notes[s->note_count++];
    n->result = result;
    (void)snprintf(n->text, sizeof n->text, "%s%s", label, text);
}

/* ---- one key ---- */

static void note_key(struct subject *s, const struct auth_key *key, const char *name)
{
    char line[NOTE_N];
    const char *weakness = auth_key_weakness(key);
    (void)snprintf(line, sizeof line, "%s%s, %u bits, for %s", name, auth_key_type_text(key), auth_key_bits(key),
                   auth_jws_alg_name(auth_jws_alg_for(key)));
    note(s, weakness ? AUTH_FAIL : AUTH_PASS, weakness ? weakness : line, "");
    note(s, AUTH_SKIP, "thumbprint (RFC 7638) ", auth_key_thumbprint(key));
}

static void note_certificate(struct subject *s, const struct auth_key *key)
{
    const struct auth_cert_info *cert = auth_key_cert(key);
    note(s, AUTH_SKIP, "SHA-1, as Epic's page shows it: ", cert->sha1);
    note(s, AUTH_SKIP, "SHA-256 ", cert->sha256);
    if (auth_key_type(key) != AUTH_KEY_RSA)
        note(s, AUTH_FAIL, "EC keys are taken through a JWK Set URL only (E); publish this one there", "");
    note(s, AUTH_WARN,
         "an uploaded key; Epic's sandbox takes none since February 2026, customers' systems none since May 2026 (E): "
         "publish a JWK Set and register its URL",
         "");
}

/* ---- one file ---- */

static enum auth_rc parse_one_key(struct subject *s, struct auth_view text, struct auth_err *err)
{
    struct auth_key *key = NULL;
    enum auth_rc rc;
    if (s->format == AUTH_KEY_FORMAT_PRIVATE || s->format == AUTH_KEY_FORMAT_ENCRYPTED ||
        s->format == AUTH_KEY_FORMAT_OPENSSH)
        rc = auth_key_from_private_pem(text, NULL, &key, err);
    else if (s->format == AUTH_KEY_FORMAT_PUBLIC)
        rc = auth_key_from_public_pem(text, &key, err);
    else
        rc = auth_key_from_cert(text, &key,
                                err); /* whatever it is: this says what, and how to make a certificate of it */
    if (rc == AUTH_OK && (rc = auth_keyset_of_key(key, NULL, &s->set)) != AUTH_OK)
        auth_key_free(key);
    return rc;
}

static void look_at_key(struct subject *s, struct auth_view text)
{
    struct auth_err err = {0};
    enum auth_rc rc = parse_one_key(s, text, &err);
    if (rc != AUTH_OK) {
        note(s, AUTH_FAIL, err.detail[0] ? err.detail : auth_rc_text(rc), "");
        return;
    }
    const struct auth_key *key = s->set.entries[0].key;
    note_key(s, key, "");
    if (auth_key_cert(key))
        note_certificate(s, key);
    else if (!auth_key_is_private(key))
        note(s, AUTH_FAIL, "a bare public key, which Epic does not take (E)",
             ": make a certificate with 'openssl req -new -x509', or a JWK Set with 'epic-auth key jwks'");
    else if (auth_file_is_exposed(s->path))
        note(s, AUTH_WARN, "others can read this private key: chmod 600 it", "");
}

static bool is_kid_taken(const struct auth_keyset *set, size_t i)
{
    for (size_t before = 0; before < i; before++) {
        const struct auth_keyset_entry *a = &set->entries[before], *b = &set->entries[i];
        if (a->kid && b->kid && strcmp(a->kid, b->kid) == 0)
            return true;
    }
    return false;
}

static void note_entry(struct subject *s, size_t i)
{
    const struct auth_keyset_entry *entry = &s->set.entries[i];
    struct auth_buf name;
    auth_buf_init(&name, 256);
    auth_buf_addf(&name, "key %zu", i + 1);
    if (entry->kid) {
        auth_buf_add_string(&name, ", kid \"");
        auth_text_show(&name, auth_view_bytes(entry->kid, entry->kid_n), 60);
        auth_buf_add_char(&name, '"');
    }
    auth_buf_add_string(&name, ": ");
    const char *label = auth_buf_ok(&name) ? name.p : "";
    if (!entry->key)
        note(s, AUTH_WARN, label, entry->ignored);
    else if (!entry->for_signing)
        note(s, AUTH_WARN, label, "not for signatures by its \"use\" or \"key_ops\"");
    else if (!entry->kid)
        note(s, AUTH_WARN, label, "no kid, so that it can only be found by trying");
    else if (is_kid_taken(&s->set, i))
        note(s, AUTH_WARN, label, "another key has this kid too; give each key its own");
    else
        note_key(s, entry->key, label);
    auth_buf_clear(&name);
}

static void look_at_set(struct subject *s, struct auth_view text)
{
    struct auth_err err = {0};
    enum auth_rc rc = auth_keyset_parse(text, &s->set, &err);
    if (rc != AUTH_OK) {
        note(s, AUTH_FAIL, err.detail[0] ? err.detail : auth_rc_text(rc), "");
        return;
    }
    if (s->format == AUTH_KEY_FORMAT_JWK)
        note(s, AUTH_WARN, "a single JWK; Epic wants a JWK Set: {\"keys\":[...]}", "");
    if (auth_keyset_usable(&s->set) == 0)
        note(s, AUTH_FAIL, "no key of the set can be used for signatures", "");
    for (size_t i = 0; i < s->set.count; i++)
        note_entry(s, i);
}

static enum auth_rc look(struct subject *s, const char *path, struct auth_err *err)
{
    struct auth_buf text;
    memset(s, 0, sizeof *s);
    s->path = path;
    auth_buf_init_secret(&text, FILE_MAX_N);
    enum auth_rc rc = auth_file_read(path, &text, err);
    if (rc == AUTH_OK) {
        s->format = auth_key_sniff(auth_buf_view(&text));
        bool is_json =
            s->format == AUTH_KEY_FORMAT_JWK || s->format == AUTH_KEY_FORMAT_JWKS || s->format == AUTH_KEY_FORMAT_JSON;
        if (is_json)
            look_at_set(s, auth_buf_view(&text));
        else
            look_at_key(s, auth_buf_view(&text));
    }
    auth_buf_clear(&text);
    return rc;
}

/* ---- files together ---- */

static bool share_a_key(const struct auth_keyset *a, const struct auth_keyset *b)
{
    for (size_t i = 0; i < a->count; i++) {
        for (size_t j = 0; j < b->count; j++) {
            if (a->entries[i].key && b->entries[j].key && auth_key_equal(a->entries[i].key, b->entries[j].key))
                return true;
        }
    }
    return false;
}

/* The others against the first: that is the key, they are what is registered of it. */
static void match(struct subject *subjects, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct subject *s = &subjects[i];
        if (s->set.count == 0 || subjects[0].set.count == 0)
            continue;
        bool do_match = share_a_key(&subjects[0].set, &s->set);
        note(s, do_match ? AUTH_PASS : AUTH_FAIL, do_match ? "belongs to " : "does not belong to ", subjects[0].path);
    }
}

/* ---- telling ---- */

static const char *result_text(enum auth_result result)
{
    return result == AUTH_SKIP ? "" : auth_rules_result_text(result);
}

static void write_table(const struct subject *subjects, size_t count, struct conf_colours colours, struct auth_buf *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct subject *s = &subjects[i];
        auth_buf_addf(out, "%s: %s\n", s->path, auth_key_format_text(s->format));
        for (size_t n = 0; n < s->note_count; n++)
            auth_buf_addf(out, "  %s%-5s%s %s\n", conf_output_on(colours, s->notes[n].result),
                          result_text(s->notes[n].result), conf_output_off(colours), s->notes[n].text);
    }
}

static void write_json(const struct subject *subjects, size_t count, struct auth_buf *out)
{
    struct auth_jsonw w;
    auth_jsonw_init(&w, out, AUTH_JSON_PRETTY);
    auth_jsonw_array(&w);
    for (size_t i = 0; i < count; i++) {
        const struct subject *s = &subjects[i];
        auth_jsonw_object(&w);
        auth_jsonw_member_text(&w, "file", s->path);
        auth_jsonw_member_text(&w, "is", auth_key_format_text(s->format));
        auth_jsonw_key(&w, "notes");
        auth_jsonw_array(&w);
        for (size_t n = 0; n < s->note_count; n++) {
            auth_jsonw_object(&w);
            auth_jsonw_member_text(&w, "result",
                                   s->notes[n].result == AUTH_SKIP ? "info" : result_text(s->notes[n].result));
            auth_jsonw_member_text(&w, "text", s->notes[n].text);
            auth_jsonw_end_object(&w);
        }
        auth_jsonw_end_array(&w);
        auth_jsonw_end_object(&w);
    }
    auth_jsonw_end_array(&w);
    auth_buf_add_char(out, '\n');
}

static bool has_findings(const struct subject *subjects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < subjects[i].note_count; n++) {
            if (subjects[i].notes[n].result == AUTH_FAIL)
                return true;
        }
    }
    return false;
}

static int run(char **paths, size_t count, const char *format, const char *output)
{
    static struct subject subjects[FILES_MAX];
    struct auth_err err = {0};
    struct auth_buf out;
    enum auth_rc rc = AUTH_OK;
    size_t loaded = 0;
    auth_buf_init(&out, 1024 * 1024);
    for (; loaded < count && rc == AUTH_OK; loaded++)
        rc = look(&subjects[loaded], paths[loaded], &err);
    if (rc == AUTH_OK) {
        match(subjects, count);
        if (strcmp(format, "json") == 0)
            write_json(subjects, count, &out);
        else
            write_table(subjects, count, conf_output_colours(output), &out);
        rc = conf_output_write(&out, output, &err);
    }
    bool is_bad = rc == AUTH_OK && has_findings(subjects, count);
    for (size_t i = 0; i < loaded; i++)
        auth_keyset_clear(&subjects[i].set);
    auth_buf_clear(&out);
    if (rc == AUTH_OK)
        return is_bad ? CONF_FINDINGS : CONF_CONFORMANT;
    fprintf(stderr, "epic-conformance key: %s\n", err.detail[0] ? err.detail : auth_rc_text(rc));
    return CONF_CANNOT_RUN;
}

int conf_key_main(int argc, char **argv)
{
    const char *format = "table", *output = NULL;
    bool help = false;
    int first = argc;
    struct auth_err err = {0};
    const struct auth_opt rows[] = {
        {"format", 'f', AUTH_OPT_STRING, "table|json", "how to print (table)", &format, 0, 0},
        {"output", 'o', AUTH_OPT_STRING, "FILE", "print into this file", &output, 0, 0},
        {"help", 'h', AUTH_OPT_FLAG, NULL, "this text", &help, 0, 0},
        {0},
    };
    enum auth_rc rc = auth_opts_parse(argc, argv, rows, false, &first, &err);
    if (rc == AUTH_OK && help) {
        printf(
            "Usage: epic-conformance key [OPTION...] FILE...\n\n"
            "Looks at private keys, certificates, public keys and JWK Sets: what each file is, whether Epic takes it, its\n"
            "thumbprints, and whether the other files belong to the first, usually the private key.\n\n");
        auth_opts_help(stdout, rows);
        printf("\nExit status: 0 all is well, 1 findings, 2 wrong usage, 3 could not run.\n");
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && strcmp(format, "table") != 0 && strcmp(format, "json") != 0)
        rc = auth_err_set(&err, AUTH_E_ARG, "--format %.40s: table or json", format);
    if (rc == AUTH_OK && (first >= argc || argc - first > FILES_MAX))
        rc = auth_err_set(&err, AUTH_E_ARG, "name 1 to %d files", FILES_MAX);
    if (rc != AUTH_OK) {
        fprintf(stderr, "epic-conformance key: %s\n", err.detail);
        return CONF_USAGE;
    }
    return run(argv + first, (size_t)(argc - first), format, output);
}
