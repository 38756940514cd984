/* From settings to a key. Most of it is about what stands where the key should: its path, its text, another file. */
#include "auth/client/key_source.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/jose/key_text.h"

enum { KEY_MAX = 64 * 1024, PASSPHRASE_MAX = 4096 };

/* ---- the passphrase ---- */

/* The passphrase, or the first line of its file; nothing when none is set. */
static enum auth_rc read_passphrase(const struct auth_config *config, struct auth_buf *out, struct auth_err *err)
{
    const char *value = config->values[AUTH_SET_KEY_PASSPHRASE], *path = config->values[AUTH_SET_KEY_PASSPHRASE_FILE];
    struct auth_err inner = {0};
    auth_buf_init_secret(out, PASSPHRASE_MAX);
    if (value) {
        auth_buf_add_string(out, value);
    } else if (path) {
        if (auth_input_read(path, out, &inner) != AUTH_OK)
            return auth_err_set(err, AUTH_E_CONFIG, "%s: %s", auth_setting_name(AUTH_SET_KEY_PASSPHRASE_FILE),
                                inner.detail);
        size_t n = auth_view_without_line_end(auth_view_bytes(out->p, auth_view_find(auth_buf_view(out), '\n'))).n;
        if (out->p)
            out->p[n] = '\0';
        out->n = n;
    }
    return auth_buf_check(out, err);
}

/* ---- the text ---- */

static bool looks_like_path(const char *text)
{
    static const char *const beginnings[] = {"/", "./", "../", "~"}, *const endings[] = {".pem", ".key", ".json"};
    struct auth_view view = auth_view_from_string(text);
    if (strchr(text, '\n') || strstr(text, "-----"))
        return false;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (auth_view_starts(view, beginnings[i]) && view.n < 256)
            return true;
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (auth_view_ends(view, endings[i]))
            return true;
    }
    return false;
}

static enum auth_rc read_file(const char *path, struct auth_buf *text, struct auth_err *err)
{
    struct auth_err inner = {0};
    if (auth_config_is_key_text(path))
        return auth_err_set(
            err, AUTH_E_CONFIG,
            "EPIC_PRIVATE_KEY_PATH holds the text of a key, not the path of a file; such a text belongs "
            "into EPIC_PRIVATE_KEY_PEM");
    enum auth_rc rc = auth_input_read(path, text, &inner); /* names the path itself */
    if (rc == AUTH_OK || rc == AUTH_E_NOMEM)
        return rc;
    bool is_unexpanded = rc == AUTH_E_NOT_FOUND && (path[0] == '~' || strchr(path, '$'));
    return auth_err_set(err, AUTH_E_CONFIG, "%s%s", inner.detail,
                        is_unexpanded ? "; ~ and ${...} are not expanded here: write the whole path" : "");
}

static enum auth_rc read_text(const struct auth_config *config, struct auth_buf *text, struct auth_err *err)
{
    const char *pem = config->values[AUTH_SET_KEY_PEM], *path = config->values[AUTH_SET_KEY_PATH];
    struct auth_buf missing;
    auth_buf_init_secret(text, KEY_MAX);
    if (pem && looks_like_path(pem))
        return auth_err_set(err, AUTH_E_CONFIG,
                            "EPIC_PRIVATE_KEY_PEM holds the path of a file; that belongs into EPIC_PRIVATE_KEY_PATH");
    if (pem)
        auth_buf_add_string(text, pem);
    if (pem || path)
        return pem ? auth_buf_check(text, err) : read_file(path, text, err);
    auth_buf_init(&missing, 1024);
    auth_config_explain_missing(config, AUTH_SET_KEY_PATH, &missing);
    enum auth_rc rc = auth_buf_check(&missing, err);
    if (rc == AUTH_OK)
        rc = auth_err_set(err, AUTH_E_CONFIG, "%s", missing.p);
    auth_buf_clear(&missing);
    return rc;
}

/* ---- the key ---- */

static enum auth_rc refuse(const struct auth_config *config, struct auth_view text, const char *why,
                           struct auth_err *err)
{
    const char *pem = config->values[AUTH_SET_KEY_PEM];
    const char *name = pem ? auth_setting_name(AUTH_SET_KEY_PEM) : config->values[AUTH_SET_KEY_PATH];
    bool lacks_passphrase = auth_key_sniff(text) == AUTH_KEY_FORMAT_ENCRYPTED &&
                            !config->values[AUTH_SET_KEY_PASSPHRASE] && !config->values[AUTH_SET_KEY_PASSPHRASE_FILE];
    bool lacks_kid = strstr(why, "by its kid") != NULL;
    return auth_err_set(err, AUTH_E_CONFIG, "%s: %s%s", name, why,
                        lacks_passphrase ? ", or set EPIC_PRIVATE_KEY_PASSPHRASE, or EPIC_PRIVATE_KEY_PASSPHRASE_FILE"
                        : lacks_kid      ? ", in EPIC_KEY_ID"
                                         : "");
}

static enum auth_rc load_text(const struct auth_config *config, struct auth_view text, const char *passphrase,
                              struct auth_key_source *source, struct auth_err *err)
{
    struct auth_key_text_wanted wanted = {passphrase, config->values[AUTH_SET_KEY_ID]};
    struct auth_key_text_found found;
    struct auth_err inner = {0};
    enum auth_rc rc = auth_key_from_private_text(text, &wanted, &source->key, &found, &inner);
    source->kid = found.kid;
    if (rc == AUTH_E_NOMEM)
        return auth_err_set(err, rc, "out of memory");
    if (rc != AUTH_OK)
        return refuse(config, text, inner.detail, err);
    if (found.was_base64)
        source->remark = "the private key is base64 of a key's text, and was decoded once more";
    return auth_key_weakness(source->key) ? refuse(config, text, auth_key_weakness(source->key), err) : AUTH_OK;
}

enum auth_rc auth_key_source_load(const struct auth_config *config, struct auth_secrets *secrets,
                                  struct auth_key_source *source, struct auth_err *err)
{
    struct auth_buf text, passphrase;
    *source = (struct auth_key_source){.key = NULL};
    enum auth_rc rc = read_passphrase(config, &passphrase, err);
    if (rc == AUTH_OK && passphrase.n)
        rc = auth_secrets_add(secrets, AUTH_SECRETS_KEPT, auth_buf_view(&passphrase));
    if (rc == AUTH_OK)
        rc = read_text(config, &text, err);
    else
        auth_buf_init(&text, 0);
    if (rc == AUTH_OK)
        rc = auth_secrets_add(secrets, AUTH_SECRETS_KEPT, auth_buf_view(&text));
    if (rc == AUTH_OK)
        rc = load_text(config, auth_buf_view(&text), passphrase.n ? passphrase.p : NULL, source, err);
    if (rc == AUTH_OK && !config->values[AUTH_SET_KEY_PEM])
        source->is_file_exposed = auth_file_is_exposed(config->values[AUTH_SET_KEY_PATH]);
    auth_buf_clear(&text);
    auth_buf_clear(&passphrase);
    return rc == AUTH_E_NOMEM ? auth_err_set(err, rc, "out of memory") : rc;
}

void auth_key_source_clear(struct auth_key_source *source)
{
    auth_key_free(source->key);
    free(source->kid);
    *source = (struct auth_key_source){.key = NULL};
}
