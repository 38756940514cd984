#include "auth/client/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"

enum { ENV_FILE_MAX = 256 * 1024 };

static const char *const names[AUTH_SETTINGS] = {
    [AUTH_SET_CLIENT_ID] = "EPIC_BACKEND_CLIENT_ID",
    [AUTH_SET_TOKEN_URL] = "EPIC_TOKEN_URL",
    [AUTH_SET_FHIR_BASE_URL] = "EPIC_FHIR_BASE_URL",
    [AUTH_SET_KEY_PATH] = "EPIC_PRIVATE_KEY_PATH",
    [AUTH_SET_KEY_PEM] = "EPIC_PRIVATE_KEY_PEM",
    [AUTH_SET_KEY_ID] = "EPIC_KEY_ID",
    [AUTH_SET_JKU] = "EPIC_JKU",
    [AUTH_SET_SCOPES] = "EPIC_SCOPES",
    [AUTH_SET_CA_FILE] = "EPIC_CA_FILE",
};

const char *auth_config_name(enum auth_setting setting)
{
    return names[setting];
}

bool auth_config_is_key_text(const char *path)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n";
    enum { PATH_USUAL_N = 300 };
    bool is_base64 = !path[strspn(path, base64)];
    return strstr(path, "-----BEGIN") || strstr(path, "PRIVATE KEY") || path[0] == '{' ||
           (is_base64 && (strncmp(path, "LS0tLS1CRUdJTi", 14) == 0 || strlen(path) > PATH_USUAL_N));
}

bool auth_config_is_secret(enum auth_setting setting)
{
    return setting == AUTH_SET_KEY_PEM;
}

static const char env_file_origin[] = ".env";

static void forget(struct auth_config *config, int setting)
{
    if (config->values[setting])
        auth_wipe(config->values[setting], strlen(config->values[setting]));
    free(config->values[setting]);
    config->values[setting] = NULL;
}

/* Keep a value unless one with precedence is there. An empty one has precedence too: it is how a lower layer's is kept out.
 * Of all settings only the key id has a meaning for it: send none. Within a .env the last of
 * equal names counts, as for shells and other readers of such files. */
static enum auth_rc keep(struct auth_config *config, int setting, struct auth_view value, const char *origin)
{
    bool is_again = origin == env_file_origin && config->origins[setting] == env_file_origin;
    if (config->origins[setting] && !is_again)
        return AUTH_OK;
    if (is_again && config->values[setting])
        (void)snprintf(config->remark, sizeof config->remark, "%s stands twice in .env: the last one counts",
                       names[setting]);
    forget(config, setting);
    config->origins[setting] = origin;
    if (!value.n && setting != AUTH_SET_KEY_ID)
        return AUTH_OK;
    config->values[setting] = auth_view_dup(value);
    return config->values[setting] ? AUTH_OK : AUTH_E_NOMEM;
}

/* A layer has spoken. The key is one setting with two names: a path given here must not lose to a PEM that a lower layer
 * happens to hold, e.g. the one that mock-epic exports to the PEM of some .env. */
static void close_layer(struct auth_config *config)
{
    if (config->values[AUTH_SET_KEY_PATH] && !config->origins[AUTH_SET_KEY_PEM])
        config->origins[AUTH_SET_KEY_PEM] = config->origins[AUTH_SET_KEY_PATH];
}

/* ---- .env ---- */

/* The rest of the text from a quotation mark on: cut off what is quoted, over as many lines as it takes (a PEM), and what
 * follows it on its last line. Double quotes know \n \r \t \" \\, single quotes nothing. False when the quote never ends. */
static bool unquote(struct auth_view *text, struct auth_buf *out)
{
    char quote = text->p[0];
    for (size_t i = 1; i < text->n; i++) {
        char c = text->p[i];
        if (c == quote) {
            *text = auth_view_bytes(text->p + i + 1, text->n - i - 1);
            (void)auth_view_split(text, '\n');
            return true;
        }
        if (c == '\\' && quote == '"' && i + 1 < text->n) {
            static const char letters[] = "nrt", meanings[] = "\n\r\t";
            const char *found = strchr(letters, text->p[++i]);
            c = found && *found ? meanings[found - letters] : text->p[i];
        }
        auth_buf_add_char(out, c);
    }
    return false;
}

/* An unquoted value ends before " #". */
static struct auth_view bare(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '#' && (i == 0 || text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
            return auth_view_trim(auth_view_bytes(text.p, i));
    }
    return text;
}

static bool is_name(struct auth_view name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (i && c >= '0' && c <= '9')))
            return false;
    }
    return name.n > 0;
}

static struct auth_view skip_blanks(struct auth_view text)
{
    while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
        text = auth_view_from(text, 1);
    return text;
}

/* Cut off one setting: its name, and its value appended to out. Comments and blank lines give an empty name. */
static bool next_setting(struct auth_view *text, struct auth_view *name, struct auth_buf *out)
{
    struct auth_view rest = skip_blanks(*text);
    size_t line_n = auth_view_find(rest, '\n');
    struct auth_view line = auth_view_trim(auth_view_bytes(rest.p, line_n));
    *name = auth_view_from_string("");
    if (line.n == 0 || line.p[0] == '#') {
        (void)auth_view_split(text, '\n');
        return true;
    }
    size_t equals = auth_view_find(rest, '=');
    if (equals >= line_n)
        return false;
    *name = auth_view_trim(auth_view_bytes(rest.p, equals));
    if (auth_view_starts(*name, "export "))
        *name = auth_view_trim(auth_view_bytes(name->p + 7, name->n - 7));
    rest = skip_blanks(auth_view_from(rest, equals + 1));
    bool ok = is_name(*name);
    if (rest.n && (rest.p[0] == '"' || rest.p[0] == '\''))
        ok = ok && unquote(&rest, out);
    else
        auth_buf_add_view(out, bare(auth_view_trim(auth_view_split(&rest, '\n'))));
    *text = rest;
    return ok && auth_view_find(auth_buf_view(out), '\0') == out->n;
}

static size_t count_lines(struct auth_view text)
{
    size_t lines = 1;
    while (auth_view_find(text, '\n') < text.n) {
        (void)auth_view_split(&text, '\n');
        lines++;
    }
    return lines;
}

/* A line that is some other program's and no setting to us, such as "spring.x=1": no name of ours, nor what could be one. */
static bool is_foreign(struct auth_view text)
{
    struct auth_view line = auth_view_trim(auth_view_split(&text, '\n'));
    if (auth_view_starts(line, "export "))
        line = auth_view_trim(auth_view_from(line, 7));
    size_t equals = auth_view_find(line, '=');
    struct auth_view name = auth_view_trim(auth_view_bytes(line.p, equals));
    return !auth_view_starts(line, "EPIC_") && (equals == line.n || !is_name(name));
}

enum auth_rc auth_config_parse_env(struct auth_view text,
                                   enum auth_rc (*take)(void *ctx, struct auth_view name, struct auth_view value),
                                   void *ctx, size_t *foreign_line, struct auth_err *err)
{
    struct auth_buf value;
    enum auth_rc rc = AUTH_OK;
    if (auth_view_starts(text, "\xef\xbb\xbf"))
        text = auth_view_from(text, 3);
    struct auth_view rest = text;
    *foreign_line = 0;
    auth_buf_init_secret(&value, ENV_FILE_MAX);
    while (rest.n && rc == AUTH_OK) {
        struct auth_view name, here = rest, before = auth_view_bytes(text.p, text.n - rest.n);
        auth_buf_reset(&value);
        bool is_setting = next_setting(&rest, &name, &value);
        if (!is_setting && is_foreign(here)) {
            *foreign_line = *foreign_line ? *foreign_line : count_lines(before);
            rest = here;
            (void)auth_view_split(&rest, '\n');
        } else if (!is_setting)
            rc = auth_err_set(err, AUTH_E_SYNTAX, "line %zu: NAME=VALUE is expected, with closed quotes",
                              count_lines(before));
        else if (name.n)
            rc = auth_buf_ok(&value) ? take(ctx, name, auth_buf_view(&value)) : AUTH_E_NOMEM;
    }
    auth_buf_clear(&value);
    return rc;
}

struct env_file {
    struct auth_config *config;
    struct auth_view folder; /* with its '/'; empty: the working directory */
};

/* A path in a .env starts from the folder of the .env, whatever the working directory is. */
static enum auth_rc keep_path(const struct env_file *file, int setting, struct auth_view value)
{
    struct auth_buf whole;
    auth_buf_init(&whole, 2 * ENV_FILE_MAX);
    if (!auth_view_starts(value, "/"))
        auth_buf_add_view(&whole, file->folder);
    auth_buf_add_view(&whole, value);
    enum auth_rc rc = auth_buf_check(&whole, NULL);
    if (rc == AUTH_OK)
        rc = keep(file->config, setting, auth_buf_view(&whole), env_file_origin);
    auth_buf_clear(&whole);
    return rc;
}

static enum auth_rc take_env_line(void *ctx, struct auth_view name, struct auth_view value)
{
    const struct env_file *file = ctx;
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        /* an empty one is a line of a template that is not filled in, unless it takes back one before it */
        bool is_blank = value.n == 0 && i != AUTH_SET_KEY_ID && file->config->origins[i] != env_file_origin;
        if (!auth_view_equals(name, names[i]) || is_blank)
            continue;
        bool is_path = value.n && (i == AUTH_SET_KEY_PATH || i == AUTH_SET_CA_FILE);
        return is_path ? keep_path(file, i, value) : keep(file->config, i, value, env_file_origin);
    }
    return AUTH_OK; /* other programs' settings */
}

static enum auth_rc load_env_file(const char *path, struct auth_config *config, struct auth_err *err)
{
    struct auth_buf text;
    struct auth_err inner = {0};
    const char *name = path ? path : ".env", *slash = strrchr(name, '/');
    size_t foreign_line = 0;
    struct env_file file = {config, auth_view_bytes(name, slash ? (size_t)(slash + 1 - name) : 0)};
    if (!*name)
        return AUTH_OK;
    auth_buf_init_secret(&text, ENV_FILE_MAX);
    enum auth_rc rc = auth_file_read(name, &text, &inner);
    if (rc == AUTH_E_NOT_FOUND && !path) {
        rc = AUTH_OK; /* the default one may be absent */
    } else if (rc == AUTH_OK) {
        rc = auth_config_parse_env(auth_buf_view(&text), take_env_line, &file, &foreign_line, &inner);
        if (foreign_line)
            (void)snprintf(config->remark, sizeof config->remark,
                           "line %zu of .env is no NAME=VALUE and does not count", foreign_line);
        if (rc != AUTH_OK)
            rc = auth_err_set(err, AUTH_E_CONFIG, "%s %s", name, inner.detail);
    } else {
        rc = auth_err_set(err, AUTH_E_CONFIG, "%s", inner.detail);
    }
    auth_buf_clear(&text);
    return rc;
}

/* ---- all layers ---- */

static enum auth_rc take_options(const struct epic_auth_options *options, struct auth_config *config)
{
    const char *const given[AUTH_SETTINGS] = {
        [AUTH_SET_CLIENT_ID] = options->client_id,
        [AUTH_SET_TOKEN_URL] = options->token_url,
        [AUTH_SET_FHIR_BASE_URL] = options->fhir_base_url,
        [AUTH_SET_KEY_PATH] = options->private_key_path,
        [AUTH_SET_KEY_PEM] = options->private_key_pem,
        [AUTH_SET_KEY_ID] = options->key_id,
        [AUTH_SET_JKU] = options->jku,
        [AUTH_SET_SCOPES] = options->scopes,
        [AUTH_SET_CA_FILE] = options->ca_file,
    };
    enum auth_rc rc = AUTH_OK;
    for (int i = 0; i < AUTH_SETTINGS && rc == AUTH_OK; i++) {
        if (given[i])
            rc = keep(config, i, auth_view_from_string(given[i]), "option");
    }
    close_layer(config);
    return rc;
}

enum auth_rc auth_config_load(const struct epic_auth_options *options, struct auth_config *config, struct auth_err *err)
{
    static const struct epic_auth_options none = {.size = sizeof none};
    enum auth_rc rc;
    if (!options)
        options = &none;
    memset(config, 0, sizeof *config);
    rc = take_options(options, config);
    for (int i = 0; i < AUTH_SETTINGS && rc == AUTH_OK; i++) {
        const char *value = getenv(names[i]);
        if (value)
            rc = keep(config, i, auth_view_from_string(value), "environment");
    }
    close_layer(config);
    if (rc == AUTH_OK)
        rc = load_env_file(options->env_file, config, err);
    if (rc != AUTH_OK) {
        auth_config_clear(config);
        return auth_err_set(err, rc, "out of memory");
    }
    return AUTH_OK;
}

bool auth_config_is_base_alone(const struct auth_config *config)
{
    enum auth_setting key = config->values[AUTH_SET_KEY_PEM] ? AUTH_SET_KEY_PEM : AUTH_SET_KEY_PATH;
    return config->origins[AUTH_SET_FHIR_BASE_URL] == env_file_origin && config->origins[key] != env_file_origin &&
           config->origins[AUTH_SET_TOKEN_URL] != env_file_origin;
}

void auth_config_clear(struct auth_config *config)
{
    for (int i = 0; i < AUTH_SETTINGS; i++)
        forget(config, i);
    memset(config, 0, sizeof *config);
}
