/* `epic-conformance key`: what a key file is, whether Epic would take it, and whether the files belong together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/report/wrap.h"
#include "conformance/linter/commands.h"
#include "conformance/linter/keyfile.h"
#include "conformance/report/output.h"

enum { FILES_MAX = 32 };

enum format { TABLE, JSON };

struct settings {
    int format; /* enum format */
    const char *output;
    bool help;
};

static const struct auth_opt rows[] = {
    {"format", 'f', "table|json", "how to print", AUTH_OPT_CHOICE(struct settings, format), .fallback = "table"},
    {"output", 'o', "FILE", "print into this file", AUTH_OPT_STRING(struct settings, output)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};

/* A private key, and a file that should hold its public half. */
struct pair {
    const struct conf_keyfile *key, *other;
    bool is_match;
};

struct findings {
    struct conf_keyfile *files;
    size_t file_count;
    struct pair pairs[FILES_MAX * FILES_MAX / 4];
    size_t pair_count;
    bool is_bad;
};

static const char not_a_pair[] = "register the certificate or JWK that was made from this private key";

/* ---- table ---- */

enum { LABEL_AT = 4, TEXT_AT = 15, NOTE_AT = 9 };

static void add_line(struct auth_buf *out, const char *label, const char *value, const char *remark)
{
    auth_buf_addf(out, "%*s%-*s%s%s\n", LABEL_AT, "", TEXT_AT - LABEL_AT, label, value, remark);
}

static void add_cert(struct auth_buf *out, const struct auth_cert_info *cert)
{
    add_line(out, "sha1", cert->sha1, " (as Epic shows it)");
    add_line(out, "sha256", cert->sha256, "");
    add_line(out, "subject", cert->subject, "");
    auth_buf_addf(out, "%*s%-*s", LABEL_AT, "", TEXT_AT - LABEL_AT, "valid");
    auth_time_write(out, cert->not_before_s);
    auth_buf_add_string(out, " to ");
    auth_time_write(out, cert->not_after_s);
    auth_buf_add_string(out, " (Epic ignores that)\n");
}

static void add_entry(struct auth_buf *out, const struct auth_jwk_set_entry *entry)
{
    if (!entry->key)
        return; /* a note says why */
    auth_buf_addf(out, "%*s%-*s%s, %u bits%s\n", LABEL_AT, "", TEXT_AT - LABEL_AT, "key",
                  auth_key_type_text(entry->key), auth_key_bits(entry->key),
                  auth_key_is_private(entry->key) ? ", private" : "");
    if (entry->kid) {
        auth_buf_addf(out, "%*s%-*s", LABEL_AT, "", TEXT_AT - LABEL_AT, "kid");
        auth_text_escape(out, auth_jwk_set_kid(entry), 200);
        auth_buf_add_char(out, '\n');
    }
    add_line(out, "thumbprint", auth_key_thumbprint(entry->key), " (RFC 7638)");
    if (auth_key_cert(entry->key))
        add_cert(out, auth_key_cert(entry->key));
}

static void add_note(struct auth_buf *out, struct conf_style style, enum auth_result result, const char *what,
                     const char *fix)
{
    auth_buf_addf(out, "%s%-8s%s ", conf_output_on(style, result), auth_rules_result_text(result),
                  conf_output_off(style));
    auth_wrap(out, NOTE_AT, NOTE_AT, style.width, auth_view_from_string(what));
    auth_buf_add_char(out, '\n');
    if (!fix[0])
        return;
    auth_buf_addf(out, "%*s%-*s", LABEL_AT, "", TEXT_AT - LABEL_AT, "fix");
    auth_wrap(out, TEXT_AT, TEXT_AT, style.width, auth_view_from_string(fix));
    auth_buf_add_char(out, '\n');
}

static void add_path(struct auth_buf *out, const char *path)
{
    auth_text_escape(out, auth_view_from_string(path), strlen(path));
}

static void add_pair(struct auth_buf *out, struct conf_style style, const struct pair *pair)
{
    struct auth_buf what;
    auth_buf_init(&what, 16 * 1024);
    add_path(&what, pair->key->path);
    auth_buf_add_string(&what, " and ");
    add_path(&what, pair->other->path);
    auth_buf_add_string(&what, pair->is_match ? " belong together" : " do not belong together: another key");
    add_note(out, style, pair->is_match ? AUTH_PASS : AUTH_FAIL, auth_buf_ok(&what) ? what.p : "",
             pair->is_match ? "" : not_a_pair);
    auth_buf_clear(&what);
}

static void add_table(struct auth_buf *out, struct conf_style style, const struct findings *all)
{
    for (size_t i = 0; i < all->file_count; i++) {
        const struct conf_keyfile *file = &all->files[i];
        add_path(out, file->path);
        auth_buf_addf(out, ": %s\n", auth_key_format_text(file->format));
        for (size_t e = 0; e < file->set.count; e++)
            add_entry(out, &file->set.entries[e]);
        for (size_t e = 0; e < file->beside.count; e++)
            add_entry(out, &file->beside.entries[e]);
        for (size_t n = 0; n < file->note_count; n++)
            add_note(out, style, file->notes[n].result, file->notes[n].what, file->notes[n].fix);
    }
    for (size_t i = 0; i < all->pair_count; i++)
        add_pair(out, style, &all->pairs[i]);
}

/* ---- JSON ---- */

static void write_entry(struct auth_json_writer *w, const struct auth_jwk_set_entry *entry)
{
    auth_json_write_object(w);
    auth_json_write_key(w, "kid");
    if (entry->kid)
        auth_json_write_string(w, auth_jwk_set_kid(entry));
    else
        auth_json_write_null(w);
    if (entry->key) {
        const struct auth_cert_info *cert = auth_key_cert(entry->key);
        auth_json_write_member_text(w, "type", auth_key_type_text(entry->key));
        auth_json_write_member_int(w, "bits", auth_key_bits(entry->key));
        auth_json_write_member_bool(w, "private", auth_key_is_private(entry->key));
        auth_json_write_member_text(w, "thumbprint", auth_key_thumbprint(entry->key));
        if (cert) {
            auth_json_write_member_text(w, "sha1", cert->sha1);
            auth_json_write_member_text(w, "sha256", cert->sha256);
            auth_json_write_member_text(w, "subject", cert->subject);
            auth_json_write_member_int(w, "not_before", cert->not_before_s);
            auth_json_write_member_int(w, "not_after", cert->not_after_s);
        }
    }
    if (!entry->key)
        auth_json_write_member_text(w, "ignored", entry->ignored);
    auth_json_write_end_object(w);
}

static void write_file(struct auth_json_writer *w, const struct conf_keyfile *file)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "file", file->path);
    auth_json_write_member_text(w, "what", auth_key_format_text(file->format));
    auth_json_write_key(w, "keys");
    auth_json_write_array(w);
    for (size_t i = 0; i < file->set.count; i++)
        write_entry(w, &file->set.entries[i]);
    for (size_t i = 0; i < file->beside.count; i++)
        write_entry(w, &file->beside.entries[i]);
    auth_json_write_end_array(w);
    auth_json_write_key(w, "findings");
    auth_json_write_array(w);
    for (size_t i = 0; i < file->note_count; i++) {
        auth_json_write_object(w);
        auth_json_write_member_text(w, "result", auth_rules_result_text(file->notes[i].result));
        auth_json_write_member_text(w, "what", file->notes[i].what);
        auth_json_write_member_text(w, "fix", file->notes[i].fix);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
}

static void add_json(struct auth_buf *out, const struct findings *all)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_object(&w);
    auth_json_write_key(&w, "files");
    auth_json_write_array(&w);
    for (size_t i = 0; i < all->file_count; i++)
        write_file(&w, &all->files[i]);
    auth_json_write_end_array(&w);
    auth_json_write_key(&w, "pairs");
    auth_json_write_array(&w);
    for (size_t i = 0; i < all->pair_count; i++) {
        auth_json_write_object(&w);
        auth_json_write_member_text(&w, "private_key", all->pairs[i].key->path);
        auth_json_write_member_text(&w, "file", all->pairs[i].other->path);
        auth_json_write_member_bool(&w, "match", all->pairs[i].is_match);
        auth_json_write_end_object(&w);
    }
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    auth_buf_add_char(out, '\n');
}

/* ---- the command ---- */

/* Each private key beside each other file that holds a key. */
static void find_pairs(struct findings *all)
{
    for (size_t i = 0; i < all->file_count; i++) {
        for (size_t j = 0; j < all->file_count; j++) {
            const struct conf_keyfile *key = &all->files[i], *other = &all->files[j];
            if (!conf_keyfile_is_private(key) || conf_keyfile_is_private(other) || other->set.count == 0)
                continue;
            struct pair *pair = &all->pairs[all->pair_count++]; /* a * b <= (a + b)^2 / 4 */
            *pair = (struct pair){key, other, conf_keyfile_matches(key, other)};
            all->is_bad = all->is_bad || !pair->is_match;
        }
    }
}

static enum auth_rc tell(const struct settings *settings, const struct findings *all, struct auth_err *err)
{
    struct auth_buf out;
    auth_buf_init(&out, 16 * 1024 * 1024);
    if (settings->format == JSON)
        add_json(&out, all);
    else
        add_table(&out, conf_output_style(settings->output), all);
    enum auth_rc rc = conf_output_write(&out, settings->output, err);
    auth_buf_clear(&out);
    return rc;
}

static int run(const struct settings *settings, char **paths, size_t count)
{
    struct findings all = {.file_count = 0};
    struct auth_err err = {0};
    enum auth_rc rc = AUTH_OK;
    all.files = calloc(count, sizeof *all.files);
    if (!all.files)
        rc = AUTH_E_NOMEM;
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        rc = conf_keyfile_read(paths[i], &all.files[all.file_count++], &err);
        all.is_bad = all.is_bad || conf_keyfile_is_bad(&all.files[i]);
    }
    if (rc == AUTH_OK) {
        find_pairs(&all);
        rc = tell(settings, &all, &err);
    }
    for (size_t i = 0; i < all.file_count; i++)
        conf_keyfile_clear(&all.files[i]);
    free(all.files);
    if (rc == AUTH_OK)
        return all.is_bad ? CONF_FINDINGS : CONF_CONFORMANT;
    auth_complain("epic-conformance", "key", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    return CONF_CANNOT_RUN;
}

static void print_help(void)
{
    printf("Usage: epic-conformance key [OPTION...] FILE...\n\n"
           "Says of each FILE what it is (certificate, JWK Set, private or public key,\n"
           "request, ...), the keys in it with type, size and thumbprints, and what Epic\n"
           "would object to. A private key is compared with the other files; it is never\n"
           "shown. - is standard input.\n\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 nothing to object to, 1 findings, 2 wrong usage, 3 could not run.\n");
}

int conf_key_main(int argc, char **argv)
{
    static const struct auth_opts opts = {.rows = rows};
    struct settings settings = {.help = false};
    struct auth_err err = {0};
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help();
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && (argc < 2 || argc - 1 > FILES_MAX))
        rc = auth_err_set(&err, AUTH_E_ARG, "give 1 to %d files", FILES_MAX);
    if (rc != AUTH_OK) {
        auth_complain("epic-conformance", "key", "%s", err.detail);
        return CONF_USAGE;
    }
    return run(&settings, argv + 1, (size_t)(argc - 1));
}
